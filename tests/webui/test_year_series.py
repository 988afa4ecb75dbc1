"""The chart of the years and the two fields for a span of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from answers import RESULTS
from flask.testing import FlaskClient
from page_reader import Element, Page

from search.results import Facet, FacetValue
from webui.localisation import Localisation
from webui.year_series import MOST_BARS, YearChart, year_chart

Read = Callable[..., Page]
Scripted = Callable[..., FlaskClient]
ESTONIAN = Localisation.of("et")


def chart(counts: Mapping[int, int], *chosen: str) -> YearChart:
    made = year_chart(counts, lambda value: f"/?year={value}", chosen, ESTONIAN)
    assert made
    return made


def heights(made: YearChart) -> list[int]:
    """How high the one part of each bar of a plain chart is."""
    return [part.height for each in made.bars for part in each.parts]


def bars(page: Page) -> list[Element]:
    drawn = page.one("ul", class_="bars")
    return [each for each in page.all("li") if drawn in each.parents]


def count_of(page: Page) -> int:
    found = re.search(r"\d+", page.one("h2", id="results-title").text)
    return int(found.group()) if found else 0


def test_a_few_years_have_a_bar_each() -> None:
    made = chart({2014: 1, 2016: 4, 2015: 0, 2017: 2})
    assert [each.value for each in made.bars] == ["2014", "2015", "2016", "2017"]
    assert heights(made) == [25, 0, 100, 50]
    assert [each.name for each in made.bars][:3] == [
        "2014: 1 artikkel",
        "2015: 0 artiklit",
        "2016: 4 artiklit",
    ]
    assert (made.first, made.last) == (2014, 2017)


@pytest.mark.parametrize(
    ("first", "last", "values"),
    [
        (2006, 2026, ["2006-2007", "2008-2009", "2024-2025", "2026"]),
        (2000, 2026, ["2000-2002", "2003-2005", "2021-2023", "2024-2026"]),
        (1991, 2026, ["1991-1994", "1995-1999", "2020-2024", "2025-2026"]),
        (1918, 2026, ["1918-1919", "1920-1939", "2000-2019", "2020-2026"]),
        (1900, 2200, ["1900-1949", "1950-1999", "2150-2199", "2200"]),
    ],
)
def test_many_years_share_bars(first: int, last: int, values: list[str]) -> None:
    counts = dict.fromkeys(range(first, last + 1), 3)
    made = chart(counts)
    found = [each.value for each in made.bars]
    assert len(found) <= MOST_BARS
    assert [*found[:2], *found[-2:]] == values
    assert sum(each.count for each in made.bars) == sum(counts.values())


def test_few_years_need_no_chart(scripted: Scripted) -> None:
    for counts in ({}, {2016: 5}, {2015: 1, 2016: 2}, {2014: 0, 2015: 1, 2016: 2}):
        assert year_chart(counts, str, (), ESTONIAN) is None
    values = (FacetValue(2016, "2016", 3), FacetValue("unknown", "aasta teadmata", 9))
    results = replace(RESULTS, facets=(Facet("year", values, 2),))
    page = Page(scripted(results=results).get("/").text)
    assert not page.all("ul", class_="bars")
    assert not page.all("input", name="year_from")


def test_rare_years_can_still_be_seen() -> None:
    assert heights(chart({2014: 1, 2015: 1000, 2016: 0, 2017: 5})) == [6, 100, 0, 6]


def test_chosen_years_stand_out_and_can_be_taken_back() -> None:
    made = chart({2014: 1, 2015: 1, 2016: 1, 2017: 1}, "2015-2016", "unknown", "2017")
    assert [each.chosen for each in made.bars] == [False, True, True, True]
    assert made.bars[3].name == "Eemalda filter: 2017"
    assert not any(each.chosen for each in chart({2014: 1, 2015: 1, 2016: 1}, "unknown").bars)


def test_a_bar_finds_as_many_as_it_says(read: Read) -> None:
    page = read("/?q=klastrid")
    drawn = bars(page)
    assert 3 <= len(drawn) <= MOST_BARS
    for button in page.all("button", name="year"):
        assert button["form"] == "search"
        said = int(re.findall(r"(\d+) artik", button["title"])[0])
        assert count_of(read(f"/?q=klastrid&year={button['value']}")) == said
        assert button.text == button["title"]


def test_the_chart_leaves_out_its_own_filter_and_links_back(read: Read) -> None:
    before = bars(read("/?q=klastrid"))
    value = read("/?q=klastrid").all("button", name="year")[2]["value"]
    page = read(f"/?q=klastrid&sort=oldest&year={value}")
    assert len(bars(page)) == len(before)
    drawn = page.one("ul", class_="bars")
    (back,) = [each for each in page.all("a") if drawn in each.parents]
    assert back["href"] == "/?q=klastrid&sort=oldest"
    assert sum("is-off" in each.classes for each in bars(page)) == len(before) - 1


def test_a_long_query_is_not_repeated_by_the_bars(client: FlaskClient) -> None:
    parameters = {"q": "klaster " + "õ" * 300, "year": "2014-2016"}
    page = Page(client.get("/", query_string=parameters).text)
    drawn = page.one("ul", class_="bars")
    assert not [each for each in page.all("a") if drawn in each.parents]


@pytest.mark.parametrize(
    ("typed", "years"),
    [
        ({"year_from": "2014", "year_to": "2016"}, ["2014-2016"]),
        ({"year_from": "2016", "year_to": "2014"}, ["2014-2016"]),
        ({"year_from": " 2014 ", "year_to": "2014"}, ["2014"]),
        ({"year_from": "2014", "year_to": ""}, ["2014-2200"]),
        ({"year_to": "2014"}, ["1900-2014"]),
        ({"year": ["2010-2012", "2009"], "year_from": "2014"}, ["2009", "2014-2200"]),
        ({"not_year": "2014-2016", "year_from": "2014", "year_to": "2016"}, ["2014-2016"]),
    ],
)
def test_two_fields_become_one_span_of_the_address(
    client: FlaskClient, typed: dict[str, str | list[str]], years: list[str]
) -> None:
    asked = {"q": "klaster", "sort": "oldest", **typed}
    response = client.get(f"/?{urlencode(asked, doseq=True)}")
    assert response.status_code == 302
    assert parse_qs(urlsplit(response.headers["Location"]).query) == {
        "q": ["klaster"],
        "year": years,
        "sort": ["oldest"],
    }
    assert client.get(response.headers["Location"]).status_code == 200


def test_empty_fields_are_no_filter_and_leave_the_address(client: FlaskClient) -> None:
    """Without JavaScript a form sends them, too."""
    response = client.get("/?q=klaster&year_from=&year_to=&not_focus=none&page=2&lang=en")
    assert response.headers["Location"] == "/?q=klaster&not_focus=none&page=2&lang=en"


@pytest.mark.parametrize("wrong", ["20", "eile", "99999", "1500", "²⁰¹⁶"])
def test_what_is_no_year_is_explained(client: FlaskClient, wrong: str) -> None:
    response = client.get("/", query_string={"year_from": wrong, "year_to": "2016"})
    assert response.status_code == 400
    assert "2014-2016" in response.text


def test_an_open_end_is_said_in_words(read: Read) -> None:
    for years, words in (
        ("2014-2200", "alates 2014"),
        ("1900-2014", "kuni 2014"),
        ("2014-2016", "2014–2016"),
    ):
        assert read(f"/?year={years}").one("span", class_="chip-label").text == words


def test_the_fields_say_which_years_there_are(read: Read) -> None:
    page = read("/")
    known = sorted(
        int(each["value"]) for each in page.all("input", name="year") if each["value"] != "unknown"
    )
    fields = [page.one("input", name=name) for name in ("year_from", "year_to")]
    assert [int(each["placeholder"]) for each in fields] == [known[0], known[-1]]
    labels = {each["for"]: each.text for each in page.all("label") if each.get("for")}
    assert [labels[each["id"]] for each in fields] == ["alates", "kuni"]
