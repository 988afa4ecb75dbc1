"""Copies an index to another engine without analysis: documents, terms, findings and vectors.

The copy is a generation of the target that goes live atomically or not at all. It is then compared
with the source; if it differs, the generation before is live again.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from indexer.pipeline import Progress, no_progress
from search.engine_errors import CopyDiffers
from search.engines.contract import EngineWriter, GenerationFacts, Index, Record, StoredDocument
from search.errors import IndexDamaged, KlastriError
from search.run_record import RunRecord


@dataclass(frozen=True, slots=True)
class CopyReport:
    """Report of a copy: ``articles``, those with vectors, and ``generation`` at the target.

    ``digests`` is the number of articles whose digests were compared there.
    """

    generation: str
    articles: int
    with_vectors: int
    passages: int
    digests: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def summary(self) -> str:
        """One line."""
        vectors = f", {self.with_vectors} of them with vectors" if self.with_vectors else ""
        return f"Articles copied and compared: {self.articles}{vectors}"


class IndexCopier:
    """Copies the live generation of ``source`` to ``target``.

    ``source_fingerprint`` and ``target_fingerprint`` are those of this program with each engine,
    for the same analysis.
    """

    def __init__(
        self, source: Index, source_fingerprint: str, target: Index, target_fingerprint: str
    ) -> None:
        self._source = source
        self._source_fingerprint = source_fingerprint
        self._target = target
        self._target_fingerprint = target_fingerprint
        self._digests: dict[str, str] = {}
        self._meant: dict[str, int] = {}
        self._model = ""

    def run(self, progress: Progress = no_progress) -> CopyReport:
        """Copies and compares. After an error the target is as before.

        Raises NoIndex, IndexDamaged, IndexMismatch, IndexLocked or CopyDiffers.
        """
        facts = self._source.generation()
        # Damaged vectors are not copied, which is logged.
        problems = self._source.verify(self._source_fingerprint, vectors=False)
        if problems:
            raise IndexDamaged(index=facts.name, reason=problems[0])
        before = self._target.current()
        with progress(facts.articles) as advance, self._building(facts) as writer:
            for each in self._source.stored_documents():
                writer.add_stored(each)
                self._note(each)
                advance(1)
        try:
            self._compare()
        except CopyDiffers:
            with contextlib.suppress(KlastriError):
                if before:
                    self._target.rollback()
            raise
        passages = sum(self._meant.values())
        articles = len(self._digests)
        name = self._target.current() or ""
        return CopyReport(name, articles, len(self._meant), passages, articles)

    def _building(self, facts: GenerationFacts) -> contextlib.AbstractContextManager[EngineWriter]:
        return self._target.build(
            facts.sources,
            self._target_fingerprint,
            datetime.fromisoformat(facts.built),
            facts.rules,
            facts.findings,
            self._record(facts),
        )

    def _record(self, facts: GenerationFacts) -> Record | None:
        known = self._source.record()

        def record(count: int) -> RunRecord:
            assert known is not None  # noqa: S101 - else there is none to be asked
            if count != facts.articles:
                raise CopyDiffers(reason=f"{count} articles instead of {facts.articles}")
            return known

        return record if known else None

    def _note(self, stored: StoredDocument) -> None:
        article_id = stored.document.article.id
        self._digests[article_id] = stored.document.digest
        if stored.vectors is not None:
            self._model = stored.model
            self._meant[article_id] = len(stored.vectors.passages)

    def _compare(self) -> None:
        """Raises CopyDiffers if the target differs from the source."""
        for each in self._differences():
            raise CopyDiffers(reason=each)

    def _differences(self) -> Iterator[str]:
        yield from self._target.verify(self._target_fingerprint)
        with contextlib.closing(self._target.open_stored(self._target_fingerprint)) as held:
            if held.document_count != len(self._digests):
                yield f"{held.document_count} articles instead of {len(self._digests)}"
            digests = held.digests()
            if dict(digests) != self._digests:
                yield "some articles have other digests"
            missing = self._meant.keys() & set(held.without_vectors(self._model))
            if missing:
                yield f"{len(missing)} articles have no vectors"
            passages = held.vector_status(self._model).passages
            if self._meant and passages < sum(self._meant.values()):
                yield f"{passages} passages instead of {sum(self._meant.values())}"
