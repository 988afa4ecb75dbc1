"""The client's own document: what must find it, what must not, and what is found in it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.factory import index_of, pipeline
from search.analysis import Analyzer
from search.configuration import Configuration
from search.request import SearchRequest
from search.results import Hit
from search.service import SearchService
from search.taxonomy import load_taxonomy

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def seed_index(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    configuration = Configuration(index=tmp_path_factory.mktemp("seed"))
    report = pipeline(configuration).reindex(index_of(configuration), [shared_dir / "seeds"])
    assert not report.errors
    return configuration.index


@pytest.fixture(scope="module")
def seed(seed_index: Path, analyzer: Analyzer) -> Iterator[SearchService]:
    answering = SearchService(seed_index, Configuration(), analyzer, load_taxonomy(None))
    yield answering
    answering.close()


def hits(seed: SearchService, query: str) -> list[Hit]:
    return [hit for hit in seed.search(SearchRequest(query)).hits if hit.full]


@pytest.mark.parametrize(
    "query",
    [
        "klaster",
        "klastrid",
        "konverentse",
        "jäätmed",
        "kompetentsikeskused",
        "digitaliseerida OR digitaliseerimine",
        "ringmajanduses",
        '"Euroopa klaster"',
    ],
)
def test_found_by(seed: SearchService, query: str) -> None:
    assert len(hits(seed, query)) == 1


@pytest.mark.parametrize("query", ["EAS", "klastrofoobia", "=klaster"])
def test_not_found_by(seed: SearchService, query: str) -> None:
    results = seed.search(SearchRequest(query))
    assert (results.total, results.partial, results.hits) == (0, 0, ())


@pytest.mark.parametrize(
    ("query", "forms"),
    [("turundus", {"ühisturundusega"}), ("energia", {"taastuvenergia", "vee-energia"})],
)
def test_found_as_part_of_a_compound(seed: SearchService, query: str, forms: set[str]) -> None:
    (hit,) = hits(seed, query)
    assert {(why.form, why.how) for why in hit.why} == {(form, "part") for form in forms}


def test_facets(seed: SearchService) -> None:
    (hit,) = hits(seed, "")
    assert hit.year == 2016
    assert hit.focus_areas[0] == "rohe-ringmajandus"
    assert hit.organisations.count("EJKL Kompetentsikeskus") == 1
    assert hit.organisations.count("Jäätmete Taaskasutusklaster") == 1
    assert "Energy in Water" not in hit.organisations


def test_year_has_the_link_as_evidence(seed: SearchService) -> None:
    (hit,) = hits(seed, "")
    article = seed.article(hit.id).article
    assert article.year is not None
    assert article.year.origin == "found"
    evidence = article.year.evidence[0]
    assert evidence.part == "body"
    assert "clusterconference2016" in evidence.text
    assert article.body_text[evidence.start : evidence.end] == evidence.text


def run(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "indexer", *arguments], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_command_line_says_the_same(seed: SearchService, seed_index: Path) -> None:
    said = run("search", "energia", "--index", str(seed_index), "--json")
    same = seed.search(SearchRequest("energia")).to_dict()
    assert {**said, "took_ms": 0} == {**same, "took_ms": 0}
