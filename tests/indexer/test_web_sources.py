"""Addresses as sources: what each kind gives, politeness, and what runs keep from each other."""

import json
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate

import pytest
from crawling import Clock, crawl
from news_site import PARAGRAPHS, NewsSite, Reply, article_page, news_site

from indexer.sources.limits import Limits

ITEM = """<item><title>{title}</title><link>{link}</link><description>{text}</description>
<pubDate>Thu, 01 Dec 2016 23:30:00 +0200</pubDate></item>"""


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with news_site() as serving:
        yield serving


def add_feed(site: NewsSite, path: str, *items: tuple[str, str, str]) -> None:
    """Items are title, link and text."""
    listed = "".join(
        ITEM.format(title=title, link=link, text=text.replace("<", "&lt;"))
        for title, link, text in items
    )
    feed = f"<rss version='2.0'><channel><title>Klaster</title>{listed}</channel></rss>"
    # WordPress says that of its feeds.
    headers = {"X-Robots-Tag": "noindex, follow"}
    site.add(path, feed, type="application/rss+xml", headers=headers)


def add_articles(site: NewsSite, count: int) -> list[str]:
    paths = [f"/uudis/{number}" for number in range(count)]
    for number, path in enumerate(paths):
        site.add_article(path, f"Klaster avas tehase {number}", number)
    site.add_sitemap("/sitemap.xml", *paths)
    return paths


def test_a_page(site):
    site.add_article("/uudis", "Klaster avas tehase")
    found = crawl(site, "/uudis?utm_source=kiri#lopp")
    (article,) = found.articles
    assert (article.id, article.url) == (f"{site.host}/uudis", f"{site.address}/uudis")
    assert site.paths == ["/robots.txt", "/uudis"]


def test_a_feed_and_the_pages_behind_its_summaries(site):
    whole = "".join(f"<p>{number}. {each}</p>" for number in range(3) for each in PARAGRAPHS)
    add_feed(
        site,
        "/feed/",
        ("Terve", f"{site.address}/terve", whole),
        ("Lühike", f"{site.address}/luhike", "Klastri liikmed kohtusid […]"),
        ("Kadunud", f"{site.address}/kadunud", "Klastri liikmed kohtusid […]"),
        ("Peidus", f"{site.address}/peidus", "Klastri liikmed kohtusid […]"),
        ("Nimekiri", f"{site.address}/kategooria/x/", "Klastri liikmed kohtusid […]"),
    )
    undated = article_page("Lühike, aga pikk").replace("article:published_time", "muu")
    site.add("/luhike", undated)
    site.add_article("/peidus", "Peidus", headers={"X-Robots-Tag": "muu: nofollow, noindex"})
    site.add("/kategooria/x/", "<body class='archive'><h1>X</h1><p>Uudised</p></body>")
    found = crawl(site, "/feed/")
    assert found.titles == ["Terve", "Lühike, aga pikk", "Kadunud", "Nimekiri"]
    assert PARAGRAPHS[1] in found.articles[1].body
    assert [each.published.value.iso for each in found.articles if each.published] == [
        "2016-12-01"
    ] * 4
    assert found.codes == ["noindex", "summary", "summary"]
    assert "/terve" not in site.paths
    assert found.source.is_rolling(f"{site.address}/feed/")


def test_where_the_page_fails_only_now_it_stays_as_it_was(site, tmp_path):
    add_feed(site, "/feed/", ("Lühike", f"{site.address}/uudis", "Klastri liikmed […]"))
    site.add_article("/uudis", "Klaster avas tehase")
    store, clock = tmp_path / "web.sqlite", Clock()
    first = crawl(site, "/feed/", store=store, clock=clock)
    site.add("/uudis", "", status=500)
    assert crawl(site, "/feed/", store=store, clock=clock).articles == first.articles


@pytest.mark.parametrize(
    "place", ["robots", "sitemap.xml", "wp-sitemap.xml", "linked", "feed/", "itself"]
)
def test_a_home_page_by_what_the_site_has(site, place):
    site.add_article("/uudis", "Klaster avas tehase")
    link = ""
    if place == "robots":
        site.add("/robots.txt", "Sitemap: kaart.txt\n", type="text/plain")
        site.add("/kaart.txt", f"{site.address}/uudis\n", type="text/plain")
    elif place in ("linked", "feed/"):
        path = "/rss.php" if place == "linked" else "/feed/"
        add_feed(site, path, ("Uudis", f"{site.address}/uudis", "Klastri liikmed […]"))
        comments = "<link rel='alternate' type='application/rss+xml' href='/comments/feed/'>"
        link = comments + comments.replace("/comments/feed/", path) if place == "linked" else ""
    else:
        site.add_sitemap(f"/{place}", "/uudis")
    home = f"<html><head>{link}</head><body class='home'><h1>Klaster</h1></body></html>"
    site.add("/", home)
    if place == "itself":
        add_feed(site, "/", ("Uudis", f"{site.address}/uudis", "Klastri liikmed […]"))
    found = crawl(site)
    assert found.titles == ["Klaster avas tehase"]
    assert found.errors == []


def test_a_site_without_any_list_is_said(site):
    site.add("/", "<h1>Klaster</h1>")
    assert crawl(site).codes == ["nothing-listed"]


def test_of_a_part_of_a_site_only_what_is_below_it(site):
    for path in ("/et/uudis", "/en/news"):
        site.add_article(path, f"Klaster {path}")
    site.add_sitemap("/sitemap.xml", "/et/uudis", "/en/news")
    found = crawl(site, "/et/")
    assert found.titles == ["Klaster /et/uudis"]
    assert found.codes == ["left-out"]


def test_a_list_that_is_named_is_read_by_the_feed_it_links(site):
    add_feed(site, "/uudised/feed/", ("Terve", f"{site.address}/a", "x" * 600))
    link = "<link rel='alternate' type='application/rss+xml' href='/uudised/feed/'>"
    site.add("/uudised/", f"<head>{link}</head><body class='archive'><h1>Uudised</h1></body>")
    found = crawl(site, "/uudised/")
    assert (found.titles, found.codes) == (["Terve"], ["list"])


def add_posts(site: NewsSite, number: int, ids: range, total: int, extra: str = "") -> None:
    posts = [
        {
            "id": each,
            "date": "2016-12-01T23:30:00",
            "link": f"https://klaster.example/{each}/",
            "title": {"rendered": f"Postitus {each}"},
            "content": {"rendered": f"<p>{PARAGRAPHS[0]}</p>", "protected": each == 3},
        }
        for each in ids
    ]
    path = f"/wp-json/wp/v2/posts?orderby=id&order=asc{extra}&per_page=100&page={number}"
    headers = {"X-WP-TotalPages": str(total)} if total else {}
    site.add(path, json.dumps(posts), type="application/json", headers=headers)


def test_posts_of_a_wordpress_page_by_page(site, tmp_path):
    address = f"{site.address}/wp-json/wp/v2/posts"
    add_posts(site, 1, range(1, 101), 2)
    add_posts(site, 2, range(101, 111), 2)
    found = crawl(site, "/wp-json/wp/v2/posts", store=tmp_path / "web.sqlite")
    assert len(found.articles) == 109
    assert (found.articles[-1].id, found.articles[-1].source) == ("klaster.example/110", address)
    assert found.codes == ["password"]
    assert not found.source.is_rolling(address)
    offline = crawl(site, "/wp-json/wp/v2/posts", store=tmp_path / "web.sqlite", is_offline=True)
    assert (len(offline.articles), offline.requests) == (109, 0)
    add_posts(site, 1, range(1, 101), 0)  # as where a proxy takes headers away
    guessed = crawl(site, "/wp-json/wp/v2/posts")
    assert (len(guessed.articles), guessed.errors) == (109, [])
    cut = crawl(site, "/wp-json/wp/v2/posts", max_pages=1)
    assert (len(cut.articles), cut.codes) == (99, ["max-pages", "password"])
    assert cut.source.is_rolling(address)


@pytest.mark.parametrize(
    ("robots", "code"),
    [
        (Reply(b"", 404), ""),
        (Reply(b"", 403), ""),
        (Reply(b"viga", 500), "robots-unavailable"),
        (Reply(b"", 429), "robots-unavailable"),
        (Reply(b"", 302, headers={"Location": "/robots.txt"}), "robots-unavailable"),
        (Reply(b"", seconds=0.5), "robots-unavailable"),
        (Reply(b"User-agent: *\nDisallow: /uudis"), "robots"),
        (Reply(b"User-agent: *\nAllow: /\n" + b"#" * 600_000 + b"\nDisallow: /"), ""),
    ],
)
def test_robots_by_what_the_server_answers(site, robots, code):
    site.add_article("/uudis", "Klaster avas tehase")
    site.pages["/robots.txt"] = robots
    found = crawl(site, "/uudis", limits=replace(Limits(), connect_seconds=0.3))
    assert found.codes == ([code] if code else [])
    assert ("/uudis" in site.paths) is not code


@pytest.mark.parametrize(
    ("crawl_delay", "delay", "waits", "codes"),
    [
        ("", None, 1.0, []),
        ("", 0.0, 0.0, []),
        ("Crawl-delay: 0.5", None, 1.0, []),
        ("Crawl-delay: 3", None, 3.0, ["slow"]),
        ("Crawl-delay: 9999", None, 60.0, ["slow"]),
        ("Crawl-delay: 3", 5.0, 5.0, []),
    ],
)
def test_between_requests_the_greater_of_both_delays(site, crawl_delay, delay, waits, codes):
    site.add("/robots.txt", f"User-agent: *\n{crawl_delay}\nDisallow:", type="text/plain")
    add_articles(site, 2)
    clock = Clock()
    found = crawl(site, "/sitemap.xml", clock=clock, delay=delay)
    assert len(found.articles) == 2
    assert clock.waits == ([waits] * 3 if waits else [])
    assert found.codes == codes


@pytest.mark.parametrize(
    ("status", "retry_after", "waits", "code"),
    [
        (503, "7", 7.0, ""),
        (429, "date", 30.0, ""),
        (503, "3600", None, "server-busy"),
        (500, "", 1.0, ""),
        (404, "7", None, "page-not-found"),
    ],
)
def test_a_busy_server_is_asked_once_more_when_it_says(site, status, retry_after, waits, code):
    clock = Clock()
    when = (
        formatdate(clock.at + 100_000 + 31, usegmt=True) if retry_after == "date" else retry_after
    )
    good = Reply(article_page("Klaster avas tehase").encode())
    answers = iter([Reply(b"", status, headers={"Retry-After": when}), good])
    site.pages["/uudis"] = lambda: next(answers)
    found = crawl(site, "/uudis", clock=clock)
    assert found.codes == ([code] if code else [])
    assert clock.waits[1:] == ([waits] if waits else [])
    assert site.paths.count("/uudis") == (2 if waits else 1)


def test_a_site_that_fails_again_and_again_is_left_alone(site):
    paths = add_articles(site, 15)
    for each in paths:
        site.add(each, "", status=500)
    found = crawl(site)
    assert found.codes == ["given-up"] + ["server-failed"] * 10
    assert f"{paths[10]}" not in site.paths
    # Nothing is known of the rest, so nothing of it has vanished.
    assert found.source.is_rolling(f"{site.address}{paths[12]}")


def test_include_exclude_and_the_greatest_number_are_minded_before_anything_is_fetched(site):
    add_articles(site, 15)
    found = crawl(site, include=("/uudis/1",), exclude=("/uudis/13",), max_pages=4)
    assert [each.rpartition("/")[2] for each in site.paths[2:]] == ["1", "10", "11", "12"]
    assert found.codes == ["left-out", "max-pages"]


def test_noindex_is_minded_unless_the_source_says_otherwise(site):
    site.add_article("/uudis", "Klaster avas tehase", headers={"X-Robots-Tag": "none"})
    assert crawl(site, "/uudis").codes == ["noindex"]
    assert crawl(site, "/uudis", noindex=True).titles == ["Klaster avas tehase"]


def test_an_ended_run_goes_on_where_it_stopped(site, tmp_path):
    paths = add_articles(site, 6)
    store, clock = tmp_path / "web.sqlite", Clock()
    crawl(site, store=store, clock=clock, most=4)
    site.log.clear()
    clock.at -= 100_000 - 600  # ten minutes later
    found = crawl(site, store=store, clock=clock)
    assert len(found.articles) == 6
    assert site.paths == ["/robots.txt", "/sitemap.xml", *paths[4:]]
    site.log.clear()
    again = crawl(site, store=store, clock=clock)
    assert (len(site.log), again.not_modified) == (8, 7)


def test_offline_reads_what_is_kept(site, tmp_path):
    add_articles(site, 3)
    store = tmp_path / "web.sqlite"
    crawl(site, store=store, most=2)
    site.log.clear()
    found = crawl(site, store=store, is_offline=True)
    assert (len(found.articles), found.codes, site.log) == (2, ["not-fetched"], [])
    assert crawl(site, "/uudis/2", store=store, is_offline=True).codes == ["not-fetched"]


def test_a_page_that_left_the_sitemap_is_asked_for_and_may_be_gone(site, tmp_path):
    paths = add_articles(site, 4)
    store, clock = tmp_path / "web.sqlite", Clock()
    crawl(site, store=store, clock=clock)
    site.add_sitemap("/sitemap.xml", *paths[:2])
    del site.pages[paths[3]]
    for codes in (["gone"], []):
        found = crawl(site, store=store, clock=clock)
        assert (len(found.articles), found.codes) == (3, codes)
        assert found.source.exists(site.address + paths[2])
        assert not found.source.exists(site.address + paths[3])
    # Where the list could not be read, nobody looks for what is missing.
    site.add("/sitemap.xml", "<urlset><url>", type="text/xml")
    found = crawl(site, "/sitemap.xml", store=store, clock=clock)
    assert found.source.exists(site.address + paths[0])


def test_two_ways_to_write_an_address_are_one_page(site):
    site.add_article("/uudis", "Klaster avas tehase")
    site.add_sitemap("/sitemap.xml", "/uudis", "/uudis/", "/uudis?fbclid=1")
    found = crawl(site)
    assert (len(found.articles), len(found.duplicates)) == (1, 2)
    assert site.paths.count("/uudis") == 1


def test_what_is_freed_frees_nothing_it_leads_to(site):
    with news_site("127.0.0.2") as other:
        other.add_article("/saladus", "Saladus")
        site.add("/uudis", "", status=301, headers={"Location": f"{other.address}/saladus"})
        assert crawl(site, "/uudis").codes == ["private-address"]
        assert other.log == []
        # The user may free both.
        found = crawl(site, "/uudis", allowed=(site.host, other.host))
        assert found.titles == ["Saladus"]
    assert crawl(site, "/uudis", allowed=()).codes == ["private-address"]


def test_a_table_of_the_web_is_read_by_its_format(site):
    site.add("/tabel.csv", "id;Pealkiri;Tekst\n1;Klaster;Tehas\n", type="text/csv")
    (found,) = crawl(site, "/tabel.csv").articles
    assert (found.title, found.id) == ("Klaster", f"{site.host}/tabel.csv/1")


@pytest.mark.parametrize("failing", ["/robots.txt", "/sitemap.xml", "/uudis/1"])
@pytest.mark.parametrize("path", ["/", "/sitemap.xml"])
def test_a_site_that_is_down_does_not_lose_its_articles(site, tmp_path, path, failing):
    add_articles(site, 3)
    site.add("/robots.txt", "Sitemap: /sitemap.xml", type="text/plain")
    store, clock = tmp_path / "web.sqlite", Clock()
    first = crawl(site, path, store=store, clock=clock)
    site.add(failing, "", status=500)
    found = crawl(site, path, store=store, clock=clock)
    assert found.articles == first.articles
    assert len(found.errors) == 1


@pytest.mark.parametrize("form", ["wp-sitemap-posts-{}-1.xml", "{}-sitemap.xml"])
def test_of_a_wordpress_the_posts_are_read_and_not_the_pages(site, form):
    site.add_article("/uudis", "Klaster avas tehase")
    site.add_article("/meist", "Meist")
    posts, pages = (f"/{form.format(each)}" for each in ("post", "page"))
    lists = "/wp-sitemap-taxonomies-category-1.xml"
    site.add_sitemap("/sitemap.xml", posts, pages, lists)
    site.add_sitemap(posts, "/uudis")
    site.add_sitemap(pages, "/meist")
    found = crawl(site)
    assert (found.titles, found.codes) == (["Klaster avas tehase"], ["page", "page"])
    assert crawl(site, pages).titles == ["Meist"]
    # Without posts the pages are what there is.
    site.add_sitemap("/sitemap.xml", pages)
    assert crawl(site).titles == ["Meist"]
