"""Near-duplicates of a generation: which document stands for which.

Worked out for each generation as a whole, so that it never matters which article came first, and
one that stood for others can go without leaving a trace.
"""

from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.answers.columns import BoolArray, FloatArray
from search.engines.whoosh.postings.postings import DocumentArray
from search.engines.whoosh.storage.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Groups:
    """``stands_for`` names each document's representative, itself if it is like no other.

    ``shown`` are the representatives, one of each group; ``grouped`` the documents that have
    duplicates, if there ``are_any``. A search goes through all of them, and shows of each group the
    one that fits best.
    """

    stands_for: DocumentArray
    shown: BoolArray
    grouped: BoolArray
    are_any: bool

    def total(self, mask: BoolArray) -> int:
        """How many stories the documents in ``mask`` are."""
        if not self.are_any:
            return int(np.count_nonzero(mask))
        found = np.unique(self.stands_for[mask & self.grouped])
        return int(np.count_nonzero(mask & ~self.grouped)) + len(found)

    def one_each(
        self, full: BoolArray, partial: BoolArray, scores: FloatArray
    ) -> tuple[BoolArray, BoolArray]:
        """``full`` and ``partial`` with only the best document of each group left in them."""
        rivals = np.flatnonzero((full | partial) & self.grouped) if self.are_any else ()
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


def groups_of(snapshot: Snapshot) -> Groups:
    """The groups of a snapshot."""
    stories = snapshot.stories()
    return Groups(*stories, bool(stories.grouped.any()))
