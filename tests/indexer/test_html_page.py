"""Web pages: own samples of many templates, code pages, what pages say, hostile ones."""

import functools
from io import BytesIO
from pathlib import Path

import pytest

from benchmarks import extraction
from indexer.sources import Limits, open_source
from indexer.sources.base import Found, Input, ReadOptions, Skipped
from indexer.sources.pages.html_page import read_page
from search.article import Article
from search.errors import TooLarge

PAGE = """<!DOCTYPE html><html lang="et"><head>{meta}<title>Klaster külvas žürii ette õuna-, jää- \
ja šokolaadimehe - Puu</title></head><body class="single"><h1>Klaster külvas žürii ette õuna-, \
jää- ja šokolaadimehe</h1><div class="entry-content"><p>Žürii sõi õunu, jää sulas ja šokolaad \
määris kõigi käed.</p></div></body></html>"""
TITLE = "Klaster külvas žürii ette õuna-, jää- ja šokolaadimehe"
LINKED = '<script type="application/ld+json">'
BODY = ("Žürii sõi õunu, jää sulas ja šokolaad määris kõigi käed.",)


def read(html: str | bytes, address: str = "", options: ReadOptions | None = None) -> list[Found]:
    data = html.encode() if isinstance(html, str) else html
    opened = functools.partial(BytesIO, data)
    source = Input("a.html", "a", "html", opened, address, options=options or ReadOptions())
    return list(read_page(source, Limits(5.0)))


def article_of(html: str | bytes, address: str = "") -> Article:
    (found,) = read(html, address)
    assert isinstance(found, Article), found
    return found


def test_samples_of_many_kinds_are_read_as_a_reader_would() -> None:
    assert extraction.measure()["wrong"] == []


@pytest.mark.parametrize("declared", ["", "utf-8", "windows-1257", "iso-8859-1", "x-unknown"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1257", "iso8859-15", "iso8859-13", "iso8859-4"])
def test_letters_are_right_whatever_is_declared(encoding: str, declared: str) -> None:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">'
    data = PAGE.format(meta=meta if declared else "").encode(encoding)
    assert (article_of(data).title, article_of(data).body) == (TITLE, BODY)


@pytest.mark.parametrize(
    ("said", "fetched", "address"),
    [
        ('<link rel="canonical" href="https://puu.example/lugu?utm_source=x#algus">', "",
         "https://puu.example/lugu"),
        ('<link rel="canonical" href="javascript:alert(1)">', "", None),
        ('<link rel="canonical" href="/lugu"><meta property="og:url" content="https://puu.example/b">',
         "", "https://puu.example/b"),
        ('<link rel="canonical" href="/lugu">', "https://puu.example/vana?id=1",
         "https://puu.example/lugu"),
        ('<link rel="canonical" href="https://muu.example/lugu">', "https://www.puu.example/vana",
         "https://www.puu.example/vana"),
        ('<link rel="canonical" href="https://puu.example/">', "https://puu.example/vana",
         "https://puu.example/vana"),
        ('<link rel="canonical" href="http://localhost/lugu">', "", None),
        ("<!-- saved from url=(0024)https://puu.example/lugu -->", "", "https://puu.example/lugu"),
        ("<!-- Mirrored from puu.example/a.html by HTTrack Website Copier/3.x -->", "",
         "http://puu.example/a.html"),
    ],
)  # fmt: skip
def test_addresses(said: str, fetched: str, address: str | None) -> None:
    found = article_of(PAGE.format(meta=said), fetched)
    assert found.url == address
    assert found.id == ((address or "a").partition("://")[2].removeprefix("www.") or "a")


@pytest.mark.parametrize(
    ("address", "is_list"),
    [
        ("https://puu.example/archives/123", False),
        ("https://puu.example/arhiiv/zurii-soi-ouna", False),
        ("https://puu.example/index.php?page=3&action=article&id=12", False),
        ("https://puu.example/index.php?page=12", False),
        ("https://puu.example/category/uudised/puit/", True),
        ("https://puu.example/uudised/page/2/", True),
        ("https://puu.example/2016/12/", True),
        ("https://puu.example/?s=liim", True),
        ("https://puu.example/?cat=3", True),
    ],
)
def test_lists_are_told_by_their_addresses(address: str, is_list: bool) -> None:
    (found,) = read(PAGE.format(meta="").replace('class="single"', ""), address)
    assert isinstance(found, Skipped) == is_list


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ('<meta property="article:published_time" content="2016-12-01T23:30:00+02:00">',
         "2016-12-01"),
        ('<meta property="article:modified_time" content="2016-12-01">', None),
        ('<meta property="article:published_time" content="eile">'
         '<meta name="pubdate" content="1.12.2016">',
         "2016-12-01"),
        (f'{LINKED}{{"@type": "NewsArticle", "datePublished": "2016-12-01"</script>',
         "2016-12-01"),
        (f'{LINKED}[[{{"@type": ["X", 5], "datePublished": 7}}]]</script>', None),
        (f'{LINKED}{{"@type": "NewsArticle", "datePublished": "0000-00-00"}}</script>',
         None),
    ],
)  # fmt: skip
def test_dates_are_of_publication(said: str, date: str | None) -> None:
    published = article_of(PAGE.format(meta=said)).published
    assert (published.value.iso if published else None) == date


@pytest.mark.parametrize(
    ("lang", "text", "language"),
    [
        ("en-US", "Klaster ja selle liikmed avasid labori, mis on Tartus ning oma maja.", ""),
        ("et", "The members of the cluster have opened their lab in the town.", ""),
        ("lv", "Klasteris atver laboratoriju un aicina visus biedrus.", "lv"),
        ("lv", "Klaster ja selle liikmed avasid labori, mis on Tartus.", ""),
    ],
)
def test_the_declared_language_is_only_a_hint(lang: str, text: str, language: str) -> None:
    html = f"<html lang={lang}><title>Labor</title><h1>Labor</h1><article><p>{text}</p></article>"
    assert article_of(html).language == language


def test_a_fetched_page_may_ask_not_to_be_indexed() -> None:
    html = PAGE.format(meta='<meta name="robots" content="noindex, follow">')
    assert article_of(html).title == TITLE
    (found,) = read(html, "https://puu.example/lugu")
    assert isinstance(found, Skipped)
    assert found.code == "noindex"
    (found,) = read(html, "https://puu.example/lugu", ReadOptions(noindex=True))
    assert isinstance(found, Article)


@pytest.mark.parametrize(
    "html",
    [
        PAGE.format(meta="")[:-40],
        PAGE.format(meta="<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>"),
        PAGE.format(meta="<!-- märkus ilma lõputa? -->" * 1_000),
        PAGE.format(meta="").replace("<body", "<body" + " data-x='1'" * 20_000),
        PAGE.format(meta="").replace("<h1>", "<div><span><b>" * 5_000 + "<h1>"),
        PAGE.format(meta="").replace("<h1>", "<table><tr><td>" * 2_000 + "<h1>"),
        PAGE.format(meta="").replace("</p>", "\x0b&#0;&#x1f;\x0c</p>"),
    ],
    ids=["cut", "entities", "comments", "attributes", "deep", "tables", "controls"],
)
def test_bad_markup_loses_nothing(html: str) -> None:
    found = article_of(html)
    assert found.title == TITLE
    assert found.body[0].startswith("Žürii sõi õunu")


@pytest.mark.parametrize(
    "html", ["", "<html>", "<script>x()</script>", "\ufeff<!-- -->", "<p> &nbsp;"]
)
def test_nothing_to_read_is_one_line(html: str) -> None:
    (found,) = read(html)
    assert isinstance(found, Skipped)
    assert found.code in ("no-text", "script")


def test_a_huge_page_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(TooLarge):
        read("<p>x</p>" * 700_000)


def test_pages_of_a_directory_are_read_by_content(tmp_path: Path) -> None:
    (tmp_path / "lugu.htm").write_text(PAGE.format(meta=""), encoding="utf-8")
    (tmp_path / "lugu_files").mkdir()
    (tmp_path / "lugu_files" / "reklaam.html").write_text("<p>Osta!</p>", encoding="utf-8")
    source = open_source(tmp_path)
    found = [each for one in source.scan() if isinstance(one, Input) for each in source.read(one)]
    assert [each.title for each in found if isinstance(each, Article)] == [TITLE]
