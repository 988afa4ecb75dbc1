"""Exact nearest neighbours over quantised rows are those of the vectors they were made of."""

import numpy as np
import pytest

from search.engines.contract import MeaningQuery
from search.engines.whoosh.execution.nearness import NOWHERE, Nearness
from search.engines.whoosh.snapshot.vectors import Floats, PassageRows, quantised

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
    nearness = Nearness("model", [rows_of(vectors)], 8)
    query = vectors[700]
    best = nearness.best(MeaningQuery("model", query, 0.0))
    expected = np.full(8, NOWHERE)
    firsts = np.cumsum([0, *PASSAGES])
    for document, first, end in zip(DOCUMENTS, firsts, firsts[1:], strict=False):
        if document >= 0 and end > first:
            expected[document] = (vectors[first:end] @ query).max()
    assert best == pytest.approx(expected, abs=0.003)
    assert best.argmax() == 1
    far, near, none = nearness.nearest((6, 1, 2), MeaningQuery("model", query, 0.0))
    assert near
    assert (near.start, near.end) == (700, 710)
    assert near.nearness == pytest.approx(best[1])
    assert far
    assert far.nearness == pytest.approx(best[6])
    assert none is None


@pytest.mark.parametrize("meant", [("other", DIMENSIONS), ("model", 3)], ids=["model", "length"])
def test_vectors_of_another_model_are_none(vectors: Floats, meant: tuple[str, int]) -> None:
    model, dimensions = meant
    query = MeaningQuery(model, vectors[0][:dimensions], 0.0)
    nearness = Nearness("model", [rows_of(vectors)], 8)
    assert (nearness.best(query) == NOWHERE).all()
    assert nearness.nearest((3,), query) == (None,)


def test_a_byte_a_number_is_enough(vectors: Floats) -> None:
    held, scales = quantised(vectors)
    products = (held * scales[:, np.newaxis]) @ vectors.T
    assert np.abs(products - vectors @ vectors.T).max() < 0.004
    assert not quantised(np.zeros((1, 4), dtype=np.float32))[0].any()
