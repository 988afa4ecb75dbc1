"""Small changes stay small: which segments are merged, and that nothing is lost by it."""

import random
from pathlib import Path

import pytest
from corpus import NOW, document, models
from whoosh_path import contents, written_by_whoosh

from search.engines.contract import IndexedDocument
from search.engines.whoosh import WhooshIndex
from search.engines.whoosh.snapshot.snapshot import Snapshot
from search.engines.whoosh.writer import MERGE_FACTOR, SegmentStats, plan


def living(*sizes: int) -> list[SegmentStats]:
    return [SegmentStats(size, 0) for size in sizes]


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
    assert plan([SegmentStats(100, 49), SegmentStats(30_000, 1_000)]) == []
    assert plan([SegmentStats(100, 50), SegmentStats(30_000, 15_000)]) == [[0], [1]]
    assert plan([SegmentStats(0, 50)]) == []


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
    assert most <= 1 + 5 * (MERGE_FACTOR - 1)
    assert copied <= 5_000


def live(index: WhooshIndex, directory: Path) -> Path:
    return directory / str(index.current())


def test_many_changes_are_as_one_build(tmp_path: Path) -> None:
    draw = random.Random(4)
    there: dict[str, IndexedDocument] = {}
    index = WhooshIndex(tmp_path / "index")
    for change in range(24):
        writing = index.extend if change else index.build
        with writing([], "f", NOW) as writer:
            leaving = draw.choice((0, 0, 1, 4))
            for article_id in draw.sample(sorted(there), min(len(there), leaving)):
                writer.delete(article_id)
                del there[article_id]
            count = draw.choice((1, 1, 1, 9))
            for each in map(document, models(count, change, change * 10)):
                writer.add(each)
                there[each.article.id] = each
        assert index.generation().articles == len(there)
    written_by_whoosh(tmp_path / "whoosh", there.values())
    assert len(there) > 20
    assert contents(live(index, tmp_path / "index")) == contents(tmp_path / "whoosh")
    assert len(Snapshot(live(index, tmp_path / "index")).segments) < 10
    assert index.verify() == []


def test_an_article_is_deleted_from_every_segment(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path)
    for change in range(3):
        writing = index.extend if change else index.build
        with writing([], "f", NOW) as writer:
            writer.add(document(models(1, 1)[0]))
    assert index.generation().articles == 3
    with index.extend([], "f", NOW) as writer:
        writer.delete("another")
    assert index.current() == "gen-000003"
    with index.extend([], "f", NOW) as writer:
        writer.delete("uudis-000")
    assert index.generation().articles == 0
    assert len(Snapshot(live(index, tmp_path)).segments) == 0
    assert contents(live(index, tmp_path))["count"] == 0
