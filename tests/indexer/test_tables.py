"""Tables of text: CSV and TSV as Excel, databases and people write them."""

import csv
from io import StringIO

import pytest
from inputs import Read, read_bytes

from indexer.sources.base import ReadOptions
from indexer.sources.limits import Limits
from indexer.sources.tabular.columns import cell_date, cell_paragraphs
from indexer.sources.tabular.tables import read_table

HEADER = ["Pealkiri", "Kuupäev", "Sisu", "Link", "Keel"]
ROW = [
    "Uus labor",
    "01.12.2016",
    "Klaster avas labori; uksed on lahti, tule!",
    "https://k.example/1",
    "et",
]


def read(text: str | bytes, **options: object) -> Read:
    return read_bytes(read_table, text, "tabel.csv", **options)  # type: ignore[arg-type]


def table(separator: str, *rows: list[str]) -> str:
    text = StringIO()
    csv.writer(text, delimiter=separator).writerows([HEADER, *rows])
    return text.getvalue()


@pytest.mark.parametrize("separator", [";", "\t", ",", "|"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1257", "iso-8859-15"])
def test_separators_and_code_pages(separator: str, charset: str) -> None:
    first = ["Žürii, kes sõi õuna", *ROW[1:]]
    found = read(table(separator, first, [*ROW[:3], "", "en"]).encode(charset))
    assert not found.errors
    one, two = found.articles
    assert (one.id, one.title, one.url) == ("k.example/1", first[0], "https://k.example/1")
    assert one.body == (ROW[2],)
    assert (two.id, two.language) == ("tabel/3", "en")
    assert found.days == ["2016-12-01"] * 2


def test_a_line_may_say_the_separator_and_a_title_may_stand_above() -> None:
    said = "sep=|\r\nPealkiri|Sisu, lühike|Tekst\r\nA, b; c|x|Lõik.\r\n"
    assert read(said).titles == ["A, b; c"]
    above = "Uudised 2016, Metsaklaster;;\n\n" + table(";", ROW)
    assert read(above).articles[0].title == "Uus labor"


def test_line_breaks_quotation_marks_and_separators_in_cells() -> None:
    text = 'Pealkiri;Tekst\n"Ta ütles: ""Tere; maailm""";"Esimene lõik.\n\nTeine;\nlõik."\nB;C\n'
    found = read(text)
    assert found.titles == ['Ta ütles: "Tere; maailm"', "B"]
    assert found.articles[0].body == ("Esimene lõik.", "Teine;\nlõik.")
    assert found.articles[1].id == "tabel/3"


@pytest.mark.parametrize(
    "names",
    [
        "Uudise pealkiri;Avaldamise kuupäev;Uudise tekst;Veebiaadress;Keel;Autor",
        "title;date;body;url;language;author",
        "Title;Published;Content;Permalink;Lang;Author",
        "PEALKIRI;KUUPÄEV;TÄISTEKST;AADRESS;KEEL;AUTOR",
        "post_title;post_date;post_content;guid;lang;post_author",
        "Заголовок;Дата;Текст;Ссылка;Язык;Автор",
        "Pealkiri (eesti keeles);Kuupäev (pp.kk.aaaa);Sisu (HTML);Link;Keel;Autori nimi",
    ],
)
def test_usual_names_of_columns(names: str) -> None:
    found = read(
        f"{names}\nUus labor;01.12.2016;Labor avati.;https://k.example/1;et;Mari Maasikas\n"
    )
    (article,) = found.articles
    assert (article.title, article.body, article.language) == ("Uus labor", ("Labor avati.",), "et")
    assert article.url == "https://k.example/1"
    assert found.days == ["2016-12-01"]


def test_the_date_is_that_of_publication_and_never_of_a_change() -> None:
    names = "Pealkiri;Muutmise kuupäev;Loodud;Avaldatud;Tekst;Pildi pealkiri"
    found = read(f"{names}\nA;05.01.2017;30.11.2016;01.12.2016;B;Foto\nC;05.01.2017;;;D;Foto\n")
    assert found.days == ["2016-12-01", ""]
    assert found.titles == ["A", "C"]


def test_names_of_columns_by_configuration() -> None:
    columns = {
        "title": "Uudise nimi",
        "date": "Aeg",
        "body": "Jutt",
        "url": "Kus",
        "id": "Nr",
        "language": "K",
    }
    text = "Nr;uudise  nimi;AEG;Jutt;Kus;K;Tekst\n12/a;A;2016-12;Päris sisu.;;en;Muu\n"
    found = read(text, options=ReadOptions(columns=columns))
    (article,) = found.articles
    assert (article.id, article.title, article.body) == ("tabel/12/a", "A", ("Päris sisu.",))
    assert (found.days, article.language) == (["2016-12"], "en")


@pytest.mark.parametrize(
    ("text", "columns", "parts"),
    [
        ("Nr;Jutt;Kus\n1;a;b\n", {}, ("“title”, “body”", "“Nr”, “Jutt”, “Kus”", "columns = {")),
        ("Pealkiri;Jutt\nA;b\n", {}, ("known as “body”.", "“Pealkiri”, “Jutt”")),
        ("Pealkiri;Tekst\nA;b\n", {"date": "Aeg"}, ("“Aeg”", "“Pealkiri”, “Tekst”")),
    ],
)
def test_missing_columns_are_one_line(
    text: str, columns: dict[str, str], parts: tuple[str, ...]
) -> None:
    found = read(text, options=ReadOptions(columns=columns))
    (message,) = found.messages
    assert all(each in message for each in parts), message


def test_bad_rows_are_named_by_their_number_and_the_others_are_read() -> None:
    rows = [
        "Pealkiri;Tekst;Link",
        "A;Tekst.;",
        ";Pealkirjata.;",
        "Tekstita;;",
        ";;",
        "Katkine",
        "Liiga;palju;lahtreid;siin;on",
        "B;#N/A;",
        "C;Tekst.;ei ole aadress",
    ]
    found = read("\n".join(rows))
    assert found.titles == ["A", "C"]
    assert [each.split(": ")[1:3] for each in found.messages] == [
        ["row 3", "has no title. Fill it in, or delete the row"],
        ["row 4", "has no text. Fill it in, or delete the row"],
        ["row 6", "has no text. Fill it in, or delete the row"],
        [
            "row 7",
            "has 5 cells where 3 columns have names. "
            "Check separators and quotation marks there, or delete the row",
        ],
        ["row 8", "has no text. Fill it in, or delete the row"],
    ]


def test_a_quotation_mark_that_is_never_closed_costs_one_row() -> None:
    text = 'Pealkiri;Tekst\nA;Üks.\n"B;Kaks.\nC;Kolm.\nD;"Neli.\nE;Viis.\n'
    found = read(text)
    assert found.titles == ["A", "C", "E"]
    assert [each.split(": ")[1] for each in found.messages] == ["row 3", "row 5"]


def test_quotation_marks_behind_backslashes_and_blanks_behind_separators() -> None:
    text = (
        'id, title, body\n1, "Ta ütles \\"tere\\", ja läks", "Üks.\n\nTa \\"teine\\" lõik."\n'
        '2, "B", "Kolm, neli."\n'
    )
    found = read(text)
    assert not found.errors
    assert found.titles == ['Ta ütles "tere", ja läks', "B"]
    assert found.articles[0].body == ("Üks.", 'Ta "teine" lõik.')


def test_quotation_marks_in_odd_places() -> None:
    text = 'Pealkiri;Tekst\n"Tark" linn;Tekst "jutumärkides".\nA;"Tark" mets\n'
    found = read(text)
    assert found.titles == ["Tark linn", "A"]
    assert not found.errors


def test_long_cells_and_a_line_above_the_limit() -> None:
    before = csv.field_size_limit()
    text = f'Pealkiri;Tekst\nA;"{"sõna " * 100_000}"\nB;{"x" * 6_000_000}\nC;Lühike.\n'
    rows = read_bytes(read_table, text, "tabel.csv")
    assert rows.titles == ["A", "C"]
    assert rows.messages == [
        "tabel.csv: row 3: has more than 5 MB. "
        "Check separators and quotation marks there, or delete the row"
    ]
    assert csv.field_size_limit() == before


def test_a_hundred_megabytes_of_one_line_end_soon() -> None:
    found = read(b"Pealkiri;Tekst\nA;B\n" + b"x" * 100_000_000, limits=Limits())
    assert found.titles == ["A"]
    assert len(found.errors) == 1


def test_html_in_cells_and_drafts() -> None:
    text = (
        "title,body,status,category\n"
        '"Puit &amp; meie","<p>Üks.</p><ul><li>a</li></ul><script>x</script>",publish,Rohe\n'
        "Mustand,Tekst.,draft,\n"
    )
    found = read(text, options=ReadOptions(categories={"Rohe": "rohe-ringmajandus"}))
    (article,) = found.articles
    assert (article.title, article.body) == ("Puit & meie", ("Üks.", "- a"))
    assert [each.value for each in article.focus_areas] == ["rohe-ringmajandus"]
    assert found.codes == ["draft"]


@pytest.mark.parametrize("data", ["", "\n\n", "\ufeff", "Pealkiri;Tekst\n"])
def test_empty_tables(data: str) -> None:
    found = read(data)
    assert [each.code for each in (*found.errors, *found.skipped)] == ["empty"]


def test_binary_data_is_one_line() -> None:
    assert [each.code for each in read(bytes(range(256)) * 40).errors] == ["not-a-text"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("42705", "2016-12-01"),
        ("42705,5", "2016-12-01"),
        ("01.12.2016 10:30", "2016-12-01"),
        ("1. detsember 2016", "2016-12-01"),
        ("2016", "2016"),
        ("12345", None),
        ("04/05/2016", None),
        ("teadmata", None),
    ],
)
def test_dates_of_cells(written: str, expected: str | None) -> None:
    found = cell_date(written)
    assert (found and found.value.iso) == expected


def test_paragraphs_of_cells() -> None:
    assert cell_paragraphs("Üks.\nKaks &amp; kolm.") == ["Üks.", "Kaks & kolm."]
    assert cell_paragraphs("5 < 7 ja a > b") == ["5 < 7 ja a > b"]
    assert cell_paragraphs("Üks.<br><br>Kaks.") == ["Üks.", "Kaks."]
