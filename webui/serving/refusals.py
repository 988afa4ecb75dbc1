"""Prerendered answers to requests that are refused (413, 429, 431, 503)."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_cookie

from webui.addresses.preferences import PREFERENCES_COOKIE, Preferences
from webui.components import segments
from webui.context import localisation, rendered, site
from webui.localisation import Localisation, choose_language
from webui.pages.error_pages import ErrorPage

#: Retry-After of a refusal under overload, in seconds.
RETRY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Refusal:
    """A finished answer to a refused request; ``reason`` is its name in metrics and logs."""

    status: HTTPStatus
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def to_response(self, _ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status line, headers and body; the interface of waitress's errors."""
        return f"{self.status.value} {self.status.phrase}", list(self.headers), self.body


class RefusalPages:
    """Prerendered answers to refused requests, so that they cost nothing under overload."""

    def __init__(self, app: Flask, prefix: str, headers: Mapping[str, str]) -> None:
        self._prefix = prefix
        self._headers = tuple(headers.items())
        self._pages: dict[tuple[HTTPStatus, str], bytes] = {}
        self._texts: dict[tuple[HTTPStatus, str], bytes] = {}
        with app.app_context():
            self._languages = site().languages
        for language in self._languages:
            around = {"SCRIPT_NAME": prefix}
            asking = {"Accept-Language": language}
            with app.test_request_context("/", environ_overrides=around, headers=asking):
                for status, (title, message) in _wordings(localisation()).items():
                    page = ErrorPage(status.value, title, segments(message, ()), typed="")
                    text = rendered("error.html", page=page, state=None)
                    self._pages[status, language] = text.encode()
                    error = {"code": _code(status), "message": message}
                    body = json.dumps({"error": error}, ensure_ascii=False)
                    self._texts[status, language] = f"{body}\n".encode()

    def refusal(
        self, status: int, path: str, headers: Mapping[str, str], seconds: float = 0.0
    ) -> Refusal:
        """The answer to a request for ``path``; ``headers`` have the keys of waitress.

        ``seconds`` is Retry-After, 0 if a retry would not help.
        """
        known = HTTPStatus(status)
        if (known, self._languages[0]) not in self._pages:
            known = HTTPStatus.BAD_REQUEST
        below = self._below(path)
        is_api = below.startswith("/api/") or below == "/healthz"
        found = self._texts if is_api else self._pages
        kind = "application/json" if is_api else "text/html; charset=utf-8"
        more = [("Content-Type", kind), ("Cache-Control", "no-store")]
        if seconds > 0:
            more.append(("Retry-After", str(math.ceil(seconds))))
        body = found[known, self._language(headers)]
        return Refusal(known, _code(known), (*self._headers, *more), body)

    def is_static(self, path: str) -> bool:
        """True for the URL of a static file."""
        return self._below(path).startswith("/static/")

    def _below(self, path: str) -> str:
        return path.removeprefix(self._prefix)

    def _language(self, headers: Mapping[str, str]) -> str:
        cookie = parse_cookie(headers.get("COOKIE")).get(PREFERENCES_COOKIE, "")
        accept = parse_accept_header(headers.get("ACCEPT_LANGUAGE"), LanguageAccept)
        return choose_language(None, Preferences.read(cookie).language, accept, self._languages)


def _code(status: HTTPStatus) -> str:
    return {
        HTTPStatus.SERVICE_UNAVAILABLE: "overloaded",
        HTTPStatus.TOO_MANY_REQUESTS: "too-many-requests",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "request-too-large",
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "headers-too-large",
    }.get(status, "bad-request")


def _wordings(here: Localisation) -> dict[HTTPStatus, tuple[str, str]]:
    """Titles and messages of all refusals."""
    cannot = here.gettext("This cannot be done")
    return {
        HTTPStatus.SERVICE_UNAVAILABLE: (
            here.gettext("Too many people are searching right now"),
            here.gettext("Please try again in a few seconds. Your question was not lost: reload."),
        ),
        HTTPStatus.TOO_MANY_REQUESTS: (
            here.gettext("Too many requests from your address"),
            here.gettext("Please wait a moment before you ask again."),
        ),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
            cannot,
            here.gettext("What was sent is too large; nothing here takes that much."),
        ),
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
            cannot,
            here.gettext("The address is too long. Search for less, or choose fewer values."),
        ),
        HTTPStatus.BAD_REQUEST: (
            here.gettext("This cannot be searched"),
            here.gettext("The request cannot be understood") + ".",
        ),
    }
