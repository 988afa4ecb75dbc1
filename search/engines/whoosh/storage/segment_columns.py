"""What is known of each document of a segment, beside its texts and postings, as arrays.

Written once, next to the segment's own files, and shared by all generations that have the segment;
a snapshot (:mod:`search.engines.whoosh.storage.snapshot`) puts together what all segments hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from search.boilerplate import value_hash
from search.duplicates import NO_SIGNATURE, PLACES, Signatures
from search.engines.whoosh.storage.arrays import Array, Arrays, Texts, write_arrays
from search.engines.whoosh.storage.names import key_of
from search.grouping import band_values
from search.regrouping import band_keys
from search.request import NO_FOCUS, UNKNOWN_YEAR

#: Columns of numbers and how they are kept.
NUMBERS: dict[str, str] = {
    "published": "i4",
    "added": "i8",
    "title_length": "i4",
    "body_length": "i4",
}
#: Facet → its Whoosh field and the value of documents that have none.
FACET_FIELDS: dict[str, tuple[str, str | None]] = {
    "focus": ("focus_area", NO_FOCUS),
    "year": ("year", UNKNOWN_YEAR),
    "org": ("organisation", None),
    "language": ("language", None),
}
_SUFFIX = "columns"
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class LocalFacet:
    """Document ``i`` has ``values[codes[j]]`` for ``j`` from ``starts[i]`` to ``starts[i + 1]``."""

    values: Texts
    starts: Array
    codes: Array


class SegmentColumns:
    """The columns of one segment; documents have the numbers that they have in it."""

    def __init__(self, directory: Path, segment: str) -> None:
        """Map them into memory. Raises OSError or ValueError."""
        self.segment = segment
        self._arrays = Arrays(columns_path(directory, segment))
        self._path = directory / f"{segment}.signature.col"
        self.ids = self.texts("ids")
        self.facets = {name: self._facet(name) for name in FACET_FIELDS}
        self._rows: Signatures | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> Array:
        """One of the arrays, see :func:`write_columns`."""
        return self._arrays[name]

    def texts(self, name: str) -> Texts:
        """One of the columns of texts."""
        return Texts.read(self._arrays, name)

    def signatures(self) -> Signatures:
        """A row for each document, mapped into memory."""
        if self._rows is None:
            stored = self._arrays.get("signatures")
            self._rows = _mapped(self._path, len(self)) if stored is None else stored
        return self._rows

    def _facet(self, name: str) -> LocalFacet:
        starts, codes = self._arrays[name + "_offsets"], self._arrays[name + "_codes"]
        return LocalFacet(self.texts(name), starts, codes)


def columns_path(directory: Path, segment: str) -> Path:
    """The file for a segment."""
    return directory / f"{segment}.{_SUFFIX}"


def _mapped(path: Path, count: int) -> Signatures:
    """Signatures as Whoosh stores them: end to end, without the empty ones at the end."""
    rows = path.stat().st_size // len(NO_SIGNATURE)
    held: Signatures = np.empty((0, PLACES), dtype=np.uint16)
    if rows:
        held = np.memmap(path, np.uint16, "r", shape=(rows, PLACES))
    if rows == count:
        return held
    return np.concatenate((held, np.zeros((count - rows, PLACES), dtype=np.uint16)))


def write_columns(directory: Path, segment: str, leaf: Any) -> None:
    """Write the file for a segment, from an open Whoosh reader of it."""
    count = leaf.doc_count_all()
    ids = list(_texts(leaf, "id", count))
    titles = [each.decode() for each in _texts(leaf, "headline", count)]
    arrays: dict[str, Array] = {
        **Texts.of(ids).arrays("ids"),
        "id_letters": np.fromiter(map(len, ids), np.int32, count),
        **{name: _numbers(leaf, name, count) for name in NUMBERS},
        **Texts.of(each.decode() for each in _texts(leaf, "digest", count)).arrays("digests"),
        **_titles(titles),
    }
    for name, (field, missing) in FACET_FIELDS.items():
        arrays.update(_facet(leaf, name, field, missing, count))
    names = Texts.read(arrays, "org")
    arrays["name_hashes"] = np.fromiter(map(value_hash, names), np.uint32, len(names))
    passages = list(_texts(leaf, "passages", count))
    claims = np.fromiter(map(len, passages), np.int64, count) // 8
    arrays["claim_documents"] = np.repeat(np.arange(count, dtype=np.int32), claims)
    arrays["claims"] = np.frombuffer(b"".join(passages), dtype="<u4").reshape(-1, 2)
    path = directory / f"{segment}.signature.col"
    if path.exists():
        rows = _mapped(path, count)
    else:  # a small segment, which is one file
        held = b"".join(each or NO_SIGNATURE for each in _texts(leaf, "signature", count))
        rows = np.frombuffer(held, dtype=np.uint16).reshape(-1, PLACES)
        arrays["signatures"] = rows
    parts = range(0, max(count, 1), _ROWS_AT_ONCE)
    keys = [band_keys(band_values(rows[at : at + _ROWS_AT_ONCE])) for at in parts]
    arrays["band_keys"] = np.concatenate(keys, axis=1)
    arrays["has_signature"] = np.asarray(rows.any(axis=1))
    write_arrays(columns_path(directory, segment), arrays)


def _texts(leaf: Any, name: str, count: int) -> Iterator[Any]:
    column = leaf.column_reader(name)
    return (column[number] for number in range(count))


def _numbers(leaf: Any, name: str, count: int) -> Array:
    loaded: Array = np.asarray(leaf.column_reader(name).load(), dtype=NUMBERS[name])
    return loaded[:count]


def _titles(titles: Sequence[str]) -> dict[str, Array]:
    """The titles in the order of their keys, and the documents that have them."""
    keys = [key_of(each) for each in titles]
    order = sorted(range(len(titles)), key=lambda at: (keys[at], titles[at]))
    texts = Texts.of(titles[at] for at in order)
    return {**texts.arrays("titles"), "title_documents": np.array(order, dtype=np.int32)}


def _facet(leaf: Any, name: str, field: str, missing: str | None, count: int) -> dict[str, Array]:
    """A facet as :class:`LocalFacet` has it, its values in order, the missing one last."""
    values = [each.decode() for each in leaf.lexicon(field)]
    lists = [np.array(list(leaf.postings(field, each).all_ids()), np.int32) for each in values]
    if missing is not None:
        has_value = np.zeros(count, dtype=bool)
        for each in lists:
            has_value[each] = True
        if not has_value.all():
            values.append(missing)
            lists.append(np.flatnonzero(~has_value).astype(np.int32))
    documents = np.concatenate([np.empty(0, dtype=np.int32), *lists])
    sizes = np.fromiter(map(len, lists), np.int64, len(lists))
    codes = np.repeat(np.arange(len(lists), dtype=np.int32), sizes)
    starts = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(documents, minlength=count), out=starts[1:])
    return {
        **Texts.of(values).arrays(name),
        name + "_offsets": starts,
        name + "_codes": codes[np.argsort(documents, kind="stable")],
    }
