"""Which segments are merged, and how: copied in bulk, without analysing or even unpacking.

Segments are sorted into tiers by their living documents: up to 3, to 15, to 63 and so on. When a
tier has four, they become one of a higher tier. So each document is copied about once a tier, a
thousand updates of one article each leave a dozen small segments, and one that is large is only
copied when others have grown to its size. Deleted documents are dropped by the way; a segment of
which a third is deleted is copied for that alone, which many deletions pay for. A segment whose
columns are half as large as Whoosh can have them is left out of the tiers.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from whoosh import fields
from whoosh.codec.whoosh3 import W3Codec

from search.engines.whoosh.storage.blocks import read_run
from search.engines.whoosh.storage.column_files import column_types, files_of, read_columns
from search.engines.whoosh.storage.runs import Numbers, Run
from search.engines.whoosh.storage.segments import SegmentBuilder
from search.engines.whoosh.storage.term_files import TermFile

#: So many segments of a tier become one.
FAN = 4
#: A segment is copied without its deleted documents when they are this share of it.
DELETED_SHARE = 1 / 3
_TERMS = 4096


@dataclass(frozen=True, slots=True)
class Weighed:
    """A segment to be judged: living and deleted documents; ``is_full`` if it must not grow."""

    living: int
    deleted: int
    is_full: bool = False


def plan(segments: Sequence[Weighed]) -> list[list[int]]:
    """Groups of segments, by their places, that are each to become one; others stay as they are.

    Segments with no document left are in no group: they are just forgotten.
    """
    groups = {place: [place] for place, each in enumerate(segments) if each.living}
    living = {place: segments[place].living for place in groups}
    for tier in count():
        if not groups or FAN**tier > max(living.values()):
            break
        same = [
            place
            for place in groups
            if _tier(living[place]) == tier and not segments[place].is_full
        ]
        if len(same) >= FAN:
            first, *others = same
            for place in others:
                groups[first] += groups.pop(place)
                living[first] += living.pop(place)
    return [group for group in groups.values() if len(group) > 1 or _is_worn(segments[group[0]])]


def _tier(living: int) -> int:
    return next(tier for tier in count() if living < FAN ** (tier + 1))


def _is_worn(segment: Weighed) -> bool:
    total = segment.living + segment.deleted
    return segment.deleted > 0 and segment.deleted >= DELETED_SHARE * total


def copy_segment(
    storage: Any, schema: fields.Schema, segment: Any, builder: SegmentBuilder
) -> None:
    """Add the living documents of ``segment``, whose files are in ``storage``, to a new one."""
    files = files_of(storage, segment)
    is_kept = np.ones(segment.doc_count_all(), dtype=bool)
    is_kept[list(segment.deleted_docs())] = False
    kept = np.flatnonzero(is_kept)
    numbers = np.where(is_kept, np.cumsum(is_kept) - 1, -1)
    columns = read_columns(files, segment, column_types(schema), kept)
    builder.add_segment(len(kept), columns, _postings(files, segment, numbers))


def _postings(files: Any, segment: Any, numbers: Numbers) -> Iterator[Run]:
    """The postings of a segment under new document ``numbers``, some terms at a time."""
    name = segment.make_filename(W3Codec.TERMS_EXT)
    posts = files.open_file(segment.make_filename(W3Codec.POSTS_EXT))
    with contextlib.closing(posts), files.open_file(name) as file:
        for keys, entries in TermFile(file, files.file_length(name)).read(_TERMS):
            run = read_run(keys, entries, posts.get).renumbered(numbers)
            if run.keys:
                yield run
