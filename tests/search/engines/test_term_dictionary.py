"""Terms and posting lists are found in a segment as they were added, and damage is named."""

import random

import numpy as np
import pytest
from drawn import draw_documents

from search.engines.contract import TEXT_FIELDS
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.segment.arrays import CorruptArray
from search.engines.whoosh.segment.builder import Batch, SegmentBuilder
from search.engines.whoosh.segment.inverted_run import PostingLists, offsets_of
from search.engines.whoosh.segment.term_dictionary import (
    EARLY_POSITIONS,
    SKIP,
    decode_lists,
    encode_lists,
)

DOCUMENTS = draw_documents(1300, seed=4)
#: Documents with their positions, by field and term.
Held = dict[str, dict[str, dict[int, list[int]]]]


@pytest.fixture(scope="module")
def held() -> Held:
    found: Held = {name: {} for name in TEXT_FIELDS}
    for number, each in enumerate(DOCUMENTS):
        for name, field in zip(TEXT_FIELDS, (each.title, each.body), strict=True):
            for term, positions in field.postings.items():
                found[name].setdefault(term, {})[number] = list(positions)
    return found


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> Segment:
    directory = tmp_path_factory.mktemp("segment")
    builder = SegmentBuilder(directory)
    for start in range(0, len(DOCUMENTS), 100):
        builder.add(Batch.of(DOCUMENTS[start : start + 100]))
    return Segment(directory, builder.finish())


def test_every_term_is_there_once(segment: Segment, held: Held) -> None:
    terms = sorted(set().union(*held.values()), key=str.encode)
    assert list(segment.terms.terms) == terms
    for at, each in enumerate(terms):
        assert segment.terms.find(each.encode()) == at
        documents = set().union(*(held[name].get(each, {}) for name in TEXT_FIELDS))
        assert segment.terms.document_frequencies.read(at, at + 1).tolist() == [len(documents)]


def test_lists_are_what_was_added(segment: Segment, held: Held) -> None:
    longest = 0
    for name in TEXT_FIELDS:
        field = segment.terms.fields[name]
        assert len(field) == len(held[name])
        for term, postings in held[name].items():
            ordinal = segment.terms.find(term.encode())
            assert ordinal is not None
            ordinals, lists = field.between(ordinal, ordinal + 1)
            assert ordinals.tolist() == [ordinal]
            assert lists.lengths.tolist() == [len(postings)]
            assert lists.documents.tolist() == list(postings)
            assert lists.counts.tolist() == list(map(len, postings.values()))
            assert lists.positions.tolist() == [each for some in postings.values() for each in some]
            longest = max(longest, len(postings))
    assert longest > SKIP


def test_what_is_nowhere_is_not_found(segment: Segment, held: Held) -> None:
    for each in ("", "l", "lpuudu", "\U0010ffff", "zz"):
        assert segment.terms.find(each.encode()) is None
    only = next(each for each in held["body"] if each not in held["title"])
    ordinal = segment.terms.find(only.encode())
    assert ordinal is not None
    ordinals, lists = segment.terms.fields["title"].between(ordinal, ordinal + 1)
    assert len(ordinals) == len(lists.documents) == 0


def test_a_list_has_skips_and_counts_early_positions() -> None:
    draw = random.Random(1)
    positions = [sorted(draw.sample(range(80), draw.randint(1, 9))) for _ in range(1100)]
    counts = np.array([len(each) for each in positions])
    lists = PostingLists(np.array([1100]), np.arange(1100) * 3, counts, np.concatenate(positions))
    data = encode_lists(lists).data
    skips = data[:16].view("<u4").tolist()
    places = offsets_of(counts).tolist()
    assert skips == [512 * 3, places[512], 1024 * 3, places[1024]]
    early = data[16 + 2 * 1100 : 16 + 3 * 1100].tolist()
    assert early == [sum(each < EARLY_POSITIONS for each in some) for some in positions]


@pytest.mark.parametrize("gap", [1, 255, 256, 65_535, 65_536, 200_000])
def test_numbers_may_be_large(gap: int) -> None:
    lists = PostingLists(
        np.array([3, 7]),
        np.concatenate((np.arange(3), np.arange(7))) * gap,
        np.arange(1, 11),
        np.arange(55) * gap,
    )
    encoded = encode_lists(lists)
    found = decode_lists(encoded.data, offsets_of(encoded.sizes), lists.lengths, encoded.widths)
    for before, after in zip(lists, found, strict=True):
        assert before.tolist() == after.tolist()


def test_lists_of_any_bytes_are_read_or_named(segment: Segment) -> None:
    """Nothing but CorruptArray, whatever a file says of lists, lengths and widths."""
    field = segment.terms.fields["body"]
    tables = field.tables
    data = segment.file["postings"]
    draw = np.random.default_rng(3)
    named = 0
    for _ in range(600):
        first = int(draw.integers(0, len(field) - 4))
        starts = tables.starts[first : first + 5].astype(np.int64)
        lengths, widths = (each[first : first + 4].copy() for each in (tables[1], tables[3]))
        own = data[starts[0] : starts[-1]].copy()
        for array in (own, lengths, widths)[: int(draw.integers(1, 4))]:
            if len(array):
                array[draw.integers(0, len(array))] ^= 1 << int(draw.integers(0, 8))
        try:
            found = decode_lists(own, starts - starts[0], lengths, widths)
        except CorruptArray:
            named += 1
        else:
            assert found.counts.sum() == len(found.positions)
            assert found.lengths.sum() == len(found.documents) == len(found.counts)
    assert named > 100
