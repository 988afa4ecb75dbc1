"""E-mails: which text is theirs, their day and subject, and what is attached."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from indexer.sources import open_source
from indexer.sources.base import Found, Input
from search.article import Article
from search.errors import PasswordProtected

RELEASE = (
    "<html><title>Klaster avas töökoja</title><h1>Klaster avas töökoja</h1><article>"
    "<p>Klaster avas Valgas töökoja, kus parandatakse rattaid ja õpetatakse noori.</p></article>"
)


def read(folder: Path, data: bytes) -> list[Found]:
    (folder / "kiri.eml").write_bytes(data)
    source = open_source(folder / "kiri.eml")
    return [each for one in source.scan() if isinstance(one, Input) for each in source.read(one)]


def article_of(folder: Path, data: bytes) -> Article:
    (found,) = read(folder, data)
    assert isinstance(found, Article), found
    return found


def message(text: str, subject: str = "Uudis", html: str = "") -> EmailMessage:
    made = EmailMessage()
    made["From"] = "a@klaster.example"
    made["Subject"] = subject
    made["Date"] = "Fri, 02 Dec 2016 00:10:00 +0200"
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made


def test_an_attached_press_release_is_an_article_of_its_own(tmp_path: Path) -> None:
    made = message("Tere!\n\nSaadan lisatud pressiteate.\n", "Fwd: Pressiteade")
    made.add_attachment(RELEASE.encode(), maintype="text", subtype="html", filename="töökoda.html")
    made.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="logo.png")
    cover, release = read(tmp_path, made.as_bytes())
    assert isinstance(cover, Article)
    assert isinstance(release, Article)
    assert (cover.id, cover.title) == ("kiri", "Pressiteade")
    assert release.id == "kiri/töökoda.html"
    assert release.source.endswith("kiri.eml!töökoda.html")
    assert release.title == "Klaster avas töökoja"
    assert cover.published is not None
    assert cover.published.value.iso == "2016-12-02"


SAMPLES = Path(__file__).parents[1] / "extraction"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("release-letterhead.docx", "Puiduklaster avas Võrus uksetehase"),
        ("release-full.odt", "Toiduklaster kutsub kokku mahetootjad"),
        ("release-pages.pdf", "Puidupäev tõi Türile kolmsada külalist ja ühe nõukogu"),
    ],
)
def test_an_attached_document_is_an_article_and_a_locked_one_a_line(
    tmp_path: Path, name: str, title: str
) -> None:
    made = message("Tere!\n\nSaadan lisatud pressiteate.\n")
    for each in (name, "locked.docx"):
        data = (SAMPLES / each).read_bytes()
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=each)
    cover, release, locked = read(tmp_path, made.as_bytes())
    assert isinstance(cover, Article)
    assert isinstance(release, Article)
    assert (release.title, release.id) == (title, f"kiri/{name}")
    assert isinstance(locked, PasswordProtected)
    assert "kiri.eml!locked.docx" in str(locked)


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("Re: VS: Edasi: Klaster avas töökoja", "Klaster avas töökoja"),
        ("Re[2]: Klaster", "Klaster"),
        ("Regioon: klaster kasvab", "Regioon: klaster kasvab"),
        ("", "Esimene lõik."),
    ],
)
def test_subjects(tmp_path: Path, subject: str, title: str) -> None:
    found = article_of(tmp_path, message("Esimene lõik.\n\nTeine lõik.", subject).as_bytes())
    assert found.title == title
    assert found.body[-1] == "Teine lõik."


@pytest.mark.parametrize(
    ("text", "html", "body"),
    [
        ("Klaster kasvab.\n\n-- \nMari Mets\n555 1234\n", "", ("Klaster kasvab.",)),
        ("Klaster kasvab\nkiiresti.\n\n> vana jutt\n", "", ("Klaster kasvab kiiresti.",
         "vana jutt")),
        ("Klaster kasvab.\n\nKui Te ei soovi enam uudiskirja saada, vastake sellele kirjale.\n", "",
         ("Klaster kasvab.",)),
        ("Klaster kasvab.\nTeine rida.", "<p>Klaster <b>kasvab</b>.<br>Teine rida.</p>"
         "<div class='gmail_signature'>Mari</div>", ("Klaster kasvab.\nTeine rida.",)),
        ("Pikk tekst on siin ja ainult siin. " * 3, "<img src='cid:pilt'><p>Pilt</p>",
         (("Pikk tekst on siin ja ainult siin. " * 3).strip(),)),
        ("x", "<span style='display:none !important'>Eelvaade</span><p>Klaster kasvab.</p>"
         "<p><a href='#'>Vaata kirja veebis</a></p><p>Teine.</p>", ("Klaster kasvab.", "Teine.")),
    ],
)  # fmt: skip
def test_the_text_is_what_was_written(
    tmp_path: Path, text: str, html: str, body: tuple[str, ...]
) -> None:
    assert article_of(tmp_path, message(text, html=html).as_bytes()).body == body


ANSWER = "<p>Klaster kasvab.</p><div><p><b>From:</b> Toimetus<br><b>Sent:</b> eile</p><p>Vana.</p>"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("RE: lugu", ("Klaster kasvab.",)),
        ("FW: lugu", ("Klaster kasvab.", "Vana.")),
        ("Re: lugu", ("Klaster kasvab.",)),
    ],
)
def test_an_answer_is_without_what_it_answers_to(
    tmp_path: Path, subject: str, body: tuple[str, ...]
) -> None:
    html = ANSWER if subject.startswith(("RE", "FW")) else ""
    plain = "Klaster kasvab.\n\n-----Algne sõnum-----\nSaatja: T\nSaadetud: eile\n\nVana.\n"
    assert article_of(tmp_path, message(plain, subject, html).as_bytes()).body == body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Subject: =?x-none?B?////?=\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n",
        b"Content-Type: text/html; charset=\xff\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\n" * 1_000,
    ],
)
def test_broken_emails_are_one_line(tmp_path: Path, data: bytes) -> None:
    assert len(read(tmp_path, data)) <= 1
