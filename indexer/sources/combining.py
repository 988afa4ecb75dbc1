"""Combines sources into one, and reads the articles of their inputs, each id once."""

import os
from collections.abc import Iterable, Iterator, Sequence

from indexer.sources.addresses import address_id
from indexer.sources.base import Duplicate, Found, Input, Remark, Source
from search.article import Article
from search.errors import DuplicateId, SourceError


class CombinedSource:
    """Several sources as one, without repeated files."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = sources
        self._owners: dict[str, Source] = {}

    @property
    def name(self) -> str:
        return ", ".join(each.name for each in self.sources)

    def scan(self) -> Iterator[Input | SourceError]:
        """Yields the inputs of all sources. Raises as their scans do, before yielding anything."""
        return self._without_repeats([(each, each.scan()) for each in self.sources])

    def read(self, source: Input) -> Iterator[Found]:
        return self.owner(source.name).read(source)

    def owner(self, name: str) -> Source:
        """The source that an input of this name belongs to."""
        if name in self._owners:
            return self._owners[name]
        # A name with bytes that cannot be printed is not recognised as below its directory.
        return next((each for each in self.sources if each.contains(name)), self.sources[0])

    def contains(self, name: str) -> bool:
        return any(each.contains(name) for each in self.sources)

    def exists(self, name: str) -> bool:
        return any(each.exists(name) for each in self.sources)

    def is_rolling(self, name: str) -> bool:
        return any(each.is_rolling(name) for each in self.sources)

    def _without_repeats(
        self, scans: Iterable[tuple[Source, Iterator[Input | SourceError]]]
    ) -> Iterator[Input | SourceError]:
        seen: set[str] = set()
        for source, scan in scans:
            for each in scan:
                if isinstance(each, Input):
                    real = os.path.realpath(each.path) if each.path else each.name
                    if real in seen:
                        continue
                    seen.add(real)
                    self._owners[each.name] = source
                yield each


def read_files(
    source: Source | CombinedSource, files: Iterable[Input | SourceError]
) -> Iterator[tuple[Input | None, Found | Duplicate | None]]:
    """Reads ``files``: yields each article, and each remark or error, with its input.

    An input that yields nothing is yielded once, with None. An article with the address of an
    earlier one is a duplicate; any other repeated id is an error.
    """
    taken: dict[str, str] = {}
    for file in files:
        if isinstance(file, SourceError):
            yield None, file
            continue
        is_empty = True
        for found in source.read(file):
            is_empty = is_empty and isinstance(found, Remark)
            if isinstance(found, Article):
                yield file, _first(found, taken)
            else:
                yield file, found
        if is_empty:
            yield file, None


def _first(article: Article, taken: dict[str, str]) -> Article | Duplicate | DuplicateId:
    """Registers the id of ``article``; returns a duplicate or an error if it is taken."""
    if article.id in taken:
        return repeated(article, taken[article.id])
    taken[article.id] = article.source
    return article


def repeated(article: Article, earlier: str) -> Duplicate | DuplicateId:
    """The result for an article with the id of one in ``earlier``: a duplicate, or an error."""
    if article.url and article.id == address_id(article.url):
        return Duplicate(article.id, article.source, earlier)
    return DuplicateId(file=article.source, id=article.id, other=earlier)
