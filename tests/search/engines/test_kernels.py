"""Both kernels against plain Python over the documents themselves, whole files and damaged ones."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from drawn import BASES, draw_documents, draw_word

from search.engines.contract import IndexedDocument, IndexedField
from search.engines.whoosh.kernels import load
from search.engines.whoosh.kernels.interface import (
    Bm25f,
    CorruptList,
    Kernels,
    OpenLists,
    TermGroup,
    decoded_terms,
)
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.segment.builder import Batch, SegmentBuilder
from search.engines.whoosh.segment.term_dictionary import SegmentTables

#: Long lists, with skips, in the first segment; small segments behind it.
SIZES = (1400, 1, 60, 30)
CASES = 150
EARLY = 50
TERMS = [f"{channel}{base}" for channel in "lpsrxf" for base in (*BASES, "puudu")]
KERNELS = ["numpy", pytest.param("compiled", marks=pytest.mark.compiled)]


@pytest.fixture(scope="module")
def documents() -> list[IndexedDocument]:
    return draw_documents(sum(SIZES), seed=5)


@pytest.fixture(scope="module")
def segments(
    documents: list[IndexedDocument], tmp_path_factory: pytest.TempPathFactory
) -> list[Segment]:
    directory, first, found = tmp_path_factory.mktemp("segments"), 0, []
    for size in SIZES:
        builder = SegmentBuilder(directory)
        builder.add(Batch.of(documents[first : first + size]))
        found.append(Segment(directory, builder.finish()))
        first += size
    return found


def tables_of(segments: Sequence[Segment]) -> list[SegmentTables]:
    bases = np.cumsum([0, *map(len, segments)]).tolist()
    return [each.terms.tables(base) for each, base in zip(segments, bases, strict=False)]


@pytest.fixture(scope="module", params=KERNELS)
def kernels(request: pytest.FixtureRequest) -> Kernels:
    found = load(request.param)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def lists(kernels: Kernels, segments: list[Segment]) -> OpenLists:
    return kernels.TermLists(tables_of(segments), sum(SIZES))


class Fields(list[tuple[IndexedField, IndexedField]]):
    """Title and body of each document; ``lists`` has the positions of a term by document."""

    def __init__(self, documents: Sequence[IndexedDocument]) -> None:
        super().__init__((each.title, each.body) for each in documents)
        self.lists: dict[tuple[int, str], dict[int, Sequence[int]]] = defaultdict(dict)
        for number, both in enumerate(self):
            for field, each in enumerate(both):
                for term, positions in each.postings.items():
                    self.lists[field, term][number] = positions


@pytest.fixture(scope="module")
def fields(documents: list[IndexedDocument]) -> Fields:
    return Fields(documents)


def held(fields: Fields, field: int, term: str) -> dict[int, Sequence[int]]:
    """Positions of a term by document."""
    return fields.lists[field, term]


def count(fields: Fields, field: int, terms: Sequence[str]) -> list[int]:
    return [len(held(fields, field, each)) for each in terms]


def drawn_terms(draw: random.Random, most: int = 3) -> list[str]:
    return [draw.choice(TERMS) for _ in range(draw.randint(1, most))]


def test_lists_are_read_as_they_were_written(lists: OpenLists, fields: Fields) -> None:
    for field in (0, 1):
        for term in TERMS:
            expected = held(fields, field, term)
            found = lists.read(field, term)
            assert found.documents.tolist() == list(expected)
            assert found.counts.tolist() == [len(each) for each in expected.values()]
            assert found.positions.tolist() == [p for each in expected.values() for p in each]
            early = [sum(p < EARLY for p in each) for each in expected.values()]
            assert found.early.tolist() == early


@pytest.mark.parametrize("deleted", [0, 3, 1450])
def test_document_frequencies_count_what_lives(
    lists: OpenLists, fields: Fields, deleted: int
) -> None:
    alive = np.ones(len(fields), dtype=bool)
    alive[random.Random(deleted).sample(range(len(fields)), deleted)] = False
    counts, postings = lists.document_frequencies(TERMS, alive if deleted else None)
    for term, found, row in zip(TERMS, counts.tolist(), postings.tolist(), strict=True):
        title, body = held(fields, 0, term), held(fields, 1, term)
        assert found == sum(bool(alive[each]) for each in title.keys() | body.keys())
        assert row == [len(title), len(body)]


def test_a_prefix_is_there_if_any_term_begins_so(lists: OpenLists, fields: Fields) -> None:
    terms = {term for both in fields for each in both for term in each.postings}
    asked = sorted({term[:size] for term in TERMS for size in range(1, len(term) + 1)} | {"zz"})
    assert lists.has_prefixes(asked) == [any(e.startswith(p) for e in terms) for p in asked]


def test_a_prefix_gives_its_first_terms_and_their_documents(
    lists: OpenLists, fields: Fields
) -> None:
    met = 0
    for field in (0, 1):
        every = sorted({term for each in fields for term in each[field].postings})
        for prefix in ("lm", "s", "lmeta", "lõ", "lzz", "", "\x7f", "sää"):
            for limit in (1, 7, 10_000):
                terms = [each for each in every if each.startswith(prefix)]
                found = lists.prefix(field, prefix, limit)
                assert list(found.terms) == terms[:limit]
                assert found.is_cut == (len(terms) > limit)
                expected = [held(fields, field, each) for each in terms[:limit]]
                assert found.documents.tolist() == sorted(set().union(*expected))
                assert found.postings == sum(map(len, expected))
                met += bool(expected)
    assert met > 20


def bm25f_of(fields: Fields) -> Bm25f:
    draw = np.random.default_rng(3)
    gains = draw.random((2, len(fields))).astype(np.float32) + np.float32(0.5)
    return Bm25f(len(fields) - 5, gains[0], gains[1], 2.0, 4.0)


def drawn_groups(draw: random.Random) -> list[TermGroup]:
    groups = []
    for _ in range(draw.randint(1, 3)):
        terms = drawn_terms(draw)
        matching = draw.randint(0, len(terms))
        groups.append(TermGroup(tuple(terms), draw.random(), matching, draw.random() < 0.2))
    return groups


def group_scores(
    fields: Fields, bm25f: Bm25f, group: TermGroup
) -> tuple[dict[int, float], set[int]]:
    """BM25F by the book, and the documents that match."""
    frequencies: dict[int, float] = {}
    matching: set[int] = set()
    for i, term in enumerate(group.terms):
        for field in (0,) if group.title_only else (0, 1):
            for number, positions in held(fields, field, term).items():
                early = sum(each < EARLY for each in positions)
                own = len(positions) + (bm25f.early_boost * early if field else 0)
                gain = (bm25f.body_gain if field else bm25f.title_gain)[number]
                frequencies[number] = frequencies.get(number, 0.0) + own * float(gain)
                if i < group.matching:
                    matching.add(number)
    frequency = min(len(frequencies), bm25f.alive)
    idf = np.log1p((bm25f.alive - frequency + 0.5) / (frequency + 0.5))
    worth = group.weight * (bm25f.k1 + 1) * idf
    return {n: worth * f / (f + bm25f.k1) for n, f in frequencies.items()}, matching


@pytest.mark.parametrize("share", [None, 0.01, 0.4])
def test_scores_are_those_of_the_book(
    lists: OpenLists, fields: Fields, share: float | None
) -> None:
    draw, bm25f, met = random.Random(f"scores {share}"), bm25f_of(fields), 0
    size = len(fields)
    for _ in range(CASES):
        steps = [drawn_groups(draw) for _ in range(draw.randint(1, 4))]
        joint = draw.randint(1, len(steps))
        among = None
        if share is not None:
            among = np.array([draw.random() < share for _ in range(size)])
        scores, matches = np.zeros(size), np.zeros(size, dtype=bool)
        postings = lists.score(bm25f, steps, scores, matches, joint=joint, among=among)
        expected = [[group_scores(fields, bm25f, each) for each in step] for step in steps]
        matching = set.intersection(
            *(set().union(*(found for _, found in step)) for step in expected[:joint])
        )
        asked = set(range(size) if among is None else np.flatnonzero(among).tolist())
        assert set(np.flatnonzero(matches).tolist()) & asked == matching & asked
        for number in matching & asked:
            total = sum(each.get(number, 0.0) for step in expected for each, _ in step)
            assert scores[number] == pytest.approx(total, rel=1e-4, abs=1e-6)
        assert postings == [
            sum(len(held(fields, field, term)) for field in range(1 if g.title_only else 2))
            for step in steps
            for g in step
            for term in g.terms
        ]
        met += bool(matching & asked)
    assert met > CASES // 4


def test_phrases_are_those_of_going_through_positions(lists: OpenLists, fields: Fields) -> None:
    draw, met = random.Random(14), 0
    for _ in range(CASES):
        words = [drawn_terms(draw) for _ in range(draw.randint(1, 4))]
        slop, field = draw.choice((0, 1, 3, 90)), draw.randrange(2)
        expected = []
        some = [set().union(*(held(fields, field, e) for e in word)) for word in words]
        for number in sorted(set.intersection(*some)):
            at = [
                {p for each in word for p in fields[number][field].postings.get(each, ())}
                for word in words
            ]
            reached = at[0]
            for after in at[1:]:
                reached = {p for p in after if any(0 < p - q <= slop + 1 for q in reached)}
            if reached:
                expected.append((number, len(reached), sum(p < EARLY for p in reached)))
        found = lists.phrase(words, field, slop)
        rows = zip(*(e.tolist() for e in (found.documents, found.counts, found.early)), strict=True)
        assert list(rows) == expected
        assert found.postings == [n for word in words for n in count(fields, field, word)]
        met += bool(expected)
    assert met > CASES // 4


def test_proximity_is_that_of_comparing_positions(lists: OpenLists, fields: Fields) -> None:
    draw, met = random.Random(2), 0
    for _ in range(CASES):
        pair, distance = (drawn_terms(draw), drawn_terms(draw)), draw.choice((1, 8, 70))
        among = np.array([draw.random() < 0.9 for _ in fields])
        expected = []
        for number in np.flatnonzero(among).tolist():
            postings = fields[number][1].postings
            one, two = ({p for t in word for p in postings.get(t, ())} for word in pair)
            if any(0 < abs(a - b) <= distance for a in one for b in two):
                expected.append(number)
        found = lists.proximity(pair, distance, among)
        assert found.documents.tolist() == expected
        assert found.postings == [n for word in pair for n in count(fields, 1, word)]
        met += bool(expected)
    assert met > CASES // 4


def test_shared_positions_are_those_of_comparing_sets(lists: OpenLists, fields: Fields) -> None:
    draw, met = random.Random(21), 0
    for _ in range(CASES // 5):
        readings = [(draw.choice(TERMS), drawn_terms(draw)[1:]) for _ in range(3)]
        counts, postings = lists.shared_positions(readings)
        expected = [
            [
                sum(
                    len(set(own[number]) & set(held(fields, field, other).get(number, ())))
                    for field in (0, 1)
                    for own in (held(fields, field, term),)
                    for number in own
                )
                for other in others
            ]
            for term, others in readings
        ]
        assert counts == expected
        terms = [each for term, others in readings for each in (term, *others)]
        assert postings == [sum(len(held(fields, f, each)) for f in (0, 1)) for each in terms]
        met += any(map(any, expected))
    assert met > CASES // 20


def test_a_step_of_nothing_matches_nothing(lists: OpenLists, fields: Fields) -> None:
    for steps in ([[], [TermGroup(("lma",), 1.0, 1)]], [[TermGroup(("lma",), 1.0, 1)], []], [[]]):
        scores, matches = np.zeros(len(fields)), np.zeros(len(fields), dtype=bool)
        lists.score(bm25f_of(fields), steps, scores, matches, joint=len(steps))
        assert not matches.any()


def test_positions_come_with_their_places_in_the_text(lists: OpenLists, fields: Fields) -> None:
    draw, met = random.Random(11), 0
    for _ in range(CASES):
        terms = [(each, draw.choice(((0,), (1,), (0, 1)))) for each in drawn_terms(draw, 6)]
        numbers = sorted(draw.sample(range(len(fields)), draw.choice((0, 1, 40))))
        expected = [
            [number, field, p, text.starts[p], text.ends[p] - text.starts[p], i]
            for i, (term, wanted) in enumerate(terms)
            for field in wanted
            for number in numbers
            for text in (fields[number][field],)
            for p in text.postings.get(term, ())
        ]
        postings, rows = lists.positions(terms, np.array(numbers, dtype=np.int64))
        assert rows.tolist() == expected
        assert postings == [sum(len(held(fields, f, t)) for f in wanted) for t, wanted in terms]
        met += bool(expected)
    assert met > CASES // 4


def test_no_list_means_nothing(kernels: Kernels) -> None:
    lists = kernels.TermLists([], 0)
    few = np.empty(0)
    bm25f = Bm25f(1, few.astype(np.float32), few.astype(np.float32), 2.0, 4.0)
    assert lists.score(bm25f, [[TermGroup(("lx",), 1.0, 1)]], few, few.astype(bool)) == [0]
    assert not len(lists.phrase([["lx"]], 1, 0).documents)
    assert not len(lists.read(1, "lx").documents)
    assert lists.prefix(0, "l", 3).terms == ()


def asked(lists: OpenLists, size: int, seed: int) -> list[Any]:
    """One call of each kind, what it gives."""
    draw = random.Random(seed)
    gain = np.ones(size, dtype=np.float32)
    scores, matches = np.zeros(size), np.zeros(size, dtype=bool)
    word = [each.term for each in draw_word(draw).alternatives]
    terms = [f"{channel}{each}" for channel in "lps" for each in word]
    calls: Sequence[Callable[[], Any]] = (
        lambda: lists.score(
            Bm25f(size, gain, gain, 2.0, 4.0), [drawn_groups(draw)], scores, matches
        ),
        lambda: lists.phrase([terms[:2], terms[1:]], draw.randrange(2), 3),
        lambda: lists.proximity((terms[:2], terms[1:]), 8, np.ones(size, dtype=bool)),
        lambda: lists.positions([(each, (0, 1)) for each in terms], np.arange(0, size, 7)),
        lambda: lists.document_frequencies(terms, np.arange(size) % 3 > 0),
        lambda: lists.prefix(draw.randrange(2), draw.choice(terms)[:2], 50),
        lambda: lists.read(draw.randrange(2), draw.choice(terms)),
    )
    found = []
    for call in calls:
        try:
            found.append(call())
        except CorruptList as error:
            found.append(error)
    return found


def copied(tables: SegmentTables, flagged: int) -> SegmentTables:
    """The same over a copy of the file that may be changed; all blocks are ``flagged`` 0 or 1."""
    file = tables.file.copy()
    first = tables.file.__array_interface__["data"][0]

    def moved(array: Any) -> Any:
        start = array.__array_interface__["data"][0] - first
        return file[start : start + array.nbytes].view(array.dtype)

    skipped = ("base", "size", "file", "data", "sums", "flags", "fields", "index_texts")
    held = {
        name: moved(each)
        for name, each in tables._asdict().items()
        if name not in (*skipped, "index_starts")
    }
    parts = tuple(type(each)(*map(moved, each)) for each in tables.fields)
    flags = np.full(len(tables.flags), flagged, dtype=np.uint8)
    return tables._replace(file=file, flags=flags, fields=parts, **held)


def spoil(tables: SegmentTables, draw: random.Random, places: int) -> None:
    arrays = [
        *(tables.texts, tables.texts_starts, tables.postings, tables.postings, tables.postings),
        *(tables.title_offsets, tables.body_offsets, tables.body_offset_starts),
        *(each for field in tables.fields for each in field),
    ]
    for _ in range(places):
        data = draw.choice(arrays).view(np.uint8)
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)


def test_a_changed_block_is_noticed(kernels: Kernels, segments: list[Segment]) -> None:
    whole, refused = tables_of(segments)[0], 0
    intact = kernels.TermLists([whole], SIZES[0])
    for seed in range(60):
        changed = copied(whole, 0)
        spoil(changed, random.Random(seed), 1)
        found = asked(kernels.TermLists([changed], SIZES[0]), SIZES[0], seed)
        for one, other in zip(found, asked(intact, SIZES[0], seed), strict=True):
            refused += isinstance(one, CorruptList)
            assert isinstance(one, CorruptList) or repr(one) == repr(other)
    assert refused > 60


@pytest.mark.compiled
@pytest.mark.parametrize("name", ["texts_starts", "title_offset_starts", "postings"])
def test_tables_without_bytes_are_no_tables(segments: list[Segment], name: str) -> None:
    """An array may say that it is long and hold nothing, wherever that is said to lie."""
    whole = tables_of(segments)[0]
    empty = np.empty((len(getattr(whole, name)), 0), dtype=getattr(whole, name).dtype)
    kernels = load("compiled")
    assert kernels
    with pytest.raises(CorruptList):
        kernels.TermLists([whole._replace(**{name: empty})], SIZES[0])


def test_lists_with_forged_sums_give_nothing_or_documents_there_are(
    kernels: Kernels, segments: list[Segment]
) -> None:
    """Lengths, places and documents are checked even where sums say that all is well."""
    whole, refused, given = tables_of(segments)[0], 0, 0
    size = SIZES[0]
    for seed in range(250):
        changed = copied(whole, 1)
        spoil(changed, random.Random(seed), 400)
        found = asked(kernels.TermLists([changed], size), size, seed)
        refused += sum(isinstance(each, CorruptList) for each in found)
        for each in found[1:3]:
            if not isinstance(each, CorruptList):
                given += 1
                documents = each.documents.tolist()
                assert documents == sorted(set(documents))
                assert not documents or 0 <= documents[0] <= documents[-1] < size
    assert refused > 100
    assert given > 50


def test_a_term_that_is_no_text_is_a_corrupt_list() -> None:
    assert decoded_terms([b"lk\xc3\xb5ik"]) == ("lkõik",)
    with pytest.raises(CorruptList):
        decoded_terms([b"lklaster", b"lk\xff"])


def test_threads_do_not_disturb_each_other(lists: OpenLists, fields: Fields) -> None:
    size = len(fields)
    expected = [repr(asked(lists, size, seed)) for seed in range(20)]
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda seed: repr(asked(lists, size, seed)), list(range(20)) * 4)
        assert list(found) == expected * 4


def test_what_is_marked_is_collected(kernels: Kernels) -> None:
    draw = np.random.default_rng(4)
    for size in (0, 1, 63, 64, 65, 1000):
        for share in (0.0, 0.01, 0.5, 1.0):
            mask = draw.random(size) < share
            assert kernels.collect(mask).tolist() == np.flatnonzero(mask).tolist()


@pytest.mark.parametrize("levels", [1, 5, 1_000_000])
def test_the_top_are_those_of_the_whole_order(kernels: Kernels, levels: int) -> None:
    numbers, size = np.random.default_rng(levels), 5000
    # Equal scores that were added up in another order differ in their last bits.
    scores = numbers.integers(0, levels, size) / 7 + numbers.choice([0.0, 1e-14], size)
    ties = numbers.permutation(size)
    for some in (0, 1, 10, 700, size):
        documents = np.sort(numbers.choice(size, some, replace=False))
        order = sorted(documents.tolist(), key=lambda each: (-round(scores[each], 9), ties[each]))
        for most in (0, 1, 10, 333, size):
            assert kernels.top(documents, scores, ties, 9, most).tolist() == order[:most]
