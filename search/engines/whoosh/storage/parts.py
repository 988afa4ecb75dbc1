"""The segments of a generation taken together: documents numbered through, as Whoosh does."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from search.engines.whoosh.storage.arrays import Array, Texts
from search.engines.whoosh.storage.segment_columns import SegmentColumns
from search.near_duplicates.lsh_incremental import Keys
from search.near_duplicates.minhash import PLACES, Numbers, Signatures

#: Values of fewer documents than one in so many are looked up one segment after the other.
_SOME = 100


class Parts:
    """The columns of some segments, in the order of a generation."""

    def __init__(
        self, directory: Path, segments: Iterable[str], known: Iterable[SegmentColumns] = ()
    ) -> None:
        """Map those into memory that are not ``known``. Raises OSError or ValueError."""
        open_ones = {each.segment: each for each in known}
        self.segments = tuple(
            open_ones.get(each) or SegmentColumns(directory, each) for each in segments
        )
        sizes = np.fromiter(map(len, self.segments), np.int64, len(self.segments))
        self.size = int(sizes.sum())
        self.bases: tuple[int, ...] = tuple((np.cumsum(sizes) - sizes).tolist())

    def __iter__(self) -> Iterator[tuple[int, SegmentColumns]]:
        """Each segment with the number of its first document."""
        return zip(self.bases, self.segments, strict=True)

    def column(self, name: str) -> Array:
        """A column that has a value for each document."""
        held = [each.column(name) for each in self.segments]
        if len(held) == 1:
            return held[0]
        return np.concatenate(held) if held else np.empty(0, dtype=np.int32)

    def values(self, name: str, numbers: Numbers) -> Array:
        """The values of a column for some documents."""
        if len(numbers) > self.size // _SOME:
            return self.column(name)[numbers]
        held = np.empty(len(numbers), dtype=np.int64)
        for base, each in self if len(numbers) else ():
            here = (numbers >= base) & (numbers < base + len(each))
            if here.any():
                held[here] = each.column(name)[numbers[here] - base]
        return held

    def text(self, name: str, number: int) -> str:
        """What a document has in a column of texts."""
        part = bisect_right(self.bases, number) - 1
        return self.segments[part].texts(name)[number - self.bases[part]]

    def claims(self) -> tuple[Numbers, Array]:
        """Documents and what passages speak for in them, see :func:`unsupported`."""
        documents = [each.column("claim_documents").astype(np.int64) + base for base, each in self]
        claims = [each.column("claims") for each in self.segments]
        if not claims:
            return np.empty(0, dtype=np.int64), np.empty((0, 2), dtype=np.uint32)
        return np.concatenate(documents), np.concatenate(claims)

    def sharing(self, keys: Keys) -> tuple[Numbers, Numbers]:
        """As :meth:`search.near_duplicates.lsh_incremental.Rows.sharing`."""
        found = [(base, *each.sharing(keys)) for base, each in self]
        none = np.empty(0, dtype=np.int64)
        bands = np.concatenate([none, *(bands for _, bands, _ in found)])
        return bands, np.concatenate([none, *(numbers + base for base, _, numbers in found)])

    def numbers_of(self, article_id: str) -> list[int]:
        """The documents that have, or had, this id."""
        return [base + number for base, each in self for number in each.numbers_of(article_id)]

    def signatures(self, numbers: Numbers) -> Signatures:
        """A row for each of ``numbers``."""
        rows = np.empty((len(numbers), PLACES), dtype=np.uint16)
        for base, each in self if len(numbers) else ():
            here = (numbers >= base) & (numbers < base + len(each))
            if here.any():
                rows[here] = each.signatures()[numbers[here] - base]
        return rows

    def all_signatures(self) -> Signatures:
        """A row for each document."""
        held = [each.signatures() for each in self.segments]
        return np.concatenate(held) if held else np.empty((0, PLACES), dtype=np.uint16)


class Ids(Sequence[str]):
    """The ids of all documents."""

    def __init__(self, parts: Parts) -> None:
        self._bases = parts.bases
        self._texts: tuple[Texts, ...] = tuple(each.ids for each in parts.segments)
        self.numbers_of = parts.numbers_of

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

    def raw(self, number: int) -> bytes:
        """The id of a document as bytes, which sort as ids do."""
        part = bisect_right(self._bases, number) - 1
        return self._texts[part].raw(number - self._bases[part])
