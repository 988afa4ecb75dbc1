"""Somebody who has never been here finds an article they half remember, by what they can see."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from site_pages import PHONE

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
ORGANISATION = "Lõunakaare Biojäätmete Väärindamise Klaster"
TITLE = "Kompost saab kvaliteedimärgi"


@pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
@pytest.mark.parametrize("is_phone", [False, True], ids=["desktop", "phone"])
def test_the_news_of_2016_on_composting_is_found(
    visit: OpenPage, javascript: bool, is_phone: bool
) -> None:
    size = PHONE if is_phone else {}
    page = visit("/", java_script_enabled=javascript, **size)
    box = page.get_by_label("Otsi klastriuudistest")
    box.fill("kompostist")
    page.get_by_role("button", name="Otsi", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile(r"^Leitud \d"))).to_be_visible()

    for facet, legend, name in (
        ("Aasta", "Aeg", "2016"),
        ("Organisatsioon", "Organisatsioon", ORGANISATION),
    ):
        if is_phone:
            page.get_by_text("Filtrid", exact=True).nth(1).click()
        group = page.get_by_role("group", name=legend)
        choice = group.get_by_role("checkbox", name=re.compile(f"^{name}"))
        if not choice.is_visible():
            group.get_by_text(re.compile("Veel|Aastate kaupa")).click()
        choice.check()
        if is_phone or not javascript:
            page.get_by_role("button", name="Rakenda filtrid").click()
        expect(
            page.get_by_role("link", name=re.compile(f"Eemalda filter: {facet} {name}"))
        ).to_be_visible()

    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.get_by_role("complementary")).to_contain_text(ORGANISATION)
    expect(page.get_by_role("complementary")).to_contain_text("2016")
