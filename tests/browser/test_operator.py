"""The operator's view: what found nothing, and lines to be copied into the owner's files."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from live import operating
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def view(browser: Browser, example_index: Path) -> Iterator[tuple[Page, str, str]]:
    """A page, the address of the site and that of the operator's view."""
    with operating(example_index) as (site, admin):
        allowed = ["clipboard-read", "clipboard-write"]
        context = browser.new_context(locale="et-EE", permissions=allowed)
        yield context.new_page(), site, admin
        context.close()


def test_a_query_without_an_answer_becomes_a_line_to_copy(view: tuple[Page, str, str]) -> None:
    page, site, admin = view
    for query in ("klastrofoobia", "klsater", "klaster"):
        page.goto(f"{site}/?q={query}")
    page.goto(f"{admin}/admin")
    partial = page.get_by_role("table").filter(has_text="Vastati päringule")
    partial.get_by_role("button", name=re.compile("^Kopeeri.*klsater -> klaster$")).click()
    expect(partial.get_by_role("button", name="Kopeeritud")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "klsater -> klaster"
    page.get_by_label(re.compile("^tähendab.*klastrofoobia")).fill("kitsas ruum")
    page.get_by_role("button", name="Tee rida").click()
    expect(page.get_by_role("status")).to_contain_text("klastrofoobia = kitsas ruum")


def test_each_query_stands_where_it_belongs(view: tuple[Page, str, str]) -> None:
    page, site, admin = view
    for query in ("klaster", "klaster&sort=newest", "klaster robot saepuru", "klastrofoobia"):
        page.goto(f"{site}/?q={query}")
    page.goto(f"{admin}/admin")
    top = page.get_by_role("region", name="Sagedasemad päringud")
    first = top.get_by_role("row").nth(1)
    expect(first.get_by_role("rowheader")).to_have_text("klaster")
    expect(first.get_by_role("cell").first).to_have_text("2")
    # What found nothing stands by month, what found articles in part has a table of its own.
    month = page.get_by_role("heading", level=3, name=re.compile(r"^\w+ \d{4}$"))
    unanswered = page.get_by_role("region", name=month.inner_text())
    expect(unanswered.get_by_role("rowheader")).to_have_text(["klastrofoobia"])
    partial = page.get_by_role("region", name="Päringud, mis leidsid ainult osa")
    expect(partial.get_by_role("rowheader")).to_have_text(["klaster robot saepuru"])
    # Slow is what takes long, not what takes longest.
    slow = re.compile(r"^Aeglane on päring, millele kulus \d{3,} ms või rohkem")
    expect(page.get_by_text(slow)).to_be_visible()


def test_review_lists_are_put_in_order_by_their_headings(view: tuple[Page, str, str]) -> None:
    page, _, admin = view
    page.goto(f"{admin}/admin/review")
    again = page.get_by_role("link", name="Vaata uuesti")
    table = page.get_by_role("table").filter(has_text="Puudub")
    for _ in range(60):
        if table.count():
            break
        page.wait_for_timeout(500)
        again.click()
    heading = table.get_by_role("columnheader", name="Rida")
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    lines = [each.partition(":")[0] for each in table.get_by_role("rowheader").all_inner_texts()]
    assert lines == sorted(lines)
