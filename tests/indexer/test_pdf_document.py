"""PDF documents: order, paragraphs, joined words, running heads, and what cannot be read."""

import pytest
from inputs import Read, read_bytes
from pdf_files import bomb, lines, locked, pdf

from indexer.sources.documents.line_joining import joined, printed
from indexer.sources.documents.pdf_document import read_pdf
from indexer.sources.limits import Limits

TITLE = (60.0, 800.0, 20.0, "Klaster avas tehase")
TEXT = [
    "Puiduklaster avas kevadel tehase, mis teeb uksi ja aknaid.",
    "Tehases töötab kuuskümmend inimest ja üks väga tark masin.",
    "Masin loeb ise, kui palju puitu kulub, ja tellib juurde.",
]


def read(data: bytes, **options: object) -> Read:
    return read_bytes(read_pdf, data, "teade.pdf", **options)  # type: ignore[arg-type]


def body(*pages: list[tuple[float, float, float, str]], **options: object) -> list[str]:
    found = read(pdf(*pages, **options))  # type: ignore[arg-type]
    assert (found.titles, found.messages) == (["Klaster avas tehase"], [])
    return list(found.articles[0].body)


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        (["ette-", "võtted"], "ettevõtted"),
        (["rohe-", "ja ringmajandus"], "rohe- ja ringmajandus"),
        (["riigi-", "või eraraha"], "riigi- või eraraha"),
        (["Kesk-", "Eesti"], "Kesk-Eesti"),
        (["e-", "poed"], "e-poed"),
        (["EAS-", "ilt"], "EAS-ilt"),
        (["2014-", "2020"], "2014-2020"),
        (["edasi-", "tagasi"], "edasi-tagasi"),
        (["mõõdu\xad", "puu"], "mõõdupuu"),
        (["sõna –", "teine"], "sõna – teine"),
        (["omal-", "moel"], "omal-moel"),
        (["tund-", "matu"], "tundmatu"),
    ],
)
def test_words_cut_at_the_ends_of_lines(cut: list[str], whole: str) -> None:
    lexicon = {"ettevõtted", "ette-võtted", "edasi-tagasi"}
    assert joined(cut, lexicon.__contains__, {"omal-moel"}) == whole


def test_ligatures_blanks_and_hyphens_of_print() -> None:
    assert (
        printed("e\ufb00ektne   \ufb01nants  a\ufb03sh  sõ\xadna") == "effektne finants affish sõna"
    )


def test_the_lexicon_decides_on_a_cut_word() -> None:
    text = ["Kohalikud puidu ja metalli ettevõt-", "ted läksid edasi-", "tagasi. Rohe- ja",
            "ringmajandus on info-", "tehnoloogia asi."]  # fmt: skip
    assert body([TITLE, *lines(text)]) == [
        "Kohalikud puidu ja metalli ettevõtted läksid edasi-tagasi. Rohe- ja ringmajandus on "
        "infotehnoloogia asi."
    ]


def test_paragraphs_by_distance_by_indent_and_by_short_lines() -> None:
    spaced = lines([*TEXT, "", *TEXT])
    indented = [(60.0 + 15 * (n % 3 == 0), *each[1:]) for n, each in enumerate(lines(TEXT * 2))]
    short = lines([TEXT[0], "Lühike rida.", *TEXT])
    assert body([TITLE, *spaced]) == [" ".join(TEXT)] * 2
    assert body([TITLE, *indented]) == [" ".join(TEXT)] * 2
    assert body([TITLE, *short]) == [f"{TEXT[0]} Lühike rida.", " ".join(TEXT)]


@pytest.mark.parametrize("is_across", [False, True])
def test_two_columns_are_read_one_after_the_other(is_across: bool) -> None:
    left = [f"Vasaku veeru rida number {n}," for n in range(8)]
    right = [f"parema veeru rida number {n}," for n in range(8)]
    columns = lines(left, 60, 700), lines(right, 320, 700)
    across = [each for pair in zip(*columns, strict=True) for each in pair]
    pieces = across if is_across else [*columns[0], *columns[1]]
    assert body([TITLE, *pieces]) == [" ".join(left + right)]


def test_what_is_written_last_and_stands_above_is_read_first() -> None:
    found = read(pdf([*lines(TEXT), TITLE]))
    assert (found.titles, found.articles[0].body) == (["Klaster avas tehase"], (" ".join(TEXT),))


def test_running_heads_page_numbers_and_pages_that_go_on() -> None:
    second = ["Masin loeb ise, kui palju puitu kulub, ja tellib seda juurde", "metsast, kust"]
    texts = [TEXT[:2], second, ["puit läheb edasi tehasesse. Seal saab", "temast uks."]]
    pages = [
        [
            (60.0, 820.0, 8.0, f"Klastri teataja {n}"),
            (300.0, 30.0, 8.0, f"lk {n} / 3"),
            *([TITLE] if n == 1 else []),
            *lines(texts[n - 1]),
        ]
        for n in (1, 2, 3)
    ]
    assert body(*pages) == [
        f"{TEXT[0]} {TEXT[1]}",
        f"{' '.join(second)} puit läheb edasi tehasesse. Seal saab temast uks.",
    ]


def test_the_number_of_a_note_is_no_text_and_a_square_metre_is() -> None:
    line = [
        (60.0, 700.0, 11.0, "Tehas."),
        (88.0, 704.0, 7.0, "1"),
        (112.0, 700.0, 11.0, "suur, 900 m"),
        (166.5, 704.0, 7.0, "2"),
        (173.0, 700.0, 11.0, "toodab."),
    ]
    assert body([TITLE, *line]) == ["Tehas. suur, 900 m2 toodab."]


def test_a_list_is_one_paragraph_of_lines() -> None:
    text = ["Tehas teeb:", "", "• uksi, mis peavad", "tuld", "• aknaid", "", *TEXT]
    assert body([TITLE, *lines(text)]) == ["Tehas teeb:", "- uksi, mis peavad tuld\n- aknaid",
                                           " ".join(TEXT)]  # fmt: skip


def test_headline_by_size_below_the_letterhead() -> None:
    head = [(60, 820, 11, "PUIDUKLASTER MTÜ"), (60, 805, 11, "PRESSITEADE"),
            (60, 790, 11, "Tartu, 14. mai 2019"), (60, 772, 15, "Puiduklaster avas tehase Võrus"),
            (60, 754, 15, "Venemaa piiri lähedal")]  # fmt: skip
    found = read(pdf([*head, *lines(TEXT, y=720)]))
    assert found.titles == ["Puiduklaster avas tehase Võrus Venemaa piiri lähedal"]
    assert (found.days, found.articles[0].body) == (["2019-05-14"], (" ".join(TEXT),))


def test_a_password_of_the_owner_alone_locks_nothing() -> None:
    data = pdf([TITLE, *lines(TEXT)])
    assert read(locked(data, "")).titles == ["Klaster avas tehase"]
    assert [each.code for each in read(locked(data, "salajane")).errors] == ["password"]


WHOLE = pdf([TITLE, *lines(TEXT)])
UNKNOWN = "<</Type/Encoding/Differences[32" + "".join(f"/g{n}" for n in range(32, 256)) + "]>>"


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (WHOLE[: len(WHOLE) // 3], "malformed", "cut or damaged"),
        (b"%PDF-1.7\nmidagi muud", "malformed", "cut or damaged"),
        (pdf([], picture=True), "unsupported-format", "a scan: pictures of pages"),
        (pdf([(60.0, 40.0, 8.0, "lk 1")], picture=True), "unsupported-format", "a scan"),
        (pdf([]), "empty", "no text"),
        (pdf([TITLE, *lines(TEXT)], encoding=UNKNOWN), "unsupported-format", "fonts"),
        (pdf(lines(["2016 12 13 - 14.5 / 18.2 % 5 a"])), "unsupported-format", "fonts"),
        (pdf(*[[]] * 301), "unsupported-format", "at most 300 pages"),
        (pdf([(60.0, 40.0, 8.0, "pikk sõna " * 110_000)]), "too-large", "1.1 MB"),
    ],
    ids="cut rubbish scan numbered-scan empty fonts numbers pages long".split(),
)
def test_each_bad_file_is_one_clear_line(data: bytes, code: str, message: str) -> None:
    found = read(data)
    assert ([each.code for each in found.errors], found.articles) == ([code], [])
    assert message in found.messages[0]
    assert found.messages[0].startswith("teade.pdf: ")


def test_a_bomb_ends_as_a_line() -> None:
    assert len(bomb()) < 5_000
    assert [each.code for each in read(bomb()).errors] in (["malformed"], ["empty"])


def test_the_limit_of_the_file_holds() -> None:
    found = read(WHOLE, limits=Limits(document_megabytes=0.0001))
    assert [each.code for each in found.errors] == ["too-large"]
