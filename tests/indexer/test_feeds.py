"""Feeds: RSS of every version, Atom and JSON Feed, whole and broken."""

import json

import pytest
from inputs import Read, read_bytes

from indexer.sources.base import ReadOptions
from indexer.sources.exports.feeds import read_feed
from indexer.sources.limits import Limits
from indexer.sources.tabular.json_files import read_json

LONG = "Klaster avas Tartus uue katselabori. " * 20
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>Metsaklaster</title>
<atom:link href="https://metsaklaster.example/feed/" rel="self" type="application/rss+xml"/>
<link>https://metsaklaster.example/uudised/</link>
<description>Uudised</description>
<language>en-US</language>
"""
TAIL = "</channel></rss>"


def item(
    title: str = "Uus labor",
    *,
    link: str = "https://metsaklaster.example/uudised/labor/?utm_source=rss&amp;utm_medium=feed",
    description: str = "Lühike algus [&#8230;]",
    content: str = f"<p>{LONG}</p>",
    more: str = "<pubDate>Thu, 01 Dec 2016 00:10:00 +0200</pubDate>",
) -> str:
    encoded = f"<content:encoded><![CDATA[{content}]]></content:encoded>" if content else ""
    return (
        f"<item><title>{title}</title><link>{link}</link>"
        f"<description><![CDATA[{description}]]></description>{encoded}{more}</item>\n"
    )


def read(*items: str, options: ReadOptions | None = None, address: str = "") -> Read:
    text = HEAD + "".join(items) + TAIL
    return read_bytes(read_feed, text, "voog.xml", options=options, address=address)


def test_an_entry_has_what_the_feed_says_of_it() -> None:
    more = """<pubDate>Thu, 01 Dec 2016 00:10:00 +0200</pubDate><guid isPermaLink="false">x1</guid>
      <category><![CDATA[Rohe- &amp; ringmajandus]]></category>"""
    options = ReadOptions(categories={"Rohe- & ringmajandus": "rohe-ringmajandus"})
    found = read(item("Puit &amp;amp; meie &#8211; koos", more=more), options=options)
    (article,) = found.articles
    assert not found.errors
    assert not found.remarks
    assert article.id == "metsaklaster.example/uudised/labor"
    assert article.url == "https://metsaklaster.example/uudised/labor/"
    assert article.title == "Puit & meie – koos"
    assert article.body == (LONG.strip(),)
    assert found.days == ["2016-12-01"]
    assert [each.value for each in article.focus_areas] == ["rohe-ringmajandus"]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("<pubDate>Wed, 07 Apr 2016 23:30:00 +0200</pubDate>", "2016-04-07"),
        ("<pubDate>2016/04/07</pubDate>", "2016-04-07"),
        ("<pubDate>07.04.2016 09:00</pubDate>", "2016-04-07"),
        ("<dc:date>2016-04-07T00:10:00+03:00</dc:date>", "2016-04-07"),
        (
            "<atom:updated>2017-01-01T00:00:00Z</atom:updated><pubDate>7 Apr 2016</pubDate>",
            "2016-04-07",
        ),
        ("<pubDate>04/05/2016</pubDate>", ""),
        ("<pubDate>eile</pubDate>", ""),
        ("", ""),
    ],
)
def test_the_day_is_the_one_written(dates: str, expected: str) -> None:
    assert read(item(more=dates)).days == [expected]


@pytest.mark.parametrize(
    ("end", "kept"),
    [
        (
            '<p>The post <a href="/x">Uus labor</a> appeared first on <a href="/">M</a>.</p>',
            "",
        ),
        (
            "<p>Postitus <a href='#'>Uus labor</a> ilmus esmalt lehel Metsaklaster.</p>",
            "",
        ),
        ("<p>Запись Новая лаборатория впервые появилась Metsaklaster.</p>", ""),
        ("<p><a href='#'>Loe edasi…</a></p>", ""),
        ("<p><a class='more-link' href='#'>Continue reading <span>„Uus labor“</span></a></p>", ""),
        ("<p>Labor on lahti. <a href='#'>Loe edasi →</a></p>", "Labor on lahti."),
        (
            "<p>Vaata ka: loe edasi õppimise kohta raamatust.</p>",
            "Vaata ka: loe edasi õppimise kohta raamatust.",
        ),
        ("<script>track()</script><img src='https://pixel.example/1.gif'/>", ""),
    ],
)
def test_what_feeds_add_is_cut(end: str, kept: str) -> None:
    (article,) = read(item(content=f"<p>{LONG}</p>{end}")).articles
    assert article.body == ((LONG.strip(), kept) if kept else (LONG.strip(),))


@pytest.mark.parametrize(
    ("description", "last"),
    [
        ("Klaster avas uue labori, kuhu [&#8230;]", "Klaster avas uue labori, kuhu…"),
        ("Klaster avas uue labori. <a href='/x'>Loe edasi</a>", "Klaster avas uue labori."),
        ("Klaster avas uue labori.", "Klaster avas uue labori."),
        (LONG + "ja […]", LONG + "ja…"),
    ],
)
def test_a_summary_is_read_and_marked(description: str, last: str) -> None:
    found = read(item(content="", description=description))
    assert found.articles[0].body == (last,)
    assert [(each.code, each.member) for each in found.remarks] == [("summary", "“Uus labor”")]


def test_a_long_description_is_the_article() -> None:
    found = read(item(content="", description=f"<p>{LONG}</p><p>{LONG}lõpp.</p>"))
    assert not found.remarks
    assert len(found.articles[0].body) == 2


def test_relative_links_guids_and_entries_without_any() -> None:
    guid = '<guid isPermaLink="false">tag:metsaklaster.example,2016:/a//../b</guid>'
    items = (
        item("A", link="/uudised/a"),
        item("B", link="../b?utm_campaign=x#top"),
        item(
            "C", link="", more='<guid isPermaLink="true">https://metsaklaster.example/?p=5</guid>'
        ),
        item("D", link="", more=guid),
        item("E", link="", more=""),
        item("F", link="", more=""),
    )
    found = read(*items)
    ids = [each.id for each in found.articles]
    assert ids[:4] == [
        "metsaklaster.example/uudised/a",
        "metsaklaster.example/b",
        "metsaklaster.example?p=5",
        "voog/tag:metsaklaster.example,2016:/a/b",
    ]
    assert len(set(ids)) == 6
    assert [each.id for each in read(*reversed(items)).articles] == ids[::-1]
    far = read(item("A", link="a/"), address="https://teine.example/feed/")
    assert far.articles[0].id == "teine.example/feed/a"


RDF = f"""<?xml version="1.0" encoding="iso-8859-1"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://k.example/"><title>K</title><link>https://k.example/</link></channel>
<item rdf:about="https://k.example/1"><title>Žürii valis õuna</title><link>https://k.example/1</link>
<description>{LONG}</description><dc:date>2016-12-01T23:30:00+02:00</dc:date></item></rdf:RDF>"""
ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://k.example/">
<title>K</title><link href="https://k.example/"/><id>urn:k</id><updated>2017-01-01T00:00:00Z</updated>
<entry><title type="html">Žürii valis &lt;i&gt;õuna&lt;/i&gt;</title>
<link rel="alternate" href="1"/>
<link rel="edit" href="https://k.example/api/1"/><id>urn:k:1</id><published>2016-12-01T23:30:00+02:00</published>
<updated>2017-01-05T00:00:00Z</updated><summary>Lühidalt</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{LONG}</p></div></content></entry></feed>"""
ATOM03 = f"""<?xml version="1.0"?><feed version="0.3" xmlns="http://purl.org/atom/ns#">
<title>K</title><link rel="alternate" href="https://k.example/"/>
<entry><title>Žürii valis õuna</title>
<link rel="alternate" href="https://k.example/1"/><issued>2016-12-01T23:30:00+02:00</issued>
<modified>2017-01-05T00:00:00Z</modified>
<content type="text/plain">{LONG}</content></entry></feed>"""
RSS091 = f"""<?xml version="1.0"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://127.0.0.1:9/rss-0.91.dtd">
<rss version="0.91"><channel><title>K</title><link>https://k.example/</link><item>
<title>&#381;&uuml;rii valis &otilde;una</title><link>https://k.example/1</link>
<description>{LONG}</description><pubDate>1 Dec 2016</pubDate></item></channel></rss>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "K",
        "home_page_url": "https://k.example/",
        "items": [
            {
                "id": 1,
                "url": "/1",
                "title": "Žürii valis õuna",
                "content_html": f"<p>{LONG}</p>",
                "summary": "Lühidalt",
                "date_published": "2016-12-01T23:30:00+02:00",
                "tags": ["puit"],
            }
        ],
    }
)


@pytest.mark.parametrize("text", [RDF, ATOM, ATOM03, RSS091, JSON_FEED])
def test_feeds_of_every_kind(text: str) -> None:
    reader = read_json if text == JSON_FEED else read_feed
    found = read_bytes(reader, text, "voog.xml")
    assert not found.errors
    (article,) = found.articles
    assert (article.id, article.title) == ("k.example/1", "Žürii valis õuna")
    assert article.body == (LONG.strip(),)
    assert found.days == ["2016-12-01"]


@pytest.mark.parametrize("charset", ["cp1257", "iso-8859-15", "utf-16"])
def test_feeds_in_code_pages_declared_otherwise(charset: str) -> None:
    data = (HEAD + item("Žürii sõi õuna") + TAIL).encode(charset)
    assert read_bytes(read_feed, data, "voog.xml").titles == ["Žürii sõi õuna"]


def test_ill_formed_feeds_lose_nothing() -> None:
    found = read(item("Puit & mets\x0b &nbsp; koos"), item("Teine < esimene"))
    assert found.titles == ["Puit & mets koos", "Teine < esimene"]


def test_a_cut_feed_keeps_what_is_whole() -> None:
    text = HEAD + item("A") + item("B") + item("C")
    for cut in (text[:-300], text[:-5]):
        found = read_bytes(read_feed, cut, "voog.xml")
        assert found.titles == ["A", "B"]
        assert "it breaks off at line" in found.messages[0]
    whole_entries = read_bytes(read_feed, text, "voog.xml")
    assert whole_entries.titles == ["A", "B", "C"]
    assert len(whole_entries.errors) == 1


BOMB = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
XXE = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("<!DOCTYPE html><html><head><title>404</title></head></html>", "it is a web page"),
        ("", "nothing in it is known"),
        ("Not found", "nothing in it is known"),
        (HEAD.replace("<rss", BOMB + "<rss") + item("&b;") + TAIL, "entities"),
        (HEAD.replace("<rss", XXE + "<rss") + item("&x;") + TAIL, "entities"),
    ],
)
def test_what_is_no_feed_is_one_line(text: str, part: str) -> None:
    found = read_bytes(read_feed, text, "voog.xml")
    assert not found.articles
    (message,) = found.messages
    assert part in message


def test_an_empty_feed_and_too_large_entries() -> None:
    assert read().codes == ["empty"]
    found = read_bytes(
        read_feed, HEAD + item("A") + item("B") + TAIL, "voog.xml", limits=Limits(megabytes=0.0002)
    )
    assert [each.code for each in found.errors] == ["bad-item", "bad-item"]
