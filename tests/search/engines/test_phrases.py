"""Where phrases stand, against going through every way to put one together."""

import random
from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np

from search.engines.whoosh.postings.phrases import (
    decode,
    phrase_ends,
    phrase_places,
    position_keys,
)
from search.engines.whoosh.postings.postings import Postings

Places = set[tuple[int, int]]


def postings(places: Places) -> Postings:
    """A posting list of a term that stands at these documents and positions."""
    ordered = sorted(places)
    documents, counts = np.unique([document for document, _ in ordered], return_counts=True)
    positions = np.array([position for _, position in ordered], dtype=np.uint32)
    return Postings.of(documents.astype(np.int64), counts, positions)


def slowly(slots: Sequence[Places], slop: int) -> list[Places]:
    """The places of every whole phrase, one phrase at a time."""
    found: list[Places] = [set() for _ in slots]
    for chain in product(*slots):
        steps = pairwise(chain)
        if all(a[0] == b[0] and 0 < b[1] - a[1] <= slop + 1 for a, b in steps):
            for places, each in zip(found, chain, strict=True):
                places.add(each)
    return found


def quickly(slots: Sequence[Sequence[Postings]], slop: int) -> list[Places]:
    pairs = [decode(keys) for keys in phrase_places(list(map(position_keys, slots)), slop)]
    return [set(zip(d.tolist(), p.tolist(), strict=True)) for d, p in pairs]


def test_places_are_those_of_whole_phrases() -> None:
    draw = random.Random(5)
    met = 0
    for _ in range(400):
        slots = [
            {(draw.randrange(3), draw.randrange(12)) for _ in range(draw.randrange(8))}
            for _ in range(draw.randint(1, 4))
        ]
        slop = draw.randrange(4)
        expected = slowly(slots, slop)
        # Each word by two alternatives that share its places between them.
        halves = [
            [postings(set(sorted(each)[::2])), postings(set(sorted(each)[1::2]))] for each in slots
        ]
        assert quickly(halves, slop) == expected
        ends = np.array(decode(phrase_ends(list(map(position_keys, halves)), slop))).T.tolist()
        assert [tuple(each) for each in ends] == sorted(expected[-1])
        met += any(expected)
    assert met > 100


def test_a_word_said_over_and_over_makes_no_flood() -> None:
    """Of sixty times the same word in two hundred there are more phrases than can be counted."""
    everywhere = [postings({(0, position) for position in range(200)})]
    places = quickly([everywhere] * 60, slop=20)
    assert places[0] == {(0, position) for position in range(141)}
    assert places[-1] == {(0, position) for position in range(59, 200)}
