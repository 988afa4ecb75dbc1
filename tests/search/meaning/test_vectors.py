"""Vectors in an index: added, joined, carried over, merged, left out when damaged."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from corpus import NOW, Model, document, models

from search.engines.contract import (
    ArticleVectors,
    MeaningQuery,
    NearestPassage,
    PassageVector,
    VectorStatus,
)
from search.engines.whoosh import WhooshIndex
from search.engines.whoosh.snapshot.vectors import Floats, VectorFile
from search.errors import IndexDamaged, NoPreviousGeneration
from search.query.ast import Alternative, Word
from search.request import SearchRequest

MODEL, DIMENSIONS = "mudel", 32
METS = Word("mets", (Alternative("lemma", "mets"),))


def vector_of(text: str) -> Floats:
    """A direction of its own for each text."""
    numbers = np.random.default_rng(list(text.encode())).standard_normal(DIMENSIONS)
    found: Floats = (numbers / np.linalg.norm(numbers)).astype(np.float32)
    return found


def digest_of(text: str) -> bytes:
    return text.encode()[-16:].rjust(16)


def vectors_of(model: Model) -> ArticleVectors:
    """The first and the other words of a made-up document, as if they were passages."""
    texts = f"{model.id} algus", f"{model.id} {'-'.join(model.body)}"
    passages = tuple(
        PassageVector(at, at + 5, digest_of(text), vector_of(text)) for at, text in enumerate(texts)
    )
    return ArticleVectors(model.id, document(model).digest, passages)


def changed(model: Model) -> Model:
    return Model(model.id, ("uus", *model.title), model.body, model.year, (), ())


class Desk:
    """An index of twelve made-up documents, to which vectors can be added."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = WhooshIndex(folder)
        self.models = models(12, 1)
        self.build()

    def build(self, fingerprint: str = "f") -> None:
        with self.index.build(["uudised"], fingerprint, NOW) as writer:
            for each in self.models:
                writer.add(document(each))

    def add(self, chosen: Sequence[Model], model: str = MODEL) -> str | None:
        return self.index.add_vectors(model, [vectors_of(each) for each in chosen])

    def status(self, model: str = MODEL) -> VectorStatus:
        return self.index.open().vector_status(model)

    def files(self) -> list[Path]:
        """The vector files of the live generation."""
        return sorted((self.folder / str(self.index.current())).glob("*.vec"))

    def replace(self, chosen: Model, other: Model) -> None:
        with self.index.extend([], "f", NOW) as writer:
            writer.delete(chosen.id)
            writer.add(document(other))

    def passage(self, model: Model, query: str) -> NearestPassage | None:
        """The passage of a document nearest to a text."""
        reader = self.index.open()
        key = reader.find(model.id)
        assert key is not None
        (found,) = reader.nearest_passages([key], MeaningQuery(MODEL, vector_of(query), 0.0, 0.3))
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "index")


def test_what_is_added_is_found_by_its_document(desk: Desk) -> None:
    assert desk.status() == VectorStatus(12, 0, 0)
    assert desk.passage(desk.models[4], "midagi") is None
    desk.add(desk.models[3:])
    status = desk.status()
    assert (status.done, status.passages, status.problems) == (9, 18, ())
    assert status.size == sum(each.stat().st_size for each in desk.files())
    found = desk.passage(desk.models[4], f"{desk.models[4].id} algus")
    assert found
    assert (found.start, found.end) == (0, 5)
    assert found.nearness > 0.9
    reader = desk.index.open_stored("f")
    assert set(reader.without_vectors(MODEL)) == {each.id for each in desk.models[:3]}
    text = f"{desk.models[4].id} algus"
    known = reader.known_vectors(MODEL, [digest_of(text), digest_of("muu")])
    assert list(known) == [digest_of(text)]
    assert known[digest_of(text)] == pytest.approx(vector_of(text), abs=0.01)
    assert desk.index.verify("f") == []
    assert desk.status("teine mudel") == VectorStatus(12, 0, 0)


def test_the_last_added_are_asked_for_first(desk: Desk) -> None:
    late = models(1, 5, first=70)[0]
    with desk.index.extend([], "f", NOW) as writer:
        writer.add(document(late))
    assert desk.index.open_stored().without_vectors(MODEL)[0] == late.id


def test_what_has_gone_or_changed_meanwhile_is_left_out(desk: Desk) -> None:
    first, second, *_ = desk.models
    desk.replace(first, changed(first))
    assert desk.add([first, models(1, 1, first=50)[0]]) is None
    assert desk.add([first, second])
    assert desk.status().done == 1
    assert desk.add([second]) is None


def test_dead_rows_are_no_documents_and_go_when_all_is_done(desk: Desk) -> None:
    desk.add(desk.models)
    first, second, *others = desk.models
    for each in (first, second):
        desk.replace(each, changed(each))
    assert desk.status().done == 10
    assert desk.passage(first, f"{first.id} algus") is None
    # A passage that stood before is known as long as anything is to be done.
    desk.add([changed(second)])
    assert desk.index.open_stored().known_vectors(MODEL, [digest_of(f"{first.id} algus")])
    for each in others[:6]:
        desk.replace(each, changed(each))
    desk.add([changed(each) for each in (first, *others[:6])])
    assert (desk.status().done, desk.status().passages) == (12, 24)
    assert sum(len(VectorFile(each).rows.keys) for each in desk.files()) == 12
    assert desk.index.verify("f") == []


def test_small_files_are_merged_in_tiers(desk: Desk) -> None:
    counts = []
    for each in desk.models:
        desk.add([each])
        counts.append(len(desk.files()))
    assert max(counts) <= 6
    assert desk.status().done == 12
    for each in desk.models:
        found = desk.passage(each, f"{each.id} algus")
        assert found
        assert found.nearness > 0.9


def test_vectors_of_another_model_take_the_place_of_those_before(desk: Desk) -> None:
    desk.add(desk.models)
    desk.add(desk.models[:2], "teine")
    assert desk.status("teine").done == 2
    assert desk.status() == VectorStatus(12, 0, 0)
    assert len(desk.files()) == 1


def test_index_and_reindex_carry_vectors_over(desk: Desk) -> None:
    desk.add(desk.models)
    (before,) = desk.files()
    desk.replace(desk.models[0], changed(desk.models[0]))
    assert desk.status().done == 11
    desk.build()
    assert desk.status().done == 12
    (after,) = desk.files()
    assert after.stat().st_ino == before.stat().st_ino
    assert desk.index.verify("f") == []
    # Analysed in another way, the articles are others; passages with the same text are known.
    desk.build("teine")
    assert desk.status().done == 0
    text = f"{desk.models[5].id} algus"
    assert desk.index.open_stored().known_vectors(MODEL, [digest_of(text)])


def test_filling_in_has_no_place_of_its_own_in_the_history(desk: Desk) -> None:
    desk.replace(desk.models[0], changed(desk.models[0]))
    desk.build()
    history = desk.index.names()
    for each in desk.models[:5]:
        desk.add([each])
    assert desk.index.names()[:2] == history[:2]
    assert len(desk.index.names()) == 3
    assert desk.index.record() is None
    assert desk.index.rollback() == history[1]
    # What was embedded for what was gone back from is known, and that does not come before what
    # goes on from there.
    text = digest_of(f"{desk.models[4].id} algus")
    assert desk.index.open_stored().known_vectors(MODEL, [text])
    desk.add([desk.models[5]])
    assert desk.index.rollback() == history[0]
    with pytest.raises(NoPreviousGeneration):
        desk.index.rollback()


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "flipped": flip,
    "cut": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "empty": lambda path: path.write_bytes(b""),
    "missing": Path.unlink,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_vectors_never_stop_words(desk: Desk, damage: Callable[[Path], object]) -> None:
    """It is named, answers go on, and whatever writes next drops it."""
    desk.add(desk.models[:9])
    desk.add(desk.models[9:])
    spoilt = max(desk.files(), key=lambda each: each.stat().st_size)
    damage(spoilt)
    (problem,) = desk.index.verify("f")
    assert spoilt.name in problem
    assert "klastriotsing meaning" in problem
    reader = desk.index.open("f")
    assert reader.search(METS, SearchRequest("mets")).total
    status = reader.vector_status(MODEL)
    assert status.done == 3
    assert spoilt.name in status.problems[0]
    desk.index.backup(desk.folder.with_name("varu"))
    assert WhooshIndex(desk.folder.with_name("varu")).verify("f") == []
    copied = desk.folder.with_name("koopia")
    shutil.copytree(desk.folder, copied)
    writes: list[Callable[[Desk], object]] = [
        lambda at: at.add(at.models[:9]),
        lambda at: at.replace(at.models[0], changed(at.models[0])),
        lambda at: at.build(),
        lambda at: at.index.add_vectors(MODEL, []),
    ]
    for write, done in zip(writes, (12, 3, 3, 3), strict=True):
        shutil.rmtree(desk.folder)
        shutil.copytree(copied, desk.folder)
        desk.index = WhooshIndex(desk.folder)
        write(desk)
        assert desk.index.verify("f") == []
        assert desk.status().done == done
        assert spoilt.name not in [each.name for each in desk.files()]


def test_backup_and_restore_carry_vectors(desk: Desk, tmp_path: Path) -> None:
    desk.add(desk.models)
    desk.index.backup(tmp_path / "varu")
    assert WhooshIndex(tmp_path / "varu").open().vector_status(MODEL).done == 12
    other = WhooshIndex(tmp_path / "teine")
    other.restore(tmp_path / "varu", "f")
    assert other.open().vector_status(MODEL).done == 12
    assert other.verify("f") == []


def test_nothing_is_added_to_what_has_changed_on_the_disk(desk: Desk) -> None:
    (segment,) = (desk.folder / str(desk.index.current())).glob("*.seg")
    flip(segment)
    with pytest.raises(IndexDamaged):
        WhooshIndex(desk.folder).add_vectors(MODEL, [vectors_of(desk.models[0])])


def test_an_index_without_vectors_says_nothing_of_them(desk: Desk) -> None:
    live = desk.folder / str(desk.index.current())
    names = {each.name for each in live.iterdir()}
    assert not [each for each in names if "vec" in each.lower()]
    assert "completes" not in (live / "manifest.json").read_text()
