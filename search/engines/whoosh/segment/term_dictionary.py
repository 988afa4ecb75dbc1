"""Term dictionary of a segment with its posting lists: encoding, lookup, decoding.

Terms of title and body are stored once, as UTF-8 after the character of their channel and sorted by
bytes; every 64th is in a small index. Each field has the ordinals of its terms, with document
frequencies and the starts of posting lists.

A list of ``n`` postings is, little-endian and not aligned,
``skips · deltas (n) · counts (n) · early (n) · positions``:

- for every 512th posting but the first, its document and the number of positions before it, four
bytes each;
- document numbers in the segment: the first one, then differences from the previous one;
- how many positions each document has, and of these, in a byte each, how many are below 50;
- the positions, ascending within a document.

A byte of ``widths`` has the widths of deltas, counts and positions, two bits each, as 1 << bits.
"""

from binascii import crc32
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import ne
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt

from search.analysis.folding import fold, folded_key
from search.analysis.terms import LEMMA
from search.engines.contract import TEXT_FIELDS, TextField
from search.engines.whoosh.segment.arrays import (
    Array,
    ArrayFile,
    ArrayWriter,
    BulkTexts,
    Bytes,
    BytesColumn,
    CorruptArray,
    Texts,
    check_codes,
    decoded,
)
from search.engines.whoosh.segment.inverted_run import (
    PostingLists,
    Run,
    joined,
    key_term,
    offsets_of,
    slice_places,
    term_key,
)

#: Number of early positions in a body; news states its topic first.
EARLY_POSITIONS = 50
#: Postings from one skip to the next.
SKIP = 512
#: Terms from one entry of the index to the next.
INDEX_STEP = 64
_SKIP_BYTES = 8
_LIMITS = (1 << 8, 1 << 16)
_MOST_WIDTH = 2


class FieldTables(NamedTuple):
    """Tables of one field as in the file: ordinals of its terms, and starts of their lists.

    ``starts`` are places in :attr:`SegmentTables.postings`, and one more than there are terms.
    """

    terms: npt.NDArray[np.int32]
    frequencies: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.uint64]
    widths: Bytes


class SegmentTables(NamedTuple):
    """Tables of a segment for kernels: flat arrays over its mapped file.

    ``base`` is the number of the first document in the generation, ``size`` that of documents.
    Block ``i`` of ``file`` begins at byte ``data + i * BLOCK``; its first reader compares it with
    ``sums[i]`` and sets ``flags[i]``, see :class:`ArrayFile`. Only the index has been verified
    already. All arrays but it are parts of ``file``; ``fields`` are title and body.
    """

    base: int
    size: int
    file: Bytes
    data: int
    sums: npt.NDArray[np.uint64]
    flags: Bytes
    index_texts: Bytes
    index_starts: npt.NDArray[np.uint32]
    texts: Bytes
    texts_starts: npt.NDArray[np.uint32]
    document_frequencies: npt.NDArray[np.uint32]
    fields: tuple[FieldTables, FieldTables]
    postings: Bytes
    title_offsets: Bytes
    title_offset_starts: npt.NDArray[np.uint64]
    body_offsets: Bytes
    body_offset_starts: npt.NDArray[np.uint64]


class _FieldWriter:
    """Collects the tables of one field, and streams its posting lists."""

    def __init__(self, postings: IO[bytes]) -> None:
        self.postings = postings
        self._rows: list[tuple[Array, ...]] = [(np.empty(0, dtype=np.int64),) * 4]

    def add(self, ordinals: Array, lists: PostingLists) -> None:
        data, sizes, widths = encode_lists(lists)
        self.postings.write(data.data)
        self._rows.append((ordinals, lists.lengths, sizes, widths))

    def arrays(self, name: str, start: int) -> dict[str, Array]:
        """The tables to write; the first list is at ``start``."""
        ordinals, lengths, sizes, widths = map(np.concatenate, zip(*self._rows, strict=True))
        return {
            f"{name}_terms": ordinals.astype(np.int32),
            f"{name}_frequencies": lengths.astype(np.uint32),
            f"{name}_starts": (offsets_of(sizes) + start).astype("u8"),
            f"{name}_widths": widths.astype(np.uint8),
        }


class TermWriter:
    """Writes the terms of a segment with their posting lists into its file."""

    def __init__(self, file: ArrayWriter) -> None:
        self._file = file
        self._fields = [_FieldWriter(file.stream("postings")) for _ in TEXT_FIELDS]
        self._terms: list[bytes] = []
        self._frequencies: list[Array] = [np.empty(0, dtype=np.uint32)]

    def add(self, run: Run) -> None:
        """Adds the next postings, with all fields of each term."""
        texts = list(map(key_term, run.keys))
        is_new = np.ones(len(texts), dtype=bool)
        is_new[1:] = np.fromiter(map(ne, texts[1:], texts), bool, len(texts) - 1)
        ordinals = np.cumsum(is_new) + (len(self._terms) - 1)
        numbers = np.fromiter((key[-1] for key in run.keys), np.uint8, len(texts))
        firsts = np.flatnonzero(is_new)
        for number, each in enumerate(self._fields):
            chosen = np.flatnonzero(numbers == number)
            if len(chosen):
                each.add(ordinals[chosen], _chosen(run.lists, chosen))
        self._frequencies.append(_document_frequencies(run.lists, firsts))
        self._terms += [texts[i] for i in firsts.tolist()]

    def finish(self) -> None:
        start = 0
        for name, each in zip(TEXT_FIELDS, self._fields, strict=True):
            self._file.update(each.arrays(name, start))
            start += each.postings.tell()
        terms = Texts.of(self._terms)
        if terms.starts.dtype != np.uint32:
            raise OverflowError("too many different terms for one segment")
        self._file.update(terms.arrays("terms"))
        self._file.update(Texts.of(self._terms[::INDEX_STEP]).arrays("term_index"))
        frequencies = np.concatenate(self._frequencies).astype(np.uint32)
        self._file.update({"document_frequencies": frequencies, **_vocabulary(self._terms)})


class EncodedLists(NamedTuple):
    """Encoded posting lists, concatenated, with the size and the byte of widths of each."""

    data: Bytes
    sizes: npt.NDArray[np.int64]
    widths: Bytes


class _Sections(NamedTuple):
    """Byte places of the sections of lists, and the widths of their numbers as bits."""

    skips: npt.NDArray[np.int64]
    deltas: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    early: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    bits: tuple[Array, Array, Array]

    @classmethod
    def of(cls, starts: Array, lengths: Array, bits: tuple[Array, Array, Array]) -> "_Sections":
        deltas = starts + _SKIP_BYTES * ((lengths - 1) // SKIP)
        counts = deltas + (lengths << bits[0])
        early = counts + (lengths << bits[1])
        return cls(starts, deltas, counts, early, early + lengths, bits)


def encode_lists(lists: PostingLists) -> EncodedLists:
    """Encodes posting lists, none of them empty."""
    lengths = lists.lengths.astype(np.int64)
    if not len(lengths):
        return EncodedLists(_NO_BYTES, np.empty(0, dtype=np.int64), _NO_BYTES)
    bounds, places = offsets_of(lengths), offsets_of(lists.counts)
    firsts = bounds[:-1]
    deltas = np.diff(lists.documents.astype(np.uint32), prepend=np.uint32(0))
    deltas[firsts] = lists.documents[firsts]
    begins = places[bounds]
    greatest = (
        np.maximum.reduceat(deltas, firsts),
        np.maximum.reduceat(lists.counts, firsts),
        np.maximum.reduceat(lists.positions, begins[:-1]),
    )
    bits = tuple(np.searchsorted(_LIMITS, each, side="right") for each in greatest)
    counted = np.diff(begins)
    sizes = _SKIP_BYTES * ((lengths - 1) // SKIP) + (counted << bits[2])
    sizes += lengths + (lengths << bits[0]) + (lengths << bits[1])
    starts = np.cumsum(sizes) - sizes
    sections = _Sections.of(starts, lengths, (bits[0], bits[1], bits[2]))
    data = np.zeros(int(sizes.sum()), dtype=np.uint8)
    early = np.add.reduceat(lists.positions < EARLY_POSITIONS, places[:-1], dtype=np.uint8)
    _put_skips(data, sections.skips, lists, bounds, places)
    _put(data, sections.deltas, lengths, bits[0], deltas)
    _put(data, sections.counts, lengths, bits[1], lists.counts)
    _put(data, sections.early, lengths, np.zeros_like(lengths), early)
    _put(data, sections.positions, counted, bits[2], lists.positions)
    widths = bits[0] | bits[1] << 2 | bits[2] << 4
    return EncodedLists(data, sizes, widths.astype(np.uint8))


def decode_lists(data: Bytes, starts: Array, lengths: Array, widths: Array) -> PostingLists:
    """Decodes the lists that begin at ``starts`` (one more than there are lists) of ``data``.

    Raises CorruptArray where they cannot be what was encoded.
    """
    starts, lengths = starts.astype(np.int64), lengths.astype(np.int64)
    widths = widths.astype(np.int64)
    bits = (widths & 3, widths >> 2 & 3, widths >> 4)
    if not len(lengths):
        return PostingLists(lengths, *(np.empty(0, dtype=np.uint32) for _ in range(3)))
    if max(int(each.max()) for each in bits) > _MOST_WIDTH or int(lengths.min()) < 1:
        raise CorruptArray("a posting list has no such widths")
    sections = _Sections.of(starts[:-1], lengths, bits)
    rest = starts[1:] - sections.positions
    sizes = rest >> bits[2]
    if (sizes << bits[2] != rest).any() or (sizes < lengths).any():
        raise CorruptArray("a posting list has another length than it should")
    deltas = _get(data, sections.deltas, lengths, bits[0])
    counts = _get(data, sections.counts, lengths, bits[1])
    bounds = offsets_of(lengths)
    counted = np.add.reduceat(counts, bounds[:-1], dtype=np.int64)
    if int(counts.min()) < 1 or (counted != sizes).any():
        raise CorruptArray("a posting list counts other positions than it has")
    sums = np.cumsum(deltas, dtype=np.int64)
    before = sums[bounds[:-1]] - deltas[bounds[:-1]]
    documents = sums - np.repeat(before, lengths)
    is_first = np.zeros(len(deltas), dtype=bool)
    is_first[bounds[:-1]] = True
    if (deltas[~is_first] == 0).any() or int(documents.max()) >= 1 << 32:
        raise CorruptArray("a posting list does not ascend")
    positions = _get(data, sections.positions, sizes, bits[2])
    return PostingLists(lengths, documents.astype(np.uint32), counts, positions)


class TermDictionary:
    """The terms of an open segment of ``size`` documents."""

    def __init__(self, file: ArrayFile, size: int) -> None:
        """Check that the tables fit each other. Raises CorruptArray."""
        self._file = file
        self.size = size
        #: The terms in order; only those that are read are checked.
        self.terms = BulkTexts(file, "terms")
        #: Number of documents with each term, in title or body.
        self.document_frequencies = file.bulk("document_frequencies", "<u4", None)
        self.fields: dict[TextField, FieldTerms] = {
            name: FieldTerms(file, name, size) for name in TEXT_FIELDS
        }
        self._index = file.texts("term_index")
        count = len(self.terms)
        sizes = len(self.document_frequencies), len(self._index)
        if sizes != (count, -(-count // INDEX_STEP)) or self.terms.starts.dtype != np.uint32:
            raise CorruptArray(f"{file.name} has other terms than it says")

    def __len__(self) -> int:
        return len(self.terms)

    def place(self, term: bytes) -> int:
        """The ordinal of ``term`` (with channel), or where it would be inserted."""
        entry = bisect_right(range(len(self._index)), term, key=self._index.raw)
        if not entry:
            return 0
        block = range((entry - 1) * INDEX_STEP, min(entry * INDEX_STEP, len(self)))
        return block.start + bisect_left(block, term, key=self.terms.raw)

    def find(self, term: bytes) -> int | None:
        """The ordinal of a term, None if there is none."""
        at = self.place(term)
        return at if at < len(self) and self.terms.raw(at) == term else None

    def runs(self, step: int) -> Iterator[Run]:
        """Yields all postings, about this number of terms at a time. Raises CorruptArray."""
        for start in range(0, len(self), step):
            end = min(start + step, len(self))
            texts = self.terms.raws(start, end)
            runs = []
            for number, name in enumerate(TEXT_FIELDS):
                ordinals, lists = self.fields[name].between(start, end)
                keys = [term_key(texts[at - start], number) for at in ordinals.tolist()]
                runs.append(Run(keys, lists))
            yield joined(runs)

    def vocabulary(self) -> tuple[Array, Array, Array]:
        """``fold_hashes``, ``fold_places`` and ``lemma_order``, see :func:`_vocabulary`, checked.

        Raises CorruptArray.
        """
        hashes = self._file.whole("fold_hashes", "<u4", None)
        places = self._file.whole("fold_places", "<i4", len(hashes))
        order = self._file.whole("lemma_order", "<i4", None)
        return hashes, check_codes(places, len(self)), check_codes(order, len(self))

    def tables(self, base: int) -> SegmentTables:
        """The tables for kernels; the first document has the number ``base`` in the generation."""
        file = self._file
        title, body = (self.fields[name].tables for name in TEXT_FIELDS)
        offsets = (BytesColumn(file, f"{name}_offsets") for name in TEXT_FIELDS)
        raw = [bulk.array for each in offsets for bulk in (each.data, each.starts)]
        return SegmentTables(
            base,
            self.size,
            file.raw,
            file.data_start,
            file.sums,
            file.flags,
            self._index.data,
            self._index.starts,
            self.terms.data,
            self.terms.starts,
            self.document_frequencies.array,
            (title, body),
            file.bulk("postings", "|u1", None).array,
            *raw,
        )


class FieldTerms:
    """The terms of one field of a segment, numbered in order, and their posting lists."""

    def __init__(self, file: ArrayFile, field: TextField, size: int) -> None:
        self._size = size
        self.ordinals = file.bulk(f"{field}_terms", "<i4", None)
        count = len(self.ordinals)
        self.frequencies = file.bulk(f"{field}_frequencies", "<u4", count)
        self._starts = file.bulk(f"{field}_starts", "<u8", count + 1)
        self._widths = file.bulk(f"{field}_widths", "|u1", count)
        self._postings = file.bulk("postings", "|u1", None)

    def __len__(self) -> int:
        return len(self.ordinals)

    @property
    def tables(self) -> FieldTables:
        """The tables for kernels."""
        columns = (self.ordinals, self.frequencies, self._starts, self._widths)
        return FieldTables(*(each.array for each in columns))

    def place(self, ordinal: int) -> int:
        """The number of the first term whose ordinal is not less."""
        return bisect_left(range(len(self)), ordinal, key=self.ordinals.number)

    def read(self, start: int, end: int) -> PostingLists:
        """The posting lists of some terms. Raises CorruptArray."""
        starts = self._starts.read(start, end + 1)
        if end > start and (starts[1:] < starts[:-1]).any():
            raise CorruptArray("posting lists do not ascend")
        begin, stop = int(starts[0]), int(starts[-1])
        data = self._postings.read(begin, stop)
        lengths, widths = self.frequencies.read(start, end), self._widths.read(start, end)
        found = decode_lists(data, starts - starts[0], lengths, widths)
        check_codes(found.documents, self._size)
        return found

    def between(self, start: int, end: int) -> tuple[Array, PostingLists]:
        """The ordinals of the terms from one ordinal to another, and their posting lists.

        Raises CorruptArray.
        """
        first, last = self.place(start), self.place(end)
        ordinals = self.ordinals.read(first, last)
        inside = not len(ordinals) or start <= int(ordinals[0]) <= int(ordinals[-1]) < end
        if not inside or (ordinals[1:] <= ordinals[:-1]).any():
            raise CorruptArray("the terms of a field do not ascend")
        return ordinals, self.read(first, last)


_NO_BYTES: Bytes = np.empty(0, dtype=np.uint8)
#: Sorts after all lemmas.
_BEHIND_LEMMAS = chr(ord(LEMMA) + 1).encode()


def _vocabulary(terms: Sequence[bytes]) -> dict[str, Array]:
    """Two further orders of the sorted terms, for spelling and completion.

    ``fold_hashes`` are the CRC-32 of all words as they are without diacritics, in order, and
    ``fold_places`` for each a term that is the word; ``lemma_order`` are the lemmas in the order of
    their :func:`folded_key`.
    """
    words = {text[1:]: at for at, text in enumerate(terms)}
    folded = [each if each.isascii() else fold(decoded(each)).encode() for each in words]
    hashes = np.fromiter(map(crc32, folded), np.uint32, len(words))
    order = np.argsort(hashes, kind="stable")
    start = bisect_left(terms, LEMMA.encode())
    lemmas = [each[1:] for each in terms[start : bisect_left(terms, _BEHIND_LEMMAS)]]
    keys = [
        each.lower() if each.isascii() else folded_key(decoded(each)).encode() for each in lemmas
    ]
    return {
        "fold_hashes": hashes[order],
        "fold_places": np.fromiter(words.values(), np.int32, len(words))[order],
        "lemma_order": np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int32) + start,
    }


def _chosen(lists: PostingLists, chosen: Array) -> PostingLists:
    """Selects some of the lists."""
    lengths, documents, counts, positions = lists
    bounds = offsets_of(lengths)
    postings = slice_places(bounds[:-1][chosen], lengths[chosen])
    places = offsets_of(counts)[:-1][postings]
    kept = positions[slice_places(places, counts[postings])]
    return PostingLists(lengths[chosen], documents[postings], counts[postings], kept)


def _document_frequencies(lists: PostingLists, firsts: Array) -> Array:
    """Document frequency of each term, whose one or two lists begin at ``firsts``."""
    lengths = lists.lengths.astype(np.int64)
    found = np.add.reduceat(lengths, firsts)
    titles = firsts[np.append(np.diff(firsts), len(lengths) - firsts[-1]) > 1]
    bounds = offsets_of(lengths)[:-1]
    title, body = (
        (np.repeat(titles, lengths[at]) << 32)
        + lists.documents[slice_places(bounds[at], lengths[at])]
        for at in (titles, titles + 1)
    )
    if len(titles):
        places = np.minimum(np.searchsorted(body, title), len(body) - 1)
        in_both = np.bincount(title[body[places] == title] >> 32, minlength=len(lengths))
        found -= in_both[firsts]
    return found


def _put_skips(
    data: Bytes, begins: Array, lists: PostingLists, bounds: Array, places: Array
) -> None:
    """Writes the skips, one every 512 postings; ``places`` are those of positions."""
    counts = (np.diff(bounds) - 1) // SKIP
    some = np.flatnonzero(counts)
    if not len(some):
        return
    counts = counts[some]
    nth = slice_places(np.zeros_like(counts), counts)
    firsts = np.repeat(bounds[:-1][some], counts)
    at = firsts + SKIP * (nth + 1)
    rows = np.stack((lists.documents[at], places[at] - places[firsts]), axis=1).astype("<u4")
    targets = np.repeat(begins[some], counts) + _SKIP_BYTES * nth
    data[targets[:, None] + np.arange(_SKIP_BYTES)] = rows.view(np.uint8)


def _put(data: Bytes, begins: Array, lengths: Array, bits: Array, numbers: Array) -> None:
    """Writes the numbers of each list, from its start on."""
    for bit in np.unique(bits).tolist():
        chosen, width = bits == bit, 1 << bit
        own = numbers if chosen.all() else numbers[np.repeat(chosen, lengths)]
        at = slice_places(begins[chosen], lengths[chosen], width)
        raw = own.astype(f"<u{width}").view(np.uint8).reshape(-1, width)
        for byte in range(width):
            data[at + byte] = raw[:, byte]


def _get(data: Bytes, begins: Array, lengths: Array, bits: Array) -> npt.NDArray[np.uint32]:
    """Undo :func:`_put`."""
    numbers = np.empty(int(lengths.sum()), dtype=np.uint32)
    for bit in np.unique(bits).tolist():
        chosen, width = bits == bit, 1 << bit
        at = slice_places(begins[chosen], lengths[chosen], width)
        raw = np.empty((len(at), width), dtype=np.uint8)
        for byte in range(width):
            raw[:, byte] = data[at + byte]
        numbers[np.repeat(chosen, lengths)] = raw.view(f"<u{width}").ravel()
    return numbers
