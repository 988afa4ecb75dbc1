"""Sites over an index that cannot be read: it is missing, damaged, or of another version."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from live import serving
from manifests import make_earlier


@contextmanager
def site_without_sound_index(state: str, index: Path, folder: Path) -> Iterator[str]:
    """Serves, in ``folder``, what is made of a copy of ``index``, of one generation; yields where.

    ``state`` is missing, outdated (an earlier version has written it), or damaged: a bit is flipped
    in what is read first.
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
    data[-2] ^= 1  # in the head, which stands last
    segment.write_bytes(data)
