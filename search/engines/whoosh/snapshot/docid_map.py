"""Maps document numbers of one generation to the next: segments go, come and are merged."""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.segment.arrays import Array
from search.engines.whoosh.snapshot.segment_set import (
    DocumentIds,
    SegmentSet,
    SegmentSignatures,
)
from search.near_duplicates.minhash import Numbers

#: With more new documents than one in so many, going through all is cheaper than looking up each.
_FEW = 30
_NOBODY: Numbers = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class DocIdMap:
    """``moved`` gives the new numbers of documents by the old ones, -1 where their segment is gone.

    ``fresh`` are the documents of segments that were not there, which may be old acquaintances.
    """

    moved: Numbers
    fresh: Numbers
    size: int

    @classmethod
    def between(cls, then: SegmentSet | None, now: SegmentSet) -> "DocIdMap":
        """What changed from one generation to the next; ``then`` is None for the first one."""
        moved = np.full(then.size if then else 0, -1, dtype=np.int64)
        bases = {each.name: base for base, each in then.based()} if then else {}
        fresh = [_NOBODY]
        for base, each in now.based():
            numbers = np.arange(base, base + len(each))
            if each.name in bases:
                start = bases[each.name]
                moved[start : start + len(each)] = numbers
            else:
                fresh.append(numbers)
        return cls(moved, np.concatenate(fresh), now.size)

    @property
    def are_few(self) -> bool:
        """Are so few documents fresh that each can be looked up?"""
        return len(self.fresh) * _FEW < self.size

    def id_order(self, ids: DocumentIds, before: Array) -> Array:
        """All documents in the order of their ids, from that order as it was."""
        if not self.are_few:
            raw = ids.raws()
            return np.array(sorted(range(self.size), key=raw.__getitem__), dtype=np.int32)
        kept = self.moved[before]
        kept = kept[kept >= 0]
        fresh = sorted(self.fresh.tolist(), key=ids.raw)
        places = [bisect_right(kept, ids.raw(number), key=ids.raw) for number in fresh]
        return np.insert(kept, places, fresh).astype(np.int32)

    def same(self, then: SegmentSet, was_there: Array, now: SegmentSet, is_there: Array) -> Numbers:
        """``moved`` for documents that count then and now, also for those that were written again.

        That is with the same id, date and signature.
        """
        moved = np.where(was_there, self.moved, -1)
        pairs = self._by_id(DocumentIds(then), was_there, DocumentIds(now))
        old, new = pairs[:, 0], pairs[:, 1]
        same = then.values("published", old) == now.values("published", new)
        before, after = (SegmentSignatures(each, _NOBODY) for each in (then, now))
        same &= (before.rows(old) == after.rows(new)).all(axis=1)
        moved[old[same]] = new[same]
        stays = np.flatnonzero(moved >= 0)
        moved[stays[~is_there[moved[stays]]]] = -1
        return moved

    def _by_id(self, then: DocumentIds, was_there: Array, now: DocumentIds) -> Numbers:
        """Old and new numbers of documents in fresh segments whose ids were there."""
        pairs: list[tuple[int, int]] = []
        if self.are_few:
            for number in self.fresh.tolist():
                found = then.numbers_of(now[number])
                pairs += [(each, number) for each in found if was_there[each]]
        else:
            known = {each: old for old, each in enumerate(then) if was_there[old]}
            ids = list(now)
            fresh = self.fresh.tolist()
            pairs = [(known[ids[each]], each) for each in fresh if ids[each] in known]
        return np.array(pairs, dtype=np.int64).reshape(-1, 2)
