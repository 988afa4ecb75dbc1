"""Composes the e-mails of alerts: the request to confirm (double opt-in), and the new articles.

Each has a plain text and simple HTML, without pictures and without tracking.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from html import escape
from urllib.parse import quote, quote_plus, urlsplit

from search.alerts.alert_store import Alert
from search.alerts.saved_search import SavedSearch, title_of
from search.alerts.signed_links import LinkSigner, Purpose
from search.article import PartialDate
from search.i18n import Translator, translator
from search.i18n.formats import written_date
from search.normalisation import clean_line
from search.results import Hit, News, Snippet

#: Maximum of articles listed in one e-mail; a link leads to the others.
MOST_ARTICLES = 25
#: Paths of the links in e-mails, below the address of the site.
PATHS: dict[Purpose, str] = {
    "confirm": "tellimus/kinnita/",
    "stop": "tellimus/lopeta/",
    "forget": "tellimus/kustuta/",
}
_LONGEST_TITLE = 80
_LONGEST_QUERY = 200
_MOST_SNIPPETS = 2
# Queries that could advertise something to a third person, and are not repeated to them.
_ADVERTISED = re.compile(r"://|@|\bwww\b|[^\W\d_]\.[^\W\d_]{2}|\d{5}", re.IGNORECASE)


class _UnfoldedHeader(UnstructuredHeader, BaseHeader):
    """A header that is neither folded nor encoded, as links in it would break."""

    max_count = 1

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _headers() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("list-unsubscribe", "list-unsubscribe-post", "list-id", "message-id"):
        registry.map_to_type(name, _UnfoldedHeader)
    return registry


@dataclass(frozen=True, slots=True)
class Piece:
    """One article in an e-mail; ``origin`` is its site and date."""

    title: str
    url: str
    origin: str
    language: str
    snippets: tuple[Snippet, ...]


class AlertEmailWriter:
    """Writes e-mails of the site ``site_name`` at ``root``, its public address with a slash.

    ``sender`` is a name, which may be empty, and an address; ``area_label`` gives the label of a
    focus area in a language.
    """

    def __init__(
        self,
        site_name: str,
        root: str,
        sender: tuple[str, str],
        signer: LinkSigner,
        area_label: Callable[[str, str], str],
    ) -> None:
        self._site_name = clean_line(site_name)
        self._root = root
        self._sender = sender
        self._signer = signer
        self._area_label = area_label
        self._host = urlsplit(root).hostname or "localhost"
        self._policy = SMTP.clone(header_factory=_headers())

    def confirmation(self, alert: Alert, search: SavedSearch, now: datetime) -> EmailMessage:
        """The e-mail that asks to confirm ``alert``."""
        texts = translator(search.language)
        title = self._title(search, texts)
        if _ADVERTISED.search(title):
            title = ""
        subject = texts.gettext("Please confirm: alert from {site}", site=self._site_name)
        if title:
            subject = texts.gettext("Please confirm: {search}", search=title)
            what = texts.gettext(
                "Somebody, hopefully you, has asked {site} to send new articles for “{search}” "
                "to this address.",
                search=title,
                site=self._site_name,
            )
        else:
            what = texts.gettext(
                "Somebody, hopefully you, has asked {site} to send new articles to this address.",
                site=self._site_name,
            )
        often = _often(search, texts)
        button = texts.gettext("Confirm the alert")
        confirm = self._link("confirm", alert, search)
        until = texts.gettext("The link is good for three days.")
        unless = texts.gettext(
            "If it was not you, you need not do anything: without a confirmation no more e-mails "
            "come, and this address is deleted after three days. To delete it at once:"
        )
        forget = self._link("forget", alert, search)
        plain = f"{what} {often}\n\n{button}:\n{confirm}\n\n{until}\n\n{unless}\n{forget}\n"
        html = (
            f"<p>{escape(what)} {escape(often)}</p>\n"
            f'<p><a href="{escape(confirm)}"><strong>{escape(button)}</strong></a></p>\n'
            f"<p>{escape(until)}</p>\n"
            f'<p>{escape(unless)} <a href="{escape(forget)}">'
            f"{escape(texts.gettext('Delete my address'))}</a></p>\n"
        )
        email = self._email(alert, subject, now, f"{alert.ordered}")
        return _filled(email, plain, _page(subject, html, search.language), search.language)

    def news(self, alert: Alert, search: SavedSearch, news: News, now: datetime) -> EmailMessage:
        """The e-mail with the ``news`` of ``alert``."""
        texts = translator(search.language)
        title = self._title(search, texts)
        subject = texts.ngettext(
            "{count} new article: {search}",
            "{count} new articles: {search}",
            news.total,
            search=title,
        )
        pieces = [self._piece(each, search) for each in news.hits]
        results = f"{self._root}?{search.parameters}" if search.parameters else self._root
        more = ""
        if news.total > len(pieces):
            more = texts.ngettext(
                "{count} more new article is among the results",
                "{count} more new articles are among the results",
                news.total - len(pieces),
            )
        why = texts.gettext(
            "You have asked {site} for alerts for this search.", site=self._site_name
        )
        links = (
            (texts.gettext("See all results"), results),
            (texts.gettext("Stop this alert"), self._link("stop", alert, search)),
            (texts.gettext("Delete my address"), self._link("forget", alert, search)),
        )
        often = _often(search, texts)
        plain = _plain(subject, pieces, more, results, (f"{why} {often}", links))
        html = _html(subject, pieces, more, results, (f"{why} {often}", links))
        email = self._email(alert, subject, now, str(alert.serial))
        # RFC 2369 and 8058: unsubscribing with one click in the mail program.
        email["List-Unsubscribe"] = f"<{self._link('stop', alert, search)}>"
        email["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        email["List-Id"] = f"<alerts.{self._host}>"
        return _filled(email, plain, _page(subject, html, search.language), search.language)

    def _email(self, alert: Alert, subject: str, now: datetime, occasion: str) -> EmailMessage:
        email = EmailMessage(policy=self._policy)
        name, sender = self._sender
        email["From"] = Address(clean_line(name), addr_spec=sender)
        email["To"] = Address(addr_spec=alert.address)
        email["Subject"] = subject
        email["Date"] = format_datetime(now)
        # The same at each attempt, so that mail programs recognise a duplicate.
        own = hashlib.sha256(f"{alert.handle} {occasion}".encode()).hexdigest()[:32]
        email["Message-ID"] = f"<{own}@{sender.rpartition('@')[2]}>"
        # RFC 3834: asks for no automatic replies.
        email["Auto-Submitted"] = "auto-generated"
        email["Precedence"] = "bulk"
        email["X-Auto-Response-Suppress"] = "All"
        return email

    def _title(self, search: SavedSearch, texts: Translator) -> str:
        def label(area: str) -> str:
            return self._area_label(area, search.language)

        title = clean_line(title_of(search.request, label, texts))
        return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1].rstrip()}…"

    def _link(self, purpose: Purpose, alert: Alert, search: SavedSearch) -> str:
        token = self._signer.token(purpose, alert.handle)
        return f"{self._root}{PATHS[purpose]}{token}?lang={search.language}"

    def _piece(self, hit: Hit, search: SavedSearch) -> Piece:
        query = search.request.query
        asked = f"q={quote_plus(query)}&" if query and len(query) <= _LONGEST_QUERY else ""
        url = f"{self._root}article/{quote(hit.id, safe='/')}?{asked}lang={search.language}"
        return Piece(
            clean_line(hit.title), url, _origin(hit, search.language), hit.language,
            hit.snippets[:_MOST_SNIPPETS],
        )  # fmt: skip


def _often(search: SavedSearch, texts: Translator) -> str:
    if search.frequency == "weekly":
        return texts.gettext("An e-mail comes once a week at most, and only if something is new.")
    return texts.gettext("An e-mail comes once a day at most, and only if something is new.")


def _origin(hit: Hit, language: str) -> str:
    """“rmel.ee · 2. detsember 2016”, as far as it is known."""
    host = (urlsplit(hit.url).hostname or "") if hit.url and hit.url.isprintable() else ""
    date = PartialDate.from_iso(hit.published) if hit.published else None
    if date is None and hit.year is not None:
        date = PartialDate(hit.year)
    pieces = (host.removeprefix("www."), written_date(date, language) if date else "")
    return " · ".join(filter(None, pieces))


_Footer = tuple[str, Sequence[tuple[str, str]]]


def _plain(subject: str, pieces: Sequence[Piece], more: str, results: str, footer: _Footer) -> str:
    blocks = [subject]
    for each in pieces:
        snippets = " ".join(clean_line(snippet.text) for snippet in each.snippets)
        blocks.append("\n".join(filter(None, (each.title, each.origin, snippets, each.url))))
    if more:
        blocks.append(f"{more}:\n{results}")
    why, links = footer
    addresses = "\n".join(f"{label}: {url}" for label, url in links)
    blocks.append(f"-- \n{why}\n{addresses}")
    return "\n\n".join(blocks) + "\n"


def _html(subject: str, pieces: Sequence[Piece], more: str, results: str, footer: _Footer) -> str:
    blocks = [
        f'<h1 style="font-size:1.35em;line-height:1.25;margin:0 0 1em">{escape(subject)}</h1>'
    ]
    for each in pieces:
        language = f' lang="{escape(each.language)}"' if each.language else ""
        snippets = " ".join(_marked(snippet) for snippet in each.snippets)
        blocks.append(
            '<div style="border-top:1px solid #c3c7ce;padding:.8em 0">\n'
            f'<p style="margin:0;font-size:.875em;opacity:.75">{escape(each.origin)}</p>\n'
            f'<h2 style="font-size:1.1em;line-height:1.3;margin:.15em 0"{language}>'
            f'<a href="{escape(each.url)}">{escape(each.title)}</a></h2>\n'
            f'<p style="margin:.2em 0 0"{language}>{snippets}</p>\n</div>'
        )
    if more:
        blocks.append(f'<p><a href="{escape(results)}">{escape(more)}</a></p>')
    why, links = footer
    anchors = " · ".join(f'<a href="{escape(url)}">{escape(label)}</a>' for label, url in links)
    blocks.append(
        '<p style="border-top:1px solid #c3c7ce;padding-top:.8em;font-size:.875em">'
        f"{escape(why)}<br>\n{anchors}</p>"
    )
    return "\n".join(blocks)


def _marked(snippet: Snippet) -> str:
    """A snippet with its highlights in bold."""
    pieces, at = [], 0
    for mark in snippet.marks:
        word = escape(snippet.text[mark.start : mark.end])
        pieces += [escape(snippet.text[at : mark.start]), f"<b>{word}</b>"]
        at = mark.end
    return "".join((*pieces, escape(snippet.text[at:])))


def _page(title: str, body: str, language: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title)}</title></head>\n'
        '<body style="margin:0;padding:1.25em;font:1em/1.5 sans-serif">\n'
        f'<div style="max-width:38em;margin:0 auto">\n{body}\n</div>\n</body>\n</html>\n'
    )


def _filled(email: EmailMessage, plain: str, html: str, language: str) -> EmailMessage:
    email.set_content(plain, cte="quoted-printable")
    email.add_alternative(html, subtype="html", cte="quoted-printable")
    email["Content-Language"] = language
    return email
