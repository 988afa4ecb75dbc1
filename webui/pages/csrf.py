"""Protection against cross-site request forgery (CSRF), by Sec-Fetch-Site and Origin."""

from urllib.parse import urljoin

from flask import request

from webui.context import site


def is_same_site_form() -> bool:
    """False for a form that was sent by another site."""
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from in ("same-origin", "none")
    # Without TLS, and in older browsers, there is only Origin; programs send neither.
    origin = request.headers.get("Origin")
    own = (request.host_url, site().configuration.base_url)
    return origin is None or origin in {urljoin(each, "/").rstrip("/") for each in own}
