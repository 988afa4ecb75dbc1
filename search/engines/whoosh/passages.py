"""The passages that speak for a document's organisations, and what boilerplate alone speaks for.

Worked out anew whenever a generation opens, as near-duplicates are.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from search.boilerplate import unsupported, value_hash
from search.engines.whoosh.columns import Columns, FacetColumn
from search.engines.whoosh.groups import Groups
from search.engines.whoosh.postings import DocumentArray

#: Documents and the hashes of their organisations that are not shown.
Hidden = Mapping[int, frozenset[int]]


def pack_passages(passages: Mapping[str, tuple[int, ...]]) -> bytes:
    """Pairs of 32-bit hashes: of a value, and of a passage that speaks for it."""
    pairs = [(value_hash(value), each) for value, hashes in passages.items() for each in hashes]
    return np.asarray(pairs, dtype="<u4").tobytes()


def unpack_passages(packed: bytes, values: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """Undo :func:`pack_passages` for a document that has ``values``."""
    names = {value_hash(value): value for value in values}
    passages: dict[str, tuple[int, ...]] = {}
    for value, each in np.frombuffer(packed, dtype="<u4").reshape(-1, 2).tolist():
        name = names[value]
        passages[name] = (*passages.get(name, ()), each)
    return passages


def read_hidden(reader: Any, columns: Columns, groups: Groups) -> Hidden:
    """What no passage of its own speaks for. The caller holds no lock, and needs none yet."""
    stored: list[bytes] = []
    for leaf, _ in reader.leaf_readers():
        count = leaf.doc_count_all()
        if count:
            column = leaf.column_reader("passages")
            stored += [column[local] for local in range(count)]
    sizes = np.fromiter(map(len, stored), np.int64, len(stored)) // 8
    documents = np.repeat(np.arange(len(stored)), sizes)
    rows = np.frombuffer(b"".join(stored), dtype="<u4").reshape(-1, 2).astype(np.int64)
    alive = columns.alive[documents]
    documents, rows = documents[alive], rows[alive]
    hidden: dict[int, set[int]] = {}
    for number, value in unsupported(documents, rows, groups.stands_for).tolist():
        hidden.setdefault(number, set()).add(value)
    return {number: frozenset(values) for number, values in hidden.items()}


def without_hidden(columns: Columns, hidden: Hidden) -> Columns:
    """``columns`` without the values that are not shown."""
    if not hidden:
        return columns
    facet = columns.facets["org"]
    codes = {value_hash(value): code for code, value in enumerate(facet.values)}
    left_out = np.fromiter(
        (
            number * len(facet.values) + codes[each]
            for number, hashes in hidden.items()
            for each in hashes
        ),
        np.int64,
    )
    keep = ~np.isin(_pairs(facet), left_out)
    shown = FacetColumn(facet.values, facet.codes[keep], facet.documents[keep])
    return replace(columns, facets={**columns.facets, "org": shown})


def _pairs(facet: FacetColumn) -> DocumentArray:
    return facet.documents * len(facet.values) + facet.codes
