"""View of one article: highlighted words, similar articles, evidence for facet values.

Evidence is shown as whole sentences with the decisive words marked.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from search.article import Article, Evidence, Extracted, Origin, Part
from search.engines.contract import DocumentKey, EngineReader
from search.request import FacetName
from search.results import Mark, Snippet
from search.snippets import Span, excerpt, sentences

SIMILAR_LISTED = 5
#: Longer sentences are cut.
LONGEST_SENTENCE = 600


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A sentence of evidence for a facet value, with the decisive words marked.

    It is characters ``start`` to ``end`` of ``part``, though ``text`` may be cut.
    """

    text: str
    marks: tuple[Mark, ...]
    part: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ValueView:
    """A facet value of one article: ``value`` for addresses, ``label`` to read, evidence."""

    facet: FacetName
    value: str
    label: str
    origin: Origin
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True, slots=True)
class SimilarArticle:
    """An article similar to the one shown; ``published`` is ISO 8601 cut to its precision.

    ``score`` is the similarity, up to 1: by distinctive words that both share, and by meaning if
    both have vectors.
    """

    id: str
    title: str
    language: str
    published: str | None
    year: int | None
    score: float


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article with the words of a query marked; ``paragraphs`` follow ``article.body``."""

    article: Article
    title_marks: tuple[Mark, ...]
    paragraphs: tuple[Snippet, ...]
    values: tuple[ValueView, ...]
    similar: tuple[SimilarArticle, ...] = ()


def similar_articles(
    reader: EngineReader, key: DocumentKey, model: str = "", limit: int = SIMILAR_LISTED
) -> tuple[SimilarArticle, ...]:
    """At most ``limit`` articles similar to that of ``key``, best first.

    With the digest of a ``model`` by its vectors, too.
    """
    found = reader.more_like_this(key, limit, model)
    listings = reader.listings([each.key for each in found])
    return tuple(
        SimilarArticle(
            id=article.id,
            title=article.title,
            language=article.language,
            published=article.published,
            year=article.year,
            score=round(each.score, 4),
        )
        for each, article in zip(found, listings, strict=True)
    )


class ArticleEvidence:
    """Builds the evidence views of one article."""

    def __init__(self, article: Article) -> None:
        self._texts: Mapping[Part, str] = {"title": article.title, "body": article.body_text}
        self._spans = {part: list(sentences(text)) for part, text in self._texts.items()}

    def of(self, extracted: Extracted[Any]) -> tuple[EvidenceView, ...]:
        """Evidence sentences of a value, best first; none for a value given by the source.

        Words of one sentence are marked in it together, the best one first.
        """
        marks: dict[tuple[Part, str, Span], list[Span]] = {}
        for each in extracted.evidence:
            if each.part != "given":
                # A web address or a file name is no part of the text, and shown by itself.
                text = self._texts.get(each.part, each.text)
                at = (each.start, each.end) if each.part in self._texts else (0, len(text))
                key = (each.part, text, self._sentence(each, at))
                marks.setdefault(key, []).append(at)
        return tuple(_view(*place, found) for place, found in marks.items())

    def _sentence(self, evidence: Evidence, at: Span) -> Span:
        """The sentence in which ``at`` begins, extended to the end of ``at``."""
        spans = self._spans.get(evidence.part, [])
        number = bisect_right(spans, at[0], key=lambda span: span[0]) - 1
        if number < 0 or at[0] >= spans[number][1]:
            return at
        first, last = spans[number]
        return first, max(last, at[1])


def _view(part: Part, text: str, span: Span, found: list[Span]) -> EvidenceView:
    shown = excerpt(text, *span, list(dict.fromkeys(found)), LONGEST_SENTENCE)
    return EvidenceView(shown.text, shown.marks, part, *span)
