"""Near-duplicates of a generation: which document stands for which.

Grouped anew whenever a generation opens, so that it never matters which article came first, and one
that stood for others can go without leaving a trace.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from search.duplicates import NO_SIGNATURE, PLACES, representatives
from search.engines.whoosh.columns import BoolArray, Columns, FacetColumn, FloatArray
from search.engines.whoosh.postings import DocumentArray


@dataclass(frozen=True, slots=True)
class Groups:
    """``stands_for`` names each document's representative, itself if it is like no other.

    ``shown`` are the representatives, one of each group; ``grouped`` the documents that have
    duplicates. A search goes through all of them, and shows of each group the one that fits best.
    """

    stands_for: DocumentArray
    shown: BoolArray
    grouped: BoolArray

    def total(self, mask: BoolArray) -> int:
        """How many stories the documents in ``mask`` are."""
        found = np.unique(self.stands_for[mask & self.grouped])
        return int(np.count_nonzero(mask & ~self.grouped)) + len(found)

    def counts(self, column: FacetColumn, mask: BoolArray) -> DocumentArray:
        """How many stories in ``mask`` have each value of ``column``."""
        counts = column.counts(mask)
        held = (mask & self.grouped)[column.documents]
        if held.any():
            values = len(column.values)
            codes = column.codes[held]
            stories = np.unique(self.stands_for[column.documents[held]] * values + codes)
            counts += np.bincount(stories % values, minlength=values)
            counts -= np.bincount(codes, minlength=values)
        return counts

    def one_each(
        self, full: BoolArray, partial: BoolArray, scores: FloatArray
    ) -> tuple[BoolArray, BoolArray]:
        """``full`` and ``partial`` with only the best document of each group left in them."""
        rivals = np.flatnonzero((full | partial) & self.grouped)
        if not len(rivals):
            return full, partial
        order = np.lexsort((~self.shown[rivals], -scores[rivals], ~full[rivals]))
        ordered = rivals[order]
        _, best = np.unique(self.stands_for[ordered], return_index=True)
        left = ~self.grouped
        left[ordered[best]] = True
        return full & left, partial & left

    def others(self, number: int) -> list[int]:
        """The duplicates of a document, its representative first."""
        if not 0 <= number < len(self.stands_for):
            return []
        first = int(self.stands_for[number])
        members = np.flatnonzero(self.stands_for == first)
        ordered = [first, *(each for each in members.tolist() if each != first)]
        return [each for each in ordered if each != number]


def read_groups(reader: Any, columns: Columns) -> Groups:
    """Group the documents of a Whoosh reader. The caller holds no lock, and needs none yet."""
    stored: list[bytes] = []
    for leaf, _ in reader.leaf_readers():
        count = leaf.doc_count_all()
        if count:
            column = leaf.column_reader("signature")
            stored += [column[local] or NO_SIGNATURE for local in range(count)]
    rows = np.frombuffer(b"".join(stored), dtype=np.uint16).reshape(-1, PLACES)
    stands_for = representatives(rows, _order(columns))
    alike = np.bincount(stands_for[columns.alive], minlength=columns.size)
    return Groups(
        stands_for=stands_for,
        shown=columns.alive & (stands_for == np.arange(columns.size)),
        grouped=columns.alive & (alike[stands_for] > 1),
    )


def _order(columns: Columns) -> DocumentArray:
    """Living documents, those that rather stand for others first.

    The earliest date first, then the shortest id. A date that is known only to the year or month
    may be as late as its end; none is later than all.
    """
    date = columns.published
    date = np.where(date % 100 == 0, date + 99, date)
    date = np.where(date // 100 % 100 == 0, date + 9900, date)
    date = np.where(columns.published == 0, np.iinfo(np.int64).max, date)
    lengths = np.fromiter(map(len, columns.ids), np.int64, columns.size)
    order = np.lexsort((columns.id_rank, lengths, date))
    return np.asarray(order[columns.alive[order]], dtype=np.int64)
