"""The segments of a generation, with global document numbers."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from search.engines.whoosh.segment import Segment
from search.engines.whoosh.segment.arrays import Array, decoded
from search.engines.whoosh.segment.doc_values import DocValues
from search.near_duplicates.lsh import precedence
from search.near_duplicates.lsh_incremental import Keys
from search.near_duplicates.minhash import PLACES, Numbers, Signatures


class SegmentSet(Sequence[Segment]):
    """The open segments of a generation in order.

    ``bases`` are the numbers of their first documents, ``size`` is the number of documents, deleted
    ones among them. Everything raises CorruptArray.
    """

    def __init__(
        self, directory: Path, names: Iterable[str], known: Iterable[Segment] = ()
    ) -> None:
        """Open those that are not among the ``known``. Raises OSError or CorruptArray."""
        open_ones = {each.name: each for each in known}
        self._segments = tuple(open_ones.get(each) or Segment(directory, each) for each in names)
        ends = np.cumsum([0, *map(len, self._segments)]).tolist()
        self.size: int = ends[-1]
        self.bases: tuple[int, ...] = tuple(ends[:-1])

    def __len__(self) -> int:
        return len(self._segments)

    @overload
    def __getitem__(self, at: int) -> Segment: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Segment, ...]: ...
    def __getitem__(self, at: int | slice) -> Segment | tuple[Segment, ...]:
        return self._segments[at]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self._segments)

    def based(self) -> Iterator[tuple[int, Segment]]:
        """Each segment with the number of its first document."""
        return zip(self.bases, self._segments, strict=True)

    def locate(self, number: int) -> tuple[Segment, int]:
        """The segment that has a document, and its number there. Raises IndexError."""
        if not 0 <= number < self.size:
            raise IndexError(number)
        part = bisect_right(self.bases, number) - 1
        return self._segments[part], number - self.bases[part]

    def column(self, name: str) -> Array:
        """A column that has a number for each document."""
        columns = [each.doc_values.column(name) for each in self._segments]
        if len(columns) == 1:
            return columns[0]
        return np.concatenate(columns) if columns else np.empty(0, dtype=np.int32)

    def values(self, name: str, numbers: Numbers) -> Array:
        """The values of a column for some documents."""
        found = np.empty(len(numbers), dtype=np.int64)
        return self._filled(found, numbers, lambda values, own: values.column(name)[own])

    def signatures(self, numbers: Numbers) -> Signatures:
        """The signatures of some documents."""
        rows = np.empty((len(numbers), PLACES), dtype=np.uint16)
        return self._filled(rows, numbers, DocValues.signatures)

    def claims(self) -> tuple[Numbers, Array]:
        """Documents with the claims of their passages, see :func:`unsupported`."""
        parts = [(base, *each.doc_values.claims()) for base, each in self.based()]
        documents = [np.empty(0, np.int64), *(numbers + base for base, numbers, _ in parts)]
        claims = [np.empty((0, 2), np.uint32), *(found for *_, found in parts)]
        return np.concatenate(documents), np.concatenate(claims)

    def numbers_of(self, article_id: str) -> list[int]:
        """The documents that have, or had, this id."""
        found = ((base, each.doc_values.numbers_of(article_id)) for base, each in self.based())
        return [base + number for base, numbers in found for number in numbers]

    def _filled(
        self, into: Array, numbers: Numbers, read: Callable[[DocValues, Numbers], Array]
    ) -> Array:
        """Fills ``into`` with what ``read`` gives for documents from their segments' doc values."""
        for base, each in self.based() if len(numbers) else ():
            here = (numbers >= base) & (numbers < base + len(each))
            if here.any():
                into[here] = read(each.doc_values, numbers[here] - base)
        return into


class DocumentIds:
    """The ids of all documents."""

    def __init__(self, segments: SegmentSet) -> None:
        self._segments = segments

    def __getitem__(self, number: int) -> str:
        return decoded(self.raw(number))

    def __iter__(self) -> Iterator[str]:
        for each in self._segments:
            yield from each.doc_values.ids

    def raw(self, number: int) -> bytes:
        """The id of a document as bytes, which sort like ids."""
        segment, place = self._segments.locate(number)
        return segment.doc_values.ids.raw(place)


class SegmentSignatures:
    """The signatures of some segments, as :class:`SignatureIndex` for incremental clustering."""

    def __init__(self, segments: SegmentSet, id_rank: Array) -> None:
        self._segments = segments
        self._rank = id_rank
        self._known: dict[bytes, tuple[Numbers, Numbers]] = {}
        self.size = segments.size
        self.rows = segments.signatures

    def sharing(self, keys: Keys) -> tuple[Numbers, Numbers]:
        """Bands and documents with the same key; cached."""
        asked = keys.tobytes()
        if asked not in self._known:
            found = [(b, *each.doc_values.sharing(keys)) for b, each in self._segments.based()]
            none = np.empty(0, dtype=np.int64)
            bands = np.concatenate([none, *(bands for _, bands, _ in found)])
            numbers = np.concatenate([none, *(numbers + base for base, _, numbers in found)])
            self._known[asked] = bands, numbers
        return self._known[asked]

    def in_order(self, numbers: Numbers) -> Numbers:
        """``numbers`` in order of precedence as representatives."""
        published, letters = (
            self._segments.values(name, numbers) for name in ("published", "id_letters")
        )
        return numbers[precedence(published, letters, self._rank[numbers])]
