"""Postings of many terms as a few arrays: inverted, merged and cut without a step per posting.

A key is the number of a field as two bytes (big-endian) and the bytes of a term, as Whoosh's term
index has them; keys sort like Whoosh's terms.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from operator import ne
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Run:
    """The postings of ``keys``, which ascend and are all different.

    ``frequencies[i]`` postings belong to ``keys[i]``. Each has an ascending number in
    ``documents`` and so many positions as ``counts`` says, none in a field without positions;
    ``positions`` are those of all postings. All are flat.
    """

    keys: list[bytes]
    frequencies: Numbers
    documents: Numbers
    counts: Numbers
    positions: Numbers

    @property
    def size(self) -> int:
        """Bytes held in memory, about."""
        arrays = (self.frequencies, self.documents, self.counts, self.positions)
        return sum(each.nbytes for each in arrays) + 64 * len(self.keys)

    def moved(self, base: int) -> "Run":
        """The same with ``base`` added to each document."""
        documents = self.documents + np.uint32(base)
        return Run(self.keys, self.frequencies, documents, self.counts, self.positions)

    def parts(self, postings: int) -> Iterator["Run"]:
        """This in pieces of about so many postings, a key's never torn apart."""
        ends = _bounds(self.frequencies)
        cuts = [0]
        while cuts[-1] < len(self.keys):
            end = int(np.searchsorted(ends, ends[cuts[-1]] + postings, side="right")) - 1
            cuts.append(min(max(end, cuts[-1] + 1), len(self.keys)))
        return self.cut(cuts)

    def cut(self, cuts: Sequence[int]) -> Iterator["Run"]:
        """The postings of the keys from each of ``cuts`` (ascending) to the next."""
        edges = _bounds(self.frequencies)[list(cuts)]
        places = _bounds(self.counts)[edges].tolist()
        for i, (first, last) in enumerate(pairwise(edges.tolist())):
            yield Run(
                self.keys[cuts[i] : cuts[i + 1]],
                self.frequencies[cuts[i] : cuts[i + 1]],
                self.documents[first:last],
                self.counts[first:last],
                self.positions[places[i] : places[i + 1]],
            )

    def renumbered(self, numbers: Numbers) -> "Run":
        """Documents by their new ``numbers``; postings of those with -1 are dropped.

        The order of documents must stay as it is.
        """
        documents = numbers[self.documents]
        kept = documents >= 0
        if kept.all():
            documents = documents.astype(np.uint32)
            return Run(self.keys, self.frequencies, documents, self.counts, self.positions)
        owners = np.repeat(np.arange(len(self.keys)), self.frequencies)[kept]
        frequencies = np.bincount(owners, minlength=len(self.keys))
        keys = [self.keys[i] for i in np.flatnonzero(frequencies).tolist()]
        return Run(
            keys,
            frequencies[frequencies > 0].astype(np.uint32),
            documents[kept].astype(np.uint32),
            self.counts[kept],
            self.positions[np.repeat(kept, self.counts)],
        )


def inverted(keys: Sequence[bytes], documents: Numbers, counts: Numbers, positions: Numbers) -> Run:
    """Postings one by one, with documents ascending, put in order by their keys."""
    places: dict[bytes, int] = {}
    owners = np.fromiter((places.setdefault(key, len(places)) for key in keys), np.int64, len(keys))
    ordered = sorted(places)
    ranks = np.empty(len(ordered), dtype=np.int64)
    ranks[[places[key] for key in ordered]] = np.arange(len(ordered))
    owners = ranks[owners]
    order = np.argsort(owners, kind="stable")
    return Run(
        ordered,
        np.bincount(owners, minlength=len(ordered)).astype(np.uint32),
        documents[order].astype(np.uint32),
        counts[order].astype(np.uint32),
        _slices(positions, _bounds(counts)[:-1][order], counts[order]).astype(np.uint32),
    )


def merged(sources: Iterable[Iterator[Run]]) -> Iterator[Run]:
    """The pieces of several sources as one: keys ascend over all pieces, each comes once.

    Of one key the postings of an earlier source come first, so its documents must be the lower
    ones. No more than a piece of each source is held at a time.
    """
    heads = [_Head(source) for source in sources]
    heads = [head for head in heads if head.advance()]
    while heads:
        last = min(head.run.keys[-1] for head in heads)
        yield joined([part for head in heads if (part := head.take(last)).keys])
        heads = [head for head in heads if head.at < len(head.run.keys) or head.advance()]


class _Head:
    """The piece of a source that is next to be merged, from key ``at`` on."""

    def __init__(self, source: Iterator[Run]) -> None:
        self._source = source
        self.run: Run
        self.at = 0

    def advance(self) -> bool:
        """Go to the next piece that has keys; False at the end."""
        for run in self._source:
            if run.keys:
                self.run, self.at = run, 0
                return True
        return False

    def take(self, last: bytes) -> Run:
        """Postings of the keys up to ``last``."""
        start, self.at = self.at, bisect_right(self.run.keys, last, self.at)
        if (start, self.at) == (0, len(self.run.keys)):
            return self.run
        return next(self.run.cut((start, self.at)))


def joined(runs: Sequence[Run]) -> Run:
    """Several runs in one; documents of a later run are higher than those of an earlier one."""
    if len(runs) == 1:
        return runs[0]
    keys = list(chain.from_iterable(run.keys for run in runs))
    # Timsort finds the ascending stretches and merges them, stable among equal keys.
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
    ordered = [keys[i] for i in order.tolist()]
    is_new = np.ones(len(ordered), dtype=bool)
    is_new[1:] = np.fromiter(map(ne, ordered[1:], ordered), bool, len(ordered) - 1)
    firsts = np.flatnonzero(is_new)
    frequencies = _concatenated([run.frequencies for run in runs]).astype(np.int64)
    counts = _concatenated([run.counts for run in runs])
    bounds = _bounds(frequencies)
    starts, lengths = bounds[:-1][order], frequencies[order]
    places = _bounds(counts)[bounds]  # where the positions of each entry begin
    sizes = np.diff(places)
    documents = _concatenated([run.documents for run in runs])
    return Run(
        [ordered[i] for i in firsts.tolist()],
        np.add.reduceat(lengths, firsts).astype(np.uint32),
        _slices(documents, starts, lengths),
        _slices(counts, starts, lengths),
        _slices(_concatenated([run.positions for run in runs]), places[:-1][order], sizes[order]),
    )


def _concatenated(arrays: Sequence[Numbers]) -> Numbers:
    return np.concatenate(arrays)


def _bounds(lengths: Numbers) -> Numbers:
    """Where slices of these lengths begin and end when they lie end to end."""
    bounds = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds


def _slices(data: Numbers, starts: Numbers, lengths: Numbers) -> Numbers:
    """Slices of ``data`` end to end."""
    lengths = lengths.astype(np.int64)
    shifts = starts - (np.cumsum(lengths) - lengths)
    return data[np.repeat(shifts, lengths) + np.arange(int(lengths.sum()))]
