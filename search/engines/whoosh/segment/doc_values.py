"""Doc values: columns of numbers, ids, facets and signatures of a segment's documents.

Written once, with the segment; a snapshot (:mod:`search.engines.whoosh.snapshot.snapshot`) joins
those of all segments.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, takewhile

import numpy as np

from search.analysis.folding import folded_key
from search.article import Article
from search.engines.contract import IndexedDocument
from search.engines.whoosh.segment.arrays import (
    Array,
    ArrayFile,
    BulkTexts,
    CorruptArray,
    Texts,
    check_codes,
    check_starts,
    decoded,
)
from search.engines.whoosh.segment.inverted_run import offsets_of, slices
from search.near_duplicates.boilerplate import value_hash
from search.near_duplicates.lsh import BANDS, band_values
from search.near_duplicates.lsh_incremental import Keys, band_keys
from search.near_duplicates.minhash import NO_SIGNATURE, PLACES, Numbers, Signatures
from search.organisation_names import key_hash, organisation_key, packed_alias
from search.request import NO_FOCUS, UNKNOWN_VALUE, UNKNOWN_YEAR

#: Numbers of each document: when it was published (``yyyymmdd``) and added (seconds since 1970), 0
#: where that is unknown, lengths in words; and how long its id is.
NUMBERS: Mapping[str, str] = {
    "published": "<i4",
    "added": "<i8",
    "title_length": "<i4",
    "body_length": "<i4",
}
_COLUMNS: Mapping[str, str] = {**NUMBERS, "id_letters": "<i4", "has_signature": "|u1"}
#: Facet → the value of documents that have none. The last four are evidence about names
#: (:class:`~search.engines.contract.NameEvidence`).
FACET_FIELDS: Mapping[str, str | None] = {
    "focus": NO_FOCUS,
    "year": UNKNOWN_YEAR,
    "org": None,
    "source": UNKNOWN_VALUE,
    "language": UNKNOWN_VALUE,
    **dict.fromkeys(("maybe", "proven", "alias", "settled")),
}
#: The facets with names of organisations, which may be spelt in several ways.
NAME_FIELDS = ("org", "maybe", "proven")
#: Bytes of a claim: the hashes of a value and of a passage that names it.
_CLAIM = 8
_ROWS_AT_ONCE = 10_000
#: If more than one document in this number is requested, all are scanned.
_SOME = 50
#: The keys of fewer documents are scanned, which is faster than binary search.
_FEW = 2000


@dataclass(frozen=True, slots=True)
class SegmentFacet:
    """A facet column: document ``i`` has ``values[codes[starts[i]:starts[i + 1]]]``.

    The codes of a document ascend. The last value may be the one of documents that have none.
    """

    values: Texts
    starts: Array
    codes: Array

    def of_documents(self, kept: Array, missing: str | None) -> list[list[bytes]]:
        """The values of the documents ``kept``, where ``missing`` is none."""
        none = missing and missing.encode()
        values, codes, starts = self.values.raws(), self.codes.tolist(), self.starts.tolist()
        found = [[values[code] for code in codes[starts[i] : starts[i + 1]]] for i in kept.tolist()]
        return [[] if each == [none] else each for each in found]


class DocValues:
    """The doc values of an open segment, by the numbers of documents in it.

    Everything raises CorruptArray where the file does not hold what it should.
    """

    def __init__(self, file: ArrayFile) -> None:
        self._file = file
        self.ids = self.texts("ids")
        self._columns: dict[str, Array] = {}
        self._facets: dict[str, SegmentFacet] = {}
        self._order = self._file.bulk("id_order", "<i4", len(self))

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> Array:
        """Column of numbers: one of :data:`NUMBERS`, ``id_letters``, ``has_signature``."""
        if name not in self._columns:
            column = self._file.whole(name, _COLUMNS[name], len(self))
            self._columns[name] = check_codes(column, 2) if column.dtype == np.uint8 else column
        return self._columns[name]

    def texts(self, name: str) -> Texts:
        """Column of texts: ``ids`` or ``digests`` by document, or sorted ``titles``."""
        return BulkTexts(self._file, name)

    def facet(self, name: str) -> SegmentFacet:
        """The column of one of :data:`FACET_FIELDS`."""
        if name not in self._facets:
            values = self._file.texts(name)
            starts = self._file.whole(name + "_offsets", "<i4", len(self) + 1)
            codes = self._file.whole(name + "_codes", "<i4", int(starts[-1]))
            check_starts(starts, len(codes))
            self._facets[name] = SegmentFacet(values, starts, check_codes(codes, len(values)))
        return self._facets[name]

    @cached_property
    def title_documents(self) -> Array:
        """The documents in the order of their titles."""
        return check_codes(self._file.whole("title_documents", "<i4", len(self)), len(self))

    def name_hashes(self, facet: str) -> Array:
        """The hash of each value of ``org`` or ``maybe``."""
        return self._file.whole(facet + "_hashes", "<u4", len(self.facet(facet).values))

    def name_keys(self, facet: str) -> Array:
        """The hash of the key of each value of one of :data:`NAME_FIELDS`."""
        return self._file.whole(facet + "_keys", "<u8", len(self.facet(facet).values))

    def claims(self) -> tuple[Numbers, Array]:
        """Documents, ascending, with claims: hashes of a value and of a passage with it."""
        starts = self._file.whole("passages_starts", "<u8", len(self) + 1)
        data = self._file.whole("passages", "|u1", int(starts[-1]))
        if (check_starts(starts, len(data)) % np.uint64(_CLAIM)).any():
            raise CorruptArray(f"{self._file.name} has other passages than it says")
        counts = (starts[1:] - starts[:-1]).astype(np.int64) // _CLAIM
        return np.repeat(np.arange(len(self)), counts), data.view("<u4").reshape(-1, 2)

    def numbers_of(self, article_id: str) -> list[int]:
        """The documents with this id, deleted ones among them, in order."""
        wanted, every = article_id.encode(), range(len(self))
        start = bisect_left(every, wanted, key=self._ordered_id)
        following = takewhile(lambda place: self._ordered_id(place) == wanted, every[start:])
        return sorted(map(self._ordered, following))

    def signatures(self, numbers: Array) -> Signatures:
        """MinHash signatures of some documents, zeros for those without."""
        rows = self._file.bulk("signatures", "<u2", len(self), PLACES)
        if len(numbers) * _SOME > len(self):
            return np.asarray(rows.read(0, len(self))[numbers])
        for number in numbers.tolist():
            rows.ensure(number, number + 1)
        return np.asarray(rows.array[numbers])

    def sharing(self, keys: Keys) -> tuple[Numbers, Numbers]:
        """Bands and documents that share a key; ``keys`` has one for each band."""
        ordered, rows = self._bands
        count = len(self)
        if count < _FEW:
            bands, places = np.nonzero(ordered == keys[:, None])
            return bands, rows[bands, places].astype(np.int64)
        pairs = list(zip(ordered, keys, strict=True))
        starts = np.array([row.searchsorted(key) for row, key in pairs])
        ends = np.array([row.searchsorted(key, "right") for row, key in pairs])
        firsts = starts + np.arange(len(ordered)) * count
        sizes = ends - starts
        bands = np.repeat(np.arange(len(ordered)), sizes)
        return bands, slices(rows.ravel(), firsts, sizes).astype(np.int64)

    @cached_property
    def _bands(self) -> tuple[Array, Array]:
        """The sorted keys of all documents in each band, and their documents."""
        shape = (BANDS, len(self))
        rows = check_codes(self._file.whole("band_rows", "<i4", *shape), len(self))
        return self._file.whole("band_keys", "<u2", *shape), rows

    def _ordered(self, place: int) -> int:
        """The document at a place in the order of ids."""
        number = self._order.number(place)
        if not 0 <= number < len(self):
            raise CorruptArray(f"{self._file.name} orders documents that there are not")
        return number

    def _ordered_id(self, place: int) -> bytes:
        return self.ids.raw(self._ordered(place))


@dataclass(frozen=True, slots=True)
class DocValueBatch:
    """Doc values of documents to be written to a segment; texts are UTF-8.

    ``facets`` has for each document its values, each once.
    """

    texts: Mapping[str, Sequence[bytes]]
    numbers: Mapping[str, Array]
    facets: Mapping[str, Sequence[Sequence[bytes]]]
    signatures: Signatures

    @classmethod
    def of(cls, documents: Sequence[IndexedDocument]) -> "DocValueBatch":
        """The doc values of added documents."""
        articles = [each.article for each in documents]
        rows = b"".join(each.signature or NO_SIGNATURE for each in documents)
        numbers = {
            "published": [date_key(each) for each in articles],
            "added": [int(each.added.timestamp()) if each.added else 0 for each in articles],
            "title_length": [each.title.length for each in documents],
            "body_length": [each.body.length for each in documents],
        }
        facets: dict[str, list[list[str]]] = {
            "focus": [[value.value for value in each.focus_areas] for each in articles],
            "year": [[str(each.year.value)] if each.year else [] for each in articles],
            "org": [[value.value for value in each.organisations] for each in articles],
            "source": [[each.publisher] if each.publisher else [] for each in articles],
            "language": [[each.language] if each.language else [] for each in articles],
            "maybe": [[value.value for value in each.naming.maybe] for each in documents],
            "proven": [list(each.naming.proven) for each in documents],
            "alias": [[packed_alias(*pair) for pair in each.naming.aliases] for each in documents],
            "settled": [list(each.naming.settled) for each in documents],
        }
        return cls(
            texts={
                "ids": [each.id.encode() for each in articles],
                "digests": [each.digest.encode() for each in documents],
                "titles": [each.title.encode() for each in articles],
            },
            numbers={name: np.array(numbers[name], kind) for name, kind in NUMBERS.items()},
            facets={
                name: [[value.encode() for value in dict.fromkeys(each)] for each in column]
                for name, column in facets.items()
            },
            signatures=np.frombuffer(rows, dtype="<u2").reshape(-1, PLACES),
        )

    @classmethod
    def of_segment(cls, values: DocValues, kept: Array) -> "DocValueBatch":
        """The doc values of the documents ``kept`` (ascending). Raises CorruptArray."""
        ids, digests, titles = (
            np.array([*values.texts(name).raws(), None], dtype=object)[:-1]
            for name in ("ids", "digests", "titles")
        )
        in_title_order = np.empty(len(values), dtype=np.int32)
        in_title_order[values.title_documents] = np.arange(len(values), dtype=np.int32)
        return cls(
            texts={
                "ids": ids[kept].tolist(),
                "digests": digests[kept].tolist(),
                "titles": titles[in_title_order[kept]].tolist(),
            },
            numbers={name: values.column(name)[kept] for name in NUMBERS},
            facets={
                name: values.facet(name).of_documents(kept, missing)
                for name, missing in FACET_FIELDS.items()
            },
            signatures=values.signatures(kept),
        )

    @classmethod
    def joined(cls, parts: Sequence["DocValueBatch"]) -> "DocValueBatch":
        """Concatenates the doc values of one or more parts."""
        return cls(
            texts={
                name: list(chain.from_iterable(each.texts[name] for each in parts))
                for name in parts[0].texts
            },
            numbers={
                name: np.concatenate([each.numbers[name] for each in parts]) for name in NUMBERS
            },
            facets={
                name: list(chain.from_iterable(each.facets[name] for each in parts))
                for name in FACET_FIELDS
            },
            signatures=np.concatenate([each.signatures for each in parts]),
        )

    def arrays(self) -> dict[str, Array]:
        """The arrays to write for a segment, with sorted facet values."""
        ids = self.texts["ids"]
        arrays: dict[str, Array] = {
            **Texts.of(ids).arrays("ids"),
            "id_order": np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int32),
            "id_letters": np.array([len(decoded(each)) for each in ids], dtype=np.int32),
            **self.numbers,
            **Texts.of(self.texts["digests"]).arrays("digests"),
            **_titles([decoded(each) for each in self.texts["titles"]]),
            **_signatures(self.signatures),
        }
        for name, missing in FACET_FIELDS.items():
            arrays |= _facet(name, self.facets[name], missing)
        for name in NAME_FIELDS:
            names = list(Texts(arrays[name], arrays[name + "_starts"]))
            hashes = map(value_hash, names)
            keys = (key_hash(organisation_key(each)) for each in names)
            arrays[name + "_hashes"] = np.fromiter(hashes, np.uint32, len(names))
            arrays[name + "_keys"] = np.fromiter(keys, np.uint64, len(names))
        return arrays


def date_key(article: Article) -> int:
    """Sort key ``yyyymmdd``, with 0 for what is unknown."""
    if article.published is not None:
        return article.published.value.sort_key
    return article.year.value * 10000 if article.year else 0


def _facet(name: str, column: Sequence[Sequence[bytes]], missing: str | None) -> dict[str, Array]:
    """Arrays of a facet: sorted values, ``missing`` last if needed, and the codes of documents."""
    values = sorted({value for each in column for value in each})
    if missing is not None and not all(column):
        values.append(missing.encode())
        column = [each or values[-1:] for each in column]
    codes = {value: code for code, value in enumerate(values)}
    rows = [sorted([codes[value] for value in each]) for each in column]
    return {
        **Texts.of(values).arrays(name),
        name + "_offsets": offsets_of(list(map(len, rows))).astype(np.int32),
        name + "_codes": np.array(list(chain.from_iterable(rows)), dtype=np.int32),
    }


def _signatures(rows: Signatures) -> dict[str, Array]:
    """Arrays of signatures: rows, documents with one, and for each band sorted keys."""
    parts = range(0, max(len(rows), 1), _ROWS_AT_ONCE)
    keys = [band_keys(band_values(rows[at : at + _ROWS_AT_ONCE])) for at in parts]
    flat = np.concatenate(keys, axis=1)
    order = np.argsort(flat, axis=1, kind="stable")
    has_signature: Array = np.asarray(rows.any(axis=1), dtype=np.uint8)
    return {
        "signatures": rows,
        "band_keys": np.take_along_axis(flat, order, axis=1),
        "band_rows": order.astype(np.int32),
        "has_signature": has_signature,
    }


def _titles(titles: Sequence[str]) -> dict[str, Array]:
    """Arrays of titles, sorted by their keys, with their documents."""
    keys = [folded_key(each) for each in titles]
    order = sorted(range(len(titles)), key=lambda at: (keys[at], titles[at]))
    texts = Texts.of(titles[at] for at in order)
    return {**texts.arrays("titles"), "title_documents": np.array(order, dtype=np.int32)}
