"""What opening a generation needs, worked out when it is written.

Each segment has its own columns beside its files
(:mod:`search.engines.whoosh.storage.segment_columns`), which generations share. A snapshot joins
them: which documents live, their order by id, facet columns with common codes, near-duplicates, and
organisations that only boilerplate speaks for. It is mapped into memory, so opening costs next to
nothing, and processes share it. What takes long is taken on from the generation before, and always
equals what would be worked out from nothing.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.index import FileIndex, open_dir
from whoosh.reading import SegmentReader

from search.boilerplate import is_among, unsupported
from search.engines.whoosh.storage.arrays import Array, Arrays, Texts, write_arrays
from search.engines.whoosh.storage.moves import Moves
from search.engines.whoosh.storage.names import NameOrder
from search.engines.whoosh.storage.parts import Ids, Parts
from search.engines.whoosh.storage.segment_columns import (
    FACET_FIELDS,
    NUMBERS,
    columns_path,
    write_columns,
)
from search.engines.whoosh.storage.signed import SignedParts
from search.engines.whoosh.storage.values import ValueTable, follow
from search.engines.whoosh.storage.words import leaf_words, words_path, write_words
from search.grouping import Likes, stand_ins

SNAPSHOT = "snapshot.arrays"
BoolArray = npt.NDArray[np.bool_]
_EMPTY = np.empty(0, dtype=np.int32)


class Snapshot:
    """A snapshot as it was written; its arrays are mapped into memory."""

    def __init__(self, directory: Path) -> None:
        """Open the snapshot of a generation. Raises OSError or ValueError."""
        self.directory = directory
        self.arrays = Arrays(directory / SNAPSHOT)
        self.parts = Parts(directory, Texts.read(self.arrays, "segments"))
        self.ids = Ids(self.parts, self.arrays["id_order"])

    @property
    def segments(self) -> tuple[str, ...]:
        """Names of the segments."""
        return tuple(each.segment for each in self.parts.segments)

    def table(self, facet: str) -> ValueTable:
        """The values of a facet, without the one of documents that have none."""
        maps, at = {}, 0
        held = self.arrays[facet + "_maps"]
        for each in self.parts.segments:
            count = len(each.facets[facet].values)
            maps[each.segment] = held[at : at + count]
            at += count
        return ValueTable(Texts.read(self.arrays, facet + "_values"), maps)

    def likes(self) -> Likes:
        """Which documents are alike."""
        return Likes(*(_wide(self.arrays[name]) for name in ("leaders", "pairs", "support")))

    def signed(self) -> SignedParts:
        """The signatures in the order in which documents stand for others."""
        return SignedParts(self.parts, self.arrays["id_rank"])

    def names(self) -> NameOrder:
        """The beginnings of organisations in order."""
        return NameOrder(self.arrays["name_codes"], self.arrays["name_words"])


def write_snapshot(directory: Path, previous: Path | None) -> None:
    """Write the snapshot of the index in ``directory``, going on from that in ``previous``.

    Writes the columns of segments that have none yet, too. Documents of ``previous`` may have been
    deleted, and written again into other segments.
    """
    index = open_dir(directory)
    info = index._read_toc()
    segments = [each for each in info.segments if each.doc_count_all()]
    for each in segments:
        if not columns_path(directory, each.segment_id()).exists():
            _write_segment(index, directory, each)
    parts = Parts(directory, [each.segment_id() for each in segments])
    alive = np.ones(parts.size, dtype=bool)
    for base, each in zip(parts.bases, segments, strict=True):
        alive[[base + number for number in each.deleted_docs()]] = False
    write_arrays(
        directory / SNAPSHOT, _joined(parts, alive, Snapshot(previous) if previous else None)
    )


def _joined(parts: Parts, alive: BoolArray, before: Snapshot | None) -> dict[str, Array]:
    """The arrays of a snapshot of ``parts``."""
    moves = Moves.between(before.parts if before else None, parts)
    order = moves.id_order(Ids(parts, _EMPTY), before.arrays["id_order"] if before else _EMPTY)
    rank = np.empty(parts.size, dtype=np.int32)
    rank[order] = np.arange(parts.size, dtype=np.int32)
    groups = _groups(parts, alive, rank, moves, before)
    return {
        **Texts.of(each.segment for each in parts.segments).arrays("segments"),
        "alive": alive,
        **{name: parts.column(name) for name in NUMBERS},
        "id_order": order,
        "id_rank": rank,
        **groups,
        **_facets(parts, alive, groups["stands_for"], before),
    }


def _write_segment(index: FileIndex, directory: Path, segment: Any) -> None:
    leaf = SegmentReader(index.storage, index.schema, segment)
    try:
        write_columns(directory, segment.segment_id(), leaf)
        words = words_path(directory, segment.segment_id())
        if not words.exists():
            write_words(words, leaf_words(leaf))
    finally:
        leaf.close()


def _groups(
    parts: Parts, alive: BoolArray, rank: Array, moves: Moves, before: Snapshot | None
) -> dict[str, Array]:
    """Which document stands for which, and what that was found by."""
    signed = SignedParts(parts, rank)
    in_line = alive & parts.column("has_signature").astype(bool)
    if before is None:
        likes = signed.likes(in_line)
    else:
        then = before.likes()
        moved = moves.same(before.parts, before.ids, then.leaders >= 0, parts, in_line)
        likes = signed.likes_after(then, before.signed(), moved, in_line)
    stands_for = stand_ins(likes, signed.line)
    alike = np.bincount(stands_for[alive], minlength=parts.size)
    return {
        "leaders": likes.leaders.astype(np.int32),
        "pairs": likes.pairs.astype(np.int32),
        "support": likes.support.astype(np.int32),
        "stands_for": stands_for.astype(np.int32),
        "shown": alive & (stands_for == np.arange(parts.size)),
        "grouped": alive & (alike[stands_for] > 1),
    }


def _facets(
    parts: Parts, alive: BoolArray, stands_for: Array, before: Snapshot | None
) -> dict[str, Array]:
    """All facet columns without the values that are not shown, and the names in order."""
    arrays: dict[str, Array] = {}
    for name, (_, missing) in FACET_FIELDS.items():
        known = before.table(name) if before else ValueTable.empty()
        values = {each.segment: each.facets[name].values for each in parts.segments}
        change = follow(known, values, missing)
        table = change.table
        codes = _concatenated(
            [table.maps[each.segment][each.facets[name].codes] for each in parts.segments]
        )
        starts = _offsets(parts, name)
        documents = np.repeat(np.arange(parts.size, dtype=np.int32), np.diff(starts))
        if name == "org":
            hidden = _hidden(parts, alive, stands_for)
            keep = ~_is_hidden(parts, documents, hidden)
            codes, documents = codes[keep], documents[keep]
            starts = np.append(0, np.cumsum(keep))[starts].astype(np.int32)
            names = before.names() if before else NameOrder.empty()
            names = names.after(change)
            arrays |= {"name_codes": names.codes, "name_words": names.words}
            arrays |= {"hidden_documents": hidden[:, 0], "hidden_values": hidden[:, 1]}
        arrays |= table.values.arrays(name + "_values")
        arrays[name + "_maps"] = _concatenated([table.maps[e.segment] for e in parts.segments])
        arrays[name + "_codes"] = codes.astype(np.min_scalar_type(len(table.values)))
        if len(documents) != parts.size or (np.diff(starts) != 1).any():
            arrays |= {name + "_documents": documents, name + "_starts": starts}
    return arrays


def _offsets(parts: Parts, facet: str) -> Array:
    """Where the codes of each document begin, and where the last ones end."""
    sizes = [np.diff(each.facets[facet].starts) for each in parts.segments]
    return np.append(0, np.cumsum(_concatenated(sizes))).astype(np.int32)


def _hidden(parts: Parts, alive: BoolArray, stands_for: Array) -> Array:
    """Documents and hashes of their organisations that are not shown, in order."""
    documents, claims = parts.claims()
    living = alive[documents]
    found = unsupported(documents[living], claims[living], stands_for.astype(np.int64))
    return found.astype(np.uint32)


def _is_hidden(parts: Parts, documents: Array, hidden: Array) -> BoolArray:
    """Which of all pairs of document and organisation are not shown."""
    hashes = [each.column("name_hashes")[each.facets["org"].codes] for each in parts.segments]
    touched = np.zeros(parts.size, dtype=bool)
    touched[hidden[:, 0]] = True
    rows = np.flatnonzero(touched[documents])
    result = np.zeros(len(documents), dtype=bool)
    result[rows] = is_among(_pair(documents, _concatenated(hashes), rows), _pair(*hidden.T))
    return result


def _pair(documents: Array, values: Array, rows: Array | slice = slice(None)) -> Array:
    """A document and the hash of a value as one number."""
    return documents[rows].astype(np.int64) << 32 | values[rows].astype(np.int64)


def _concatenated(arrays: list[Array]) -> Array:
    return np.concatenate([_EMPTY, *arrays])


def _wide(array: Array) -> Array:
    return array.astype(np.int64)
