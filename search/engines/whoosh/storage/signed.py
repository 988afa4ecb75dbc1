"""The signatures of all documents of a generation, and who rather stands for others."""

import numpy as np
import numpy.typing as npt

from search.duplicates import Numbers, Signatures
from search.engines.whoosh.storage.arrays import Array
from search.engines.whoosh.storage.parts import Parts
from search.grouping import Likes, find_likes
from search.regrouping import regroup

BoolArray = npt.NDArray[np.bool_]


class SignedParts:
    """The signatures of a generation, and the line in which documents stand for others.

    The earliest date comes first, then the shortest id. A date that is known only to the year or
    month may be as late as its end; none is later than all.
    """

    def __init__(self, parts: Parts, id_rank: Array) -> None:
        self._parts = parts
        self._letters = parts.column("id_letters")
        self._published = parts.column("published")
        self._rank = id_rank
        self.all_keys = parts.all_keys

    def rows(self, numbers: Numbers) -> Signatures:
        """As :meth:`search.regrouping.Rows.rows`."""
        return self._parts.signatures(numbers)

    def line(self, numbers: Numbers) -> Numbers:
        """``numbers`` in the order of the line."""
        published = self._published[numbers]
        date = np.where(published % 100 == 0, published + 99, published)
        date = np.where(date // 100 % 100 == 0, date + 9900, date)
        date = np.where(published == 0, np.iinfo(np.int32).max, date)
        return numbers[np.lexsort((self._rank[numbers], self._letters[numbers], date))]

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
