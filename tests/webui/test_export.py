"""Everything a search found, as a file: whole, in order, and harmless in a spreadsheet."""

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from answers import HIT, RESULTS, ScriptedService
from flask.testing import FlaskClient
from openpyxl import load_workbook
from page_reader import Page

from search.configuration import Configuration
from search.request import SearchRequest
from search.results import Results
from search.service import SearchService
from webui import create_app
from webui.exports import downloads

Scripted = Callable[..., FlaskClient]
FORMS = ("xlsx", "csv", "bib", "ris", "csl.json", "json")
HEADINGS = [
    "Pealkiri",
    "Kuupäev",
    "Aasta",
    "Kuu",
    "Allikas",
    "Keel",
    "Valdkonnad",
    "Organisatsioonid",
    "Algallikas",
    "Leht siin otsingus",
    "Sama lugu mujal",
    "ID",
]


@dataclass
class Paged(ScriptedService):
    """Has ``total`` full matches and one partial, and remembers what it was asked."""

    total: int = 0
    asked: list[int] = field(default_factory=list)

    def search(
        self,
        request: SearchRequest,
        language: str = "et",
        facets: object = None,
        parts: int = 0,
    ) -> Results:
        del facets, parts
        self.asked.append(request.page)
        start = (request.page - 1) * request.page_size
        numbers = range(start, min(start + request.page_size, self.total + 1))
        hits = tuple(replace(HIT, id=f"a{n}", full=n < self.total) for n in numbers)
        answer = replace(
            RESULTS,
            total=self.total,
            partial=1,
            page=request.page,
            pages=-(-(self.total + 1) // request.page_size),
            hits=hits,
        )
        return replace(super().search(request, language), **{
            name: getattr(answer, name) for name in ("total", "partial", "page", "pages", "hits")
        })  # fmt: skip


def paged(total: int) -> tuple[Paged, FlaskClient]:
    service = Paged(total=total)
    return service, create_app(service, Configuration()).test_client()  # type: ignore[arg-type]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def cells(data: bytes) -> list[dict[str, Any]]:
    """The rows of the first sheet of a workbook by heading."""
    book = load_workbook(io.BytesIO(data))
    first, *others = book.worksheets[0].iter_rows()
    headings = [each.value for each in first]
    return [dict(zip(headings, each, strict=True)) for each in others]


@pytest.mark.parametrize("form", FORMS)
def test_the_results_page_leads_to_every_file(client: FlaskClient, form: str) -> None:
    page = Page(client.get("/?q=klastrid&focus=rohe-ringmajandus&page=2&lang=en").text)
    link = next(each for each in page.all("a") if f"export.{form}" in each["href"])
    assert link["href"] == f"/export.{form}?q=klastrid&focus=rohe-ringmajandus&lang=en"
    response = client.get(link["href"])
    assert response.mimetype == downloads.EXPORTS[form].mimetype
    expected = f'attachment; filename="klastriotsing.{form}"'
    assert response.headers["Content-Disposition"] == expected
    assert "export." not in client.get("/").text
    assert "export." not in client.get("/?q=klastrofoobia").text


def test_a_long_query_is_exported_by_the_form(client: FlaskClient) -> None:
    page = Page(client.get("/", query_string={"q": "klaster " + "õ" * 300}).text)
    buttons = [each for each in page.all("button") if "export" in (each.get("formaction") or "")]
    assert [each["formaction"] for each in buttons] == [f"/export.{form}" for form in FORMS]
    assert {each["form"] for each in buttons} == {"search"}


def test_every_form_holds_the_same_articles_in_the_same_order(
    client: FlaskClient, service: SearchService
) -> None:
    found = service.search(SearchRequest("klastrid", page_size=1000, sort="oldest")).hits
    ids = [each.id for each in found if each.full]
    address = "?q=klastrid&sort=oldest"
    told = json.loads(client.get(f"/export.json{address}").text)
    assert [each["id"] for each in told["hits"]] == ids
    assert (told["query"], told["total"]) == ("klastrid", len(ids))
    lines = rows(client.get(f"/export.csv{address}").text)
    assert [each["ID"] for each in lines] == ids
    assert list(lines[0]) == HEADINGS
    table = cells(client.get(f"/export.xlsx{address}").data)
    assert [each["ID"].value for each in table] == ids
    assert client.get(f"/export.bib{address}").text.count("@online{") == len(ids)
    assert client.get(f"/export.ris{address}").text.count("ER  - ") == len(ids)
    assert len(json.loads(client.get(f"/export.csl.json{address}").text)) == len(ids)
    for line, row, hit in zip(lines, table, (each for each in found if each.full), strict=True):
        assert line["Pealkiri"] == row["Pealkiri"].value == hit.title
        assert line["Aasta"] == str(hit.year or "")
        assert row["Aasta"].value == hit.year
        assert line["Organisatsioonid"] == "; ".join(hit.organisations)
        labels = [service.area_label(each) for each in hit.focus_areas]
        assert line["Valdkonnad"] == (row["Valdkonnad"].value or "") == "; ".join(labels)
        day = hit.published if len(hit.published or "") == 10 else None
        assert line["Kuupäev"] == (day or "")
        assert row["Kuupäev"].value == (datetime.fromisoformat(day) if day else None)


def test_csv_is_what_estonian_excel_opens(client: FlaskClient) -> None:
    data = client.get("/export.csv?q=jäätmed").data
    assert data.startswith("\ufeffPealkiri;Kuupäev;".encode())
    assert "ä" in data.decode()
    assert data.count(b"\r\n") == data.count(b"\n") > 1


@pytest.mark.parametrize(
    ("published", "year", "day", "month"),
    [
        ("2016-12-02", 2016, "2016-12-02", 12),
        ("2016-12", 2016, "", 12),
        ("2016", 2016, "", None),
        (None, 2016, "", None),
        (None, None, "", None),
        ("1899-12-31", 1899, "1899-12-31", 12),
    ],
)
def test_no_day_is_made_up(
    scripted: Scripted, published: str | None, year: int | None, day: str, month: int | None
) -> None:
    hit = replace(HIT, published=published, year=year)
    client = scripted(results=replace(RESULTS, hits=(hit,)))
    (row,) = rows(client.get("/export.csv?q=a").text)
    assert (row["Kuupäev"], row["Aasta"], row["Kuu"]) == (day, str(year or ""), str(month or ""))
    (written,) = cells(client.get("/export.xlsx?q=a").data)
    assert (written["Aasta"].value, written["Kuu"].value) == (year, month)
    if day > "1900":
        assert written["Kuupäev"].value == datetime.fromisoformat(day)
        assert written["Kuupäev"].number_format == "dd.mm.yyyy"
    else:
        assert written["Kuupäev"].value == (day or None)


ODD = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    '=HYPERLINK("x")',
    "＝1+1",
    "#N/A",
    "a\x00\x0b\ud800b",
    "õ" * 40_000,
]


@pytest.mark.parametrize("title", ODD, ids=range(len(ODD)))
def test_no_cell_is_a_formula_or_breaks_the_file(scripted: Scripted, title: str) -> None:
    results = replace(RESULTS, hits=(replace(HIT, title=title, organisations=(title, "B")),))
    client = scripted(results=results)
    told = re.sub("[\x00\x0b\ud800]", "", title)[:16_383]
    (row,) = rows(client.get("/export.csv?q=a").text)
    is_formula = title[0] in "=+-@＝"
    assert row["Pealkiri"] == (f"'{told}" if is_formula else told)
    assert row["Organisatsioonid"].startswith("'") == is_formula
    (written,) = cells(client.get("/export.xlsx?q=a").data)
    assert written["Pealkiri"].value == told
    assert written["Pealkiri"].data_type == "s"
    assert written["Pealkiri"].quotePrefix == is_formula


def test_text_that_a_workbook_reads_as_a_character_stays_text(scripted: Scripted) -> None:
    results = replace(RESULTS, hits=(replace(HIT, title="muutuja _x0041_ on tühi"),))
    data = scripted(results=results).get("/export.xlsx?q=a").data
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert b"muutuja _x005F_x0041_ on" in file.read("xl/worksheets/sheet1.xml")


def test_only_sound_addresses_become_links(scripted: Scripted) -> None:
    urls = ["https://klaster.example/õ?a=1", "https://klaster.example/a?b=1#c", "javascript:a()"]
    hits = tuple(replace(HIT, url=each) for each in urls)
    table = cells(
        scripted(results=replace(RESULTS, hits=hits, total=3)).get("/export.xlsx?q=a").data
    )
    links = [each["Algallikas"].hyperlink for each in table]
    assert [each.target if each else None for each in links] == [None, urls[1], None]
    assert [each["Algallikas"].value for each in table] == [*urls[:2], None]
    own = table[0]["Leht siin otsingus"].hyperlink.target
    assert own == "http://localhost/article/2016/uudis"


def test_a_workbook_in_english_says_what_it_is(client: FlaskClient) -> None:
    data = client.get("/export.xlsx?q=klastrid&focus=rohe-ringmajandus&lang=en").data
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["List of articles", "About this file"]
    first = book.worksheets[0]
    assert [each.value for each in first[1]][:4] == ["Title", "Date", "Year", "Month"]
    assert first.freeze_panes == "A2"
    assert first.auto_filter.ref == f"A1:L{first.max_row}"
    about = {name.value: value.value for name, value in book.worksheets[1].iter_rows()}
    assert about["Query"] == "klastrid"
    assert about["Articles found"] == first.max_row - 1
    assert about["Address"].startswith("http://localhost/?q=klastrid&focus=")


@pytest.mark.libreoffice
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_libreoffice_shows_columns_dates_and_letters(
    scripted: Scripted, form: str, tmp_path: Path
) -> None:
    hits = (
        replace(HIT, title="=Õhk; „šokk“ ja žürii", url="https://klaster.example/a"),
        replace(HIT, title="muutuja _x0041_", published="2016", organisations=()),
    )
    client = scripted(results=replace(RESULTS, hits=hits, total=2))
    (tmp_path / f"otsing.{form}").write_bytes(client.get(f"/export.{form}?q=a").data)
    # As an Estonian would: semicolons, UTF-8, dates read as Excel reads them.
    read = ["--infilter=Text - txt - csv (StarCalc):59,34,76,1,,1061,false,true"]
    asked = [
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):9,34,76,1,,1061,false,true",
    ]
    program = shutil.which("soffice") or "soffice"
    subprocess.run(
        [
            program,
            "--headless",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            *(read if form == "csv" else []),
            *asked,
            "--outdir",
            str(tmp_path / "seen"),
            str(tmp_path / f"otsing.{form}"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (seen,) = (tmp_path / "seen").iterdir()
    first, *lines = csv.reader(seen.read_text(encoding="utf-8-sig").splitlines(), delimiter="\t")
    assert first == HEADINGS
    told = [dict(zip(first, each, strict=True)) for each in lines]
    assert told[0]["Pealkiri"] == ("'" if form == "csv" else "") + "=Õhk; „šokk“ ja žürii"
    assert told[1]["Pealkiri"] == "muutuja _x0041_"
    day = "02.12.2016" if form == "xlsx" else "2016-12-02"
    assert [each["Kuupäev"] for each in told] == [day, ""]
    assert [each["Aasta"] for each in told] == ["2016", "2016"]
    assert told[0]["Algallikas"] == "https://klaster.example/a"


def test_full_matches_only_unless_there_are_none() -> None:
    _, client = paged(3)
    assert [each["ID"] for each in rows(client.get("/export.csv?q=a").text)] == ["a0", "a1", "a2"]
    _, client = paged(0)
    assert [each["ID"] for each in rows(client.get("/export.csv?q=a").text)] == ["a0"]


def test_many_are_fetched_piece_by_piece_and_not_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(downloads, "FETCHED_AT_ONCE", 10)
    service, client = paged(25)
    assert len(rows(client.get("/export.csv?q=a&page=2").text)) == 25
    assert service.asked == [1, 2, 3]
    monkeypatch.setattr(downloads, "MOST_HITS", 12)
    service, client = paged(100)
    assert len(json.loads(client.get("/export.json?q=a").text)["hits"]) == 12
    assert service.asked == [1, 2]


def test_nothing_found_is_an_empty_file(client: FlaskClient) -> None:
    assert rows(client.get("/export.csv?q=klastrofoobia").text) == []
    assert json.loads(client.get("/export.json?q=klastrofoobia").text)["hits"] == []
    assert client.get("/export.bib?q=klastrofoobia").text == ""
    assert cells(client.get("/export.xlsx?q=klastrofoobia").data) == []


def test_what_cannot_be_searched_is_said_before_anything_is_sent(client: FlaskClient) -> None:
    assert client.get("/export.csv?year=eile").status_code == 400
    assert client.get("/export.xls?q=a").status_code == 404
