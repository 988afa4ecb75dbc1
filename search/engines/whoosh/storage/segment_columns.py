"""What is known of each document of a segment, beside its texts and postings, as arrays.

Written once, with the segment's own files, and shared by all generations that have the segment;
a snapshot (:mod:`search.engines.whoosh.storage.snapshot`) puts together what all segments hold.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from search.engines.whoosh.storage.arrays import Array, Texts
from search.engines.whoosh.storage.batches import Values
from search.engines.whoosh.storage.column_files import column_extension
from search.engines.whoosh.storage.names import key_of
from search.engines.whoosh.storage.segment_files import segment_arrays
from search.near_duplicates.boilerplate import value_hash
from search.near_duplicates.lsh import band_values
from search.near_duplicates.lsh_incremental import Keys, band_keys
from search.near_duplicates.minhash import PLACES, Numbers, Signatures
from search.request import NO_FOCUS, UNKNOWN_YEAR

#: Columns of numbers and how they are kept.
NUMBERS: dict[str, str] = {
    "published": "i4",
    "added": "i8",
    "title_length": "i4",
    "body_length": "i4",
}
#: Facet → its Whoosh field and the value of documents that have none.
FACET_FIELDS: dict[str, tuple[str, str | None]] = {
    "focus": ("focus_area", NO_FOCUS),
    "year": ("year", UNKNOWN_YEAR),
    "org": ("organisation", None),
    "language": ("language", None),
}
_SIGNATURE = "signature"
#: Bytes of a claim, see :mod:`search.engines.whoosh.storage.passages`.
_CLAIM = 8
_ROWS_AT_ONCE = 10_000
#: Of fewer documents all keys are looked at, which takes fewer steps than halving.
_FEW = 2000


@dataclass(frozen=True, slots=True)
class LocalFacet:
    """Document ``i`` has ``values[codes[j]]`` for ``j`` from ``starts[i]`` to ``starts[i + 1]``."""

    values: Texts
    starts: Array
    codes: Array


class SegmentColumns:
    """The columns of one segment; documents have the numbers that they have in it."""

    def __init__(self, directory: Path, segment: str) -> None:
        """Map them into memory. Raises OSError or ValueError."""
        self.segment = segment
        self.arrays = segment_arrays(directory, segment)
        self.ids = self.texts("ids")
        self._facets: dict[str, LocalFacet] = {}
        rows = self.arrays.get("signatures")
        if rows is None:  # a large segment; mapped now, since its generation may go before this
            path = directory / f"{segment}{column_extension(_SIGNATURE)}"
            rows = _mapped(path, len(self))
        self._rows: Signatures = rows

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> Array:
        """One of the arrays, see :func:`column_arrays`."""
        return self.arrays[name]

    def texts(self, name: str) -> Texts:
        """One of the columns of texts."""
        return Texts.read(self.arrays, name)

    def facet(self, name: str) -> LocalFacet:
        """The values of one of :data:`FACET_FIELDS`."""
        if name not in self._facets:
            starts, codes = self.arrays[name + "_offsets"], self.arrays[name + "_codes"]
            self._facets[name] = LocalFacet(self.texts(name), starts, codes)
        return self._facets[name]

    def numbers_of(self, article_id: str) -> list[int]:
        """The documents that have, or had, this id, in order."""
        wanted, order = article_id.encode(), self.arrays["id_order"]
        place = bisect_left(order, wanted, key=self.ids.raw)
        found = []
        while place < len(order) and self.ids.raw(order[place]) == wanted:
            found.append(int(order[place]))
            place += 1
        return found

    def signatures(self) -> Signatures:
        """A row for each document, mapped into memory."""
        return self._rows

    def sharing(self, keys: Keys) -> tuple[Numbers, Numbers]:
        """Bands and documents that have in it what ``keys``, one for each band, says."""
        ordered, count = self.arrays["band_keys"], len(self)
        if count < _FEW:
            bands, places = np.nonzero(ordered == keys[:, None])
            return bands, self.arrays["band_rows"][bands, places].astype(np.int64)
        rows = list(zip(ordered, keys, strict=True))
        starts = np.array([row.searchsorted(key) for row, key in rows])
        ends = np.array([row.searchsorted(key, "right") for row, key in rows])
        starts, ends = (each + np.arange(len(ordered)) * count for each in (starts, ends))
        sizes = ends - starts
        shifts = starts - (np.cumsum(sizes) - sizes)
        found = np.repeat(shifts, sizes) + np.arange(int(sizes.sum()))
        return found // count, self.arrays["band_rows"].ravel()[found].astype(np.int64)


def _mapped(path: Path, count: int) -> Signatures:
    """Signatures as Whoosh stores them: end to end."""
    if not count:
        return np.empty((0, PLACES), dtype=np.uint16)
    return np.memmap(path, np.uint16, "r", shape=(count, PLACES))


def column_arrays(
    count: int,
    columns: Callable[[str], Values],
    facets: Mapping[str, Sequence[tuple[bytes, Numbers]]],
    *,
    is_one: bool,
) -> dict[str, Array]:
    """The columns of ``count`` documents.

    ``columns`` gives those of Whoosh, ``facets`` the values of a field in order, each with the
    documents that have it. Signatures are among the arrays if the segment ``is_one`` file.
    """
    ids = _cut(columns("id"))
    arrays: dict[str, Array] = {
        **Texts.encoded(ids).arrays("ids"),
        "id_order": np.array(sorted(range(count), key=ids.__getitem__), dtype=np.int32),
        "id_letters": np.fromiter((len(each.decode()) for each in ids), np.int32, count),
        **{name: _numbers(columns(name), kind) for name, kind in NUMBERS.items()},
        **Texts.encoded(_cut(columns("digest"))).arrays("digests"),
        **_titles([each.decode() for each in _cut(columns("headline"))]),
    }
    for name, (field, missing) in FACET_FIELDS.items():
        arrays.update(_facet(name, facets.get(field, ()), missing, count))
    names = Texts.read(arrays, "org")
    arrays["name_hashes"] = np.fromiter(map(value_hash, names), np.uint32, len(names))
    passages = columns("passages")
    claims = passages.lengths // _CLAIM
    arrays["claim_documents"] = np.repeat(np.arange(count, dtype=np.int32), claims)
    arrays["claims"] = np.frombuffer(passages.data, dtype="<u4").reshape(-1, 2)
    rows = np.frombuffer(columns(_SIGNATURE).data, dtype=np.uint16).reshape(-1, PLACES)
    if is_one:
        arrays["signatures"] = rows
    arrays |= _bands(rows)
    arrays["has_signature"] = np.asarray(rows.any(axis=1))
    return arrays


def _cut(values: Values) -> list[bytes]:
    """The values of a column one by one."""
    ends = np.cumsum(values.lengths, dtype=np.int64).tolist()
    return [bytes(values.data[a:b]) for a, b in zip([0, *ends], ends, strict=False)]


def _numbers(values: Values, kind: str) -> Array:
    return np.frombuffer(values.data, dtype=">" + kind).astype(kind)


def _bands(rows: Signatures) -> dict[str, Array]:
    """For each band the keys of all documents in order, and which documents have them."""
    parts = range(0, max(len(rows), 1), _ROWS_AT_ONCE)
    keys = [band_keys(band_values(rows[at : at + _ROWS_AT_ONCE])) for at in parts]
    flat = np.concatenate(keys, axis=1)
    order = np.argsort(flat, axis=1, kind="stable")
    return {
        "band_keys": np.take_along_axis(flat, order, axis=1),
        "band_rows": order.astype(np.int32),
    }


def _titles(titles: Sequence[str]) -> dict[str, Array]:
    """The titles in the order of their keys, and the documents that have them."""
    keys = [key_of(each) for each in titles]
    order = sorted(range(len(titles)), key=lambda at: (keys[at], titles[at]))
    texts = Texts.of(titles[at] for at in order)
    return {**texts.arrays("titles"), "title_documents": np.array(order, dtype=np.int32)}


def _facet(
    name: str, held: Sequence[tuple[bytes, Numbers]], missing: str | None, count: int
) -> dict[str, Array]:
    """A facet as :class:`LocalFacet` has it, its values in order, the missing one last."""
    values, lists = [value for value, _ in held], [documents for _, documents in held]
    if missing is not None:
        has_value = np.zeros(count, dtype=bool)
        for each in lists:
            has_value[each] = True
        if not has_value.all():
            values.append(missing.encode())
            lists.append(np.flatnonzero(~has_value))
    documents = np.concatenate([np.empty(0, dtype=np.int32), *lists]).astype(np.int32)
    sizes = np.fromiter(map(len, lists), np.int64, len(lists))
    codes = np.repeat(np.arange(len(lists), dtype=np.int32), sizes)
    starts = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(documents, minlength=count), out=starts[1:])
    return {
        **Texts.encoded(values).arrays(name),
        name + "_offsets": starts,
        name + "_codes": codes[np.argsort(documents, kind="stable")],
    }
