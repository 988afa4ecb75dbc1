"""The engines there are, each with what tests need to build an index with it and to check it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from corpus import NOW
from open_reader import generation, open_reader
from reference import Reference
from whoosh.index import open_dir

from search.configuration import OpenSearchSettings
from search.engines.contract import EngineReader, Index, IndexedDocument
from search.engines.opensearch import Connection, OpenSearchIndex
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


@dataclass(frozen=True, slots=True)
class OpenSearchEngine:
    """The engine of indexes on the server at ``url``, in so many ``shards``."""

    url: str
    shards: int = 1

    def build(self, path: Path, parts: Sequence[Part]) -> EngineReader:  # noqa: ARG002 - not there
        index = self.index()
        build(index, parts)
        return index.open(FINGERPRINT)

    def index(self, keep: int = 3) -> OpenSearchIndex:
        """A new index, whose name nobody else has."""
        server = OpenSearchSettings((self.url,), timeout=60)
        name = f"index-{uuid.uuid4().hex}"
        return OpenSearchIndex(Connection(server, None), name, keep, self.shards, 0)

    def reference(self, path: Path, parts: Sequence[Part]) -> Reference:
        # What is deleted is gone at once, and has no part in what is common.
        written: dict[str, IndexedDocument] = {}
        for each in (each for part in parts for each in part):
            if isinstance(each, str):
                del written[each]
            else:
                written[each.article.id] = each
        beside = path / "reference"
        build(WhooshIndex(beside), [list(written.values())])
        return Reference(open_dir(generation(beside)).reader(), written)


#: Those that need no server, by the names that tests go by.
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
