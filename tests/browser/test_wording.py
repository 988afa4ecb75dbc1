"""Pages say things as an editor would, the same thing in one way."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from site_pages import PAGES

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
#: What stood on the pages once, and what nobody should find there.
CLUMSY = (
    "A–Õ",
    "Mõni sõna algab nii",
    "Värvi valdkondade järgi",
    "Näita ühes värvis",
    "vanemad enne",
    "valdkonnata",
    "Leitud artiklid failina",
    "Uued artiklid uudisvoona",
    "Viita",
    "Klahvid",
    "Nii kaugel enam tulemusi ei ole",
    "Küsitud kordi",
    "leitavad igas käändes",
    "Aega kulus",
    "Päringukeel",
    "mida kunagi ei lõdvendata",
)
#: What only whoever runs the site understands.
OWNERS_WORDS = ("klastriotsing.toml", "miljonit kirjet")


def test_no_page_has_clumsy_words(visit: OpenPage) -> None:
    page = visit("/")
    found = {}
    for path in (*PAGES, "/?q=klaster&page=99", "/?q=klaster&view=brief"):
        page.goto(path)
        text = page.evaluate("document.body.textContent")
        unwanted = CLUMSY if path == "/haldajale" else (*CLUMSY, *OWNERS_WORDS)
        said = [each for each in unwanted if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text)]
        if said:
            found[path] = said
    assert not found
