"""What we write in bulk is, read by Whoosh, what Whoosh's own writer would have written."""

import gc
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus import document, models
from search.engines.whoosh.postings.decoding import decoded_blocks
from search.engines.whoosh.storage import blocks, segments
from search.engines.whoosh.storage.batches import pack_batch
from search.engines.whoosh.storage.runs import inverted
from whoosh.index import open_dir
from whoosh.query import And, Or, Term
from whoosh_path import add_document, contents, statistics, written_by_whoosh

from search.engines.contract import IndexedDocument, IndexedField
from search.engines.whoosh.writer import WhooshWriter


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
            signature=draw.randbytes(392) if draw.random() < 0.3 else b"",
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


@pytest.fixture(scope="module")
def by_whoosh() -> dict[int, tuple[Any, Any]]:
    """What Whoosh's own writer makes of the drawn documents, by their seed."""
    return {}


@pytest.fixture(params=["one file", "files", "put aside", "short blocks"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ways that few and that many documents go."""
    if request.param != "one file":
        monkeypatch.setattr(segments, "SMALL", 0)
    if request.param == "put aside":
        monkeypatch.setattr(segments.SegmentBuilder.__init__, "__defaults__", (20_000,))
        monkeypatch.setattr(segments, "_PIECE", 16)
        monkeypatch.setattr(segments, "_AT_ONCE", 100)
    if request.param == "short blocks":
        monkeypatch.setattr(blocks, "BLOCK", 5)


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("seed", [1, 2])
def test_an_index_is_as_whoosh_writes_it(
    tmp_path: Path, seed: int, by_whoosh: dict[int, tuple[Any, Any]]
) -> None:
    documents = drawn(40, seed)
    ours = written(tmp_path / "ours", documents)
    if seed not in by_whoosh:
        written_by_whoosh(tmp_path / "whoosh", documents)
        by_whoosh[seed] = contents(tmp_path / "whoosh"), statistics(tmp_path / "whoosh")
    assert (contents(ours), statistics(ours)) == by_whoosh[seed]


def test_one_by_one_is_as_in_batches(tmp_path: Path) -> None:
    documents = drawn(90, 5)
    (tmp_path / "one").mkdir()
    writer = WhooshWriter(tmp_path / "one")
    for each in documents:
        writer.add(each)
    writer.commit()
    assert contents(tmp_path / "one") == contents(written(tmp_path / "many", documents))


def test_a_column_of_many_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond some documents Whoosh wants the places of values beside their lengths."""
    documents = drawn(40, 6)
    monkeypatch.setattr("search.engines.whoosh.storage.column_files._MANY", 30)
    ours = written(tmp_path / "ours", documents)
    written_by_whoosh(tmp_path / "whoosh", documents)
    assert contents(ours) == contents(tmp_path / "whoosh")


@pytest.mark.usefixtures("_way")
def test_whoosh_searches_it(tmp_path: Path) -> None:
    documents = [document(model) for model in models(60, 1)]
    written(tmp_path / "ours", documents, at_once=20)
    written_by_whoosh(tmp_path / "whoosh", documents)
    queries = [
        Term("body", "lmets"),
        And([Term("body", "lmets"), Term("title", "lpuit")]),
        Or([Term("year", "2014"), Term("id", "uudis-007"), Term("body", "lrobot")]),
    ]
    for query in queries:
        found = []
        for name in ("ours", "whoosh"):
            with open_dir(tmp_path / name).searcher() as searcher:
                hits = searcher.search(query, limit=None)
                found.append({hit.docnum: pytest.approx(hit.score) for hit in hits})
        assert found[0]
        assert found[0] == found[1]


def test_whoosh_writes_on_top(tmp_path: Path) -> None:
    """Whoosh's own writer deletes, adds, and merges what we have written."""
    documents = drawn(30, 8)
    ours = written(tmp_path / "ours", documents[:20])
    writer = open_dir(ours).writer()
    writer.delete_by_term("id", documents[3].article.id)
    for each in documents[20:]:
        add_document(writer, each)
    writer.commit(merge=False)
    written_by_whoosh(tmp_path / "whoosh", documents[:3] + documents[4:])
    assert contents(ours) == contents(tmp_path / "whoosh")


def test_a_table_of_contents_comes_last(tmp_path: Path) -> None:
    """Before that, Whoosh knows nothing of what was written."""
    ours = written(tmp_path / "ours", drawn(5, 1))
    writer = WhooshWriter(ours, ours)
    for each in drawn(90, 2):
        writer.add(each)
    writer.cancel()
    with open_dir(ours).reader() as reader:
        assert reader.doc_count() == 5


@pytest.mark.parametrize("small", [segments.SMALL, 0])
def test_a_write_that_fails_leaves_no_file_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(segments, "word_arrays", fail)
    monkeypatch.setattr(segments, "SMALL", small)
    monkeypatch.setattr(segments.SegmentBuilder.__init__, "__defaults__", (small,))
    writer = WhooshWriter(tmp_path)
    writer.add(drawn(1, 1)[0])
    with pytest.raises(OSError, match="No space"):
        writer.commit()
    del writer
    gc.collect()  # complains of open files


def test_nothing_is_an_index_too(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    writer = WhooshWriter(tmp_path / "ours")
    writer.add_packed(pack_batch([]))
    writer.commit()
    assert not writer.changed
    assert writer.segments == ()
    assert contents(tmp_path / "ours")["count"] == 0


@pytest.mark.parametrize("gap", [255, 256, 65_535, 65_536, 200_000])
def test_documents_may_stand_far_apart(gap: int) -> None:
    documents = np.arange(10) * gap
    once = np.ones(10, dtype=np.int64)
    run = inverted([b"l:klaster"] * 10, documents, once + np.arange(10), np.arange(55))
    written = blocks.write_postings(run, 0)
    (decoded,) = decoded_blocks(written.blocks, 0, 0)
    assert decoded.documents.tolist() == documents.tolist()
    assert decoded.frequencies.tolist() == list(range(1, 11))
    assert decoded.positions.tolist() == list(range(55))
