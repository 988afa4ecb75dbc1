"""Contract of sources: a source scans inputs, a reader turns an input into articles."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO, ParamSpec, Protocol, TypeVar

from indexer.sources.addresses import address_id
from indexer.sources.dates import GivenDate
from indexer.sources.decoding import Decoded, decode
from indexer.sources.limits import Limits
from search.analysis.language import language_code
from search.article import Article, Evidence, Extracted, article_to_dict
from search.errors import SourceError, TooLarge, UnreadableFile
from search.normalisation import printable

_MEGABYTE = 1_000_000
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Options of a source, from the configuration or the command line.

    ``columns`` maps title, date, body, url, id and language to a name of the source; ``categories``
    maps a category of the source to the id of a focus area; ``language`` is the default for
    articles that declare none; ``include`` and ``exclude`` are parts of addresses; ``noindex``
    reads pages that ask not to be indexed; ``collection`` is that of articles without an address.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    post_types: tuple[str, ...] = ("post",)
    noindex: bool = False
    collection: str = ""

    def allows(self, address: str) -> bool:
        """True for an address that passes ``include`` and ``exclude``."""
        is_included = not self.include or any(each in address for each in self.include)
        return is_included and not any(each in address for each in self.exclude)


class Isolation(Protocol):
    """Protocol: calls a pure function in a sandbox with limits of time and memory."""

    def __call__(
        self, file: str, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Calls ``function`` and returns its result; it and its arguments must be picklable.

        Raises what the function raises, and a SourceError of ``file`` if it had to be killed.
        """


def in_this_process(
    _file: str, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """An :class:`Isolation` without limits: calls ``function`` in this process."""
    return function(*args, **kwargs)


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark on an input that was read, with the fields of :class:`Skipped`."""

    source: str
    member: str
    code: str
    message: str

    def __str__(self) -> str:
        return ": ".join(each for each in (self.source, self.member, self.message) if each)


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to read: a file, a member of an archive, a fetched page, standard input.

    ``name`` is as the user would name it (``uudised/a.html``, ``pakk.zip!a.docx``, an address);
    ``id`` identifies it within its source: path without ending, or host and path. ``kind`` is set
    by :mod:`indexer.sources.kinds`, and empty before detection. ``open`` opens a new stream of the
    unpacked bytes. ``address`` is the final one after redirects, ``charset`` the one declared by a
    server or an e-mail, ``path`` that of a file on disk. ``is_named`` is False for an input found
    in a directory or an archive. Readers append lines for the report to ``remarks``.
    """

    name: str
    id: str
    kind: str
    open: Callable[[], BinaryIO]
    address: str = ""
    charset: str = ""
    options: ReadOptions = field(default_factory=ReadOptions)
    isolation: Isolation = in_this_process
    path: Path | None = None
    is_named: bool = True
    remarks: list[Remark] = field(default_factory=list)

    def data(self, megabytes: float) -> bytes:
        """Reads all bytes. Raises TooLarge for more than ``megabytes``, UnreadableFile."""
        most = int(megabytes * _MEGABYTE)
        try:
            with self.open() as stream:
                data = stream.read(most + 1)
                if len(data) <= most:
                    return data
                size = stream.seek(0, SEEK_END) if stream.seekable() else len(data)
        except OSError as error:
            reason = error.strerror or "input error"
            raise UnreadableFile(file=self.name, reason=reason) from error
        shown_size = f"{max(size, len(data)) / _MEGABYTE:.1f}"
        raise TooLarge(file=self.name, megabytes=shown_size, limit=f"{megabytes:g}")

    def text(self, megabytes: float, declared: str = "") -> Decoded:
        """Reads and decodes all bytes. Raises as :meth:`data`, and NotAText."""
        decoded = decode(self.data(megabytes), declared or self.charset, self.name)
        if decoded.mended:
            what = "was UTF-8 encoded twice, and was put right"
            self.remarks.append(Remark(self.name, "", "mended", what))
        return decoded

    def isolated(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Calls a pure function within the limits of one document, see :class:`Isolation`."""
        return self.isolation(self.name, function, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something left out on purpose: one line in the report, no error.

    ``source`` is the name of the input, ``member`` that within a container; ``code`` is stable
    (``draft``, ``list``, ``no-text``, ``noindex``, ``page``, ``password``, ``summary`` …);
    ``message`` is the reason without the name of the source, such as “is a draft”.
    """

    source: str
    member: str
    code: str
    message: str

    def __str__(self) -> str:
        return ": ".join(each for each in (self.source, self.member, self.message) if each)


#: What reading yields: articles, the reason for each input that is none, remarks and errors.
Found = Article | Skipped | Remark | SourceError


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A copy in ``source`` of the article with the same address in ``first``."""

    id: str
    source: str
    first: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """Network traffic of a source: requests, and answers 304 Not Modified."""

    requests: int = 0
    not_modified: int = 0


class Reader(Protocol):
    """Protocol: reads the inputs of one format."""

    def __call__(self, source: Input, limits: Limits, /) -> Iterator[Found]:
        """Yields the articles of ``source``, any number, with given values only.

        Each article has the name of the input as its ``source``. Errors are yielded or raised;
        after a yielded one the rest of the input may follow.
        """


class Source(Protocol):
    """Protocol: holds inputs with articles, such as a directory or a web site."""

    @property
    def name(self) -> str:
        """Name of the source as the user would write it."""

    @property
    def kind(self) -> str:
        """``files``, ``web`` or ``stdin``."""

    @property
    def every(self) -> float | None:
        """Seconds between scans for changes; None where changes show at once, as with files."""

    def scan(self) -> Iterator[Input | SourceError]:
        """Yields the inputs of the source in a fixed order, with errors for unreadable places.

        Raises SourceNotFound at once, before anything is yielded.
        """

    def read(self, source: Input) -> Iterator[Found]:
        """Reads the articles of a scanned input, see :class:`Reader`."""

    def contains(self, name: str) -> bool:
        """True if an input of this name belongs to the source, existing or not."""

    def exists(self, name: str) -> bool:
        """True if an input of this name still exists, here or in a source of the same kind.

        A member of an archive exists as long as the archive. True also if unknown.
        """

    def is_rolling(self, name: str) -> bool:
        """True if an input that was read drops old articles, as a feed does."""

    def traffic(self) -> Traffic:
        """Traffic of the source since it was opened."""


def article(
    source: Input,
    title: str,
    paragraphs: Iterable[str],
    *,
    member: str = "",
    date: GivenDate | None = None,
    address: str = "",
    language: str = "",
    categories: Iterable[str] = (),
) -> Article:
    """Makes an article of ``source`` with given values and a permanent id.

    The id is that of its ``address``, else of the ``member`` of the container, else of ``source``.
    ``language`` is a code such as ``et-EE``. Titles become one line, empty paragraphs are left out.
    Limits of length are applied by InputReader.
    """
    # The address of a container is not that of its members.
    url = address or ("" if member else source.address)
    options = source.options
    identity = address_id(url) or (f"{source.id}/{member}" if member else source.id)
    areas = dict.fromkeys(
        options.categories[each] for each in categories if each in options.categories
    )
    return Article(
        id=identity,
        title=" ".join(title.split()),
        body=tuple(text for each in paragraphs if (text := each.strip())),
        source=source.name,
        url=url or None,
        published=Extracted(date.value, "given", (given(date.text),)) if date else None,
        year=Extracted(date.value.year, "given", (given(date.text),)) if date else None,
        language=language_code(language or options.language) or "",
        focus_areas=all_given(tuple(areas)),
    )


def containers_of(name: str) -> Iterator[str]:
    """Names of the containers of the input ``name``: itself, and archives, before each ``!``."""
    yield name
    at = name.find("!")
    while at >= 0:
        yield name[:at]
        at = name.find("!", at + 1)


def all_given(values: Sequence[str]) -> tuple[Extracted[str], ...]:
    """Given values, each with itself as evidence."""
    return tuple(Extracted(each, "given", (given(each),)) for each in values)


def given(text: str) -> Evidence:
    """Evidence for a given value: ``text`` outside the article."""
    return Evidence("given", 0, len(text), text)


def printable_path(path: Path) -> str:
    """Converts ``path`` to one printable line, also if it has undecodable bytes."""
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


def content_digest(article: Article) -> str:
    """SHA-256 of ``article`` as its source gives it, before extraction."""
    content = article_to_dict(article)
    del content["added"]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
