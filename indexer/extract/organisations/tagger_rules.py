"""Names by the tagger's word, where nothing speaks against them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from indexer.extract.organisations.lexicon import (
    GIVEN_NAMES,
    KINDS,
    NO_ORGANISATIONS,
    PLACES_BEHIND,
    PLATFORMS,
    TITLES,
)
from indexer.extract.organisations.rules_headed import nominative_name
from indexer.extract.organisations.rules_other import is_thing
from indexer.extract.organisations.sentence_view import Candidate, Scan
from indexer.extract.organisations.tagger import TaggedSpan

#: How sure the tagger must be of a name that nothing else tells.
_SURE_OF_WORD = 0.95
_SURE_OF_WORDS = 0.9
_SURE_OF_NOUN = 0.98
_SURE_OF_ACRONYM = 0.9
_BEFORE_TRANSLATION = frozenset({"(", "-", "–", "—", "/", "="})
_SEPARATORS = frozenset(",;:()/–—")
_APART = frozenset({"ega", "või", "kui", "nii"})
#: „tegevjuhtMargit“: a blank was forgotten before a name that is somebody else's.
_GLUED = re.compile(r"[a-zõäöüšž]{3,}[A-ZÕÄÖÜŠŽ][a-zõäöüšž]")


class Hearsay:
    """What the tagger says of names all over an article."""

    def __init__(self, scans: Sequence[Scan], spans: Sequence[Sequence[TaggedSpan]]) -> None:
        self._votes: Counter[str] = Counter()
        self._persons: set[str] = set()
        for scan, tagged in zip(scans, spans, strict=True):
            for span in tagged:
                names = _keys(scan, span.last)
                if span.first == span.last:
                    for name in names:
                        self._votes[name] += 1 if span.label == "ORG" else -1
                elif span.label == "PER":
                    self._persons |= names

    def denies(self, scan: Scan, first: int, last: int) -> bool:
        """Is the name mostly a person's or a place's, or does a person bear it?"""
        keys = _keys(scan, last)
        if first < last:
            return not keys.isdisjoint(self._persons)
        return any(key in self._persons or self._votes[key] < 0 for key in keys)


def _keys(scan: Scan, last: int) -> set[str]:
    return {each.lower() for each in scan.lexicon.nominatives(scan.words[last].text)}


def tagged_names(scan: Scan, spans: Sequence[TaggedSpan], hearsay: Hearsay) -> Iterator[Candidate]:
    for span in spans:
        if span.label != "ORG":
            continue
        for first, last in _without_breaks(scan, span.first, span.last):
            extent = _trimmed(scan, first, last)
            if extent is None or _is_elsewhere(scan, extent[1]) or is_thing(scan, *extent):
                continue
            kinds = span.kinds if extent[0] == span.first else ()
            if (
                _may_be_name(scan, *extent)
                and not _is_known_otherwise(scan, *extent, kinds)
                and (_tells(scan, *extent) or _is_sure(scan, *extent, span.sure, hearsay))
            ):
                yield scan.from_words("tagged", *extent, _names(scan, *extent))


def contradicted(scan: Scan, spans: Sequence[TaggedSpan], candidate: Candidate) -> bool:
    """Does the tagger say otherwise, and may it?

    An acronym lies within a person or a place; or there are two organisations where the rules see
    one.
    """
    inside = 0
    for span in spans:
        start, end = scan.tokens[span.first].start, scan.tokens[span.last].end
        if span.label != "ORG":
            covers = start <= candidate.start and candidate.end <= end
            if covers and candidate.kind == "acronym":
                return True
        elif candidate.start <= start and end <= candidate.end:
            last = scan.words[span.last]
            inside += last.head is not None or last.acronym is not None
    return inside > 1


def supported(scan: Scan, spans: Sequence[TaggedSpan], candidate: Candidate) -> Candidate:
    """An acronym that the tagger takes for no organisation is not certain to be one.

    At the beginning of a sentence it knows too little to say so.
    """
    begins = candidate.start == scan.tokens[0].start and len(scan.tokens) > 1
    if (
        candidate.kind != "acronym"
        or begins
        or any(
            span.label == "ORG"
            and span.sure >= _SURE_OF_ACRONYM
            and scan.tokens[span.first].start < candidate.end
            and candidate.start < scan.tokens[span.last].end
            for span in spans
        )
    ):
        return candidate
    return replace(candidate, certain=False)


def _without_breaks(scan: Scan, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The span cut where punctuation, a conjunction or a case that ends names separates words."""
    begin = first
    for i in range(first, last):
        if scan.tokens[i].elliptic:
            continue
        word = scan.words[i]
        if word.lower in _APART or _GLUED.match(word.text):
            yield begin, i - 1
            begin = i + 1
        elif _SEPARATORS.intersection(scan.gap(i)) or scan.lexicon.is_adverbial_noun(word.text):
            yield begin, i
            begin = i + 1
    yield begin, last


def _trimmed(scan: Scan, first: int, last: int) -> tuple[int, int] | None:
    """The span from a capital to a capital, or to a noun of organisation in lower case."""
    while first <= last and not scan.words[first].tells:
        first += 1
    while last >= first and not _may_end(scan, last):
        last -= 1
    while first < last and first == 0 and _is_apart(scan, first):
        first += 1
    return (first, last) if first <= last else None


def _is_apart(scan: Scan, i: int) -> bool:
    """„Laupäevane Isamaaliidu …“: a sentence's first word that cannot be part of the name."""
    word = scan.words[i]
    if word.head is not None or word.acronym is not None:
        return False
    common = scan.lexicon.common(word.text)
    return bool(common) and not any(
        each.pos == "G"
        or each.form in ("sg g", "pl g")
        or (each.pos == "S" and each.form == "sg n")
        for each in common
    )


def _may_end(scan: Scan, i: int) -> bool:
    word = scan.words[i]
    return word.tells or word.head is not None or scan.lexicon.is_thing_noun(word)


def _is_elsewhere(scan: Scan, last: int) -> bool:
    """„Vabaduse väljak“: the name is that of a street or a square."""
    if not scan.joined(last):
        return False
    following = scan.words[last + 1]
    return not following.capital and any(
        each.parts[-1] in PLACES_BEHIND for each in scan.lexicon.common(following.text)
    )


def _is_known_otherwise(scan: Scan, first: int, last: int, kinds: Sequence[str]) -> bool:
    """A place alone, or a person: a given name or initial and one more word."""
    word = scan.words[first]
    if any(scan.words[k].head or scan.words[k].acronym for k in range(first, last + 1)):
        return False
    if first == last:
        return ("loc" in kinds and "org" not in kinds) or scan.lexicon.is_place(word.text)
    if last - first > 1:
        return False
    initial = len(word.text) == 1 and scan.gap(first)[:1] == "."
    return initial or word.lower in GIVEN_NAMES or kinds == ("per",)


def _tells(scan: Scan, first: int, last: int) -> bool:
    """Do the words themselves tell that the name is an organisation's?"""
    return any(
        each.head is not None or each.legal is not None or each.body
        for each in scan.words[first : last + 1]
    )


def _is_sure(scan: Scan, first: int, last: int, sure: float, hearsay: Hearsay) -> bool:
    """Is the tagger sure enough where nothing else tells, and does nothing speak against it?"""
    words = scan.words[first : last + 1]
    if hearsay.denies(scan, first, last):
        return False
    if any(_is_code_or_shout(scan, each.text) for each in words):
        return False
    if all(len(each.text) < 2 for each in words):
        return False
    if first < last:
        told = words[0].lower in TITLES or _translates(scan, first)
        return not told and sure >= _SURE_OF_WORDS
    word = words[0]
    if word.lower in PLATFORMS or PLATFORMS.intersection(
        each.lower() for each in scan.lexicon.nominatives(word.text)
    ):
        return False
    noun = word.acronym is None and bool(scan.lexicon.common(word.text))
    return sure >= (_SURE_OF_NOUN if noun else _SURE_OF_WORD)


def _translates(scan: Scan, first: int) -> bool:
    """„muutmälu (Random Access Memory)“, „RAM - Random Access Memory“"""
    if first == 0 or scan.gap(first - 1).strip() not in _BEFORE_TRANSLATION:
        return False
    before = scan.words[first - 1]
    return before.head is None and (not before.capital or before.acronym is not None)


def _is_code_or_shout(scan: Scan, text: str) -> bool:
    """„MSP430“; „KOKKUVÕTE“ before the text that it heads."""
    if not text.isalpha():
        return any(map(str.isdigit, text)) and any(map(str.isalpha, text))
    return text.isupper() and len(text) > 3 and scan.lexicon.is_shouted_word(text)


def _may_be_name(scan: Scan, first: int, last: int) -> bool:
    word = scan.words[first]
    if first < last or word.body:
        return scan.words[last].acronym not in NO_ORGANISATIONS
    if word.lower in GIVEN_NAMES or len(word.text) < 2:
        return False
    if word.acronym is not None:
        return word.acronym not in NO_ORGANISATIONS
    if word.legal is not None:
        return False
    common = scan.lexicon.common(word.text)
    if first == 0 and common and not any(each.pos in "SG" for each in common):
        return False
    head = word.head
    return head is None or (head.compound and head.lemma not in KINDS)


def _names(scan: Scan, first: int, last: int) -> tuple[str, ...]:
    if scan.words[last].head is not None:
        return (nominative_name(scan, first, last),)
    before = " ".join(scan.slice(scan.tokens[first].start, scan.tokens[last].start).split())
    before += " " if before and scan.gap(last - 1).isspace() else ""
    return tuple(before + each for each in scan.nominatives(last))
