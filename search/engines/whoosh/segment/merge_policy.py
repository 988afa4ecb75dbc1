"""Merge policy: which segments become one, as in Lucene's tiered policy.

Segments are sorted into tiers by their living documents: up to 3, to 15, to 63 and so on. When a
tier has four, they become one of a higher tier. So each document is copied about once a tier, a
thousand updates of one article each leave a dozen small segments, and one that is large is only
copied when others have grown to its size. Deleted documents are dropped by the way; a segment of
which a third is deleted is copied for that alone, which many deletions pay for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

#: So many segments of a tier become one.
MERGE_FACTOR = 4
#: A segment is copied without its deleted documents when they are this share of it.
TOMBSTONE_RATIO = 1 / 3


@dataclass(frozen=True, slots=True)
class SegmentStats:
    """How many documents of a segment are alive, and how many deleted."""

    living: int
    deleted: int


def plan(segments: Sequence[SegmentStats]) -> list[list[int]]:
    """Groups of segments, by their places, that are each to become one; others stay as they are.

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
    """Are so many documents deleted that the segment is to be copied for that?"""
    total = segment.living + segment.deleted
    return segment.deleted > 0 and segment.deleted >= TOMBSTONE_RATIO * total
