"""Quality that must not be lost: ``benchmarks/floors.json`` holds it and only rises."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from remembering import RememberingAnalyzer

from benchmarks import (
    extraction,
    judged,
    known_item,
    labels,
    lemma,
    organisations,
    paraphrases,
    years,
)
from benchmarks.support.vector_cache import CachedEmbedder
from search.analysis import Analyzer
from search.meaning.embedder import Embedder

ROOT = Path(__file__).parent.parent
KNOWN_ITEM = ("headline", "two_words")


@pytest.fixture(scope="module")
def remembering() -> RememberingAnalyzer:
    """For all that is measured on the same news, which are analysed once."""
    return RememberingAnalyzer()


def check(name: str, figures: dict[str, float]) -> None:
    floors = json.loads((ROOT / "benchmarks" / "floors.json").read_text(encoding="utf-8"))[name]
    assert floors.keys() == figures.keys()
    below = {key: value for key, value in figures.items() if value < floors[key]}
    assert not below, f"below the floors {floors}"


def test_facets_of_the_examples() -> None:
    examples = ROOT / "examples"
    command = [sys.executable, "-m", "benchmarks.facets", "--json"]
    files = [str(examples / "labels.yaml"), str(examples / "uudised")]
    done = subprocess.run([*command, *files], cwd=ROOT, capture_output=True, check=True)
    found = json.loads(done.stdout)
    assert found["year"]["invented"] == 0
    check(
        "facets",
        {
            "focus_f1": found["focus"]["f1"],
            "year_accuracy": found["year"]["accuracy"],
            "organisations_f1": found["organisations"]["f1"],
        },
    )


def test_extraction_from_files_of_many_kinds() -> None:
    """Whatever trafilatura, htmldate, pypdf or feedparser are like by now."""
    found = extraction.measure()
    assert found["invented"] == 0
    check("extraction", {each: found[each] for each in ("title", "date", "text", "skipped")})


def test_extraction_from_documents_of_office_programs() -> None:
    """Whatever pypdf is like by now: pages of the web would outweigh them."""
    found = extraction.measure(pattern=extraction.DOCUMENTS)
    figures = ("title", "date", "text", "skipped")
    check("extraction_documents", {each: found[each] for each in figures})


@pytest.mark.slow
@pytest.mark.shared
def test_facets_of_real_news(shared_dir: Path) -> None:
    found = labels.measure_labels(shared_dir / "eval" / "labels", rivals=False)
    assert found["year"]["invented"] == 0
    check(
        "labels",
        {
            "organisations_f1": found["organisations"]["f1"],
            "focus_f1": found["focus"]["f1"],
            "years_right": found["year"]["right"],
        },
    )


@pytest.mark.slow
@pytest.mark.shared
def test_lemma_matching(shared_dir: Path, analyzer: Analyzer) -> None:
    path = shared_dir / "eval" / "lemmas" / "et_edt-ud-dev.conllu"
    found = lemma.measure(path, rivals=False, analyzer=analyzer)
    kinds, measures = ("lemma", "form"), ("f1", "map")
    check("lemma", {f"{kind}_{each}": found[kind][each] for kind in kinds for each in measures})


@pytest.mark.slow
@pytest.mark.shared
def test_organisations(shared_dir: Path) -> None:
    folder = shared_dir / "eval" / "names"
    names = {each: f"EstNER_{each}_dev.json" for each in ("new", "v1")}
    found = organisations.measure([folder / name for name in names.values()], rivals=False)
    check("organisations", {f"{e}_f1": found["files"][name]["f1"] for e, name in names.items()})


@pytest.mark.slow
@pytest.mark.shared
def test_known_item_search(shared_dir: Path, analyzer: Analyzer) -> None:
    folder = shared_dir / "eval" / "headlines"
    files = [folder / each for each in ("koond.jsonl", "ntrex.jsonl")]
    found = known_item.measure(files, 3, rivals=False, analyzer=analyzer)
    check("known_item", {f"{each}_mrr10": found[each]["mrr10"] for each in KNOWN_ITEM})


@pytest.mark.slow
@pytest.mark.shared
def test_known_item_search_of_portals(shared_dir: Path, remembering: RememberingAnalyzer) -> None:
    corpus = shared_dir / "eval" / "headlines" / "portals_dev.jsonl"
    found = known_item.measure([corpus], 1, rivals=False, analyzer=remembering)
    check("known_item_portals", {f"{each}_mrr10": found[each]["mrr10"] for each in KNOWN_ITEM})


@pytest.mark.slow
@pytest.mark.shared
def test_judged_queries(shared_dir: Path, remembering: RememberingAnalyzer) -> None:
    folder = shared_dir / "eval"
    corpus, queries = (
        folder / each for each in ("headlines/portals_dev.jsonl", "judged/queries_dev.jsonl")
    )
    found = judged.measure(corpus, queries, rivals=False, analyzer=remembering)
    check("judged", {each: found[each] for each in ("ndcg10", "recall10")})


@pytest.mark.slow
@pytest.mark.shared
def test_judged_queries_by_meaning(
    shared_dir: Path, tmp_path: Path, remembering: RememberingAnalyzer, embedder: Embedder
) -> None:
    """Every fourth query, over what was judged for these and some other articles.

    All passages of the news of portals would take minutes to embed.
    """
    folder = shared_dir / "eval"
    queries = (folder / "judged" / "queries_dev.jsonl").read_text("utf-8").splitlines()[::4]
    chosen = {each for line in queries for each in json.loads(line)["judged"]}
    lines = (folder / "headlines" / "portals_dev.jsonl").read_text("utf-8").splitlines()
    some = [e for at, e in enumerate(lines) if at % 24 == 0 or json.loads(e)["id"] in chosen]
    corpus, asked = tmp_path / "articles.jsonl", tmp_path / "queries.jsonl"
    corpus.write_text("\n".join(some), encoding="utf-8")
    asked.write_text("\n".join(queries), encoding="utf-8")
    once = CachedEmbedder(embedder)
    found = judged.measure(corpus, asked, rivals=False, analyzer=remembering, embedder=once)
    check("judged_by_meaning", {each: found[each] for each in ("ndcg10", "recall10")})
    words = found["baselines"][known_item.WORDS_ALONE]
    assert found["ndcg10"] > words["ndcg10"]


def test_paraphrased_questions_and_those_in_other_languages(
    embedder: Embedder, remembering: RememberingAnalyzer
) -> None:
    examples, once = ROOT / "examples", CachedEmbedder(embedder)
    foreign = examples / "questions_in_other_languages.yaml"
    asked = {
        "paraphrases": paraphrases.read_questions(examples / "paraphrases.yaml"),
        "questions_en": paraphrases.read_questions(foreign, "en"),
        "questions_ru": paraphrases.read_questions(foreign, "ru"),
    }
    for name, questions in asked.items():
        found = paraphrases.measure(
            questions, examples / "uudised", once, rivals=False, analyzer=remembering
        )
        check(name, {"both": found["both"]})


@pytest.mark.slow
@pytest.mark.shared
def test_years_of_dated_news(shared_dir: Path, remembering: RememberingAnalyzer) -> None:
    corpus = shared_dir / "eval" / "headlines" / "portals_dev.jsonl"
    found = years.measure_files([corpus], rivals=False, analyzer=remembering)
    precision = found["right"] / found["answered"]
    check("years", {"answered": found["answered"], "precision": precision})
