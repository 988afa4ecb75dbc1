"""Articles whose titles select a fault of their analysis, and a factory of such builders."""

import os
import pickle
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from indexer.document import AnalysedDocument
from indexer.document_builder import DocumentBuilder, IndexTask
from search.analysis import Analyzer, Vabamorf
from search.article import Article
from search.engines.contract import EngineReader, IndexedDocument

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def fresh(number: int, body: str = "Puit kasvab.", title: str = "Uudis") -> IndexTask:
    article = Article(str(number), title, (body,), f"{number}.txt", language="et", added=NOON)
    return IndexTask(article, "d")


def pickled(documents: Sequence[IndexedDocument]) -> bytes:
    return pickle.dumps(tuple(documents))


@dataclass(frozen=True)
class Odd:
    """An enricher with the fault that a title selects; must be picklable."""

    def extract(self, analysed: AnalysedDocument) -> IndexedDocument:
        title = analysed.document.article.title
        if title == "tapa":
            os.kill(os.getpid(), signal.SIGKILL)
        if title == "lõpeta":
            os._exit(7)
        if title == "viga":
            raise ValueError("vale\narv")
        if title in ("kaua", "maga"):
            time.sleep(60)
        if title == "arvuta":
            while True:
                pass
        if title == "kordus":  # compiled code, which no exception interrupts
            sum(range(10**12))
        if title == "mälu":
            bytearray(10**9)
        if title == "ütle":
            print("midagi")  # noqa: T201 - as a library may
        return self.form(analysed.document)

    def form(self, document: IndexedDocument) -> IndexedDocument:
        return replace(document, findings=str(os.getpid()).encode())


@dataclass(frozen=True)
class OddFactory:
    def builder(self) -> DocumentBuilder:
        return DocumentBuilder(Analyzer(Vabamorf()), Odd())

    def open_live(self) -> EngineReader:
        raise AssertionError("no task is about the live generation")
