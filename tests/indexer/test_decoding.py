"""Letters come out right whatever the code page and whatever is declared."""

import pytest

from indexer.sources.decoding import decode
from search.errors import NotAText

TEXTS = (
    "Šokolaadi „ringmajandus“ – žürii õhtul Püssis, šašlõkk ja žetoon. © 2010 m² Klaster®",
    "Õunad ja käsitöö üle Väikese väina",
    "Žürii valis Šveitsi garaaži",
    "PÕLTSAMAA ŠOKOLAADIKLASTER",
)
PAGES = ("cp1257", "cp1252", "iso8859-15", "iso8859-13", "iso8859-4", "utf-8")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "declared", ["right", "utf-8", "iso-8859-1", "windows-1252", "olematu", ""]
)
def test_estonian_from_every_code_page(page, declared):
    for text in TEXTS:
        data = text.encode(page, "replace")
        found = decode(data, page if declared == "right" else declared)
        assert found.text == data.decode(page)
        assert not found.mended


def test_another_alphabet_that_is_declared():
    data = "Кластеры деревообработки".encode("cp1251")
    assert decode(data, "windows-1251").text == "Кластеры деревообработки"


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_all(charset):
    assert decode(TEXTS[0].encode(charset), "iso-8859-4").text == TEXTS[0]


@pytest.mark.parametrize("page", ["cp1252", "cp1257", "latin-1"])
def test_utf8_encoded_twice_is_mended(page):
    def as_read(byte: int) -> str:
        return bytes([byte]).decode(page, "ignore") or chr(byte)

    twice = "".join(map(as_read, TEXTS[0].encode())).encode()
    found = decode(twice)
    assert (found.text, found.mended) == (TEXTS[0], True)


def test_right_letters_speak_against_mending():
    text = "Valesti on „Ã¤Ã¶Ã¼Ãµ“, õigesti äöüõ"
    assert decode(text.encode()).text == text


def test_one_bad_byte_does_not_make_another_code_page():
    text = "Õhtul käidi tööl, üheskoos üle väina žüriid kuulamas, õunad põues"
    assert decode(text.encode() + b" k\xf5ik").text == f"{text} kõik"
    assert decode(f"{text} õ".encode()[:-1]).text == f"{text} "


@pytest.mark.parametrize("data", [b"a\0b", b"GIF89a", b"\x01\x02\x03\x04 abc"])
def test_what_is_no_text(data):
    with pytest.raises(NotAText, match="pilt"):
        decode(data, file="pilt")
