"""The review lists made in a process of their own, for the operator's view."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import printed, run
from manifests import alter_manifest

from indexer.factory import background_review
from indexer.review.reviewer import BackgroundReview
from search.configuration import Configuration
from search.engines.contract import Index
from search.engines.registry import open_index
from search.errors import IndexMismatch, OverridesError, ReviewFailed
from search.review import Reviewed

PATIENCE_SECONDS = 60

pytestmark = pytest.mark.usefixtures("indexed")


@pytest.fixture
def live() -> Index:
    return open_index(Path("index"))


@pytest.fixture
def reviews(live: Index) -> Iterator[BackgroundReview]:
    made = background_review(Configuration(), 20, lambda: live.current() or "")
    yield made
    made.close()


def awaited(reviews: BackgroundReview) -> Reviewed:
    """The lists once nothing is under way any more."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (found := reviews.latest()).is_pending:
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


def test_the_lists_are_those_of_the_command(reviews: BackgroundReview) -> None:
    assert reviews.latest() == Reviewed("", None, is_pending=True)
    found = awaited(reviews)
    assert found.generation == "gen-000001"
    assert found.review
    assert found.review.to_dict() == printed("review")
    assert not reviews.latest().is_pending


def test_another_generation_has_others_and_the_old_stay_meanwhile(
    reviews: BackgroundReview, indexed: Path
) -> None:
    awaited(reviews)
    (indexed / "uus.txt").write_text("Uudis ilma aastata\n\nTuul puhus.", encoding="utf-8")
    run("index", "uudised")
    first = reviews.latest()
    assert (first.generation, first.is_pending) == ("gen-000001", True)
    found = awaited(reviews)
    assert found.generation == "gen-000002"
    assert found.review
    assert found.review.to_dict() == printed("review")


def test_without_an_index_nothing_is_begun() -> None:
    assert background_review(Configuration(), 20, str).latest() == Reviewed(
        "", None, is_pending=False
    )


def test_what_keeps_the_command_from_its_lists_is_told_and_tried_again(live: Index) -> None:
    Path("o.yaml").write_text("articles: 3", encoding="utf-8")
    configuration = Configuration(overrides=Path("o.yaml"))
    reviews = background_review(configuration, 20, lambda: live.current() or "")
    assert isinstance(awaited(reviews).problem, OverridesError)
    Path("o.yaml").write_text("articles: {}", encoding="utf-8")
    found = awaited(reviews)
    assert (found.problem, found.generation) == (None, "gen-000001")


def test_an_index_of_another_version_is_told(live: Index) -> None:
    alter_manifest(Path("index", live.current() or ""), fingerprint="muu")
    reviews = background_review(Configuration(), 20, lambda: live.current() or "")
    assert isinstance(awaited(reviews).problem, IndexMismatch)


def test_a_process_that_is_ended_is_told(reviews: BackgroundReview) -> None:
    assert reviews.latest().is_pending
    reviews.close()
    problem = awaited(reviews).problem
    assert isinstance(problem, ReviewFailed)
    assert "-9" in str(problem)
