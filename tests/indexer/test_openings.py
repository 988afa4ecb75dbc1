"""Beginnings of news of many kinds: the year that a reader can tell is found, no other invented."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from indexer.document import analyse_article
from indexer.extract.dates.date_resolver import find_publication_date
from search.analysis import Analyzer
from search.article import Article

LATEST = 2026


def openings() -> list[Any]:
    """One parameter for each opening of the files; what is known to be missed fails strictly."""
    found = []
    for path in sorted((Path(__file__).parent / "openings").glob("*.yaml")):
        for each in yaml.safe_load(path.read_text(encoding="utf-8")):
            marks = [pytest.mark.xfail(reason="known to be missed")] if each.get("missed") else []
            found.append(pytest.param(each, id=f"{path.stem}: {each['name']}", marks=marks))
    return found


@pytest.mark.parametrize("opening", openings())
def test_year_of(opening: dict[str, Any], analyzer: Analyzer) -> None:
    body = tuple(opening["body"].strip().split("\n\n"))
    language = opening.get("language", "et")
    article = Article("a", opening["title"], body, "uudis.txt", language=language)
    text_view = analyse_article(article, analyzer).text
    found = find_publication_date(article, text_view, analyzer, LATEST)
    assert (found.year.value if found.year else None) == opening.get("year")
    parts = {"title": article.title, "body": article.body_text}
    for each in found.year.evidence if found.year else ():
        assert parts[each.part][each.start : each.end] == each.text
