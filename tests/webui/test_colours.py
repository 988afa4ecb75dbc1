"""The chart of the years coloured by focus area: on demand, with a legend and a table."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from answers import RESULTS
from flask.testing import FlaskClient
from page_reader import Element, Page
from soundness import sound_page

from search.request import FacetFilter, SearchRequest
from search.results import Facet, FacetValue
from search.service import SearchService
from webui.entities.areas import Area
from webui.facets.year_series import YearChart, YearSeries, year_chart
from webui.localisation import Localisation

Read = Callable[..., Page]
Scripted = Callable[..., FlaskClient]
ESTONIAN = Localisation.of("et")
GREEN, TECH = "rohe-ringmajandus", "korgtehnoloogia-digitootmine"
ORGANISATION = "/organisatsioonid/emajoe-rakendusulikool"


def layered(counts: Mapping[int, int], *series: Mapping[int, int]) -> YearChart:
    named = [YearSeries(Area(f"a{i}", f"A{i}", "ring"), each) for i, each in enumerate(series)]
    made = year_chart(counts, str, (), ESTONIAN, named)
    assert made
    return made


def legend(page: Page) -> list[str]:
    drawn = page.one("ul", class_="legend")
    return [each.text for each in page.all("li") if drawn in each.parents]


def table(page: Page) -> tuple[list[str], dict[str, list[int]]]:
    """The heads of the table's columns and the numbers of its rows."""
    drawn = page.one("table", class_="numbers")
    heads = [each.text for each in page.all("th", scope="col") if drawn in each.parents]
    rows = {}
    for row in page.all("tr"):
        cells = [each for each in page.all("td") if row in each.parents]
        if cells:
            (name,) = (each for each in page.all("th", scope="row") if row in each.parents)
            rows[name.text] = [int(each.text) for each in cells]
    return heads, rows


def parts(page: Page, bar: Element) -> list[tuple[str, int]]:
    """The look and the height of what a bar is made of, from below."""
    drawn = [each for each in page.all("rect") if bar in each.parents]
    return [(each["class"].removeprefix("area-"), int(each["height"])) for each in drawn]


def test_parts_stand_upon_each_other_to_scale() -> None:
    made = layered({2014: 4, 2015: 2, 2016: 1}, {2014: 3, 2015: 1}, {2014: 1, 2015: 1, 2016: 1})
    assert [[(e.count, e.base, e.height) for e in bar.parts] for bar in made.bars] == [
        [(3, 0, 75), (1, 75, 25)],
        [(1, 0, 25), (1, 25, 25)],
        [(0, 0, 0), (1, 0, 25)],
    ]
    assert (made.height, made.is_shared) == (100, False)
    assert [each.count for each in made.bars] == [4, 2, 1]


def test_an_article_of_several_areas_is_told_and_fits() -> None:
    made = layered({2014: 2, 2015: 1, 2016: 1}, {2014: 2, 2015: 1}, {2014: 2, 2016: 1})
    assert made.is_shared
    assert [sum(each.height for each in bar.parts) for bar in made.bars] == [100, 25, 25]


def test_rare_areas_can_be_seen_however_many_there_are() -> None:
    rare = [{2014: 1} for _ in range(5)]
    made = layered({2014: 1000, 2015: 1, 2016: 1}, {2014: 1000, 2015: 1, 2016: 1}, *rare)
    assert all(each.height >= 6 for each in made.bars[0].parts)
    assert made.height == max(sum(each.height for each in bar.parts) for bar in made.bars)


def test_a_link_colours_the_chart_and_another_takes_it_back(read: Read) -> None:
    plain = read("/?q=klastrid&sort=oldest")
    assert not plain.all("ul", class_="legend")
    coloured = read(plain.link("Näita valdkondade kaupa")["href"])
    assert coloured.link("Näita koos")["href"] == "/?q=klastrid&sort=oldest"
    assert legend(coloured) == [
        "Kõrgtehnoloogia ja digitaalne tootmine", "Rohe- ja ringmajandus",
        "Teenuseinnovatsioon ja loomemajandus", "Valdkond määramata",
    ]  # fmt: skip
    # The shapes of the legend are those of the chart, in its order.
    assert {look for look, _ in parts(coloured, coloured.one("ul", class_="bars"))} == {
        "square", "ring", "triangle", "none",
    }  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    ["q=klastrid", "q=klastrid&year=2014-2018", "q=klaster&org=EAS&org=Emajõe+Rakendusülikool"],
)
def test_the_table_says_what_each_search_would_find(
    read: Read, service: SearchService, asked: str
) -> None:
    page = read(f"/?{asked}&colour=focus")
    heads, rows = table(page)
    assert heads == ["Aasta", *legend(page), "Artikleid"]
    ids = {"Kõrgtehnoloogia ja digitaalne tootmine": TECH, "Rohe- ja ringmajandus": GREEN}
    query = parse_qs(asked)
    base = SearchRequest(query["q"][0], org=FacetFilter(tuple(query.get("org", ()))))
    for years, numbers in rows.items():
        spanned = replace(base, year=FacetFilter((years.replace("–", "-"),)))
        found = service.search(spanned)
        assert numbers[-1] == found.total
        for label, area in ids.items():
            wanted = service.search(spanned.with_filter("focus", FacetFilter((area,))))
            assert numbers[heads.index(label) - 1] == wanted.total, (years, label)


def test_the_bars_are_as_high_as_the_table_says(read: Read) -> None:
    page = read("/?q=klastrid&colour=focus")
    _, rows = table(page)
    drawn = page.one("ul", class_="bars")
    bars = [each for each in page.all("li") if drawn in each.parents]
    most = max(sum(numbers[:-1]) for numbers in rows.values())
    for bar, numbers in zip(bars, rows.values(), strict=True):
        heights = [height for _, height in parts(page, bar)]
        shown = [each for each in numbers[:-1] if each]
        assert heights == [max(6, round(100 * each / most)) for each in shown]


def test_chosen_areas_alone_colour_their_articles(read: Read) -> None:
    page = read(f"/?q=klastrid&focus={GREEN}&focus=none&colour=focus")
    assert legend(page) == ["Rohe- ja ringmajandus", "Valdkond määramata"]
    _, rows = table(page)
    assert all(sum(numbers[:-1]) == numbers[-1] for numbers in rows.values())
    without = read(f"/?q=klastrid&not_focus={GREEN}&colour=focus")
    assert "Rohe- ja ringmajandus" not in legend(without)


def test_partial_matches_are_coloured_where_nothing_matches_fully(read: Read) -> None:
    page = read("/?q=robot+saepuru+klastrofoobia&colour=focus")
    _, rows = table(page)
    assert sum(numbers[-1] for numbers in rows.values()) > 0
    assert all(max(numbers[:-1]) <= numbers[-1] for numbers in rows.values())


def test_a_replaced_query_is_coloured_as_what_it_was_replaced_by(read: Read) -> None:
    assert table(read("/?q=klsater&colour=focus")) == table(read("/?q=klaster&colour=focus"))


def test_the_choice_stays_wherever_one_goes_on(read: Read) -> None:
    page = read(f"/?q=klastrid&colour=focus&focus={GREEN}&lang=et")
    for text in ("uuemad", "Eemalda kõik filtrid", "English", "Järgmine →"):
        assert parse_qs(urlsplit(page.link(text)["href"]).query)["colour"] == ["focus"], text
    assert page.one("input", type="hidden", name="colour")["value"] == "focus"
    article = page.one("ol", class_="hits")
    link = next(each for each in page.all("a") if article in each.parents)
    back = read(link["href"]).link("← Tagasi tulemuste juurde")
    assert "colour=focus" in back["href"]
    # What leads elsewhere forgets it.
    for text in ("CSV", "Telli uued artiklid (RSS)", "Valdkonnad", "Otsingu abi", "Klastriotsing"):
        assert "colour" not in page.link(text)["href"], text


def test_a_long_query_is_coloured_by_the_form(client: FlaskClient) -> None:
    query = {"q": "klaster " + "õ" * 300}
    page = Page(client.get("/", query_string=query).text)
    button = page.one("button", name="colour")
    assert (button["form"], button["value"]) == ("search", "focus")
    page = Page(client.get("/", query_string={**query, "colour": "focus"}).text)
    assert page.one("button", name="colour")["value"] == "none"
    # Both are sent then, and the button speaks last.
    both = {**query, "colour": ["focus", "none"]}
    text = client.get("/", query_string=both, follow_redirects=True).text
    assert not Page(text).all("ul", class_="legend")


def test_what_cannot_colour_is_explained(client: FlaskClient) -> None:
    response = client.get("/?colour=pink")
    assert response.status_code == 400
    assert "focus" in response.text


def test_few_years_need_no_colours(scripted: Scripted) -> None:
    values = (FacetValue(2016, "2016", 3), FacetValue(2017, "2017", 9))
    results = replace(
        RESULTS, facets=(RESULTS.facets[0], Facet("year", values, 2), RESULTS.facets[2])
    )
    page = Page(scripted(results=results).get("/?colour=focus").text)
    assert not page.all("ul", class_="bars")
    assert not page.all("ul", class_="legend")
    assert "Näita koos" not in page.one("body").text


def test_without_areas_there_is_nothing_to_colour_by(scripted: Scripted) -> None:
    years = tuple(FacetValue(year, str(year), 1) for year in (2014, 2015, 2016))
    facets = (Facet("focus", (), 0), Facet("year", years, 3), Facet("org", (), 0))
    client = scripted(results=replace(RESULTS, facets=facets))
    page = Page(client.get("/").text)
    assert page.all("ul", class_="bars")
    assert "valdkondade kaupa" not in page.one("body").text
    # Whoever asks all the same gets the plain chart, and a way back.
    page = Page(client.get("/?colour=focus").text)
    assert page.link("Näita koos")["href"] == "/"
    assert not page.all("ul", class_="legend")


def test_an_organisation_is_coloured_too(read: Read, service: SearchService) -> None:
    plain = read(ORGANISATION)
    page = read(plain.link("Näita valdkondade kaupa")["href"])
    assert page.link("Näita koos")["href"] == ORGANISATION
    assert page.link("English")["href"] == f"{ORGANISATION}?colour=focus&lang=en"
    heads, rows = table(page)
    chosen = SearchRequest(org=FacetFilter(("Emajõe Rakendusülikool",)))
    for column, area in ((heads.index("Rohe- ja ringmajandus") - 1, GREEN),):
        found = service.search(chosen.with_filter("focus", FacetFilter((area,))))
        assert sum(numbers[column] for numbers in rows.values()) == found.total
    drawn = page.one("ul", class_="bars")
    bar = next(each for each in page.all("a") if drawn in each.parents)
    assert "colour=focus" in bar["href"]
    assert re.search(r"\d", bar.text)


@pytest.mark.parametrize(
    "address",
    ["/?colour=focus", "/?q=klastrid&colour=focus&lang=en", f"{ORGANISATION}?colour=focus"],
)
def test_every_page_is_sound_and_small(client: FlaskClient, address: str) -> None:
    sound_page(client.get(address))
