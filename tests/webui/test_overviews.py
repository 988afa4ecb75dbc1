"""The pages to look around on: focus areas, organisations, all values of a facet."""

import random
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from page_reader import Element, Page
from soundness import sound_page

from indexer.factory import index_of, pipeline
from search.analysis import Analyzer
from search.configuration import Configuration
from search.request import NO_FOCUS, FacetFilter, SearchRequest
from search.results import FacetValue
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui import create_app
from webui.entities.areas import Areas
from webui.entities.collation import estonian_key, initial, slugs
from webui.facets.facet_list import PAGE_SIZE, ListPage, ListRequest, list_page
from webui.localisation import Localisation

Read = Callable[..., Page]
AREAS = Areas(load_taxonomy(None))
AREA = "rohe-ringmajandus"
PAGES = (
    "/valdkonnad",
    f"/valdkonnad/{AREA}",
    "/organisatsioonid",
    "/organisatsioonid/emajoe-rakendusulikool",
    "/organisatsioonid/laaneranna-tehnikaulikool?name=LTÜ",
    "/vordle",
    "/vordle?org=EAS&org=LTÜ",
    "/vordle?org=klaster&org=puudub",
    "/facet/org?q=klastrid",
    "/facet/year?q=klastrid&year=2016",
    f"/facet/focus?lang=en&not_focus={AREA}",
)


def counted(page: Page) -> list[tuple[Element, int]]:
    """The links and checkboxes of the lists, with the number of articles each says."""
    found = []
    for line in page.all("li"):
        if any("counted" in each.classes for each in line.parents):
            own = next(
                each
                for each in page.elements
                if each.tag in ("a", "input") and line in each.parents
            )
            said = next(each for each in page.all("span", class_="vh") if line in each.parents)
            found.append((own, int(said.text.split()[0])))
    return found


def count_of(page: Page) -> int:
    found = re.search(r"\d+", page.one("h2", id="results-title").text)
    return int(found.group()) if found else 0


# The alphabet


def test_names_stand_in_the_order_of_the_estonian_alphabet() -> None:
    ordered = [
        "2. kool", "10. kool", "AS Aru", "Clúster", "Eesti Liit", "„Eesti Puit“", "EestiX",
        "Sakala", "Sild", "Šokolaad", "Z", "Žürii", "Tartu", "Vesi", "W", "Õpik", "Ärimaja",
        "Ööpik", "Üks", "X", "Yrjö", "Ящик",
    ]  # fmt: skip
    assert sorted(random.Random(1).sample(ordered, len(ordered)), key=estonian_key) == ordered


def test_names_stand_under_their_first_letter() -> None:
    names = ["„Õpik“", "šokk", "Ängström", "Éclair", "3D", "", "  eas"]
    assert [initial(each) for each in names] == ["Õ", "Š", "Ä", "E", "#", "#", "E"]


def test_every_name_has_an_address_of_its_own() -> None:
    found = slugs(["Emajõe Kool", "Emajoe kool", "AS A & B", "„!“", "Кластер", "."])
    assert found["Emajõe Kool"] == "emajoe-kool"
    assert found["AS A & B"] == "as-a-b"
    assert found["Emajoe kool"].startswith("emajoe-kool-")
    assert found["Кластер"] == "кластер"
    assert len(set(found.values())) == len(found)
    assert all(found.values())


# Lists


def test_a_list_is_narrowed_ordered_and_cut() -> None:
    values = [FacetValue(f"Kool {n}", f"Kool {n}", 500 - n) for n in range(450)]
    values += [FacetValue("AS Öökull", "AS Öökull", 1)]

    def page(name: str, order: str, number: int, letter: str = "") -> ListPage:
        asked, here = ListRequest(name, order, number, letter), Localisation.of("et")
        return list_page(values, "org", asked, AREAS, lambda label: name in label, here)

    first = page("", "count", 1)
    assert (first.texts.found, first.previous, first.next) == ("451 organisatsiooni", None, 2)
    assert len(first.values) == PAGE_SIZE
    assert first.letters == ("A", "K")
    last = page("Kool", "name", 3)
    assert (last.texts.found, last.previous, last.next) == ("450 organisatsiooni", 2, None)
    assert last.values[-1].label == "Kool 449"
    (only,) = page("", "name", 1, "A").values
    assert only.label == "AS Öökull"
    assert not page("", "count", 9).values
    assert not page("", "count", 1, "Q").values


@pytest.mark.parametrize("wrong", ["order=x", "list=0", "list=x", "list=²", "list=1000000"])
def test_what_is_no_list_is_explained(client: FlaskClient, wrong: str) -> None:
    for address in ("/organisatsioonid", "/facet/org"):
        assert client.get(f"{address}?{wrong}").status_code == 400


# Focus areas and organisations


def test_every_area_has_a_sentence_a_chart_and_its_newest(
    read: Read, service: SearchService
) -> None:
    page = read("/valdkonnad")
    headings = [each for each in page.all("h2") if each.inside("main")]
    ids = [*load_taxonomy(None).ids, NO_FOCUS]
    assert [each.text for each in headings] == [
        *(load_taxonomy(None).label(each, "et") for each in ids[:-1]), "Valdkond määramata",
    ]  # fmt: skip
    listed = page.one("ul", class_="area-list")
    parts = [each for each in page.all("li") if each.parents[-1] is listed]
    for area, part in zip(ids, parts, strict=True):
        chosen = SearchRequest(focus=FacetFilter((area,)), sort="newest")
        found = service.search(chosen)
        inside = [each for each in page.elements if part in each.parents]
        titles = [each.text for each in inside if each.tag == "a" and "titles" in _classes(each)]
        assert titles == [hit.title for hit in found.hits[:3]]
        wanted = f"Kõik {found.total} artiklit"
        everything = next(e for e in inside if e.tag == "a" and e.text.startswith(wanted))
        assert count_of(read(everything["href"])) == found.total
        assert load_taxonomy(None).description(area, "et") in part.text
        assert any("bars" in each.classes for each in inside)


def _classes(element: Element) -> list[str]:
    return [each for parent in element.parents for each in parent.classes]


def test_without_a_description_an_area_is_shown_all_the_same(
    tmp_path: Path, service: SearchService
) -> None:
    plain = load_taxonomy(None).areas[1]
    file = tmp_path / "valdkonnad.yaml"
    file.write_text(
        f"areas: [{{id: {plain.id}, label: {{et: Rohe, en: Green}}, cues: [{{lemmas: [a]}}]}}]",
        encoding="utf-8",
    )
    client = create_app(service, Configuration(taxonomy=file)).test_client()
    assert client.get("/valdkonnad").status_code == 200
    assert client.get(f"/valdkonnad/{plain.id}").status_code == 200


def test_an_area_shows_years_organisations_and_the_newest(
    read: Read, service: SearchService
) -> None:
    page = read(f"/valdkonnad/{AREA}?lang=et")
    chosen = SearchRequest(focus=FacetFilter((AREA,)), sort="newest")
    newest = [hit.title for hit in service.search(chosen).hits]
    titles = page.one("ul", class_="titles")
    assert [each.text for each in page.all("a") if titles in each.parents] == newest
    chart = page.one("ul", class_="bars")
    bars = [each for each in page.all("a") if chart in each.parents]
    said = int(re.findall(r"(\d+) art", bars[0].text)[0])
    assert parse_qs(urlsplit(bars[0]["href"]).query)["focus"] == [AREA]
    assert count_of(read(bars[0]["href"])) == said
    link, count = counted(page)[0]
    asked = SearchRequest(focus=FacetFilter((AREA,)), org=FacetFilter((link.text,)))
    assert service.search(asked).total == count


def test_organisations_run_from_a_to_the_end(read: Read, service: SearchService) -> None:
    page = read("/organisatsioonid")
    names = [link.text for link, _ in counted(page)]
    assert len(names) == service.search(SearchRequest()).facet("org").available
    assert names == sorted(names, key=estonian_key)
    letters = [each.text for each in page.all("h2") if len(each.text) == 1]
    assert letters == sorted(set(map(initial, names)), key=estonian_key)
    by_count = [count for _, count in counted(read("/organisatsioonid?order=count"))]
    assert by_count == sorted(by_count, reverse=True)
    narrowed = [link.text for link, _ in counted(read("/organisatsioonid?name=rakendus"))]
    assert narrowed
    assert all("rakendus" in each.lower() for each in narrowed)
    assert read("/organisatsioonid?name=qqq").one("p", class_="quiet").text == "0 organisatsiooni"


def test_an_organisation_shows_who_else_is_named(read: Read, service: SearchService) -> None:
    page = read("/organisatsioonid/emajoe-rakendusulikool")
    name = page.one("h1").text
    assert name == "Emajõe Rakendusülikool"
    everything = next(each for each in page.all("a") if re.fullmatch(r"\d+ artiklit", each.text))
    assert parse_qs(urlsplit(everything["href"]).query) == {"org": [name]}
    others = [
        (link, count) for link, count in counted(page) if "/organisatsioonid/" in link["href"]
    ]
    assert others
    for link, count in others[:4]:
        assert link.text != name
        query = f'org:"{name}" org:"{link.text}"'
        assert service.search(SearchRequest(query)).total == count
        assert read(link["href"]).one("h1").text == link.text


def test_what_is_not_there_is_not_found(client: FlaskClient) -> None:
    for address in (
        "/valdkonnad/puudub",
        "/valdkonnad/none",
        "/organisatsioonid/puudub",
        "/facet/month",
    ):
        assert client.get(address).status_code == 404


def test_the_pages_lead_to_each_other(read: Read) -> None:
    start = read("/")
    assert start.link("3 valdkonda")["href"] == "/valdkonnad"
    organisations = next(e for e in start.all("a") if re.fullmatch(r"\d+ organisatsiooni", e.text))
    assert organisations["href"] == "/organisatsioonid"
    english = read("/organisatsioonid?lang=en")
    assert english.link("Eesti")["href"] == "/organisatsioonid?lang=et"
    assert all("lang=en" in link["href"] for link, _ in counted(english))


# All values of a facet


def test_all_values_can_be_chosen_from(read: Read, client: FlaskClient) -> None:
    results = read("/?q=klastrid&year=2014-2026&sort=oldest")
    link = results.link("Vaata kõiki: Organisatsioon")
    page = read(link["href"])
    box, count = counted(page)[0]
    assert box["name"] == "org"
    sent = carried(page)
    assert sent == {
        **{"q": "klastrid", "from": "2014", "to": "2026", "sort": "oldest"},
        **{"order": "count", "name": ""},
    }
    response = client.get("/", query_string={**sent, box["name"]: box["value"]})
    assert urlsplit(response.headers["Location"]).query == urlencode(
        {"q": "klastrid", "org": box["value"], "from": 2014, "to": 2026, "sort": "oldest"}
    )
    assert count_of(read(response.headers["Location"])) == count


def carried(page: Page) -> dict[str, str]:
    """What the form of the list sends besides its checkboxes."""
    return {
        each["name"]: each["value"]
        for each in page.all("input")
        if "choose" in [parent.get("id") for parent in each.parents]
        and each.get("type") != "checkbox"
    }


def test_what_is_chosen_stays_chosen_though_the_list_is_narrowed(read: Read) -> None:
    page = read("/facet/org?q=klastrid&org=EAS&not_org=Andurik+O%C3%9C&name=emaj")
    assert carried(page) == {
        **{"q": "klastrid", "order": "count", "name": "emaj"},
        **{"org": "EAS", "not_org": "Andurik OÜ"},
    }
    assert [each["value"] for each in page.all("button", name="undo")] == [
        "org:EAS",
        "not_org:Andurik OÜ",
    ]
    shown = read("/facet/org?q=klastrid&org=EAS")
    assert "checked" in shown.one("input", type="checkbox", value="EAS").attributes


def test_a_long_query_goes_on_by_the_form_here_too(client: FlaskClient) -> None:
    query = "klaster OR " + "õ" * 980
    page = Page(client.get("/", query_string={"q": query}).text)
    button = page.one("button", formaction="/facet/org")
    assert button.text == "Vaata kõiki: Organisatsioon"
    response = client.get("/facet/org", query_string={"q": query})
    assert len(response.data) < 60_000


def test_a_replaced_query_has_the_values_of_its_results(read: Read, service: SearchService) -> None:
    """The results page replaces what finds nothing; all values are those of what it shows."""
    results = service.search(SearchRequest("klsater"))
    assert results.searched == "klaster"
    page = read("/facet/org?q=klsater")
    assert "need tulemused on päringule „klaster“" in page.one("p", class_="replaced").text
    same = counted(read("/facet/org?q=klaster"))
    assert [(e["value"], n) for e, n in counted(page)] == [(e["value"], n) for e, n in same]
    assert {e["value"]: n for e, n in counted(page)}["EAS"] == 8
    for name in ("focus", "year"):
        shown = {e["value"]: n for e, n in counted(read(f"/facet/{name}?q=klsater"))}
        assert shown == {str(each.value): each.count for each in results.facet(name).values}
    # What was typed stays in the box and travels on.
    assert page.one("input", type="search")["value"] == "klsater"
    assert page.link("← Tagasi tulemuste juurde")["href"] == "/?q=klsater"


@pytest.mark.parametrize("asked", ["q=klaster", "q=klastrofoobia", "q=robot+saepuru+puudub", ""])
def test_a_query_that_is_not_replaced_says_nothing_of_it(
    read: Read, service: SearchService, asked: str
) -> None:
    page = read(f"/facet/year?{asked}&year=2016")
    assert not page.all("p", class_="replaced")
    chosen = SearchRequest(parse_qs(asked).get("q", [""])[0], year=FacetFilter(("2016",)))
    values = service.search(chosen).facet("year").values
    assert {e["value"]: n for e, n in counted(page)} == {str(e.value): e.count for e in values}


@pytest.mark.parametrize(
    ("sent", "usual"),
    [
        ("/facet/org?letter=&letter=E&name=", "/facet/org?letter=E"),
        ("/facet/org?q=puit&org=EAS&undo=org:EAS&order=count", "/facet/org?q=puit"),
        ("/facet/year?q=&order=name&list=", "/facet/year"),
        ("/organisatsioonid?order=name&order=count&name=", "/organisatsioonid?order=count"),
    ],
)
def test_what_the_form_of_a_list_says_twice_the_address_says_once(
    client: FlaskClient, sent: str, usual: str
) -> None:
    response = client.get(sent)
    assert (response.status_code, response.location) == (302, usual)
    assert client.get(usual).status_code == 200


@pytest.mark.parametrize("address", ["/organisatsioonid", "/facet/org"])
def test_organisations_are_found_by_their_other_names(read: Read, address: str) -> None:
    for typed in ("arendamise", "sihtasutusest"):
        page = read(f"{address}?name={typed}")
        assert "EAS teise nime järgi: Ettevõtluse Arendamise Sihtasutus" in page.one("main").text
    assert "teise nime järgi" not in read(f"{address}?name=EAS").one("main").text


def names_of(page: Page) -> list[str]:
    """The other names that the page of an organisation gives, by kind."""
    lists = page.all("dl", class_="names")
    return [e.text for e in page.all("div") if lists and e.parents[-1] is lists[0]]


def test_an_organisation_has_its_other_names(
    read: Read, tmp_path: Path, analyzer: Analyzer
) -> None:
    page = read("/organisatsioonid/eas")
    assert names_of(page) == ["Teised nimed Ettevõtluse Arendamise Sihtasutus"]
    assert not names_of(read("/organisatsioonid/emajoe-rakendusulikool"))

    gazetteer, corrections = tmp_path / "nimed.yaml", tmp_path / "parandused.yaml"
    gazetteer.write_text(
        "organisations: [{name: Leivakoda, aliases: [LK, Koda & <Leib>], former: [Saialiit, SL]}]",
        encoding="utf-8",
    )
    corrections.write_text("organisations: {merge: {Leivakoda: [Leivaselts]}}", encoding="utf-8")
    (tmp_path / "uudised").mkdir()
    text = "---\norganisations: [LK]\n---\nLeivapäev\n\nLõhnas.\n"
    (tmp_path / "uudised" / "leib.txt").write_text(text, encoding="utf-8")
    configuration = Configuration(
        index=tmp_path / "index", gazetteer=gazetteer, overrides=corrections
    )
    pipeline(configuration).reindex(index_of(configuration), [tmp_path / "uudised"])
    service = SearchService(configuration.index, configuration, analyzer, load_taxonomy(None))
    with closing(service):
        client = create_app(service, configuration).test_client()
        page = Page(client.get("/organisatsioonid/leivakoda").text)
        assert names_of(page) == [
            "Lühend LK", "Teised nimed Koda & <Leib>, Leivaselts", "Varasemad nimed Saialiit, SL",
        ]  # fmt: skip
        english = Page(client.get("/organisatsioonid/leivakoda?lang=en").text)
        assert names_of(english)[-1] == "Formerly Saialiit, SL"


# What holds on every page


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_sound_and_small(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    sound_page(response)


def test_a_full_page_of_organisations_stays_small(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient, service: SearchService
) -> None:
    names = [f"Lõuna-Eesti Kutsehariduskeskuse Sihtasutus {n:04d}" for n in range(2_000)]
    facet = service.facet("org", SearchRequest())
    values = tuple(FacetValue(each, each, 10_000) for each in names)
    many = type(facet)("org", values, len(values))
    monkeypatch.setattr(SearchService, "facet", lambda *_, **__: many)
    for address in ("/organisatsioonid?list=3", "/facet/org?q=klastrid&list=3"):
        assert len(client.get(address).data) < 60_000
