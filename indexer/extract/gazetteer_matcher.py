"""Matches gazetteer names against the terms of a text, and resolves overlaps with other finds."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from indexer.extract.gazetteer import Gazetteer
from indexer.extract.organisations import lexicon
from indexer.text_view import PartView, TextRange, TextView, in_ranges, without_overlaps
from search.analysis import Analyzer, tokenize
from search.analysis.terms import LEMMA, READING, SURFACE
from search.article import Mention

_INFLECTED = (LEMMA, SURFACE, READING)
_PROPER_NOUN = "H"
_PLACE = "G"
#: A name so short may begin another one: „TÜ Puit“.
_SHORT_NAME = 3
#: So many letters tell that a name was read off the text and not explained by it.
_SHARED_LETTERS = 3
#: The country whose bodies a name in lower case means, with its name or without.
_HOME = "eesti"


@dataclass(frozen=True, slots=True)
class _Name:
    """A name and its words in lower case."""

    name: str
    words: tuple[str, ...]


class GazetteerMatcher:
    """Finds mentions of the names of a gazetteer in the terms of a text."""

    def __init__(self, gazetteer: Gazetteer, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._by_last: dict[str, list[_Name]] = defaultdict(list)
        names = dict.fromkeys(name for entry in gazetteer.entries for name in entry.names)
        for name in names:
            words = tuple(each.surface for each in tokenize(name))
            if words:
                self._by_last[words[-1]].append(_Name(name, words))
        inner = {word for each in self._by_last.values() for name in each for word in name.words}
        # A plain set: against a frozen one, the keys of a dict are not looked up but gone through.
        self._terms = {SURFACE + word for word in inner}
        self._terms |= {channel + word for word in self._by_last for channel in _INFLECTED}

    def add_to(
        self,
        mentions: Sequence[Mention],
        text_view: TextView,
        left_out: Sequence[TextRange],
    ) -> tuple[Mention, ...]:
        """``mentions`` with those of gazetteer names added, in order, not overlapping.

        There are none in ``left_out``.
        """
        known = [
            each
            for part in text_view.parts
            for each in self._in(part)
            if not in_ranges(each.part, each.start, left_out)
        ]
        if not known:
            return tuple(mentions)
        explained = {
            (each.part, each.start, each.end)
            for each in mentions
            if not _looks_like(each.name, text_view.part(each.part).text[each.start : each.end])
        }
        known = [each for each in known if (each.part, each.start, each.end) not in explained]
        found = [each for each in mentions if not self._gives_way(each, known, text_view)]
        return tuple(without_overlaps([*known, *found]))

    def _gives_way(self, mention: Mention, known: Sequence[Mention], view: TextView) -> bool:
        """True if a known name in ``mention`` is what is meant: „Eesti Energia kontsern“."""
        text = view.part(mention.part).text
        for each in known:
            if each.part != mention.part:
                continue
            if mention.start < each.start < mention.end < each.end:
                return True  # „Isamaa Kanal“ before „2“
            if not mention.start <= each.start < each.end <= mention.end:
                continue
            before = text[mention.start : each.start].split()
            behind = text[each.end : mention.end].split()
            if behind and not before and self._is_only_part(text[each.start : each.end], behind):
                return True
            if before and not behind and self._is_beside(before, each.name):
                return True
        return False

    def _is_only_part(self, name: str, behind: Sequence[str]) -> bool:
        """True if the words ``behind`` a name say no other body: „Meremuuseumi Paks Margareeta“."""
        if behind[-1].islower() and self._is_own_body(behind[-1]):
            return False  # „Tartu Ülikooli muuseum“
        if behind[0].islower() and self._stands_alone(behind[0]):
            return True  # „Ülemkogu otsus Komisjon“, run together
        if self._heads(behind[-1]) and not behind[-1].islower():
            return False
        if self._names_units(behind[-1]):
            return True
        if name.split()[0] in lexicon.LEGAL_FORMS and not all(map(str.islower, behind)):
            return False  # „AS Operail Leasing“
        return all(map(str.islower, behind)) or (" " in name and not self._heads(behind[-1]))

    def _is_beside(self, before: Sequence[str], name: str) -> bool:
        """True if words ``before`` a name do not belong to it: a person's, a town's."""
        if any(each.lower() in lexicon.COUNTRIES for each in before):
            return False
        if self._heads(name.rpartition(" ")[2]):
            return False
        return all(
            any(reading.pos == _PLACE for reading in self._analyzer.readings(each))
            or not self._is_common(each)
            for each in before
        )

    def _heads(self, word: str) -> bool:
        """True if ``word`` heads names of organisations, or is a legal form or an acronym."""
        if word in lexicon.LEGAL_FORMS or (word.isupper() and len(word) > 1):
            return True
        return any(
            each.parts[-1].lower() in lexicon.HEADS or each.lemma.lower() in lexicon.STATE_BODIES
            for each in self._analyzer.readings(word)
        )

    def _stands_alone(self, word: str) -> bool:
        """True for a noun that is in the nominative only."""
        forms = {each.form for each in self._analyzer.readings(word)}
        return forms == {"sg n"}

    def _is_own_body(self, word: str) -> bool:
        return any(
            each.parts[-1] in lexicon.SUBSIDIARY_HEADS for each in self._analyzer.readings(word)
        )

    def _names_units(self, word: str) -> bool:
        return word.islower() and any(
            each.parts[-1] in lexicon.UNITS for each in self._analyzer.readings(word)
        )

    def _in(self, part: PartView) -> Iterator[Mention]:
        found = part.positions_of(self._terms)
        for last in sorted({term[1:] for term in found} & self._by_last.keys()):
            ends = sorted({at for channel in _INFLECTED for at in found.get(channel + last, ())})
            for name in self._by_last[last] if ends else ():
                yield from self._mentions(part, found, ends, name)

    def _mentions(
        self, part: PartView, found: Mapping[str, Sequence[int]], ends: list[int], name: _Name
    ) -> Iterator[Mention]:
        before = name.words[:-1]
        if not all(SURFACE + word in found for word in before):
            return
        inner = [frozenset(found[SURFACE + word]) for word in before]
        for end in ends:
            first = end - len(before)
            if not all(first + i in places for i, places in enumerate(inner)):
                continue
            if first < 0 or not part.in_one_sentence(first, end):
                continue
            if self._is_meant(part, first, name):
                start, stop = part.starts[first], part.ends[end]
                yield Mention("organisation", name.name, part.name, start, stop)

    def _is_meant(self, part: PartView, first: int, name: _Name) -> bool:
        """True if the name at ``first`` is meant, not a longer name or another word."""
        text = part.word(first)
        before = _joined(part, first - 1) if first else ""
        if not text[0].isupper():
            return self._may_be_lower(name) and not self._is_of_another(before)
        if len(name.words) > 1:
            return True
        if name.name.isupper() and not text.startswith(name.name):
            return False
        following = _joined(part, first, behind=True)
        if following.isdigit() and not _counts(_joined(part, first + 1, behind=True)):
            return False  # „Boeing 737“
        if following[:1].isupper() and (
            len(name.name) <= _SHORT_NAME or self._goes_on(name, following)
        ):
            return False
        sentence = part.sentence_positions(part.sentence_of(first))
        begins = first == sentence.start and len(sentence) > 1 and not text.isupper()
        if begins:
            return not self._is_common_word(name.name)
        if not before[:1].isupper() or not self._goes_on(name, before):
            return True
        # „Usain Bolt“ is a person, but in „Mari Maasika Bolt“ the person is another.
        return first > 1 and _joined(part, first - 2)[:1].isupper()

    # Asked of what texts hold: of all names of a gazetteer it would take most of a start.
    def _may_be_lower(self, name: _Name) -> bool:
        """True if ``name`` may stand in lower case: „Sisekaitseakadeemia“ says what it is."""
        return name.name.islower() or (len(name.words) == 1 and self._is_headed(name.name))

    def _is_headed(self, name: str) -> bool:
        return any(
            each.pos == "S" and len(each.parts) > 1 and each.parts[-1] in lexicon.HEADS
            for each in self._analyzer.readings(name.lower())
        )

    def _is_common_word(self, name: str) -> bool:
        """True if ``name`` is a common word, too; a compound means the organisation: „Äripäev“."""
        readings = self._analyzer.readings(name)
        return any(each.pos != _PROPER_NOUN and len(each.parts) < 2 for each in readings)

    def _is_of_another(self, before: str) -> bool:
        """True if the word before says whose body it is: „Soome suusaliit“, „Põlva haigekassa“."""
        if not before[:1].isupper() or before.lower() == _HOME:
            return False
        is_place = any(each.pos == _PLACE for each in self._analyzer.readings(before))
        return is_place or not self._is_common(before)

    def _goes_on(self, name: _Name, other: str) -> bool:
        """True if ``other`` beside a name makes it another one's: „Usain Bolt“, „Bolt Food“."""
        return not name.name.isupper() and not other.isupper() and not self._is_common(other)

    def _is_common(self, word: str) -> bool:
        """True for a common word, or the genitive of a place."""
        readings = self._analyzer.readings(word)
        return any(each.pos != _PROPER_NOUN for each in readings)


def _counts(word: str) -> bool:
    """True for what a number before it counts: „Isamaa 12 protsendiga“."""
    return word.lower().startswith(("protsen", "mandaa", "koh", "hää", "punkt"))


def _joined(part: PartView, at: int, *, behind: bool = False) -> str:
    """The word at ``at``, or ``behind`` it, if a single sign at most parts the two; else empty."""
    sentence = part.sentence_positions(part.sentence_of(at))
    if at not in sentence or at + 1 not in sentence:
        return ""
    gap = part.text[part.ends[at] : part.starts[at + 1]]
    if gap.strip():
        return ""
    return part.word(at + 1 if behind else at)


def _looks_like(name: str, text: str) -> bool:
    """True if ``name`` follows from ``text``, not from an explanation in the article."""
    return name[:_SHARED_LETTERS].casefold() == text[:_SHARED_LETTERS].casefold()
