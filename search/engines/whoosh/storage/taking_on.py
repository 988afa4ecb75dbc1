"""Writing the snapshot of a generation, going on from the one before.

What takes long is taken on, and the result always equals what would be worked out from nothing, but
for values of facets that no document has any more.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.storage.arrays import Array, Texts, write_arrays
from search.engines.whoosh.storage.edits import by_member, by_number, edited
from search.engines.whoosh.storage.moves import Moves
from search.engines.whoosh.storage.names import NameOrder
from search.engines.whoosh.storage.parts import Ids, Parts
from search.engines.whoosh.storage.segment_columns import FACET_FIELDS
from search.engines.whoosh.storage.signed import SignedParts
from search.engines.whoosh.storage.snapshot import (
    BASE,
    NAME_BITS,
    SNAPSHOT,
    Snapshot,
    hidden_pairs,
    packed_names,
    packed_pairs,
    ranks,
)
from search.engines.whoosh.storage.values import ValueTable, follow
from search.near_duplicates.boilerplate import unsupported
from search.near_duplicates.lsh import Likes, stand_ins

_BoolArray = npt.NDArray[np.bool_]
_Tables = Mapping[str, ValueTable]
#: A new base is about the segments that hold at least this share of all documents.
_LARGE = 1 / 32
#: It is made when others hold a larger share than this, and more than so many documents.
_LARGEST_REST, _SMALL_REST = 1 / 8, 64
_EMPTY = np.empty(0, dtype=np.int32)


def write_snapshot(directory: Path, segments: Sequence[Any], before: Snapshot | None) -> bool:
    """Write the snapshot of ``segments`` into their ``directory``, going on from ``before``.

    Segments are those of Whoosh's table of contents. Documents of ``before`` may have been deleted,
    and written again into other segments. True if the base is still that of ``before``, which is
    then linked.
    """
    names = [each.segment_id() for each in segments]
    parts = Parts(directory, names, before.parts.segments if before else ())
    alive = np.ones(parts.size, dtype=bool)
    for base, each in zip(parts.bases, segments, strict=True):
        alive[[base + number for number in each.deleted_docs()]] = False
    shares_base = before is not None and _still_fits(before, parts)
    if before is not None and shares_base:
        os.link(before.directory / BASE, directory / BASE)
        held: Mapping[str, Array] = before.base
        own = {name: before.table(name) for name in FACET_FIELDS}
        tables = {name: _followed(own[name], parts, name) for name in FACET_FIELDS}
        order = before.names().after(tables["org"].values, len(own["org"].values))
        arrays = _arrays(parts, alive, before, tables, order)
    else:
        count = _large_ones(parts)
        covered = Parts(directory, names[:count], parts.segments)
        own = {name: _followed(ValueTable.empty(), covered, name) for name in FACET_FIELDS}
        tables = {name: _followed(own[name], parts, name) for name in FACET_FIELDS}
        order = NameOrder.empty().after(tables["org"].values, 0)
        arrays = _arrays(parts, alive, before, tables, order)
        held = _base(covered, own, arrays)
        write_arrays(directory / BASE, held)
    ways = {
        "id_order": by_number(len(held["alive"])),
        "names": by_number(len(Texts.read(held, "org_values")) << NAME_BITS),
        "pairs": by_member,
        "hidden": by_member,
    }
    top = {**Texts.of(names).arrays("segments"), **edited(held, arrays, ways)}
    write_arrays(directory / SNAPSHOT, top)
    return shares_base


def _still_fits(before: Snapshot, parts: Parts) -> bool:
    """Is the base about segments that are still there, and about most documents?"""
    covered = before.covered
    if tuple(each.segment for each in parts.segments[: len(covered)]) != covered:
        return False
    rest = parts.size - len(before.base["alive"])
    return rest <= max(parts.size * _LARGEST_REST, _SMALL_REST)


def _large_ones(parts: Parts) -> int:
    """How many segments a base should be about; the large ones come first."""
    return sum(len(each) >= parts.size * _LARGE for each in parts.segments)


def _arrays(
    parts: Parts,
    alive: _BoolArray,
    before: Snapshot | None,
    tables: _Tables,
    names: NameOrder,
) -> dict[str, Array]:
    """The arrays of a snapshot as they are after all edits."""
    moves = Moves.between(before.parts if before else None, parts)
    order = moves.id_order(Ids(parts), before.arrays["id_order"] if before else _EMPTY)
    signed = SignedParts(parts, ranks(order))
    likes = _likes(parts, alive, signed, moves, before)
    stands_for = stand_ins(likes, signed.line)
    return {
        "alive": alive,
        "id_order": order,
        "leaders": likes.leaders.astype(np.int32),
        "pairs": packed_pairs(likes),
        "stands_for": stands_for.astype(np.int32),
        "hidden": _hidden(parts, alive, stands_for),
        "names": packed_names(names),
        **_table_arrays(tables, parts),
    }


def _base(covered: Parts, tables: _Tables, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Of ``arrays`` what a base about the first segments has, whose facets are in ``tables``."""
    size, names = covered.size, arrays["names"]
    order = arrays["id_order"]
    return {
        **Texts.of(each.segment for each in covered.segments).arrays("segments"),
        **{name: arrays[name][:size] for name in ("alive", "leaders", "stands_for")},
        "id_order": order[order < size],
        "pairs": arrays["pairs"],
        "hidden": arrays["hidden"],
        "names": names[names >> NAME_BITS < len(tables["org"].values)],
        **_table_arrays(tables, covered),
    }


def _table_arrays(tables: _Tables, parts: Parts) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for name, table in tables.items():
        maps = [table.maps[each.segment] for each in parts.segments]
        arrays |= {**table.values.arrays(name + "_values"), name + "_maps": _concatenated(maps)}
    return arrays


def _followed(before: ValueTable, parts: Parts, facet: str) -> ValueTable:
    values = {each.segment: each.facet(facet).values for each in parts.segments}
    return follow(before, values, FACET_FIELDS[facet][1])


def _likes(
    parts: Parts, alive: _BoolArray, signed: SignedParts, moves: Moves, before: Snapshot | None
) -> Likes:
    """Which documents are alike."""
    in_line = alive & parts.column("has_signature").astype(bool)
    if before is None:
        return signed.likes(in_line)
    then = before.likes()
    moved = moves.same(before.parts, then.leaders >= 0, parts, in_line)
    return signed.likes_after(then, before.signed(), moved, in_line)


def _hidden(parts: Parts, alive: _BoolArray, stands_for: Array) -> Array:
    """Documents and hashes of their organisations that are not shown, in order."""
    documents, claims = parts.claims()
    living = alive[documents]
    found = unsupported(documents[living], claims[living], stands_for.astype(np.int64))
    return hidden_pairs(*found.T)


def _concatenated(arrays: list[Array]) -> Array:
    return np.concatenate([_EMPTY, *arrays])
