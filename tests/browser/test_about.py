"""Who runs the site, how to report a mistake, help for readers and for owners."""

import re
from collections.abc import Callable

import pytest
from on_page import expect_language
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
PHONE = {"width": 360, "height": 740}


@JAVASCRIPT
@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("Saidist", "66 artiklit; vanim on kuupäevaga"),
        ("Ligipääsetavus", "WCAG 2.2"),
        ("Andmekaitse", "klastriotsing_lang"),
    ],
)
def test_the_foot_of_a_page_leads_to_who_runs_the_site(
    visit: OpenPage, javascript: bool, link: str, told: str
) -> None:
    page = visit("/?q=klaster", java_script_enabled=javascript, **PHONE)
    foot = page.get_by_role("contentinfo")
    expect(foot).to_contain_text("Viimati uuendatud")
    foot.get_by_role("link", name=link).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(link)
    expect(page.get_by_role("main")).to_contain_text(told)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("link", name="English").click()
    expect_language(page, "en")


@JAVASCRIPT
def test_a_reader_reports_a_mistake(visit: OpenPage, javascript: bool) -> None:
    page = visit("/article/2009-10-06-saepuru-ei-ole-prugi", java_script_enabled=javascript)
    page.get_by_role("link", name=re.compile("^Teata veast.*Leegivool AS$")).click()
    expect(page.get_by_role("main")).to_contain_text("Organisatsioon – Leegivool AS")
    page.get_by_role("button", name="Teata, et see on vale").click()
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Aitäh!")
    page.get_by_role("link", name="← Saepuru ei ole prügi").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Saepuru ei ole prügi")


@JAVASCRIPT
def test_readers_and_owners_have_help_of_their_own(visit: OpenPage, javascript: bool) -> None:
    page = visit("/abi", java_script_enabled=javascript, **PHONE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kuidas otsida")
    expect(page.get_by_role("main")).not_to_contain_text("klastriotsing.toml")
    page.get_by_role("main").get_by_role("link", name="Haldajale").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Haldajale")
    expect(page.get_by_role("main")).to_contain_text("klastriotsing.toml")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
