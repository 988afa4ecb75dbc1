"""Fingerprints of the inputs of indexing; a changed one invalidates earlier work.

``extraction_fingerprint``: code that analyses texts; a change makes a reindex analyse all articles.
``facet_fingerprint``: taxonomy, gazetteer and overrides; a change makes facets be formed again.
"""

import hashlib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from indexer.extract.gazetteer import DEFAULT_PATH as DEFAULT_GAZETTEER

_ROOT = Path(__file__).parent.parent
#: All source and data files that affect the terms and findings of an article.
PLACES = (
    _ROOT / "indexer" / "extract",
    _ROOT / "indexer" / "text_view.py",
    _ROOT / "indexer" / "document.py",
    _ROOT / "indexer" / "document_builder.py",
    _ROOT / "search" / "analysis",
    _ROOT / "search" / "article.py",
    _ROOT / "search" / "normalisation.py",
    _ROOT / "search" / "near_duplicates" / "minhash.py",
)
_LIBRARIES = ("estnltk", "python-crfsuite", "PyStemmer")
_COMPILED = frozenset({"__pycache__"})
#: Incremented when facets are formed differently from the same findings and files.
_FORMING_VERSION = 3


def extraction_fingerprint(
    latest_year: int, places: Iterable[Path] = PLACES, acronyms: Iterable[str] = ()
) -> str:
    """Digest of the source files in ``places``, library versions, latest year and acronyms.

    The acronyms of the gazetteer affect the terms of sentences all in capitals.
    """
    digest = hashlib.sha256(str(latest_year).encode())
    digest.update(" ".join(sorted(acronyms)).encode())
    for library in _LIBRARIES:
        digest.update(_version(library).encode())
    for file in _files(places):
        digest.update(file.name.encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def facet_fingerprint(
    taxonomy: Path, gazetteer: Path | None, overrides: Path | None, *, defaults: bool = True
) -> str:
    """Digest of taxonomy, gazetteer (the default one too) and overrides. Raises OSError."""
    digest = hashlib.sha256(f"{_FORMING_VERSION} {defaults}".encode())
    for file in (taxonomy, gazetteer, DEFAULT_GAZETTEER if defaults else None, overrides):
        content = file.read_bytes() if file is not None else b""
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def _files(places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        if place.is_file():
            yield place
        else:
            found = (each for each in place.rglob("*") if each.is_file())
            yield from sorted(each for each in found if not _COMPILED.intersection(each.parts))


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
