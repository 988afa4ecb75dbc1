"""Whatever is typed is answered within its bounds: many odd queries through the real service.

``make fuzz`` runs a hundred thousand of them, ``make test`` some hundred. What fails is printed
with its seed and its number, by which ``odd_query`` makes it again.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from odd_queries import odd_query

from search.analysis import Analyzer
from search.configuration import Configuration
from search.errors import BadRequest, QueryTooBroad, QueryTooLong
from search.query_budget import DEFAULT_LIMITS, QueryBudget
from search.request import FacetFilter, SearchRequest
from search.results import Mark, Results
from search.service import SearchService
from search.taxonomy import load_taxonomy

COUNT = int(os.environ.get("FUZZ") or 600)
SEED = os.environ.get("FUZZ_SEED") or "klaster"
#: What may be said instead of an answer.
EXPLAINED = (BadRequest, QueryTooLong, QueryTooBroad)
SYNONYMS = """
EJKL = Eesti Jäätmekäitlejate Liit = ERMEL
prügi ~ jäätmed
klaster -> võrgustik
"""


class Record:
    """Makes the counts of queries and keeps them."""

    def __init__(self) -> None:
        self.works: list[QueryBudget] = []

    def __call__(self) -> QueryBudget:
        self.works.append(QueryBudget())
        return self.works[-1]


@pytest.fixture(scope="module")
def record() -> Record:
    return Record()


@pytest.fixture(scope="module")
def recorded(
    example_index: Path,
    analyzer: Analyzer,
    record: Record,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[SearchService]:
    synonyms = tmp_path_factory.mktemp("fuzz") / "synonyms.txt"
    synonyms.write_text(SYNONYMS, encoding="utf-8")
    configuration = Configuration(synonyms=synonyms)
    taxonomy = load_taxonomy(None)
    answering = SearchService(example_index, configuration, analyzer, taxonomy, budget=record)
    yield answering
    answering.close()


@pytest.mark.slow
def test_odd_queries_are_answered_within_their_bounds(
    recorded: SearchService, record: Record
) -> None:
    most = {"terms": 0, "postings": 0}
    for number in range(COUNT):
        query = odd_query(SEED, number)
        record.works.clear()
        try:
            ask(recorded, query, number)
        except EXPLAINED:
            pass
        except Exception as error:
            raise AssertionError(f"seed {SEED!r}, number {number}: {query!r}") from error
        else:
            assert all(w.terms <= DEFAULT_LIMITS.terms for w in record.works), (number, query)
            assert all(w.cost <= DEFAULT_LIMITS.cost for w in record.works), (number, query)
        most["terms"] = max(most["terms"], *(each.terms for each in record.works), 0)
        most["postings"] = max(most["postings"], *(each.cost for each in record.works), 0)
    print(f"{COUNT} odd queries, the costliest: {most}")  # noqa: T201 - shown by make fuzz


def ask(service: SearchService, query: str, number: int) -> None:
    """Search for ``query`` in one way or another and look at the answer."""
    filters = FacetFilter((query[:40],)) if number % 50 == 7 else FacetFilter()
    request = SearchRequest(query, org=filters, page=1 + number % 3 // 2, page_size=5)
    results = service.search(request, ("et", "en")[number % 2])
    check(results)
    if not results.explanation and not request.is_filtered:
        assert results.total == service.search(SearchRequest()).total  # it asked for nothing
    if number % 20 == 3:
        for each in service.suggest(query):
            assert each.text
            assert each.count > 0
    if number % 20 == 4 and results.hits:
        view = service.article(results.hits[0].id, query)
        inside(view.article.title, view.title_marks)
        for paragraph in view.paragraphs:
            inside(paragraph.text, paragraph.marks)


def check(results: Results) -> None:
    json.dumps(results.to_dict())
    assert "{" not in results.explanation or "{" in results.searched
    assert results.total >= 0
    assert results.partial >= 0
    assert len(results.hits) <= results.request.page_size
    if results.request.sort == "relevance":
        scores = [hit.score for hit in results.hits]
        assert scores == sorted(scores, reverse=True)
    else:
        flags = [hit.full for hit in results.hits]
        assert flags == sorted(flags, reverse=True)
    for hit in results.hits:
        assert hit.score >= 0
        assert not (hit.full and hit.missing)
        inside(hit.title, hit.title_marks)
        for snippet in hit.snippets:
            inside(snippet.text, snippet.marks)
        assert all(each.form for each in hit.why)


def inside(text: str, marks: tuple[Mark, ...]) -> None:
    """Marks ascend, hold something and lie within ``text``."""
    for mark in marks:
        assert 0 <= mark.start < mark.end <= len(text)
    assert list(marks) == sorted(marks, key=lambda each: (each.start, each.end))
