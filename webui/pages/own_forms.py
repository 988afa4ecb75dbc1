"""Cross-site request forgery: tells forms of this site from those that another one has sent."""

from urllib.parse import urljoin

from flask import request

from webui.context import site


def is_own_form() -> bool:
    """False for a form that another site has sent in the visitor's name."""
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from in ("same-origin", "none")
    # Browsers that are asked without TLS, and older ones, say only this; programs say nothing.
    origin = request.headers.get("Origin")
    own = (request.host_url, site().configuration.base_url)
    return origin is None or origin in {urljoin(each, "/").rstrip("/") for each in own}
