"""Exact nearest neighbours over quantised rows are those of the vectors they were made of."""

import numpy as np
import pytest

from search.engines.contract import MeaningQuery
from search.engines.whoosh.execution.vector_search import NOWHERE, VectorSearcher
from search.engines.whoosh.snapshot.vectors import Floats, PassageRows
from search.meaning.all_but_the_top import CommonDirections, of_length_one
from search.meaning.quantisation import quantised

DIMENSIONS = 384
#: Articles 0 to 5: their documents, -1 for one that has gone, and how many passages they have.
DOCUMENTS, PASSAGES = (3, 0, -1, 5, 1, 6), (2, 1, 4, 0, 700, 3)


def drawn(rows: int) -> Floats:
    vectors = np.random.default_rng(7).standard_normal((rows, DIMENSIONS)).astype(np.float32)
    found: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found


def rows_of(vectors: Floats) -> PassageRows:
    firsts = np.cumsum([0, *PASSAGES])
    places = np.arange(len(vectors), dtype=np.uint32)
    held, scales = quantised(vectors)
    return PassageRows(np.array(DOCUMENTS), firsts, held, scales, places, places + 10)


@pytest.fixture(scope="module")
def vectors() -> Floats:
    return drawn(sum(PASSAGES))


def test_the_best_passage_of_each_document(vectors: Floats) -> None:
    nearness = VectorSearcher("model", [rows_of(vectors)], 8)
    query = nearness.query(MeaningQuery("model", vectors[700], 0.0, 0.3))
    assert query is not None
    best = nearness.best(query)
    expected = np.full(8, NOWHERE)
    firsts = np.cumsum([0, *PASSAGES])
    common = CommonDirections.of(vectors, len(vectors))
    assert len(common.directions) == 1
    own = of_length_one(common.without(vectors))
    for document, first, end in zip(DOCUMENTS, firsts, firsts[1:], strict=False):
        if document >= 0 and end > first:
            expected[document] = (own[first:end] @ own[700]).max()
    assert best == pytest.approx(expected, abs=0.005)
    assert best.argmax() == 1
    for some in (np.array([1, 3, 2]), np.arange(8)):
        assert nearness.best_of(some, query).tolist() == pytest.approx(
            best[some].tolist(), abs=1e-5
        )
    far, near, none = nearness.nearest((6, 1, 2), query)
    assert near
    assert (near.start, near.end) == (700, 710)
    assert near.nearness == pytest.approx(best[1])
    assert far
    assert far.nearness == pytest.approx(best[6])
    assert none is None


@pytest.mark.parametrize("meant", [("other", DIMENSIONS), ("model", 3)], ids=["model", "length"])
def test_vectors_of_another_model_are_none(vectors: Floats, meant: tuple[str, int]) -> None:
    model, dimensions = meant
    nearness = VectorSearcher("model", [rows_of(vectors)], 8)
    query = nearness.query(MeaningQuery(model, vectors[0][:dimensions], 0.0, 0.3))
    assert query is None
    assert (nearness.best(query) == NOWHERE).all()
    assert nearness.nearest((3,), query) == (None,)
    assert nearness.towards(query, [3], [1.0]) is None


def test_a_query_moves_towards_what_stands_first(vectors: Floats) -> None:
    nearness = VectorSearcher("model", [rows_of(vectors)], 8)
    query = nearness.query(MeaningQuery("model", vectors[700], 0.0, 0.3))
    moved = nearness.towards(query, [3, 0], [1.0, 0.5])
    assert moved is not None
    before, after = nearness.best(query), nearness.best(moved)
    assert np.linalg.norm(moved) == pytest.approx(1)
    assert (after[[3, 0]] > before[[3, 0]]).all()
    assert after[3] > after[0]


def test_the_mean_of_all_passages_of_each_document(vectors: Floats) -> None:
    nearness = VectorSearcher("model", [rows_of(vectors)], 8)
    own = of_length_one(CommonDirections.of(vectors, len(vectors)).without(vectors))
    firsts = np.cumsum([0, *PASSAGES])
    centroid = nearness.centroid(6)
    assert centroid is not None
    assert centroid == pytest.approx(of_length_one(own[firsts[5] :].sum(axis=0)), abs=0.005)
    mean = nearness.mean(centroid)
    expected = np.zeros(8)
    for document, first, end in zip(DOCUMENTS, firsts, firsts[1:], strict=False):
        if document >= 0 and end > first:
            expected[document] = (own[first:end] @ centroid).mean()
    assert mean == pytest.approx(expected, abs=0.005)
    assert mean.argmax() == 6
    assert nearness.centroid(5) is None
    assert nearness.centroid(2) is None


def test_what_all_vectors_share_tells_nothing_apart() -> None:
    # All point one way; what is left of them points three ways.
    shared, ways = np.eye(8, dtype=np.float32)[0], np.eye(8, dtype=np.float32)[1:4]
    vectors = of_length_one(5 * shared + ways)
    common = CommonDirections.of(vectors, len(vectors))
    own = of_length_one(common.without(vectors))
    assert (vectors @ vectors.T).min() > 0.9
    assert (own @ own.T) == pytest.approx(np.eye(3) * 1.5 - 0.5, abs=1e-5)


def test_a_byte_a_number_is_enough(vectors: Floats) -> None:
    held, scales = quantised(vectors)
    products = (held * scales[:, np.newaxis]) @ vectors.T
    assert np.abs(products - vectors @ vectors.T).max() < 0.004
    assert not quantised(np.zeros((1, 4), dtype=np.float32))[0].any()
