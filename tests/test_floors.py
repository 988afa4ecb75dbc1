"""Quality that must not be lost: ``benchmarks/floors.json`` holds it and only rises."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import judged, known_item, lemma, organisations

ROOT = Path(__file__).parent.parent


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


@pytest.mark.shared
def test_lemma_matching(shared_dir: Path) -> None:
    path = shared_dir / "eval" / "lemmas" / "et_edt-ud-dev.conllu"
    found = lemma.measure(path, rivals=False)
    kinds, measures = ("lemma", "form"), ("f1", "map")
    check("lemma", {f"{kind}_{each}": found[kind][each] for kind in kinds for each in measures})


@pytest.mark.shared
def test_organisations(shared_dir: Path) -> None:
    folder = shared_dir / "eval" / "names"
    names = {each: f"EstNER_{each}_dev.json" for each in ("new", "v1")}
    found = organisations.measure([folder / name for name in names.values()], rivals=False)
    check("organisations", {f"{e}_f1": found["files"][name]["f1"] for e, name in names.items()})


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "files", "seeds"),
    [
        ("known_item", ["koond.jsonl", "ntrex.jsonl"], 3),
        ("known_item_portals", ["portals_dev.jsonl"], 1),
    ],
)
def test_known_item_search(shared_dir: Path, name: str, files: list[str], seeds: int) -> None:
    folder = shared_dir / "eval" / "headlines"
    found = known_item.measure([folder / each for each in files], seeds, rivals=False)
    check(name, {f"{kind}_mrr10": found[kind]["mrr10"] for kind in ("headline", "two_words")})


@pytest.mark.shared
def test_judged_queries(shared_dir: Path) -> None:
    folder = shared_dir / "eval"
    corpus = folder / "headlines" / "portals_dev.jsonl"
    found = judged.measure(corpus, folder / "judged" / "queries_dev.jsonl", rivals=False)
    check("judged", {each: found[each] for each in ("ndcg10", "recall10")})
