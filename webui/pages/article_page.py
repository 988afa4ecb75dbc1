"""View model of the article page, and its schema.org metadata (JSON-LD)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.article import OVERRIDE, PARAGRAPH_BREAK, Extracted
from search.article_view import ArticleView, EvidenceView, ValueView
from search.request import FacetName
from search.results import Mark, Snippet
from webui.addresses.parameters import SearchState
from webui.components import (
    Link,
    TextSegment,
    TitleLine,
    addresses,
    article_date,
    host_of,
    safe_url,
    segments,
    title_lines,
)
from webui.entities.areas import Area, Areas
from webui.facets.filters import facet_title
from webui.localisation import Localisation
from webui.pages.neighbours import Neighbours
from webui.pages.text_links import TextRun, text_runs

#: The facets whose values are found in the text.
_FOUND: tuple[FacetName, ...] = ("focus", "year", "org")
#: Anchor of the article's title; those of sentences are made of their offsets.
TITLE_ANCHOR = "title"
#: Names of citation formats by the ending of the URL.
CITATION_NAMES = {"bib": "BibTeX", "ris": "RIS", "csl.json": "CSL-JSON"}


@dataclass(frozen=True, slots=True)
class FoundSentence:
    """An evidence sentence; ``place`` is its anchor on the page, if any."""

    segments: tuple[TextSegment, ...]
    place: str | None


@dataclass(frozen=True, slots=True)
class FoundValue:
    """A facet value of the article: link, origin and evidence.

    ``origin`` is empty for values found in the text, which is stated once for all; ``evidence`` is
    visible at once, ``more`` is folded away.
    """

    label: str
    url: str
    origin: str
    area: Area | None
    evidence: tuple[FoundSentence, ...]
    more: tuple[FoundSentence, ...]


@dataclass(frozen=True, slots=True)
class FoundValues:
    """The values of one facet; ``missing`` is shown if there are none."""

    name: FacetName
    legend: str
    values: tuple[FoundValue, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class ParagraphPiece:
    """A piece of a paragraph; evidence links to its ``anchor``."""

    anchor: str | None
    runs: tuple[TextRun, ...]


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """View model of the article page."""

    state: SearchState
    plain_title: str
    title: tuple[TextSegment, ...]
    title_anchor: str
    language: str
    foreign_language: str | None
    date: str | None
    iso_date: str | None
    date_origin: str
    source_url: str | None
    source_host: str | None
    duplicates: tuple[Link, ...]
    paragraphs: tuple[tuple[ParagraphPiece, ...], ...]
    marks: int
    is_found: bool
    facets: tuple[FoundValues, ...]
    similar: tuple[TitleLine, ...]
    citations: tuple[Link, ...]
    neighbours: Neighbours | None
    linked_data: Mapping[str, Any]


def article_page(
    view: ArticleView,
    state: SearchState,
    areas: Areas,
    localisation: Localisation,
    neighbours: Neighbours | None = None,
) -> ArticlePage:
    """Builds the view model of one article; ``neighbours`` are the previous and next results."""
    article = view.article
    own = state.bare().article_url(article.id)
    title, paragraphs = segments(article.title, view.title_marks), _paragraphs(view)
    date = article_date(article)
    dated = article.published or article.year
    source_url = safe_url(article.url)
    foreign = article.language not in ("", "et")
    return ArticlePage(
        state=state,
        plain_title=article.title,
        title=title,
        title_anchor=TITLE_ANCHOR,
        language=article.language,
        foreign_language=localisation.language_name(article.language) if foreign else None,
        date=localisation.date(date) if date else None,
        iso_date=date.iso if date else None,
        date_origin=_origin(dated, localisation) if dated else "",
        source_url=source_url,
        source_host=host_of(source_url) if source_url else None,
        duplicates=addresses(article.duplicates, state.article_url),
        paragraphs=paragraphs,
        marks=sum(each.marked for each in (*title, *_segments(paragraphs))),
        is_found=any(e.part in ("title", "body") for v in view.values for e in v.evidence),
        facets=tuple(_facet(facet, view, state, areas, localisation) for facet in _FOUND),
        similar=title_lines(view.similar, state, localisation),
        citations=tuple(Link(name, f"{own}.{form}") for form, name in CITATION_NAMES.items()),
        neighbours=neighbours,
        linked_data=news_article(view, own),
    )


def _origin(extracted: Extracted[Any], localisation: Localisation) -> str:
    """Origin of a value as text; empty for one found in the article's text."""
    best = extracted.evidence[0] if extracted.evidence else None
    if extracted.origin == "given":
        if best and best.part == "given" and best.text == OVERRIDE:
            return localisation.gettext("corrected by hand")
        return localisation.gettext("given by the source")
    if best and best.part == "url":
        return localisation.gettext("found in the address")
    if best and best.part == "path":
        return localisation.gettext("found in the file name")
    return ""


def _paragraphs(view: ArticleView) -> tuple[tuple[ParagraphPiece, ...], ...]:
    """Splits paragraphs at evidence spans, so that these can be linked."""
    places = sorted(
        {(e.start, e.end) for each in view.values for e in each.evidence if e.part == "body"}
    )
    shown, start = [], 0
    for paragraph in view.paragraphs:
        end = start + len(paragraph.text)
        inside = [place for place in places if start <= place[0] < end]
        shown.append(_passages(paragraph, start, inside))
        start = end + len(PARAGRAPH_BREAK)
    return tuple(shown)


def _passages(
    paragraph: Snippet, offset: int, places: Sequence[tuple[int, int]]
) -> tuple[ParagraphPiece, ...]:
    """Splits ``paragraph``, which is at ``offset`` of the body, at ``places``."""
    passages, done = [], 0
    for start, end in places:
        first = max(done, start - offset)
        if first > done:
            passages.append(ParagraphPiece(None, _piece(paragraph, done, first)))
        done = max(first, end - offset)
        passages.append(ParagraphPiece(_anchor(start), _piece(paragraph, first, done)))
    if done < len(paragraph.text):
        passages.append(ParagraphPiece(None, _piece(paragraph, done, len(paragraph.text))))
    return tuple(passages)


def _piece(paragraph: Snippet, start: int, end: int) -> tuple[TextRun, ...]:
    marks = (Mark(each.start - start, each.end - start) for each in paragraph.marks)
    return text_runs(paragraph.text[start:end], marks)


def _segments(paragraphs: Iterable[Iterable[ParagraphPiece]]) -> Iterator[TextSegment]:
    for paragraph in paragraphs:
        for passage in paragraph:
            for run in passage.runs:
                yield from run.segments


def _anchor(start: int) -> str:
    return f"s{start}"


def _facet(
    facet: FacetName,
    view: ArticleView,
    state: SearchState,
    areas: Areas,
    localisation: Localisation,
) -> FoundValues:
    article = view.article
    extracted: dict[FacetName, Sequence[Extracted[Any]]] = {
        "focus": article.focus_areas,
        "year": (article.year,) if article.year else (),
        "org": article.organisations,
    }
    origins = {str(each.value): _origin(each, localisation) for each in extracted[facet]}
    missing: dict[FacetName, str] = {
        "focus": localisation.gettext("no focus area"),
        "year": localisation.gettext("year unknown"),
        "org": localisation.gettext("no organisation found"),
    }
    return FoundValues(
        name=facet,
        legend=facet_title(facet, localisation),
        values=tuple(
            _value(each, origins.get(each.value, ""), state, areas)
            for each in view.values
            if each.facet == facet
        ),
        missing=missing[facet],
    )


def _value(view: ValueView, origin: str, state: SearchState, areas: Areas) -> FoundValue:
    evidence = tuple(_sentence(each) for each in view.evidence)
    return FoundValue(
        label=view.label,
        url=state.only(view.facet, view.value).url,
        origin=origin,
        area=areas.area(view.value, view.label) if view.facet == "focus" else None,
        evidence=evidence[:1],
        more=evidence[1:],
    )


def _sentence(view: EvidenceView) -> FoundSentence:
    places = {"title": f"#{TITLE_ANCHOR}", "body": f"#{_anchor(view.start)}"}
    return FoundSentence(segments(view.text, view.marks), places.get(view.part))


def news_article(view: ArticleView, address: str) -> dict[str, Any]:
    """Converts ``view`` to a schema.org NewsArticle; ``address`` is its page."""
    article = view.article
    date = article.published.value.iso if article.published else None
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": address,
        "headline": article.title,
        "datePublished": date or (str(article.year.value) if article.year else None),
        "inLanguage": article.language,
        "url": safe_url(article.url) or address,
        "about": [
            {"@type": "Thing", "name": each.label} for each in view.values if each.facet == "focus"
        ],
        "mentions": [
            {"@type": "Organization", "name": each.label}
            for each in view.values
            if each.facet == "org"
        ],
    }
    return {name: value for name, value in data.items() if value}
