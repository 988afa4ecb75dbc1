"""Segments as they are built are, to Whoosh, what its own writer would have written."""

import gc
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from corpus import document, models
from whoosh.index import exists_in, open_dir
from whoosh.query import And, FuzzyTerm, Or, Prefix, Term
from whoosh_path import contents, statistics, written_by_whoosh

from search.engines.contract import IndexedDocument, IndexedField
from search.engines.whoosh.codec import SegmentCodec
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.segment.arrays import ArrayWriter
from search.engines.whoosh.segment.builder import Batch, SegmentBuilder, pack_batch
from search.engines.whoosh.writer import WhooshWriter
from search.near_duplicates.minhash import PLACES


def drawn_field(draw: random.Random, words: int) -> IndexedField:
    """Terms of all kinds: common and rare ones, at few and many places, some of them far away."""
    far = draw.choice((60, 300, 70_000))
    postings: dict[str, list[int]] = {}
    for _ in range(words):
        number = int(draw.paretovariate(0.4)) % 3000
        places = sorted(draw.sample(range(far), draw.choice((1, 1, 1, 2, 3, 50))))
        postings[f"{draw.choice('lsn')}sõna{number}\U0001f332"[: draw.randint(1, 9)]] = places
    return IndexedField(postings, [0, 5], [4, 9], words, [0] if words else [], [])


def drawn(count: int, seed: int) -> list[IndexedDocument]:
    draw = random.Random(seed)
    return [
        replace(
            document(model),
            title=drawn_field(draw, draw.randint(0, 4)),
            body=drawn_field(draw, draw.choice((0, 3, 40))),
            findings=draw.randbytes(draw.randint(0, 3)),
            passages={name: (draw.getrandbits(32), 5) for name in model.names},
            signature=draw.randbytes(2 * PLACES) if draw.random() < 0.3 else b"",
        )
        for model in models(count, seed)
    ]


def written(directory: Path, documents: Sequence[IndexedDocument], at_once: int = 7) -> Path:
    directory.mkdir()
    writer = WhooshWriter(directory)
    for start in range(0, len(documents), at_once):
        writer.add_packed(pack_batch(documents[start : start + at_once]))
    writer.commit()
    return directory


@pytest.mark.parametrize("seed", [1, 2])
def test_an_index_is_as_whoosh_writes_it(tmp_path: Path, seed: int) -> None:
    documents = drawn(40, seed)
    ours = written(tmp_path / "ours", documents)
    written_by_whoosh(tmp_path / "whoosh", documents)
    assert contents(ours) == contents(tmp_path / "whoosh")
    assert statistics(ours) == statistics(tmp_path / "whoosh")


def test_one_by_one_is_as_in_batches(tmp_path: Path) -> None:
    documents = drawn(90, 5)
    (tmp_path / "one").mkdir()
    writer = WhooshWriter(tmp_path / "one")
    for each in documents:
        writer.add(each)
    writer.commit()
    assert contents(tmp_path / "one") == contents(written(tmp_path / "many", documents))


def built(
    directory: Path, parts: Sequence[Sequence[IndexedDocument]], memory: int | None = None
) -> Segment:
    builder = SegmentBuilder(directory) if memory is None else SegmentBuilder(directory, memory)
    for each in parts:
        builder.add(Batch.of(each))
    return Segment(directory, builder.finish())


def assert_equal(first: Segment, second: Segment) -> None:
    assert set(first.file) == set(second.file)
    for name, array in first.file.items():
        assert np.array_equal(array, second.file[name]), name


@pytest.mark.parametrize("memory", [0, 100_000])
def test_what_was_put_aside_comes_back(tmp_path: Path, memory: int) -> None:
    documents = drawn(60, 3)
    parts = [documents[at : at + 7] for at in range(0, len(documents), 7)]
    assert_equal(built(tmp_path, parts, memory), built(tmp_path, [documents]))


def test_a_merged_segment_is_as_if_built_at_once(tmp_path: Path) -> None:
    documents = drawn(80, 4)
    source = built(tmp_path, [documents[20:]])
    alive = np.arange(60) % 3 > 0
    builder = SegmentBuilder(tmp_path)
    builder.add(Batch.of(documents[:5]))
    builder.add_segment(source, alive)
    builder.add(Batch.of(documents[5:20]))
    left = [each for each, is_left in zip(documents[20:], alive, strict=True) if is_left]
    whole = built(tmp_path, [documents[:5] + left + documents[5:20]])
    assert_equal(Segment(tmp_path, builder.finish()), whole)


def test_whoosh_searches_it(tmp_path: Path) -> None:
    documents = [document(model) for model in models(60, 1)]
    written(tmp_path / "ours", documents, at_once=20)
    written_by_whoosh(tmp_path / "whoosh", documents)
    queries = [
        Term("body", "lmets"),
        And([Term("body", "lmets"), Term("title", "lpuit")]),
        Or([Term("year", "2014"), Term("id", "uudis-007"), Term("body", "lrobot")]),
        Prefix("body", "lm"),
        FuzzyTerm("body", "lmetz", prefixlength=1),
    ]
    for query in queries:
        found = []
        for name in ("ours", "whoosh"):
            with open_dir(tmp_path / name).searcher() as searcher:
                hits = searcher.search(query, limit=None)
                found.append({hit.docnum: pytest.approx(hit.score) for hit in hits})
        assert found[0]
        assert found[0] == found[1]


def test_whoosh_does_not_write_on_top(tmp_path: Path) -> None:
    ours = written(tmp_path / "ours", drawn(20, 8))
    with pytest.raises(NotImplementedError, match="WhooshWriter"):
        open_dir(ours).writer(codec=SegmentCodec())
    writer = open_dir(ours).writer()
    with pytest.raises(NotImplementedError, match="WhooshWriter"):
        writer.delete_by_term("id", "uudis-003")
    writer.cancel()


def test_a_table_of_contents_comes_last(tmp_path: Path) -> None:
    """Before that, Whoosh knows nothing of what was written."""
    writer = WhooshWriter(tmp_path)
    for each in drawn(90, 2):
        writer.add(each)
    writer.cancel()
    assert not exists_in(tmp_path)


@pytest.mark.parametrize("memory", [None, 0])
def test_a_write_that_fails_leaves_no_file_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory: int | None
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ArrayWriter, "finish", fail)
    builder = SegmentBuilder(tmp_path) if memory is None else SegmentBuilder(tmp_path, memory)
    builder.add(Batch.of(drawn(9, 1)))
    with pytest.raises(OSError, match="No space"):
        builder.finish()
    builder.close()
    del builder
    gc.collect()  # complains of open files


def test_nothing_is_an_index_too(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    writer = WhooshWriter(tmp_path / "ours")
    writer.add_packed(pack_batch([]))
    writer.commit()
    assert not writer.changed
    assert writer.segments == ()
    assert contents(tmp_path / "ours")["count"] == 0
