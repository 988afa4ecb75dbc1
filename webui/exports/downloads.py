"""Downloads: citation of one article, and lists of articles as files."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, stream_with_context
from werkzeug.wsgi import FileWrapper

from search.errors import ArticleNotFound
from search.results import Hit, Results
from webui.components import article_date, safe_url, shown_date
from webui.context import absolute, localisation, site, state
from webui.exports.citations import FORMATS, Citation, bibtex, csl, ris
from webui.exports.spreadsheets import XLSX, Column, article_columns, csv_lines, workbook
from webui.localisation import Localisation
from webui.pages.main_pages import article as article_page

#: Most articles of a file, and articles fetched at a time.
MOST_HITS = 10_000
FETCHED_AT_ONCE = 500
#: Bytes of a workbook sent at a time.
PIECE = 1 << 16
#: Fields of each article in JSON.
FIELDS = (
    "id", "title", "url", "published", "year", "language", "focus_areas", "organisations",
    "duplicates", "source",
)  # fmt: skip

downloads = Blueprint("downloads", __name__)


@downloads.get('/article/<path:article_id>.<any(bib, ris, "csl.json"):form>')
def citation(article_id: str, form: str) -> str | Response:
    """Route of the citation of one article as a file."""
    try:
        # An id may itself have this ending; then the URL is that of its page.
        site().service.article(f"{article_id}.{form}")
    except ArticleNotFound:
        found = site().service.article(article_id).article
        written = FORMATS[form]
        url = safe_url(found.url) or own_address()(found.id)
        cited = Citation(found.id, found.title, url, article_date(found), found.language)
        return file_response(written.write(cited), written.mimetype, f"artikkel.{form}")
    return article_page(f"{article_id}.{form}")


@downloads.get('/export.<any(xlsx, csv, bib, ris, "csl.json", json):form>')
def export(form: str) -> Response:
    """Route of the results of a search as a file.

    Hits found by meaning alone are included only if the URL asks for them.
    """
    asked, here = state(), localisation()
    by_meaning = asked.meaning is True
    request = replace(asked.request, page=1, page_size=FETCHED_AT_ONCE, meaning=by_meaning)

    def fetch(page: int) -> Results:
        return site().service.search(replace(request, page=page), here.language, facets=())

    first = fetch(1)  # errors are raised before anything is sent
    listed = ArticleList(
        hits=found_hits(first, fetch),
        query=first.request.query,
        searched=first.searched,
        total=first.total + first.near,
        address=absolute(asked.as_asked().url),
    )
    return list_response(form, listed, here, "klastriotsing")


def found_hits(first: Results, fetch: Callable[[int], Results]) -> Iterator[Hit]:
    """Yields the hits from page ``first`` on: full matches, and hits by meaning alone.

    Without full matches it also yields partial ones.
    """
    results, given = first, 0
    most = min(first.total + first.near if first.total else MOST_HITS, MOST_HITS)
    while True:
        for hit in results.hits:
            if given == most:
                return
            if hit.full or hit.is_near or not first.total:
                given += 1
                yield hit
        if given == most or results.page >= first.pages:
            return
        results = fetch(results.page + 1)


@dataclass(frozen=True, slots=True)
class ArticleList:
    """A list of articles to be written to a file, and its origin.

    ``query`` and ``searched`` are those of the search that found them, empty if a reader chose
    them; ``address`` is the absolute URL of the list.
    """

    hits: Iterable[Hit]
    query: str
    searched: str
    total: int
    address: str


@dataclass(frozen=True, slots=True)
class Export:
    """An export format: its media type and its writer."""

    mimetype: str
    write: Callable[[ArticleList, Localisation], Iterator[str] | Iterator[bytes]]


def list_response(form: str, listed: ArticleList, here: Localisation, name: str) -> Response:
    """Response with ``listed`` as a file in the format of the ending ``form``."""
    kind = EXPORTS[form]
    pieces = stream_with_context(kind.write(listed, here))
    return file_response(pieces, kind.mimetype, f"{name}.{form}")


def _xlsx(listed: ArticleList, here: Localisation) -> Iterator[bytes]:
    about: list[tuple[str, str | int]] = [
        (here.gettext("Query"), listed.query),
        (here.gettext("Articles found"), listed.total),
        (here.gettext("Articles in this file, at most"), MOST_HITS),
        (here.gettext("Address"), listed.address),
    ]
    return FileWrapper(workbook(_columns(here), listed.hits, about, here), PIECE)


def _csv(listed: ArticleList, here: Localisation) -> Iterator[str]:
    return csv_lines(_columns(here), listed.hits)


def _columns(here: Localisation) -> tuple[Column, ...]:
    service = site().service
    return article_columns(
        here, lambda area: service.area_label(area, here.language), own_address()
    )


def own_address() -> Callable[[str], str]:
    """Function that returns the absolute URL of an article's page by its id."""
    bare = state().bare()
    return lambda article_id: absolute(bare.article_url(article_id))


def _json(listed: ArticleList, here: Localisation) -> Iterator[str]:
    del here
    head = {"query": listed.query, "searched": listed.searched, "total": listed.total}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "hits": ['
    for number, hit in enumerate(listed.hits):
        yield (",\n" if number else "\n") + json.dumps(_fields(hit), ensure_ascii=False)
    yield "\n]}\n"


def _bib(listed: ArticleList, here: Localisation) -> Iterator[str]:
    del here
    for each in _citations(listed):
        yield bibtex(each) + "\n"


def _ris(listed: ArticleList, here: Localisation) -> Iterator[str]:
    del here
    yield from map(ris, _citations(listed))


def _csl(listed: ArticleList, here: Localisation) -> Iterator[str]:
    del here
    yield "["
    for number, each in enumerate(_citations(listed)):
        yield (",\n" if number else "\n") + json.dumps(csl(each), ensure_ascii=False)
    yield "\n]\n"


#: Export formats by the ending of the URL.
EXPORTS: Mapping[str, Export] = {
    "xlsx": Export(XLSX, _xlsx),
    "csv": Export("text/csv", _csv),
    "bib": Export(FORMATS["bib"].mimetype, _bib),
    "ris": Export(FORMATS["ris"].mimetype, _ris),
    "csl.json": Export(FORMATS["csl.json"].mimetype, _csl),
    "json": Export("application/json", _json),
}


def _fields(hit: Hit) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(hit, name) for name in FIELDS}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in row.items()}


def _citations(listed: ArticleList) -> Iterator[Citation]:
    address = own_address()
    for hit in listed.hits:
        date = shown_date(hit.published, hit.year)
        url = safe_url(hit.url) or address(hit.id)
        yield Citation(hit.id, hit.title, url, date, hit.language)


def file_response(
    content: str | Iterator[str] | Iterator[bytes], mimetype: str, name: str
) -> Response:
    """Response with ``content`` as an attachment called ``name``."""
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
