"""Writes vector files, and merges small ones in tiers as segments are merged.

Rows of removed articles are copied like others as long as any article has no vectors: one of their
passages may occur in an article still to be embedded, and is then reused. After that they are
dropped in merges.
"""

import secrets
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from search.engines.contract import ArticleVectors
from search.engines.whoosh.snapshot.snapshot import Snapshot
from search.engines.whoosh.snapshot.vectors import (
    VECTOR_SUFFIX,
    KeyedRows,
    PassageRows,
    StoredVectors,
    VectorFile,
)
from search.engines.whoosh.writer import SegmentStats, plan

#: Number of articles written to one file.
_ARTICLES = 2_000


class VectorFiles:
    """Writes vectors that come with documents to files of ``directory``.

    ``fingerprint`` is that of the generation.
    """

    def __init__(self, directory: Path, fingerprint: str) -> None:
        self._directory = directory
        self._fingerprint = fingerprint
        self._model = ""
        self._batch: list[ArticleVectors] = []

    def add(self, model: str, vectors: ArticleVectors) -> None:
        """Adds the vectors of an article with one passage or more."""
        if model != self._model or len(self._batch) == _ARTICLES:
            self.close()
        self._model = model
        self._batch.append(vectors)

    def close(self) -> None:
        """Writes the rest."""
        if self._batch:
            rows = KeyedRows.of(self._batch, self._fingerprint)
            rows.write(self._directory / _new_name(), self._model)
            self._batch = []


class VectorWriter:
    """Adds vectors of ``model`` to those that a generation has."""

    def __init__(self, snapshot: Snapshot, stored: StoredVectors, model: str) -> None:
        self._snapshot = snapshot
        self._stored = stored
        self._model = model

    def wanted(self, batch: Sequence[ArticleVectors]) -> list[ArticleVectors]:
        """The articles of ``batch`` that have not changed, and have no vectors yet."""
        done = self._stored.done(self._model)
        found: dict[str, ArticleVectors] = {}
        for each in batch:
            numbers = self._snapshot.segments.numbers_of(each.id)
            living = [number for number in numbers if self._snapshot.alive[number]]
            if not living or not each.passages or done[living[0]]:
                continue
            if self._snapshot.digest(living[0]) == each.digest:
                found[each.id] = each
        return list(found.values())

    def write(
        self, directory: Path, batch: Sequence[ArticleVectors], fingerprint: str
    ) -> frozenset[str]:
        """Write the vectors of ``batch``, which are all wanted; names of files that stay."""
        fresh = KeyedRows.of(batch, fingerprint) if batch else None
        old = self._fitting(fresh)
        is_complete = len(self._stored.missing(self._model)) == len(batch)
        keeps = [
            part.documents >= 0 if is_complete else np.ones(len(part.documents), dtype=bool)
            for _, part in old
        ]
        kept = [(int(each.sum()), int((~each).sum())) for each in keeps]
        groups = plan([*(SegmentStats(*each) for each in kept), SegmentStats(len(batch), 0)])
        if fresh is not None and not any(len(old) in group for group in groups):
            groups.append([len(old)])
        for group in groups:
            rows = [old[at][0].rows.only(keeps[at]) for at in group if at < len(old)]
            if fresh is not None and len(old) in group:
                rows.append(fresh)
            KeyedRows.joined(rows).write(directory / _new_name(), self._model)
        merged = {at for group in groups for at in group}
        return frozenset(
            file.name for at, (file, _) in enumerate(old) if at not in merged and kept[at][0]
        )

    def _fitting(self, fresh: KeyedRows | None) -> list[tuple[VectorFile, PassageRows]]:
        """The files with as many dimensions as ``fresh``."""
        own = self._stored.files(self._model)
        every = list(zip(own, self._stored.parts(self._model), strict=True))
        if fresh is None:
            return every
        dimensions = fresh.vectors.shape[1]
        return [each for each in every if each[0].rows.vectors.shape[1] == dimensions]


def _new_name() -> str:
    return f"VECTORS_{secrets.token_hex(8)}{VECTOR_SUFFIX}"
