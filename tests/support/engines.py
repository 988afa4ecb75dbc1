"""The engines under test, each with methods to build an index and a reference for it."""

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
#: One commit: documents, which replace earlier ones with their ids, and ids to delete.
Part = Sequence[IndexedDocument | str]


class Engine(Protocol):
    """An engine under test."""

    def build(self, path: Path, parts: Sequence[Part]) -> EngineReader:
        """Indexes ``parts`` one after the other, and opens the result."""
        ...

    def reference(self, path: Path, parts: Sequence[Part]) -> Reference:
        """The slow reference for the index of ``parts`` in ``path``."""
        ...


@dataclass(frozen=True, slots=True)
class WhooshEngine:
    """The embedded engine with the kernels of this name."""

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
    """The engine on the server at ``url``, with this number of ``shards``."""

    url: str
    shards: int = 1

    def build(self, path: Path, parts: Sequence[Part]) -> EngineReader:  # noqa: ARG002 - not there
        index = self.index()
        build(index, parts)
        return index.open(FINGERPRINT)

    def index(self, keep: int = 3) -> OpenSearchIndex:
        """A new index with a unique name."""
        server = OpenSearchSettings((self.url,), timeout=60)
        name = f"index-{uuid.uuid4().hex}"
        return OpenSearchIndex(Connection(server, None), name, keep, self.shards, 0)

    def reference(self, path: Path, parts: Sequence[Part]) -> Reference:
        # Deleted documents do not count in document frequencies.
        written: dict[str, IndexedDocument] = {}
        for each in (each for part in parts for each in part):
            if isinstance(each, str):
                del written[each]
            else:
                written[each.article.id] = each
        beside = path / "reference"
        build(WhooshIndex(beside), [list(written.values())])
        return Reference(open_dir(generation(beside)).reader(), written)


#: Engines without a server, by their names in tests.
ENGINES: dict[str, Engine] = {each: WhooshEngine(each) for each in ("compiled", "numpy")}


def build(index: Index, parts: Sequence[Part]) -> None:
    """Writes ``parts`` one after the other, the first as a new index."""
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
