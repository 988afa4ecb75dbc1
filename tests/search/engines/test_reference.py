"""The engine's arrays against Whoosh's public path, stepped through slowly.

``QUERIES=5000 pytest tests/search/engines/test_reference.py`` compares as many as one has time for.
"""

import os
import random
from collections.abc import Iterator, Sequence

import pytest
from corpus import NOW
from drawn import BASES, draw_documents, draw_node, draw_request, with_id
from open_reader import KERNELS, generation, open_reader
from reference import Reference
from whoosh.index import open_dir

from search.engines.budget import QueryBudget
from search.engines.contract import IndexedDocument
from search.engines.whoosh import WhooshIndex
from search.engines.whoosh.reader import WhooshReader
from search.engines.whoosh.snapshot.snapshot import Snapshot
from search.query.ast import Everything, Node
from search.request import FACETS, SearchRequest

COUNT = int(os.environ.get("QUERIES") or 200)
Pair = tuple[WhooshReader, Reference]


def build(generations: WhooshIndex, parts: Sequence[Sequence[IndexedDocument]]) -> None:
    """One segment for each part; what has the id of an earlier document replaces it."""
    known: set[str] = set()
    for documents in parts:
        step = generations.extend if known else generations.build
        with step(["x"], "f", NOW) as writer:
            for each in documents:
                if each.article.id in known:
                    writer.delete(each.article.id)
                writer.add(each)
                known.add(each.article.id)


@pytest.fixture(scope="module", params=KERNELS)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """An engine and its reference over several segments with deletions."""
    index = tmp_path_factory.mktemp("index")
    first = draw_documents(200, seed=1)
    changed = [
        with_id(new, old.article.id)
        for old, new in zip(first[::9], draw_documents(23, seed=2), strict=True)
    ]
    build(WhooshIndex(index), [first, changed, draw_documents(80, seed=3, first=200)])
    directory = generation(index)
    reader = open_reader(index, request.param)
    clusters = Snapshot(directory).clusters().representatives.tolist()
    articles = [reader.article(number) for number in range(len(clusters))]
    with open_dir(directory).reader() as slow:
        yield reader, Reference(slow, articles, clusters)
    reader.close()


def same(pair: Pair, node: Node, request: SearchRequest) -> int:
    """Compare the answers; how many documents they hold."""
    reader, reference = pair
    expected, given = reference.search(node, request), reader.search(node, request)
    documents = [(reader.ids([each.key])[0], each.full) for each in given.documents]
    assert documents == [(article_id, full) for article_id, _, full in expected.documents]
    scores = [score for _, score, _ in expected.documents]
    assert [each.score for each in given.documents] == pytest.approx(scores, rel=1e-5, abs=1e-5)
    assert (given.total, given.partial) == (expected.total, expected.partial)
    for name in FACETS:
        assert [(e.value, e.count) for e in given.facets[name]] == expected.facets[name]
    assert dict(given.without) == expected.without
    assert reader.count(node, request) == expected.total
    return len(documents)


def test_answers_are_those_of_the_slow_path(pair: Pair) -> None:
    met = 0
    for number in range(COUNT):
        draw = random.Random(f"queries {number}")
        node, request = draw_node(draw), draw_request(draw)
        try:
            met += same(pair, node, request) > 0
        except AssertionError as error:
            raise AssertionError(f"number {number}: {node} {request}") from error
    assert met > COUNT // 4


def test_everything_is_the_same_in_every_order(pair: Pair) -> None:
    for sort in ("relevance", "newest", "oldest", "added"):
        for page in (1, 4):
            assert same(pair, Everything(), SearchRequest(sort=sort, page=page, page_size=50))


def test_counts_of_words_are_those_of_the_slow_path(pair: Pair) -> None:
    reader, reference = pair
    for text in (f"{channel}{base}" for channel in "lpsrxf" for base in (*BASES, "puudu")):
        assert reader.document_frequencies([text]) == (reference.document_frequency(text),)
    for base in BASES:
        lemmas = [f"l{each}" for each in BASES[:5]]
        counts = reference.reading_counts(f"s{base}", lemmas)
        assert reader.reading_counts([(f"s{base}", lemmas)]) == (counts,)


def test_what_a_query_costs_does_not_depend_on_what_was_asked_before(pair: Pair) -> None:
    costs: list[list[tuple[int, int]]] = [[], []]
    for cost in costs:
        for number in range(60):
            draw = random.Random(f"work {number}")
            work = QueryBudget()
            pair[0].for_query(work).search(draw_node(draw), draw_request(draw))
            cost.append((work.terms, work.cost))
    assert costs[0] == costs[1]
    assert any(postings for _, postings in costs[0])
