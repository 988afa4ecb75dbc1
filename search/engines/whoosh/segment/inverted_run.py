"""Inverted runs: postings as flat arrays, inverted, merged and cut without a loop per posting.

A key is a term, escaped so that none begins with all of another, and the number of a field. So keys
sort like the bytes of their terms, and of one term the title comes before the body.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from operator import ne
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from search.engines.contract import TEXT_FIELDS, IndexedDocument

Array = npt.NDArray[Any]
#: Ends a key: a zero, and the number of the field.
_ENDS = tuple(bytes((0, number)) for number in range(len(TEXT_FIELDS)))
_ZERO, _ESCAPED = b"\x00", b"\x00\xff"


class PostingLists(NamedTuple):
    """Concatenated posting lists: ``lengths[i]`` postings belong to list ``i``.

    Each posting has a document, ascending within a list, and ``counts`` positions, at least one;
    ``positions`` are those of all postings.
    """

    lengths: Array
    documents: Array
    counts: Array
    positions: Array


@dataclass(frozen=True, slots=True)
class Run:
    """A sorted run: ``keys``, ascending and distinct, with a posting list for each."""

    keys: list[bytes]
    lists: PostingLists

    @property
    def size(self) -> int:
        """Bytes held in memory, about."""
        return sum(each.nbytes for each in self.lists) + 64 * len(self.keys)

    def moved(self, base: int) -> "Run":
        """The run with ``base`` added to each document."""
        documents = self.lists.documents + np.uint32(base)
        return Run(self.keys, self.lists._replace(documents=documents))

    def parts(self, postings: int) -> Iterator["Run"]:
        """Splits the run between keys into pieces of about the given number of postings."""
        keys, ends = self.keys, offsets_of(self.lists.lengths)
        cuts = [0]
        while cuts[-1] < len(keys):
            end = int(np.searchsorted(ends, ends[cuts[-1]] + postings, side="right")) - 1
            end = min(max(end, cuts[-1] + 1), len(keys))
            while end < len(keys) and keys[end][:-1] == keys[end - 1][:-1]:
                end += 1
            cuts.append(end)
        return self.cut(cuts)

    def cut(self, cuts: Sequence[int]) -> Iterator["Run"]:
        """Splits the run at ``cuts`` (ascending) of keys."""
        lengths, documents, counts, positions = self.lists
        edges = offsets_of(lengths)[list(cuts)]
        places = offsets_of(counts)[edges].tolist()
        for i, (first, last) in enumerate(pairwise(edges.tolist())):
            lists = PostingLists(
                lengths[cuts[i] : cuts[i + 1]],
                documents[first:last],
                counts[first:last],
                positions[places[i] : places[i + 1]],
            )
            yield Run(self.keys[cuts[i] : cuts[i + 1]], lists)

    def renumbered(self, numbers: Array) -> "Run":
        """The run with documents by their new ``numbers``; postings of those with -1 are dropped.

        The order of documents must stay as it is.
        """
        lengths, _, counts, positions = self.lists
        documents = numbers[self.lists.documents]
        kept = documents >= 0
        if kept.all():
            return Run(self.keys, self.lists._replace(documents=documents.astype(np.uint32)))
        owners = np.repeat(np.arange(len(self.keys)), lengths)[kept]
        left = np.bincount(owners, minlength=len(self.keys))
        lists = PostingLists(
            left[left > 0].astype(np.uint32),
            documents[kept].astype(np.uint32),
            counts[kept],
            positions[np.repeat(kept, counts)],
        )
        return Run([self.keys[i] for i in np.flatnonzero(left).tolist()], lists)


def term_key(term: bytes, field: int) -> bytes:
    """The key of a term in the field with this number in :data:`TEXT_FIELDS`."""
    return term.replace(_ZERO, _ESCAPED) + _ENDS[field]


def key_term(key: bytes) -> bytes:
    """The term of a key."""
    return key[:-2].replace(_ESCAPED, _ZERO)


def invert(documents: Sequence[IndexedDocument]) -> Run:
    """Inverts documents, numbered from 0, into a run."""
    keys: list[bytes] = []
    numbers: list[int] = []
    positions: list[Sequence[int]] = []
    for number, document in enumerate(documents):
        before = len(keys)
        for field, own in enumerate((document.title, document.body)):
            if "\0" in "".join(own.postings):  # escaping each would take as long as all else
                keys += [term_key(term.encode(), field) for term in own.postings]
            else:
                keys += [term.encode() + _ENDS[field] for term in own.postings]
            positions += own.postings.values()
        numbers += [number] * (len(keys) - before)
    counts = np.fromiter(map(len, positions), np.uint32, len(positions))
    flat = np.fromiter(chain.from_iterable(positions), np.uint32, int(counts.sum()))
    return _grouped(keys, np.array(numbers, dtype=np.uint32), counts, flat)


def merged(sources: Iterable[Iterator[Run]]) -> Iterator[Run]:
    """Merges several sources of pieces: keys ascend over all pieces, each comes once.

    Pieces of sources and of the result never end between the fields of a term. Postings of one key
    are in the order of the sources, so an earlier source must have the lower documents. At most one
    piece of each source is in memory at a time.
    """
    every = [(_following(source), source) for source in sources]
    while heads := [(run, source) for run, source in every if run]:
        last = min(run.keys[-1] for run, _ in heads)[:-2] + _ENDS[-1]
        taken, every = [], []
        for run, source in heads:
            at = bisect_right(run.keys, last)
            if at == len(run.keys):
                taken.append(run)
                every.append((_following(source), source))
            else:
                part, rest = run.cut((0, at, len(run.keys)))
                taken += [part] if at else []
                every.append((rest, source))
        yield joined(taken)


def _following(source: Iterator[Run]) -> Run | None:
    """The next piece that has keys, None at the end."""
    return next((run for run in source if run.keys), None)


def joined(runs: Sequence[Run]) -> Run:
    """Merges runs; documents of a later run are higher than those of an earlier one."""
    if len(runs) == 1:
        return runs[0]
    keys = list(chain.from_iterable(run.keys for run in runs))
    # Timsort finds the ascending stretches and merges them, stable among equal keys.
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
    ordered = [keys[i] for i in order.tolist()]
    is_new = np.ones(len(ordered), dtype=bool)
    is_new[1:] = np.fromiter(map(ne, ordered[1:], ordered), bool, len(ordered) - 1)
    firsts = np.flatnonzero(is_new)
    frequencies, documents, counts, positions = map(
        np.concatenate, zip(*(run.lists for run in runs), strict=True)
    )
    bounds = offsets_of(frequencies)
    starts, lengths = bounds[:-1][order], frequencies[order].astype(np.int64)
    places = offsets_of(counts)[bounds]  # where the positions of each entry begin
    sizes = np.diff(places)
    lists = PostingLists(
        np.add.reduceat(lengths, firsts).astype(np.uint32),
        slices(documents, starts, lengths),
        slices(counts, starts, lengths),
        slices(positions, places[:-1][order], sizes[order]),
    )
    return Run([ordered[i] for i in firsts.tolist()], lists)


def offsets_of(lengths: Array | Sequence[int]) -> npt.NDArray[np.int64]:
    """The starts of concatenated slices of some lengths, and the end of the last."""
    bounds = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds


def slices(data: Array, starts: Array, lengths: Array) -> Array:
    """Concatenates slices of ``data``."""
    return data[slice_places(starts, lengths)]


def slice_places(starts: Array, lengths: Array, step: int = 1) -> npt.NDArray[np.int64]:
    """The places ``step`` apart of slices that begin at ``starts`` and have ``lengths`` of them."""
    lengths = lengths.astype(np.int64)
    shifts = starts - step * (np.cumsum(lengths) - lengths)
    return np.repeat(shifts, lengths) + step * np.arange(int(lengths.sum()))


def _grouped(keys: Sequence[bytes], documents: Array, counts: Array, positions: Array) -> Run:
    """Groups single postings, with documents ascending, into a run by their keys."""
    places: dict[bytes, int] = {}
    owners = np.fromiter((places.setdefault(key, len(places)) for key in keys), np.int64, len(keys))
    ordered = sorted(places)
    ranks = np.empty(len(ordered), dtype=np.int64)
    ranks[[places[key] for key in ordered]] = np.arange(len(ordered))
    owners = ranks[owners]
    order = np.argsort(owners, kind="stable")
    lists = PostingLists(
        np.bincount(owners, minlength=len(ordered)).astype(np.uint32),
        documents[order].astype(np.uint32),
        counts[order].astype(np.uint32),
        slices(positions, offsets_of(counts)[:-1][order], counts[order]).astype(np.uint32),
    )
    return Run(ordered, lists)
