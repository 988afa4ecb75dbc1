"""Builds packed documents from articles: the costly part of indexing, done in any process."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from indexer.document import AnalysedDocument, analyse_article
from search.analysis import Analyzer
from search.article import Article
from search.engines.contract import DocumentKey, IndexedDocument, Pack, StoredReader
from search.errors import AnalysisFailed, KlastriError

#: The id of an article that could not be analysed, and why.
Failure = tuple[str, AnalysisFailed]
#: Forming facets again costs about as much as analysing a text of so many characters.
_REFACET_WEIGHT = 500


class FacetExtractor(Protocol):
    """What indexing needs of :class:`indexer.extract.Enricher`."""

    def extract(self, analysed: AnalysedDocument) -> IndexedDocument:
        """The document of an analysed article with its facets, and the findings they came of."""
        ...

    def form(self, document: IndexedDocument) -> IndexedDocument:
        """``document`` with facets formed from its findings, in place of those it had."""
        ...


@dataclass(frozen=True, slots=True)
class IndexTask:
    """Index an article as its source gives it.

    ``key`` is that of a document of the live generation with the same content, analysed in the
    same way: its terms and findings are reused.
    """

    article: Article
    digest: str
    key: DocumentKey | None = None

    @property
    def id(self) -> str:
        return self.article.id

    @property
    def weight(self) -> int:
        """Cost, in characters of text to analyse."""
        if self.key is not None:
            return _REFACET_WEIGHT
        return len(self.article.title) + sum(len(each) for each in self.article.body)


@dataclass(frozen=True, slots=True)
class RefacetTask:
    """Form the facets of a document of the live generation again; no result if they stay equal."""

    id: str
    key: DocumentKey

    @property
    def weight(self) -> int:
        return _REFACET_WEIGHT


Task = IndexTask | RefacetTask


@dataclass(frozen=True, slots=True)
class TaskResult:
    """Result of a batch of ``tasks`` tasks.

    ``articles`` has id and source of each document in ``packed``, in order; ``failures`` are the
    articles that could not be analysed.
    """

    tasks: int
    articles: tuple[tuple[str, str], ...]
    packed: bytes
    failures: tuple[Failure, ...] = ()


class DocumentBuilder:
    """Builds documents from articles; ``pack`` makes of them what the engine's writer takes."""

    def __init__(self, analyzer: Analyzer, enricher: FacetExtractor, pack: Pack) -> None:
        self._analyzer = analyzer
        self._enricher = enricher
        self._pack = pack

    def build(self, tasks: Sequence[Task], live: StoredReader | None = None) -> TaskResult:
        """Do ``tasks``; ``live`` reads the generation that their keys belong to.

        An article that fails is left out and named among the failures; the others are done.
        """
        documents: list[IndexedDocument] = []
        failures: list[Failure] = []
        for task in tasks:
            try:
                document = self._document(task, live)
            except KlastriError:
                raise
            except Exception as error:
                failures.append((task.id, _failure(_file_of(task, live), error)))
            else:
                if document is not None:
                    documents.append(document)
        try:
            packed = self._pack(documents)
        except Exception:
            documents = self._packable(documents, failures)
            packed = self._pack(documents)
        articles = tuple((each.article.id, each.article.source) for each in documents)
        return TaskResult(len(tasks), articles, packed, tuple(failures))

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
        """The document that ``task`` asks for; None if the stored one stays as it is."""
        if isinstance(task, RefacetTask):
            return self._refaceted(task, live)
        stored = _reusable(task, live)
        if stored is not None:
            return self._enricher.form(stored)
        return self._enricher.extract(analyse_article(task.article, self._analyzer, task.digest))

    def _refaceted(self, task: RefacetTask, live: StoredReader | None) -> IndexedDocument | None:
        if live is None:
            raise ValueError("there is no generation to read from")
        stored = live.document(task.key)
        formed = self._enricher.form(stored)
        return None if formed == stored else formed


def _reusable(task: IndexTask, live: StoredReader | None) -> IndexedDocument | None:
    """The stored document with terms and findings of ``task``, None if it must be analysed."""
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
    if isinstance(task, IndexTask):
        return task.article.source
    try:
        return task.id if live is None else live.article(task.key).source
    except Exception:
        return task.id


def _failure(file: str, error: Exception) -> AnalysisFailed:
    """``error`` in one line, with the place in the program where it was raised."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    message = " ".join(f"{type(error).__name__}: {error}".split())
    problem = f"{message}, at {Path(place.filename).name}:{place.lineno}"
    return AnalysisFailed(file=file, problem=problem)
