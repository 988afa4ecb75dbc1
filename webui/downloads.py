"""Downloads: citation of one article, export of results as CSV, JSON or BibTeX."""

import csv
import io
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, stream_with_context

from search.analysis.folding import fold
from search.article import Article, PartialDate
from search.errors import ArticleNotFound
from search.results import Hit, Results
from webui.components import host_of, safe_url
from webui.context import absolute, localisation, site, state
from webui.main_pages import article as article_page

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
_BABEL = {"et": "estonian", "en": "english", "ru": "russian", "fi": "finnish"}


@dataclass(frozen=True, slots=True)
class Citation:
    """Data of a citation: ``url`` is the original's address, else the article's page."""

    id: str
    title: str
    url: str
    published: PartialDate | None
    language: str

    @property
    def key(self) -> str:
        """Citation key valid in every program: the id, with a checksum where it had to change."""
        plain = re.sub(r"[^A-Za-z0-9./-]+", "-", fold(self.id)).strip("-")
        if plain == self.id:
            return plain
        return f"{plain}-{zlib.crc32(self.id.encode()):08x}".strip("-")

    @property
    def publisher(self) -> str:
        """Host of the site that published the article."""
        return host_of(self.url)


def bibtex(citation: Citation) -> str:
    """BibLaTeX entry; ``year`` and ``howpublished`` are for BibTeX."""
    date = citation.published
    fields = {
        "title": f"{{{_latex(citation.title)}}}",
        "date": date.iso if date else "",
        "year": str(date.year) if date else "",
        "organization": _latex(citation.publisher),
        # Within \url nothing may be escaped; only what would end the field has to be.
        "url": citation.url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C"),
        "langid": _BABEL.get(citation.language, ""),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{citation.key},", *lines, "}\n"])


def ris(citation: Citation) -> str:
    """RIS record, which most reference managers import."""
    date = citation.published
    whole = (date.year, date.month, date.day) if date else ()
    pieces = [f"{each:02d}" if each else "" for each in whole]
    fields = {
        "TY": "NEWS",
        "ID": citation.key,
        "TI": citation.title,
        "PY": str(date.year) if date else "",
        "DA": "/".join(pieces) + "/" if date else "",
        "T2": citation.publisher,
        "UR": citation.url,
        "LA": citation.language,
    }
    lines = [f"{name}  - {_line(value)}" for name, value in fields.items() if value]
    return "\r\n".join([*lines, "ER  - ", "", ""])


def csl(citation: Citation) -> dict[str, Any]:
    """CSL-JSON item."""
    date = citation.published
    parts = [each for each in (date.year, date.month, date.day) if each] if date else []
    item = {
        "id": citation.key,
        "type": "article-newspaper",
        "title": citation.title,
        "issued": {"date-parts": [parts]} if parts else None,
        "container-title": citation.publisher,
        "URL": citation.url,
        "language": citation.language,
    }
    return {name: value for name, value in item.items() if value}


@dataclass(frozen=True, slots=True)
class Format:
    """A citation format: its media type and writer."""

    mimetype: str
    write: Callable[[Citation], str]


def _csl_text(citation: Citation) -> str:
    return json.dumps([csl(citation)], ensure_ascii=False, indent=2) + "\n"


#: By the ending of the address.
FORMATS: Mapping[str, Format] = {
    "bib": Format("application/x-bibtex", bibtex),
    "ris": Format("application/x-research-info-systems", ris),
    "csl.json": Format("application/vnd.citationstyles.csl+json", _csl_text),
}


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in _line(text))


def _line(text: str) -> str:
    return " ".join(text.split())


#: So many articles are in a file at most, fetched so many at a time.
MOST_HITS = 10_000
FETCHED_AT_ONCE = 500
COLUMNS = (
    "id", "title", "url", "published", "year", "language", "focus_areas", "organisations",
    "duplicates", "source",
)  # fmt: skip

downloads = Blueprint("downloads", __name__)


@downloads.get('/article/<path:article_id>.<any(bib, ris, "csl.json"):form>')
def citation(article_id: str, form: str) -> str | Response:
    """Citation of one article as a file."""
    try:
        # An id may itself end so, and then its page has the address.
        site().service.article(f"{article_id}.{form}")
    except ArticleNotFound:
        found = site().service.article(article_id).article
        written = FORMATS[form]
        return _file(written.write(_citation_of(found)), written.mimetype, f"artikkel.{form}")
    return article_page(f"{article_id}.{form}")


@downloads.get("/export.<any(csv, json, bib):form>")
def export(form: str) -> Response:
    """Results of a search as a file; takes the parameters of the search."""
    request, language = replace(state().request, page=1, page_size=FETCHED_AT_ONCE), localisation()

    def fetch(page: int) -> Results:
        return site().service.search(replace(request, page=page), language.language)

    first = fetch(1)  # what is wrong is said before anything is sent
    kind = EXPORTS[form]
    pieces = kind.write(first, found_hits(first, fetch))
    return _file(stream_with_context(pieces), kind.mimetype, f"klastriotsing.{form}")


def found_hits(first: Results, fetch: Callable[[int], Results]) -> Iterator[Hit]:
    """Hits from number ``first`` on: full matches, or partial ones if there are none."""
    results, given = first, 0
    most = min(first.total or MOST_HITS, MOST_HITS)
    while True:
        for hit in results.hits:
            if given == most:
                return
            if hit.full or not first.total:
                given += 1
                yield hit
        if given == most or results.page >= first.pages:
            return
        results = fetch(results.page + 1)


@dataclass(frozen=True, slots=True)
class Export:
    """An export format: its media type and streaming writer."""

    mimetype: str
    write: Callable[[Results, Iterable[Hit]], Iterator[str]]


def _csv(results: Results, hits: Iterable[Hit]) -> Iterator[str]:
    del results
    yield "\ufeff"  # or spreadsheets take the letters for another encoding's
    yield _csv_line(COLUMNS)
    for hit in hits:
        yield _csv_line(_cell(value) for value in _row(hit).values())


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(value: Any) -> str:
    """``value`` escaped so that no spreadsheet takes it for a formula."""
    text = "; ".join(value) if isinstance(value, list) else str("" if value is None else value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _json(results: Results, hits: Iterable[Hit]) -> Iterator[str]:
    told = {"query": results.request.query, "searched": results.searched, "total": results.total}
    yield json.dumps(told, ensure_ascii=False)[:-1] + ', "hits": ['
    for number, hit in enumerate(hits):
        yield (",\n" if number else "\n") + json.dumps(_row(hit), ensure_ascii=False)
    yield "\n]}\n"


def _bib(results: Results, hits: Iterable[Hit]) -> Iterator[str]:
    del results
    for hit in hits:
        published = PartialDate.from_iso(hit.published) if hit.published else None
        cited = _citation(hit.id, hit.title, hit.url, published, hit.year, hit.language)
        yield bibtex(cited) + "\n"


EXPORTS: Mapping[str, Export] = {
    "csv": Export("text/csv", _csv),
    "json": Export("application/json", _json),
    "bib": Export("application/x-bibtex", _bib),
}


def _row(hit: Hit) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(hit, name) for name in COLUMNS}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in row.items()}


def _citation_of(article: Article) -> Citation:
    published = article.published.value if article.published else None
    year = article.year.value if article.year else None
    return _citation(article.id, article.title, article.url, published, year, article.language)


def _citation(
    article_id: str,
    title: str,
    url: str | None,
    published: PartialDate | None,
    year: int | None,
    language: str,
) -> Citation:
    own = absolute(state().bare().article_url(article_id))
    date = published or (PartialDate(year) if year is not None else None)
    return Citation(article_id, title, safe_url(url) or own, date, language)


def _file(text: str | Iterator[str], mimetype: str, name: str) -> Response:
    response = Response(text, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


#: Characters that mean something else to LaTeX.
