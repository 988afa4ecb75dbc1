"""Percent-encoding of URLs: query parameters and path segments."""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus


def with_parameters(path: str, parameters: str) -> str:
    """``path`` with encoded ``parameters``."""
    return f"{path}?{parameters}" if parameters else path


def beside(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """``path`` with more parameters, those left out that are empty."""
    more = encoded(each for each in pairs if each[1])
    return f"{path}{'&' if '?' in path else '?'}{more}" if more else path


def encoded(pairs: Iterable[tuple[str, str]]) -> str:
    """``pairs`` as the parameters of a URL."""
    return "&".join([_encoded_pair(name, value) for name, value in pairs])


# A page has some forty addresses, and nearly all of their pairs are the same.
@lru_cache(maxsize=1024)
def _encoded_pair(name: str, value: str) -> str:
    return f"{name}={quote_plus(value)}"


# Nor are there many organisations, and articles come again.
@lru_cache(maxsize=4096)
def quoted(segment: str, safe: str = "") -> str:
    """``segment`` of a path, percent-encoded but for ASCII letters, digits and ``safe``."""
    return quote(segment, safe=safe)
