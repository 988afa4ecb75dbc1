"""The numpy engine answers what the documents truly hold, over segments and deletions."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from corpus import AREAS, NAMES, NOW, WORDS, Model, document, models
from open_reader import KERNELS, open_reader

from search.engines.whoosh import WhooshIndex
from search.engines.whoosh.reader import WhooshReader
from search.query.ast import (
    Alternative,
    And,
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
from search.request import FacetFilter, FacetName, SearchRequest

Truth = Callable[[Model], bool]


@pytest.fixture(scope="module")
def truth() -> list[Model]:
    """What is in the index in the end: some documents were changed, some removed."""
    first = models(60, seed=1)
    changed = [replace(new, id=old.id) for old, new in zip(first[:10], models(10, 2), strict=True)]
    return changed + first[20:] + models(15, seed=3, first=60)


@pytest.fixture(scope="module", params=KERNELS)
def reader(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, truth: list[Model]
) -> Iterator[WhooshReader]:
    index = tmp_path_factory.mktemp("index")
    generations = WhooshIndex(index)
    with generations.build(["a"], "f", NOW) as writer:
        for model in models(60, seed=1):
            writer.add(document(model))
    with generations.extend(["b"], "f", NOW) as writer:
        for model in models(60, seed=1)[:20]:
            writer.delete(model.id)
        for model in truth[:10]:
            writer.add(document(model))
    with generations.extend(["c"], "f", NOW) as writer:
        for model in truth[-15:]:
            writer.add(document(model))
    opened = open_reader(index, request.param)
    yield opened
    opened.close()


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


def found(reader: WhooshReader, node: Node, request: SearchRequest | None = None) -> list[str]:
    request = request or SearchRequest(page_size=1000)
    return [reader.article(each.key).id for each in reader.search(node, request).documents]


def test_random_queries_find_what_is_there(reader: WhooshReader, truth: list[Model]) -> None:
    draw = random.Random(4)
    for _ in range(600):
        node, is_meant = draw_node(draw)
        expected = {model.id for model in truth if is_meant(model)}
        answer = reader.search(node, SearchRequest(page_size=1000))
        assert {reader.article(each.key).id for each in answer.documents} == expected, node
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


def test_facet_counts_leave_out_their_own_filter(reader: WhooshReader, truth: list[Model]) -> None:
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


def test_full_matches_stand_above_partial_ones(reader: WhooshReader, truth: list[Model]) -> None:
    node = Words((word("mets"), word("robot"), word("film")))
    for sort in ("relevance", "newest", "oldest"):
        answer = reader.search(node, SearchRequest(sort=sort, page_size=1000))
        flags = [each.full for each in answer.documents]
        assert flags == sorted(flags, reverse=True)
        both = {m.id for m in truth if all(m.has(text) for text in ("mets", "robot", "film"))}
        some = {m.id for m in truth if any(m.has(text) for text in ("mets", "robot", "film"))}
        assert (answer.total, answer.partial) == (len(both), len(some) - len(both))


def test_what_was_typed_with_an_operator_is_not_relaxed(
    reader: WhooshReader, truth: list[Model]
) -> None:
    node = And((Words((word("mets"), word("robot"))), FacetTerm("focus", "rohe")))
    ids = set(found(reader, node))
    expected = {m.id for m in truth if "rohe" in m.areas and (m.has("mets") or m.has("robot"))}
    assert ids == expected


def test_order_by_date_puts_the_undated_last(reader: WhooshReader, truth: list[Model]) -> None:
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


def test_pages_follow_each_other_without_gap(reader: WhooshReader) -> None:
    whole = found(reader, word("klaster"))
    pages = [
        each
        for page in range(1, 20)
        for each in found(reader, word("klaster"), SearchRequest(page=page, page_size=7))
    ]
    assert pages == whole
    assert len(set(whole)) == len(whole)


def test_title_counts_more_than_body(tmp_path: Path) -> None:
    in_title = Model("a", ("klaster", "mets"), ("puit",) * 8, None, (), ())
    in_body = Model("b", ("puit", "mets"), ("klaster",) + ("puit",) * 7, None, (), ())
    generations = WhooshIndex(tmp_path)
    with generations.build([], "f", NOW) as writer:
        writer.add(document(in_body))
        writer.add(document(in_title))
    reader = generations.open("f")
    assert found(reader, word("klaster")) == ["a", "b"]
    reader.close()


def test_occurrences_point_at_the_words(reader: WhooshReader, truth: list[Model]) -> None:
    for model in truth[:20]:
        number = reader.find(model.id)
        assert number is not None
        node = Or((word("mets"), Phrase((word("puit"), word("klaster")))))
        for each in reader.occurrences([number], node)[0]:
            text = " ".join(model.title if each.field == "title" else model.body)
            expected = ("mets",) if each.leaf == 0 else ("puit", "klaster")
            assert text[each.start : each.end] in expected


def test_phrase_marks_only_whole_phrases(tmp_path: Path) -> None:
    model = Model("a", ("liit",), ("puit", "vesi", "puit", "klaster", "klaster"), None, (), ())
    generations = WhooshIndex(tmp_path)
    with generations.build([], "f", NOW) as writer:
        writer.add(document(model))
    reader = generations.open("f")
    (marks,) = reader.occurrences([0], Phrase((word("puit"), word("klaster"))))
    assert [(each.start, each.end) for each in marks] == [(10, 14), (15, 22)]
    reader.close()


def test_phrase_is_right_where_a_word_has_several_lemmas(tmp_path: Path) -> None:
    """Whoosh's own phrase query finds nothing when two lemmas share a position."""
    model = Model("a", ("liit",), ("mets", "puit", "film"), None, (), ())
    built = document(model)
    postings = {**built.body.postings, "lvesi": [1]}
    built = replace(built, body=replace(built.body, postings=postings))
    generations = WhooshIndex(tmp_path)
    with generations.build([], "f", NOW) as writer:
        writer.add(built)
    reader = generations.open("f")
    either = Word("x", (Alternative("lemma", "vesi"), Alternative("lemma", "puit")))
    for middle in (word("vesi"), word("puit"), either):
        assert found(reader, Phrase((word("mets"), middle, word("film")))) == ["a"]
    reader.close()


def test_prefix_finds_every_beginning(reader: WhooshReader, truth: list[Model]) -> None:
    expected = {m.id for m in truth if m.has("film") or False}
    assert set(found(reader, Prefix("fil"))) == expected
    assert found(reader, Prefix("xyz")) == []


def test_scores_do_not_depend_on_segments(tmp_path: Path) -> None:
    """The same documents in one segment and in four rank the same, with the same scores."""
    documents = [document(model) for model in models(40, seed=9)]
    whole, pieces = WhooshIndex(tmp_path / "whole"), WhooshIndex(tmp_path / "pieces")
    with whole.build([], "f", NOW) as writer:
        for each in documents:
            writer.add(each)
    with pieces.build([], "f", NOW) as writer:
        for each in documents[30:]:
            writer.add(each)
    for start in (20, 10, 0):
        with pieces.extend([], "f", NOW) as writer:
            for each in documents[start : start + 10]:
                writer.add(each)
    one, four = whole.open("f"), pieces.open("f")
    for text in WORDS:
        left = one.search(word(text), SearchRequest(page_size=100)).documents
        right = four.search(word(text), SearchRequest(page_size=100)).documents
        assert [one.article(e.key).id for e in left] == [four.article(e.key).id for e in right]
        assert np.allclose([e.score for e in left], [e.score for e in right])
    one.close()
    four.close()
