"""Doc values: what is known of each document of a segment without reading it, as arrays.

Written once, with the segment; a snapshot (:mod:`search.engines.whoosh.snapshot.snapshot`) puts
together what all segments hold.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from search.article import Article
from search.engines.contract import IndexedDocument
from search.engines.whoosh.segment.arrays import (
    Array,
    ArrayFile,
    Bulk,
    BulkTexts,
    CorruptArray,
    Texts,
    check_codes,
    check_starts,
)
from search.engines.whoosh.segment.inverted_run import offsets_of, slices
from search.engines.whoosh.segment.term_dictionary import prefix_key
from search.near_duplicates.boilerplate import value_hash
from search.near_duplicates.lsh import BANDS, band_values
from search.near_duplicates.lsh_incremental import Keys, band_keys
from search.near_duplicates.minhash import NO_SIGNATURE, PLACES, Numbers, Signatures
from search.request import NO_FOCUS, UNKNOWN_YEAR

#: Numbers of each document: when it was published (``yyyymmdd``) and added (seconds since 1970), 0
#: where that is unknown, lengths in words; and how long its id is.
NUMBERS: Mapping[str, str] = {
    "published": "<i4",
    "added": "<i8",
    "title_length": "<i4",
    "body_length": "<i4",
}
_COLUMNS: Mapping[str, str] = {**NUMBERS, "id_letters": "<i4", "has_signature": "|u1"}
#: Facet → the value of documents that have none.
FACET_FIELDS: Mapping[str, str | None] = {
    "focus": NO_FOCUS,
    "year": UNKNOWN_YEAR,
    "org": None,
    "language": None,
}
#: Bytes of a claim: the hashes of a value and of a passage that speaks for it.
_CLAIM = 8
_ROWS_AT_ONCE = 10_000
#: If more documents than one in so many are asked for, all are looked at.
_SOME = 50
#: Of fewer documents all keys are looked at, which takes fewer steps than halving.
_FEW = 2000


@dataclass(frozen=True, slots=True)
class FacetValues:
    """The values of a facet in some documents, while a segment is made.

    Document ``i`` has ``counts[i]`` of the ``codes``, which are places in ``values``.
    """

    values: Sequence[bytes]
    counts: Array
    codes: Array

    @classmethod
    def of(cls, held: Sequence[Iterable[str]]) -> "FacetValues":
        """Those of documents, each with its values, once each."""
        places: dict[str, int] = {}
        codes, counts = [], []
        for each in held:
            own = [places.setdefault(value, len(places)) for value in dict.fromkeys(each)]
            codes += own
            counts.append(len(own))
        values = [each.encode() for each in places]
        return cls(values, np.array(counts, dtype=np.int32), np.array(codes, dtype=np.int32))

    @classmethod
    def of_column(cls, column: "SegmentFacet", kept: Array, missing: str | None) -> "FacetValues":
        """Those of the documents ``kept`` (ascending) of a segment; ``missing`` is none."""
        values = column.values.raws()
        sizes: Array = (column.starts[1:] - column.starts[:-1])[kept]
        codes = slices(column.codes, column.starts[:-1][kept], sizes)
        if missing is not None and values and values[-1] == missing.encode():
            is_value = codes < len(values) - 1
            owners = np.repeat(np.arange(len(kept)), sizes)[is_value]
            sizes, codes = np.bincount(owners, minlength=len(kept)), codes[is_value]
        used, codes = np.unique(codes, return_inverse=True)
        return cls([values[code] for code in used.tolist()], sizes, codes)

    @classmethod
    def joined(cls, parts: Sequence["FacetValues"]) -> "FacetValues":
        """Those of all documents of some parts; values in order."""
        values = sorted(set[bytes]().union(*(each.values for each in parts)))
        places = {value: at for at, value in enumerate(values)}
        codes = [np.empty(0, dtype=np.int32)]
        for each in parts:
            own = np.fromiter((places[value] for value in each.values), np.int32, len(each.values))
            codes.append(own[each.codes])
        counts = [np.empty(0, dtype=np.int32), *(each.counts for each in parts)]
        return cls(values, np.concatenate(counts), np.concatenate(codes))

    def arrays(self, name: str, missing: str | None) -> dict[str, Array]:
        """What to write of values that are in order; ``missing`` comes last if it is needed."""
        values, counts, codes = list(self.values), self.counts, self.codes
        has_none = np.flatnonzero(counts == 0)
        if missing is not None and len(has_none):
            values.append(missing.encode())
            codes = np.insert(codes, offsets_of(counts)[has_none], len(values) - 1)
            counts = np.maximum(counts, 1)
        owners = np.repeat(np.arange(len(counts)), counts)
        return {
            **Texts.of(values).arrays(name),
            name + "_offsets": offsets_of(counts).astype(np.int32),
            name + "_codes": codes[np.lexsort((codes, owners))].astype(np.int32),
        }


@dataclass(frozen=True, slots=True)
class SegmentFacet:
    """Document ``i`` has ``values[codes[j]]`` for ``j`` from ``starts[i]`` to ``starts[i + 1]``.

    The codes of a document ascend. The last value may be the one of documents that have none.
    """

    values: Texts
    starts: Array
    codes: Array


class DocValues:
    """The doc values of an open segment; documents have the numbers that they have in it.

    Everything raises CorruptArray where the file does not hold what it should.
    """

    def __init__(self, file: ArrayFile) -> None:
        self._file = file
        self.ids = self.texts("ids")
        self._columns: dict[str, Array] = {}
        self._facets: dict[str, SegmentFacet] = {}
        self._order = self._bulk("id_order", "<i4", (len(self),))

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> Array:
        """A number of each document: one of :data:`NUMBERS`, ``id_letters``, ``has_signature``."""
        if name not in self._columns:
            column = self._checked(name, _COLUMNS[name], (len(self),))
            self._columns[name] = check_codes(column, 2) if column.dtype == np.uint8 else column
        return self._columns[name]

    def texts(self, name: str) -> Texts:
        """A text of each document, ``ids`` or ``digests``, or the ``titles`` in their order."""
        return BulkTexts(self._file, name)

    def facet(self, name: str) -> SegmentFacet:
        """The values of one of :data:`FACET_FIELDS`."""
        if name not in self._facets:
            values = self._file.texts(name)
            starts = self._checked(name + "_offsets", "<i4", (len(self) + 1,))
            codes = self._checked(name + "_codes", "<i4", (int(starts[-1]),))
            check_starts(starts, len(codes))
            self._facets[name] = SegmentFacet(values, starts, check_codes(codes, len(values)))
        return self._facets[name]

    @cached_property
    def title_documents(self) -> Array:
        """The documents in the order of their titles."""
        return check_codes(self._checked("title_documents", "<i4", (len(self),)), len(self))

    @cached_property
    def name_hashes(self) -> Array:
        """The hash of each value of the facet ``org``."""
        return self._checked("name_hashes", "<u4", (len(self.facet("org").values),))

    def claims(self) -> tuple[Numbers, Array]:
        """Documents, ascending, and for which values which passages speak in them, as hashes."""
        starts = self._checked("passages_starts", "<u8", (len(self) + 1,))
        data = self._checked("passages", "|u1", (int(starts[-1]),))
        if (check_starts(starts, len(data)) % np.uint64(_CLAIM)).any():
            raise CorruptArray(f"{self._file.name} has other passages than it says")
        counts = (starts[1:] - starts[:-1]).astype(np.int64) // _CLAIM
        return np.repeat(np.arange(len(self)), counts), data.view("<u4").reshape(-1, 2)

    def numbers_of(self, article_id: str) -> list[int]:
        """The documents that have, or had, this id, in order."""
        wanted, count = article_id.encode(), len(self)
        place = bisect_left(range(count), wanted, key=self._ordered_id)
        found = []
        while place < count and self._ordered_id(place) == wanted:
            found.append(self._ordered(place))
            place += 1
        return sorted(found)

    def signatures(self, numbers: Array) -> Signatures:
        """A row for each of some documents; all zeros where there is none."""
        rows = self._bulk("signatures", "<u2", (len(self), PLACES))
        if len(numbers) * _SOME > len(self):
            return np.asarray(rows.read(0, len(self))[numbers])
        for number in numbers.tolist():
            rows.ensure(number, number + 1)
        return np.asarray(rows.array[numbers])

    def sharing(self, keys: Keys) -> tuple[Numbers, Numbers]:
        """Bands and documents that have in it what ``keys``, one for each band, says."""
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
        """For each band the keys of all documents in order, and which documents have them."""
        shape = (BANDS, len(self))
        rows = check_codes(self._checked("band_rows", "<i4", shape), len(self))
        return self._checked("band_keys", "<u2", shape), rows

    def _bulk(self, name: str, dtype: str, shape: tuple[int, ...]) -> Bulk:
        bulk = self._file.bulk(name)
        if bulk.array.dtype != dtype or bulk.array.shape != shape:
            raise CorruptArray(f"{self._file.name} has other {name} than it says")
        return bulk

    def _checked(self, name: str, dtype: str, shape: tuple[int, ...]) -> Array:
        """A whole array of this type and shape, compared with its sums."""
        self._bulk(name, dtype, shape)
        return self._file[name]

    def _ordered(self, place: int) -> int:
        """The document whose id is at a place in the order of ids."""
        number = self._order.number(place)
        if not 0 <= number < len(self):
            raise CorruptArray(f"{self._file.name} orders documents that there are not")
        return number

    def _ordered_id(self, place: int) -> bytes:
        return self.ids.raw(self._ordered(place))


@dataclass(frozen=True, slots=True)
class DocValueBatch:
    """The doc values of some documents, while a segment is made; texts are UTF-8."""

    ids: Sequence[bytes]
    digests: Sequence[bytes]
    titles: Sequence[bytes]
    numbers: Mapping[str, Array]
    facets: Mapping[str, FacetValues]
    signatures: Signatures

    @classmethod
    def of(cls, documents: Sequence[IndexedDocument]) -> "DocValueBatch":
        """Those of documents that are added."""
        articles = [each.article for each in documents]
        rows = b"".join(each.signature or NO_SIGNATURE for each in documents)
        numbers = {
            "published": [date_key(each) for each in articles],
            "added": [int(each.added.timestamp()) if each.added else 0 for each in articles],
            "title_length": [each.title.length for each in documents],
            "body_length": [each.body.length for each in documents],
        }
        facets: Mapping[str, Sequence[Iterable[str]]] = {
            "focus": [[value.value for value in each.focus_areas] for each in articles],
            "year": [[str(each.year.value)] if each.year else [] for each in articles],
            "org": [[value.value for value in each.organisations] for each in articles],
            "language": [[each.language] for each in articles],
        }
        return cls(
            ids=[each.id.encode() for each in articles],
            digests=[each.digest.encode() for each in documents],
            titles=[each.title.encode() for each in articles],
            numbers={name: np.array(numbers[name], kind) for name, kind in NUMBERS.items()},
            facets={name: FacetValues.of(held) for name, held in facets.items()},
            signatures=np.frombuffer(rows, dtype="<u2").reshape(-1, PLACES),
        )

    @classmethod
    def of_segment(cls, values: DocValues, kept: Array) -> "DocValueBatch":
        """Those of the documents ``kept`` (ascending) of a segment. Raises CorruptArray."""
        texts = [values.texts(name).raws() for name in ("ids", "digests", "titles")]
        places = np.empty(len(values), dtype=np.int32)
        places[values.title_documents] = np.arange(len(values), dtype=np.int32)
        numbers = kept.tolist()
        return cls(
            ids=[texts[0][number] for number in numbers],
            digests=[texts[1][number] for number in numbers],
            titles=[texts[2][place] for place in places[kept].tolist()],
            numbers={name: values.column(name)[kept] for name in NUMBERS},
            facets={
                name: FacetValues.of_column(values.facet(name), kept, missing)
                for name, missing in FACET_FIELDS.items()
            },
            signatures=values.signatures(kept),
        )

    @classmethod
    def joined(cls, parts: Sequence["DocValueBatch"]) -> "DocValueBatch":
        """Those of the documents of one or more parts, one after the other."""
        return cls(
            ids=list(chain.from_iterable(each.ids for each in parts)),
            digests=list(chain.from_iterable(each.digests for each in parts)),
            titles=list(chain.from_iterable(each.titles for each in parts)),
            numbers={
                name: np.concatenate([each.numbers[name] for each in parts]) for name in NUMBERS
            },
            facets={
                name: FacetValues.joined([each.facets[name] for each in parts])
                for name in FACET_FIELDS
            },
            signatures=np.concatenate([each.signatures for each in parts]),
        )

    def arrays(self) -> dict[str, Array]:
        """What to write of all documents of a segment, whose facet values are in order."""
        count = len(self.ids)
        letters: Array = np.fromiter((len(each.decode()) for each in self.ids), np.int32, count)
        arrays: dict[str, Array] = {
            **Texts.of(self.ids).arrays("ids"),
            "id_order": np.array(sorted(range(count), key=self.ids.__getitem__), dtype=np.int32),
            "id_letters": letters,
            **self.numbers,
            **Texts.of(self.digests).arrays("digests"),
            **_titles([each.decode() for each in self.titles]),
            **_signatures(self.signatures),
        }
        for name, missing in FACET_FIELDS.items():
            arrays |= self.facets[name].arrays(name, missing)
        names = self.facets["org"].values
        arrays["name_hashes"] = np.array([value_hash(each.decode()) for each in names], np.uint32)
        return arrays


def date_key(article: Article) -> int:
    """``yyyymmdd`` to sort by; the year alone where there is no date; 0 where nothing is known."""
    if article.published is not None:
        return article.published.value.sort_key
    return article.year.value * 10000 if article.year else 0


def _signatures(rows: Signatures) -> dict[str, Array]:
    """Signatures, which documents have one, and of each band all keys in order with documents."""
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
    """The titles in the order of their keys, and the documents that have them."""
    keys = [prefix_key(each) for each in titles]
    order = sorted(range(len(titles)), key=lambda at: (keys[at], titles[at]))
    texts = Texts.of(titles[at] for at in order)
    return {**texts.arrays("titles"), "title_documents": np.array(order, dtype=np.int32)}
