"""Compression of answers: gzip for text, by chunk for streams, once for each static file.

Every answer has ``Vary: Accept-Encoding``; already compressed ones are unchanged. Answers marked
``no-store`` are never compressed: the length of a compressed answer with both a secret and text of
the visitor would leak the secret (BREACH). No other page contains a secret.
"""

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator

from flask import Request, Response

#: Answers with fewer bytes fit into one packet and are not compressed.
LEAST_BYTES = 1024
#: Level of zlib: a third of a millisecond for a page; 6 takes 50 % longer for 3 % fewer bytes.
LEVEL = 4
_BEST_LEVEL = 9
#: Bytes of a stream that are buffered at most before a flush.
_FLUSHED_BYTES = 64 * 1024
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_TEXTS = (
    "text/",
    "application/json",
    "application/xml",
    "application/javascript",
    "application/atom+xml",
    "application/opensearchdescription+xml",
    "application/x-bibtex",
    "application/x-research-info-systems",
    "application/vnd.citationstyles.csl+json",
    "image/svg+xml",
)


class StaticArchive:
    """Cache of static files, compressed at the best level."""

    def __init__(self) -> None:
        self._packed: dict[tuple[str, str], bytes] = {}

    def packed(self, path: str, tag: str, content: Callable[[], bytes]) -> bytes:
        """The file at ``path``, whose ETag is ``tag``, compressed."""
        key = (path, tag)
        if key not in self._packed:
            self._packed[key] = gzip.compress(content(), _BEST_LEVEL, mtime=0)
        return self._packed[key]


def vary_by(response: Response, *names: str) -> None:
    """Adds names of request headers to ``Vary``."""
    # Done directly, because Werkzeug would parse and write the header for each name.
    known = response.headers.get("Vary", "")
    said = {each.strip().lower() for each in known.split(",")}
    more = [each for each in names if each.lower() not in said]
    if more:
        response.headers["Vary"] = ", ".join([known, *more] if known else more)


def is_not_stored(response: Response) -> bool:
    """True for an answer marked ``no-store``."""
    return "no-store" in response.headers.get("Cache-Control", "")


def compress(response: Response, request: Request, archive: StaticArchive | None = None) -> None:
    """Compresses ``response`` in place if allowed and accepted by ``request``.

    ``archive`` caches the result, for static files only.
    """
    if not (response.mimetype or "").startswith(_TEXTS) or "Content-Encoding" in response.headers:
        return
    vary_by(response, "Accept-Encoding")
    fits = response.status_code not in (204, 206, 304) and not is_not_stored(response)
    if not (fits and request.accept_encodings.quality("gzip") > 0):
        return
    if archive is not None:
        _compress_file(response, request, archive)
    elif response.is_streamed:
        _compress_stream(response)
    elif len(response.get_data()) >= LEAST_BYTES:
        response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"


def _compress_file(response: Response, request: Request, archive: StaticArchive) -> None:
    tag, _ = response.get_etag()
    if tag is None or (response.content_length or 0) < LEAST_BYTES:
        return
    source = response.response
    response.direct_passthrough = False
    packed = archive.packed(request.path, tag, response.get_data)
    source.close()  # type: ignore[union-attr]
    response.set_data(packed)
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("Accept-Ranges", None)
    # Other bytes at the same URL need another strong ETag.
    response.set_etag(f"{tag}-gzip")
    response.make_conditional(request)


def _compress_stream(response: Response) -> None:
    source = response.response
    response.response = _packed_chunks(response.iter_encoded(), getattr(source, "close", None))
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("Content-Length", None)


def _packed_chunks(pieces: Iterable[bytes], close: Callable[[], None] | None) -> Iterator[bytes]:
    packer = zlib.compressobj(LEVEL, wbits=_GZIP_WINDOW)
    held = 0
    try:
        for piece in pieces:
            packed = packer.compress(piece)
            held += len(piece)
            if held >= _FLUSHED_BYTES:
                packed += packer.flush(zlib.Z_SYNC_FLUSH)
                held = 0
            if packed:
                yield packed
        yield packer.flush()
    finally:
        if close is not None:
            close()
