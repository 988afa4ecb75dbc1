"""The postings of one term in one field, as arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.packed import EARLY_POSITIONS
from search.engines.whoosh.storage.runs import Numbers

DocumentArray = npt.NDArray[np.int64]
PositionArray = npt.NDArray[np.uint32]

_NONE: DocumentArray = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings of a term in one field, of one segment or of all.

    ``documents`` ascending; ``frequencies`` of equal length, and of these ``early`` among the
    first positions of the field; ``positions`` flat. Deleted documents are still among them.
    """

    documents: DocumentArray
    frequencies: Numbers
    early: Numbers
    positions: Numbers
    _offsets: list[DocumentArray] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def of(
        cls, documents: DocumentArray, frequencies: DocumentArray, positions: PositionArray
    ) -> "Postings":
        """Postings with what follows from the others worked out."""
        early = _NONE
        if len(positions):
            starts = np.cumsum(frequencies) - frequencies
            early = np.add.reduceat(positions < EARLY_POSITIONS, starts, dtype=np.int64)
        elif len(documents):
            early = np.zeros(len(documents), dtype=np.uint8)
        return cls(documents, frequencies, early, positions)

    @property
    def size(self) -> int:
        """Bytes held in memory, once the offsets are."""
        documents = 2 * self.documents.nbytes
        return documents + self.frequencies.nbytes + self.early.nbytes + self.positions.nbytes

    @property
    def offsets(self) -> DocumentArray:
        """The positions of ``documents[i]`` stand at ``offsets[i]:offsets[i + 1]``."""
        if not self._offsets:
            offsets = np.zeros(len(self.documents) + 1, dtype=np.int64)
            np.cumsum(self.frequencies, out=offsets[1:])
            self._offsets.append(offsets)
        return self._offsets[0]

    def of_documents(self, numbers: Sequence[int]) -> Iterator[tuple[int, Numbers]]:
        """Those of the documents that hold the term, each with its positions there."""
        places = np.searchsorted(self.documents, np.asarray(numbers, dtype=np.int64))
        for number, i in zip(numbers, places.tolist(), strict=True):
            if i < len(self.documents) and self.documents[i] == number:
                yield number, self.positions[self.offsets[i] : self.offsets[i + 1]]

    def only(self, numbers: DocumentArray) -> "Postings":
        """These postings cut down to some documents, whose numbers ascend."""
        if not len(numbers) or not len(self.documents):
            return EMPTY
        if len(numbers) < len(self.documents):
            places = np.searchsorted(self.documents, numbers)
            places[places == len(self.documents)] = 0
            places = places[self.documents[places] == numbers]
        else:
            found = np.searchsorted(numbers, self.documents)
            found[found == len(numbers)] = 0
            places = np.flatnonzero(numbers[found] == self.documents)
        counts = self.frequencies[places].astype(np.int64)
        # The first of each document's positions, less how many were taken before it.
        shifts = self.offsets[places] - (np.cumsum(counts) - counts)
        positions = self.positions[np.repeat(shifts, counts) + np.arange(counts.sum())]
        return Postings(self.documents[places], counts, self.early[places], positions)


def joined(parts: Sequence[Numbers]) -> Numbers:
    """Arrays end to end; a single one is not copied."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def end_to_end(parts: Sequence[Postings]) -> Postings:
    """Postings of several segments, in order, as one."""
    if len(parts) == 1:
        return parts[0]
    return Postings(
        joined([each.documents for each in parts]),
        joined([each.frequencies for each in parts]),
        joined([each.early for each in parts]),
        joined([each.positions for each in parts]),
    )


EMPTY = Postings(_NONE, _NONE, _NONE, np.empty(0, dtype=np.uint32))
