"""What robots.txt says."""

import pytest

from indexer.sources.web.robots import read_robots


@pytest.mark.parametrize(
    ("text", "path", "is_allowed"),
    [
        ("\ufeffUser-agent: *\nDisallow: /a", "/a/1", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/1", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: klastriotsing\nDisallow:", "/a", True),
        ("User-agent: Klastriotsing\nDisallow: /\n\nUser-agent: *\nDisallow:", "/a", False),
        ("User-agent: muu\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /õ", "/%C3%B5", False),
        ("<!DOCTYPE html><html><body>Disallow: /</body></html>", "/a", True),
        ("", "/a", True),
    ],
)
def test_rules(text, path, is_allowed):
    assert read_robots(text.encode()).allows(f"https://klaster.example{path}") is is_allowed


def test_delay_and_sitemaps():
    rules = read_robots(
        b"User-agent: *\nCrawl-delay: 2.5\nSitemap: /a.xml\nSitemap: https://klaster.example/b.xml\n"
    )
    assert rules.crawl_delay == 2.5
    assert list(rules.sitemaps) == ["/a.xml", "https://klaster.example/b.xml"]


@pytest.mark.parametrize("data", [b"\0\xff\xfe" * 100, b"Crawl-delay: palju", b"a" * 500_000])
def test_rubbish_allows_everything(data):
    rules = read_robots(b"User-agent: *\n" + data)
    assert (rules.allows("https://klaster.example/"), rules.crawl_delay) == (True, 0)
