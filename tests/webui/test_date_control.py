"""Dates are chosen in one place: two fields, usual spans, and years one by one."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from page_reader import Page

from search.configuration import Configuration
from search.date_interval import DateInterval
from search.service import SearchService
from webui import create_app
from webui.facets.date_control import presets
from webui.localisation import Localisation

Read = Callable[..., Page]


def fields(page: Page) -> tuple[str, str]:
    return page.one("input", name="from")["value"], page.one("input", name="to")["value"]


@pytest.mark.parametrize(
    ("typed", "span"),
    [
        ({"from": "15.03.2016", "to": "4.2016"}, {"from": ["2016-03-15"], "to": ["2016-04"]}),
        ({"from": "2016", "to": "2014"}, {"from": ["2014"], "to": ["2016"]}),
        ({"from": " 2014 ", "to": ""}, {"from": ["2014"]}),
        ({"from": "", "to": "2014"}, {"to": ["2014"]}),
        ({"from": "", "to": ""}, {}),
        ({"from": "2014", "to": "2016", "dates": "2015-01/2015-03"},
         {"from": ["2015-01"], "to": ["2015-03"]}),
        ({"from": "2014", "to": "2016", "dates": "/"}, {}),
        ({"year": ["2014", "2016"], "not_year": "2015", "dates": "2013/"},
         {"not_year": ["2015"], "from": ["2013"]}),
        ({"year": "2014", "undo": "year:2014"}, {}),
        ({"not_org": ["EAS", "OÜ"], "undo": "not_org:EAS"}, {"not_org": ["OÜ"]}),
        ({"org": "EAS", "order": "name", "letter": "", "name": "e"}, {"org": ["EAS"]}),
    ],
)  # fmt: skip
def test_what_the_form_says_becomes_an_address(
    client: FlaskClient, typed: dict[str, str | list[str]], span: dict[str, list[str]]
) -> None:
    asked = {"q": "klaster", "sort": "oldest", **typed}
    response = client.get(f"/?{urlencode(asked, doseq=True)}")
    assert response.status_code == 302
    location = response.headers["Location"]
    found = parse_qs(urlsplit(location).query)
    assert found == {"q": ["klaster"], "sort": ["oldest"], **span}
    assert client.get(location).status_code == 200


@pytest.mark.parametrize("wrong", ["20", "eile", "99999", "1500", "²⁰¹⁶", "31.02.2016", "2016-13"])
def test_what_is_no_date_stays_and_is_explained(client: FlaskClient, wrong: str) -> None:
    asked = {"q": "klaster", "from": wrong, "to": "2016"}
    response = client.get("/", query_string=asked)
    assert response.status_code == 400
    page = Page(response.text)
    assert page.one("input", type="search")["value"] == "klaster"
    assert fields(page) == (wrong, "2016")
    assert page.one("p", role="alert").text.startswith("See ei ole kuupäev.")
    assert [each["name"] for each in page.all("input", aria_invalid="true")] in ([], ["from"])
    assert "15.03.2016" in page.one("p", role="alert").text
    # Programs are told in the same words as of any other parameter.
    for path in ("/api/search", "/feed.atom", "/export.csv"):
        refused = client.get(path, query_string=asked)
        assert refused.status_code == 400
    error = client.get("/api/search", query_string=asked).get_json()["error"]
    assert error["code"] == "bad-date"
    assert wrong in error["message"]


@pytest.mark.parametrize(
    ("span", "typed", "label"),
    [
        ("from=2014", ("2014", ""), "alates 2014"),
        ("to=2016-03", ("", "03.2016"), "kuni 03.2016"),
        ("from=2014&to=2014", ("2014", "2014"), "2014"),
        ("from=2014-05-01&to=2016-03", ("01.05.2014", "03.2016"), "01.05.2014–03.2016"),
        ("year=2014-2016", ("2014", "2016"), "2014–2016"),
        ("year=2014-2200", ("2014", ""), "alates 2014"),
    ],
)
def test_the_chosen_span_stands_in_its_fields(
    read: Read, span: str, typed: tuple[str, str], label: str
) -> None:
    page = read(f"/?{span}")
    assert fields(page) == typed
    assert page.one("span", class_="chip-label").text == label
    assert page.one("a", class_="chip")["href"] == "/"


def test_the_fields_say_which_years_there_are(read: Read) -> None:
    page = read("/")
    known = sorted(
        int(each["value"]) for each in page.all("input", name="year") if each["value"] != "unknown"
    )
    ends = [page.one("input", name=name) for name in ("from", "to")]
    assert [int(each["placeholder"]) for each in ends] == [known[0], known[-1]]
    labels = {each["for"]: each.text for each in page.all("label") if each.get("for")}
    assert [labels[each["id"]] for each in ends] == ["alates", "kuni"]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ((2024, 3, 31), ["2024-02-29/", "2024/", "2023-03-31/", "2019-03-31/"]),
        ((2025, 1, 1), ["2024-12-01/", "2025/", "2024-01-01/", "2020-01-01/"]),
    ],
)
def test_usual_spans_end_today(today: tuple[int, int, int], expected: list[str]) -> None:
    span, here = DateInterval.parse("2024", ""), Localisation.of("et")
    made = presets(span, date(*today), 2023, here)
    assert [each.dates for each in made] == expected
    assert [each.label for each in made] == [
        "viimane kuu", "sel aastal", "viimane aasta", "viis aastat",
    ]  # fmt: skip
    assert [each.chosen for each in made] == [each == "2024/" for each in expected]
    assert [each.is_empty for each in made] == [each > "2024" for each in expected]


def test_the_clock_of_the_site_decides_what_is_this_year(service: SearchService) -> None:
    app = create_app(service, Configuration(), clock=lambda: datetime(2016, 6, 30, 12, tzinfo=UTC))
    page = Page(app.test_client().get("/").text)
    button = next(each for each in page.all("button", name="dates") if each.text == "sel aastal")
    assert button["value"] == "2016/"
    response = app.test_client().get("/?dates=2016%2F")
    assert response.headers["Location"] == "/?from=2016"


def test_years_one_by_one_stay_within_the_span(read: Read) -> None:
    years = {each["value"] for each in read("/?from=2014-05&to=2016").all("input", name="year")}
    assert years == {"2014", "2015", "2016"}


def test_dates_go_wherever_the_results_go(client: FlaskClient) -> None:
    page = Page(client.get("/?q=klastrid&from=2014&to=2016-03").text)
    said = int(re.findall(r"\d+", page.one("h2", id="results-title").text)[0])
    found = client.get("/api/search?q=klastrid&from=2014&to=2016-03&facets=month").get_json()
    assert found["total"] == said
    months = {each["value"]: each["count"] for each in found["facets"]["month"]}
    assert len(months) > 3
    feed = client.get("/feed.atom?q=klastrid&from=2014&to=2016-03").text
    assert feed.count("<entry") == said
    rows = client.get("/export.json?q=klastrid&from=2014&to=2016-03").get_json()["hits"]
    assert {each["source"] for each in rows}
    assert len(rows) == said
    assert all("2014" <= (each["published"] or str(each["year"])) < "2016-04" for each in rows)
