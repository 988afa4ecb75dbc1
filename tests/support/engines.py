"""The engines there are, each with what tests need to build an index with it and to check it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from corpus import NOW
from open_reader import generation, open_reader
from reference import Reference
from whoosh.index import open_dir

from search.engines.contract import EngineReader, Index, IndexedDocument
from search.engines.whoosh import WhooshIndex

FINGERPRINT = "f"
#: What is written in one go: documents, which replace earlier ones with their ids, and ids that go.
Part = Sequence[IndexedDocument | str]


class Engine(Protocol):
    """An engine under test."""

    def build(self, path: Path, parts: Sequence[Part]) -> EngineReader:
        """Index ``parts`` one after the other, and open what there is then."""
        ...

    def reference(self, path: Path, parts: Sequence[Part]) -> Reference:
        """What says slowly what the index of ``parts`` in ``path`` must answer."""
        ...


@dataclass(frozen=True, slots=True)
class WhooshEngine:
    """The engine of Whoosh's indexes with the kernels of this name."""

    kernels: str

    def build(self, path: Path, parts: Sequence[Part]) -> EngineReader:
        build(WhooshIndex(path), parts)
        return open_reader(path, self.kernels)

    def reference(self, path: Path, parts: Sequence[Part]) -> Reference:
        written = [each for part in parts for each in part if not isinstance(each, str)]
        documents = {each.article.id: each for each in written}
        return Reference(open_dir(generation(path)).reader(), documents)


#: By the names that tests go by.
ENGINES: dict[str, Engine] = {each: WhooshEngine(each) for each in ("compiled", "numpy")}


def build(index: Index, parts: Sequence[Part]) -> None:
    """Write ``parts`` one after the other, the first anew."""
    known: set[str] = set()
    for number, documents in enumerate(parts):
        step = index.extend if number else index.build
        with step(["x"], FINGERPRINT, NOW) as writer:
            for each in documents:
                if isinstance(each, str):
                    writer.delete(each)
                    continue
                if each.article.id in known:
                    writer.delete(each.article.id)
                writer.add(each)
                known.add(each.article.id)
