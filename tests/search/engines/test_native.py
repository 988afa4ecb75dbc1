"""The compiled library says the same as arrays do, whatever stands in the files."""

import random
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from corpus import NOW
from drawn import draw_documents, draw_node, draw_word

from search.engines.budget import QueryBudget
from search.engines.contract import TEXT_FIELDS, TextField
from search.engines.whoosh import WhooshIndex, WhooshReader
from search.engines.whoosh.answers.sought import Sought, sought
from search.engines.whoosh.native import lists as native_lists
from search.engines.whoosh.native.compiling import LIBRARY, ROOM, compile_library
from search.engines.whoosh.native.functions import load
from search.engines.whoosh.native.lists import Asked, NativeLists, Scoring, SegmentFiles, Wanted
from search.engines.whoosh.native.spans import NativeSpans, SpanFiles
from search.engines.whoosh.storage.column_files import VaryingColumn
from search.query.ast import And, Node, Or, Word
from search.request import FACETS, FacetFilter, SearchRequest

WORDS = 300
Readers = tuple[WhooshReader, WhooshReader]
Floats, Bools = npt.NDArray[np.float64], npt.NDArray[np.bool_]


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    """One index, read by the library and by arrays: a large segment and small ones."""
    generations = WhooshIndex(tmp_path_factory.mktemp("index"))
    documents = draw_documents(700, seed=5)
    for first, last in ((0, 600), (600, 640), (640, 700)):
        step = generations.extend if first else generations.build
        with step(["x"], "f", NOW) as writer:
            for each in documents[first:last]:
                writer.add(each)
            for each in documents[: first // 20]:
                writer.delete(each.article.id)
    compiled, arrays = generations.open("f"), generations.open("f", compiled=False)
    yield compiled, arrays
    compiled.close()
    arrays.close()


def drawn_words(seed: int) -> Iterator[Word]:
    draw = random.Random(seed)
    for _ in range(WORDS):
        yield draw_word(draw)


def asked(reader: WhooshReader, node: Node) -> object:
    """What there is to compare of an answer."""
    found = reader.search(node, SearchRequest())
    return found.total, found.partial, found.documents


def added(
    reader: WhooshReader, word: Sought, among: Bools | None = None
) -> tuple[Floats, Bools, QueryBudget]:
    """What a word adds to scores that are 1, which documents hold it, and what that took."""
    size, work = reader._columns.size, QueryBudget()
    scores, mask = np.ones(size), np.zeros(size, dtype=bool)
    lists = reader.for_query(work)._postings
    reader._matcher._impacts.add(word, scores, mask, lists, among)
    return scores, mask, work


@pytest.mark.compiled
def test_impacts_are_the_same_to_the_last_bit(readers: Readers) -> None:
    for word in drawn_words(1):
        for title_only in (False, True):
            wanted = Sought(sought(word).claims, title_only)
            (own, mask, work), (other, others, count) = (added(each, wanted) for each in readers)
            assert own == pytest.approx(other, rel=1e-13)
            assert mask.tolist() == others.tolist()
            assert (work.terms, work.cost) == (count.terms, count.cost)


@pytest.mark.compiled
@pytest.mark.parametrize("share", [0.01, 0.3])
def test_what_is_asked_about_alone_has_the_same_scores(readers: Readers, share: float) -> None:
    draw = random.Random(12)
    size = readers[0]._columns.size
    for word in drawn_words(13):
        among = np.array([draw.random() < share for _ in range(size)])
        (own, mask, work), (other, others, count) = (
            added(each, sought(word), among) for each in readers
        )
        assert own[among] == pytest.approx(other[among], rel=1e-13, abs=1e-13)
        assert mask[among].tolist() == others[among].tolist()
        assert (work.terms, work.cost) == (count.terms, count.cost)


@pytest.mark.compiled
@pytest.mark.parametrize("node", [And, Or])
def test_words_together_are_what_they_are_one_by_one(
    readers: Readers, node: type[And | Or]
) -> None:
    draw, met = random.Random(16), 0
    for _ in range(WORDS):
        words = tuple(draw_word(draw) for _ in range(draw.randint(1, 4)))
        counts = [QueryBudget(), QueryBudget()]
        own, other = (
            reader.for_query(work)._matcher._matched(node(words))
            for reader, work in zip(readers, counts, strict=True)
        )
        assert own.full.tolist() == other.full.tolist()
        assert own.scores[own.full] == pytest.approx(other.scores[own.full], rel=1e-13)
        assert (counts[0].terms, counts[0].cost) == (counts[1].terms, counts[1].cost)
        met += bool(own.full.any())
    assert met > WORDS // 3


def test_what_was_found_before_is_the_same_again(readers: Readers) -> None:
    """Under other filters, too; and it has cost the same."""
    draw, met = random.Random(19), 0
    for _ in range(WORDS):
        node = draw_node(draw)
        filtered = SearchRequest(year=FacetFilter(exclude=("2016",)), page_size=5)
        for reader in readers:
            reader._shared.cache.__init__(1 << 20)  # type: ignore[misc] # nothing is known
            fresh = reader.search(node, filtered)
            reader._shared.cache.__init__(1 << 20)  # type: ignore[misc]
            counts = [QueryBudget(), QueryBudget()]
            first, again = (asked(reader.for_query(work), node) for work in counts)
            assert first == again
            assert (counts[0].terms, counts[0].cost) == (counts[1].terms, counts[1].cost)
            assert reader.search(node, filtered).documents == fresh.documents
            met += bool(fresh.documents)
    assert met > WORDS // 2


@pytest.mark.compiled
def test_the_first_of_an_order_are_the_same(readers: Readers) -> None:
    """Whatever scores are equal or nearly so, and however many are asked for."""
    draw = np.random.default_rng(17)
    size = readers[0]._columns.size
    for _ in range(WORDS):
        scores = draw.integers(0, draw.integers(2, 400), size) / 7 + draw.random(size) * 1e-10
        documents = np.flatnonzero(draw.random(size) < draw.random())
        count = int(draw.integers(1, 60))
        own, other = (
            each._answering._ranking.first(documents, scores, "relevance", count).tolist()
            for each in readers
        )
        assert own == other


@pytest.mark.compiled
def test_facets_are_in_the_same_order(readers: Readers) -> None:
    draw = np.random.default_rng(18)
    for facet in FACETS:
        own, other = (each._answering._tally(facet) for each in readers)
        for greatest in (1, 3, 300, 70_000):
            counts = draw.integers(0, greatest + 1, len(own.values))
            one, another = (each.ordered(counts, frozenset()) for each in (own, other))
            assert list(one) == list(another)


@pytest.mark.compiled
def test_nearness_is_the_same(readers: Readers) -> None:
    draw = random.Random(2)
    size = readers[0]._columns.size
    met = 0
    for first, second in zip(drawn_words(3), drawn_words(4), strict=True):
        words = tuple(
            tuple(term for claim in sought(each).claims for term in claim.terms)
            for each in (first, second)
        )
        among = np.array([draw.random() < 0.9 for _ in range(size)])
        counts = [QueryBudget(), QueryBudget()]
        found = [
            reader._matcher._nearness.of(words, among, reader.for_query(work)._postings)
            for reader, work in zip(readers, counts, strict=True)
        ]
        (documents, times), (others, other_times) = found
        assert documents.tolist() == others.tolist()
        assert times.tolist() == other_times.tolist()
        assert (counts[0].terms, counts[0].cost) == (counts[1].terms, counts[1].cost)
        met += len(documents) > 0
    assert met > WORDS // 4


@pytest.mark.compiled
def test_phrases_are_the_same(readers: Readers) -> None:
    draw = random.Random(14)
    met = 0
    for word in drawn_words(15):
        words = [
            [term for claim in sought(draw_word(draw)).claims for term in claim.terms]
            for _ in range(draw.randint(0, 3))
        ]
        words.append([term for claim in sought(word).claims for term in claim.terms])
        slop, field = draw.randrange(4), draw.choice(("title", "body"))
        counts = [QueryBudget(), QueryBudget()]
        found = [
            reader._matcher._phrases.of(words, slop, field, reader.for_query(work)._postings)
            for reader, work in zip(readers, counts, strict=True)
        ]
        own, other = ((e.documents.tolist(), list(e.frequencies), list(e.early)) for e in found)
        assert own == other
        assert (counts[0].terms, counts[0].cost) == (counts[1].terms, counts[1].cost)
        met += len(own[0]) > 0
    assert met > WORDS // 4


@pytest.mark.compiled
def test_places_are_the_same(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_lists, "_PLACES", 3)  # so that most have more
    draw = random.Random(11)
    size, met = readers[0]._columns.size, 0
    for _ in range(WORDS):
        node, numbers = draw_node(draw), draw.sample(range(size), 12)
        counts = [QueryBudget(), QueryBudget()]
        found = [
            reader.for_query(work).occurrences(numbers, node)
            for reader, work in zip(readers, counts, strict=True)
        ]
        assert found[0] == found[1]
        assert (counts[0].terms, counts[0].cost) == (counts[1].terms, counts[1].cost)
        met += any(found[0])
    assert met > WORDS // 2


def spans_of(base: int, columns: Mapping[TextField, VaryingColumn]) -> SpanFiles:
    title, body = (columns[field] for field in TEXT_FIELDS)
    return SpanFiles(base, (title.data, body.data), (title.ends, body.ends))


@pytest.mark.compiled
def test_damaged_spans_give_nothing_or_numbers(readers: Readers) -> None:
    reader, loaded = readers[0], load()
    assert loaded is not None
    files = [spans_of(*each) for each in reader._articles.span_columns()]
    size, refused = reader._columns.size, 0
    for number in range(300):
        draw = random.Random(number)
        title, body = (memoryview(damaged(bytes(each), draw, 400)) for each in files[0].data)
        shift = draw.randrange(-500, 500) if number % 3 == 0 else 0
        ends = (files[0].ends[0] + shift, files[0].ends[1] - shift)
        changed = SpanFiles(files[0].base, (title, body), ends)
        native = NativeSpans(loaded, [changed, *files[1:]])
        spots = [
            (draw.randrange(-2, size + 2), draw.randrange(3), draw.randrange(-1, 60))
            for _ in range(draw.randrange(4))
        ]
        found = native.locate(spots)
        refused += found is None
        assert found is None or len(found) == len(spots)
    assert 30 < refused < 270


@pytest.mark.compiled
def test_threads_do_not_disturb_each_other(readers: Readers) -> None:
    draw = random.Random(6)
    nodes = [draw_node(draw) for _ in range(60)]
    compiled, _ = readers

    def anew(number: int) -> object:
        compiled._shared.cache.__init__(0)  # type: ignore[misc] # nothing is kept
        return asked(compiled, nodes[number])

    expected = [anew(number) for number in range(len(nodes))]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(anew, list(range(len(nodes))) * 5)) == expected * 5


def segment_of(reader: WhooshReader) -> SegmentFiles:
    files = reader._shared._segments[0].files
    assert files is not None
    return files


def damaged(data: bytes, draw: random.Random, places: int) -> bytes:
    changed = bytearray(data)
    for _ in range(places):
        changed[draw.randrange(len(changed))] = draw.choice((0, 1, 0x43, 0x7F, 0x80, 0xFF))
    return bytes(changed[: draw.randrange(len(changed))] if draw.random() < 0.2 else changed)


@pytest.mark.compiled
def test_damaged_files_give_nothing_or_documents_there_are(readers: Readers) -> None:
    """What no check of sums has seen must not read or write where nothing is."""
    files, size = segment_of(readers[0]), readers[0]._columns.size
    gain = np.ones(size, dtype=np.float32)
    scoring = Scoring(size, gain, gain, 2.0, 4.0)
    among = np.ones(size, dtype=bool)
    loaded = load()
    assert loaded is not None
    refused = 0
    for number in range(400):
        draw = random.Random(number)
        terms, lists = bytes(files.terms), bytes(files.lists)
        if number % 2:
            terms = damaged(terms, draw, 40)
        else:
            lists = damaged(lists, draw, 40)
        native = NativeLists(loaded, [files._replace(terms=terms, lists=lists)], size)
        word = draw_word(draw)
        wanted = [
            Asked(term, row)
            for row, claim in enumerate(sought(word).claims)
            for term in claim.terms
        ]
        claims = [Wanted(1.0)] * (wanted[-1].claim + 1)
        sums, marks = np.zeros(size), np.zeros(size, dtype=bool)
        asked_for = [Wanted(1.0)] * len(claims)
        added_now = native.add(scoring, wanted, asked_for, sums, marks)
        refused += added_now is None
        assert added_now is not None or not (sums.any() or marks.any())
        halves = [each._replace(claim=i % 2) for i, each in enumerate(wanted)]
        refused += native.near(halves, 8, among) is None
        every = np.arange(0, size, 7)
        placed = native.places([each._replace(claim=3) for each in wanted], every)
        refused += placed is None
        refused += native.phrase(halves, 2, 1, 3) is None
        if placed is not None:
            assert np.isin(placed.rows[:, 0], every).all()
    assert 40 < refused < 1560


@pytest.mark.compiled
def test_what_the_library_refuses_is_read_otherwise(
    readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, arrays = readers
    monkeypatch.setattr(NativeLists, "add", lambda *_, **__: None)
    monkeypatch.setattr(NativeLists, "near", lambda *_: None)
    monkeypatch.setattr(NativeLists, "places", lambda *_: None)
    monkeypatch.setattr(NativeLists, "phrase", lambda *_: None)
    draw = random.Random(8)
    for _ in range(30):
        node = draw_node(draw)
        assert asked(compiled, node) == asked(arrays, node)
        assert compiled.occurrences([5, 3], node) == arrays.occurrences([5, 3], node)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """The sources by themselves."""
    for path in (*ROOM.glob("*.c"), *ROOM.glob("*.h")):
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.mark.compiled
def test_a_library_of_other_sources_is_not_used(room: Path) -> None:
    assert load(room) is None
    assert compile_library(room) == ""
    assert load(room) is not None
    with (room / "impact.c").open("a") as file:
        file.write("/* changed */\n")
    assert load(room) is None


def test_what_is_no_library_is_not_used(room: Path) -> None:
    (room / LIBRARY).write_bytes(b"no library")
    assert load(room) is None


@pytest.mark.compiled
def test_sources_that_do_not_compile_leave_what_there_was(room: Path) -> None:
    (room / LIBRARY).write_bytes(b"what there was")
    (room / "impact.c").write_text("this is not C\n")
    assert "impact.c" in compile_library(room)
    assert (room / LIBRARY).read_bytes() == b"what there was"
    assert len(list(room.glob(f"{LIBRARY}*"))) == 1


def test_no_compiler_is_no_error(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    assert compile_library(room) == "there is no C compiler"
    assert load(room) is None
