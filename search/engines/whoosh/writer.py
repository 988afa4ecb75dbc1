"""Writes documents into the segments of a new generation, and merges segments.

The merge policy is that of Lucene's tiers: segments are grouped by their live documents, up to 3,
to 15, to 63 and so on. When a tier has four, they become one of a higher tier. So each document is
copied about once per tier, a thousand updates of one article each leave a dozen small segments, and
a large one is only copied when others have grown to its size. Deleted documents are dropped in
merges; a segment with a third of its documents deleted is copied for that alone, at a cost
proportional to its deletions.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from search.engines.contract import ArticleVectors, IndexedDocument, Pack, StoredDocument
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.segment.builder import Batch, SegmentBuilder, pack_batch, unpack_batch
from search.engines.whoosh.snapshot.incremental import LiveDocs
from search.engines.whoosh.snapshot.snapshot import BoolArray, Snapshot

#: Number of segments of a tier that are merged.
MERGE_FACTOR = 4
#: A segment is copied without its deleted documents when they are this share of it.
TOMBSTONE_RATIO = 1 / 3
#: Documents that :meth:`WhooshWriter.add` takes at a time.
_BATCH = 64


class VectorTarget(Protocol):
    """Takes vectors that come with documents."""

    def add(self, model: str, vectors: ArticleVectors) -> None: ...

    def close(self) -> None: ...


class SegmentStats(NamedTuple):
    """Numbers of live and deleted documents of a segment."""

    living: int
    deleted: int


class WhooshWriter:
    """Implements the :class:`~search.engines.contract.EngineWriter` contract over a directory.

    New files go to ``directory``. ``before`` is the existing snapshot, None for an empty index: its
    files are read only, and those of :attr:`segments` belong into ``directory`` once all is
    written. ``vectors`` takes vectors added with documents.
    Everything raises CorruptArray where they are not what was written.
    """

    def __init__(
        self,
        directory: Path,
        before: Snapshot | None = None,
        vectors: VectorTarget | None = None,
    ) -> None:
        self._directory = directory
        self._vectors = vectors
        self._before = before
        self._alive: Mapping[str, BoolArray] = {}
        if before:
            alive = np.split(before.alive.copy(), before.segments.bases[1:])
            self._alive = dict(zip(before.segments.names, alive, strict=False))
        self._live: list[LiveDocs] = []
        self._documents: list[IndexedDocument] = []
        self._builder = SegmentBuilder(directory)
        self.changed = False

    @property
    def segments(self) -> tuple[LiveDocs, ...]:
        """The segments once all is written, the largest first."""
        return tuple(sorted(self._live, key=lambda each: -len(each.alive)))

    @property
    def document_count(self) -> int:
        """Living documents, once all is written."""
        return sum(each.living for each in self._live)

    def packing(self) -> Pack:
        return pack_batch

    def add(self, document: IndexedDocument) -> None:
        self._documents.append(document)
        self.changed = True
        if len(self._documents) >= _BATCH:
            self._take()

    def add_stored(self, stored: StoredDocument) -> None:
        self.add(stored.document)
        if self._vectors and stored.vectors:
            self._vectors.add(stored.model, stored.vectors)

    def add_packed(self, packed: bytes) -> None:
        self._add(unpack_batch(packed))

    def delete(self, article_id: str) -> None:
        for segment in self._before.segments if self._before else ():
            alive = self._alive[segment.name]
            for number in segment.doc_values.numbers_of(article_id):
                if alive[number]:
                    self.changed = True
                    alive[number] = False

    def commit(self) -> None:
        """Write everything; small and worn segments are merged, see :func:`plan`."""
        # Imported here, as searching needs no Whoosh, and its import takes long.
        from search.engines.whoosh.codec import write_toc

        try:
            self._write()
            if self._vectors:
                self._vectors.close()
            write_toc(self._directory, self.segments)
        finally:
            self._builder.close()

    def cancel(self) -> None:
        """Closes everything; the caller that made the directory removes it."""
        self._builder.close()

    def _write(self) -> None:
        self._take()
        old = tuple(self._before.segments) if self._before else ()
        fresh = len(old)
        groups = plan([*map(self._stats, old), SegmentStats(self._builder.count, 0)])
        # New documents are written anyway, so segments to merge with them join them at once.
        groups.sort(key=lambda group: fresh not in group)
        if not groups or fresh not in groups[0]:
            self._finish()
        for group in groups:
            for place in group:
                if place != fresh:
                    self._builder.add_segment(old[place], self._alive[old[place].name])
            self._finish()
        merged = {place for group in groups for place in group}
        kept = (each.name for place, each in enumerate(old) if place not in merged)
        left = (LiveDocs(name, self._alive[name]) for name in kept)
        self._live += (each for each in left if each.living)

    def _finish(self) -> None:
        """Finishes the segment that is being written, if it has documents."""
        if self._builder.count:
            alive = np.ones(self._builder.count, dtype=bool)
            self._live.append(LiveDocs(self._builder.finish(), alive))
            self._builder = SegmentBuilder(self._directory)

    def _take(self) -> None:
        documents, self._documents = self._documents, []
        self._add(Batch.of(documents))

    def _add(self, batch: Batch) -> None:
        if len(batch):
            self.changed = True
            self._builder.add(batch)

    def _stats(self, segment: Segment) -> SegmentStats:
        alive = self._alive[segment.name]
        living = int(np.count_nonzero(alive))
        return SegmentStats(living, len(alive) - living)


def plan(segments: Sequence[SegmentStats]) -> list[list[int]]:
    """Merge policy: groups of segments, by their indices, to be merged; others stay.

    Segments with no document left are in no group: they are just forgotten.
    """
    groups = {place: [place] for place, each in enumerate(segments) if each.living}
    living = {place: segments[place].living for place in groups}
    for tier in count():
        if not groups or MERGE_FACTOR**tier > max(living.values()):
            break
        same = [place for place in groups if _tier(living[place]) == tier]
        if len(same) >= MERGE_FACTOR:
            first, *others = same
            for place in others:
                groups[first] += groups.pop(place)
                living[first] += living.pop(place)
    return [
        group for group in groups.values() if len(group) > 1 or _has_tombstones(segments[group[0]])
    ]


def _tier(living: int) -> int:
    return next(tier for tier in count() if living < MERGE_FACTOR ** (tier + 1))


def _has_tombstones(segment: SegmentStats) -> bool:
    """Are enough documents deleted to copy the segment for that alone?"""
    total = segment.living + segment.deleted
    return segment.deleted > 0 and segment.deleted >= TOMBSTONE_RATIO * total
