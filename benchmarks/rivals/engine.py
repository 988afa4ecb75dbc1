"""Adapter of this engine for speed benchmarks, and the protocol of its rivals.

All index the same terms. A rival has one lemma per position in ``title`` and ``body`` (the surface
form if there is none), and in ``more`` all other terms of the position: other lemmas, compound
parts, surface forms. Queries have the same alternatives of every word for each engine.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol, get_args

from benchmarks.support.query_set import Asked, rival_term
from search.engines.contract import EngineAnswer, EngineReader, IndexedDocument, IndexedField
from search.engines.registry import open_index
from search.query_budget import QueryBudget
from search.request import NO_FOCUS, UNKNOWN_YEAR, FacetName, SearchRequest
from search.snippets import snippets

#: The facets that every engine counts.
COMPARED_FACETS: tuple[FacetName, ...] = ("focus", "year", "org")
#: Ten best; ten best with the total and three facets; ten newest; ten best with marked snippets.
Mode = Literal["top10", "facets", "date", "snippets"]
MODES: tuple[Mode, ...] = get_args(Mode)
#: Token at the end of a paragraph, so that no phrase matches across.
GAP = "¶"
_FINGERPRINT = "benchmark"
_LETTERS, _LEMMA, _SURFACE = "f", "l", "s"
FacetCounts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Answer:
    """Part of an answer on which engines must agree; None if a mode omits it."""

    total: int | None = None
    facets: FacetCounts | None = None
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Plain:
    """A document as rivals index it."""

    number: int
    id: str
    title: str
    body: str
    more: str
    published: int
    year: str
    focus: tuple[str, ...]
    org: tuple[str, ...]


class Engine(Protocol):
    """Protocol of a benchmarked engine: filled once, opened and closed repeatedly."""

    def add(self, document: Plain) -> None: ...

    def finish(self) -> None: ...

    def open(self) -> None: ...

    def answer(self, mode: Mode, query: Asked) -> Answer: ...

    def close(self) -> None: ...


def plain(document: IndexedDocument, number: int) -> Plain:
    """``document`` with one term at each position."""
    article = document.article
    title, more_title = _tokens(document.title)
    body, more_body = _tokens(document.body)
    return Plain(
        number,
        article.id,
        " ".join(title),
        " ".join(body),
        " ".join([*more_title, *more_body]),
        article.published.value.sort_key if article.published else 0,
        str(article.year.value) if article.year else UNKNOWN_YEAR,
        tuple(each.value for each in article.focus_areas),
        tuple(each.value for each in article.organisations),
    )


def fields_of(text: str) -> Sequence[str]:
    """Fields in which rivals index a term."""
    return ("title", "body", "more") if text[0] == _LEMMA else ("more",)


def prefixes_of(query: Asked) -> Iterator[tuple[str, str]]:
    """Field and prefix (with channel) of all alternatives of a prefix query."""
    begin = query.text.removesuffix("*")
    yield from ((field, _LEMMA + begin) for field in ("title", "body", "more"))
    yield from ((field, _SURFACE + begin) for field in ("title", "body", "more"))


class Ours:
    """This program's engine, filled with the same documents as the rivals."""

    def __init__(self, directory: Path) -> None:
        self.index = open_index(directory)
        self.reader: EngineReader | None = None

    def fill(self, documents: Iterable[IndexedDocument]) -> None:
        with self.index.build([], _FINGERPRINT, datetime.now(UTC)) as writer:
            for each in documents:
                writer.add(each)

    def open(self) -> None:
        self.reader = self.index.open(_FINGERPRINT)

    def close(self) -> None:
        if self.reader is not None:
            self.reader.close()
            self.reader = None

    def answer(self, mode: Mode, query: Asked) -> Answer:
        assert self.reader is not None  # noqa: S101 - opened before it is asked
        reader = self.reader.for_query(QueryBudget())
        request = SearchRequest(sort="newest" if mode == "date" else "relevance")
        facets = COMPARED_FACETS if mode == "facets" else ()
        found = reader.search(query.node, request, facets)
        shown = len(found.documents)
        if mode == "snippets":
            _snippets(reader, query, found)
        counted: FacetCounts = {name: dict(counts.pairs()) for name, counts in found.facets.items()}
        return Answer(found.total, counted, shown)

    def snippets_alone(self, query: Asked) -> Callable[[], None]:
        """Searches, and returns a function that makes the snippets of the ten hits."""
        assert self.reader is not None  # noqa: S101 - opened before it is asked
        reader = self.reader.for_query(QueryBudget())
        found = reader.search(query.node, SearchRequest())
        return lambda: _snippets(reader, query, found)


def _snippets(reader: EngineReader, query: Asked, found: EngineAnswer) -> None:
    keys = [each.key for each in found.documents]
    places = reader.occurrences(keys, query.node)
    for listing, occurrences in zip(reader.listings(keys), places, strict=True):
        snippets(listing.text, occurrences)


def without_missing(facets: FacetCounts) -> FacetCounts:
    """``facets`` without values for articles that have none."""
    none = {NO_FOCUS, UNKNOWN_YEAR, "", "None"}
    return {
        name: {value: count for value, count in counts.items() if value not in none and count}
        for name, counts in facets.items()
    }


def _tokens(field: IndexedField) -> tuple[list[str], list[str]]:
    """One token for each position, and all other tokens."""
    main: dict[int, str] = {}
    surfaces: dict[int, str] = {}
    more: list[str] = []
    for indexed, positions in field.postings.items():
        text = rival_term(indexed)
        for each in positions:
            if text[0] == _LEMMA and each not in main:
                main[each] = text
            elif text[0] != _LETTERS:
                more.append(text)
            if text[0] == _SURFACE:
                surfaces[each] = text
    count = len(field.starts)
    return [main.get(each) or surfaces.get(each, GAP) for each in range(count)], more
