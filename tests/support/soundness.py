"""Checks that every page of the site must pass."""

import re
from itertools import pairwise

from page_reader import Page
from werkzeug.test import TestResponse

MOST_BYTES = 60_000


def sound_page(response: TestResponse) -> Page:
    """Parses the page of ``response``, which must be small, well-formed and accessible."""
    assert len(response.data) < MOST_BYTES
    page = Page(response.text)
    assert page.one("title").text.endswith("– Klastriotsing")
    ids = [each["id"] for each in page.elements if each.get("id")]
    assert len(ids) == len(set(ids))
    levels = [int(each.tag[1]) for each in page.elements if re.fullmatch(r"h[1-6]", each.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(each.text or each.get("aria-label") for each in page.all("a"))
    assert page.one("a", class_="skip")["href"].removeprefix("#") in ids
    assert page.one("main")["id"] == "main"
    labelled = {each.get("for") for each in page.all("label")}
    for field in page.all("input"):
        if field.get("type") != "hidden":
            assert field.inside("label") or field.get("id") in labelled
    for each in page.elements:
        assert not each.get("style")
        assert not any(name.startswith("on") for name in each.attributes)
        for name in ("src", "href"):
            address = each.get(name) or ""
            own = not address.startswith(("http:", "https:", "//")) or each.get("rel")
            assert own, address
    return page
