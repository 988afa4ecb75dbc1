"""View of a sentence for the organisation rules: classified words and gaps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from indexer.extract.organisations import lexicon
from indexer.extract.organisations.token_classes import TokenClassifier
from indexer.text_view import Sentence
from search.engines.contract import TextField

Kind = Literal["legal", "head", "acronym", "apposed", "english", "tagged", "short"]
OPENING = '„“"«”'
CLOSING = '“”"»'
_CLOSINGS = frozenset(CLOSING)
_BLANK = frozenset({" ", "\u00a0", "  "})
#: Words that join two others inside a name.
AND = frozenset({"ja", "ning", "&", "and"})
_INTRODUCED = re.compile(
    r"\s*(?:\((?:edaspidi|lühend\w*|lühidalt|lüh\.?|ehk)?,?\s*[–-]?\s*[„“\"]?|"
    r",?\s(?:lühendina|lühendatult|lühidalt|ehk|edaspidi)\s)"
    r"(?P<short>[A-ZÕÄÖÜŠŽ][\w&-]{1,11})[“”\"]?(?:\)|(?=[\s,.;]|$))"
)
_SHORT = re.compile(r"[A-ZÕÄÖÜŠŽ]\w*[A-ZÕÄÖÜŠŽ0-9]\w*")
#: Most words of a name, and of a quoted one.
LONGEST_NAME = 9
LONGEST_QUOTE = 7


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate mention at ``start``..``end`` of a part.

    ``names`` are its possible nominatives, likeliest first. ``certain`` is False if the only
    evidence is a capital letter at the beginning of a sentence, or the tagger. ``core`` is the name
    without its legal form. ``short`` is an acronym introduced after it in parentheses.
    """

    kind: Kind
    part: TextField
    start: int
    end: int
    names: tuple[str, ...]
    core: str
    certain: bool = True
    short: str | None = None


class SentenceView:
    """A sentence with classified words, addressed by number, and the gaps between them."""

    def __init__(self, sentence: Sentence, classifier: TokenClassifier) -> None:
        self.sentence = sentence
        self.words = classifier.classify(sentence.tokens)
        self.tokens = sentence.tokens
        self.classifier = classifier
        self.text = sentence.text
        self.offset = sentence.start

    def begins_with_name(self) -> bool:
        """True if the first word may be a name, judged by quotes, not by its capital."""
        return self.words[0].may_begin_name or (
            self.before(0) in OPENING and bool(self.before(0)) and self.gap(0)[:1] in _CLOSINGS
        )

    def may_hold_names(self) -> bool:
        """True if any word but the first suggests a name."""
        first = self.words[0]
        if any(each.suggests_name for each in self.words[1:]) or self.begins_with_name():
            return True
        # „Tallinna linnavalitsus otsib …“, „Haapsalu side- ja raudteemuuseum plaanib …“
        heads = any(each.head is not None for each in self.words[1:LONGEST_NAME])
        return heads and self.classifier.is_place(first.text)

    def is_all_caps(self) -> bool:
        """True for a headline in capitals, where capitals are no evidence of names."""
        long = [each for each in self.words if len(each.text) > 3 and each.text.isalpha()]
        return len(long) > 2 and sum(w.text.isupper() for w in long) * 10 > len(long) * 7

    def gap(self, i: int) -> str:
        """Text between the word ``i`` and the next."""
        start = self.tokens[i].end - self.offset
        if i + 1 >= len(self.words):
            return self.text[start:]
        return self.text[start : self.tokens[i + 1].start - self.offset]

    def before(self, i: int) -> str:
        """Character before the word ``i``."""
        at = self.tokens[i].start - self.offset
        return self.text[at - 1] if at > 0 else ""

    def joined(self, i: int) -> bool:
        """True if the word ``i`` and the next one may belong to one name."""
        if i + 1 >= len(self.words):
            return False
        gap = self.gap(i)
        if gap in _BLANK or gap in ("- ", "-\u00a0", " & "):
            return True
        return gap == ". " and len(self.words[i].text) == 1

    def position(self, i: int) -> int:
        """Number of words before ``i``; 0 also behind a colon, bullet or quotation mark."""
        at = self.tokens[i].start - self.offset
        before = self.text[max(0, at - 4) : at].rstrip()
        return 0 if not before or before[-1] in ':–—-•*"„“«' else i

    def quote_end(self, i: int) -> int | None:
        """Last word of a quotation that begins right behind the word ``i``; None without one."""
        gap = self.gap(i).strip()
        if len(gap) != 1 or gap not in OPENING:
            return None
        for end in range(i + 1, min(i + 1 + LONGEST_QUOTE, len(self.words))):
            after = self.gap(end)
            if after[:1] and after[0] in CLOSING:
                return end
        return None

    def word_ending_at(self, end: int) -> int | None:
        """The word that ends at ``end`` of the part."""
        for i, token in enumerate(self.tokens):
            if token.end == end:
                return i
        return None

    def quote_stop(self, end: int) -> int:
        """End of a quotation whose last word is ``end``."""
        return self.tokens[end].end + 1

    def surface(self, start: int, end: int) -> str:
        """Text of the words ``start``..``end`` as written."""
        return " ".join(self.slice(self.tokens[start].start, self.tokens[end].end).split())

    def slice(self, start: int, end: int) -> str:
        return self.text[start - self.offset : end - self.offset]

    def from_words(
        self, kind: Kind, start: int, end: int, names: Sequence[str], certain: bool = True
    ) -> Candidate:
        first, last = self.tokens[start].start, self.tokens[end].end
        return self.candidate(kind, first, last, tuple(names), names[0], certain)

    def candidate(
        self,
        kind: Kind,
        start: int,
        end: int,
        names: tuple[str, ...],
        core: str,
        certain: bool = True,
    ) -> Candidate:
        match = _INTRODUCED.match(self.text, end - self.offset)
        short = match.group("short") if match else None
        if short is not None and not _SHORT.fullmatch(short):
            short = None
        return Candidate(kind, self.sentence.part, start, end, names, core, certain, short)

    def is_proper_name(self, i: int) -> bool:
        """True for a proper name in the nominative that is no person, place or common word."""
        if i >= len(self.words):
            return False
        word = self.words[i]
        if not word.capital or word.acronym or word.legal or word.lower in lexicon.GIVEN_NAMES:
            return False
        if self.classifier.is_place(word.text) or self.classifier.common(word.text):
            return False
        forms = {each.form for each in self.classifier.readings(word.text)}
        return "sg n" in forms or ("sg g" in forms and not self.may_modify_next(i))

    def precedes_noun_as_name(self, i: int) -> bool:
        """True if a capitalised common noun follows as a name: „disainibüroo Velvet“."""
        if i + 1 >= len(self.words):
            return False
        word = self.words[i + 1]
        if not word.capital or word.acronym or word.legal or word.head:
            return False
        if word.lower in lexicon.GIVEN_NAMES or self.classifier.is_place(word.text):
            return False
        # Behind a genitive it may be an event or a product of the organisation.
        if {each.form for each in self.classifier.common(self.words[i].text)} <= {"sg g", "adt"}:
            return False
        return any(
            each.pos == "S" and each.form == "sg n" for each in self.classifier.common(word.text)
        )

    def name_end(self, i: int) -> int:
        """Last word of a name that begins with the word ``i``: capitalised words in a row."""
        end = i
        while end + 1 < len(self.words):
            following = self.words[end + 1]
            goes_on = self.joined(end) and following.capital and following.legal is None
            if not goes_on and self.gap(end) != "/":
                break
            end += 1
        return end

    def nominatives(self, i: int) -> tuple[str, ...]:
        """Possible nominatives of a name's last word; before a noun it is read as a genitive."""
        word = self.words[i]
        names = self.classifier.nominatives(word.text)
        inflected = word.text[-1:] in "eiu" and not any(
            each.form == "sg n" for each in self.classifier.common(word.text)
        )
        if len(names) > 1 and names[0] == word.text and inflected and self.may_modify_next(i):
            return (*names[1:], names[0])
        return names

    def nominative_names(self, start: int, end: int) -> tuple[str, ...]:
        """Possible nominatives of the name in the words ``start``..``end``, likeliest first."""
        before = self.surface(start, end)[: -len(self.words[end].text)]
        return tuple(before + each for each in self.nominatives(end))

    def may_modify_next(self, i: int) -> bool:
        """True if the word ``i`` may be a genitive modifier of a lower-case noun behind it."""
        if i + 1 >= len(self.words) or not self.joined(i):
            return False
        word, following = self.words[i], self.words[i + 1]
        if following.capital or not self.classifier.can_be_genitive(word.text):
            return False
        return any(each.pos == "S" for each in self.classifier.common(following.text))

    def is_capitalised_by_position(self) -> bool:
        """True if the first word is capitalised only as the first of the sentence."""
        text = self.words[0].text
        common = self.classifier.common(text)
        if not common or self.words[0].acronym:
            return False
        if any(each.lemma.lower() in lexicon.NON_NAME_MODIFIERS for each in common):
            return True
        return not any(each.pos in "SAG" and each.form in ("sg n", "sg g", "") for each in common)
