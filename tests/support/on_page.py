"""Locates parts of a page by visible labels and ARIA roles, never by CSS selectors."""

import re

from playwright.sync_api import Locator, Page, expect

#: Possible headings of the results, in either language.
_SAID = re.compile(
    "^(Leitud |Ühtegi artiklit ei|Kõigi sõnadega|Uusimad|Vanimad|[0-9]+ articles? found)"
)


def said_of_results(page: Page) -> Locator:
    """The heading above the results."""
    return page.get_by_role("heading", name=_SAID)


def results(page: Page) -> Locator:
    """The list of results, whose accessible name is its heading."""
    return page.get_by_role("list", name=_SAID)


def titles(page: Page) -> Locator:
    """The titles of the results."""
    return results(page).get_by_role("heading", level=3)


def chips(page: Page) -> Locator:
    """The chosen filters above the results."""
    return (
        page.get_by_role("list", name=re.compile("Valitud filtrid|Chosen filters"))
        .get_by_role("listitem")
        .filter(has_not_text=re.compile("^(Eemalda kõik|Remove all)"))
    )


def fold_of_filters(page: Page) -> Locator:
    """The control that unfolds the filters on a phone."""
    return page.get_by_text("Filtrid", exact=True).last


def bars(page: Page) -> Locator:
    """The bars of the chart of the years or months."""
    return page.get_by_role("list", name=re.compile("^Artikleid (aastati|kuuti)$")).get_by_role(
        "listitem"
    )


def marks(page: Page) -> Locator:
    """The marked words of an article."""
    return page.get_by_role("article").get_by_role("mark")


def expect_language(page: Page, language: str) -> None:
    """Expects the whole page to be in ``language``."""
    expect(page.get_by_role("document")).to_have_attribute("lang", language)
