"""Records all calls of this process that change the disk below a directory, and lets one fail.

It patches functions of :mod:`os` (which pathlib, shutil and tempfile call), and ``open`` for
writing, whose files record each write. The record has the bytes, so that :mod:`power_loss` can
derive what a power cut may have left at any moment.
"""

import builtins
import contextlib
import errno
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Ways in which a call fails: with an error, after half of the bytes, or because the process ends.
KINDS = ("EIO", "ENOSPC", "full", "short", "kill")


class Killed(BaseException):
    """Raised to simulate the end of the process: later calls do not reach the disk."""


@dataclass(frozen=True, slots=True)
class Call:
    """A change of the disk: ``path`` below the directory, and further details."""

    name: str
    path: str
    to: str = ""
    at: int = 0
    data: bytes = b""


@dataclass(slots=True)
class DiskCalls:
    """The calls below ``root``, in order; number ``fails`` fails with the fault ``kind``.

    ``full`` is a disk that stays full: removing works, everything that needs space fails.
    """

    root: Path
    fails: int | None = None
    kind: str = "EIO"
    calls: list[Call] = field(default_factory=list)
    failed: Call | None = None

    @contextlib.contextmanager
    def watched(self) -> Iterator["DiskCalls"]:
        """Patches everything for a ``with`` block; Killed ends it quietly."""
        originals = {name: getattr(os, name) for name in (*_BY_PATH, "fsync", "open", "sendfile")}
        opened = io.open
        for name in _BY_PATH:
            setattr(os, name, self._by_path(name, originals[name]))
        os.fsync = self._fsync
        os.open = self._os_open(originals["open"])  # type: ignore[assignment]
        os.sendfile = _no_sendfile  # shutil falls back to reads and writes
        io.open = builtins.open = self._open(opened)  # type: ignore[assignment]
        try:
            with contextlib.suppress(Killed):
                yield self
        finally:
            for name, function in originals.items():
                setattr(os, name, function)
            io.open = builtins.open = opened

    @property
    def is_dead(self) -> bool:
        return self.failed is not None and self.kind == "kill"

    def note(self, call: Call) -> None:
        """Records a call before it is made. Raises if it is the one that fails."""
        if self.is_dead:
            raise Killed
        if self.failed and self.kind == "full" and call.name in _TAKE_ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), call.path)
        if len(self.calls) == self.fails and not self.failed:
            self.failed = call
            if self.is_dead:
                raise Killed
            code = errno.EIO if self.kind == "EIO" else errno.ENOSPC
            raise OSError(code, os.strerror(code), call.path)
        self.calls.append(call)

    def below(self, path: Any, dir_fd: int | None = None) -> str | None:
        """``path`` as recorded; None if it is not below the directory."""
        if isinstance(path, int):
            text = str(Path(f"/proc/self/fd/{path}").readlink())
        else:
            folder = Path() if dir_fd is None else Path(f"/proc/self/fd/{dir_fd}").readlink()
            text = os.path.normpath((folder / os.fspath(path)).absolute())
        root = f"{self.root}/"
        return (
            text.removeprefix(root) if text.startswith(root) else "" if text == root[:-1] else None
        )

    def _by_path(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *others: Any, **options: Any) -> Any:
            options = {key: each for key, each in options.items() if each is not None}
            place = self.below(path, options.get("dir_fd"))
            # A call that fails because its target exists, or is missing, changes nothing.
            if place is not None and os.path.lexists(self.root / place) != (name == "mkdir"):
                to = self.below(others[0]) or "" if name in ("link", "rename", "replace") else ""
                self.note(Call("rename" if name == "replace" else name, place, to))
            return original(path, *others, **options)

        return call

    def _fsync(self, descriptor: int) -> None:
        """Records the flush, without flushing the real disk."""
        place = self.below(descriptor)
        if place is not None and not place.endswith(" (deleted)"):
            self.note(Call("fsync", place))

    def _os_open(self, original: Callable[..., int]) -> Callable[..., int]:
        def open_descriptor(path: Any, flags: int, *others: Any, **options: Any) -> int:
            if flags & os.O_CREAT and self.below(path) is not None:
                raise AssertionError(f"os.open writes to {path}, which is not recorded")
            return original(path, flags, *others, **options)

        return open_descriptor

    def _open(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def open_file(
            file: Any,
            mode: str = "r",
            buffering: int = -1,
            encoding: str | None = None,
            errors: str | None = None,
            newline: str | None = None,
            closefd: bool = True,
            opener: Any = None,
        ) -> Any:
            rest = (buffering, encoding, errors, newline, closefd, opener)
            writes = set(mode) & set("wax+")
            place = (
                self.below(file)
                if writes and opener is None and not isinstance(file, int)
                else None
            )
            if place is None:
                return original(file, mode, *rest)
            assert "a" not in mode, "appending is not recorded"
            if not os.path.lexists(file):
                self.note(Call("create", place))
            elif "w" in mode:
                self.note(Call("truncate", place))
            raw = _Recorded(file, mode.replace("b", "").replace("t", ""), self, place)
            buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
            if "b" in mode:
                return buffered
            return io.TextIOWrapper(buffered, encoding or "utf-8", errors, newline)

        return open_file


_BY_PATH = ("mkdir", "rmdir", "unlink", "remove", "rename", "replace", "link", "truncate")
_TAKE_ROOM = ("mkdir", "create", "write", "link", "rename")


def _no_sendfile(*_: Any) -> int:
    raise OSError(errno.ENOTSOCK, "sendfile is not recorded")


class _Recorded(io.FileIO):
    """A file that records each write before it is made."""

    def __init__(self, file: Any, mode: str, calls: DiskCalls, place: str) -> None:
        super().__init__(file, mode)
        self._calls, self._place = calls, place

    def write(self, data: Any, /) -> int:
        content = bytes(data)
        if self._calls.is_dead:
            return len(content)
        try:
            self._calls.note(Call("write", self._place, at=self.tell(), data=content))
        except (OSError, Killed):
            if self._calls.kind in ("short", "kill") and self._calls.failed.name == "write":  # type: ignore[union-attr]
                super().write(content[: len(content) // 2])
            if self._calls.is_dead:
                return len(content)
            raise
        return super().write(content)

    def truncate(self, size: int | None = None, /) -> int:
        if self._calls.is_dead:
            return 0
        size = self.tell() if size is None else size
        self._calls.note(Call("truncate", self._place, at=size))
        return super().truncate(size)
