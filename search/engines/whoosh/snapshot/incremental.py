"""Writes the snapshot of a generation, reusing the expensive parts of the one before.

The result always equals what would be worked out from nothing, but for values of facets that no
document has any more.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.segment.arrays import Array, Texts, write_arrays
from search.engines.whoosh.segment.doc_values import FACET_FIELDS
from search.engines.whoosh.snapshot.delta import by_member, by_number, deltas
from search.engines.whoosh.snapshot.docid_map import DocIdMap
from search.engines.whoosh.snapshot.name_prefix_index import NamePrefixIndex
from search.engines.whoosh.snapshot.ordinal_map import OrdinalMap, follow
from search.engines.whoosh.snapshot.segment_set import (
    DocumentIds,
    SegmentSet,
    SegmentSignatures,
)
from search.engines.whoosh.snapshot.snapshot import (
    BASE,
    NAME_BITS,
    SNAPSHOT,
    Snapshot,
    hidden_pairs,
    packed_names,
    packed_pairs,
    ranks,
)
from search.near_duplicates.boilerplate import unsupported
from search.near_duplicates.lsh import SimilarPairs, representatives_of
from search.near_duplicates.lsh_incremental import compare_all, update_similar

_BoolArray = npt.NDArray[np.bool_]
_Maps = Mapping[str, OrdinalMap]
#: A new base is about the segments that hold at least this share of all documents.
_LARGE = 1 / 32
#: It is made when others hold a larger share than this, and more than so many documents.
_LARGEST_REST, _SMALL_REST = 1 / 8, 64
_EMPTY = np.empty(0, dtype=np.int32)


class LiveDocs(NamedTuple):
    """A segment by its name, and which of its documents are alive."""

    segment: str
    alive: _BoolArray

    @property
    def living(self) -> int:
        """How many are."""
        return int(np.count_nonzero(self.alive))


def write_snapshot(directory: Path, segments: Sequence[LiveDocs], before: Snapshot | None) -> bool:
    """Write the snapshot of ``segments`` into their ``directory``, going on from ``before``.

    Documents of ``before`` may have been deleted, and written again into other segments. True if
    the base is still that of ``before``, which is then linked. Raises OSError or CorruptArray.
    """
    names = [each.segment for each in segments]
    parts = SegmentSet(directory, names, before.segments if before else ())
    alive = np.concatenate([np.empty(0, dtype=bool), *(each.alive for each in segments)])
    shares_base = before is not None and _still_fits(before, parts)
    if before is not None and shares_base:
        os.link(before.directory / BASE, directory / BASE)
        held: Mapping[str, Array] = before.base
        own = {name: before.ordinals(name) for name in FACET_FIELDS}
        maps = {name: _followed(own[name], parts, name) for name in FACET_FIELDS}
        order = before.names().after(maps["org"].values, len(own["org"].values))
        arrays = _arrays(parts, alive, before, maps, order)
    else:
        covered = SegmentSet(directory, names[: _large_ones(parts)], parts)
        own = {name: _followed(OrdinalMap.empty(), covered, name) for name in FACET_FIELDS}
        maps = {name: _followed(own[name], parts, name) for name in FACET_FIELDS}
        order = NamePrefixIndex.empty().after(maps["org"].values, 0)
        arrays = _arrays(parts, alive, before, maps, order)
        held = _base(covered, own, arrays)
        write_arrays(directory / BASE, held)
    ways = {
        "id_order": by_number(len(held["alive"])),
        "names": by_number(len(Texts.read(held, "org_values")) << NAME_BITS),
        "pairs": by_member,
        "hidden": by_member,
    }
    top = {**Texts.of(names).arrays("segments"), **deltas(held, arrays, ways)}
    write_arrays(directory / SNAPSHOT, top)
    return shares_base


def _still_fits(before: Snapshot, parts: SegmentSet) -> bool:
    """Is the base about segments that are still there, and about most documents?"""
    covered = before.covered
    if parts.names[: len(covered)] != covered:
        return False
    rest = parts.size - len(before.base["alive"])
    return rest <= max(parts.size * _LARGEST_REST, _SMALL_REST)


def _large_ones(parts: SegmentSet) -> int:
    """How many segments a base should be about; the large ones come first."""
    return sum(len(each) >= parts.size * _LARGE for each in parts)


def _arrays(
    parts: SegmentSet,
    alive: _BoolArray,
    before: Snapshot | None,
    maps: _Maps,
    names: NamePrefixIndex,
) -> dict[str, Array]:
    """The arrays of a snapshot as they are after all deltas."""
    moves = DocIdMap.between(before.segments if before else None, parts)
    order = moves.id_order(DocumentIds(parts), before.id_order if before else _EMPTY)
    signatures = SegmentSignatures(parts, ranks(order))
    similar = _similar(parts, alive, signatures, moves, before)
    representatives = representatives_of(similar, signatures.in_order)
    return {
        "alive": alive.astype(np.uint8),
        "id_order": order,
        "originals": similar.originals.astype(np.int32),
        "pairs": packed_pairs(similar),
        "representatives": representatives.astype(np.int32),
        "hidden": _hidden(parts, alive, representatives),
        "names": packed_names(names),
        **_map_arrays(maps, parts),
    }


def _base(covered: SegmentSet, maps: _Maps, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Of ``arrays`` what a base about the first segments has, whose facets are in ``maps``."""
    size, names = covered.size, arrays["names"]
    order = arrays["id_order"]
    return {
        **Texts.of(covered.names).arrays("segments"),
        **{name: arrays[name][:size] for name in ("alive", "originals", "representatives")},
        "id_order": order[order < size],
        "pairs": arrays["pairs"],
        "hidden": arrays["hidden"],
        "names": names[names >> NAME_BITS < len(maps["org"].values)],
        **_map_arrays(maps, covered),
    }


def _map_arrays(maps: _Maps, parts: SegmentSet) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for name, own in maps.items():
        codes = [own.maps[each.name] for each in parts]
        arrays |= {**own.values.arrays(name + "_values"), name + "_maps": _concatenated(codes)}
    return arrays


def _followed(before: OrdinalMap, parts: SegmentSet, facet: str) -> OrdinalMap:
    values = {each.name: each.doc_values.facet(facet).values for each in parts}
    return follow(before, values, FACET_FIELDS[facet])


def _similar(
    parts: SegmentSet,
    alive: _BoolArray,
    signatures: SegmentSignatures,
    moves: DocIdMap,
    before: Snapshot | None,
) -> SimilarPairs:
    """Which documents are similar."""
    takes_part = alive & parts.column("has_signature").astype(bool)
    if before is None:
        return compare_all(signatures, takes_part)
    then = before.similar()
    moved = moves.same(before.segments, then.originals >= 0, parts, takes_part)
    return update_similar(then, before.signatures(), signatures, moved, takes_part)


def _hidden(parts: SegmentSet, alive: _BoolArray, representatives: Array) -> Array:
    """Documents and hashes of their organisations that are not shown, in order."""
    documents, claims = parts.claims()
    living = alive[documents]
    found = unsupported(documents[living], claims[living], representatives.astype(np.int64))
    return hidden_pairs(*found.T)


def _concatenated(arrays: list[Array]) -> Array:
    return np.concatenate([_EMPTY, *arrays])
