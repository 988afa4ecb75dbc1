"""Workbooks of Excel, made by openpyxl, whole and broken."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO

import pytest
from inputs import Read, read_bytes
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from indexer.sources.base import ReadOptions
from indexer.sources.limits import Limits
from indexer.sources.tabular.workbook import read_workbook

HEADER = ["Pealkiri", "Kuupäev", "Sisu", "Link"]


def saved(book: Workbook) -> bytes:
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def workbook(*rows: list[object], header: list[str] | None = None) -> bytes:
    book = Workbook()
    sheet = sheet_of(book)
    sheet.append(header or HEADER)
    for row in rows:
        sheet.append(row)
    return saved(book)


def sheet_of(book: Workbook) -> Worksheet:
    sheet = book.worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def read(data: bytes, **options: object) -> Read:
    return read_bytes(read_workbook, data, "tabel.xlsx", **options)  # type: ignore[arg-type]


def test_rows_with_dates_of_every_kind() -> None:
    days: list[object] = [
        *(
            datetime(2016, 12, 1, 23, 30),
            date(2016, 12, 1),
            42705,
            "1.12.2016",
            "1. detsember 2016",
        ),
        *(None, "teadmata"),
    ]
    found = read(workbook(*([f"Uudis {n}", each, "Tekst."] for n, each in enumerate(days))))
    assert not found.errors
    assert found.days == ["2016-12-01"] * 5 + ["", ""]
    assert found.articles[0].id == "tabel/2"


def test_cells_with_lines_html_and_numbers() -> None:
    found = read(
        workbook(
            ["Puit & meie", None, "Üks.\n\nKaks.", "https://k.example/1?utm_source=x"],
            [2016, None, "<p>Üks.</p><p>Kaks.</p>", "vaata siit"],
        )
    )
    assert [each.body for each in found.articles] == [("Üks.", "Kaks.")] * 2
    assert [each.id for each in found.articles] == ["k.example/1", "tabel/3"]
    assert found.titles == ["Puit & meie", "2016"]


def test_empty_rows_merged_titles_and_bad_rows() -> None:
    book = Workbook()
    sheet = sheet_of(book)
    sheet["A1"] = "Metsaklastri uudised"
    sheet["A1"].font = Font(bold=True)
    sheet.merge_cells("A1:D1")
    for number, row in {
        3: HEADER,
        4: ["A", "1.12.2016", "Tekst."],
        7: ["B", None, "Tekst."],
    }.items():
        for column, value in enumerate(row, 1):
            sheet.cell(number, column, value)
    sheet["A5"] = "2017. aasta"
    sheet.merge_cells("A5:D5")
    found = read(saved(book))
    assert found.titles == ["A", "B"]
    assert found.articles[1].id == "tabel/7"
    assert [each.split(": ")[1] for each in found.messages] == ["row 5"]


def test_the_first_sheet_with_titles_and_texts_is_read_and_others_are_named() -> None:
    book = Workbook()
    sheet_of(book).append(["Selgitus", "Vastutaja"])
    for name in ("Uudised", "Arhiiv"):
        sheet = book.create_sheet(name)
        sheet.append(HEADER)
        sheet.append([name, None, "Tekst."])
    book.create_sheet("Tühi")
    found = read(saved(book))
    assert found.titles == ["Uudised"]
    assert [(each.member, each.code) for each in found.skipped] == [("sheet “Arhiiv”", "sheet")]


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook ``data`` with a part of it changed."""
    result = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return result.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_formulas_stand_for_their_saved_values() -> None:
    data = workbook(["A", None, '=CONCATENATE("Te","re.")'], ["B", None, "Tekst."])
    cached = changed(data, SHEET, lambda xml: xml.replace(b"<v></v>", b"<v>Tere.</v>").replace(
        b"<v />", b"<v>Tere.</v>").replace(b'<c r="C2">', b'<c r="C2" t="str">'))  # fmt: skip
    found = read(cached)
    assert [each.body for each in found.articles] == [("Tere.",), ("Tekst.",)]
    assert [each.split(": ")[1] for each in read(data).messages] == ["row 2"]


def test_a_wrong_dimension_and_a_row_far_below() -> None:
    data = workbook(["A", None, "Tekst."], ["B", None, "Tekst."])
    wrong = changed(data, SHEET, lambda xml: xml.replace(b'ref="A1:D3"', b'ref="A1"'))
    assert read(wrong).titles == ["A", "B"]
    far = changed(data, SHEET, lambda xml: xml.replace(b'<row r="3"', b'<row r="99999999999"'))
    assert read(far).titles[:1] == ["A"]


def test_missing_columns_name_those_there() -> None:
    found = read(workbook(["A", "b"], header=["Nimetus", "Jutt"]))
    assert "“Nimetus”, “Jutt”" in found.messages[0]
    options = ReadOptions(columns={"title": "Nimetus", "body": "Jutt"})
    assert read(workbook(["A", "b"], header=["Nimetus", "Jutt"]), options=options).titles == ["A"]


BOOK = workbook(["A", None, "b"])
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (OLE, "unsupported-format"),
        (BOOK[:-400], "malformed"),
        (b"PK\x03\x04", "malformed"),
        (b"", "malformed"),
        (BOOK.replace(b"xl/workbook.xml", b"xl/workbook.bin"), "unsupported-format"),
        (changed(BOOK, SHEET, lambda xml: xml[:200]), "malformed"),
        (changed(BOOK, SHEET, lambda _: ENTITIES), "malformed"),
        (changed(BOOK, SHEET, lambda xml: xml + b" " * 30_000_000), "archive-limit"),
        (saved(Workbook()), "empty"),
    ],
    ids="encrypted old cut head nothing binary part entities bomb empty".split(),
)  # fmt: skip
def test_what_is_no_table_is_one_line(data: bytes, code: str) -> None:
    found = read(data)
    assert not found.articles
    assert [each.code for each in found.errors] == [code]


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(member_megabytes=0.001), "archive-limit"),
        (Limits(document_megabytes=0.001), "too-large"),
        (Limits(archive_members=3), "archive-limit"),
        (Limits(megabytes=0.001), "bad-item"),
    ],
)
def test_limits_of_a_workbook(limits: Limits, code: str) -> None:
    data = workbook(*(["A", None, "Tekst. " * 2000] for _ in range(5)))
    assert {each.code for each in read(data, limits=limits).errors} == {code}
