"""What one query may cost, and what is said of one that would cost more."""

import gc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from corpus import NOW, Model, document

from search.analysis import Analyzer
from search.configuration import Configuration
from search.engines.contract import Index
from search.engines.registry import open_index
from search.engines.whoosh.execution.evaluate import MAX_PREFIX_TERMS
from search.errors import QueryTooBroad
from search.i18n import translator
from search.query import explain
from search.query.ast import Alternative, And, Everything, Not, Or, Prefix, Word
from search.query.interpreter import with_cut_prefixes
from search.query_budget import QueryBudget, QueryLimits
from search.request import SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy

Serving = Callable[[Callable[[], QueryBudget]], SearchService]


@pytest.fixture
def serving(example_index: Path, analyzer: Analyzer) -> Iterator[Serving]:
    """Services over the example news that count in a way of their own."""
    made: list[SearchService] = []

    def make(budget: Callable[[], QueryBudget]) -> SearchService:
        taxonomy = load_taxonomy(None)
        made.append(
            SearchService(example_index, Configuration(), analyzer, taxonomy, budget=budget)
        )
        return made[-1]

    yield make
    for each in made:
        each.close()


def up_to(**limits: int) -> Callable[[], QueryBudget]:
    return lambda: QueryBudget(QueryLimits(**limits))


def test_terms_count_once_and_their_entries_each_time() -> None:
    work = QueryBudget(QueryLimits(terms=2, cost=100))
    for _ in range(3):
        work.spend([("title", "lklaster")], 10)
    work.spend([("body", "lklaster")], 70)
    assert (work.terms, work.cost) == (2, 100)
    with pytest.raises(QueryTooBroad):
        QueryBudget(QueryLimits(terms=0)).spend([("body", "lklaster")])
    with pytest.raises(QueryTooBroad):
        work.spend([("body", "lklaster")], 1)


def test_a_query_that_stands_for_too_many_words_is_refused(serving: Serving) -> None:
    service = serving(up_to(terms=300))
    assert service.search(SearchRequest("klaster puit")).total
    for query in ("ma* pu* ka*", "ma* OR pu* OR ka*", "puit -ma* -pu* -ka*", "(ma* pu*) ka*"):
        with pytest.raises(QueryTooBroad):
            service.search(SearchRequest(query))


def test_a_query_that_reads_too_much_is_refused(serving: Serving) -> None:
    service = serving(up_to(cost=1000))
    assert service.search(SearchRequest("klaster")).total
    with pytest.raises(QueryTooBroad):
        service.search(SearchRequest('"' + "klaster " * 50 + '"'))


def test_the_count_does_not_depend_on_what_was_asked_before(serving: Serving) -> None:
    works: list[QueryBudget] = []

    def count() -> QueryBudget:
        works.append(QueryBudget())
        return works[-1]

    service = serving(count)
    costs = []
    for _ in range(2):
        works.clear()
        service.search(SearchRequest("metsa- ja puiduklaster jaatmekaitlus klsater ma*"))
        costs.append([(each.terms, each.cost) for each in works])
    assert costs[0] == costs[1]
    assert len(costs[0]) > 2  # the query, the search for its spelling, and what was tried instead


def test_what_would_be_refused_is_not_suggested(serving: Serving) -> None:
    query = "klsater puit"
    suggested = serving(QueryBudget).search(SearchRequest(query)).suggestions
    assert [each.query for each in suggested] == ["klaster puit"]
    works = iter(
        [QueryBudget(), QueryBudget()]
    )  # for the query itself and for the search for its spelling
    limited = serving(lambda: next(works, QueryBudget(QueryLimits(terms=1))))
    assert limited.search(SearchRequest(query)).suggestions == ()


def test_words_that_would_be_refused_are_no_completions(serving: Serving) -> None:
    def kinds(service: SearchService) -> set[str]:
        return {each.kind for each in service.suggest("klas")}

    assert kinds(serving(QueryBudget)) == {"word", "organisation", "title"}
    assert "word" not in kinds(serving(up_to(terms=1)))


def test_an_article_and_its_query_keep_the_same_limits(serving: Serving) -> None:
    hit = serving(QueryBudget).search(SearchRequest("klaster")).hits[0]
    assert serving(up_to(terms=300)).article(hit.id, "klaster").title_marks == hit.title_marks
    with pytest.raises(QueryTooBroad):
        serving(up_to(terms=300)).article(hit.id, "ma* pu* ka*")


def test_a_page_of_many_hits_costs_no_more(serving: Serving) -> None:
    costs = []
    for size in (1, 50):
        work = QueryBudget()
        results = serving(lambda work=work: work).search(SearchRequest("kl*", page_size=size))
        assert len(results.hits) == size
        costs.append((work.terms, work.cost))
    assert costs[0] == costs[1]


@pytest.fixture(scope="module")
def many_beginnings(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """One article in which more words begin with „ma“ than are searched, and two with „puu“."""
    words = tuple(f"ma{number:05d}" for number in range(MAX_PREFIX_TERMS + 1))
    generations = open_index(tmp_path_factory.mktemp("index"))
    with generations.build([], "f", NOW) as writer:
        writer.add(document(Model("a", ("puu",), (*words, "puud"), None, (), ())))
        writer.add(document(Model("b", (words[-1],), (), None, (), ())))
    return generations


def test_a_beginning_of_too_many_words_is_searched_in_part_and_says_so(
    many_beginnings: Index,
) -> None:
    reader = many_beginnings.open("f")
    every, few = Prefix("ma"), Prefix("puu")
    assert (reader.is_cut(every), reader.is_cut(few)) == (True, False)
    assert not reader.is_cut(Prefix("ma", "title"))
    node = with_cut_prefixes(Or((And((every, Not(every))), few, Everything())), reader)
    cut = Prefix("ma", cut=True)
    assert node == Or((And((cut, Not(cut))), few, Everything()))
    said = explain(with_cut_prefixes(every, reader), translator("en"))
    assert said == (
        "Searched: words beginning with “ma” (too many: only the first in the alphabet)."
    )
    assert reader.search(cut, SearchRequest()).total == 2
    reader.close()


def test_work_is_counted_for_one_query_alone(many_beginnings: Index) -> None:
    reader = many_beginnings.open("f")
    word = Word("puu", (Alternative("lemma", "puu"),))
    one, other = QueryBudget(), QueryBudget()
    reader.for_query(one).search(word, SearchRequest())
    assert (one.terms, one.cost) == (2, 1)
    reader.for_query(other).search(Prefix("puu"), SearchRequest())
    assert one.terms == 2
    assert other.terms > 2
    assert reader.search(word, SearchRequest()).total == 1
    reader.close()


def test_a_closed_reader_leaves_nothing_behind(many_beginnings: Index) -> None:
    """Its columns and lists are large: they must go when it goes, whatever was asked of it."""
    reader = many_beginnings.open("f")
    view = reader.for_query(QueryBudget())
    assert view.search(Prefix("puu"), SearchRequest()).total == 1
    assert view.similar("puus")
    assert reader.complete("title", "puu", 5)
    reader.close()
    left = weakref.ref(reader), weakref.ref(view)
    gc.disable()
    try:
        del reader, view
        assert [each() for each in left] == [None, None]
    finally:
        gc.enable()
