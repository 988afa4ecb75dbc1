"""Term statistics for one query (document frequencies and the like), batched and cached."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from search.analysis.terms import term
from search.query.ast import Word

#: A surface form with its lemmas, terms with their channel.
SurfaceReadings = tuple[str, tuple[str, ...]]


class TermSource(Protocol):
    """Protocol: the term statistics of an engine's reader."""

    def document_frequencies(self, terms: Sequence[str]) -> tuple[int, ...]: ...

    def reading_counts(
        self, readings: Sequence[tuple[str, Sequence[str]]]
    ) -> tuple[tuple[int, ...], ...]: ...

    def folded(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]: ...

    def starting(self, texts: Sequence[str]) -> tuple[bool, ...]: ...


class TermStatistics:
    """Term statistics of one index state.

    Each rewriting step loads all that it may need in one request; anything else is loaded when it
    is needed.
    """

    def __init__(self, source: TermSource) -> None:
        self._source = source
        self._frequencies: dict[str, int] = {}
        self._readings: dict[SurfaceReadings, tuple[int, ...]] = {}

    def load(self, terms: Iterable[str]) -> None:
        """Loads the document frequencies of new ``terms`` (with channel) in one batch."""
        new = [each for each in dict.fromkeys(terms) if each not in self._frequencies]
        if new:
            found = self._source.document_frequencies(new)
            self._frequencies.update(zip(new, found, strict=True))

    def load_readings(self, readings: Iterable[SurfaceReadings]) -> None:
        """Loads the counts of new ``readings`` in one batch."""
        new = [each for each in dict.fromkeys(readings) if each not in self._readings]
        if new:
            self._readings.update(zip(new, self._source.reading_counts(new), strict=True))

    def document_frequency(self, indexed: str) -> int:
        """Document frequency of a term (with channel)."""
        if indexed not in self._frequencies:
            self.load((indexed,))
        return self._frequencies[indexed]

    def reading_counts(self, readings: SurfaceReadings) -> tuple[int, ...]:
        """Number of positions where the surface form is read as each of its lemmas."""
        if readings not in self._readings:
            self.load_readings((readings,))
        return self._readings[readings]

    def folded(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """For each text, the words of the index that fold to it."""
        return self._source.folded(texts) if texts else ()

    def starting(self, texts: Iterable[str]) -> frozenset[str]:
        """Those of ``texts`` that are a prefix of any word of the index."""
        asked = list(dict.fromkeys(texts))
        found = self._source.starting(asked) if asked else ()
        return frozenset(text for text, is_there in zip(asked, found, strict=True) if is_there)

    def documents_of(self, word: Word, *, in_phrase: bool = False) -> int:
        """Document frequency of the most frequent alternative of ``word``."""
        return max(map(self.document_frequency, terms_of(word, in_phrase=in_phrase)), default=0)

    def is_held(self, word: Word, *, in_phrase: bool = False) -> bool:
        """True if any document holds an alternative of ``word``; cached terms first."""
        terms = terms_of(word, in_phrase=in_phrase)
        if any(self._frequencies.get(each) for each in terms):
            return True
        self.load(terms)
        return any(map(self.document_frequency, terms))


def terms_of(word: Word, *, in_phrase: bool = False) -> list[str]:
    """Terms with channel that ``word`` matches; in a phrase neither parts nor its family."""
    found = [
        term(each.channel, each.term)
        for each in word.alternatives
        if not (in_phrase and each.channel == "part")
    ]
    return found if in_phrase or word.family is None else [*found, *word.family.terms]
