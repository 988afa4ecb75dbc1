"""Columns of a generation: facet values, dates, lengths and ids of all documents as arrays.

Mapped into memory when a generation opens. Documents are numbered over all segments; ``alive``
leaves out the deleted ones.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.postings.postings import DocumentArray
from search.engines.whoosh.storage.parts import Ids
from search.engines.whoosh.storage.segment_columns import FACET_FIELDS
from search.engines.whoosh.storage.snapshot import Snapshot
from search.request import FACETS, FacetName

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FacetColumn:
    """One facet as pairs: ``documents[i]`` has the value ``values[codes[i]]``.

    ``documents`` ascend; the pairs of document ``n`` stand from ``starts[n]`` to ``starts[n + 1]``.
    The last of ``values`` is the one that means that there is none, where there is such a one.
    """

    values: tuple[str, ...]
    codes: DocumentArray
    documents: DocumentArray
    starts: DocumentArray

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

    ids: Ids
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


def columns_of(snapshot: Snapshot) -> Columns:
    """The columns of a snapshot."""
    return Columns(
        ids=snapshot.ids,
        alive=snapshot.alive,
        published=snapshot.column("published"),
        added=snapshot.column("added"),
        title_length=snapshot.column("title_length").astype(np.float64),
        body_length=snapshot.column("body_length").astype(np.float64),
        id_rank=snapshot.id_rank,
        facets={name: _facet(snapshot, name) for name in FACETS},
        languages=_facet(snapshot, "language"),
    )


def _facet(snapshot: Snapshot, name: str) -> FacetColumn:
    missing = FACET_FIELDS[name][1]
    values: Iterable[str] = snapshot.table(name).values
    codes, documents, starts = snapshot.facet(name)
    return FacetColumn(
        values=(*values, *([missing] if missing is not None else ())),
        codes=codes,
        documents=documents,
        starts=starts,
    )
