"""Fusion of words and meaning, on arrays: scores, order, pages, near-duplicates, counts."""

import numpy as np
import pytest
from open_reader import KERNELS

from search.engines.whoosh.execution.cache import Cache, Match
from search.engines.whoosh.execution.collector import Collector, MeaningMatch, Ranking
from search.engines.whoosh.execution.facet_counts import FacetCounter
from search.engines.whoosh.execution.published_dates import PublishedDates
from search.engines.whoosh.kernels import load
from search.engines.whoosh.kernels.interface import Kernels
from search.engines.whoosh.snapshot.snapshot import DuplicateClusters, FacetPairs
from search.meaning.fusion import FOREIGN_WEIGHT, MOST_NEAR, MOST_WEIGHT, fuse, meaning_weight
from search.request import FacetFilter, FacetName, SearchRequest

SIZE = MOST_NEAR + 60
FLOOR = 0.8
WEIGHT = 0.3
#: Documents 0 to 3 hold all words, 4 and 5 some; 6 to 9 are near, and so is 3.
WORDS = {0: 8.0, 1: 4.0, 2: 6.0, 3: 5.0, 4: 1.0, 5: 2.0}
NEAR = {6: 0.9, 7: 0.85, 8: 0.81, 9: 0.95, 3: 0.95}
NAMES = ("Aa", "Bb")


@pytest.fixture(params=KERNELS)
def kernels(request: pytest.FixtureRequest) -> Kernels:
    found = load(request.param)
    assert found is not None
    return found


def collector(
    kernels: Kernels, twins: tuple[tuple[int, int], ...] = (), gone: tuple[int, ...] = ()
) -> Collector:
    """Over documents of which those with even numbers have „Aa“, published one a day."""
    alive = np.ones(SIZE, dtype=bool)
    alive[list(gone)] = False
    first = np.arange(SIZE)
    for one, other in twins:
        first[other] = one
    clustered = np.bincount(first, minlength=SIZE)[first] > 1
    clusters = DuplicateClusters(first, first == np.arange(SIZE), clustered)
    published = np.arange(SIZE) + 20_000_101
    numbers, starts = np.arange(SIZE), np.arange(SIZE + 1)
    pairs = FacetPairs(*(each.astype(np.int32) for each in (numbers % 2, numbers, starts)))
    facets: dict[FacetName, FacetCounter] = {"org": FacetCounter(NAMES, pairs, clusters, kernels)}
    ranking = Ranking(published, published, (), numbers, kernels)
    dates = PublishedDates(published)
    ones = np.ones(SIZE)
    return Collector(alive, facets, dates, clusters, ones, ranking, Cache(1 << 20), kernels)


def match(words: dict[int, float], full: tuple[int, ...] = (0, 1, 2, 3)) -> Match:
    is_full, partial = np.zeros((2, SIZE), dtype=bool)
    scores = np.zeros(SIZE)
    for number, score in words.items():
        scores[number] = score
        (is_full if number in full else partial)[number] = True
    return Match(is_full, partial, scores, is_full.nonzero()[0], partial.nonzero()[0])


def meaning(near: dict[int, float] | None = None, certain: set[int] | None = None) -> MeaningMatch:
    nearness = np.full(SIZE, -1.0, dtype=np.float32)
    for number, value in (NEAR if near is None else near).items():
        nearness[number] = value
    held = None if certain is None else np.isin(np.arange(SIZE), list(certain))
    return MeaningMatch(nearness, FLOOR, WEIGHT, held)


def test_scores_are_scaled_to_one_and_joined() -> None:
    fused = fuse(np.array([4.0, 2.0, 0.0]), 0.8, np.array([-1.0, 0.85, 0.9]), FLOOR, WEIGHT)
    words, near = 0.8 * (1 - WEIGHT), WEIGHT
    assert fused == pytest.approx([words, words / 2 + near / 2, near])
    assert fuse(np.zeros(2), 1.0, np.array([0.5, 0.6]), FLOOR, WEIGHT).tolist() == [0, 0]
    assert not len(fuse(np.zeros(0), 1.0, np.zeros(0, np.float32), FLOOR, WEIGHT))


def test_the_more_words_a_query_has_the_more_its_meaning_says() -> None:
    weights = [
        meaning_weight(each) for each in ("", "üks", "üks kaks", "üks kaks kolm", "sõna " * 999)
    ]
    assert weights == sorted(set(weights))
    assert weights[0] == 0
    assert weights[-1] == pytest.approx(MOST_WEIGHT, rel=0.01)
    assert meaning_weight("forest felling", is_foreign=True) == FOREIGN_WEIGHT


def test_what_is_near_stands_among_the_others(kernels: Kernels) -> None:
    answer = collector(kernels).answer(match(WORDS), SearchRequest("q"), (), meaning())
    assert (answer.total, answer.partial, answer.near) == (4, 2, 4)
    found = sorted(WORDS.keys() | NEAR.keys())
    words = np.array([WORDS.get(each, 0.0) for each in found])
    nearness = np.array([NEAR.get(each, -1.0) for each in found])
    fused = dict(zip(found, fuse(words, 1.0, nearness, FLOOR, WEIGHT).tolist(), strict=True))
    ordered = sorted(found, key=lambda each: (-round(fused[each], 6), each))
    assert [each.key for each in answer.documents] == ordered
    assert {each.key for each in answer.documents if each.near} == {6, 7, 8, 9}
    assert {each.key for each in answer.documents if each.full} == {0, 1, 2, 3}


def test_by_date_it_stands_behind_all_others(kernels: Kernels) -> None:
    def page(number: int) -> list[object]:
        asked = SearchRequest("q", sort="newest", page=number, page_size=3)
        answer = collector(kernels).answer(match(WORDS), asked, (), meaning())
        return [each.key for each in answer.documents]

    found = [key for number in range(1, 6) for key in page(number)]
    assert found == [3, 2, 1, 0, 5, 4, 9, 8, 7, 6]


def test_pages_go_through_all(kernels: Kernels) -> None:
    whole = collector(kernels)
    pages = [
        whole.answer(match(WORDS), SearchRequest("q", page=page, page_size=4), (), meaning())
        for page in (1, 2, 3, 4)
    ]
    assert [len(each.documents) for each in pages] == [4, 4, 2, 0]
    assert len({each.key for page in pages for each in page.documents}) == 10


@pytest.mark.parametrize(
    ("meant", "request_", "found"),
    [
        (meaning(certain={0, 6, 8}), SearchRequest("q"), [6, 8]),
        (meaning(), SearchRequest("q", org=FacetFilter(("Aa",))), [6, 8]),
        (meaning({11: 0.79, 12: 0.8}), SearchRequest("q"), [12]),
        (meaning({}), SearchRequest("q"), []),
    ],
    ids=["certain", "filter", "floor", "nothing"],
)
def test_what_may_be_found_by_meaning(
    meant: MeaningMatch, request_: SearchRequest, found: list[int], kernels: Kernels
) -> None:
    answer = collector(kernels).answer(match({0: 1.0}), request_, (), meant)
    near = [each.key for each in answer.documents if each.near]
    assert sorted(near) == found
    assert answer.near == len(found)


def test_the_dead_and_the_told_are_not_found_again(kernels: Kernels) -> None:
    # 6 is the story of 0, which words have found; 7 and 8 tell one story; 9 has gone.
    whole = collector(kernels, twins=((0, 6), (7, 8)), gone=(9,))
    near = {6: 0.9, 7: 0.85, 8: 0.86, 9: 0.95}
    answer = whole.answer(match({0: 1.0}), SearchRequest("q"), (), meaning(near))
    assert [each.key for each in answer.documents if each.near] == [8]


def test_news_by_meaning_are_near_and_of_no_story_told_before(kernels: Kernels) -> None:
    # 4 holds some words and is near; 5 some, and is not. 20 and 21 tell the story of the old 6,
    # 23 that of the old 24, which was near, though it holds the words; 22 is new.
    whole = collector(kernels, twins=((6, 20), (6, 21), (24, 23)))
    near = {4: 0.9, 6: 0.9, 20: 0.9, 21: 0.85, 22: 0.82, 24: 0.9}
    fresh = np.array([1, 4, 5, 20, 21, 22, 23])
    words = {0: 8.0, 1: 4.0, 4: 1.0, 5: 2.0, 23: 1.0}
    found = whole.news(match(words, (0, 1, 23)), SearchRequest("q"), fresh, meaning(near))
    assert [(each.key, each.near) for each in found] == [(22, True), (4, True), (1, False)]


def test_only_so_many_are_found_by_meaning(kernels: Kernels) -> None:
    near = {number: 0.81 + number / 1000 for number in range(10, SIZE)}
    asked = SearchRequest("q", page_size=SIZE)
    answer = collector(kernels).answer(match({}), asked, ("org",), meaning(near))
    assert answer.near == len(answer.documents) == MOST_NEAR
    assert {each.key for each in answer.documents} == set(range(SIZE - MOST_NEAR, SIZE))
    assert sum(each.count for each in answer.facets["org"]) == MOST_NEAR


@pytest.mark.parametrize(
    ("words", "counts"),
    [(WORDS, {"Aa": 2, "Bb": 2}), ({4: 1.0}, {"Aa": 1}), ({}, {"Aa": 2, "Bb": 3})],
    ids=["full", "partial", "near"],
)
def test_facets_describe_what_words_find_or_else_what_is_shown(
    words: dict[int, float], counts: dict[str, int], kernels: Kernels
) -> None:
    answer = collector(kernels).answer(match(words), SearchRequest("q"), ("org",), meaning())
    assert {each.value: each.count for each in answer.facets["org"] if each.count} == counts


def test_without_meaning_nothing_is_fused(kernels: Kernels) -> None:
    answer = collector(kernels).answer(match(WORDS), SearchRequest("q"), ())
    assert [(each.key, each.score) for each in answer.documents] == [
        (0, 8.0), (2, 6.0), (3, 5.0), (1, 4.0), (5, 2.0), (4, 1.0),
    ]  # fmt: skip
    assert answer.near == 0
