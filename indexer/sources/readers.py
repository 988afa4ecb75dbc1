"""The reader of each kind of input, and the source for each SOURCE of the user."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from indexer.sources.base import (
    Found,
    Input,
    Isolation,
    Reader,
    ReadOptions,
    Source,
    in_this_process,
)
from indexer.sources.docx import read_docx
from indexer.sources.feeds import read_feed
from indexer.sources.folders import FileSource
from indexer.sources.html_page import read_page
from indexer.sources.input_reader import InputReader
from indexer.sources.isolation import ParserProcess
from indexer.sources.json_files import read_json, read_json_lines
from indexer.sources.letter import read_letter
from indexer.sources.limits import Limits
from indexer.sources.markdown_file import read_markdown
from indexer.sources.odt import read_odt
from indexer.sources.pdf_document import read_pdf
from indexer.sources.standard_input import StandardInput
from indexer.sources.tables import read_table
from indexer.sources.textfile import read_text_file
from indexer.sources.wordpress import read_wordpress
from indexer.sources.workbook import read_workbook
from search.configuration import STANDARD_INPUT, SourceSettings
from search.errors import SourceUnavailable


def _read_mail(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads a letter and the documents attached to it."""
    return read_letter(source, limits, InputReader(READERS, limits).read)


#: Readers by what :mod:`indexer.sources.kinds` calls the kind of an input.
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
) -> Source:
    """The source for a path, an address or standard input; nothing is read yet.

    Raises SourceUnavailable.
    """
    settings = given if isinstance(given, SourceSettings) else SourceSettings(str(given))
    reader = InputReader(READERS, limits)
    options = read_options(settings)
    if settings.is_address:
        raise SourceUnavailable(
            source=settings.location,
            reason="addresses are not read by this version",
            remedy="Save the pages, and name the directory",
        )
    if settings.location == STANDARD_INPUT:
        return StandardInput(reader, limits, settings.format, options, isolation)
    return FileSource(
        Path(settings.location),
        reader,
        format=settings.format,
        options=options,
        isolation=isolation,
    )


def read_options(settings: SourceSettings) -> ReadOptions:
    """What the settings of a source say to readers."""
    return ReadOptions(
        columns=settings.columns,
        categories=settings.categories,
        language=settings.language,
        include=settings.include,
        exclude=settings.exclude,
        noindex=settings.noindex,
    )


class SourceOpener:
    """Opens sources whose documents are parsed in one child process, until it is closed."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parser = ParserProcess(limits)

    def __call__(self, given: Path | SourceSettings) -> Source:
        """The source, as :func:`open_source` says."""
        return open_source(given, self._limits, self._parser)

    def close(self) -> None:
        """Ends the child process."""
        self._parser.close()
