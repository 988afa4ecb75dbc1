"""Which language a visitor gets, and how it writes dates, numbers and errors."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from page_reader import Page
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from search.article import PartialDate
from search.configuration import Configuration
from search.errors import BadRequest, QueryTooLong
from webui.localisation import Localisation, choose_language, site_languages

ET, EN = Localisation.of("et"), Localisation.of("en")
BOTH = ("et", "en")
Scripted = Callable[..., FlaskClient]


def accept(header: str) -> LanguageAccept:
    return parse_accept_header(header, LanguageAccept)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "et"),
        ("et", "et"),
        ("et-EE,et;q=0.9,en;q=0.8", "et"),
        ("en-US,en;q=0.9,et;q=0.1", "et"),
        ("en-US,en;q=0.9", "en"),
        ("ru,fi;q=0.7", "en"),
        ("*", "et"),
        ("en,*;q=0.1", "et"),
        ("en, et;q=0", "en"),
    ],
)
def test_estonian_unless_the_browser_does_not_list_it(header: str, language: str) -> None:
    assert choose_language(None, None, accept(header), BOTH) == language


def test_address_over_cookie_over_browser() -> None:
    english = accept("en")
    assert choose_language("et", "en", english, BOTH) == "et"
    assert choose_language(None, "et", english, BOTH) == "et"
    assert choose_language(None, "xx", english, BOTH) == "en"


def test_a_site_in_one_language_has_no_other() -> None:
    assert choose_language(None, "en", accept("en"), ("et",)) == "et"
    assert site_languages(("en", "xx")) == ("en",)
    assert site_languages(()) == ("et",)


@pytest.mark.parametrize(
    ("date", "estonian", "english"),
    [
        (PartialDate(2016, 12, 2), "2. detsember 2016", "2 December 2016"),
        (PartialDate(2016, 12), "detsember 2016", "December 2016"),
        (PartialDate(2016), "2016", "2016"),
    ],
)
def test_dates_as_far_as_they_are_known(date: PartialDate, estonian: str, english: str) -> None:
    assert ET.date(date) == estonian
    assert EN.date(date) == english


def test_numbers_are_grouped_as_the_language_does() -> None:
    assert EN.number(1234567) == "1,234,567"
    assert ET.number(1234567) == "1\u00a0234\u00a0567"
    assert ET.ngettext("{count} article found", "{count} articles found", 12345) == (
        "Leitud 12\u00a0345 artiklit"
    )


def test_plural_forms() -> None:
    for count, estonian, english in (
        (0, "Leitud 0 artiklit", "0 articles found"),
        (1, "Leitud 1 artikkel", "1 article found"),
        (2, "Leitud 2 artiklit", "2 articles found"),
    ):
        forms = ("{count} article found", "{count} articles found")
        assert ET.ngettext(*forms, count) == estonian
        assert EN.ngettext(*forms, count) == english


def test_languages_have_names() -> None:
    assert ET.language_name("en") == "inglise"
    assert EN.language_name("et") == "Estonian"
    assert ET.language_name("?!") == "?!"


def test_errors_are_translated_with_their_remedies_but_not_what_was_typed() -> None:
    error = BadRequest(value="Search", name="page", remedy="Pages are counted from 1")
    assert ET.error(error) == "„Search“ siin ei sobi. Lehekülgi loetakse alates ühest"
    assert EN.error(error) == str(error)
    braces = BadRequest(value="{x}", name="page", remedy="Pages are counted from 1")
    assert "{x}" in ET.error(braces)
    assert "1001" in ET.error(QueryTooLong(length=1001, limit=1000))


def test_the_page_follows_the_browser_and_the_address(scripted: Scripted) -> None:
    client = scripted()
    assert Page(client.get("/").text).one("html")["lang"] == "et"
    english = client.get("/", headers={"Accept-Language": "en-GB"})
    assert Page(english.text).one("html")["lang"] == "en"
    assert Page(client.get("/?lang=en").text).one("html")["lang"] == "en"


def test_the_chosen_language_is_remembered(scripted: Scripted) -> None:
    client = scripted()
    cookie = client.get("/?lang=en").headers["Set-Cookie"]
    assert cookie.startswith("klastriotsing_lang=en;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert Page(client.get("/").text).one("html")["lang"] == "en"
    assert "Set-Cookie" not in client.get("/").headers
    assert "Set-Cookie" not in client.get("/?lang=xx").headers


def test_the_switch_keeps_the_search(scripted: Scripted) -> None:
    page = Page(scripted().get("/?q=klaster&org=A&page=2").text)
    assert page.link("English")["href"] == "/?q=klaster&org=A&page=2&lang=en"
    assert page.link("Eesti").get("aria-current") == "true"


def test_a_site_in_one_language_has_no_switch(scripted: Scripted) -> None:
    page = Page(scripted(Configuration(languages=("et",))).get("/").text)
    assert not page.all("nav", class_="languages")


def test_a_language_we_do_not_have_is_named_in_estonian(scripted: Scripted) -> None:
    response = scripted().get("/?lang=fi")
    assert response.status_code == 400
    assert "Valige üks saidi keeltest" in response.text
