"""Percent-encoding of URLs: query parameters and path segments."""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus


def with_parameters(path: str, parameters: str) -> str:
    """Appends encoded ``parameters`` to ``path``."""
    return f"{path}?{parameters}" if parameters else path


def beside(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Adds parameters to ``path``; empty ones are left out."""
    more = encoded(each for each in pairs if each[1])
    return f"{path}{'&' if '?' in path else '?'}{more}" if more else path


def encoded(pairs: Iterable[tuple[str, str]]) -> str:
    """Encodes ``pairs`` as URL parameters."""
    return "&".join([_encoded_pair(name, value) for name, value in pairs])


# A page has about forty URLs, nearly all with the same parameters.
@lru_cache(maxsize=1024)
def _encoded_pair(name: str, value: str) -> str:
    return f"{name}={quote_plus(value)}"


# There are few organisations, and the same articles recur.
@lru_cache(maxsize=4096)
def quoted(segment: str, safe: str = "") -> str:
    """Percent-encodes a ``segment`` of a path, except ASCII letters, digits and ``safe``."""
    return quote(segment, safe=safe)
