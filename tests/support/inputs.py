"""Inputs of readers made of bytes, and the results of reading them."""

from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

from indexer.sources.base import Found, Input, Reader, ReadOptions, Remark, Skipped
from indexer.sources.limits import Limits
from search.article import Article
from search.errors import SourceError


class Read(NamedTuple):
    """All that a reader found."""

    articles: list[Article]
    skipped: list[Skipped]
    errors: list[SourceError]
    remarks: list[Remark]

    @property
    def titles(self) -> list[str]:
        return [each.title for each in self.articles]

    @property
    def codes(self) -> list[str]:
        return [each.code for each in self.skipped]

    @property
    def messages(self) -> list[str]:
        return [str(each) for each in self.errors]

    @property
    def days(self) -> list[str]:
        return [each.published.value.iso if each.published else "" for each in self.articles]


def read_bytes(
    reader: Reader,
    data: bytes | str,
    name: str = "eksport.xml",
    *,
    options: ReadOptions | None = None,
    limits: Limits | None = None,
    address: str = "",
) -> Read:
    """Reads ``data`` by ``reader``; raised errors are collected like yielded ones."""
    content = data.encode() if isinstance(data, str) else data
    source = Input(
        name=name,
        id=name.rpartition(".")[0],
        kind="",
        open=lambda: BytesIO(content),
        address=address,
        options=options or ReadOptions(),
    )
    found = list(_all(reader, source, limits or Limits()))
    return Read(
        [each for each in found if isinstance(each, Article)],
        [each for each in found if isinstance(each, Skipped)],
        [each for each in found if isinstance(each, SourceError)],
        [each for each in (*found, *source.remarks) if isinstance(each, Remark)],
    )


def _all(reader: Reader, source: Input, limits: Limits) -> Iterator[Found]:
    try:
        yield from reader(source, limits)
    except SourceError as error:
        yield error
