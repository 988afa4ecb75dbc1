"""Sites over an unreadable index: missing, damaged, or of another version."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from live import serving
from manifests import make_earlier


@contextmanager
def site_without_sound_index(state: str, index: Path, folder: Path) -> Iterator[str]:
    """Serves an altered copy, in ``folder``, of one generation of ``index``; yields the address.

    ``state`` is missing, outdated (written by an earlier version), or damaged: a bit is flipped in
    the part that is read first.
    """
    copy = folder / "index"
    if state != "missing":
        shutil.copytree(index, copy)
        (generation,) = (each for each in copy.iterdir() if each.name.startswith("gen-"))
        {"outdated": make_earlier, "damaged": _flip_bit}[state](generation)
    with serving(copy) as address:
        yield address


def _flip_bit(generation: Path) -> None:
    (segment,) = generation.glob("*.seg")
    data = bytearray(segment.read_bytes())
    data[-2] ^= 1  # in the head, which is at the end
    segment.write_bytes(data)
