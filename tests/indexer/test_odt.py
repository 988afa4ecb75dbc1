"""OpenDocument texts: what is text and what is not, flat files, damage."""

import pytest
from inputs import Read, read_bytes
from word_files import odt, packed

from indexer.sources.documents.odt import read_odt

TITLE = '<text:h text:outline-level="1">Pealkiri</text:h>'


def read(data: bytes, name: str = "teade.odt") -> Read:
    return read_bytes(read_odt, data, name)


def p(inner: str) -> str:
    return f"<text:p>{inner}</text:p>"


NOTE = "<text:note><text:note-body><text:p>Märkus</text:p></text:note-body></text:note>"
BOX = f"<draw:frame><draw:text-box>{p('Kast.')}</draw:text-box></draw:frame>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (p('a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d'), ["a b c\nd"]),
        (p(f"a{NOTE}b<office:annotation>{p('arvamus')}</office:annotation>c"), ["abc"]),
        (p("a<text:soft-page-break/>b <text:span>c</text:span> <text:a>d</text:a>"), ["ab c d"]),
        (p(f"A{BOX}B"), ["AB", "Kast."]),
        (f"<text:tracked-changes>{p('kadunud')}</text:tracked-changes>{p('A')}", ["A"]),
        (f"<text:section text:display='none'>{p('peidus')}</text:section>{p('A')}", ["A"]),
        (f"<text:table-of-content>{p('Sisukord')}</text:table-of-content>{p('A')}", ["A"]),
        (
            f"<text:list><text:list-item>{p('a')}</text:list-item>"
            f"<text:list-item>{p('b')}</text:list-item></text:list>",
            ["- a\n- b"],
        ),
        (p('a<text:s text:c="999999999"/>b'), ["a b"]),
    ],
)
def test_what_is_text(body: str, text: list[str]) -> None:
    found = read(odt(TITLE + body))
    assert (found.titles, list(found.articles[0].body)) == (["Pealkiri"], text)


def test_a_flat_file_is_read() -> None:
    flat = (
        '<?xml version="1.0"?><office:document'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>'
        f"{TITLE}{p('Tekst.')}</office:text></office:body></office:document>"
    ).encode()
    found = read(flat, "teade.fodt")
    assert (found.titles, found.articles[0].body) == (["Pealkiri"], ("Tekst.",))


FILE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
LOCKED = {"META-INF/manifest.xml": "<manifest:encryption-data/>", "content.xml": b"\x80\x81"}


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (odt(TITLE)[:200], "malformed", "cut or damaged"),
        (packed({"mimetype": "application/vnd.oasis.opendocument.text"}), "malformed", "no text"),
        (packed({"content.xml": "<a"}), "malformed", "cut or damaged"),
        (packed(LOCKED), "password", "locked"),
        (odt(TITLE, FILE), "malformed", "entities"),
        (odt("<text:section>" * 400 + "</text:section>" * 400), "malformed", "nested too deep"),
        (odt(p("")), "empty", "no text"),
        (packed({"content.xml": b" " * 60_000_000}), "archive-limit", "unpacks to more"),
    ],
    ids="cut other broken locked entities deep empty bomb".split(),
)  # fmt: skip
def test_each_bad_file_is_one_clear_line(data: bytes, code: str, message: str) -> None:
    found = read(data)
    assert ([each.code for each in found.errors], found.articles) == ([code], [])
    assert message in found.messages[0]
