"""The harness itself: rivals are what their names say and stand where they were published."""

import math
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import judged, known_item, lemma
from benchmarks.rivals.baselines import frequent_lemmas, known_item_rivals, lemma_rivals
from benchmarks.rivals.simple_retrieval import (
    Bm25,
    PlainVabamorf,
    Seen,
    best_first,
    snowball,
    surface,
)
from benchmarks.support.data import TextItem, read_conllu, read_items

#: How far a figure may stand from the published one, whose drawing of queries is not known.
TOLERANCE = 0.02
#: Precision, recall and F1 as published, asked by lemma and by form.
MATCHING = {
    "surface form": ((0.597, 0.392, 0.434), (0.975, 0.577, 0.662)),
    "Snowball": ((0.705, 0.625, 0.605), (0.891, 0.814, 0.794)),
    "simplemma": ((0.927, 0.926, 0.911), (0.945, 0.936, 0.920)),
}
#: MRR@10 as published, asked by headline and by two of its words (mean of 20 drawings).
KNOWN_ITEM = {
    "surface form": (0.788, 0.623),
    "Snowball": (0.829, 0.641),
    "first five letters": (0.812, 0.606),
}


@pytest.fixture(scope="module")
def plain() -> PlainVabamorf:
    return PlainVabamorf()


def test_bm25_ranks_only_what_holds_a_word() -> None:
    documents = [[("klaster",), ("puit",)], [("muu",)], [("klaster",), ("klaster",)]]
    index = Bm25(documents)
    assert best_first(index.scores([("klaster",)])) == [2, 0]
    assert best_first(index.scores([("puit",), ("muu",)])) == [1, 0]
    assert best_first(index.scores([("tundmatu",)])) == []


def test_bm25_is_the_textbook_formula() -> None:
    index = Bm25([[("a",), ("a",), ("b",)], [("b",)]])
    # ln(1 + (2 - 1 + 0.5) / (1 + 0.5)) · 2 · 2.2 / (2 + 1.2 · (0.25 + 0.75 · 3 / 2))
    assert index.scores([("a",)])[0] == pytest.approx(0.693147 * 4.4 / 3.65)


def test_readings_of_a_word_share_its_weight() -> None:
    index = Bm25([[("tee",)], [("tegema",)], [("muu",)]])
    alone, shared = index.scores([("tee",)]), index.scores([("tee", "tegema")])
    assert shared[0] == pytest.approx(alone[0] / 2)
    assert shared[0] == shared[1]


def test_stems_and_forms() -> None:
    assert surface("Klastri") == ("klastri",)
    assert snowball()("Klastrite") == snowball()("klastrile")


def test_vabamorf_as_it_is(plain: PlainVabamorf) -> None:
    assert set(plain.possible("teed")) == {"tee", "tegema"}
    assert plain.possible("EAS") == ("iga",), "the rivals have no tricks with acronyms"
    assert {"puit", "klaster", "puiduklaster"} <= set(plain.bag("puiduklastris"))
    assert {"taas", "kasutama", "taaskasutama"} <= set(plain.bag("taaskasutas"))
    assert set(plain.bag("e-tervisele")) >= {"e-tervis", "tervis"}
    assert plain.alone("Tallinna") == ("tallinn",)
    seen = plain.text("Mida sa teed? Teed juuakse.")
    assert [each.form for each in seen] == ["Mida", "sa", "teed", "Teed", "juuakse"]
    assert [seen[2].lemmas, seen[3].lemmas] == [("tegema",), ("tee",)]


def test_readings_learned_together_are_those_of_each(plain: PlainVabamorf) -> None:
    forms = ["Alati", "Tartus", "puiduklastri", "teed", "."]
    together = PlainVabamorf()
    together.learn(forms)
    assert [together.bag(form) for form in forms] == [plain.bag(form) for form in forms]


def test_rare_readings_are_dropped() -> None:
    def possible(form: str) -> tuple[str, ...]:
        return ("tee", "tegema") if form.lower() == "teed" else (form,)

    often = frequent_lemmas([Seen("Teed", ("tegema",))] * 9 + [Seen("teed", ("tee",))], possible)
    assert often("teed") == ("tegema",)
    once = frequent_lemmas([Seen("teed", ("tegema",))], possible)
    assert once("teed") == ("tee", "tegema"), "once settles nothing"
    assert once("uus") == ("uus",)


def test_rivals_in_the_order_of_the_tables() -> None:
    sentences = [["Klaster", "kasvab", "."], ["Puiduklastri", "juht"], ["Teed", "parandati"]]
    rivals = dict(lemma_rivals(sentences))
    assert list(rivals)[:3] == list(MATCHING)
    assert [name.startswith("Vabamorf") for name in rivals] == [False] * 3 + [True] * 5
    by_lemma = {name for name, answer in rivals.items() if answer("klastri") == [0]}
    assert by_lemma == {name for name in rivals if name.startswith("Vabamorf")}
    channels = dict(known_item_rivals([" ".join(each) for each in sentences]))
    assert list(channels)[:3] == list(KNOWN_ITEM)
    assert len(channels) == 8
    assert "lemma + 0.5 bag + 0.3 surface" in channels
    by_part = {name for name, answer in channels.items() if 1 in answer("klastris")}
    assert by_part == {name for name in channels if "bag" in name}


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("Galerii: klastripäev Tartus", "klastripäev Tartus"),
        ("FOTOD: klastripäev Tartus", "klastripäev Tartus"),
        ("Brexit: klastrid ootavad", "Brexit: klastrid ootavad"),
        ("Kava: Tartu, video: Võru", "Kava: Tartu, video: Võru"),
    ],
)
def test_only_rubrics_leave_a_headline(title: str, asked: str) -> None:
    assert known_item.headline(TextItem("1", title, "")) == asked


def assert_near(name: str, found: Mapping[str, float], published: Mapping[str, float]) -> None:
    far = {key: found[key] for key in published if abs(found[key] - published[key]) > TOLERANCE}
    assert not far, f"{name}: published {dict(published)}"


@pytest.mark.slow
@pytest.mark.shared
def test_matching_baselines_stand_where_published(shared_dir: Path) -> None:
    sentences = read_conllu(shared_dir / "eval" / "lemmas" / "et_edt-ud-dev.conllu")
    queries = lemma.draw_queries(sentences)
    rivals = lemma_rivals(lemma.forms_of(sentences))
    found = {name: lemma.both(queries, answer) for name, answer in islice(rivals, len(MATCHING))}
    assert list(found) == list(MATCHING)
    for name, (by_lemma, by_form) in MATCHING.items():
        keys = ("precision", "recall", "f1")
        assert_near(name, found[name]["lemma"], dict(zip(keys, by_lemma, strict=True)))
        assert_near(name, found[name]["form"], dict(zip(keys, by_form, strict=True)))


@pytest.mark.slow
@pytest.mark.shared
def test_known_item_baselines_stand_where_published(shared_dir: Path) -> None:
    folder = shared_dir / "eval" / "headlines"
    items = read_items([folder / "koond.jsonl", folder / "ntrex.jsonl"])
    headlines = [(item.id, known_item.headline(item)) for item in items]
    drawn = [known_item.two_words(items, seed) for seed in range(20)]
    ids, bodies = [each.id for each in items], [each.body for each in items]
    rivals = islice(known_item.shown_by_rivals(ids, bodies), len(KNOWN_ITEM))
    found = {name: known_item.both(headlines, drawn, answer) for name, answer in rivals}
    assert list(found) == list(KNOWN_ITEM)
    for name, (headline, two_words) in KNOWN_ITEM.items():
        assert_near(name, found[name]["headline"], {"mrr10": headline})
        assert_near(name, found[name]["two_words"], {"mrr10": two_words})


@pytest.mark.parametrize(
    ("hits", "ndcg", "recall"),
    [
        ([("a",), ("b",)], 1.0, 1.0),
        ([("x",), ("a",)], (2 / math.log2(3)) / (2 + 1 / math.log2(3)), 0.5),
        ([("x", "a", "b"), ("a",)], 2 / (2 + 1 / math.log2(3)), 1.0),
        ([], 0.0, 0.0),
    ],
)
def test_gain_of_hits_and_of_the_variants_they_show(
    hits: list[tuple[str, ...]], ndcg: float, recall: float
) -> None:
    query = judged.JudgedQuery("klaster", {"a": 2, "b": 1})
    assert judged.figures(query, hits) == pytest.approx((ndcg, recall))
