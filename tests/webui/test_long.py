"""Pages stay small and whole however long a query is or however many values are chosen."""

import re
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from page_reader import Element, Page

BUDGET = 60_000
LONG = {
    "ascii": ("klaster " * 125)[:1000],
    "dotted": "klaster " + "õ" * 990,
    "estonian": ("klaster jäätmekäitlus töötlemine õppekäik " * 30)[:1000],
    "emoji": "klaster " + "🦆" * 990,
    "cyrillic": "klaster " + "кластер " * 120,
    "any": "klaster OR " + "õ" * 980,
}


def sent(page: Page, pressed: Element | None = None) -> list[tuple[str, str]]:
    """What the search form sends when ``pressed`` is, in the order of the page."""
    pairs = []
    for each in page.elements:
        if not (each.get("form") == "search" or each.inside("form")) or not each.get("name"):
            continue
        unticked = each.get("type") == "checkbox" and "checked" not in each.attributes
        if each.tag == "input" and not unticked:
            pairs.append((each["name"], each.get("value") or ""))
        elif each is pressed:
            pairs.append((each["name"], each["value"]))
    return pairs


def count_of(page: Page) -> int:
    return int(re.findall(r"\d+", page.one("p", class_="partial-note").text)[0])


@pytest.mark.parametrize("query", LONG.values(), ids=LONG)
@pytest.mark.parametrize("more", [{}, {"focus": "rohe-ringmajandus", "not_year": "2016"}])
def test_a_long_query_is_not_repeated_all_over_the_page(
    client: FlaskClient, query: str, more: dict[str, str]
) -> None:
    response = client.get("/", query_string={"q": query, **more})
    assert response.status_code == 200
    assert len(response.data) < BUDGET
    page = Page(response.text)
    assert page.all("li", class_="hit")
    assert page.one("input", type="search")["value"] == query.strip()


@pytest.mark.parametrize(
    "filters", ["", "&year=2009-2026", "&not_focus=none&not_org=EAS&sort=oldest"]
)
def test_no_length_in_between_makes_a_page_too_large(client: FlaskClient, filters: str) -> None:
    """Whatever is short enough to be repeated in every link is short enough for all of them."""
    sizes = {}
    for length in range(0, 100, 7):
        query = urlencode({"q": "klaster OR " + "õ" * length})
        for page in (1, 2):
            address = f"/?{query}{filters}&colour=focus&lang=et&page={page}"
            sizes[address] = len(client.get(address).data)
    assert max(sizes.values()) < BUDGET, max(sizes, key=sizes.__getitem__)


def test_many_values_are_not_repeated_either(client: FlaskClient) -> None:
    pairs = [("q", "klaster"), *(("org", f"Klastriliit number {n}") for n in range(40))]
    response = client.get(f"/?{urlencode(pairs)}")
    assert len(response.data) < BUDGET
    page = Page(response.text)
    assert len(page.all("span", class_="chip")) == 40
    assert not page.all("a", class_="chip")


def test_an_article_of_a_long_query_is_small_too(client: FlaskClient) -> None:
    address = "/article/2009-10-06-saepuru-ei-ole-prugi"
    for query in LONG.values():
        assert len(client.get(address, query_string={"q": query}).data) < BUDGET


def test_the_form_leads_on_where_links_would_be_too_long(client: FlaskClient) -> None:
    query = "klaster " + "õ" * 300
    page = Page(client.get("/", query_string={"q": query, "sort": "oldest", "lang": "et"}).text)

    def press(name: str, value: str, on: Page = page) -> Page:
        button = on.all("button", name=name, value=value)[0]
        return Page(client.get(f"/?{urlencode(sent(on, button))}", follow_redirects=True).text)

    all_of_them = count_of(page)
    second = press("page", "2")
    assert second.one("button", **{"aria-current": "page"}).text == "2"
    assert count_of(second) == all_of_them
    newest = press("sort", "newest", on=second)
    assert newest.one("button", name="sort", **{"aria-current": "true"})["value"] == "newest"
    assert newest.one("button", **{"aria-current": "page"}).text == "1"
    english = press("lang", "en")
    assert english.one("html")["lang"] == "en"
    assert english.one("input", type="search")["value"] == query
    without = press("not_focus", "rohe-ringmajandus")
    assert count_of(without) < all_of_them


def test_leaving_out_a_chosen_value_takes_the_choice_back(client: FlaskClient) -> None:
    page = Page(client.get("/?q=klaster&focus=rohe-ringmajandus&sort=oldest").text)
    minus = page.one("button", class_="minus", name="not_focus", value="rohe-ringmajandus")
    after = Page(client.get(f"/?{urlencode(sent(page, minus))}", follow_redirects=True).text)
    (chip,) = after.all("a", class_="chip")
    assert chip.text == "Eemalda filter: Valdkond mitte Rohe- ja ringmajandus"
    assert chip["href"] == "/?q=klaster&sort=oldest"


def test_enter_in_the_box_searches_and_presses_nothing_else(client: FlaskClient) -> None:
    """Browsers press the form's first button; all others stand below it."""
    page = Page(client.get("/?q=klaster").text)
    buttons = [each for each in page.all("button") if each.get("form") == "search"]
    order = page.elements
    own = next(each for each in page.all("button") if each.inside("form"))
    assert not own.get("name")
    assert all(order.index(own) < order.index(each) for each in buttons)
