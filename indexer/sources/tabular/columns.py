"""Maps table rows and JSON objects to articles by column names."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from indexer.sources.addresses import clean_address, member_id
from indexer.sources.base import Found, Input, Skipped, article
from indexer.sources.dates import GivenDate, parse_date
from indexer.sources.exports.wordpress import plain_text
from indexer.sources.limits import Limits
from indexer.sources.pages.markup import paragraphs_of
from search.article import PartialDate
from search.errors import BadItem, MissingColumns

_MEGABYTE = 1_000_000
#: Names of columns by field, the more specific first.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "title": (
        "pealkiri", "uudise pealkiri", "artikli pealkiri", "postituse pealkiri", "uudise nimi",
        "uudise nimetus", "title", "post title", "article title", "news title", "headline",
        "heading", "заголовок", "название",
    ),
    "date": (
        "avaldatud", "avaldamise kuupäev", "avaldamiskuupäev", "avaldamise aeg", "avaldamisaeg",
        "avaldamine", "ilmumise kuupäev", "ilmumiskuupäev", "ilmumisaeg", "ilmunud", "kuupäev",
        "kuupaev", "uudise kuupäev", "date published", "datepublished", "published",
        "published at", "published on", "publishedat", "publication date", "publicationdate",
        "publish date", "publishdate", "pubdate", "pub date", "post date", "published date",
        "release date", "date", "дата публикации", "дата", "опубликовано", "issued", "posted",
        "posted at", "postitatud",
    ),
    "body": (
        "sisu", "uudise sisu", "artikli sisu", "sisu html", "tekst", "uudise tekst",
        "artikli tekst", "uudise täistekst", "täistekst", "kehatekst", "põhitekst", "body",
        "articlebody", "article body", "body value", "body html", "content", "content html",
        "post content", "contents", "content text", "full text", "fulltext", "text", "текст",
        "содержание", "текст новости", "artikkel", "article", "html",
    ),
    "lead": ("juhtlõik", "sissejuhatus", "lead", "lede", "introtext", "intro", "ingress", "лид"),
    "url": (
        "link", "url", "aadress", "veebiaadress", "uudise link", "uudise aadress", "lingi aadress",
        "veebilink", "lingid", "permalink", "permalink url", "uri", "href", "canonical",
        "canonical url", "web url", "article url", "address", "web address", "loc", "ссылка",
        "адрес", "guid",
    ),
    "id": (
        "id", "uudise id", "artikli id", "post id", "article id", "news id", "nid", "uid", "uuid",
        "identifikaator", "tunnus", "slug", "guid", "nr", "jrk", "jrk nr", "number", "no",
    ),
    "language": (
        "keel", "keelekood", "language", "lang", "langcode", "locale", "inlanguage", "язык",
    ),
    "category": (
        "kategooria", "kategooriad", "category", "categories", "valdkond", "valdkonnad",
        "teemavaldkond", "rubriik", "section", "категория", "рубрика", "tags", "sildid",
    ),
    "status": ("staatus", "olek", "status", "post status", "state", "статус"),
    "draft": ("draft", "is draft", "mustand"),
}  # fmt: skip
#: Ambiguous names, or names of shorter values: used only if there is none of the others.
_WEAK: Mapping[str, tuple[str, ...]] = {
    "title": ("uudis", "nimetus", "nimi", "teema", "name", "subject"),
    "date": (
        "aeg", "lisatud", "sisestatud", "loodud", "created", "created at", "createdat",
        "date created", "datecreated", "timestamp", "time",
    ),
    "body": ("message", "kirjeldus", "description", "kokkuvõte", "summary", "excerpt"),
}  # fmt: skip
#: Words that identify a column with a longer name, as in “pealkiri (eesti keeles)”.
_TELLING = {
    "title": ("pealkiri", "title", "headline", "заголовок"),
    "date": ("kuupäev", "kuupaev", "avaldatud", "date", "published", "дата"),
    "body": ("sisu", "tekst", "body", "content", "текст"),
}
#: Words of columns with other content: on pictures, for search engines, on modifications.
_OTHER = re.compile(
    r"\b(?:pil[dt]\w*|foto\w*|image|photo|picture|thumbnail|seo|meta|og|alt|muut\w*|muud\w*|uuend\w*"
    r"|modif\w*|updat\w*|changed|lõpp?\w*|end|algus\w*|start|event\w*|sündmus\w*|type|tüüp|format"
    r"|author|autor\w*|length|pikkus|count|картинк\w*|изм\w*)\b"
)
_NOT_A_WORD = re.compile(r"[\W_]+")
_YES = frozenset(("true", "1", "yes", "y", "x", "jah", "да"))
_NO = frozenset(("false", "0", "no", "n", "ei", "нет"))
_DRAFTS = {"draft": "draft", "mustand": "draft", "pending": "pending", "private": "private"}
_DRAFTS |= {"trash": "trash", "черновик": "draft", "unpublished": "draft", "avaldamata": "draft"}
_MARKUP = re.compile(
    r"</?(?:p|br|div|span|a|b|i|u|em|strong|ul|ol|li|h[1-6]|table|tr|td|img|blockquote|section"
    r"|article|figure|html|body|font|center|hr|pre|sup|sub|script|style|iframe)\b[^<>]*>",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,10});")
_EMPTY_LINE = re.compile(r"\n[ \t\xa0]*\n")
#: Excel's serial numbers of days from 1940 to 2079; other numbers are no dates.
_SERIAL = re.compile(r"([1-6]\d{4})(?:[.,]\d+)?")
_FIRST_SERIAL, _LAST_SERIAL = 14_611, 65_745
_EXCEL_EPOCH = date(1899, 12, 30).toordinal()
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]+)*", re.IGNORECASE)
_LANGUAGES = {
    "eesti": "et", "eesti keel": "et", "estonian": "et", "inglise": "en", "inglise keel": "en",
    "english": "en", "vene": "ru", "vene keel": "ru", "russian": "ru", "русский": "ru",
}  # fmt: skip
_BAD_VALUES = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "NULL", "\\N", "NaN")
)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table by field: names of title, date, body and so on, best first.

    ``absent`` are names given in the configuration that the table does not have.
    """

    by_field: Mapping[str, tuple[str, ...]]
    absent: tuple[str, ...] = ()

    @property
    def is_enough(self) -> bool:
        """True if there are title and text, which an article needs, and all configured columns."""
        return bool(self.by_field["title"] and self.by_field["body"] and not self.absent)

    def value(self, row: Mapping[str, str], field: str) -> str:
        """The first value of ``row`` for ``field``, empty if there is none."""
        values = (row.get(each, "").strip() for each in self.by_field[field])
        return next((each for each in values if each and each not in _BAD_VALUES), "")

    def values(self, row: Mapping[str, str], field: str) -> Iterator[str]:
        """All values of ``row`` for ``field``."""
        return (each for name in self.by_field[field] if (each := row.get(name, "").strip()))


def find_columns(
    names: Iterable[str], given: Mapping[str, str], *, only_telling: bool = False
) -> Columns:
    """Maps column names to fields: which of ``names`` are the title, the text and so on.

    ``given`` names the columns of some fields; others are found by usual names in Estonian, English
    and Russian; with ``only_telling``, not by ambiguous names.
    """
    there: dict[str, str] = {}
    for name in names:
        there.setdefault(folded(name), name)
    taken = {folded(each) for each in given.values()}
    by_field: dict[str, tuple[str, ...]] = {}
    for field in _NAMES:
        if field in given:
            found = [there[folded(given[field])]] if folded(given[field]) in there else []
        else:
            found = [
                there[each] for each in _known(field, there, only_telling) if each not in taken
            ]
        by_field[field] = tuple(found)
    absent = tuple(each for each in given.values() if folded(each) not in there)
    return Columns(by_field, absent)


def missing_columns(source: Input, names: Sequence[str], columns: Columns) -> MissingColumns:
    """The error for a table without a title or a text."""
    missing = columns.absent or [each for each in ("title", "body") if not columns.by_field[each]]
    shown = [f"“{each}”" for each in names if each.strip()][:30]
    return MissingColumns(
        file=source.name,
        missing=", ".join(f"“{each}”" for each in missing),
        columns=", ".join(shown) or "none with a name",
    )


def folded(name: str) -> str:
    """Normalises a column name for comparison: lower case, words separated by one blank."""
    return _NOT_A_WORD.sub(" ", name.casefold()).strip()


def row_found(
    source: Input, row: Mapping[str, str], columns: Columns, member: str, limits: Limits
) -> Found:
    """Converts ``row`` to an article, or the reason why it is none; ``member`` is like “row 12”."""
    if code := _unpublished(row, columns):
        return Skipped(source.name, member, code, "is not published")
    body, lead = columns.value(row, "body"), columns.value(row, "lead")
    if len((body + lead).encode("utf-8", "replace")) > limits.megabytes * _MEGABYTE:
        problem = f"has more than {limits.megabytes:g} MB"
        return _bad(source, member, problem, "Split it or leave it out")
    title = plain_text(columns.value(row, "title"))
    paragraphs = _with_lead(cell_paragraphs(lead), cell_paragraphs(body))
    if not title or not paragraphs:
        problem = "has no title" if paragraphs else "has no text"
        return _bad(source, member, problem, "Fill it in, or delete the row")
    link = next((each for each in map(clean_address, columns.values(row, "url")) if each), "")
    identity = member_id(columns.value(row, "id")) or member_id(member.partition(" ")[2])
    return article(
        source,
        title,
        paragraphs,
        member=identity,
        date=next(filter(None, map(cell_date, columns.values(row, "date"))), None),
        address=link,
        language=_language(columns.value(row, "language")),
        categories=_categories(columns.values(row, "category")),
    )


def _unpublished(row: Mapping[str, str], columns: Columns) -> str:
    """Code of the reason why ``row`` is not published yet; empty if it is."""
    if columns.value(row, "draft").casefold() in _YES:
        return "draft"
    if any(each.casefold() in _NO for each in columns.values(row, "date")):
        return "draft"  # a boolean column such as “published”
    return _DRAFTS.get(columns.value(row, "status").casefold(), "")


def cell_paragraphs(text: str) -> list[str]:
    """Paragraphs of a cell with HTML or plain text."""
    if _MARKUP.search(text):
        is_classic = not re.search(r"<p\b", text, re.IGNORECASE)
        return paragraphs_of(text, empty_lines=is_classic)
    plain = html.unescape(text) if _REFERENCE.search(text) else text
    if plain is not text and _MARKUP.search(plain):  # markup that was escaped once too often
        return cell_paragraphs(plain)
    plain = plain.replace("\r\n", "\n").replace("\r", "\n")
    blocks = _EMPTY_LINE.split(plain) if _EMPTY_LINE.search(plain) else plain.split("\n")
    lines = ("\n".join(" ".join(each.split()) for each in block.split("\n")) for block in blocks)
    return [each for line in lines if (each := line.strip())]


def cell_date(text: str) -> GivenDate | None:
    """Parses the date in a cell, also a serial number of Excel."""
    if serial := _SERIAL.fullmatch(text.strip()):
        number = int(serial[1])
        if not _FIRST_SERIAL <= number <= _LAST_SERIAL:
            return None
        day = date.fromordinal(_EXCEL_EPOCH + number)
        return GivenDate(PartialDate(day.year, day.month, day.day), text.strip())
    return parse_date(text)


def cell_text(value: object) -> str:
    """Converts a value of a table or of JSON to text; dates as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _known(field: str, there: Mapping[str, str], only_telling: bool) -> Iterator[str]:
    """Folded names among ``there`` that are names of ``field``."""
    usual = _NAMES[field]
    yield from (each for each in usual if each in there)
    if only_telling:
        return
    weak = (each for each in _WEAK.get(field, ()) if each in there)
    if field == "body":  # a summary is better than no text
        yield from weak
    if any(each in there for each in usual):
        return
    yield from weak
    for telling in _TELLING.get(field, ()):
        for name in there:
            if telling in name.split() and not _OTHER.search(name):
                yield name


def _bad(source: Input, member: str, problem: str, remedy: str) -> BadItem:
    return BadItem(file=source.name, member=member, problem=problem, remedy=remedy)


def _with_lead(lead: list[str], body: list[str]) -> list[str]:
    """Puts ``lead`` before ``body``, unless it begins with it."""
    return body if body[: len(lead)] == lead else [*lead, *body]


def _language(said: str) -> str:
    word = said.strip().casefold()
    return _LANGUAGES.get(word, word if _LANGUAGE.fullmatch(word) else "")


def _categories(cells: Iterable[str]) -> Iterator[str]:
    """Names of categories; a cell may hold several."""
    for cell in cells:
        text = plain_text(cell)
        yield text
        yield from (each.strip() for each in re.split(r"[;,|>\n]", text) if each.strip())
