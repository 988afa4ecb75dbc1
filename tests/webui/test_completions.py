"""What the search box offers while somebody types."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from page_reader import Element, Page
from werkzeug.datastructures import MultiDict

from search.autocomplete import Completion
from search.service import SearchService
from webui.addresses.parameters import SearchState
from webui.localisation import Localisation
from webui.pages.main_pages import MOST_SUGGESTIONS, options

ESTONIAN = Localisation.of("et")


def offered(client: FlaskClient, **parameters: str) -> tuple[list[Element], str]:
    response = client.get(f"/suggestions?{urlencode(parameters)}")
    assert response.status_code == 200
    page = Page(response.text)
    return page.all("li", role="option"), page.one("p").text


def asked(option: Element) -> dict[str, list[str]]:
    return parse_qs(urlsplit(option["data-url"]).query)


def state(**parameters: str) -> SearchState:
    return SearchState.from_parameters(MultiDict(parameters))


def test_options_say_what_they_are_and_how_much_they_find(
    client: FlaskClient, service: SearchService
) -> None:
    found, said = offered(client, q="puidu")
    same = service.suggest("puidu", limit=MOST_SUGGESTIONS)
    assert [each.text.split()[0] for each in found] == [each.text.split()[0] for each in same]
    assert said == f"{len(same)} soovitust"
    assert len({each["id"] for each in found}) == len(found)
    for option, completion in zip(found, same, strict=True):
        articles = "artikkel" if completion.count == 1 else "artiklit"
        assert option.text.endswith(f"{completion.count}{completion.count} {articles}")
        assert option["aria-selected"] == "false"
    assert any(" sõna " in each.text for each in found)


@pytest.mark.parametrize("typed", ["puidu", "jäätmed puidu", "eesti klas", "emaj", "saepuru ei"])
def test_an_option_finds_as_many_as_it_says(
    client: FlaskClient, service: SearchService, typed: str
) -> None:
    found, _ = offered(client, q=typed)
    kinds = {"sõna": "word", "organisatsioon": "organisation", "pealkiri": "title"}
    for option, completion in zip(
        found, service.suggest(typed, limit=MOST_SUGGESTIONS), strict=True
    ):
        assert kinds[option.text.split(completion.text)[1].split()[0]] == completion.kind
        answer = client.get(f"/api/search?{urlsplit(option['data-url']).query}").get_json()
        if completion.kind == "title":
            assert completion.text in [hit["title"] for hit in answer["hits"]]
        else:
            assert answer["total"] == completion.count


def test_an_organisation_leads_to_its_filter(client: FlaskClient) -> None:
    found, _ = offered(client, q="puit emaj", focus="rohe-ringmajandus", lang="et")
    option = next(each for each in found if "organisatsioon" in each.text)
    assert asked(option) == {"q": ["puit"], "org": ["Emajõe Rakendusülikool"], "lang": ["et"]}


def test_where_a_name_begins_is_told_by_the_index_not_guessed() -> None:
    found = (
        Completion("Eesti Klastrikoda", "organisation", 3, 0),
        Completion("Eesti Klastrikoda", "organisation", 2, 6),
    )
    whole, half = options(found, state(q="x"), ESTONIAN)
    assert whole.url == "/?org=Eesti+Klastrikoda"
    assert half.url == "/?q=Eesti&org=Klastrikoda"


def test_words_keep_the_filters_and_the_order_and_titles_do_not() -> None:
    found = (Completion("puit", "word", 3), Completion("Puit on hea & <b>", "title", 1))
    word, title = options(found, state(q="pui", year="2016", sort="oldest", page="3"), ESTONIAN)
    assert word.url == "/?q=puit&year=2016&sort=oldest"
    assert title.url == "/?q=Puit+on+hea+%26+%3Cb%3E&sort=oldest"


def test_nothing_to_offer_is_said(client: FlaskClient) -> None:
    assert offered(client, q="qqqq") == ([], "Soovitusi ei ole")
    assert offered(client, q="qqqq", lang="en") == ([], "No suggestions")
    assert offered(client, q="") == ([], "Soovitusi ei ole")


@pytest.mark.parametrize("wrong", ["lang=fi&q=a", "q=" + "a" * 1001, "year=x"])
def test_what_a_search_refuses_gets_no_options(client: FlaskClient, wrong: str) -> None:
    response = client.get(f"/suggestions?{wrong}")
    assert response.status_code == 400


def test_without_scripts_the_box_is_a_plain_box(client: FlaskClient) -> None:
    page = Page(client.get("/").text)
    box = page.one("input", id="q")
    assert box["type"] == "search"
    assert not box.get("role")
    assert not box.get("aria-controls")
    assert "hidden" in page.one("ul", id="suggestions").attributes
