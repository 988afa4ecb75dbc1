"""The segments of a generation taken together, with documents numbered through all of them."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from search.engines.whoosh.segment.arrays import Array, Texts
from search.engines.whoosh.segment.segment import Segment
from search.near_duplicates.lsh import precedence
from search.near_duplicates.lsh_incremental import Keys
from search.near_duplicates.minhash import PLACES, Numbers, Signatures

#: Values of fewer documents than one in so many are looked up one segment after the other.
_SOME = 100


class SegmentSet(Sequence[Segment]):
    """Some open segments, in the order of a generation.

    ``bases`` are the numbers of their first documents. Everything raises CorruptArray.
    """

    def __init__(
        self, directory: Path, names: Iterable[str], known: Iterable[Segment] = ()
    ) -> None:
        """Open those that are not among the ``known``. Raises OSError or CorruptArray."""
        open_ones = {each.name: each for each in known}
        self._segments = tuple(open_ones.get(each) or Segment(directory, each) for each in names)
        sizes = np.fromiter(map(len, self._segments), np.int64, len(self._segments))
        #: How many documents there are, deleted ones among them.
        self.size = int(sizes.sum())
        self.bases: tuple[int, ...] = tuple((np.cumsum(sizes) - sizes).tolist())

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
        held = [each.doc_values.column(name) for each in self._segments]
        if len(held) == 1:
            return held[0]
        return np.concatenate(held) if held else np.empty(0, dtype=np.int32)

    def values(self, name: str, numbers: Numbers) -> Array:
        """The values of a column for some documents."""
        if len(numbers) > self.size // _SOME:
            return self.column(name)[numbers]
        held = np.empty(len(numbers), dtype=np.int64)
        for base, each in self.based() if len(numbers) else ():
            here = (numbers >= base) & (numbers < base + len(each))
            if here.any():
                held[here] = each.doc_values.column(name)[numbers[here] - base]
        return held

    def claims(self) -> tuple[Numbers, Array]:
        """Documents and what passages speak for in them, see :func:`unsupported`."""
        held = [(base, *each.doc_values.claims()) for base, each in self.based()]
        documents = [np.empty(0, np.int64), *(numbers + base for base, numbers, _ in held)]
        claims = [np.empty((0, 2), np.uint32), *(found for *_, found in held)]
        return np.concatenate(documents), np.concatenate(claims)

    def numbers_of(self, article_id: str) -> list[int]:
        """The documents that have, or had, this id."""
        found = ((base, each.doc_values.numbers_of(article_id)) for base, each in self.based())
        return [base + number for base, numbers in found for number in numbers]


class DocumentIds(Sequence[str]):
    """The ids of all documents."""

    def __init__(self, segments: SegmentSet) -> None:
        self._bases = segments.bases
        self._texts: tuple[Texts, ...] = tuple(each.doc_values.ids for each in segments)
        self.numbers_of = segments.numbers_of

    def __len__(self) -> int:
        return sum(map(len, self._texts))

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        return self.raw(at).decode()

    def __iter__(self) -> Iterator[str]:
        for each in self._texts:
            yield from each

    def raws(self) -> list[bytes]:
        """All ids as bytes."""
        return [each for texts in self._texts for each in texts.raws(0, len(texts))]

    def raw(self, number: int) -> bytes:
        """The id of a document as bytes, which sort as ids do."""
        part = bisect_right(self._bases, number) - 1
        return self._texts[part].raw(number - self._bases[part])


class SegmentSignatures:
    """The signatures of some segments, as :class:`SignatureIndex` for incremental clustering."""

    def __init__(self, segments: SegmentSet, id_rank: Array) -> None:
        self._segments = segments
        self._rank = id_rank
        self._known: dict[bytes, tuple[Numbers, Numbers]] = {}

    @property
    def size(self) -> int:
        return self._segments.size

    def rows(self, numbers: Numbers | None = None) -> Signatures:
        """A row for each document, or for some."""
        if numbers is None:
            held = [each.doc_values.signatures() for each in self._segments]
            return np.concatenate([np.empty((0, PLACES), dtype=np.uint16), *held])
        rows = np.empty((len(numbers), PLACES), dtype=np.uint16)
        for base, each in self._segments.based() if len(numbers) else ():
            here = (numbers >= base) & (numbers < base + len(each))
            if here.any():
                rows[here] = each.doc_values.signatures(numbers[here] - base)
        return rows

    def sharing(self, keys: Keys) -> tuple[Numbers, Numbers]:
        """Bands and documents that have the same key; what was asked once is known."""
        asked = keys.tobytes()
        if asked not in self._known:
            held = [(base, *each.doc_values.sharing(keys)) for base, each in self._segments.based()]
            none = np.empty(0, dtype=np.int64)
            bands = np.concatenate([none, *(bands for _, bands, _ in held)])
            numbers = np.concatenate([none, *(numbers + base for base, _, numbers in held)])
            self._known[asked] = bands, numbers
        return self._known[asked]

    def in_order(self, numbers: Numbers) -> Numbers:
        """``numbers`` in the order in which documents rather stand for their duplicates."""
        published, letters = (
            self._segments.values(name, numbers) for name in ("published", "id_letters")
        )
        return numbers[precedence(published, letters, self._rank[numbers])]
