"""The help is the document itself: linked by name, whole, runnable, and packed with the package."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from page_reader import Element, Page
from soundness import sound_page

from search.configuration import Configuration
from search.errors import NoIndex
from webui.addresses.parameters import SearchState
from webui.pages.help import OF_MEANING, OWNERS, READERS, rendered_guide

Read = Callable[..., Page]
Scripted = Callable[..., FlaskClient]
ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "docs" / "query-language.md"
LABELS = {"et": "Otsingu abi", "en": "Search help"}


def source_of(language: str) -> str:
    """The document's part in one language, from its title on."""
    parts = re.split(r"^# ", SOURCE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return parts[("et", "en").index(language)].split("\n---\n")[0]


def table_rows(source: str) -> list[str]:
    """The rows of its table below the head."""
    return re.findall(r"^\| .+ \|$", source, flags=re.MULTILINE)[1:]


def examples(page: Page) -> list[Element]:
    return [each for each in page.all("a") if each.inside("td")]


@pytest.mark.parametrize("language", ["et", "en"])
@pytest.mark.parametrize("address", ["/", "/?q=klastrid", "/?q=klastrofoobia", "/?page=abc"])
def test_the_help_is_linked_beside_the_box_and_below(
    client: FlaskClient, address: str, language: str
) -> None:
    joined = "&" if "?" in address else "?"
    headers = {"Accept-Language": language}
    asked = address if "page=" in address else f"{address}{joined}lang={language}"
    page = Page(client.get(asked, headers=headers).text)
    links = [each for each in page.all("a") if each.text == LABELS[language]]
    assert [each.inside("form") for each in links] == [True, False]
    assert links[1].inside("footer")
    for link in links:
        response = client.get(link["href"], headers=headers)
        assert Page(response.text).one("html")["lang"] == language
        assert Page(response.text).one("h1").text == source_of(language).split("\n")[0]


def test_where_nothing_was_found_or_understood_the_help_is_offered(client: FlaskClient) -> None:
    for address in ("/?q=klastrofoobia", "/?q=" + "a" * 1001):
        page = Page(client.get(address).text)
        assert page.link("Vaata, kuidas otsida")["href"] == "/abi"
    assert "kuidas otsida" not in client.get("/puudub").text


@pytest.mark.parametrize("language", ["et", "en"])
def test_the_page_holds_the_whole_document(read: Read, language: str) -> None:
    page, source = read(f"/abi?lang={language}"), source_of(language)
    headings = [each.text for each in page.all("h2") if each.inside("main")]
    written = re.findall(r"^## (.+)$", source, flags=re.MULTILINE)
    # This site finds by words alone.
    assert headings[1:] == [each for each in written if each not in OF_MEANING]
    assert len(page.all("tr")) == 1 + len(table_rows(source))
    for word in re.findall(r"\*\*(.+?)\*\*", source):
        assert word in [each.text for each in page.all("strong")]


@pytest.mark.parametrize("language", ["et", "en"])
def test_the_contents_lead_to_every_section(read: Read, language: str) -> None:
    page = read(f"/abi?lang={language}")
    contents = page.one("nav", class_="contents")
    links = [each for each in page.all("a") if contents in each.parents]
    inside = [each for each in page.all("h2") if each.inside("main")]
    sections = [each for each in inside if each.get("id") and contents not in each.parents]
    assert [each["href"] for each in links] == [f"#{each['id']}" for each in sections]
    assert [each.text for each in links] == [each.text for each in sections]


@pytest.mark.parametrize("language", ["et", "en"])
def test_every_example_runs_as_it_is_written(
    client: FlaskClient, read: Read, language: str
) -> None:
    links = examples(read(f"/abi?lang={language}"))
    rows = "\n".join(row.split(" | ")[0] for row in table_rows(source_of(language)))
    assert [each.text for each in links] == re.findall(r"`(.+?)`", rows)
    for link in links:
        asked = parse_qs(urlsplit(link["href"]).query)
        assert asked == {"q": [link.text], "lang": [language]}
        response = client.get(link["href"])
        assert response.status_code == 200
        assert Page(response.text).one("p", class_="explanation").text


def test_the_help_is_a_sound_page(client: FlaskClient) -> None:
    for language in ("et", "en"):
        response = client.get(f"/abi?lang={language}")
        page = sound_page(response)
        assert not any((each.get("href") or "").endswith(".md") for each in page.elements)
        other = "English" if language == "et" else "Eesti"
        assert page.link(other)["href"] == f"/abi?lang={'en' if language == 'et' else 'et'}"


def test_the_help_needs_no_index_and_keeps_the_prefix(scripted: Scripted) -> None:
    client = scripted(Configuration(prefix="/otsing"), error=NoIndex(index="index"))
    failed = Page(client.get("/otsing/").text)
    page = Page(client.get(failed.link("Otsingu abi")["href"]).text)
    assert page.one("h1").text == "Kuidas otsida"
    assert examples(page)[0]["href"] == "/otsing/?q=klaster"


def test_html_in_the_document_is_only_text() -> None:
    evil = (
        "# Abi\n\n<script>alert(1)</script>\n\nx <img src=x onerror=y> `<b>`"
        " [a](javascript:alert) [b](other.md) ![c](http://x/y.png)\n\n---\n\n# Help\n"
    )
    page = Page(rendered_guide(evil, "et", SearchState.at_start("/")).body)
    assert {each.tag for each in page.elements} <= {"p", "code", "a"}
    # An owner's statement may link to other sites; a document beside it is not on this one.
    assert [each["href"] for each in page.all("a")] == ["http://x/y.png"]


def test_an_installed_package_has_the_documents_where_they_are_looked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for document in (READERS, OWNERS):
        assert document in project["tool"]["setuptools"]["package-data"]["webui"]
        assert (ROOT / "webui" / document).resolve() == ROOT / "docs" / document


@pytest.mark.parametrize("language", ["et", "en"])
def test_readers_are_told_nothing_that_only_owners_need(read: Read, language: str) -> None:
    page = read(f"/abi?lang={language}")
    for owners in ("klastriotsing.toml", "klastriotsing analyze", "000 000", "milj", "million"):
        assert owners not in page.one("main").text
    assert not page.all("pre")
    link = page.link({"et": "Haldajale", "en": "For those who run the site"}[language])
    guide = read(link["href"])
    assert guide.one("h1").text == {"et": "Haldajale", "en": "For owners"}[language]
    for told in ("klastriotsing.toml", "klastriotsing analyze", "[site]", "aliases: [ERMEL]"):
        assert told in guide.one("main").text
    # What stands in its code is written into files, not searched for.
    assert not examples(guide)
