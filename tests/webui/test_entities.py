"""Pages of one organisation or two: other names, what stands beside, side by side."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask.testing import FlaskClient
from page_reader import Element, Page

from search.request import FacetFilter, SearchRequest
from search.results import Facet, FacetValue
from search.service import SearchService
from webui.entities.collation import SlugCache
from webui.entities.entity_names import NameIndex

Read = Callable[..., Page]
SCHOOL = "Lääneranna Tehnikaülikool"


def found(page: Page) -> int:
    """How many articles a page of results says there are."""
    number = re.search(r"\d+", page.one("h2", id="results-title").text)
    return int(number.group()) if number else 0


def related(page: Page) -> list[Element]:
    lists = page.all("ul", class_="related")
    return [each for each in page.all("li") if each.parents[-1] in lists]


# Names


def test_another_name_leads_to_the_page_and_the_page_says_why(client: FlaskClient) -> None:
    moved = client.get("/organisatsioonid/ltu")
    assert moved.status_code == 302
    page = Page(client.get(moved.headers["Location"]).text)
    assert page.one("h1").text == SCHOOL
    assert page.one("p", class_="replaced").text == "Teise nime järgi: LTÜ"
    own = Page(client.get("/organisatsioonid/laaneranna-tehnikaulikool").text)
    assert not own.all("p", class_="replaced")
    foreign = Page(client.get("/organisatsioonid/laaneranna-tehnikaulikool?name=EAS").text)
    assert not foreign.all("p", class_="replaced")


def test_each_other_name_leads_to_the_articles_that_hold_it(
    read: Read, service: SearchService
) -> None:
    link = read("/organisatsioonid/laaneranna-tehnikaulikool").link("LTÜ")
    asked = parse_qs(urlsplit(link["href"]).query)
    assert asked == {"org": [SCHOOL], "q": ['"LTÜ"']}
    assert 0 < found(read(link["href"])) < len(service.article_ids())


def test_a_hit_and_an_article_lead_to_the_page(read: Read) -> None:
    results = read("/?q=tehnikaülikool")
    assert results.link(SCHOOL)["href"] == "/organisatsioonid/laaneranna-tehnikaulikool"
    article = next(e for e in results.all("a") if e["href"].startswith("/article/"))
    page = read(article["href"])
    assert any(e["href"].startswith("/organisatsioonid/") for e in page.all("a"))
    assert any(e["href"].startswith("/valdkonnad/") for e in page.all("a") if e.inside("aside"))


def test_an_article_says_by_what_name_it_tells_of_an_organisation(
    read: Read, service: SearchService
) -> None:
    told = []
    for hit in service.search(SearchRequest(org=FacetFilter((SCHOOL,)), page_size=50)).hits:
        text = read(f"/article/{quote(hit.id)}").one("aside").text
        article = service.article(hit.id).article
        names = {each.name for each in article.mentions if "hnika" in each.name}
        told.append("teise nime järgi: LTÜ" in text)
        assert told[-1] is (not names), hit.id
    assert any(told)
    assert not all(told)


class Directory:
    """Organisations of which two differ by their legal form alone."""

    def generation(self) -> str:
        return "g"

    def other_names(self) -> dict[str, str]:
        return {"Aru talu": "Aru Talu MTÜ", "Kadunud": "Seda ei ole"}

    def facet(self, name: str, request: SearchRequest) -> Facet:
        del name, request
        names = ("AS Aru", "OÜ Aru", "Aru Talu MTÜ", "Öökull")
        return Facet("org", tuple(FacetValue(each, each, 1) for each in names), len(names))


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("OÜ Aru", "OÜ Aru"),
        ("as aru", "AS Aru"),
        ("aru talu", "Aru Talu MTÜ"),
        ("Arutalu", "Aru Talu MTÜ"),
        ("OÜ Öökull", "Öökull"),
        ("Kadunud", ""),
        ("", ""),
    ],
)
def test_a_legal_form_tells_two_bodies_apart(asked: str, name: str) -> None:
    directory = Directory()
    book = NameIndex(directory, SlugCache(directory))  # type: ignore[arg-type]
    found = book.by_name(asked)
    assert (found.name if found else "") == name
    assert [each.name for each in book.matching("aru talu", 9)] == ["Aru Talu MTÜ"]
    assert book.matching("", 9) == ()


# What can be done there


def test_the_articles_are_searched_followed_and_taken_along(
    client: FlaskClient, read: Read
) -> None:
    page = read("/organisatsioonid/eas?lang=en")
    box = page.one("input", id="within")
    form = next(each for each in box.parents if each.tag == "form")
    hidden = [e for e in page.all("input", type="hidden") if form in e.parents]
    assert [(each["name"], each["value"]) for each in hidden] == [("org", "EAS"), ("lang", "en")]
    assert (form["action"], box["name"]) == ("/", "q")
    for name in ("Subscribe to new articles (RSS)", "CSV", "JSON", "BibTeX"):
        link = page.link(name)
        assert parse_qs(urlsplit(link["href"]).query)["org"] == ["EAS"]
        assert client.get(link["href"]).status_code == 200
    area = read("/valdkonnad/rohe-ringmajandus")
    assert parse_qs(urlsplit(area.link("CSV")["href"]).query) == {"focus": ["rohe-ringmajandus"]}


def test_the_numbers_lead_to_the_articles_with_both(read: Read) -> None:
    for page in (read("/organisatsioonid/eas"), read("/valdkonnad/rohe-ringmajandus")):
        lines = related(page)
        assert lines
        for line in (lines[0], lines[-1]):
            links = [each for each in page.all("a") if line in each.parents]
            said = next(e for e in page.all("span", class_="vh") if links[1] in e.parents)
            assert found(read(links[1]["href"])) == int(said.text.split()[0])


def test_all_that_stand_beside_are_one_click_away(read: Read) -> None:
    page = read("/organisatsioonid/laaneranna-tehnikaulikool")
    link = next(e for e in page.all("a") if re.fullmatch(r"Kõik \d+ organisatsiooni", e.text))
    listed = read(link["href"])
    names = {each["value"] for each in listed.all("input", type="checkbox", name="org")}
    assert len(names - {SCHOOL}) == int(link.text.split()[1])


# Two side by side


def test_two_organisations_stand_side_by_side(read: Read, service: SearchService) -> None:
    first, second = "EAS", "Saarte Elamusklaster"
    beside = read("/organisatsioonid/eas")
    link = next(e for e in beside.all("a") if e.text == f"Võrdle: {second}")
    page = read(link["href"])
    assert [each.text for each in page.all("h2")][:2] == [first, second]
    both = service.search(SearchRequest(f'org:"{first}" org:"{second}"', sort="newest"))
    assert page.link(f"Kõik {both.total} artiklit")
    titles = page.one("ul", class_="titles")
    assert [e.text for e in page.all("a") if titles in e.parents] == [h.title for h in both.hits]
    years, areas, company = page.all("table")
    for table, facet in ((years, "year"), (areas, "focus")):
        cells = [each for each in page.all("td") if table in each.parents]
        for at, name in enumerate((first, second)):
            asked = SearchRequest(org=FacetFilter((name,)))
            values = service.search(asked).facet(facet).values
            total = sum(each.count for each in values if each.value not in ("unknown", "none"))
            assert sum(int(each.text) for each in cells[at::2]) == total
        linked = next(e for e in page.all("a") if e.parents[-1] in cells)
        assert found(read(linked["href"])) == int(linked.text)
    names = {e.text for e in page.all("a") if e.inside("th") and company in e.parents}
    assert names
    assert not names & {first, second}


def test_names_are_found_in_any_spelling_and_offered_by_a_piece(read: Read) -> None:
    page = read("/vordle?org=ltü&org=saarte+elamus-klaster")
    assert [each.text for each in page.all("h2")][:2] == [SCHOOL, "Saarte Elamusklaster"]
    asked = read("/vordle?org=EAS&org=elamus")
    assert asked.one("input", id="org-2")["value"] == "elamus"
    offered = asked.link("Saarte Elamusklaster")
    field = next(each for each in asked.elements if each.get("id") == "org-2").parents[-1]
    assert field in offered.parents  # they stand below the field that they are for
    assert read(offered["href"]).all("table")
    unknown = read("/vordle?org=EAS&org=qqq")
    assert "Sellist organisatsiooni ei nimeta ükski artikkel" in unknown.one("main").text


@pytest.mark.parametrize("asked", ["", "?org=", "?org=EAS", "?org=EAS&org=EAS", "?org=%00&org=<b>"])
def test_without_two_names_it_asks_for_them(client: FlaskClient, asked: str) -> None:
    page = Page(client.get(f"/vordle{asked}").text)
    assert page.one("h1").text == "Kaks organisatsiooni kõrvuti"
    assert not page.all("table")


# The same for programs


def test_programs_know_what_the_page_knows(client: FlaskClient, read: Read) -> None:
    asked = {"facet": "org", "value": "ltü"}
    told = client.get("/api/overview", query_string=asked).get_json()
    assert (told["value"], told["aliases"]) == (SCHOOL, ["LTÜ"])
    page = read("/organisatsioonid/laaneranna-tehnikaulikool")
    assert page.link(f"{told['total']} artiklit")
    beside = [each["label"] for each in told["facets"]["org"]][:12]
    listed = [e.text for e in page.all("a") if any(e in _links(page, r)[:1] for r in related(page))]
    assert set(beside) <= set(listed)
    area = {"facet": "focus", "value": "rohe-ringmajandus", "lang": "en"}
    green = client.get("/api/overview", query_string=area).get_json()
    assert (green["label"], green["description"][:5]) == ("Green and circular economy", "Waste")
    for wrong, status in (("facet=year&value=2016", 400), ("facet=org", 400), ("", 400)):
        assert client.get(f"/api/overview?{wrong}").status_code == status
    for absent in ("facet=org&value=puudub", "facet=focus&value=none"):
        assert client.get(f"/api/overview?{absent}").status_code == 404


def _links(page: Page, line: Element) -> list[Element]:
    return [each for each in page.all("a") if line in each.parents]
