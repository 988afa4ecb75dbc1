"""Damage guard: raises IndexDamaged for corrupt or unreadable files of a generation."""

from pathlib import Path

from search.engines.whoosh.kernels.interface import CorruptList
from search.engines.whoosh.segment.arrays import CorruptArray
from search.errors import IndexDamaged


class DamageGuard:
    """Context that raises IndexDamaged for a file of a generation that is not as written.

    Damaged bytes are detected where they are decoded, or by the kernels; any other error is a bug,
    not damage. A search enters it some thirty times, so it is no generator.
    """

    __slots__ = ("_directory",)

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and isinstance(error, OSError | CorruptArray | CorruptList):
            place = place_of(error) if isinstance(error, OSError) else f": {error}"
            reason = f"{self._directory.name}{place}"
            raise IndexDamaged(index=self._directory.parent, reason=reason) from error


def place_of(error: OSError) -> str:
    """Name of the file that an OSError is about, if any, and its message."""
    file = f"/{Path(error.filename).name}" if isinstance(error.filename, str | Path) else ""
    return f"{file}: {error.strerror or error}"
