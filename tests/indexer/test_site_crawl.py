"""A site with everything that sites do, crawled into exactly its articles, twice."""

import gzip
import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from crawling import Clock, crawl
from news_site import Asked, NewsSite, Reply, article_page, gzip_bomb, news_site

from indexer.sources.limits import Limits

COUNT = 180
LIMITS = replace(Limits(), connect_seconds=0.4, answer_seconds=0.8, page_megabytes=0.5)
TITLES = {f"/uudis/{number}": f"Klaster avas tehase {number}" for number in range(COUNT)}
#: What the sitemap lists besides articles, and what comes of it.
LEFT_OUT = {
    "/": "home",
    "/kategooria/uudised/": "list",
    "/salajane/1": "robots",
    "/peidus": "noindex",
    "/peidus-paises": "noindex",
    "/skript": "script",
    "/mujal": "elsewhere",
    "/aeglane": "no-answer",
    "/ring": "redirects",
    "/suur": "answer-too-large",
    "/pomm": "answer-too-large",
    "/katki": "server-failed",
    "/kadunud": "page-not-found",
    "/keelatud": "access-denied",
    "/sisevorku": "private-address",
    "/pilve": "private-address",
    "/faili": "address-refused",
}


@pytest.fixture
def hidden() -> Iterator[NewsSite]:
    """A server of the inner network, which must never be asked."""
    with news_site("127.0.0.2") as serving:
        serving.add_article("/", "Saladus")
        yield serving


@pytest.fixture
def site(hidden: NewsSite) -> Iterator[NewsSite]:
    with news_site() as serving:
        _add_articles(serving)
        _add_what_is_none(serving, hidden)
        _add_sitemaps(serving, hidden)
        yield serving


def _add_articles(site: NewsSite) -> None:
    nonces = itertools.count()
    for number, (path, title) in enumerate(TITLES.items()):
        page = article_page(title, number)
        if number % 5 == 0:  # neither ETag nor Last-Modified, and another page each time
            site.pages[path] = partial(_with_teaser, page, nonces)
        else:
            site.add(path, page)
    for language, charset in (("en", "utf-8"), ("et", "windows-1257")):
        text = article_page("Šokolaad ja õunad", 1, language, charset)
        site.add(f"/{language}/koopia", text.encode(charset), type=f"text/html; charset={charset}")
    site.add("/vana", "", status=301, headers={"Location": "/uudis/1"})
    canonical = f'<head><link rel="canonical" href="{site.address}/uudis/2">'
    site.add("/print/2", article_page(TITLES["/uudis/2"], 2).replace("<head>", canonical))


def _with_teaser(page: str, nonces: Iterator[int]) -> Reply:
    teaser = f"<aside class='related'><a href='/x'>Teaser {next(nonces)}</a></aside>"
    return Reply(page.replace("</body>", f"{teaser}</body>").encode(), tags=False)


def _add_what_is_none(site: NewsSite, hidden: NewsSite) -> None:
    teasers = "".join(
        f"<article><h2><a href='{path}'>{title}</a></h2><p>Sissejuhatus…</p></article>"
        for path, title in itertools.islice(TITLES.items(), 20)
    )
    for path, kind in (("/", "home"), ("/kategooria/uudised/", "archive")):
        site.add(path, f"<html><body class='{kind}'><h1>Uudised</h1>{teasers}</body></html>")
    site.add_article("/salajane/1", "Salajane")
    meta = "<head><meta name='robots' content='noindex,follow'>"
    site.add("/peidus", article_page("Peidus").replace("<head>", meta))
    site.add_article("/peidus-paises", "Peidus", headers={"X-Robots-Tag": "noindex"})
    site.add("/skript", "<html><body><noscript>Enable JavaScript.</noscript></body></html>")
    site.add("/mujal", "", status=302, headers={"Location": "http://93.184.215.14/"})
    site.add_article("/aeglane", "Aeglane", seconds=0.6)
    site.add("/ring", "", status=302, headers={"Location": "/ring2"})
    site.add("/ring2", "", status=302, headers={"Location": "/ring"})
    site.add("/suur", b"<p>" + b"x" * 600_000)
    site.add("/pomm", gzip_bomb(30), headers={"Content-Encoding": "gzip"})
    site.add("/katki", "viga", status=500)
    site.add("/keelatud", "ei", status=403)
    site.add("/sisevorku", "", status=302, headers={"Location": f"{hidden.address}/"})
    site.add("/pilve", "", status=302, headers={"Location": "http://169.254.169.254/latest/"})
    site.add("/faili", "", status=302, headers={"Location": "file:///etc/passwd"})


def _add_sitemaps(site: NewsSite, hidden: NewsSite) -> None:
    rules = "User-agent: *\nDisallow: /salajane/\nCrawl-delay: 2\nSitemap: /kaart.xml\n"
    site.add("/robots.txt", f"\ufeff{rules}", type="text/plain")
    children = ("/a.xml.gz", "/b.xml", "/kaart.xml", "/puudub.xml", "/katkine.xml", "/sugav.xml")
    site.add_sitemap("/kaart.xml", *children, f"{hidden.address}/c.xml")
    site.add_sitemap("/a.xml.gz", *TITLES)
    packed = site.pages["/a.xml.gz"]
    assert isinstance(packed, Reply)
    site.pages["/a.xml.gz"] = replace(packed, body=gzip.compress(packed.body))
    copies = ("/en/koopia", "/et/koopia", "/vana", "/print/2", "/uudis/3?utm_source=kiri")
    elsewhere = (f"{hidden.address}/", "https://muu.example/uudis")
    site.add_sitemap("/b.xml", *copies, *LEFT_OUT, *elsewhere)
    site.add("/katkine.xml", b"<urlset><url><loc>/uudis/4</loc></url><url>", type="text/xml")
    site.add_sitemap("/sugav.xml", "/sugavam.xml")
    site.add_sitemap("/sugavam.xml", "/pohi.xml")
    site.add_sitemap("/pohi.xml", "/uudis/5")


def test_a_site_is_crawled_into_exactly_its_articles_twice(site, hidden, tmp_path):
    clock = Clock()
    store = tmp_path / "web.sqlite"
    first = crawl(site, clock=clock, store=store, limits=LIMITS)
    copies = {"/en/koopia": "Šokolaad ja õunad", "/et/koopia": "Šokolaad ja õunad"}
    found = {each.source.removeprefix(site.address): each.title for each in first.articles}
    assert found == {**TITLES, **copies}
    assert {each.id: each.source.removeprefix(site.address) for each in first.duplicates} == {
        f"{site.host}/uudis/1": "/vana",
        f"{site.host}/uudis/2": "/print/2",
        f"{site.host}/uudis/3": "/uudis/3?utm_source=kiri",
    }
    told = {
        each.source.removeprefix(site.address): each.code
        for each in first.skipped
        if each.source.removeprefix(site.address) in LEFT_OUT
    }
    told |= {
        str(each.values["file"]).removeprefix(site.address): each.code for each in first.errors
    }
    sitemaps = {"/puudub.xml": "page-not-found", "/katkine.xml": "malformed"}
    assert told == {**LEFT_OUT, **sitemaps}
    lines = sorted(each.code for each in first.skipped if each.source.endswith(".xml"))
    assert lines == ["elsewhere", "elsewhere", "repeated", "too-deep"]
    assert hidden.log == []

    asked = list(site.log)
    _is_polite(asked, first.requests, clock)
    site.log.clear()
    again = crawl(site, clock=clock, store=store, limits=LIMITS)
    assert [replace(each, added=None) for each in again.articles] == first.articles
    could = {each.path for each in asked if each.status == 200 and _has_tags(site, each.path)}
    assert {each.path for each in site.log if each.status == 304} == could
    assert again.not_modified == len(could)
    assert hidden.log == []


def _has_tags(site: NewsSite, path: str) -> bool:
    page = site.pages[path]
    is_read = path not in ("/aeglane", "/suur", "/pomm")
    return isinstance(page, Reply) and page.tags and is_read


def _is_polite(asked: list[Asked], requests: int, clock: Clock) -> None:
    """Each path once (an error of the server twice), robots.txt first, one at a time."""
    paths = [each.path for each in asked]
    assert paths[0] == "/robots.txt"
    assert "/salajane/1" not in paths
    twice = {each for each in paths if paths.count(each) > 1}
    assert twice == {"/katki"}
    # Where it was too slow, the server was left alone with its answer.
    in_order = [each for each in asked if each.path != "/aeglane"]
    assert all(one.ended <= two.began for one, two in itertools.pairwise(in_order))
    assert {each.headers["user-agent"] for each in asked} == {"Klastriotsing/1"}
    # The Crawl-delay of robots.txt is longer than the usual second.
    assert clock.waits == [2.0] * (requests - 1)
