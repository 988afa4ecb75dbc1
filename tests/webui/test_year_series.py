"""The chart of the years, and of the months of a short span."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from answers import RESULTS
from flask.testing import FlaskClient
from page_reader import Element, Page

from search.date_interval import DateInterval
from search.request import SearchRequest
from search.results import Facet, FacetValue
from search.service import SearchService
from webui.facets.year_series import MOST_BARS, YearChart, month_chart, year_chart
from webui.localisation import Localisation

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
    assert [each.label for each in made.bars] == ["2014", "2015", "2016", "2017"]
    assert [each.dates for each in made.bars][:2] == ["2014/2014", "2015/2015"]
    assert heights(made) == [25, 0, 100, 50]
    assert [each.name for each in made.bars][:3] == [
        "2014: 1 artikkel",
        "2015: 0 artiklit",
        "2016: 4 artiklit",
    ]
    assert (made.first, made.last) == ("2014", "2017")


@pytest.mark.parametrize(
    ("first", "last", "values"),
    [
        (2006, 2026, ["2006–2007", "2008–2009", "2024–2025", "2026"]),
        (2000, 2026, ["2000–2002", "2003–2005", "2021–2023", "2024–2026"]),
        (1991, 2026, ["1991–1994", "1995–1999", "2020–2024", "2025–2026"]),
        (1918, 2026, ["1918–1919", "1920–1939", "2000–2019", "2020–2026"]),
        (1900, 2200, ["1900–1949", "1950–1999", "2150–2199", "2200"]),
    ],
)
def test_many_years_share_bars(first: int, last: int, values: list[str]) -> None:
    counts = dict.fromkeys(range(first, last + 1), 3)
    made = chart(counts)
    found = [each.label for each in made.bars]
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
    assert page.all("input", name="from")  # a date can be typed all the same


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
    pressed = [each for each in page.all("button", name="dates") if "artik" in each.text]
    assert len(pressed) == len(drawn)
    for button in pressed:
        assert button["form"] == "search"
        said = int(re.findall(r"(\d+) artik", button["title"])[0])
        first, last = button["value"].split("/")
        assert count_of(read(f"/?q=klastrid&from={first}&to={last}")) == said
        assert button.text == button["title"]


def test_the_chart_leaves_out_its_own_filter_and_links_back(read: Read) -> None:
    before = bars(read("/?q=klastrid"))
    page = read("/?q=klastrid&sort=oldest&from=2013&to=2016")
    assert len(bars(page)) == len(before)
    assert sum("is-off" in each.classes for each in bars(page)) == len(before) - 2
    # A span that is a bar is shown month by month, and then one goes back to all years.
    page = read("/?q=klastrid&sort=oldest&from=2013&to=2014")
    assert page.one("ul", class_="bars")["aria-label"] == "Artikleid kuuti"
    assert page.link("← Kõik aastad")["href"] == "/?q=klastrid&sort=oldest"


def test_a_long_query_is_not_repeated_by_the_bars(client: FlaskClient) -> None:
    parameters = {"q": "klaster " + "õ" * 300, "from": "2014", "to": "2018"}
    page = Page(client.get("/", query_string=parameters).text)
    drawn = page.one("ul", class_="bars")
    assert not [each for each in page.all("a") if drawn in each.parents]


def test_a_short_span_is_shown_by_months(read: Read) -> None:
    page = read("/?from=2016&to=2016")
    drawn = bars(page)
    assert len(drawn) == 12
    assert not any("is-off" in each.classes for each in drawn)
    found = 0
    for button in [each for each in page.all("button", name="dates") if "2016: " in each.text]:
        first, last = button["value"].split("/")
        said = int(re.findall(r"(\d+) artik", button["title"])[0])
        narrower = read(f"/?from={first}&to={last}")
        assert count_of(narrower) == said
        assert sum("is-off" not in each.classes for each in bars(narrower)) == 1
        found += said
    assert 0 < found <= count_of(page)


def test_two_years_are_shown_by_quarters() -> None:
    span = DateInterval.parse("2015-06", "2016-03")
    made = month_chart({2015 * 12 + 6: 3, 2016 * 12: 1}, lambda _: "", span, ESTONIAN)
    assert made
    assert [each.label for each in made.bars][1:3] == ["aprill–juuni 2015", "juuli–september 2015"]
    assert [each.dates for each in made.bars][:2] == ["2015-01/2015-03", "2015-04/2015-06"]
    assert [each.count for each in made.bars] == [0, 0, 3, 0, 1, 0, 0, 0]
    assert [each.chosen for each in made.bars] == [False, True, True, True, True] + [False] * 3


@pytest.mark.parametrize("ends", [("", "2016"), ("2016", ""), ("2014-01", "2016-01")])
def test_a_long_or_open_span_has_no_months(ends: tuple[str, str]) -> None:
    span = DateInterval.parse(*ends)
    assert month_chart({2016 * 12: 1}, lambda _: "", span, ESTONIAN) is None


def test_where_no_month_is_known_the_years_stay(read: Read) -> None:
    page = read("/?q=saepuru&from=2019&to=2019")
    assert all(each["aria-label"] == "Artikleid aastati" for each in page.all("ul", class_="bars"))


def test_the_months_are_coloured_too(read: Read, service: SearchService) -> None:
    page = read("/?from=2015&to=2016&colour=focus")
    table = page.one("table", class_="numbers")
    rows = [each for each in page.all("tr") if table in each.parents]
    assert rows[0].text.startswith("Kuu")
    asked = SearchRequest(span=DateInterval.parse("2015", "2016"))
    counted = service.facet_pivot(asked, "focus", "month")
    months = {month for counts in counted.values() for month in counts}
    assert all(re.fullmatch(r"\d{4}-\d{2}", each) for each in months)
    assert len(rows) == 9
