"""The signatures of all documents of a generation, and who rather stands for others."""

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.storage.arrays import Array
from search.engines.whoosh.storage.parts import Parts
from search.near_duplicates.lsh import Likes, find_likes
from search.near_duplicates.lsh_incremental import Keys, regroup
from search.near_duplicates.minhash import Numbers, Signatures

BoolArray = npt.NDArray[np.bool_]


class SignedParts:
    """The signatures of a generation, and the line in which documents stand for others.

    The earliest date comes first, then the shortest id. A date that is known only to the year or
    month may be as late as its end; none is later than all.
    """

    def __init__(self, parts: Parts, id_rank: Array) -> None:
        self._parts = parts
        self._rank = id_rank
        self.size = parts.size
        self._known: dict[bytes, tuple[Numbers, Numbers]] = {}

    def rows(self, numbers: Numbers) -> Signatures:
        """As :meth:`search.near_duplicates.lsh_incremental.Rows.rows`."""
        return self._parts.signatures(numbers)

    def sharing(self, keys: Keys) -> tuple[Numbers, Numbers]:
        """As :meth:`search.near_duplicates.lsh_incremental.Rows.sharing`; what was asked once is known."""
        key = keys.tobytes()
        if key not in self._known:
            self._known[key] = self._parts.sharing(keys)
        return self._known[key]

    def line(self, numbers: Numbers) -> Numbers:
        """``numbers`` in the order of the line."""
        published = self._parts.values("published", numbers)
        letters = self._parts.values("id_letters", numbers)
        date = np.where(published % 100 == 0, published + 99, published)
        date = np.where(date // 100 % 100 == 0, date + 9900, date)
        date = np.where(published == 0, np.iinfo(np.int32).max, date)
        return numbers[np.lexsort((self._rank[numbers], letters, date))]

    def likes(self, in_line: BoolArray) -> Likes:
        """Which of the documents in the line are alike, found anew."""
        return find_likes(self._parts.all_signatures(), self.line(np.flatnonzero(in_line)))

    def likes_after(
        self, before: Likes, then: "SignedParts", moved: Numbers, in_line: BoolArray
    ) -> Likes:
        """The same from what was known ``before``; ``moved`` as :func:`regroup` has it."""
        joined = in_line.copy()
        joined[moved[moved >= 0]] = False
        changed = regroup(before, then, self, moved, np.flatnonzero(joined))
        return self.likes(in_line) if changed is None else changed
