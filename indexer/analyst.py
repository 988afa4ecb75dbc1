"""From tasks to packed documents: the costly part of indexing, done here or in a process beside."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from indexer.document import AnalysedDocument, analyse_article
from search.analysis import Analyzer
from search.article import Article
from search.engines.contract import IndexedDocument, StoredReader
from search.errors import AnalysisFailed, KlastriError

Pack = Callable[[Sequence[IndexedDocument]], bytes]
#: Forming facets again costs about as much as analysing a text of so many characters.
_AGAIN_WEIGHT = 500


class Enricher(Protocol):
    """What indexing needs of :class:`indexer.extract.Enricher`."""

    def extract(self, analysed: AnalysedDocument) -> IndexedDocument:
        """The document of an analysed article with its facets, and the findings they came of."""
        ...

    def form(self, document: IndexedDocument) -> IndexedDocument:
        """``document`` with its facets formed of its findings, whatever they were before."""
        ...


@dataclass(frozen=True, slots=True)
class Fresh:
    """An article as its source gives it, to be indexed.

    ``number`` is that of a document of the live generation with the same content, analysed in the
    same way: its terms and findings are taken over.
    """

    article: Article
    digest: str
    number: int | None = None

    @property
    def name(self) -> str:
        """What an error names it by."""
        return self.article.source

    @property
    def weight(self) -> int:
        """How much there is to do, in characters of text to analyse."""
        if self.number is not None:
            return _AGAIN_WEIGHT
        return len(self.article.title) + sum(len(each) for each in self.article.body)


@dataclass(frozen=True, slots=True)
class Again:
    """A document of the live generation, wanted only if its facets come out otherwise now."""

    id: str
    number: int

    @property
    def name(self) -> str:
        return self.id

    @property
    def weight(self) -> int:
        return _AGAIN_WEIGHT


Task = Fresh | Again


@dataclass(frozen=True, slots=True)
class Done:
    """What came of ``tasks`` tasks: documents, packed, and the (id, source) of each in order."""

    tasks: int
    articles: tuple[tuple[str, str], ...]
    packed: bytes


class Analyst:
    """Makes documents of articles; ``pack`` makes of them what the engine's writer takes."""

    def __init__(self, analyzer: Analyzer, enricher: Enricher, pack: Pack) -> None:
        self._analyzer = analyzer
        self._enricher = enricher
        self._pack = pack

    def do(self, tasks: Sequence[Task], live: StoredReader | None = None) -> Done:
        """Do ``tasks``; ``live`` reads the generation that their numbers belong to.

        Raises AnalysisFailed, which names the article.
        """
        documents = [
            document for each in tasks if (document := self._checked(each, live)) is not None
        ]
        articles = tuple((each.article.id, each.article.source) for each in documents)
        return Done(len(tasks), articles, self._pack(documents))

    def _checked(self, task: Task, live: StoredReader | None) -> IndexedDocument | None:
        try:
            if isinstance(task, Again):
                return self._formed_again(task, live)
            return self._document(task, live)
        except KlastriError:
            raise
        except Exception as error:
            raise AnalysisFailed(file=task.name, problem=_told(error)) from error

    def _document(self, task: Fresh, live: StoredReader | None) -> IndexedDocument:
        stored = _stored(task, live)
        if stored is not None:
            return self._enricher.form(stored)
        return self._enricher.extract(analyse_article(task.article, self._analyzer, task.digest))

    def _formed_again(self, task: Again, live: StoredReader | None) -> IndexedDocument | None:
        if live is None:
            raise ValueError("there is no generation to read from")
        stored = live.document(task.number)
        formed = self._enricher.form(stored)
        return None if formed == stored else formed


def _stored(task: Fresh, live: StoredReader | None) -> IndexedDocument | None:
    """The document with the terms and findings of ``task``, None if it must be analysed."""
    if task.number is None or live is None:
        return None
    try:
        stored = live.document(task.number)
    except Exception:
        # A reindex is the way out of a damaged index, whatever reading its remains may raise.
        return None
    if (stored.article.id, stored.digest) != (task.article.id, task.digest):
        return None
    added = stored.article.added or task.article.added
    return replace(stored, article=replace(stored.article, added=added))


def _told(error: Exception) -> str:
    """``error`` with the place it was raised at, in one line."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return f"{said}, at {Path(place.filename).name}:{place.lineno}"
