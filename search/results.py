"""Search results, for pages, JSON and the command line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from search.meaning.vector_report import VectorReport
from search.request import FacetName, SearchRequest

How = Literal[
    "lemma", "part", "derived", "apart", "exact", "synonym", "folded", "spelling", "meaning"
]


@dataclass(frozen=True, slots=True)
class Mark:
    """A highlight: characters ``start`` to ``end`` (code points)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of the article with highlights, in order."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """Match explanation: the query word ``query`` matched the form ``form``, by ``how``.

    By meaning, ``query`` is the whole query and ``form`` is empty.
    """

    query: str
    form: str
    how: How


@dataclass(frozen=True, slots=True)
class Hit:
    """A hit; ``full`` is False for a partial match, which lacks the typed words ``missing``.

    ``source`` is the site of its address, else the collection that it is of.
    ``published`` is ISO 8601 cut to its precision; ``organisations`` are names, ``focus_areas``
    ids, strongest first; ``title_marks`` count in ``title``; ``duplicates`` are the addresses, or
    ids where there are none, of its near-duplicates.
    """

    id: str
    title: str
    title_marks: tuple[Mark, ...]
    url: str | None
    published: str | None
    year: int | None
    language: str
    focus_areas: tuple[str, ...]
    organisations: tuple[str, ...]
    score: float
    full: bool
    snippets: tuple[Snippet, ...]
    why: tuple[Why, ...]
    duplicates: tuple[str, ...] = ()
    #: When the article first came into the index.
    added: datetime | None = None
    missing: tuple[str, ...] = ()
    source: str = ""
    #: Cosine of the query and its nearest passage, if it was found by meaning alone.
    nearness: float | None = None

    @property
    def is_near(self) -> bool:
        """True if it was found by meaning alone."""
        return self.nearness is not None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A facet value with its number of articles.

    ``value`` goes into addresses; of a year it is an integer or ``"unknown"``.
    """

    value: str | int
    label: str
    count: int
    selected: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet with its values: the most frequent ones, and all selected ones."""

    name: FacetName
    values: tuple[FacetValue, ...]
    #: How many values there are in all; more than ``values`` when the list was cut.
    available: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested query with ``count`` full matches under the same filters."""

    text: str
    query: str
    count: int


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Number of matches without the filter on ``facet``."""

    facet: FacetName
    count: int


@dataclass(frozen=True, slots=True)
class Results:
    """The results of a search request.

    ``total`` counts full matches, ``partial`` partial ones, ``near`` articles found by meaning
    alone; the latter two rank among the others by relevance, and below them by date. ``searched``
    differs from the query only if it was replaced. ``floor`` is the least nearness of articles
    found by meaning, None for a search by words alone.
    """

    request: SearchRequest
    searched: str
    explanation: str
    total: int
    partial: int
    took_ms: float
    page: int
    pages: int
    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...]
    suggestions: tuple[Suggestion, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    near: int = 0
    floor: float | None = None

    @property
    def found(self) -> int:
        """Number of articles on all pages."""
        return self.total + self.partial + self.near

    def facet(self, name: FacetName) -> Facet:
        """The facet ``name``; without values if it was not asked for."""
        return next((each for each in self.facets if each.name == name), Facet(name, (), 0))

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form of ``/api/search`` and ``search --json``."""
        return {
            "query": self.request.query,
            "searched": self.searched,
            "explanation": self.explanation,
            "total": self.total,
            "partial": self.partial,
            "near": self.near,
            "took_ms": round(self.took_ms, 2),
            "page": self.page,
            "pages": self.pages,
            "hits": [_hit(each) for each in self.hits],
            "facets": {
                facet.name: [
                    {
                        "value": each.value,
                        "label": each.label,
                        "count": each.count,
                        "selected": each.selected,
                    }
                    for each in facet.values
                ]
                for facet in self.facets
            },
            "suggestions": [
                {"text": each.text, "query": each.query, "count": each.count}
                for each in self.suggestions
            ],
        }


@dataclass(frozen=True, slots=True)
class News:
    """New articles that a search finds: their number, and the first of them."""

    total: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Overview of a facet value: article count, values of other facets, newest articles.

    ``facets`` count within these articles, and so hold the value itself, too.
    """

    label: str
    total: int
    facets: tuple[Facet, ...]
    newest: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Index statistics. ``built`` and ``source`` come from the manifest.

    ``problem`` is why this is not the live generation, empty if it is; ``vectors`` is None where
    search by meaning is off.
    """

    generation: str
    articles: int
    terms: int
    megabytes: float
    built: str
    source: tuple[str, ...]
    languages: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]
    focus: tuple[tuple[str, int], ...]
    years: tuple[tuple[str, int], ...]
    organisations: int
    generations: tuple[str, ...]
    problem: str = ""
    vectors: VectorReport | None = None


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "title": hit.title,
        "url": hit.url,
        "published": hit.published,
        "year": hit.year,
        "language": hit.language,
        "focus_areas": list(hit.focus_areas),
        "organisations": list(hit.organisations),
        "score": round(hit.score, 4),
        "nearness": hit.nearness if hit.nearness is None else round(hit.nearness, 4),
        "snippets": [
            {"text": each.text, "marks": [[mark.start, mark.end] for mark in each.marks]}
            for each in hit.snippets
        ],
        "why": [{"query": each.query, "form": each.form, "how": each.how} for each in hit.why],
        "missing": list(hit.missing),
        "duplicates": list(hit.duplicates),
        "source": hit.source,
    }
