"""Builds packed documents from tasks, in this process or a worker."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from indexer.analysis_limits import TimeLimit, unlimited
from indexer.document import AnalysedDocument, analyse_article
from indexer.unexpected_errors import described
from search.analysis import Analyzer
from search.article import Article
from search.engines.contract import DocumentKey, IndexedDocument, Pack, StoredReader
from search.errors import AnalysisFailed, KlastriError

#: The id of an article that could not be analysed, and why.
Failure = tuple[str, AnalysisFailed]
#: Cost of forming facets again, in characters of text that take as long to analyse.
_REFACET_WEIGHT = 500


class FacetExtractor(Protocol):
    """Protocol of facet extraction, implemented by :class:`indexer.extract.Enricher`."""

    def extract(self, analysed: AnalysedDocument) -> IndexedDocument:
        """Document of an analysed article with facets and the stored extraction result."""

    def form(self, document: IndexedDocument) -> IndexedDocument:
        """Forms the facets of ``document`` again from its stored extraction result."""


@dataclass(frozen=True, slots=True)
class IndexTask:
    """Task: index an article as its source gives it.

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
    """Task: form the facets of a stored document again; no result if they stay equal."""

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
    """Builds documents from articles and packs them for the engine's writer."""

    def __init__(self, analyzer: Analyzer, enricher: FacetExtractor) -> None:
        self._analyzer = analyzer
        self._enricher = enricher

    def build(
        self,
        tasks: Sequence[Task],
        pack: Pack,
        live: StoredReader | None = None,
        limited: TimeLimit = unlimited,
    ) -> TaskResult:
        """Builds and packs the documents of ``tasks``, whose keys are of the generation ``live``.

        Articles that fail are left out and reported as failures. ``limited`` limits the time of
        each. Raises KlastriErrors of the engine's server.
        """
        documents: list[IndexedDocument] = []
        failures: list[Failure] = []
        for task in tasks:
            try:
                with limited(task.weight):
                    document = self._document(task, live)
            except KlastriError:
                raise
            except Exception as error:
                failures.append(failure(task, live, described(error)))
            else:
                if document is not None:
                    documents.append(document)
        try:
            packed = pack(documents)
        except KlastriError:
            raise
        except Exception:
            documents = _packable(documents, pack, failures)
            packed = pack(documents)
        articles = tuple((each.article.id, each.article.source) for each in documents)
        return TaskResult(len(tasks), articles, packed, tuple(failures))

    def _document(self, task: Task, live: StoredReader | None) -> IndexedDocument | None:
        """Document for ``task``; None if the stored one stays as it is."""
        if isinstance(task, RefacetTask):
            return self._refaceted(task, live)
        return self._reused(task, live) or self._enricher.extract(
            analyse_article(task.article, self._analyzer, task.digest)
        )

    def _reused(self, task: IndexTask, live: StoredReader | None) -> IndexedDocument | None:
        """The stored document of ``task`` with facets formed again; None if not reusable."""
        try:
            stored = _reusable(task, live)
            return None if stored is None else self._enricher.form(stored)
        except Exception:
            # A reindex must succeed over a damaged index, reading which may raise anything.
            return None

    def _refaceted(self, task: RefacetTask, live: StoredReader | None) -> IndexedDocument | None:
        if live is None:
            raise ValueError("there is no generation to read from")
        stored = live.document(task.key)
        formed = self._enricher.form(stored)
        return None if formed == stored else formed


def _packable(
    documents: Sequence[IndexedDocument], pack: Pack, failures: list[Failure]
) -> list[IndexedDocument]:
    """Yields the ``documents`` that can be packed; adds the others to ``failures``."""
    good = []
    for each in documents:
        try:
            pack([each])
        except KlastriError:
            raise
        except Exception as error:
            problem = described(error)
            failed = AnalysisFailed(file=each.article.source, problem=problem)
            failures.append((each.article.id, failed))
        else:
            good.append(each)
    return good


def _reusable(task: IndexTask, live: StoredReader | None) -> IndexedDocument | None:
    """The stored document to reuse for ``task``; None if it is another article's."""
    if task.key is None or live is None:
        return None
    stored = live.document(task.key)
    if (stored.article.id, stored.digest) != (task.article.id, task.digest):
        return None
    added = stored.article.added or task.article.added
    return replace(stored, article=replace(stored.article, added=added))


def failure(task: Task, live: StoredReader | None, problem: str) -> Failure:
    """Makes the failure of ``task``; ``problem`` is why its article cannot be analysed."""
    return task.id, AnalysisFailed(file=_file_of(task, live), problem=problem)


def _file_of(task: Task, live: StoredReader | None) -> str:
    """The file to name in an error; the id of a stored article that cannot be read."""
    if isinstance(task, IndexTask):
        return task.article.source
    try:
        return task.id if live is None else live.article(task.key).source
    except Exception:
        return task.id
