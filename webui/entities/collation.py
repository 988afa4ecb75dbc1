"""Estonian collation of names, and URL slugs of organisations."""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping

from search.analysis.folding import fold
from search.request import SearchRequest
from search.service import SearchService
from webui.generation_cache import GenerationCache

_LETTERS = "abcdefghijklmnopqrsšzžtuvwõäöüxy"
_PLACES = {letter: place for place, letter in enumerate(_LETTERS)}
_DIGITS = re.compile(r"\d+")
_APART = re.compile(r"[^0-9a-zA-ZÀ-ɏЀ-ӿ]+")
Key = tuple[tuple[tuple[int, int, str], ...], str]


def estonian_key(text: str) -> Key:
    """Sort key of ``text``: numbers by size, letters A to Ü, X and Y, then others.

    Š and Ž follow S and Z, which come before T; blanks and punctuation are ignored.
    """
    words = " ".join(_APART.split(unicodedata.normalize("NFC", text))).strip().lower()
    return tuple(_places(words)), text


def _places(words: str) -> Iterator[tuple[int, int, str]]:
    at = 0
    while at < len(words):
        digits = _DIGITS.match(words, at)
        if digits:
            yield 1, int(digits.group()[:15]), ""
            at = digits.end()
            continue
        letter = words[at]
        at += 1
        if letter == " ":
            yield 0, 0, ""
        else:
            place = _PLACES.get(letter, _PLACES.get(fold(letter)[:1]))
            yield (3, 0, letter) if place is None else (2, place, "")


def initial(text: str) -> str:
    """Initial letter in a directory; ``#`` if ``text`` begins with none."""
    letters = _APART.sub("", unicodedata.normalize("NFC", text))[:1].upper()
    if not letters.isalpha():
        return "#"
    return letters if letters.lower() in _PLACES else fold(letters)[:1].upper()


def slugs(names: Iterable[str]) -> Mapping[str, str]:
    """Unique URL slug for each of ``names``; on conflict the first one has no suffix.

    The slug of a name does not depend on other names, except for conflicts.
    """
    taken: set[str] = set()
    found = {}
    for name in names:
        slug = _APART.sub("-", fold(name).lower()).strip("-")
        if not slug or slug in taken:
            slug = f"{slug}-{zlib.crc32(name.encode()):08x}".lstrip("-")
        taken.add(slug)
        found[name] = slug
    return found


class SlugCache:
    """Slugs of the organisations in the live generation, cached for each generation."""

    def __init__(self, service: SearchService) -> None:
        self._service = service
        self._cache = GenerationCache(service, self._read)

    def current(self) -> Mapping[str, str]:
        """Slugs by name."""
        return self._cache.current()

    def _read(self) -> Mapping[str, str]:
        return slugs(str(each.value) for each in self._service.facet("org", SearchRequest()).values)
