"""Page of chosen articles, given by codes in the URL: to export, print, mail and share.

The choice is stored only in the browser; the server gets it in the URL.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from search.errors import BadRequest
from search.results import Hit
from webui.addresses.parameters import CHOSEN, CODE_MARK, EXPORT_NAMES, SearchState
from webui.addresses.short_codes import article_code, spelt_code
from webui.components import Link, one_line, safe_url, shown_date
from webui.context import absolute, localisation, rendered, site, state
from webui.exports.downloads import ArticleList, list_response
from webui.exports.sharing import SharedLink, shared_link
from webui.localisation import Localisation

#: Most articles that can be chosen; their page stays below 60 kB.
MOST_CHOSEN = 100
#: The parameter of the button that removes an article.
WITHOUT = "without"
#: Most characters of a ``mailto:`` URL that mail programs on Windows accept.
LONGEST_MAIL = 2_000
_APART = re.compile(r"[^0-9a-zA-Z]+")

collection = Blueprint("collection", __name__)


@dataclass(frozen=True, slots=True)
class ChosenArticle:
    """An article in the list; ``details`` are its source and areas, ``short_url`` is for print."""

    code: str
    url: str
    title: str
    language: str
    date: str | None
    details: str
    short_url: str


@dataclass(frozen=True, slots=True)
class CollectionPage:
    """View model of the page of chosen articles; ``unknown`` counts codes without an article.

    ``fields`` are the hidden fields of its form, whose buttons download its ``files``.
    """

    articles: tuple[ChosenArticle, ...]
    unknown: int
    fields: tuple[tuple[str, str], ...]
    files: tuple[Link, ...]
    mail_url: str
    link: SharedLink


@collection.get("/valitud")
def chosen_articles() -> str | BaseResponse:
    """Route of the page of the chosen articles, given in the URL."""
    here, start = localisation(), state().start()
    codes = _codes(request.args.getlist(CHOSEN))
    if WITHOUT in request.args:
        taken_out = request.args.getlist(WITHOUT)
        return redirect(start.collection_url([each for each in codes if each not in taken_out]))
    hits = _hits(codes)
    page = _page(hits, _unknown(codes, hits), start, here)
    languages = {each: start.in_language(each).collection_url(codes) for each in site().languages}
    return rendered("collection.html", page=page, state=start, languages=languages)


@collection.get('/valitud.<any(xlsx, csv, bib, ris, "csl.json", json):form>')
def chosen_file(form: str) -> Response:
    """Route of the chosen articles as a file."""
    codes = _codes(request.args.getlist(CHOSEN))
    hits = _hits(codes)
    address = absolute(state().bare().collection_url(codes))
    listed = ArticleList(hits, query="", searched="", total=len(hits), address=address)
    return list_response(form, listed, localisation(), "valitud-artiklid")


def _codes(values: Iterable[str]) -> tuple[str, ...]:
    """Parses the codes in a URL, each once, with any separators. Raises BadRequest."""
    found = (spelt_code(each) for value in values for each in _APART.split(value) if each)
    codes = tuple(dict.fromkeys(found))
    if len(codes) > MOST_CHOSEN:
        remedy = f"Choose at most {MOST_CHOSEN} articles"
        raise BadRequest(value=len(codes), name=CHOSEN, remedy=remedy)
    return codes


def _hits(codes: Sequence[str]) -> tuple[Hit, ...]:
    ids = [each for some in site().codes.ids(codes) for each in some]
    return site().service.articles(ids) if ids else ()


def _unknown(codes: Sequence[str], hits: Sequence[Hit]) -> int:
    return len(set(codes) - {article_code(each.id) for each in hits})


def _page(
    hits: Sequence[Hit], unknown: int, state: SearchState, here: Localisation
) -> CollectionPage:
    codes = [article_code(each.id) for each in hits]
    kept = [("lang", state.language)] if state.language else []
    return CollectionPage(
        articles=tuple(_article(each, state, here) for each in hits),
        unknown=unknown,
        fields=((CHOSEN, CODE_MARK.join(codes)), *kept),
        files=tuple(
            Link(name, f"{state.root}valitud.{form}") for form, name in EXPORT_NAMES.items()
        ),
        mail_url=_mail_url(hits, codes, state, here) if hits else "",
        link=shared_link(state.bare().collection_url(codes)),
    )


def _article(hit: Hit, state: SearchState, here: Localisation) -> ChosenArticle:
    date = shown_date(hit.published, hit.year)
    areas = site().areas
    labels = [areas.named(each, here.language).label for each in areas.narrowest(hit.focus_areas)]
    return ChosenArticle(
        code=article_code(hit.id),
        url=state.article_url(hit.id),
        title=hit.title,
        language=hit.language,
        date=here.date(date) if date else None,
        details=" · ".join([*([hit.source] if safe_url(hit.url) else []), *labels]),
        short_url=absolute(state.bare().short_article_url(hit.id)),
    )


def _mail_url(
    hits: Sequence[Hit], codes: Sequence[str], state: SearchState, here: Localisation
) -> str:
    """``mailto:`` URL of an e-mail with as many titles and links as fit, and a link to all."""
    bare = state.bare()
    subject = here.ngettext("{count} article", "{count} articles", len(hits))
    blocks = [absolute(bare.collection_url(codes))]
    for number, hit in enumerate(hits):
        date = shown_date(hit.published, hit.year)
        title = one_line(hit.title)
        heading = f"{title} ({here.date(date)})" if date else title
        block = f"{heading}\r\n{absolute(bare.short_article_url(hit.id))}"
        left = len(hits) - number
        more = here.ngettext("… and {count} more article", "… and {count} more articles", left)
        if len(_mailto(subject, [*blocks, block, more])) > LONGEST_MAIL:
            blocks.append(more)
            break
        blocks.append(block)
    return _mailto(subject, blocks)


def _mailto(subject: str, blocks: Iterable[str]) -> str:
    body = "\r\n\r\n".join(blocks)
    return f"mailto:?subject={quote(subject, safe='')}&body={quote(body, safe='')}"
