"""Columns of a generation: facet values, dates, lengths and ids of all documents as arrays.

Read once when a generation opens. Documents are numbered over all segments; ``alive`` leaves out
the deleted ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.postings import DocumentArray, PostingsReader
from search.request import NO_FOCUS, UNKNOWN_YEAR, FacetName

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

#: Facet name → its Whoosh field and the value of documents that have none.
_FACET_FIELDS: dict[FacetName, tuple[str, str | None]] = {
    "focus": ("focus_area", NO_FOCUS),
    "year": ("year", UNKNOWN_YEAR),
    "org": ("organisation", None),
}


@dataclass(frozen=True, slots=True)
class FacetColumn:
    """One facet as pairs: ``documents[i]`` has the value ``values[codes[i]]``."""

    values: tuple[str, ...]
    codes: DocumentArray
    documents: DocumentArray

    def counts(self, mask: BoolArray) -> DocumentArray:
        """How many of the documents in ``mask`` have each value."""
        return np.bincount(self.codes[mask[self.documents]], minlength=len(self.values))

    def mask(self, chosen: Callable[[str], bool], size: int) -> BoolArray:
        """Documents that have a value for which ``chosen`` holds."""
        wanted = np.fromiter((chosen(each) for each in self.values), bool, len(self.values))
        result = np.zeros(size, dtype=bool)
        if wanted.any():
            result[self.documents[wanted[self.codes]]] = True
        return result


@dataclass(frozen=True, slots=True)
class Columns:
    """Everything that is known of all documents without reading one.

    ``published`` is ``yyyymmdd`` and ``added`` seconds since 1970 (0 unknown), lengths are in
    words, ``id_rank`` orders ids.
    """

    ids: tuple[str, ...]
    alive: BoolArray
    published: DocumentArray
    added: DocumentArray
    title_length: FloatArray
    body_length: FloatArray
    id_rank: DocumentArray
    facets: dict[FacetName, FacetColumn]
    languages: FacetColumn

    @property
    def size(self) -> int:
        """Number of documents, deleted ones counted."""
        return len(self.alive)


def read_columns(reader: Any, postings: PostingsReader) -> Columns:
    """Read the columns of a Whoosh reader. The caller holds no lock."""
    leaves = reader.leaf_readers()
    ids: list[str] = []
    numbers: dict[str, list[Any]] = {
        name: [] for name in ("published", "added", "title_length", "body_length")
    }
    deleted: list[int] = []
    for leaf, base in leaves:
        count = leaf.doc_count_all()
        if not count:
            continue
        id_column = leaf.column_reader("id")
        ids.extend(id_column[local] for local in range(count))
        for name, parts in numbers.items():
            parts.append(np.asarray(leaf.column_reader(name).load(), dtype=np.int64))
        if leaf.has_deletions():
            deleted.extend(base + local for local in range(count) if leaf.is_deleted(local))
    size = len(ids)
    alive = np.ones(size, dtype=bool)
    alive[deleted] = False
    rank = np.empty(size, dtype=np.int64)
    rank[np.array(sorted(range(size), key=ids.__getitem__), dtype=np.int64)] = np.arange(size)
    joined = {
        name: np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
        for name, parts in numbers.items()
    }
    return Columns(
        ids=tuple(ids),
        alive=alive,
        published=joined["published"],
        added=joined["added"],
        title_length=joined["title_length"].astype(np.float64),
        body_length=joined["body_length"].astype(np.float64),
        id_rank=rank,
        facets={
            name: _facet(postings, field, missing, size)
            for name, (field, missing) in _FACET_FIELDS.items()
        },
        languages=_facet(postings, "language", None, size),
    )


def _facet(postings: PostingsReader, field: str, missing: str | None, size: int) -> FacetColumn:
    values = postings.values(field)
    lists = [postings.documents(field, value) for value in values]
    if missing is not None:
        with_value = np.zeros(size, dtype=bool)
        for each in lists:
            with_value[each] = True
        values.append(missing)
        lists.append(np.flatnonzero(~with_value))
    codes = [np.full(len(each), code, dtype=np.int64) for code, each in enumerate(lists)]
    empty = np.empty(0, dtype=np.int64)
    return FacetColumn(
        tuple(values),
        np.concatenate(codes) if codes else empty,
        np.concatenate(lists) if lists else empty,
    )
