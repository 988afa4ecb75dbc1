"""Centring of query vectors: the language of a question no longer decides what it is near to."""

from pathlib import Path

import numpy as np
import pytest

import search.meaning
from search.meaning.embedder import Embedder
from search.meaning.query_centring import LANGUAGES, QueryCentring, mean_queries

#: The same questions, none of them among the examples.
ASKED = {
    "et": ("purjus juhid maanteel", "lasteaia remont", "kalasaagi vähenemine"),
    "en": ("drunk drivers on the road", "repair of a kindergarten", "decline of the fish catch"),
    "ru": ("пьяные водители на дороге", "ремонт детского сада", "сокращение улова рыбы"),
}


@pytest.fixture(scope="module")
def vectors(embedder: Embedder) -> dict[str, np.ndarray]:
    return {
        code: np.stack([embedder.embed_query(each) for each in some])
        for code, some in ASKED.items()
    }


@pytest.mark.meaning
def test_the_means_that_come_along_are_those_of_the_model(embedder: Embedder) -> None:
    known = Path(search.meaning.__file__).parent / "query_means" / f"{embedder.digest}.npy"
    made = mean_queries(lambda texts: np.stack([embedder.embed_query(each) for each in texts]))
    assert made.shape == (len(LANGUAGES), embedder.dimensions)
    assert np.load(known) == pytest.approx(made, abs=1e-3)
    assert embedder.query_means == pytest.approx(made, abs=1e-3)


@pytest.mark.meaning
def test_questions_in_three_languages_are_near_to_each_other(
    embedder: Embedder, vectors: dict[str, np.ndarray]
) -> None:
    centring = QueryCentring(embedder.query_means)
    centred = {code: np.stack([*map(centring.centred, some)]) for code, some in vectors.items()}
    for code in ("en", "ru"):
        # As the model gave them, the others in Estonian are as near as what means the same.
        assert (centred[code] @ centred["et"].T).argmax(axis=1).tolist() == [0, 1, 2]
        apart = centred[code] @ centred["et"].T - vectors[code] @ vectors["et"].T
        assert (apart[~np.eye(3, dtype=bool)] < 0).all()
    assert np.linalg.norm(centred["ru"], axis=1) == pytest.approx(1.0)


@pytest.mark.meaning
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_language_of_a_question_is_told(
    code: str, embedder: Embedder, vectors: dict[str, np.ndarray]
) -> None:
    centring = QueryCentring(embedder.query_means)
    assert {centring.language(each) for each in vectors[code]} == {code}


def test_a_model_whose_queries_share_nothing_stays_as_it_is() -> None:
    centring = QueryCentring(np.zeros((3, 4), np.float32))
    vector = np.array([0.6, 0.0, 0.8, 0.0], np.float32)
    assert centring.centred(vector) == pytest.approx(vector)
    assert centring.language(vector) == "et"
