"""Matches gazetteer names against the terms of a text, and resolves overlaps with mentions."""

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
#: A mention whose name shares no prefix of this length with the text is a defined acronym.
_PREFIX_LENGTH = 3
#: The country that names in lower case belong to.
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
        # A plain set: with a frozen one, intersecting the keys of a dict iterates over all of them.
        self._terms = {SURFACE + word for word in inner}
        self._terms |= {channel + word for word in self._by_last for channel in _INFLECTED}

    def add_to(
        self,
        mentions: Sequence[Mention],
        text_view: TextView,
        excluded: Sequence[TextRange],
    ) -> tuple[Mention, ...]:
        """Adds mentions of gazetteer names to ``mentions``: in order, without overlaps.

        None are added in the ranges ``excluded``.
        """
        known = [
            each
            for part in text_view.parts
            for each in self._mentions_in(part)
            if not in_ranges(each.part, each.start, excluded)
        ]
        if not known:
            return tuple(mentions)
        explained = {
            (each.part, each.start, each.end)
            for each in mentions
            if not _shares_prefix(each.name, text_view.part(each.part).text[each.start : each.end])
        }
        known = [each for each in known if (each.part, each.start, each.end) not in explained]
        found = [each for each in mentions if not self._yields_to(each, known, text_view)]
        return tuple(without_overlaps([*known, *found]))

    def _yields_to(self, mention: Mention, known: Sequence[Mention], view: TextView) -> bool:
        """True if a known name in or across ``mention`` replaces it: „Eesti Energia kontsern“."""
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
            if behind and not before and self._adds_no_name(text[each.start : each.end], behind):
                return True
            if before and not behind and self._are_outside_name(before, each.name):
                return True
        return False

    def _adds_no_name(self, name: str, behind: Sequence[str]) -> bool:
        """True if the words ``behind`` a name are no part of it: „Meremuuseumi Paks Margareeta“."""
        if behind[-1].islower() and self._is_subsidiary_head(behind[-1]):
            return False  # „Tartu Ülikooli muuseum“
        if behind[0].islower() and self._is_nominative_only(behind[0]):
            return True  # „Ülemkogu otsus Komisjon“, run together
        if self._is_head(behind[-1]) and not behind[-1].islower():
            return False
        if self._is_unit_noun(behind[-1]):
            return True
        if name.split()[0] in lexicon.LEGAL_FORMS and not all(map(str.islower, behind)):
            return False  # „AS Operail Leasing“
        return all(map(str.islower, behind)) or (" " in name and not self._is_head(behind[-1]))

    def _are_outside_name(self, before: Sequence[str], name: str) -> bool:
        """True if the words ``before`` a name are no part of it: persons, towns."""
        if any(each.lower() in lexicon.COUNTRIES for each in before):
            return False
        if self._is_head(name.rpartition(" ")[2]):
            return False
        return all(
            any(reading.pos == _PLACE for reading in self._analyzer.readings(each))
            or not self._is_common(each)
            for each in before
        )

    def _is_head(self, word: str) -> bool:
        """True for a head noun of organisations, a legal form or an acronym."""
        if word in lexicon.LEGAL_FORMS or (word.isupper() and len(word) > 1):
            return True
        return any(
            each.parts[-1].lower() in lexicon.HEADS or each.lemma.lower() in lexicon.STATE_BODIES
            for each in self._analyzer.readings(word)
        )

    def _is_nominative_only(self, word: str) -> bool:
        """True for a noun that can only be in the nominative."""
        forms = {each.form for each in self._analyzer.readings(word)}
        return forms == {"sg n"}

    def _is_subsidiary_head(self, word: str) -> bool:
        return any(
            each.parts[-1] in lexicon.SUBSIDIARY_HEADS for each in self._analyzer.readings(word)
        )

    def _is_unit_noun(self, word: str) -> bool:
        return word.islower() and any(
            each.parts[-1] in lexicon.UNITS for each in self._analyzer.readings(word)
        )

    def _mentions_in(self, part: PartView) -> Iterator[Mention]:
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
            if self._is_mention(part, first, name):
                start, stop = part.starts[first], part.ends[end]
                yield Mention("organisation", name.name, part.name, start, stop)

    def _is_mention(self, part: PartView, first: int, name: _Name) -> bool:
        """True if the match at ``first`` is no part of a longer name and no common word."""
        text = part.word(first)
        before = _adjacent(part, first - 1) if first else ""
        if not text[0].isupper():
            return self._may_be_lower(name) and not self._is_foreign_modifier(before)
        if len(name.words) > 1:
            return True
        if name.name.isupper() and not text.startswith(name.name):
            return False
        following = _adjacent(part, first, behind=True)
        if following.isdigit() and not _is_counted(_adjacent(part, first + 1, behind=True)):
            return False  # „Boeing 737“
        if following[:1].isupper() and (
            len(name.name) <= _SHORT_NAME or self._continues(name, following)
        ):
            return False
        sentence = part.sentence_positions(part.sentence_of(first))
        begins = first == sentence.start and len(sentence) > 1 and not text.isupper()
        if begins:
            return not self._is_common_word(name.name)
        if not before[:1].isupper() or not self._continues(name, before):
            return True
        # „Usain Bolt“ is a person, but in „Mari Maasika Bolt“ the person is another.
        return first > 1 and _adjacent(part, first - 2)[:1].isupper()

    # Checked per match: for all names at the start it would take most of the start-up time.
    def _may_be_lower(self, name: _Name) -> bool:
        """True if ``name`` also matches in lower case: it is so itself, or has a head noun."""
        return name.name.islower() or (len(name.words) == 1 and self._is_headed(name.name))

    def _is_headed(self, name: str) -> bool:
        return any(
            each.pos == "S" and len(each.parts) > 1 and each.parts[-1] in lexicon.HEADS
            for each in self._analyzer.readings(name.lower())
        )

    def _is_common_word(self, name: str) -> bool:
        """True if ``name`` is also a common word; a compound is not: „Äripäev“."""
        readings = self._analyzer.readings(name)
        return any(each.pos != _PROPER_NOUN and len(each.parts) < 2 for each in readings)

    def _is_foreign_modifier(self, before: str) -> bool:
        """True if the word before makes it another one: „Soome suusaliit“, „Põlva haigekassa“."""
        if not before[:1].isupper() or before.lower() == _HOME:
            return False
        is_place = any(each.pos == _PLACE for each in self._analyzer.readings(before))
        return is_place or not self._is_common(before)

    def _continues(self, name: _Name, other: str) -> bool:
        """True if ``other`` beside a name is part of a longer one: „Usain Bolt“, „Bolt Food“."""
        return not name.name.isupper() and not other.isupper() and not self._is_common(other)

    def _is_common(self, word: str) -> bool:
        """True for a common word, or the genitive of a place."""
        readings = self._analyzer.readings(word)
        return any(each.pos != _PROPER_NOUN for each in readings)


def _is_counted(word: str) -> bool:
    """True for a noun that is counted by the number before it: „Isamaa 12 protsendiga“."""
    return word.lower().startswith(("protsen", "mandaa", "koh", "hää", "punkt"))


def _adjacent(part: PartView, at: int, *, behind: bool = False) -> str:
    """The word at ``at``, or the one ``behind`` it, if a blank separates the two; else empty."""
    sentence = part.sentence_positions(part.sentence_of(at))
    if at not in sentence or at + 1 not in sentence:
        return ""
    gap = part.text[part.ends[at] : part.starts[at + 1]]
    if gap.strip():
        return ""
    return part.word(at + 1 if behind else at)


def _shares_prefix(name: str, text: str) -> bool:
    """True if ``name`` is a form of ``text``, and not the definition of an acronym."""
    return name[:_PREFIX_LENGTH].casefold() == text[:_PREFIX_LENGTH].casefold()
