"""Newer articles count a little more where the owner wants it, and never otherwise."""

from pathlib import Path

import numpy as np
import pytest
from corpus import NOW, Model, document

from search.analysis import Analyzer
from search.configuration import Configuration
from search.engines.registry import fingerprint
from search.engines.whoosh import WhooshIndex
from search.engines.whoosh.execution.collector import HALF_LIFE_YEARS, recency_boosts
from search.query.ast import Alternative, Word, Words
from search.request import SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy

MODELS = (
    Model("vana", ("puit",), ("klaster", "mets"), 2006, (), ()),
    Model("uus", ("puit",), ("klaster", "mets"), 2016, (), ()),
    Model("dateerimata", ("puit",), ("klaster", "mets"), None, (), ()),
    Model("vana-ja-parem", ("klaster",), ("klaster", "klaster"), 1999, (), ()),
    Model("uus-ja-möödaminnes", ("liit",), (*("vesi",) * 60, "klaster"), 2016, (), ()),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> WhooshIndex:
    generations = WhooshIndex(tmp_path_factory.mktemp("index"))
    with generations.build([], "f", NOW) as writer:
        for model in MODELS:
            writer.add(document(model))
    return generations


def ranked(index: WhooshIndex, node: Word | Words, freshness: float) -> dict[str, float]:
    """Ids in the order of the answer, with their scores."""
    reader = index.open("f", freshness)
    documents = reader.search(node, SearchRequest(page_size=100)).documents
    scores = {reader.ids([each.key])[0]: each.score for each in documents}
    reader.close()
    return scores


def word(text: str) -> Word:
    return Word(text, (Alternative("lemma", text),))


def test_off_by_default(index: WhooshIndex) -> None:
    reader = index.open("f")
    default = reader.search(word("klaster"), SearchRequest(page_size=100))
    reader.close()
    off = ranked(index, word("klaster"), 0.0)
    assert [each.score for each in default.documents] == list(off.values())
    assert off["vana"] == off["uus"] == off["dateerimata"]


def test_of_equal_articles_the_newer_comes_first(index: WhooshIndex) -> None:
    off, scores = ranked(index, word("mets"), 0.0), ranked(index, word("mets"), 0.2)
    assert list(scores) == ["uus", "vana", "dateerimata"]
    assert scores["uus"] == pytest.approx(off["uus"] * 1.2)
    assert scores["vana"] == pytest.approx(off["vana"] * (1 + 0.2 * 0.5 ** (10 / HALF_LIFE_YEARS)))
    assert scores["dateerimata"] == off["dateerimata"]


def test_a_much_better_match_stays_above_newer_ones(index: WhooshIndex) -> None:
    order = list(ranked(index, word("klaster"), 0.2))
    assert order.index("vana-ja-parem") < order.index("uus-ja-möödaminnes")
    assert order.index("uus") < order.index("vana")


def test_full_matches_stay_above_newer_partial_ones(index: WhooshIndex) -> None:
    both = Words((word("klaster"), word("puit")))
    order = list(ranked(index, both, 1.0))
    assert order[:3] == ["uus", "vana", "dateerimata"]
    assert set(order[3:]) == {"vana-ja-parem", "uus-ja-möödaminnes"}


def test_age_counts_from_the_newest_article_that_is_there() -> None:
    published = np.array([20160101, 20160000, 20160700, 20110101, 0, 20300101])
    alive = np.array([True, True, True, True, True, False])
    found = recency_boosts(published, alive, 0.5)
    newest = found[2]  # of what is there, the middle of July
    assert newest == pytest.approx(1.5)
    assert found[4] == 1.0
    assert 1.0 < found[3] < found[0] < found[1] < newest
    assert found[3] - 1 == pytest.approx((found[0] - 1) / 2)
    assert np.all(recency_boosts(np.array([0, 0]), np.array([True, True]), 1.0) == 1.0)


def test_it_is_set_in_the_configuration_and_needs_no_new_index(
    example_index: Path, analyzer: Analyzer
) -> None:
    fresh = Configuration(freshness=0.2)
    assert fingerprint(fresh) == fingerprint(Configuration())
    scores = []
    for configuration in (Configuration(), fresh):
        service = SearchService(example_index, configuration, analyzer, load_taxonomy(None))
        hits = service.search(SearchRequest("klaster", page_size=100)).hits
        service.close()
        scores.append({hit.id: (hit.score, hit.published or hit.year) for hit in hits})
    off, on = scores
    assert set(off) == set(on)
    for article_id, (score, date) in off.items():
        lift = on[article_id][0] / score
        assert (1 < lift < 1.2001) if date else lift == 1
