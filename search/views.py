"""One article as it is shown: marked words, and the evidence for what was found in it."""

from dataclasses import dataclass

from search.article import Article, Origin, Part
from search.request import FacetName
from search.results import Facet, Hit, Mark, Snippet


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A sentence that shows why a value was found, with the words that led to it marked.

    It is characters ``start`` to ``end`` of ``part``, though ``text`` may be cut.
    """

    text: str
    marks: tuple[Mark, ...]
    part: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ValueView:
    """A facet value of one article: ``value`` for addresses, ``label`` to read, and why."""

    facet: FacetName
    value: str
    label: str
    origin: Origin
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article with the words of a query marked; ``paragraphs`` follow ``article.body``."""

    article: Article
    title_marks: tuple[Mark, ...]
    paragraphs: tuple[Snippet, ...]
    values: tuple[ValueView, ...]
    similar: tuple["SimilarArticle", ...] = ()


@dataclass(frozen=True, slots=True)
class SimilarArticle:
    """Another article on the same matter; ``published`` is ISO 8601 cut to its precision.

    ``score`` is the share of the first one's distinctive words that it tells of, up to 1.
    """

    id: str
    title: str
    language: str
    published: str | None
    year: int | None
    score: float


@dataclass(frozen=True, slots=True)
class Overview:
    """The articles that have one value of a facet: how many, with which other values, the newest.

    ``facets`` count within these articles, and so hold the value itself, too.
    """

    label: str
    total: int
    facets: tuple[Facet, ...]
    newest: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is in an index. ``built`` and ``engine`` come from its manifest."""

    generation: str
    articles: int
    terms: int
    megabytes: float
    built: str
    source: tuple[str, ...]
    languages: tuple[tuple[str, int], ...]
    focus: tuple[tuple[str, int], ...]
    years: tuple[tuple[str, int], ...]
    organisations: int
    generations: tuple[str, ...]
