"""The table ``must_find.tsv``: what a query must find, how, and what it must never find."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.document import analyse_article
from search.analysis import Analyzer
from search.article import Article
from search.configuration import Configuration
from search.engines.registry import fingerprint, open_index
from search.request import MAX_PAGE_SIZE, SearchRequest
from search.results import Hit
from search.service import SearchService
from search.taxonomy import load_taxonomy

TABLE = Path(__file__).parent / "must_find.tsv"
COLUMNS = ("query", "text", "expected", "note")
NOTHING = "-"
#: Synonyms come from a file the owner edits and have a table of their own.
EXPECTED = (
    "lemma",
    "part",
    "derived",
    "exact",
    "folded",
    "spelling",
    "full",
    "partial",
    NOTHING,
)
#: Ways that are taken only when no article holds the word: such a row is asked of its own text.
LAST_RESORTS = ("folded", "spelling")
TITLE_END = " | "


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    line: int
    query: str
    text: str
    expected: str
    note: str

    @property
    def id(self) -> str:
        """The line and the query in plain letters, as pytest would escape others."""
        plain = unicodedata.normalize("NFKD", self.query).encode("ascii", "ignore").decode()
        return f"line{self.line}-{plain.strip()}-{self.expected}"


def read_table(path: Path) -> tuple[list[Row], list[str]]:
    """The sound rows of a table, and what is wrong with the others."""
    rows: list[Row] = []
    faults: list[str] = []
    lines_of: dict[tuple[str, str], int] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        fault = fault_of(line)
        if fault is None:
            row = Row(number, *line.split("\t"))
            first = lines_of.setdefault((row.query, row.text), number)
            if first == number:
                rows.append(row)
                continue
            fault = f"the same query and text as line {first}"
        faults.append(f"{path.name}, line {number}: {fault}")
    return rows, faults


def fault_of(line: str) -> str | None:
    """What is wrong with a line of the table, None if nothing is."""
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        return f"{len(cells)} columns instead of {len(COLUMNS)} ({', '.join(COLUMNS)})"
    for name, cell in zip(COLUMNS, cells, strict=True):
        if cell != cell.strip(" ") or (name != "note" and not cell):
            return f"column {name} is empty or begins or ends with a blank"
        if '""' in cell:
            return f"column {name} has doubled quotation marks; was it saved by a spreadsheet?"
    if cells[2] not in EXPECTED:
        return f"expected is {cells[2]!r} instead of one of {', '.join(EXPECTED)}"
    return None


ROWS, FAULTS = read_table(TABLE)
#: The first row of each text names its article.
NAMES = {row.text: f"xq{row.line}" for row in reversed(ROWS)}


def article(text: str) -> Article:
    """An article of ``text``. Where it has no title, its name is one that no query asks for."""
    title, _, body = text.rpartition(TITLE_END)
    return Article(NAMES[text], title or NAMES[text], (body,), source=NAMES[text])


@pytest.fixture(scope="module")
def serve(
    analyzer: Analyzer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[list[Row]], SearchService]]:
    """Makes a real index of the texts of rows and answers from it."""
    opened: list[SearchService] = []

    def make(rows: list[Row]) -> SearchService:
        index = tmp_path_factory.mktemp("must-find")
        configuration = Configuration(index=index)
        generations = open_index(index)
        with generations.build([], fingerprint(configuration), datetime.now(UTC)) as writer:
            for text in dict.fromkeys(row.text for row in rows):
                writer.add(analyse_article(article(text), analyzer).document)
        opened.append(SearchService(index, configuration, analyzer, load_taxonomy(None)))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture(scope="module")
def together(serve: Callable[[list[Row]], SearchService]) -> SearchService:
    """One index of all texts, save those that a last resort must find."""
    return serve([row for row in ROWS if row.expected not in LAST_RESORTS])


def test_table_is_sound() -> None:
    assert not FAULTS, "\n".join(FAULTS)
    assert len(ROWS) >= 200


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in ROWS])
def test_row(
    row: Row, together: SearchService, serve: Callable[[list[Row]], SearchService]
) -> None:
    service = serve([row]) if row.expected in LAST_RESORTS else together
    hit = find(service, row)
    asked = f"{TABLE.name}, line {row.line}: `{row.query}` and “{row.text}”"
    if row.expected == NOTHING:
        assert hit is None, f"{asked} must not meet, but {met(hit)}"
        return
    assert hit is not None, f"{asked} must meet ({row.expected}), but do not"
    if row.expected == "partial":
        assert not hit.full, f"{asked} must meet only in part, but {met(hit)}"
        return
    assert hit.full, f"{asked} must meet fully, but {met(hit)}"
    if row.expected != "full":
        ways = {why.how for why in hit.why}
        assert row.expected in ways, f"{asked} must meet by {row.expected}, but {met(hit)}"


def find(service: SearchService, row: Row) -> Hit | None:
    """The article with the row's text among all hits of its query."""
    hits = service.search(SearchRequest(row.query, page_size=MAX_PAGE_SIZE)).hits
    return next((hit for hit in hits if hit.id == NAMES[row.text]), None)


def met(hit: Hit) -> str:
    ways = ", ".join(f"`{why.query}` met “{why.form}” by {why.how}" for why in hit.why)
    return f"{'fully' if hit.full else 'in part'}: {ways or 'nothing'}"
