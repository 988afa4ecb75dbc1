"""Small changes stay small: which segments are merged, and that nothing is lost by it."""

import random
from pathlib import Path

import pytest
from corpus import document, models
from search.engines.whoosh.storage import segments
from search.engines.whoosh.storage.merging import FAN, Weighed, plan
from whoosh_path import contents, written_by_whoosh

from search.engines.contract import IndexedDocument
from search.engines.whoosh.writer import WhooshWriter


def living(*sizes: int) -> list[Weighed]:
    return [Weighed(size, 0) for size in sizes]


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ((), []),
        ((1, 1, 1), []),
        ((50_000, 1), []),
        ((50_000, 3, 2, 1, 1), [[1, 2, 3, 4]]),
        ((50_000, 5, 4, 9, 1, 1, 1, 1), [[1, 2, 3, 4, 5, 6, 7]]),
        ((1, 5_000, 1, 1), []),
        ((0, 1, 1, 1), []),
    ],
)
def test_a_tier_of_four_is_merged(sizes: tuple[int, ...], groups: list[list[int]]) -> None:
    assert [sorted(group) for group in plan(living(*sizes))] == groups


def test_a_segment_that_is_worn_is_copied_alone() -> None:
    assert plan([Weighed(100, 49), Weighed(30_000, 1_000)]) == []
    assert plan([Weighed(100, 50), Weighed(30_000, 15_000)]) == [[0], [1]]
    assert plan([Weighed(0, 50)]) == []


def test_a_segment_that_is_full_is_left_alone() -> None:
    full = Weighed(100_000, 0, is_full=True)
    assert plan([full] * 9) == []


def test_many_small_changes_cost_little_and_leave_few_segments() -> None:
    """Documents copied by a thousand changes, and segments that queries then meet."""
    sizes, copied, most = [50_000], 0, 0
    for _ in range(1000):
        sizes.append(1)
        groups = plan(living(*sizes))
        gone = {place for group in groups for place in group}
        copied += sum(sizes[place] for place in gone)
        sizes = [size for place, size in enumerate(sizes) if place not in gone] + [
            sum(sizes[place] for place in group) for group in groups
        ]
        most = max(most, len(sizes))
        assert 50_000 in sizes
    assert sum(sizes) == 51_000
    assert most <= 1 + 5 * (FAN - 1)
    assert copied <= 5_000


@pytest.mark.parametrize("small", [segments.SMALL, 0])
def test_many_changes_are_as_one_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(segments, "SMALL", small)
    draw = random.Random(4)
    there: dict[str, IndexedDocument] = {}
    for change in range(24):
        writer = WhooshWriter(tmp_path, tmp_path if change else None)
        leaving = draw.choice((0, 0, 1, 4))
        for article_id in draw.sample(sorted(there), min(len(there), leaving)):
            writer.delete(article_id)
            del there[article_id]
        added = [document(each) for each in models(draw.choice((1, 1, 1, 9)), change, change * 10)]
        for each in added:
            writer.add(each)
            there[each.article.id] = each
        writer.commit()
        assert writer.document_count == len(there)
    written_by_whoosh(tmp_path / "whoosh", there.values())
    assert len(there) > 20
    assert contents(tmp_path) == contents(tmp_path / "whoosh")
    assert len(writer.segments) < 10


def test_an_article_is_deleted_from_every_segment(tmp_path: Path) -> None:
    for _ in range(3):
        (model,) = models(1, 1)
        writer = WhooshWriter(tmp_path, tmp_path if any(tmp_path.iterdir()) else None)
        writer.add(document(model))
        writer.commit()
    assert writer.document_count == 3
    writer = WhooshWriter(tmp_path, tmp_path)
    writer.delete("another")
    assert not writer.changed
    writer.delete("uudis-000")
    assert writer.changed
    writer.commit()
    assert (writer.document_count, writer.segments) == (0, ())
    assert contents(tmp_path)["count"] == 0
