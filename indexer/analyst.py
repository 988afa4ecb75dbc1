"""From tasks to packed documents: the costly part of indexing, done here or in a process beside."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from indexer.document import build_document
from search.analysis import Analyzer
from search.article import Article
from search.engines.contract import DocumentKey, IndexedDocument, Pack, StoredReader
from search.errors import AnalysisFailed, KlastriError

#: The id of an article that could not be analysed, and why.
Failure = tuple[str, AnalysisFailed]
#: Forming facets again costs about as much as analysing a text of so many characters.
_AGAIN_WEIGHT = 500


class Enricher(Protocol):
    """What indexing needs of :class:`indexer.enrich.Enricher`."""

    def find(self, document: IndexedDocument) -> IndexedDocument:
        """``document`` with what its text tells by itself as its ``findings``."""
        ...

    def form(self, document: IndexedDocument) -> IndexedDocument:
        """``document`` with its facets formed of its findings, whatever they were before."""
        ...


@dataclass(frozen=True, slots=True)
class Fresh:
    """An article as its source gives it, to be indexed.

    ``key`` is that of a document of the live generation with the same content, analysed in the
    same way: its terms and findings are taken over.
    """

    article: Article
    digest: str
    key: DocumentKey | None = None

    @property
    def id(self) -> str:
        return self.article.id

    @property
    def weight(self) -> int:
        """How much there is to do, in characters of text to analyse."""
        if self.key is not None:
            return _AGAIN_WEIGHT
        return len(self.article.title) + sum(len(each) for each in self.article.body)


@dataclass(frozen=True, slots=True)
class Again:
    """A document of the live generation, wanted only if its facets come out otherwise now."""

    id: str
    key: DocumentKey

    @property
    def weight(self) -> int:
        return _AGAIN_WEIGHT


Task = Fresh | Again


@dataclass(frozen=True, slots=True)
class Done:
    """What came of ``tasks`` tasks: documents, packed, and the (id, source) of each in order.

    ``failures`` are the articles that could not be analysed.
    """

    tasks: int
    articles: tuple[tuple[str, str], ...]
    packed: bytes
    failures: tuple[Failure, ...] = ()


class Analyst:
    """Makes documents of articles; ``pack`` makes of them what the engine's writer takes."""

    def __init__(self, analyzer: Analyzer, enricher: Enricher, pack: Pack) -> None:
        self._analyzer = analyzer
        self._enricher = enricher
        self._pack = pack

    def do(self, tasks: Sequence[Task], live: StoredReader | None = None) -> Done:
        """Do ``tasks``; ``live`` reads the generation that their keys belong to.

        An article that fails is left out and named among the failures; the others are done.
        """
        documents: list[IndexedDocument] = []
        failures: list[Failure] = []
        for each in tasks:
            try:
                document = self._document(each, live)
            except KlastriError:
                raise
            except Exception as error:
                failures.append((each.id, _failure(_file_of(each, live), error)))
            else:
                documents += [] if document is None else [document]
        try:
            packed = self._pack(documents)
        except Exception:
            documents = self._packable(documents, failures)
            packed = self._pack(documents)
        articles = tuple((each.article.id, each.article.source) for each in documents)
        return Done(len(tasks), articles, packed, tuple(failures))

    def _packable(
        self, documents: Sequence[IndexedDocument], failures: list[Failure]
    ) -> list[IndexedDocument]:
        """Those of ``documents`` that can be packed; the others go to ``failures``."""
        good = []
        for each in documents:
            try:
                self._pack([each])
            except Exception as error:
                failures.append((each.article.id, _failure(each.article.source, error)))
            else:
                good.append(each)
        return good

    def _document(self, task: Task, live: StoredReader | None) -> IndexedDocument | None:
        """What ``task`` asks for; None if the stored document stays as it is."""
        if isinstance(task, Again):
            return self._formed_again(task, live)
        return self._indexed(task, live)

    def _indexed(self, task: Fresh, live: StoredReader | None) -> IndexedDocument:
        stored = _stored(task, live)
        if stored is None:
            analysed = build_document(task.article, self._analyzer, task.digest)
            stored = self._enricher.find(analysed)
        return self._enricher.form(stored)

    def _formed_again(self, task: Again, live: StoredReader | None) -> IndexedDocument | None:
        if live is None:
            raise ValueError("there is no generation to read from")
        stored = live.document(task.key)
        formed = self._enricher.form(stored)
        return None if formed == stored else formed


def _stored(task: Fresh, live: StoredReader | None) -> IndexedDocument | None:
    """The document with the terms and findings of ``task``, None if it must be analysed."""
    if task.key is None or live is None:
        return None
    try:
        stored = live.document(task.key)
    except Exception:
        # A reindex is the way out of a damaged index, whatever reading its remains may raise.
        return None
    if (stored.article.id, stored.digest) != (task.article.id, task.digest):
        return None
    added = stored.article.added or task.article.added
    return replace(stored, article=replace(stored.article, added=added))


def _file_of(task: Task, live: StoredReader | None) -> str:
    """The file that an error names; of a stored article that cannot be read, its id."""
    if isinstance(task, Fresh):
        return task.article.source
    try:
        return task.id if live is None else live.article(task.key).source
    except Exception:
        return task.id


def _failure(file: str, error: Exception) -> AnalysisFailed:
    return AnalysisFailed(file=file, problem=_told(error))


def _told(error: Exception) -> str:
    """``error`` with the place it was raised at, in one line."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return f"{said}, at {Path(place.filename).name}:{place.lineno}"
