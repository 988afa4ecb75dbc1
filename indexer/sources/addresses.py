"""Normalises web addresses, and derives permanent ids of articles from them."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

#: Tracking parameters: where a visitor came from, not which page it is.
_TRACKING = re.compile(
    r"(?:utm|mtm|pk|hsa)_\w+|_hs\w+|_g[al]|fbclid|[gdw]clid|g?w?braid|msclkid|yclid|twclid|mc_[ce]id|"
    r"igshid|ref_src|replytocom|share",
    re.IGNORECASE,
)
_STANDARD_PORTS = {"http": 80, "https": 443}


def clean_address(url: str) -> str:
    """Removes tracking parameters and fragment from ``url``; empty if it is no web address."""
    try:
        parts = urlsplit(url.strip())
        is_address = parts.scheme.lower() in _STANDARD_PORTS and bool(parts.hostname)
    except ValueError:
        return ""
    if not is_address:
        return ""
    kept = [each for each in parts.query.split("&") if not _is_tracking(each)]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(kept), ""))


def absolute_address(link: str, base: str) -> str:
    """Resolves ``link`` against ``base``, and cleans it; empty if it is no web address."""
    try:
        return clean_address(urljoin(base, link.strip())) if link.strip() else ""
    except ValueError:
        return ""


def address_id(url: str) -> str:
    """Derives the id of an article from its address ``url``: host and path, which are permanent.

    Scheme, ``www.``, standard port, tracking parameters, fragment and slash at the end are left
    out. Empty if ``url`` is no web address.
    """
    try:
        parts = urlsplit(clean_address(url))
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.")
    if not host:
        return ""
    if port not in (None, _STANDARD_PORTS[parts.scheme.lower()]):
        host += f":{port}"
    # Empty and dotted segments would be normalised away where the id becomes a URL path.
    steps = [each for each in unquote(parts.path).split("/") if each not in ("", ".", "..")]
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    identity = "/".join((host, *steps)) + (f"?{query}" if query else "")
    return "".join(each if each.isprintable() else quote(each) for each in identity)


def _is_tracking(parameter: str) -> bool:
    return not parameter or _TRACKING.fullmatch(parameter.partition("=")[0]) is not None


def member_id(text: str) -> str:
    """Makes ``text``, such as a guid or a value of an id column, the last part of an id.

    The id becomes a URL path, so empty and dotted segments and unprintable characters are removed.
    """
    line = "".join(each for each in " ".join(text.split()) if each.isprintable())
    steps = [step for each in line.split("/") if (step := each.strip()) not in ("", ".", "..")]
    return "/".join(steps)[:200]
