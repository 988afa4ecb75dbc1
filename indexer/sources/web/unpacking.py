"""Decompresses gzip and deflate of HTTP answers and sitemaps, with a limit on the output."""

import zlib
from collections.abc import Iterable

_PIECE = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS
#: The first bytes of gzip.
GZIP_MARK = b"\x1f\x8b"


class TooLong(Exception):
    """Raised for more decompressed bytes than allowed."""


class NotCompressed(Exception):
    """Raised for data that cannot be decompressed."""


class Unpacker:
    """Decompresses a stream piece by piece; ``coding`` is gzip, deflate, or empty for neither.

    The output is at most ``most`` bytes; more is dropped if it ``cuts``, else TooLong is raised.
    """

    def __init__(self, coding: str, most: int, *, cuts: bool = False) -> None:
        self._coding = coding
        self._most = most
        self._cuts = cuts
        self._engine = zlib.decompressobj(_GZIP) if coding == "gzip" else zlib.decompressobj()
        self._has_begun = False
        self._pieces: list[bytes] = []
        self._count = 0

    @property
    def is_full(self) -> bool:
        return self._count >= self._most

    def add(self, data: bytes) -> None:
        """Decompresses a piece. Raises TooLong and NotCompressed."""
        if not self._coding:
            self._keep(data)
            return
        while data and not (self.is_full and self._cuts):
            data = self._unpack(data)

    def result(self) -> bytes:
        """All decompressed bytes. Raises NotCompressed if the end is missing."""
        if self._coding and self._has_begun and not self._engine.eof and not self.is_full:
            raise NotCompressed("the end is missing")
        return b"".join(self._pieces)

    def _unpack(self, data: bytes) -> bytes:
        """Decompresses one piece; returns the rest of ``data``."""
        if not self._has_begun and self._coding == "deflate" and data[0] & 0x0F != 8:
            self._engine = zlib.decompressobj(
                -zlib.MAX_WBITS
            )  # without its zlib header, as some servers send it
        self._has_begun = True
        if self._engine.eof:
            # Further gzip members may follow; other bytes after the end are padding.
            if self._coding != "gzip" or not data.startswith(GZIP_MARK):
                return b""
            self._engine = zlib.decompressobj(_GZIP)
        try:
            self._keep(self._engine.decompress(data, _PIECE))
        except zlib.error as error:
            raise NotCompressed(str(error)) from error
        return self._engine.unconsumed_tail or self._engine.unused_data

    def _keep(self, data: bytes) -> None:
        room = self._most - self._count
        if len(data) > room:
            if not self._cuts:
                raise TooLong
            data = data[:room]
        self._pieces.append(data)
        self._count += len(data)


def gunzip(data: bytes, most: int) -> bytes:
    """Decompresses gzip. Raises TooLong and NotCompressed."""
    return unpacked([data], "gzip", most)


def unpacked(pieces: Iterable[bytes], coding: str, most: int, *, cuts: bool = False) -> bytes:
    """Decompresses ``pieces``. Raises TooLong and NotCompressed."""
    unpacker = Unpacker(coding, most, cuts=cuts)
    for piece in pieces:
        unpacker.add(piece)
        if cuts and unpacker.is_full:
            break
    return unpacker.result()
