"""Identity of the program: versions and digest of its sources, compared between machines.

Two equal programs produce the same bytes for the same article and the same settings.
"""

import functools
import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_PACKAGES = ("search", "indexer")
#: Suffixes of files that affect the output; compiled files differ between machines.
_SUFFIXES = frozenset((".py", ".yaml", ".txt", ".npy"))
_LIBRARIES = ("estnltk", "numpy", "python-crfsuite", "PyStemmer")


@functools.cache
def program_identity() -> Mapping[str, str]:
    """Facts about this program by name, all short texts."""
    libraries = {each: _version(each) for each in _LIBRARIES}
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "klastriotsing": _version("klastriotsing"),
        **libraries,
        "source files of klastriotsing": _source_digest(),
    }


def differing(theirs: Mapping[str, str], ours: Mapping[str, str]) -> str:
    """Describes the first difference between two programs; empty without one."""
    for name, value in ours.items():
        found = theirs.get(name, "none")
        if found != value:
            return f"{name} {found} instead of {value}"
    return ""


def _source_digest() -> str:
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for file in sorted((_ROOT / package).rglob("*")):
            if file.suffix in _SUFFIXES and file.is_file():
                digest.update(file.relative_to(_ROOT).as_posix().encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"
