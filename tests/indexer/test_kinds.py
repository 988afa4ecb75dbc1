"""What an input is: by content, and by name where content does not tell."""

import gzip
import io
import zipfile
from functools import partial

import pytest

from indexer.sources.kinds import kind_of, refusal
from indexer.sources.naming import identities, may_be_entered, may_be_read
from search.errors import NotAText, PasswordProtected, UnsupportedFormat


def packed(*names: str, mime: str = "") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        if mime:
            archive.writestr("mimetype", mime)
        for each in names:
            archive.writestr(each, "x")
    return data.getvalue()


DOCX = packed("[Content_Types].xml", "word/document.xml")
ODT = packed("content.xml", mime="application/vnd.oasis.opendocument.text")
OLE = b"\xd0\xcf\x11\xe0" + b"\0" * 60


def ole(stream: str) -> bytes:
    return OLE + stream.encode("utf-16-le")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", "Pealkiri\n\nLõik", "text"),
        ("a.txt", "[Pealkiri] nurksulgudes", "text"),
        ("a.txt", "From: keegi\nDate: täna\nSubject: uudis\n\nLõik", "text"),
        ("a.txt", "<3 armastus", "text"),
        ("a.txt", "ID3 ja RIFF ja %PDF-1.7 on failide algused", "text"),
        ("a.txt", "", "text"),
        ("a.2016", "Pealkiri", "text"),
        ("a.fodt", '<?xml version="1.0"?><office:document xmlns:office="urn:x"/>', "odt"),
        ("a.docx", OLE, "locked"),
        ("a.md", "# Pealkiri", "markdown"),
        ("a.md", "<div>Pilt</div>\n\n# Pealkiri", "markdown"),
        ("a.txt", "<!DOCTYPE html><title>x</title>", "html"),
        ("a.txt", "\ufeff\n<!-- saved from url=(0021)http://a.ee/ -->\n<html lang=et>", "html"),
        ("a.xml", '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "html"),
        ("a.html", "Tekst ilma märgenditeta", "html"),
        ("a.php", "<HTML><BODY>", "html"),
        ("a.docx", b"<html><body>", "html"),
        ("a", "<div class=uudis>", "html"),
        ("a.xml", '<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/">', "wxr"),
        ("a.txt", '<?xml version="1.0"?><rss version="2.0">', "feed"),
        ("a.xml", "<feed xmlns='http://www.w3.org/2005/Atom'>", "feed"),
        ("a.xml", "<rdf:RDF xmlns:rdf='x'>", "feed"),
        ("a.xml", "<urlset>", "sitemap"),
        ("a.xml", "<?xml version='1.0'?><!-- x --><arve/>", "xml"),
        ("a.json", '{"title": "x"}', "json"),
        ("-", '[{"title": "x"}]', "json"),
        ("-", '{"title": "x"}\n{"title": "y"}\n', "jsonl"),
        ("a.csv", "Pealkiri;Tekst\nx;y", "csv"),
        ("a.tsv", "Pealkiri\tTekst", "csv"),
        ("-", "Received: x\nFrom: a\nSubject: b\n\nTere", "eml"),
        ("a.eml", "Subject: b\n\nTere", "eml"),
        ("uudis.txt", b"%PDF-1.7", "pdf"),
        ("uudis.txt", DOCX, "docx"),
        ("uudis.zip", ODT, "odt"),
        ("a.xlsx", packed("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        ("a.docx", packed("a.txt"), "zip"),
        ("a.docx", DOCX[:40], "docx"),
        ("a.zip", DOCX[:40], "zip"),
        ("a.txt", gzip.compress(b"x"), "gz"),
        ("a.txt", b"{\\rtf1", "rtf"),
        ("a.msg", OLE, "msg"),
        ("a.txt", ole("WordDocument"), "doc"),
        ("a.docx", ole("EncryptedPackage"), "locked"),
        ("a.ods", packed(mime="application/vnd.oasis.opendocument.spreadsheet"), "ods"),
        ("a.txt", b"\x89PNG", "binary"),
        ("a.txt", b"a\0b", "binary"),
    ],
)
def test_kinds(name, content, kind):
    data = content if isinstance(content, bytes) else content.encode()
    assert kind_of(name, partial(io.BytesIO, data)) == kind


def test_utf16_is_looked_into():
    data = "<!DOCTYPE html><html>".encode("utf-16")
    assert kind_of("a.txt", partial(io.BytesIO, data)) == "html"


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("locked", PasswordProtected, "without one"),
        ("doc", UnsupportedFormat, "Save it as .docx"),
        ("msg", UnsupportedFormat, "Save it as .eml"),
        ("binary", NotAText, "not a text file"),
    ],
)
def test_what_is_not_read_says_what_to_do(kind, error, said):
    found = refusal(kind, "uudis")
    assert type(found) is error
    assert said in str(found)


def test_names_that_are_passed_over():
    names = ["a.html", "a_files", ".peidus.txt", "~$a.docx", "README.md", "a.pdf.part", "b.jpg"]
    names += ["c.docx.crdownload", "d.tmp", "e.css", "__MACOSX"]
    assert [each for each in names if may_be_read(each) and "." in each] == ["a.html"]
    assert [each for each in ("a_files", "pressi_files") if may_be_entered(each, names)] == [
        "pressi_files"
    ]
    assert not may_be_entered("__MACOSX", names)


def test_ids_are_names_without_ending_and_differ():
    ids = identities(["b.docx", "b.pdf", "a.html", "a.txt", "c.php?p=1", "c.php?p=2", "d.xml.gz"])
    assert ids == {
        "a.txt": "a",
        "a.html": "a.html",
        "b.docx": "b",
        "b.pdf": "b.pdf",
        "c.php?p=1": "c.php?p=1",
        "c.php?p=2": "c.php?p=2",
        "d.xml.gz": "d",
    }
