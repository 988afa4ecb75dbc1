"""Selects the reader of each kind of input, and the source for each SOURCE of the user."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.sources.base import (
    Found,
    Input,
    Isolation,
    Reader,
    ReadOptions,
    Source,
    in_this_process,
    printable_path,
)
from indexer.sources.documents.docx import read_docx
from indexer.sources.documents.odt import read_odt
from indexer.sources.documents.pdf_document import read_pdf
from indexer.sources.exports.feeds import read_feed
from indexer.sources.exports.wordpress import read_wordpress
from indexer.sources.folders import FileSource
from indexer.sources.input_reader import InputReader
from indexer.sources.isolation import ParserProcess
from indexer.sources.limits import Limits
from indexer.sources.pages.html_page import read_page
from indexer.sources.standard_input import StandardInput
from indexer.sources.tabular.json_files import read_json, read_json_lines
from indexer.sources.tabular.tables import read_table
from indexer.sources.tabular.workbook import read_workbook
from indexer.sources.texts.mail import read_mail
from indexer.sources.texts.markdown_file import read_markdown
from indexer.sources.texts.textfile import read_text_file
from search.configuration import STANDARD_INPUT, SourceSettings
from search.normalisation import clean_line

if TYPE_CHECKING:
    from indexer.sources.web.crawler import Session


def _read_mail(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads an e-mail and the documents attached to it."""
    return read_mail(source, limits, InputReader(READERS, limits).read)


#: Endings of files that hold many articles.
_CONTAINERS = (
    *(".zip", ".gz", ".csv", ".tsv", ".xlsx", ".json", ".jsonl", ".ndjson", ".xml"),
    *(".rss", ".atom", ".wxr"),
)
#: Readers by kind, see :mod:`indexer.sources.kinds`.
READERS: Mapping[str, Reader] = {
    "text": read_text_file,
    "markdown": read_markdown,
    "html": read_page,
    "wxr": read_wordpress,
    "feed": read_feed,
    "csv": read_table,
    "tsv": read_table,
    "xlsx": read_workbook,
    "json": read_json,
    "jsonl": read_json_lines,
    "docx": read_docx,
    "odt": read_odt,
    "pdf": read_pdf,
    "eml": _read_mail,
}


def open_source(
    given: Path | SourceSettings,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    isolation: Isolation = in_this_process,
    session: "Session | None" = None,
) -> Source:
    """Makes the source for a path, an address or standard input, without reading it.

    Fetched pages are stored in ``session``; without one, in memory.
    """
    settings = given if isinstance(given, SourceSettings) else SourceSettings(str(given))
    reader = InputReader(READERS, limits)
    options = read_options(settings)
    if settings.is_address:
        # The crawler is imported only if there is an address.
        from indexer.sources.web.crawler import Session
        from indexer.sources.web.site_source import WebSource

        return WebSource(settings, READERS, limits, session or Session(), options, isolation)
    if settings.location == STANDARD_INPUT:
        return StandardInput(reader, limits, settings.format, options, isolation)
    return FileSource(
        Path(settings.location),
        reader,
        format=settings.format,
        options=options,
        isolation=isolation,
        follow_links=settings.follow_links,
    )


def read_options(settings: SourceSettings) -> ReadOptions:
    """Read options from the settings of a source."""
    return ReadOptions(
        columns=settings.columns,
        categories=settings.categories,
        language=settings.language,
        include=settings.include,
        exclude=settings.exclude,
        noindex=settings.noindex,
        post_types=settings.post_types,
        collection=clean_line(settings.name) or _collection_of(settings),
    )


def _collection_of(settings: SourceSettings) -> str:
    """Collection of articles without an address: the given directory, archive or export.

    A document that is given itself belongs to its directory.
    """
    if settings.is_address or settings.location == STANDARD_INPUT:
        return ""
    path = Path(settings.location).absolute()
    if not path.is_dir():
        name = path.name.lower()
        path = path.with_name(path.stem) if name.endswith(_CONTAINERS) else path.parent
    return clean_line(printable_path(Path(path.name)))


class SourceOpener:
    """Opens sources whose documents are parsed in one child process, until it is closed.

    Web pages are stored in ``store``, in memory if that is None; with ``keeps_pages`` False stored
    pages are used, and none are added. ``user_agent`` is the header of requests.
    """

    def __init__(
        self,
        limits: Limits,
        store: Path | None = None,
        *,
        keeps_pages: bool = True,
        user_agent: str = "Klastriotsing",
    ) -> None:
        self._limits = limits
        self._store = store
        self._keeps_pages = keeps_pages
        self._user_agent = user_agent
        self._parser = ParserProcess(limits)
        self._session: Session | None = None

    def __call__(self, given: Path | SourceSettings) -> Source:
        """Makes the source, see :func:`open_source`."""
        is_address = isinstance(given, SourceSettings) and given.is_address
        session = self._web_session() if is_address else None
        return open_source(given, self._limits, self._parser, session)

    def close(self) -> None:
        """Ends the child process, and closes the store."""
        self._parser.close()
        if self._session is not None:
            self._session.close()

    def _web_session(self) -> "Session":
        """The crawl session of all web sources, created at first use."""
        if self._session is None:
            from indexer.sources.web.crawler import Session
            from indexer.sources.web.page_store import PageStore

            store = PageStore(self._store, keeps=self._keeps_pages)
            self._session = Session(store, self._user_agent)
        return self._session
