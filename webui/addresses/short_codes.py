"""Codes of articles and searches for short permanent links, computed and never stored.

The code of an article is a hash of its id, which is looked up in the live index; that of a search
is the search itself, deflated.
"""

import base64
import functools
import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence

from search.errors import ShortLinkUnknown
from search.service import SearchService
from webui.generation_cache import GenerationCache

#: Crockford's base 32: digits without lookalikes, case-insensitive.
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_MISREAD = str.maketrans("oilOIL", "011011")
#: Most characters of a code; a longer link is not short.
LONGEST_CODE = 160
_LONGEST_SEARCH = 16_384
# Compression dictionary: frequent parts of searches, the most frequent last. Existing links depend
# on it, so never change it; another one would need another path than /s/.
_DICTIONARY = (
    b"\nnot_focus=none\nnot_year=unknown\nnot_org=\nsort=oldest\nsort=newest\nlanguage=\nsource="
    b"\nfocus=teenuseinnovatsioon-loomemajandus\nfocus=korgtehnoloogia-digitootmine"
    b"\nfocus=rohe-ringmajandus\norg=\nyear=2014-2016\nyear=20\nklaster\nklastri\nq="
)


@functools.lru_cache(maxsize=4096)
def article_code(article_id: str) -> str:
    """The code of an article in short links: 40 bits as eight digits, of its id alone.

    Of 200 indexes with 100,000 articles, one has two articles with the same code.
    """
    number = int.from_bytes(hashlib.blake2b(article_id.encode(), digest_size=5).digest(), "big")
    return "".join(DIGITS[number >> shift & 31] for shift in range(35, -1, -5))


def spelt_code(text: str) -> str:
    """Normalises the spelling of a code: capitals, and letters mistaken for digits."""
    return text.translate(_MISREAD).lower()


class ArticleCodes:
    """Looks up articles of the live generation by code; made once for each generation."""

    def __init__(self, service: SearchService) -> None:
        self._cache = GenerationCache(service, lambda: _by_code(service.article_ids()))

    def ids(self, codes: Iterable[str]) -> tuple[tuple[str, ...], ...]:
        """Ids for each of ``codes``: nearly always one, none for an unknown code."""
        known = self._cache.current()
        return tuple(known.get(spelt_code(each), ()) for each in codes)


def _by_code(ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in sorted(ids):
        code = article_code(each)
        found[code] = (*found.get(code, ()), each)
    return found


def search_code(parameters: Sequence[tuple[str, str]]) -> str:
    """Encodes a search: its URL parameters, deflated, after a checksum of two bytes."""
    text = "\n".join(f"{name}={value}" for name, value in parameters).encode()
    deflating = zlib.compressobj(9, wbits=-15, zdict=_DICTIONARY)
    packed = deflating.compress(text) + deflating.flush()
    return base64.urlsafe_b64encode(_checksum(text) + packed).decode().rstrip("=")


def search_parameters(code: str) -> tuple[tuple[str, str], ...]:
    """Decodes a code of :func:`search_code` to URL parameters. Raises ShortLinkUnknown."""
    try:
        data = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
        inflating = zlib.decompressobj(wbits=-15, zdict=_DICTIONARY)
        packed = inflating.decompress(data[2:], _LONGEST_SEARCH)
        if not inflating.eof or inflating.unused_data or data[:2] != _checksum(packed):
            raise ShortLinkUnknown(code=code[:80])
        text = packed.decode()
    except (ValueError, zlib.error) as error:
        raise ShortLinkUnknown(code=code[:80]) from error
    pairs = (each.partition("=") for each in text.split("\n"))
    return tuple((name, value) for name, _, value in pairs if name)


def _checksum(text: bytes) -> bytes:
    return (zlib.crc32(text) & 0xFFFF).to_bytes(2, "big")
