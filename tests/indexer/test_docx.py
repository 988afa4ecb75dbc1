"""Documents of Word: what is text and what is not, headlines, dates, damage."""

import pytest
from inputs import Read, read_bytes
from word_files import STRICT, WORD, docx, packed, paragraph

from indexer.sources.documents.docx import read_docx
from indexer.sources.limits import Limits

TITLE = paragraph("Pealkiri", '<w:pStyle w:val="Pealkiri"/>')
BOX = "<w:txbxContent><w:p><w:r><w:t>Kast.</w:t></w:r></w:p></w:txbxContent>"
SHOWN = '<w:vanish w:val="0"/>'
FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'


def read(data: bytes, **options: object) -> Read:
    return read_bytes(read_docx, data, "teade.docx", **options)  # type: ignore[arg-type]


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (f'{run("A")}<w:ins>{run(" lisatud")}</w:ins>', ["A lisatud"]),
        (f'{run("A")}<w:del><w:r><w:delText>kadunud</w:delText></w:r></w:del>', ["A"]),
        (f'<w:moveFrom>{run("A")}</w:moveFrom><w:moveTo>{run("B")}</w:moveTo>', ["B"]),
        (f'<w:hyperlink>{run("viide")}</w:hyperlink>', ["viide"]),
        (f'<w:smartTag><w:smartTagPr/>{run("Tartu")}</w:smartTag>', ["Tartu"]),
        (f'<w:sdt><w:sdtPr/><w:sdtContent>{run("väli")}</w:sdtContent></w:sdt>', ["väli"]),
        (
            f'{run("A")}<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr>'
            f'<w:sdtContent>{run("Kirjuta siia")}</w:sdtContent></w:sdt>',
            ["A"],
        ),
        ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>", ["a b\nc"]),
        ("<w:r><w:t>Kesk</w:t><w:noBreakHyphen/><w:t>Ees</w:t><w:softHyphen/><w:t>ti</w:t></w:r>",
         ["Kesk-Eesti"]),
        (f'{run("A ")}{run("peidus", "<w:vanish/>")}{run("B", SHOWN)}',
         ["A B"]),
        (
            FIELD.format("begin") + "<w:r><w:instrText>PAGE</w:instrText></w:r>" + run("kood")
            + FIELD.format("separate") + run("tulemus") + FIELD.format("end") + run("!"),
            ["tulemus!"],
        ),
        (f'<w:fldSimple w:instr="DATE">{run("1. mai")}</w:fldSimple>', ["1. mai"]),
        (f'{run("A")}<w:r><w:footnoteReference w:id="2"/></w:r>', ["A"]),
        (f'<w:r><w:ruby><w:rt>{run("ülal")}</w:rt><w:rubyBase>{run("all")}</w:rubyBase></w:ruby>'
         "</w:r>", ["all"]),
        ("<m:oMath><m:r><m:t>E=mc</m:t></m:r></m:oMath>", ["E=mc"]),
        (
            f"<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx>{BOX}</wps:txbx>"
            f"</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{BOX}</v:textbox></w:pict>"
            f'</mc:Fallback></mc:AlternateContent></w:r>{run("A")}',
            ["A", "Kast."],
        ),
        (f'<w:r><w:pict><v:textbox>{BOX}</v:textbox></w:pict></w:r>{run("A")}', ["A", "Kast."]),
    ],
)  # fmt: skip
def test_what_is_text_of_a_paragraph(inner: str, text: list[str]) -> None:
    found = read(docx(f"{TITLE}<w:p>{inner}</w:p>"))
    assert (found.titles, list(found.articles[0].body)) == (["Pealkiri"], text)


def cell(*texts: str, properties: str = "") -> str:
    inner = "".join(paragraph(each) for each in texts)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


ITEM = '<w:numPr><w:numId w:val="1"/></w:numPr>'


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            paragraph("Sissejuhatus") + paragraph("üks", ITEM) + paragraph("kaks", ITEM),
            ["Sissejuhatus", "- üks\n- kaks"],
        ),
        (
            f"<w:tbl><w:tr>{cell('a')}{cell('b')}</w:tr><w:tr>{cell('c')}{cell('d')}</w:tr>"
            f"<w:tr><w:trPr><w:del/></w:trPr>{cell('x')}{cell('y')}</w:tr></w:tbl>",
            ["a | b\nc | d"],
        ),
        (f"<w:tbl><w:tr>{cell('Esimene.', 'Teine.')}</w:tr></w:tbl>", ["Esimene.", "Teine."]),
        (
            paragraph("Rida algab", "<w:rPr><w:del/></w:rPr>") + paragraph(" ja läheb edasi."),
            ["Rida algab ja läheb edasi."],
        ),
        (f"<w:sdt><w:sdtContent>{paragraph('Väljas.')}</w:sdtContent></w:sdt>", ["Väljas."]),
        (paragraph("1 Sissejuhatus 3", '<w:pStyle w:val="TOC1"/>') + paragraph("A."), ["A."]),
    ],
)
def test_lists_tables_and_marks_of_paragraphs(body: str, text: list[str]) -> None:
    styles = '<w:style w:styleId="TOC1" w:type="paragraph"><w:name w:val="toc 1"/></w:style>'
    assert list(read(docx(TITLE + body, styles)).articles[0].body) == text


def style(identity: str, inner: str, name: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{identity}"><w:name w:val="{name or identity}"/>'
        f"{inner}</w:style>"
    )


TEXT = "Klaster avas Võrus tehase, mis teeb uksi Põhjamaade haiglatele. " * 4


@pytest.mark.parametrize(
    ("properties", "run_properties", "styles"),
    [
        ('<w:pStyle w:val="Title"/>', "", style("Title", "")),
        ('<w:pStyle w:val="a3"/>', "", style("a3", "", "Title")),
        ('<w:pStyle w:val="Pealkiri1"/>', "", style("Pealkiri1", "", "heading 1")),
        ('<w:pStyle w:val="Uudis"/>', "", style("H", "", "heading 1")
         + style("Uudis", '<w:basedOn w:val="H"/>')),
        ('<w:pStyle w:val="Oma"/>', "", style("Oma", '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>')),
        ('<w:outlineLvl w:val="0"/>', "", ""),
        ("", "<w:b/>", ""),
        ("", '<w:sz w:val="32"/>', ""),
        ('<w:pStyle w:val="Suur"/>', "", style("Suur", '<w:rPr><w:sz w:val="36"/></w:rPr>')),
    ],
)  # fmt: skip
def test_headline_by_style_or_look_below_the_letterhead(
    properties: str, run_properties: str, styles: str
) -> None:
    head = (
        paragraph("EESTI PUIDUKLASTER", "", "<w:b/>")
        + paragraph("Pikk 7, Tartu, info@puit.example")
        + paragraph("P R E S S I T E A D E", "", "<w:b/>")
        + paragraph("Tartu, 14. mai 2019")
    )
    headline = paragraph("Puiduklaster avas Võrus tehase", properties, run_properties)
    found = read(docx(head + headline + paragraph(TEXT), styles))
    assert (found.titles, found.days) == (["Puiduklaster avas Võrus tehase"], ["2019-05-14"])
    assert list(found.articles[0].body) == [TEXT.strip()]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Pressiteade 1.12.2016", "2016-12-01"),
        ("Kuupäev: 1. detsember 2016", "2016-12-01"),
        ("Tallinnas 1. detsembril 2016", "2016-12-01"),
        ("Konverents, 1. detsember 2016", ""),
        ("Embargo kuni 1. detsember 2016", ""),
        ("Detsember 2016", ""),
    ],
)
def test_only_a_line_of_place_and_date_gives_the_day(line: str, day: str) -> None:
    found = read(docx(TITLE + paragraph(line) + paragraph(TEXT)))
    assert found.days == [day]


def test_without_any_mark_the_first_line_is_the_headline() -> None:
    found = read(docx(paragraph("Tehas avati") + paragraph(TEXT) + paragraph("Lõpp.")))
    assert (found.titles, found.days) == (["Tehas avati"], [""])


def test_strict_and_moved_parts_are_read() -> None:
    strict = docx(TITLE + paragraph("Tekst."), word=STRICT, main="word/document2.xml")
    assert read(strict).articles[0].body == ("Tekst.",)


BILLION = f'<!DOCTYPE w [<!ENTITY a "aaaa">]><w:document xmlns:w="{WORD}"/>'
DEEP = "<w:sdt><w:sdtContent>" * 900 + paragraph("sees") + "</w:sdtContent></w:sdt>" * 900


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (docx(TITLE)[:300], "malformed", "cut or damaged"),
        (b"PK\x03\x04 midagi", "malformed", "cut or damaged"),
        (packed({"word/styles.xml": "<a/>"}), "malformed", "holds no text"),
        (packed({"word/document.xml": "<w:document"}), "malformed", "cut or damaged"),
        (packed({"word/document.xml": BILLION}), "malformed", "entities"),
        (docx(DEEP), "malformed", "nested too deep"),
        (docx(""), "empty", "no text"),
        (docx(paragraph("a" * 1_100_000)), "too-large", "1.1 MB"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "password", "locked"),
        (packed({"word/document.xml": b" " * 60_000_000}), "archive-limit", "unpacks to more"),
    ],
    ids="cut rubbish other broken entities deep empty long locked bomb".split(),
)
def test_each_bad_file_is_one_clear_line(data: bytes, code: str, message: str) -> None:
    found = read(data)
    assert ([each.code for each in found.errors], found.articles) == ([code], [])
    assert message in found.messages[0]
    assert found.messages[0].startswith("teade.docx: ")


def test_pictures_and_macros_are_never_unpacked() -> None:
    bomb = {"media/pilt": "a" * 60_000_000, "vbaProject": "x"}
    assert read(docx(TITLE + paragraph("Tekst."), **bomb)).titles == ["Pealkiri"]


def test_the_limit_of_the_file_holds() -> None:
    found = read(docx(TITLE), limits=Limits(document_megabytes=0.0001))
    assert [each.code for each in found.errors] == ["too-large"]
