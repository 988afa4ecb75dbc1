"""What every engine must answer: what the documents truly hold, ranked as is written down.

Half of the tests compare with the plain truth about made-up documents, half with the slow way
through Whoosh's public reader: ``QUERIES=5000 pytest tests/search/engines/test_engine.py``
compares as many drawn queries as one has time for.
"""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from corpus import AREAS, NAMES, WORDS, Model, document, models
from drawn import BASES, draw_choice, draw_documents, draw_request, draw_word, with_id
from drawn import draw_node as draw_any_node
from engines import ENGINES, Engine, OpenSearchEngine, Part
from opensearch_cluster import OpenSearchCluster
from reference import Reference

from search.engines.contract import CountQuery, EngineReader
from search.errors import QueryTooBroad
from search.query.ast import (
    Alternative,
    And,
    Apart,
    Everything,
    FacetTerm,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    Words,
)
from search.query_budget import QueryBudget
from search.request import COUNTED, FacetFilter, FacetName, SearchRequest

COUNT = int(os.environ.get("QUERIES") or 200)
Truth = Callable[[Model], bool]
Pair = tuple[EngineReader, Reference]
Build = Callable[..., EngineReader]


@pytest.fixture(
    scope="module",
    params=[
        *(
            pytest.param(each, marks=pytest.mark.compiled if each == "compiled" else ())
            for each in ENGINES
        ),
        pytest.param("opensearch", marks=pytest.mark.opensearch),
    ],
)
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "opensearch":
        cluster: OpenSearchCluster = request.getfixturevalue("opensearch")
        return OpenSearchEngine(cluster.urls[0])
    return ENGINES[request.param]


@pytest.fixture(scope="module")
def truth() -> list[Model]:
    """What is in the index in the end: some documents were changed, some removed."""
    first = models(60, seed=1)
    changed = [replace(new, id=old.id) for old, new in zip(first[:10], models(10, 2), strict=True)]
    return changed + first[20:] + models(15, seed=3, first=60)


@pytest.fixture(scope="module")
def reader(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, truth: list[Model]
) -> Iterator[EngineReader]:
    first = models(60, seed=1)
    gone = [each.id for each in first[10:20]]
    parts = [list(map(document, each)) for each in (first, truth[:10], truth[-15:])]
    path = tmp_path_factory.mktemp("index")
    opened = engine.build(path, [parts[0], [*gone, *parts[1]], parts[2]])
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pair(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """An engine and its reference over several segments with deletions."""
    path = tmp_path_factory.mktemp("index")
    first = draw_documents(200, seed=1)
    changed = [
        with_id(new, old.article.id)
        for old, new in zip(first[::9], draw_documents(23, seed=2), strict=True)
    ]
    parts = [first, changed, draw_documents(80, seed=3, first=200)]
    opened = engine.build(path, parts)
    reference = engine.reference(path, parts)
    yield opened, reference
    reference.close()
    opened.close()


@pytest.fixture
def build(engine: Engine, tmp_path: Path) -> Iterator[Build]:
    """Builds indexes for one test."""
    opened: list[EngineReader] = []

    def make(*parts: Part) -> EngineReader:
        opened.append(engine.build(tmp_path / str(len(opened)), parts))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def word(text: str, *, title: bool = False) -> Word:
    alternatives = (Alternative("lemma", text), Alternative("surface", text, 0.3))
    return Word(text, alternatives, "title" if title else "any")


def in_order(words: tuple[str, ...], text: tuple[str, ...], slop: int) -> bool:
    ends = [i for i, each in enumerate(text) if each == words[0]]
    for following in words[1:]:
        ends = [
            i
            for i, each in enumerate(text)
            if each == following and any(0 < i - end <= slop + 1 for end in ends)
        ]
    return bool(ends)


def draw_node(draw: random.Random, depth: int = 2) -> tuple[Node, Truth]:
    """A random query and what it means for a document."""
    kind = draw.choice(
        ("word", "title", "phrase", "facet", "and", "or", "not")[: 7 if depth else 4]
    )
    text = draw.choice(WORDS)
    if kind == "word":
        return word(text), lambda model: model.has(text)
    if kind == "title":
        return word(text, title=True), lambda model: model.has(text, title_only=True)
    if kind == "phrase":
        words = tuple(draw.choices(WORDS, k=draw.randint(2, 3)))
        slop = draw.randint(0, 2)
        node = Phrase(tuple(map(word, words)), slop)
        return node, lambda m: any(in_order(words, text, slop) for text in (m.title, m.body))
    if kind == "facet":
        return draw.choice(
            (
                (FacetTerm("focus", "rohe"), lambda m: "rohe" in m.areas),
                (FacetTerm("org", "metsa liit"), lambda m: "Metsa Liit" in m.names),
                (FacetTerm("year", "2014-2015"), lambda m: m.year in (2014, 2015)),
                (FacetTerm("year", "unknown"), lambda m: m.year is None),
                (FacetTerm("language", "et"), lambda m: m.id != ""),
            )
        )
    children = [draw_node(draw, depth - 1) for _ in range(draw.randint(2, 3))]
    nodes = tuple(node for node, _ in children)
    tests = [test for _, test in children]
    if kind == "and":
        return And(nodes), lambda model: all(test(model) for test in tests)
    if kind == "or":
        return Or(nodes), lambda model: any(test(model) for test in tests)
    return Not(nodes[0]), lambda model: not tests[0](model)


def found(reader: EngineReader, node: Node, request: SearchRequest | None = None) -> list[str]:
    """Ids in the order of the answer."""
    answer = reader.search(node, request or SearchRequest(page_size=1000))
    return list(reader.ids([each.key for each in answer.documents]))


def test_random_queries_find_what_is_there(reader: EngineReader, truth: list[Model]) -> None:
    draw = random.Random(4)
    for _ in range(600):
        node, is_meant = draw_node(draw)
        expected = {model.id for model in truth if is_meant(model)}
        answer = reader.search(node, SearchRequest(page_size=1000))
        assert set(reader.ids([each.key for each in answer.documents])) == expected, node
        assert (answer.total, answer.partial) == (len(expected), 0)


def counted(truth: list[Model], facet: FacetName) -> dict[str, int]:
    counts: dict[str, int] = {}
    for model in truth:
        values = {
            "focus": model.areas or ("none",),
            "year": (str(model.year or "unknown"),),
            "org": model.names,
        }[facet]
        for value in values:
            counts[value] = counts.get(value, 0) + 1
    return counts


def passes(model: Model, facet: FacetName, chosen: FacetFilter) -> bool:
    values = set(counted([model], facet))
    if chosen.include and not values & set(chosen.include):
        return False
    return not values & set(chosen.exclude)


def test_facet_counts_leave_out_their_own_filter(reader: EngineReader, truth: list[Model]) -> None:
    draw = random.Random(5)
    choices: dict[FacetName, tuple[str, ...]] = {
        "focus": (*AREAS, "none"),
        "year": ("2014", "2015", "2016", "unknown"),
        "org": NAMES,
    }
    for _ in range(150):
        request = SearchRequest(page_size=1000)
        for facet, values in choices.items():
            include = tuple(draw.sample(values, draw.choice((0, 0, 1, 2))))
            exclude = tuple(draw.sample(values, draw.choice((0, 0, 1))))
            request = request.with_filter(facet, FacetFilter(include, exclude))
        text = draw.choice(WORDS)
        answer = reader.search(word(text), request)
        matching = [model for model in truth if model.has(text)]
        for facet in choices:
            others = [
                model
                for model in matching
                if all(passes(model, f, request.filter(f)) for f in choices if f != facet)
            ]
            expected = counted(others, facet)
            given = {each.value: each.count for each in answer.facets[facet]}
            chosen = (*request.filter(facet).include, *request.filter(facet).exclude)
            assert {v: c for v, c in given.items() if c} == expected
            assert set(chosen) <= set(given), "what was chosen stays listed at zero"
            if request.filter(facet):
                assert answer.without[facet] == len(others)
        final = [m for m in matching if all(passes(m, f, request.filter(f)) for f in choices)]
        assert answer.total == len(final)


def test_full_matches_stand_above_partial_ones(reader: EngineReader, truth: list[Model]) -> None:
    node = Words((word("mets"), word("robot"), word("film")))
    for sort in ("relevance", "newest", "oldest"):
        answer = reader.search(node, SearchRequest(sort=sort, page_size=1000))
        flags = [each.full for each in answer.documents]
        assert flags == sorted(flags, reverse=True)
        both = {m.id for m in truth if all(m.has(text) for text in ("mets", "robot", "film"))}
        some = {m.id for m in truth if any(m.has(text) for text in ("mets", "robot", "film"))}
        assert (answer.total, answer.partial) == (len(both), len(some) - len(both))


def test_what_was_typed_with_an_operator_is_not_relaxed(
    reader: EngineReader, truth: list[Model]
) -> None:
    node = And((Words((word("mets"), word("robot"))), FacetTerm("focus", "rohe")))
    ids = set(found(reader, node))
    expected = {m.id for m in truth if "rohe" in m.areas and (m.has("mets") or m.has("robot"))}
    assert ids == expected


def test_order_by_date_puts_the_undated_last(reader: EngineReader, truth: list[Model]) -> None:
    years = {model.id: model.year for model in truth}
    newest = [
        years[each]
        for each in found(reader, Everything(), SearchRequest(sort="newest", page_size=1000))
    ]
    oldest = [
        years[each]
        for each in found(reader, Everything(), SearchRequest(sort="oldest", page_size=1000))
    ]
    dated = [year for year in years.values() if year]
    unknown = [None] * (len(years) - len(dated))
    assert newest == sorted(dated, reverse=True) + unknown
    assert oldest == sorted(dated) + unknown


def test_pages_follow_each_other_without_gap(reader: EngineReader) -> None:
    whole = found(reader, word("klaster"))
    pages = [
        each
        for page in range(1, 20)
        for each in found(reader, word("klaster"), SearchRequest(page=page, page_size=7))
    ]
    assert pages == whole
    assert len(set(whole)) == len(whole)


def test_title_counts_more_than_body(build: Build) -> None:
    in_title = Model("a", ("klaster", "mets"), ("puit",) * 8, None, (), ())
    in_body = Model("b", ("puit", "mets"), ("klaster",) + ("puit",) * 7, None, (), ())
    assert found(build([document(in_body), document(in_title)]), word("klaster")) == ["a", "b"]


def test_occurrences_point_at_the_words(reader: EngineReader, truth: list[Model]) -> None:
    for model in truth[:20]:
        number = reader.find(model.id)
        assert number is not None
        node = Or((word("mets"), Phrase((word("puit"), word("klaster")))))
        for each in reader.occurrences([number], node)[0]:
            text = " ".join(model.title if each.field == "title" else model.body)
            expected = ("mets",) if each.leaf == 0 else ("puit", "klaster")
            assert text[each.start : each.end] in expected


def test_phrase_marks_only_whole_phrases(build: Build) -> None:
    model = Model("a", ("liit",), ("puit", "vesi", "puit", "klaster", "klaster"), None, (), ())
    reader = build([document(model)])
    key = reader.find("a")
    assert key is not None
    (marks,) = reader.occurrences([key], Phrase((word("puit"), word("klaster"))))
    assert [(each.start, each.end) for each in marks] == [(10, 14), (15, 22)]


def test_phrase_is_right_where_a_word_has_several_lemmas(build: Build) -> None:
    """Whoosh's own phrase query finds nothing when two lemmas share a position."""
    made = document(Model("a", ("liit",), ("mets", "puit", "film"), None, (), ()))
    postings = {**made.body.postings, "lvesi": [1]}
    reader = build([replace(made, body=replace(made.body, postings=postings))])
    either = Word("x", (Alternative("lemma", "vesi"), Alternative("lemma", "puit")))
    for middle in (word("vesi"), word("puit"), either):
        assert found(reader, Phrase((word("mets"), middle, word("film")))) == ["a"]


def test_prefix_finds_every_beginning(reader: EngineReader, truth: list[Model]) -> None:
    expected = {m.id for m in truth if m.has("film") or False}
    assert set(found(reader, Prefix("fil"))) == expected
    assert found(reader, Prefix("xyz")) == []


def test_beginnings_of_words_are_known_in_any_channel(build: Build) -> None:
    made = document(Model("a", ("liit",), ("mets", "puit"), None, (), ()))
    reader = build([replace(made, body=replace(made.body, postings={"pvesi": [0], "fkobar": [1]}))])
    assert reader.starting(["li", "liit", "liita", "ve", "kob", "v"]) == (
        True, True, False, True, False, True,
    )  # fmt: skip
    assert reader.starting([]) == ()


def test_scores_do_not_depend_on_segments(build: Build) -> None:
    """The same documents in one segment and in four rank the same, with the same scores."""
    documents = [document(model) for model in models(40, seed=9)]
    one = build(documents)
    four = build(documents[30:], documents[20:30], documents[10:20], documents[:10])
    for text in WORDS:
        left, right = (
            reader.search(word(text), SearchRequest(page_size=100)).documents
            for reader in (one, four)
        )
        assert one.ids([e.key for e in left]) == four.ids([e.key for e in right])
        assert [e.score for e in left] == pytest.approx([e.score for e in right], rel=1e-5)


def same(pair: Pair, node: Node, request: SearchRequest) -> int:
    """Compare the answers; how many documents they hold."""
    reader, reference = pair
    # What a count prepares, the search finds as if it had asked for it itself.
    counts = reader.counts([CountQuery(node, request, QueryBudget(), is_searched_next=True)])
    expected, given = reference.search(node, request), reader.search(node, request, COUNTED)
    documents = reader.ids([each.key for each in given.documents])
    assert list(documents) == [article_id for article_id, _, _ in expected.documents]
    assert [each.full for each in given.documents] == [full for *_, full in expected.documents]
    scores = [score for _, score, _ in expected.documents]
    assert [each.score for each in given.documents] == pytest.approx(scores, rel=1e-5, abs=1e-5)
    assert (given.total, given.partial) == (expected.total, expected.partial)
    for name in COUNTED:
        assert [(e.value, e.count) for e in given.facets[name]] == expected.facets[name]
    assert dict(given.without) == expected.without
    assert counts == (expected.total,)
    return len(documents)


def test_answers_are_those_of_the_slow_path(pair: Pair, engine: Engine) -> None:
    met = refused = 0
    # A server takes a hundred times as long.
    count = COUNT // 4 if isinstance(engine, OpenSearchEngine) else COUNT
    for number in range(count):
        draw = random.Random(f"queries {number}")
        node, request = draw_any_node(draw), draw_request(draw)
        try:
            met += same(pair, node, request) > 0
        except QueryTooBroad:  # four words of a phrase anywhere near each other, on a server
            refused += 1
        except AssertionError as error:
            raise AssertionError(f"number {number}: {node} {request}") from error
    assert met > count // 4
    assert refused <= count // 50


def test_a_compound_alone_scores_as_on_the_slow_path(pair: Pair) -> None:
    met = 0
    for number in range(12):
        draw = random.Random(f"compounds {number}")
        typed = replace(draw_word(draw), readings=())
        apart = Apart((draw_word(draw), draw_word(draw)), 0.5)
        node = replace(draw_choice(draw), typed=typed, apart=apart)
        met += same(pair, draw.choice((node, Words((node,)))), draw_request(draw)) > 0
    assert met > 6


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
        for number in range(20):
            draw = random.Random(f"work {number}")
            work = QueryBudget()
            pair[0].for_query(work).search(draw_any_node(draw), draw_request(draw))
            cost.append((work.terms, work.cost))
    assert costs[0] == costs[1]
    assert any(postings for _, postings in costs[0])
