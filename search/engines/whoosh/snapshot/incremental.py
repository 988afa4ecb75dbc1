"""Writes the snapshot of a generation, reusing the expensive parts of the one before.

The result equals one computed from scratch, but for facet values that no document has any more.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.segment.arrays import Array, Texts, write_arrays
from search.engines.whoosh.segment.doc_values import FACET_FIELDS
from search.engines.whoosh.snapshot.ordinal_map import NamePrefixIndex, OrdinalMap
from search.engines.whoosh.snapshot.organisations import resolve
from search.engines.whoosh.snapshot.segment_set import DocumentIds, SegmentSet, SegmentSignatures
from search.engines.whoosh.snapshot.snapshot import SNAPSHOT, Snapshot, hidden_pairs, ranks
from search.near_duplicates.boilerplate import unsupported
from search.near_duplicates.lsh import SimilarPairs, representatives_of
from search.near_duplicates.lsh_incremental import compare_all, update_similar
from search.near_duplicates.minhash import Numbers

_BoolArray = npt.NDArray[np.bool_]
#: If more than one document in this number is new, a scan is cheaper than looking up each.
_FEW = 30


class LiveDocs(NamedTuple):
    """A segment with the mask of its living documents."""

    segment: str
    alive: _BoolArray

    @property
    def living(self) -> int:
        """Number of living documents."""
        return int(np.count_nonzero(self.alive))


def write_snapshot(directory: Path, segments: Sequence[LiveDocs], before: Snapshot | None) -> None:
    """Write the snapshot of ``segments`` into their ``directory``, reusing ``before``.

    Documents of ``before`` may have been deleted, and written again into other segments. Raises
    OSError or CorruptArray.
    """
    names = [each.segment for each in segments]
    parts = SegmentSet(directory, names, before.segments if before else ())
    alive = np.concatenate([np.empty(0, dtype=bool), *(each.alive for each in segments)])
    moves = DocIdMap.between(before.segments if before else None, parts)
    order = moves.id_order(parts, before)
    signatures = SegmentSignatures(parts, ranks(order))
    similar = _similar(parts, alive, signatures, moves, before)
    representatives = representatives_of(similar, signatures.in_order)
    arrays = {
        **Texts.of(names).arrays("segments"),
        "alive": alive.astype(np.uint8),
        "id_order": order,
        "originals": similar.originals.astype(np.int32),
        "pairs": similar.pairs.astype(np.int32),
        "support": similar.support.astype(np.uint8),
        "representatives": representatives.astype(np.int32),
        "hidden": _hidden(parts, alive, representatives),
        **_facets(parts, alive, before if moves.are_few else None),
    }
    write_arrays(directory / SNAPSHOT, arrays)


@dataclass(frozen=True, slots=True)
class DocIdMap:
    """Maps document numbers of one generation to the next: segments are removed, added and merged.

    ``moved`` gives the new numbers of documents by the old ones, -1 where their segment was
    removed.
    ``fresh`` are the documents of new segments, some of which may have been in old ones.
    """

    moved: Numbers
    fresh: Numbers
    size: int

    @classmethod
    def between(cls, then: SegmentSet | None, now: SegmentSet) -> "DocIdMap":
        """The map from one generation to the next; ``then`` is None for the first one."""
        moved = np.full(then.size if then else 0, -1, dtype=np.int64)
        bases = {each.name: base for base, each in then.based()} if then else {}
        fresh = [np.empty(0, dtype=np.int64)]
        for base, each in now.based():
            numbers = np.arange(base, base + len(each))
            if each.name in bases:
                start = bases[each.name]
                moved[start : start + len(each)] = numbers
            else:
                fresh.append(numbers)
        return cls(moved, np.concatenate(fresh), now.size)

    @property
    def are_few(self) -> bool:
        """Are fresh documents so few that each can be looked up?"""
        return len(self.fresh) * _FEW < self.size

    def id_order(self, now: SegmentSet, before: Snapshot | None) -> Array:
        """All documents in the order of their ids, from the order before."""
        if before is None or not self.are_few:
            raws = [raw for each in now for raw in each.doc_values.ids.raws()]
            return np.array(sorted(range(self.size), key=raws.__getitem__), dtype=np.int32)
        kept = self.moved[before.id_order]
        kept = kept[kept >= 0]
        id_of = DocumentIds(now).raw
        fresh = sorted(self.fresh.tolist(), key=id_of)
        places = [bisect_right(kept, id_of(number), key=id_of) for number in fresh]
        return np.insert(kept, places, fresh).astype(np.int32)

    def same(self, then: SegmentSet, was_there: Array, now: SegmentSet, is_there: Array) -> Numbers:
        """``moved`` for living documents, also for those written again.

        The latter have the same id, date and signature.
        """
        moved = np.where(was_there, self.moved, -1)
        old, new = self._by_id(then, was_there, DocumentIds(now)).T
        same = then.values("published", old) == now.values("published", new)
        same &= (then.signatures(old) == now.signatures(new)).all(axis=1)
        moved[old[same]] = new[same]
        stays = np.flatnonzero(moved >= 0)
        moved[stays[~is_there[moved[stays]]]] = -1
        return moved

    def _by_id(self, then: SegmentSet, was_there: Array, ids: DocumentIds) -> Numbers:
        """Old and new numbers of fresh documents whose ids were there before."""
        fresh = self.fresh.tolist()
        if self.are_few:
            found = ((old, new) for new in fresh for old in then.numbers_of(ids[new]))
            pairs = [(old, new) for old, new in found if was_there[old]]
        else:
            known = {each: old for old, each in enumerate(DocumentIds(then)) if was_there[old]}
            every = list(ids)
            pairs = [(known[every[new]], new) for new in fresh if every[new] in known]
        return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _facets(parts: SegmentSet, alive: _BoolArray, before: Snapshot | None) -> dict[str, Array]:
    """Arrays of all facets: values, ordinal maps of segments, and the index of organisations."""
    arrays: dict[str, Array] = {}
    every: dict[str, OrdinalMap] = {}
    for name, missing in FACET_FIELDS.items():
        known = before.ordinals(name) if before else OrdinalMap(Texts.of(()), {})
        values = {each.name: each.doc_values.facet(name).values for each in parts}
        ordinals = every[name] = known.following(values, missing)
        codes = np.concatenate([np.empty(0, dtype=np.int32), *ordinals.maps.values()])
        arrays |= {**ordinals.values.arrays(name + "_values"), name + "_maps": codes}
        if name == "org" and before:
            names = before.names().following(ordinals.values, len(known.values))
            arrays["names"] = names.entries
        elif name == "org":
            arrays["names"] = NamePrefixIndex.of(list(ordinals.values)).entries
    return arrays | resolve(parts, alive, every)


def _similar(
    parts: SegmentSet,
    alive: _BoolArray,
    signatures: SegmentSignatures,
    moves: DocIdMap,
    before: Snapshot | None,
) -> SimilarPairs:
    """The pairs of similar documents."""
    takes_part = alive & parts.column("has_signature").astype(bool)
    if before is None:
        return compare_all(signatures, takes_part)
    then = before.similar()
    moved = moves.same(before.segments, then.originals >= 0, parts, takes_part)
    return update_similar(then, before.signatures(), signatures, moved, takes_part)


def _hidden(parts: SegmentSet, alive: _BoolArray, representatives: Array) -> Array:
    """Documents with hashes of their hidden organisations, in order."""
    documents, claims = parts.claims()
    living = alive[documents]
    found = unsupported(documents[living], claims[living], representatives.astype(np.int64))
    return hidden_pairs(*found.T)
