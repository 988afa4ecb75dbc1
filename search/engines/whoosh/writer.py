"""Writing documents into the directory of an index."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whoosh import fields
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from search.engines.contract import IndexedDocument
from search.engines.whoosh.fields import schema
from search.engines.whoosh.storage.batches import Batch, batch_of, unpack_batch
from search.engines.whoosh.storage.merging import Weighed, copy_segment, plan
from search.engines.whoosh.storage.segment_columns import SegmentColumns
from search.engines.whoosh.storage.segments import SegmentBuilder, is_half_full

#: Documents that :meth:`WhooshWriter.add` takes at a time.
_BATCH = 64
_NAME = "MAIN"


class WhooshWriter:
    """Keeps the :class:`~search.engines.contract.EngineWriter` contract over an index directory.

    New files, the table of contents last, go to ``directory``. ``before`` has what there is
    already, None for nothing: its files are read only, and those of :attr:`segments` belong into
    ``directory`` once all is written.
    """

    def __init__(
        self, directory: Path, before: Path | None = None, columns: Iterable[SegmentColumns] = ()
    ) -> None:
        """``columns`` are those of ``before`` that are open already.

        Raises what reading the remains of an index may raise.
        """
        self._directory = directory
        self._before = before
        self._storage: Any = before and FileStorage(str(before))
        toc = TOC.read(self._storage, _NAME) if before else TOC(schema(), [], 0)
        self._schema: fields.Schema = toc.schema
        self._generation: int = toc.generation
        self._old: list[Any] = toc.segments
        self._new: list[Any] = []
        self._columns = {each.segment: each for each in columns}
        self._documents: list[IndexedDocument] = []
        self._builder = self._begun()
        self.changed = False

    @property
    def segments(self) -> tuple[Any, ...]:
        """The segments once all is written, as Whoosh has them, the largest first.

        The names of their files begin with their ids and a dot.
        """
        found = (*self._old, *self._new)
        return tuple(sorted(found, key=lambda each: -int(each.doc_count_all())))

    @property
    def document_count(self) -> int:
        """Living documents, once all is written."""
        return sum(int(each.doc_count()) for each in (*self._old, *self._new))

    def add(self, document: IndexedDocument) -> None:
        self._documents.append(document)
        self.changed = True
        if len(self._documents) >= _BATCH:
            self._take()

    def add_packed(self, batch: bytes) -> None:
        self._add(unpack_batch(batch))

    def delete(self, article_id: str) -> None:
        for segment in self._old:
            for number in self._of(segment).numbers_of(article_id):
                if not segment.is_deleted(number):
                    self.changed = True
                    segment.delete_document(number)

    def commit(self) -> None:
        """Write everything; small and worn segments are merged, see :mod:`merging`."""
        try:
            self._write()
        finally:
            self._close()

    def cancel(self) -> None:
        """Let go of everything; what was written stays in the directory, unknown to Whoosh."""
        self._close()

    def _write(self) -> None:
        self._take()
        fresh = len(self._old)
        groups = plan([*map(self._weighed, self._old), Weighed(self._builder.count, 0)])
        # What is new is written anyway, so whatever it is merged with goes there at once.
        groups.sort(key=lambda group: fresh not in group)
        if not groups or fresh not in groups[0]:
            self._finish()
        for group in groups:
            for place in group:
                if place != fresh:
                    copy_segment(self._storage, self._schema, self._old[place], self._room())
            self._finish()
        gone = {place for group in groups for place in group}
        self._old = [
            each for place, each in enumerate(self._old) if place not in gone and each.doc_count()
        ]
        toc = TOC(self._schema, list(self.segments), self._generation + 1)
        toc.write(FileStorage(str(self._directory)), _NAME)

    def _begun(self) -> SegmentBuilder:
        return SegmentBuilder(self._directory, self._schema)

    def _room(self) -> SegmentBuilder:
        """The segment to add to."""
        if self._builder.is_full:
            self._finish()
        return self._builder

    def _finish(self) -> None:
        """End the segment that is being written, if it has documents."""
        if self._builder.count:
            self._new.append(self._builder.finish())
            self._builder = self._begun()

    def _take(self) -> None:
        documents, self._documents = self._documents, []
        self._add(batch_of(documents))

    def _add(self, batch: Batch) -> None:
        if batch.count:
            self.changed = True
            self._room().add(batch)

    def _of(self, segment: Any) -> SegmentColumns:
        """The columns of a segment before."""
        name = segment.segment_id()
        if name not in self._columns:
            assert self._before is not None  # noqa: S101 - there was the segment
            self._columns[name] = SegmentColumns(self._before, name)
        return self._columns[name]

    def _weighed(self, segment: Any) -> Weighed:
        is_full = is_half_full(self._storage, segment)
        return Weighed(segment.doc_count(), segment.deleted_count(), is_full)

    def _close(self) -> None:
        self._builder.close()
