"""Unpacks ZIP and gzip in memory, counting unpacked bytes: each member is an input.

Nothing is written to disk, so the name of a member is never used as a path. Sizes declared in the
archive are not trusted.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO, cast

from indexer.sources.base import Input
from indexer.sources.limits import Limits
from indexer.sources.naming import chosen
from search.errors import ArchiveLimit, MalformedFile, PasswordProtected, SourceError

_MEGABYTE = 1_000_000
_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
#: Exceptions raised for a damaged archive, besides SourceError.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, ValueError, OSError)


@dataclass(slots=True)
class Unpacked:
    """Counts unpacked ``bytes`` and ``members`` of an archive and the archives within."""

    bytes: int = 0
    members: int = 0

    def add(self, count: int, file: str, limits: Limits) -> None:
        """Adds ``count`` bytes. Raises ArchiveLimit if the total exceeds the limit."""
        self.bytes += count
        if self.bytes > limits.archive_megabytes * _MEGABYTE:
            problem = f"unpacks to more than {limits.archive_megabytes:g} MB in all"
            raise ArchiveLimit(file=file, problem=problem)


def zip_members(source: Input, limits: Limits, unpacked: Unpacked) -> Iterator[Input | SourceError]:
    """Yields the members of a ZIP archive that may be articles, sorted by name."""
    try:
        with source.open() as stream, zipfile.ZipFile(stream) as archive:
            entries = [each for each in archive.infolist() if not each.is_dir()]
            unpacked.members += len(entries)
            if unpacked.members > limits.archive_members:
                raise ArchiveLimit(
                    file=source.name, problem=f"holds more than {limits.archive_members} members"
                )
            named = {_name(each): each for each in entries}
            for name, identity in chosen(named):
                yield _member(source, archive, name, identity, named[name], limits, unpacked)
    except _DAMAGE as error:
        yield _malformed(source.name, "ZIP archive", error)
    except SourceError as error:
        yield error


def gzip_member(source: Input, limits: Limits, megabytes: float) -> Input:
    """Opens the content of a gzip file, unpacked while it is read, up to ``megabytes``.

    Reading it raises ArchiveLimit, and MalformedFile if the file is truncated or damaged.
    """
    return replace(source, open=partial(_open_gzip, source, limits, megabytes))


def in_memory(source: Input, limits: Limits, unpacked: Unpacked) -> Input:
    """Reads ``source`` into memory, and counts its bytes."""
    with source.open() as stream:
        data = stream.read()
    unpacked.add(len(data), source.name, limits)
    return replace(source, open=partial(io.BytesIO, data))


def read_member(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str, limits: Limits, unpacked: Unpacked
) -> bytes:
    """Reads and counts the bytes of a member.

    Raises ArchiveLimit, PasswordProtected, MalformedFile.
    """
    if entry.flag_bits & _ENCRYPTED:
        raise PasswordProtected(file=file)
    pieces: list[bytes] = []
    counter = _Counter(file, entry.compress_size, limits, limits.member_megabytes)
    try:
        with archive.open(entry) as stream:
            while piece := stream.read(_CHUNK):
                counter.add(len(piece))
                unpacked.add(len(piece), file, limits)
                pieces.append(piece)
    except NotImplementedError as error:
        raise _malformed(file, "member of a ZIP archive", error) from error
    except RuntimeError as error:  # also raised for encrypted members
        raise PasswordProtected(file=file) from error
    except _DAMAGE as error:
        raise _malformed(file, "member of a ZIP archive", error) from error
    return b"".join(pieces)


class _Counter:
    """Counts unpacked bytes against the limits of one member."""

    def __init__(self, file: str, packed: int, limits: Limits, megabytes: float) -> None:
        self._file = file
        self._packed = packed
        self._limits = limits
        self._megabytes = megabytes
        self._count = 0

    def add(self, count: int, packed: int | None = None) -> None:
        """Adds ``count`` bytes; ``packed`` are those read so far, if not known from the start."""
        self._count += count
        limits = self._limits
        if self._count > self._megabytes * _MEGABYTE:
            raise ArchiveLimit(
                file=self._file, problem=f"unpacks to more than {self._megabytes:g} MB"
            )
        if self._count <= limits.packing_floor_megabytes * _MEGABYTE:
            return
        if self._count > limits.packing_ratio * max(1, self._packed if packed is None else packed):
            problem = f"unpacks to more than {limits.packing_ratio:g} times its size"
            raise ArchiveLimit(file=self._file, problem=problem)


def _member(
    source: Input,
    archive: zipfile.ZipFile,
    name: str,
    identity: str,
    entry: zipfile.ZipInfo,
    limits: Limits,
    unpacked: Unpacked,
) -> Input | SourceError:
    shown_name = f"{source.name}!{name}"
    try:
        data = read_member(archive, entry, shown_name, limits, unpacked)
    except SourceError as error:
        if unpacked.bytes > limits.archive_megabytes * _MEGABYTE:
            raise
        return error
    return replace(
        source,
        name=shown_name,
        id=f"{source.id}/{identity}",
        address="",
        open=partial(io.BytesIO, data),
        path=None,
        is_named=False,
    )


def _name(entry: zipfile.ZipInfo) -> str:
    """The name of a member as a printable path without empty and dotted segments.

    Without the UTF-8 flag it may be UTF-8 all the same, or the Baltic code page of DOS.
    """
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437", "replace")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp775", "replace")
    steps = [each for each in name.replace("\\", "/").split("/") if each not in ("", ".", "..")]
    path = "/".join(steps) or "?"
    return "".join(each if each.isprintable() else "_" for each in path)


def _malformed(file: str, what: str, error: Exception) -> MalformedFile:
    problem = str(error).rstrip(".") or type(error).__name__
    return MalformedFile(
        file=file, format=what, problem=problem, remedy="Download or pack it again"
    )


def _open_gzip(source: Input, limits: Limits, megabytes: float) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_GzipStream(source, limits, megabytes), _CHUNK))


class _GzipStream(io.RawIOBase):
    """Unpacked bytes of a gzip file. Raises ArchiveLimit and MalformedFile while it is read."""

    def __init__(self, source: Input, limits: Limits, megabytes: float) -> None:
        self._name = source.name
        self._packed = source.open()
        self._stream = gzip.GzipFile(fileobj=self._packed)
        self._counter = _Counter(source.name, 0, limits, megabytes)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except _DAMAGE as error:
            raise _malformed(self._name, "gzip file", error) from error
        self._counter.add(len(data), self._packed.tell())
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        self._packed.close()
        super().close()
