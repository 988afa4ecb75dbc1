"""Who runs the site, what it keeps, and what its pages are called elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from answers import VIEW
from flask.testing import FlaskClient
from page_reader import Page
from soundness import sound_page

from search.article_view import ValueView
from search.configuration import Configuration, SiteSettings, SourceSettings
from search.errors import ConfigurationError, NoIndex
from search.service import SearchService
from webui import Metrics, create_app
from webui.localisation import Localisation
from webui.pages.about import STATEMENTS, KeptData, privacy_sections

Read = Callable[..., Page]
Scripted = Callable[..., FlaskClient]
ARTICLE = "/article/2009-10-06-saepuru-ei-ole-prugi"
HOST = "https://otsing.example"


@pytest.fixture
def run_by(service: SearchService) -> Callable[..., FlaskClient]:
    """A site with an operator, and other settings."""

    def make(metrics: Metrics | None = None, **settings: object) -> FlaskClient:
        site = SiteSettings("MTÜ Puiduklaster", "toimetus@klaster.example")
        configuration = Configuration(**{"site": site, **settings})  # type: ignore[arg-type]
        return create_app(service, configuration, metrics).test_client()

    return make


def main_of(client: FlaskClient, address: str) -> str:
    return Page(client.get(address).text).one("main").text


# Pages about the site


@pytest.mark.parametrize("address", [f"/{each}" for each in (*STATEMENTS, "haldajale")])
def test_every_page_about_the_site_is_sound_in_both_languages(
    client: FlaskClient, address: str
) -> None:
    titles = set()
    for language in ("et", "en"):
        page = sound_page(client.get(f"{address}?lang={language}"))
        titles.add(page.one("h1").text)
        assert len([each for each in page.all("h2") if each.inside("main")]) > 2
    assert len(titles) == 2


@pytest.mark.parametrize("address", ["/", "/?q=klaster", ARTICLE, "/valdkonnad", "/puudub", "/abi"])
def test_every_page_leads_to_them_and_says_when_it_was_updated(
    client: FlaskClient, address: str
) -> None:
    page = Page(client.get(address).text)
    footer = [each for each in page.all("a") if each.inside("footer")]
    assert [each["href"] for each in footer][-3:] == [f"/{each}" for each in STATEMENTS]
    assert "Viimati uuendatud 1. juuni 2026" in page.one("footer").text


def test_it_says_what_the_collection_covers(read: Read, run_by: Callable[..., FlaskClient]) -> None:
    text = read("/saidist").one("main").text
    for told in ("66 artiklit", "uusim", "juuni 2026", "eesti 64", "inglise 2"):
        assert told in text
    assert "ei ole siin oma nime ega aadressi avaldanud" in text
    sources = (SourceSettings("https://www.klaster.example/"), SourceSettings("/srv/uudised"))
    client = run_by(sources=sources)
    named = main_of(client, "/saidist")
    assert "Allikad: uudised, " in named
    assert "/srv" not in named
    assert "Saiti peab MTÜ Puiduklaster." in named
    link = Page(client.get("/ligipaasetavus").text).link("toimetus@klaster.example")
    assert link["href"] == "mailto:toimetus@klaster.example"


def test_the_privacy_note_says_what_is_true_of_the_settings(
    run_by: Callable[..., FlaskClient],
) -> None:
    keeping = main_of(run_by(Metrics()), "/andmekaitse")
    assert "viimased 500 eri otsingut" in keeping
    assert "avab kirja" in keeping
    silent = main_of(run_by(Metrics(keeps_queries=False), site=SiteSettings()), "/andmekaitse")
    assert "Otsitut ei salvestata." in silent
    assert "500" not in silent
    assert "avab kirja" not in silent


@pytest.mark.parametrize(
    ("kept", "told", "untold"),
    [
        (KeptData(keeps_queries=False), "külastuste logi ei pea", "võrguaadress"),
        (KeptData(keeps_queries=False, log="json"), "aga mitte seda, kes see oli", "võrguaadress"),
        (KeptData(keeps_queries=False, log="json-with-clients"), "võrguaadressi", "logi ei pea"),
        (KeptData(keeps_queries=False, takes_orders=True), "lõpetab tellimuse", "500"),
        (KeptData(keeps_queries=True), "viimased 500", "tellimus"),
    ],
)
def test_the_privacy_note_follows_what_is_kept(kept: KeptData, told: str, untold: str) -> None:
    sections = privacy_sections(kept, Localisation.of("et"))
    text = " ".join(" ".join(each.paragraphs) for each in sections)
    assert told in text
    assert untold not in text


def test_the_only_cookie_is_the_one_that_is_named(client: FlaskClient) -> None:
    (cookie,) = client.get("/?lang=et").headers.getlist("Set-Cookie")
    assert cookie.partition("=")[0] in client.get("/andmekaitse").text
    assert not client.get("/?q=klaster").headers.getlist("Set-Cookie")


def test_an_owner_has_words_of_their_own(
    tmp_path: Path, run_by: Callable[..., FlaskClient]
) -> None:
    both = tmp_path / "a.md"
    both.write_text(
        "# Andmekaitse\n\nMeie *tekst*. [Kiri](mailto:a@b.ee)\n\n---\n\n# Privacy\n\nOur text.\n",
        encoding="utf-8",
    )
    plain = tmp_path / "b.md"
    plain.write_text("Tere! <script>alert(1)</script>", encoding="utf-8")
    client = run_by(site=SiteSettings(privacy=both, about=plain))
    assert main_of(client, "/andmekaitse?lang=et") == "Andmekaitse Meie tekst. Kiri"
    assert main_of(client, "/andmekaitse?lang=en") == "Privacy Our text."
    about = Page(client.get("/saidist").text)
    assert "Tere! <script>alert(1)</script>" in about.one("main").text
    assert "artiklit" in about.one("main").text
    with pytest.raises(ConfigurationError, match=r"puudub\.md"):
        run_by(site=SiteSettings(about=tmp_path / "puudub.md"))


def test_without_an_index_they_can_be_read(scripted: Scripted) -> None:
    client = scripted(error=NoIndex(index="index"))
    for address in STATEMENTS:
        assert client.get(f"/{address}").status_code == 200
    footer = Page(client.get("/").text).one("footer").text
    assert "Andmekaitse" in footer
    assert "uuendatud" not in footer


# Mistakes


def test_a_mistake_is_reported_by_an_email_where_there_is_an_address(
    run_by: Callable[..., FlaskClient],
) -> None:
    client = run_by(base_url=HOST)
    page = Page(client.get(f"{ARTICLE}?q=puit&lang=et").text)
    values = page.all("p", class_="found-value")
    links = [e for e in page.all("a") if e.text.startswith("Teata veast: ")]
    assert len(links) == len(values)
    address = page.link("Teata veast: Leegivool AS")["href"] or ""
    assert address.startswith("mailto:toimetus@klaster.example?")
    email = parse_qs(urlsplit(address).query)
    assert email["subject"] == ["Viga artiklis: Leegivool AS"]
    assert email["body"][0].split("\r\n\r\n") == [
        f"{HOST}{ARTICLE}", "Organisatsioon: Leegivool AS", "Mis on valesti: ",
    ]  # fmt: skip


def test_a_name_can_add_nothing_to_the_email(scripted: Scripted) -> None:
    evil = 'A&bcc=x@y.ee?"\r\nBcc: x@y.ee <b>'
    view = replace(VIEW, values=(ValueView("org", evil, evil, "found", ()),))
    client = scripted(Configuration(site=SiteSettings(contact="a@b.ee")), view=view)
    page = Page(client.get("/article/x").text)
    letter = next(e for e in page.all("a") if "mailto:" in (e["href"] or ""))["href"] or ""
    assert set(parse_qs(urlsplit(letter).query)) == {"subject", "body"}
    assert "\n" not in letter


# What a page is called elsewhere


@pytest.mark.parametrize(
    ("address", "canonical", "kind"),
    [
        ("/?lang=et", "/", "website"),
        ("/?q=puit&sort=oldest&colour=focus&lang=en&x=1", "/?q=puit", "website"),
        ("/?q=puit&year=2016&page=2", "/?q=puit&year=2016&page=2", "website"),
        (f"{ARTICLE}?q=puit&lang=et", ARTICLE, "article"),
        ("/organisatsioonid/eas?colour=focus&lang=en", "/organisatsioonid/eas", "website"),
        ("/valdkonnad/rohe-ringmajandus", "/valdkonnad/rohe-ringmajandus", "website"),
        ("/vordle?org=EAS&org=Andurik+OÜ", "/vordle?org=Andurik+O%C3%9C&org=EAS", "website"),
        ("/andmekaitse?lang=en", "/andmekaitse", "website"),
    ],
)
def test_pages_have_one_address_and_a_description(
    run_by: Callable[..., FlaskClient], address: str, canonical: str, kind: str
) -> None:
    page = Page(run_by(base_url=HOST).get(address).text)
    assert page.one("link", rel="canonical")["href"] == HOST + canonical
    told = {
        each.get("property") or each.get("name"): each.get("content") for each in page.all("meta")
    }
    assert told["og:url"] == HOST + canonical
    assert told["og:type"] == kind
    assert told["og:title"]
    assert 10 < len(told["description"] or "") <= 400
    assert "og:image" not in told


def test_without_a_public_address_no_other_is_named(client: FlaskClient) -> None:
    page = Page(client.get("/valdkonnad", headers={"Host": "kuri.example"}).text)
    assert page.one("link", rel="canonical")["href"] == "/valdkonnad"
    assert not page.all("meta", property="og:url")
