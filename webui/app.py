"""Flask application factory: blueprints, security headers, URL prefix and proxy middleware."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import redirect

from search.configuration import Configuration
from search.service import SearchService
from webui.addresses.short_links import short_links
from webui.api import api
from webui.context import EXTENSION, SiteContext, localisation, site
from webui.entities.comparison import comparison
from webui.entities.entity_api import entity_api
from webui.entities.entity_pages import entities
from webui.entities.overviews import overviews
from webui.exports.collection import collection
from webui.exports.discovery import discovery
from webui.exports.downloads import downloads
from webui.exports.feed import feed
from webui.operating.admin import AdminContext, admin
from webui.operating.metrics import Metrics
from webui.operating.mistakes import mistakes
from webui.pages.about import about
from webui.pages.alert_pages import AlertPages
from webui.pages.embed import embed
from webui.pages.error_pages import register_errors
from webui.pages.main_pages import completions, pages
from webui.serving.compression import StaticArchive, compress, vary_by
from webui.serving.request_log import add_request_log
from webui.serving.validators import add_validators, program_stamp

MAX_BODY = 16 * 1024
STATIC_SECONDS = 365 * 24 * 60 * 60
_DAY = 24 * 60 * 60
#: Blueprints whose pages contain an e-mail address or a token: neither cached nor compressed.
PRIVATE_BLUEPRINTS = frozenset({"alert_pages"})
#: Host names that the operator's listener accepts: in DNS rebinding, a page of another site sends
#: the name of that site, which resolves to this machine.
LOOPBACK_NAMES = ["localhost", "127.0.0.1"]
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Queries are private, so other sites get no referrer.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def utc_clock() -> datetime:
    """The current time."""
    return datetime.now(UTC)


def create_app(
    service: SearchService,
    configuration: Configuration,
    metrics: Metrics | None = None,
    clock: Callable[[], datetime] = utc_clock,
) -> Flask:
    """Creates the web UI over ``service``; ``metrics`` counts its answers.

    “This year” is that of ``clock``, in the time zone of this machine.
    """
    app = _app(service, configuration, metrics or Metrics(keeps_queries=False), clock)
    app.register_blueprint(overviews)
    app.register_blueprint(entities)
    app.register_blueprint(entity_api)
    app.register_blueprint(comparison)
    app.register_blueprint(mistakes)
    app.register_blueprint(about)
    app.register_blueprint(pages)
    app.register_blueprint(api)
    app.register_blueprint(completions)
    app.register_blueprint(discovery)
    app.register_blueprint(downloads)
    app.register_blueprint(feed)
    app.register_blueprint(AlertPages(clock).blueprint())
    app.register_blueprint(short_links)
    app.register_blueprint(collection)
    app.register_blueprint(embed)
    if configuration.prefix.strip("/"):
        prefix = "/" + configuration.prefix.strip("/")
        app.wsgi_app = _below(prefix, app.wsgi_app)  # type: ignore[method-assign, assignment]
    if configuration.trusted_proxies:
        count = configuration.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
    app.after_request(_keep_private)
    return app


def create_admin_app(
    service: SearchService, configuration: Configuration, metrics: Metrics, context: AdminContext
) -> Flask:
    """Creates the operator's application over ``service`` and ``metrics``."""
    app = _app(service, configuration, metrics, utc_clock)
    app.config["TRUSTED_HOSTS"] = LOOPBACK_NAMES
    context.join(app)
    app.register_blueprint(admin)
    return app


def _app(
    service: SearchService,
    configuration: Configuration,
    metrics: Metrics,
    clock: Callable[[], datetime],
) -> Flask:
    """A Flask application with the settings, error handlers and headers common to all."""

    def today() -> date:
        return clock().astimezone().date()

    app = _Application(__name__)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, MAX_FORM_MEMORY_SIZE=MAX_BODY)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    # The id of an article is a path, in which repeated slashes are significant.
    app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = SiteContext.of(service, configuration, _stamp(app), metrics, today)
    register_errors(app)
    _pin_generation(app, service)
    # They run in reverse order: ETags are set before compression, and logging comes last. The
    # common headers are added late, because looking up a header searches all.
    if configuration.log != "plain":
        with_clients = configuration.log == "json-with-clients"
        trusted = configuration.trusted_proxies > 0
        add_request_log(app, with_clients=with_clients, trusted=trusted)
    app.after_request(_add_headers)
    app.after_request(_compressing())
    stamp = program_stamp(configuration)
    add_validators(app, service, lambda: localisation().language, stamp, today)
    return app


def _pin_generation(app: Flask, service: SearchService) -> None:
    """Pins each request to one generation, even if another one goes live meanwhile."""

    @app.before_request
    def pin() -> None:
        pinned = service.pinned()
        pinned.__enter__()
        g.pinned = pinned

    @app.teardown_request
    def unpin(_: BaseException | None) -> None:
        if "pinned" in g:
            g.pop("pinned").__exit__(None, None, None)


class _Application(Flask):
    """Flask application that logs no URLs, which contain words of visitors."""

    def log_exception(self, exc_info: Any) -> None:
        self.logger.error("Unexpected error", exc_info=exc_info)


def _compressing() -> Callable[[Response], Response]:
    archive = StaticArchive()

    def run(response: Response) -> Response:
        compress(response, request, archive if request.endpoint == "static" else None)
        return response

    return run


def _stamp(app: Flask) -> str:
    """Cache-busting stamp of the static files."""
    digest = hashlib.sha256()
    for file in sorted(Path(app.static_folder or "").iterdir()):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _keep_private(response: Response) -> Response:
    if request.blueprint in PRIVATE_BLUEPRINTS:
        response.headers["Cache-Control"] = "no-store"
    return response


def _add_headers(response: Response) -> Response:
    if "Content-Security-Policy" not in response.headers:
        # For old browsers instead of frame-ancestors; it cannot list the sites of /embed.
        response.headers["X-Frame-Options"] = "DENY"
    said = {name.lower() for name, _ in response.headers}
    response.headers.extend(
        (name, value) for name, value in SECURITY_HEADERS.items() if name.lower() not in said
    )
    days = site().configuration.hsts_days
    if days and request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={days * _DAY}"
    if request.endpoint == "static" and response.status_code < 400:
        response.cache_control.no_cache = None
        response.cache_control.public = True
        # Only the URL with the present stamp always has this content.
        if request.args.get("v") == site().assets:
            response.cache_control.max_age = STATIC_SECONDS
            response.cache_control.immutable = True
        return response
    # Cached, but revalidated each time. A header of the page itself, such as ``no-store``, stays.
    response.headers.setdefault("Cache-Control", "no-cache")
    vary_by(response, "Accept-Language", "Cookie")
    return response


def _below(prefix: str, inner: WSGIApplication) -> WSGIApplication:
    """WSGI middleware: serves ``inner`` under ``prefix``, whether or not a proxy strips it."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix:
            asked = environ.get("QUERY_STRING", "")
            address = f"{prefix}/?{asked}" if asked else f"{prefix}/"
            return redirect(address, 308)(environ, start_response)
        environ["SCRIPT_NAME"] = prefix
        if path.startswith(prefix + "/"):
            environ["PATH_INFO"] = path[len(prefix) :]
        return inner(environ, start_response)

    return serve
