"""Resolves organisation names over a generation: variants of one body share a facet value.

Each segment has the names that its articles write. All living articles together decide which
spellings and aliases are of one body, and which doubtful names are proven somewhere; see
:mod:`search.organisation_names`. A snapshot keeps the result by codes of names.
"""

from collections.abc import Mapping

import numpy as np

from search.engines.whoosh.segment import Segment
from search.engines.whoosh.segment.arrays import Array, Texts
from search.engines.whoosh.snapshot.ordinal_map import OrdinalMap
from search.engines.whoosh.snapshot.segment_set import SegmentSet
from search.near_duplicates.minhash import Numbers
from search.organisation_names import canonical_spellings, key_hash, resolved_aliases

#: The code for names that are not shown.
NOT_SHOWN = -1


def resolve(
    parts: SegmentSet, alive: Array, ordinals: Mapping[str, OrdinalMap]
) -> dict[str, Array]:
    """The code of the name shown for each code of ``org`` and of ``maybe``.

    ``ordinals`` are those of all facets. Names in no living document are not shown.
    """
    counts = {
        name: _counts(parts, alive, name, ordinals[name])
        for name in ("org", "maybe", "proven", "alias", "settled")
    }
    keys = {name: _keys(parts, name, ordinals[name]) for name in ("org", "maybe", "proven")}
    values = {name: ordinals[name].values for name in ("alias", "settled")}
    aliases = resolved_aliases(
        (values["alias"][code], int(counts["alias"][code]))
        for code in np.flatnonzero(counts["alias"]).tolist()
    )
    settled = {values["settled"][code] for code in np.flatnonzero(counts["settled"]).tolist()}
    names = ordinals["org"].values
    living = np.flatnonzero(counts["org"])
    shown = np.full(len(keys["org"]), NOT_SHOWN, dtype=np.int32)
    shown[living] = living
    order = living[np.argsort(keys["org"][living], kind="stable")]
    ordered = keys["org"][order]
    for members in _with_equal_keys(order, ordered):
        spellings = [names[code] for code in members]
        which = canonical_spellings(spellings, counts["org"][members].tolist(), settled)
        shown[members] = np.array(members, dtype=np.int32)[which]
    for short, name in aliases.items():
        codes = _with_key(order, ordered, key_hash(short))
        target = _with_key(order, ordered, key_hash(name))
        if not len(codes) or not len(target):
            continue
        if settled.isdisjoint(names[code] for code in codes.tolist()):
            shown[codes] = shown[_commonest(target, counts["org"], names)]
    maybe = np.full(len(keys["maybe"]), NOT_SHOWN, dtype=np.int32)
    proven = np.unique(keys["proven"][counts["proven"] > 0])
    by_alias = {key_hash(short): key_hash(name) for short, name in aliases.items()}
    for code in np.flatnonzero(counts["maybe"]).tolist():
        key = int(keys["maybe"][code])
        target = _with_key(order, ordered, key)
        if not len(target) and key in by_alias:
            target = _with_key(order, ordered, by_alias[key])
            maybe[code] = (
                shown[_commonest(target, counts["org"], names)] if len(target) else NOT_SHOWN
            )
        elif len(target) and _contains(proven, key):
            maybe[code] = shown[_commonest(target, counts["org"], names)]
    return {"org_shown": shown, "maybe_shown": maybe}


class ShownOrganisations:
    """The names shown for the organisations that the segments of a snapshot name.

    ``org`` and ``maybe`` give the code of the name shown for each code of a name.
    """

    def __init__(self, org: Array, maybe: Array, ordinals: Mapping[str, OrdinalMap]) -> None:
        self.org = org
        self.maybe = maybe
        self._ordinals = ordinals

    @property
    def is_plain(self) -> bool:
        """Is every name shown as it is written, and no doubtful one?"""
        as_written = (self.org == np.arange(len(self.org))) | (self.org == NOT_SHOWN)
        return bool(as_written.all()) and not (self.maybe != NOT_SHOWN).any()

    def as_written(self, parts: SegmentSet) -> Array:
        """Mask of the documents whose names are all shown as written, without doubtful ones."""
        written = np.ones(parts.size, dtype=bool)
        for base, segment in parts.based():
            for facet, codes in (("maybe", self.maybe), ("org", self.org)):
                column = segment.doc_values.facet(facet)
                own = self._ordinals[facet].maps[segment.name]
                plain = codes[own] == (own if facet == "org" else NOT_SHOWN)
                if not plain.all():
                    numbers = np.arange(base, base + len(segment))
                    documents = np.repeat(numbers, np.diff(column.starts))
                    written[documents[~plain[column.codes]]] = False
        return written

    def of_document(self, segment: Segment, place: int) -> dict[str, int]:
        """The names of a document, doubtful ones too, with the codes of the names shown."""
        shown: dict[str, int] = {}
        for facet, codes in (("maybe", self.maybe), ("org", self.org)):
            column = segment.doc_values.facet(facet)
            own = column.codes[int(column.starts[place]) : int(column.starts[place + 1])]
            maps = self._ordinals[facet].maps[segment.name]
            for code in own.tolist():
                at = int(codes[maps[code]])
                if at != NOT_SHOWN:
                    shown[column.values[code]] = at
        return shown

    def name(self, code: int) -> str:
        """The name with a code."""
        return self._ordinals["org"].values[code]

    def renamed(self) -> dict[str, str]:
        """Names that are shown as another name, each with that name."""
        others = np.flatnonzero((self.org != np.arange(len(self.org))) & (self.org != NOT_SHOWN))
        return {self.name(code): self.name(int(self.org[code])) for code in others.tolist()}

    def other_names(self, code: int) -> tuple[str, ...]:
        """The names that are shown as the one with ``code``, in order."""
        others = np.flatnonzero(self.org == code).tolist()
        return tuple(sorted(self.name(each) for each in others if each != code))


def _counts(parts: SegmentSet, alive: Array, name: str, ordinals: OrdinalMap) -> Numbers:
    """Number of living documents with each value of a facet, by code."""
    counts = np.zeros(len(ordinals.values), dtype=np.int64)
    for base, segment in parts.based():
        column = segment.doc_values.facet(name)
        kept = np.repeat(alive[base : base + len(segment)], np.diff(column.starts))
        own = np.bincount(column.codes[kept], minlength=len(column.values))
        np.add.at(counts, ordinals.maps[segment.name], own)
    return counts


def _keys(parts: SegmentSet, name: str, ordinals: OrdinalMap) -> Array:
    """Hashes of the keys of names, by code; 0 for names in no segment."""
    keys = np.zeros(len(ordinals.values), dtype=np.uint64)
    for segment in parts:
        keys[ordinals.maps[segment.name]] = segment.doc_values.name_keys(name)
    return keys


def _with_equal_keys(order: Array, ordered: Array) -> list[list[int]]:
    """Groups of codes with the same key."""
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) + 1
    begins = np.append(0, ends[:-1])
    several = np.flatnonzero(ends - begins > 1).tolist() if len(ordered) else []
    return [order[begins[at] : ends[at]].tolist() for at in several]


def _with_key(order: Array, ordered: Array, key: int) -> Array:
    """Codes of the names with a key."""
    wanted = np.uint64(key)
    return order[ordered.searchsorted(wanted) : ordered.searchsorted(wanted, "right")]


def _commonest(codes: Array, counts: Numbers, names: Texts) -> int:
    """The code with most articles; ties are broken by the last name in order."""
    every: list[int] = codes.tolist()
    return max(every, key=lambda code: (int(counts[code]), names[code]))


def _contains(ordered: Array, key: int) -> bool:
    at = int(ordered.searchsorted(np.uint64(key)))
    return at < len(ordered) and int(ordered[at]) == key
