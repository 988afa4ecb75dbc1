"""A query that would cost too much is refused with advice, as a page and as JSON."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from search.analysis import Analyzer
from search.configuration import Configuration
from search.query_budget import QueryBudget, QueryLimits
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui import create_app

BROAD = "?q=ma*+pu*+ka*"


@pytest.fixture
def limited(example_index: Path, analyzer: Analyzer) -> Iterator[FlaskClient]:
    configuration = Configuration()
    service = SearchService(
        example_index,
        configuration,
        analyzer,
        load_taxonomy(None),
        budget=lambda: QueryBudget(QueryLimits(terms=300)),
    )
    yield create_app(service, configuration).test_client()
    service.close()


def test_page_says_what_to_do_and_keeps_a_search_box(limited: FlaskClient) -> None:
    answer = limited.get(f"/{BROAD}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "Kirjutage tärni ette pikem sõna algus või kasutage vähem sõnu" in page
    assert "<input" in page
    english = limited.get(f"/{BROAD}&lang=en").get_data(as_text=True)
    assert "Write longer beginnings before * or fewer words" in english


def test_json_has_the_code(limited: FlaskClient) -> None:
    answer = limited.get(f"/api/search{BROAD}")
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"]["code"] == "query-too-broad"


def test_what_is_narrower_is_answered(limited: FlaskClient) -> None:
    assert limited.get("/?q=klaster+puit").status_code == 200
    assert limited.get(f"/api/suggest{BROAD}").status_code == 200


def test_bytes_that_are_no_text_are_answered(limited: FlaskClient) -> None:
    for odd in ("%ED%A0%80", "%FF%FE", "%00", "%F0%9F", "%C0%AF", "%EF%BF%BE"):
        for path in ("/", "/api/search", "/api/suggest"):
            assert limited.get(f"{path}?q=klaster+{odd}").status_code == 200
        assert limited.get(f"/article/{odd}").status_code == 404
