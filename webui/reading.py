"""The article page as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from search.article import Article, Extracted, PartialDate
from search.request import FACETS, FacetName
from search.views import ArticleView, ValueView
from webui.areas import Area, area
from webui.filters import facet_title
from webui.localisation import Localisation
from webui.parameters import SearchState
from webui.pieces import Segment, segments


@dataclass(frozen=True, slots=True)
class FoundValue:
    """A facet value of the article: where it leads, where it is from and why it is there.

    ``evidence`` is read at once, ``more`` one click away.
    """

    label: str
    url: str
    origin: str
    area: Area | None
    evidence: tuple[tuple[Segment, ...], ...]
    more: tuple[tuple[Segment, ...], ...]


@dataclass(frozen=True, slots=True)
class FoundValues:
    """The values of one facet; ``missing`` says so where there are none."""

    name: FacetName
    legend: str
    values: tuple[FoundValue, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """Everything the article page shows."""

    state: SearchState
    plain_title: str
    title: tuple[Segment, ...]
    language: str
    foreign_language: str | None
    date: str | None
    iso_date: str | None
    date_origin: str | None
    source_url: str | None
    source_host: str | None
    paragraphs: tuple[tuple[Segment, ...], ...]
    facets: tuple[FoundValues, ...]


def article_page(view: ArticleView, state: SearchState, localisation: Localisation) -> ArticlePage:
    """Present one article."""
    article = view.article
    date = _date(article)
    dated = article.published or article.year
    source_url = safe_url(article.url)
    foreign = article.language not in ("", "et")
    return ArticlePage(
        state=state,
        plain_title=article.title,
        title=segments(article.title, view.title_marks),
        language=article.language,
        foreign_language=localisation.language_name(article.language) if foreign else None,
        date=localisation.date(date) if date else None,
        iso_date=date.iso if date else None,
        date_origin=_origin(dated, localisation) if dated else None,
        source_url=source_url,
        source_host=source_url.split("/")[2].removeprefix("www.") if source_url else None,
        paragraphs=tuple(segments(each.text, each.marks) for each in view.paragraphs),
        facets=tuple(_facet(facet, view, state, localisation) for facet in FACETS),
    )


def safe_url(url: str | None) -> str | None:
    """``url`` if it is a web address: a source may hold anything, ``javascript:`` too."""
    if url and url.lower().startswith(("http://", "https://")):
        return url
    return None


def _date(article: Article) -> PartialDate | None:
    if article.published is not None:
        return article.published.value
    return PartialDate(article.year.value) if article.year is not None else None


def _origin(extracted: Extracted[Any], localisation: Localisation) -> str:
    """Where a value is from: the source, or the place of its best evidence."""
    if extracted.origin == "given":
        return localisation.gettext("given by the source")
    part = extracted.evidence[0].part if extracted.evidence else "body"
    if part == "url":
        return localisation.gettext("found in the address")
    if part == "path":
        return localisation.gettext("found in the file name")
    return localisation.gettext("found in the text")


def _facet(
    facet: FacetName, view: ArticleView, state: SearchState, localisation: Localisation
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
            _value(each, origins.get(each.value, ""), state)
            for each in view.values
            if each.facet == facet
        ),
        missing=missing[facet],
    )


def _value(view: ValueView, origin: str, state: SearchState) -> FoundValue:
    evidence = [segments(each.text, each.marks) for each in view.evidence]
    return FoundValue(
        label=view.label,
        url=state.only(view.facet, view.value).url,
        origin=origin,
        area=area(view.value, view.label) if view.facet == "focus" else None,
        evidence=tuple(evidence[:1]),
        more=tuple(evidence[1:]),
    )
