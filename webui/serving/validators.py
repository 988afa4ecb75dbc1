"""Cache validators: weak ETags of pages, and 304 Not Modified.

The ETag of a page is a digest of everything that it depends on, so that an unchanged page is not
rendered: program, configuration, generation and synonyms, URL, language, cookies and day. The ETag
of other answers is a digest of their content.
"""

import datetime
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from flask import Flask, Request, Response, g, request

from search.configuration import Configuration
from search.errors import KlastriError
from search.service import SearchService
from webui.serving.compression import is_not_stored

#: Blueprints whose pages depend only on the facts in their ETags.
TAGGED_BLUEPRINTS = frozenset({"pages", "overviews"})
TAGGED_ENDPOINTS = frozenset(
    {"api.search", "api.article", "api.suggest", "completions.suggestions"}
)
_SAFE = ("GET", "HEAD")
_TAG_BYTES = 12
_PACKAGES = ("search", "webui")


def program_stamp(configuration: Configuration) -> str:
    """Digest of the program, its settings and the files named in them."""
    root = Path(__file__).parent.parent.parent
    files = [each for name in _PACKAGES for each in (root / name).rglob("*") if each.is_file()]
    named = (configuration.taxonomy, configuration.gazetteer, configuration.synonyms)
    files += [each for each in named if each is not None and each.is_file()]
    seen = ((each, each.stat()) for each in sorted(files) if each.suffix != ".pyc")
    facts = [f"{path} {known.st_size} {known.st_mtime_ns}" for path, known in seen]
    return _digest([repr(configuration), *facts])


def add_validators(
    app: Flask,
    service: SearchService,
    language: Callable[[], str],
    stamp: str,
    today: Callable[[], datetime.date],
) -> None:
    """Answers conditional requests to ``app`` for pages of ``service`` with 304.

    ``language`` is the visitor's; ``stamp`` is that of the program.
    """

    def current_stamp() -> str | None:
        """Stamp of the index for the requested page; None if it cannot have an ETag."""
        if request.method not in _SAFE or not _is_tagged(request):
            return None
        try:
            return service.answer_stamp()
        except KlastriError:
            return None

    def tag(index_stamp: str) -> str:
        facts = (
            stamp,
            index_stamp,
            language(),
            today().isoformat(),
            request.scheme,
            request.host,
            request.script_root,
            request.path,
            request.query_string,
            request.headers.get("Cookie", ""),
        )
        return _digest(facts)

    @app.before_request
    def answer_unchanged() -> Response | None:
        g.index_stamp = current_stamp()
        g.tag = None if g.index_stamp is None else tag(g.index_stamp)
        if g.tag is None or not request.if_none_match.contains_weak(g.tag):
            return None
        response = Response(status=304)
        response.set_etag(g.tag, weak=True)
        return response

    @app.after_request
    def add_tag(response: Response) -> Response:
        if request.method not in _SAFE or response.status_code != 200 or _is_private(response):
            return response
        known = g.get("tag")
        # Synonyms or the live generation may have changed while it was rendered.
        if known is not None and g.index_stamp == current_stamp():
            response.set_etag(known, weak=True)
        elif known is None and not response.is_streamed and not response.direct_passthrough:
            response.set_etag(_digest([response.get_data()]), weak=True)
            response.make_conditional(request)
        return response


def _is_tagged(asked: Request) -> bool:
    return asked.blueprint in TAGGED_BLUEPRINTS or asked.endpoint in TAGGED_ENDPOINTS


def _is_private(response: Response) -> bool:
    return is_not_stored(response) or "ETag" in response.headers


def _digest(facts: Iterable[str | bytes]) -> str:
    digest = hashlib.blake2b(digest_size=_TAG_BYTES)
    for each in facts:
        digest.update(each if isinstance(each, bytes) else each.encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()
