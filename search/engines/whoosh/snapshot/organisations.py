"""Resolves organisation names over a generation: variants of one body share a facet value.

Each segment has the names as its articles alone tell them. All living articles together say which
spellings and aliases are one body's, and which doubtful names are proven somewhere; see
:mod:`search.organisation_names`. A snapshot keeps the outcome by codes of names.
"""

from collections.abc import Mapping

import numpy as np

from search.engines.whoosh.segment import Segment
from search.engines.whoosh.segment.arrays import Array, Texts
from search.engines.whoosh.snapshot.ordinal_map import OrdinalMap
from search.engines.whoosh.snapshot.segment_set import SegmentSet
from search.near_duplicates.minhash import Numbers
from search.organisation_names import canonical_spellings, key_hash, resolved_aliases

#: The code of what is not shown.
NOT_SHOWN = -1


def resolve(
    parts: SegmentSet, alive: Array, ordinals: Mapping[str, OrdinalMap]
) -> dict[str, Array]:
    """For each code of ``org`` and of ``maybe`` the code of the organisation it is shown as.

    ``ordinals`` are those of all facets. What no living document says is not shown.
    """
    counts = {
        name: _counts(parts, alive, name, ordinals[name])
        for name in ("org", "maybe", "proven", "alias", "settled")
    }
    keys = {name: _keys(parts, name, ordinals[name]) for name in ("org", "maybe", "proven")}
    told = {name: ordinals[name].values for name in ("alias", "settled")}
    aliases = resolved_aliases(
        (told["alias"][code], int(counts["alias"][code]))
        for code in np.flatnonzero(counts["alias"]).tolist()
    )
    settled = {told["settled"][code] for code in np.flatnonzero(counts["settled"]).tolist()}
    names = ordinals["org"].values
    living = np.flatnonzero(counts["org"])
    shown = np.full(len(keys["org"]), NOT_SHOWN, dtype=np.int32)
    shown[living] = living
    order = living[np.argsort(keys["org"][living], kind="stable")]
    ordered = keys["org"][order]
    for members in _alike(order, ordered):
        spellings = [names[code] for code in members]
        which = canonical_spellings(spellings, counts["org"][members].tolist(), settled)
        shown[members] = np.array(members, dtype=np.int32)[which]
    for short, name in aliases.items():
        codes = _having(order, ordered, key_hash(short))
        target = _having(order, ordered, key_hash(name))
        if not len(codes) or not len(target):
            continue
        if settled.isdisjoint(names[code] for code in codes.tolist()):
            shown[codes] = shown[_commonest(target, counts["org"], names)]
    maybe = np.full(len(keys["maybe"]), NOT_SHOWN, dtype=np.int32)
    proven = np.unique(keys["proven"][counts["proven"] > 0])
    by_alias = {key_hash(short): key_hash(name) for short, name in aliases.items()}
    for code in np.flatnonzero(counts["maybe"]).tolist():
        key = int(keys["maybe"][code])
        target = _having(order, ordered, key)
        if not len(target) and key in by_alias:
            target = _having(order, ordered, by_alias[key])
            maybe[code] = (
                shown[_commonest(target, counts["org"], names)] if len(target) else NOT_SHOWN
            )
        elif len(target) and _has(proven, key):
            maybe[code] = shown[_commonest(target, counts["org"], names)]
    return {"org_shown": shown, "maybe_shown": maybe}


class ShownOrganisations:
    """What the names of organisations in the segments of a snapshot are shown as.

    ``org`` and ``maybe`` give the code of the organisation for each code of a name.
    """

    def __init__(self, org: Array, maybe: Array, ordinals: Mapping[str, OrdinalMap]) -> None:
        self.org = org
        self.maybe = maybe
        self._ordinals = ordinals

    @property
    def is_plain(self) -> bool:
        """True if every name is shown as it is written, and no doubtful one is shown."""
        as_written = (self.org == np.arange(len(self.org))) | (self.org == NOT_SHOWN)
        return bool(as_written.all()) and not (self.maybe != NOT_SHOWN).any()

    def as_written(self, parts: SegmentSet) -> Array:
        """Which documents have all their names shown as they are written, and none besides."""
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
        """Names of a document of a segment, doubtful ones too, with the codes they are shown as."""
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
        """The name of an organisation that is shown."""
        return self._ordinals["org"].values[code]

    def renamed(self) -> dict[str, str]:
        """The names that are shown as another one, each with that one."""
        others = np.flatnonzero((self.org != np.arange(len(self.org))) & (self.org != NOT_SHOWN))
        return {self.name(code): self.name(int(self.org[code])) for code in others.tolist()}

    def other_names(self, code: int) -> tuple[str, ...]:
        """The names that are shown as this one, in order."""
        others = np.flatnonzero(self.org == code).tolist()
        return tuple(sorted(self.name(each) for each in others if each != code))


def _counts(parts: SegmentSet, alive: Array, name: str, ordinals: OrdinalMap) -> Numbers:
    """How many living documents have each value of a facet, by code."""
    counts = np.zeros(len(ordinals.values), dtype=np.int64)
    for base, segment in parts.based():
        column = segment.doc_values.facet(name)
        kept = np.repeat(alive[base : base + len(segment)], np.diff(column.starts))
        own = np.bincount(column.codes[kept], minlength=len(column.values))
        np.add.at(counts, ordinals.maps[segment.name], own)
    return counts


def _keys(parts: SegmentSet, name: str, ordinals: OrdinalMap) -> Array:
    """The hash of the key of each name, by code; 0 for those that no segment has."""
    keys = np.zeros(len(ordinals.values), dtype=np.uint64)
    for segment in parts:
        keys[ordinals.maps[segment.name]] = segment.doc_values.name_keys(name)
    return keys


def _alike(order: Array, ordered: Array) -> list[list[int]]:
    """Codes of each key that several have."""
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) + 1
    begins = np.append(0, ends[:-1])
    several = np.flatnonzero(ends - begins > 1).tolist() if len(ordered) else []
    return [order[begins[at] : ends[at]].tolist() for at in several]


def _having(order: Array, ordered: Array, key: int) -> Array:
    """Codes of names with a key."""
    wanted = np.uint64(key)
    return order[ordered.searchsorted(wanted) : ordered.searchsorted(wanted, "right")]


def _commonest(codes: Array, counts: Numbers, names: Texts) -> int:
    """The code of most articles; of equals the last name in order, whatever the codes are."""
    every: list[int] = codes.tolist()
    return max(every, key=lambda code: (int(counts[code]), names[code]))


def _has(ordered: Array, key: int) -> bool:
    at = int(ordered.searchsorted(np.uint64(key)))
    return at < len(ordered) and int(ordered[at]) == key
