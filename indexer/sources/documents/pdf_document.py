"""Reads PDF documents with text: press releases, articles saved or printed as PDF.

Scanned pages, and fonts without a mapping to Unicode, are refused with the reason.
"""

import logging
import re
import warnings
from collections.abc import Iterator
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any

from indexer.sources.base import Found, Input
from indexer.sources.documents.pdf_lines import in_order, page_lines, without_running_heads
from indexer.sources.documents.pdf_paragraphs import paragraphs_of_pages
from indexer.sources.documents.pdf_runs import PrintedRun, runs_of_page
from indexer.sources.documents.press_release import PressRelease, press_release, release_found
from indexer.sources.limits import Limits
from search.errors import (
    EmptyDocument,
    KlastriError,
    MalformedFile,
    PasswordProtected,
    TooLarge,
    UnsupportedFormat,
)

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_MEGABYTE = 1_000_000
#: A document with a picture and fewer letters than this is a scan.
_FEW_LETTERS = 25
#: Least share of letters in a text whose characters are known.
_LETTERS = 0.6
_CONTROLS = 0.05
_UNKNOWN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]|/[a-zA-Z]{0,5}\\d{1,5}(?=/)"
)


def read_pdf(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads a PDF document as one article. Raises as reading does."""
    most = limits.web_pdf_megabytes if source.address else limits.document_megabytes
    yield release_found(source, source.isolated(parse_pdf, source.data(most), source.name, limits))


def parse_pdf(data: bytes, file: str, limits: Limits) -> PressRelease:
    """Extracts the article of the document ``data``.

    Raises MalformedFile, PasswordProtected, UnsupportedFormat, TooLarge, EmptyDocument.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about damage that does not prevent reading
        try:
            pages, has_pictures = _pages(data, file, limits)
        except (KlastriError, MemoryError):
            raise
        except Exception as error:  # pypdf raises anything for damaged files
            raise _malformed(file, "it is cut or damaged") from error
    text = "".join(run.text for page in pages for run in page)
    _check_letters(text, file, has_pictures=has_pictures)
    lines = without_running_heads([page_lines(runs, n) for n, runs in enumerate(pages)])
    ordered = [in_order(each) for each in lines]
    return press_release(paragraphs_of_pages(ordered, _Lexicon().holds))


def _pages(data: bytes, file: str, limits: Limits) -> tuple[list[list[PrintedRun]], bool]:
    """Text runs of each page, and whether any page has a picture."""
    import pypdf

    reader = pypdf.PdfReader(BytesIO(data))
    _unlock(reader, file)
    count = len(reader.pages)
    if count > limits.pdf_pages:
        remedy = f"Split it: at most {limits.pdf_pages} pages are read"
        raise UnsupportedFormat(file=file, format=f"a PDF of {count} pages", remedy=remedy)
    pages: list[list[PrintedRun]] = []
    characters = 0
    has_pictures = False
    for page in reader.pages:
        runs = runs_of_page(page)
        characters += sum(len(each.text) for each in runs)
        if characters > limits.text_megabytes * _MEGABYTE:
            shown = f"{characters / _MEGABYTE:.1f}"
            raise TooLarge(file=file, megabytes=shown, limit=f"{limits.text_megabytes:g}")
        has_pictures = has_pictures or _has_picture(page)
        pages.append(runs)
    return pages, has_pictures


def _unlock(reader: "PdfReader", file: str) -> None:
    """Decrypts a document that is open to readers. Raises PasswordProtected."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise PasswordProtected(file=file)


def _has_picture(page: "PageObject") -> bool:
    """True if ``page`` shows a picture; none is decoded."""
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    if objects is None:
        return False
    named = (each.get_object() for each in objects.get_object().values())
    return any(each.get("/Subtype") in ("/Image", "/Form") for each in named)


def _check_letters(text: str, file: str, *, has_pictures: bool) -> None:
    """Raises UnsupportedFormat for scans, and for fonts without a mapping to Unicode."""
    shown = "".join(text.split())
    letters = sum(map(str.isalpha, shown))
    if len(shown) < _FEW_LETTERS and has_pictures:
        remedy = "Save the original as .docx or PDF, or have its text recognised (OCR)"
        raise UnsupportedFormat(file=file, format="a scan: pictures of pages", remedy=remedy)
    if not shown:
        raise EmptyDocument(file=file)
    unknown = sum(len(each) for each in _UNKNOWN.findall(text))
    if unknown > _CONTROLS * len(shown) or letters < _LETTERS * len(shown):
        remedy = "Save the original as .docx, or as PDF by another program"
        what = "a PDF whose fonts do not tell their letters"
        raise UnsupportedFormat(file=file, format=what, remedy=remedy)


def _malformed(file: str, problem: str) -> MalformedFile:
    remedy = "Download it or save it as PDF again"
    return MalformedFile(file=file, format="PDF", problem=problem, remedy=remedy)


class _Lexicon:
    """Vabamorf's lexicon, loaded with the first word hyphenated at the end of a line."""

    @cached_property
    def _analyzer(self) -> Any:
        from search.analysis.analyzer import Analyzer
        from search.analysis.morphology import Vabamorf

        return Analyzer(Vabamorf())

    def holds(self, word: str) -> bool:
        """True if the lexicon has ``word``, without guessing."""
        return bool(self._analyzer.is_known(word))
