"""Sitemaps: what they list, and the hostile ones."""

import gzip
from dataclasses import replace

import pytest
from news_site import gzip_bomb, sitemap

from indexer.sources.limits import Limits
from indexer.sources.web.sitemaps import is_sitemap, read_sitemap, unzipped
from search.errors import AnswerTooLarge, MalformedFile

LIMITS = replace(Limits(), sitemap_megabytes=1.0, sitemap_addresses=10)
BASE = "https://klaster.example"


def test_pages_children_and_nothing_else():
    images = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc><![CDATA[ https://klaster.example/a?b=1&c=2 ]]></loc>
<image:image><image:loc>https://klaster.example/pilt.jpg</image:loc></image:image></url>
<url><loc>https://klaster.example/\xc3\xb5</loc><lastmod>2016</lastmod></url><url/></urlset>"""
    found = read_sitemap(images, "x", LIMITS)
    assert found.pages == [f"{BASE}/a?b=1&c=2", f"{BASE}/õ"]
    index = read_sitemap(sitemap(BASE, ("/a.xml", "/b.xml")), "x", LIMITS)
    assert (index.pages, index.sitemaps) == ([], [f"{BASE}/a.xml", f"{BASE}/b.xml"])
    lines = read_sitemap(f"\ufeff{BASE}/a\r\n\r\n{BASE}/b".encode(), "x", LIMITS)
    assert lines.pages == [f"{BASE}/a", f"{BASE}/b"]


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (sitemap(BASE, ("/a",)), True),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- x --><sitemapindex>", True),
        (b"https://klaster.example/a\nhttps://klaster.example/b\n", True),
        (b"<!DOCTYPE html><html><h1>404</h1></html>", False),
        (b"<rss version='2.0'>", False),
        (b"https://klaster.example/a avati eile", False),
        (b"", False),
    ],
)
def test_what_is_a_sitemap(data, is_one):
    assert is_sitemap(data) is is_one


def test_what_is_too_much_is_cut_and_told():
    found = read_sitemap(sitemap(BASE, tuple(f"/{each}" for each in range(20))), "x", LIMITS)
    assert len(found.pages) == 10
    (problem,) = found.problems
    assert "10 addresses" in str(problem)
    with pytest.raises(AnswerTooLarge):
        read_sitemap(b"<urlset>" + b" " * 1_000_001, "x", LIMITS)
    with pytest.raises(AnswerTooLarge):
        unzipped(gzip_bomb(50), "x", LIMITS)
    with pytest.raises(MalformedFile):
        unzipped(gzip.compress(b"x" * 99)[:-4], "x", LIMITS)


@pytest.mark.parametrize(
    "begin",
    [
        '<!DOCTYPE urlset [<!ENTITY a "https://klaster.example/b">]><urlset><url><loc>&a;</loc></url>',
        '<!DOCTYPE urlset SYSTEM "http://127.0.0.2/x.dtd"><urlset>',
        "<urlset><url><loc>https://klaster.example/a</loc></url><url><loc>",
        "<urlset>" + "<a>" * 5000,
    ],
)
def test_hostile_and_cut_ones_are_told(begin):
    found = read_sitemap(begin.encode(), "x", LIMITS)
    assert [type(each) for each in found.problems] == [MalformedFile]
    assert found.pages == ([f"{BASE}/a"] if "/a<" in begin else [])
