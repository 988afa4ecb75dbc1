"""What the service answered to fixed questions over the example news, it answers still."""

import os
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from golden import compare, golden_services, read_golden

from search.analysis import Analyzer
from search.configuration import OpenSearchSettings
from search.results import How

SHOWN = 20
ENOUGH = 20
#: A server takes some 50 ms for a question.
EVERY = int(os.environ.get("GOLDEN_STEP") or 20)


def test_answers_are_those_of_the_golden_file(example_index: Path, analyzer: Analyzer) -> None:
    with golden_services(example_index, analyzer) as services:
        changed = list(compare(services))
    shown = "\n\n".join(changed[:SHOWN])
    assert not changed, f"{len(changed)} answers are others; see tests/golden/README.md\n\n{shown}"


@pytest.mark.opensearch
def test_answers_of_opensearch_are_those_of_the_golden_file(
    example_server: OpenSearchSettings, analyzer: Analyzer, tmp_path: Path
) -> None:
    """Whatever a page shows, marks, suggests and counts; scores to 1e-3."""
    with golden_services(tmp_path, analyzer, example_server) as services:
        changed = list(compare(services, step=EVERY, tolerance=1e-3))
    assert not changed, "\n\n".join(changed[:SHOWN])


def test_the_golden_file_asks_of_everything() -> None:
    """A file that asks little, or finds little, would let much change."""
    golden = read_golden()
    asked = Counter(question["ask"] for question, _ in golden)
    assert asked["search"] == 1000
    assert set(asked) == {"search", "article", "suggest", "facet", "overview", "subqueries"}
    met: Counter[str] = Counter()
    for question, answer in golden:
        if question["ask"] == "search":
            replaced = answer["searched"] not in ("", question["request"]["query"])
            met.update(key for key in answer if answer[key])
            met.update({"nothing": not answer["hits"], "replaced": replaced})
            met.update(why["how"] for hit in answer["hits"] for why in hit["why"])
    wanted = ("total", "partial", "suggestions", "relaxations", "nothing", "replaced")
    by_words = (each for each in get_args(How) if each != "meaning")
    assert not [each for each in (*wanted, *by_words) if met[each] < ENOUGH], met
