"""Mentions of the gazetteer's names, found in the terms that the index keeps of an article.

All words of a name stand as they are written, save the last, which may be inflected. The article
knows better what it means: a longer name around one of these wins, and so does its own explanation
of an acronym.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from indexer.enrich.gazetteer import Gazetteer
from indexer.enrich.parts import AnalysedPart, TextPart
from search.analysis import Analyzer, tokenize
from search.analysis.terms import LEMMA, READING, SURFACE
from search.article import Mention

_INFLECTED = (LEMMA, SURFACE, READING)
_PROPER = "H"
#: A name so short may begin another one: „TÜ Puit“.
_SHORT = 3
#: So many letters tell that a name was read off the text and not explained by it.
_COMMON = 3


@dataclass(frozen=True, slots=True)
class _Name:
    """A name by its words in lower case; ``is_word`` if it means something else, too."""

    name: str
    words: tuple[str, ...]
    is_word: bool


class GazetteerNames:
    """Finds the names of a gazetteer. Holds them prepared."""

    def __init__(self, gazetteer: Gazetteer, analyzer: Analyzer) -> None:
        self._by_last: dict[str, list[_Name]] = defaultdict(list)
        names = dict.fromkeys(name for entry in gazetteer.entries for name in entry.names)
        for name in names:
            words = tuple(each.text.lower() for each in tokenize(name))
            if words:
                readings = analyzer.readings(name) if len(words) == 1 else ()
                is_word = any(each.pos != _PROPER for each in readings)
                self._by_last[words[-1]].append(_Name(name, words, is_word))
        inner = {word for each in self._by_last.values() for name in each for word in name.words}
        self._terms = frozenset(SURFACE + word for word in inner).union(
            channel + word for word in self._by_last for channel in _INFLECTED
        )

    def add_to(
        self,
        mentions: Sequence[Mention],
        parts: Sequence[AnalysedPart],
        left_out: Collection[tuple[TextPart, int, int]],
    ) -> tuple[Mention, ...]:
        """``mentions`` of the text with those of known names, in order, none overlapping another.

        Places ``left_out`` (part, start, end) hold none.
        """
        known = [
            each
            for part in parts
            for each in self._in(part)
            if not any(
                each.part == place and start <= each.start < end for place, start, end in left_out
            )
        ]
        if not known:
            return tuple(mentions)
        texts: dict[str, str] = {part.name: part.text for part in parts}
        explained = {
            (each.part, each.start, each.end)
            for each in mentions
            if not _looks_like(each.name, texts[each.part][each.start : each.end])
        }
        known = [each for each in known if (each.part, each.start, each.end) not in explained]
        return tuple(_without_overlaps([*known, *mentions]))

    def _in(self, part: AnalysedPart) -> Iterator[Mention]:
        found = part.found(self._terms)
        for last, names in self._by_last.items():
            ends = sorted({at for channel in _INFLECTED for at in found.get(channel + last, ())})
            for name in names if ends else ():
                yield from self._mentions(part, found, ends, name)

    def _mentions(
        self, part: AnalysedPart, found: Mapping[str, Sequence[int]], ends: list[int], name: _Name
    ) -> Iterator[Mention]:
        before = name.words[:-1]
        inner = [frozenset(found.get(SURFACE + word, ())) for word in before]
        for end in ends:
            first = end - len(before)
            if not all(first + i in places for i, places in enumerate(inner)):
                continue
            if first < 0 or not part.is_row(first, end) or not self._is_meant(part, first, name):
                continue
            yield Mention("organisation", name.name, part.name, part.starts[first], part.ends[end])

    def _is_meant(self, part: AnalysedPart, first: int, name: _Name) -> bool:
        """Is it the name that begins at ``first``, and not another word or name that it begins?"""
        text = part.word(first)
        if not text[0].isupper():
            return False
        if len(name.words) > 1:
            return True
        if name.name.isupper() and not text.startswith(name.name):
            return False
        sentence = part.positions(part.sentence_of(first))
        following = first + 1
        if (
            len(name.name) <= _SHORT
            and following in sentence
            and part.starts[following] - part.ends[first] <= 2
            and part.word(following)[0].isupper()
        ):
            return False
        begins = first == sentence.start and len(sentence) > 1 and not text.isupper()
        return not (begins and name.is_word)


def _looks_like(name: str, text: str) -> bool:
    """Was ``name`` read off ``text``, or is it the article's explanation of it?"""
    return name[:_COMMON].casefold() == text[:_COMMON].casefold()


def _without_overlaps(mentions: Iterable[Mention]) -> list[Mention]:
    """The longest of overlapping mentions, in the order of the text; of equal ones the first."""
    kept: list[Mention] = []
    taken: dict[str, set[int]] = {"title": set(), "body": set()}
    for each in sorted(mentions, key=lambda each: (each.start - each.end, each.start)):
        span = range(each.start, each.end)
        if taken[each.part].isdisjoint(span):
            taken[each.part].update(span)
            kept.append(each)
    return sorted(kept, key=lambda each: (each.part == "body", each.start))
