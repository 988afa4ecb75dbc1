"""What a generation takes on from the one before equals what would be worked out from nothing."""

import contextlib
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus import NOW, document, models

from search.article import Extracted, PartialDate
from search.engines.contract import IndexedDocument
from search.engines.whoosh import WhooshIndex
from search.engines.whoosh.segment.arrays import Array, ArrayFile, write_arrays
from search.engines.whoosh.snapshot.incremental import LiveDocs, write_snapshot
from search.engines.whoosh.snapshot.snapshot import SNAPSHOT, Snapshot
from search.errors import IndexDamaged
from search.near_duplicates.boilerplate import OWN
from search.near_duplicates.minhash import PLACES, RUN_PLACES

BOILERPLATE = range(1, 4)


def drawn(number: int, draw: random.Random) -> IndexedDocument:
    """A document of a series, or a copy of another one, with organisations and passages."""
    (model,) = models(1, draw.randrange(10**6), first=number)
    article = document(model).article
    names = {draw.choice("ABÕŠž") + f"ndmed {draw.randrange(30)}" for _ in range(3)}
    common = tuple(draw.choice(BOILERPLATE) for _ in range(2))
    passages = {
        each: draw.choice((common, common, (OWN, *common), (draw.randrange(9, 99),)))
        for each in names
    }
    day = PartialDate(2010 + draw.randrange(3), draw.randrange(1, 13))
    article = replace(
        article,
        organisations=tuple(Extracted(each, "found") for each in sorted(names)),
        published=draw.choice((None, Extracted(day, "found"))),
    )
    return replace(document(model), article=article, passages=passages, signature=signature(draw))


def signature(draw: random.Random) -> bytes:
    """One of a few series: equal to others, like them, or only with places in common."""
    series = np.random.default_rng(draw.randrange(4))
    row = series.integers(1, 65536, PLACES).astype(np.uint16)
    row[RUN_PLACES + 72] = 200
    noise = np.random.default_rng(draw.randrange(10**6))
    other = noise.integers(1, 65536, PLACES).astype(np.uint16)
    share = draw.choice((0.0, 0.02, 0.1, 0.3))
    row = np.where(noise.random(PLACES) < share, other, row)
    return b"" if draw.random() < 0.1 else row.tobytes()


def told(directory: Path) -> dict[str, Any]:
    """What a snapshot says, in a form that does not depend on numbers of the deleted.

    Nor on the codes of values, nor on values that no document has any more.
    """
    snapshot = Snapshot(directory)
    ids, alive, order = list(snapshot.ids), snapshot.alive, snapshot.id_order
    similar, names, clusters = snapshot.similar(), snapshot.names(), snapshot.clusters()
    pairs = zip(similar.pairs.tolist(), similar.support.tolist(), strict=True)
    values = snapshot.ordinals("org").values
    held = {each for part in snapshot.segments for each in part.doc_values.facet("org").values}
    hidden = {(id_, value) for at, id_ in enumerate(ids) for value in snapshot.hidden.get(at)}
    said: dict[str, Any] = {
        "alive": {ids[number] for number in np.flatnonzero(alive)},
        "order": [ids[number] for number in order if alive[number]],
        "rank": np.argsort(snapshot.id_rank).tolist() == order.tolist(),
        "pairs": {(*sorted(map(ids.__getitem__, pair)), times) for pair, times in pairs},
        "hidden": hidden,
        "names": [
            (values[code], entry & 0xFFFF)
            for code, entry in zip(names.codes.tolist(), names.entries.tolist(), strict=True)
            if values[code] in held
        ],
        "published": dict(zip(ids, snapshot.column("published").tolist(), strict=True)),
    }
    by_document = {"originals": similar.originals, "representatives": clusters.representatives}
    for name, row in by_document.items():
        living = np.flatnonzero(alive & (row >= 0)).tolist()
        said[name] = {ids[number]: ids[row[number]] for number in living}
    for name, row in (("shown", clusters.shown), ("clustered", clusters.clustered)):
        said[name] = {ids[number] for number in np.flatnonzero(row)}
    for name in ("focus", "year", "org", "language"):
        codes, documents, starts = snapshot.facet(name)
        called = [*snapshot.ordinals(name).values, None]
        assert np.repeat(np.arange(len(ids)), np.diff(starts)).tolist() == documents.tolist()
        said[name] = {
            (ids[number], called[code])
            for number, code in zip(documents.tolist(), codes.tolist(), strict=True)
            if alive[number]
        }
    return said


@pytest.mark.parametrize("seed", range(6))
def test_going_on_from_the_generation_before_changes_nothing(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    generations = WhooshIndex(tmp_path / "index")
    living = set(range(60))
    with generations.build([], "f", NOW) as writer:
        for number in sorted(living):
            writer.add(drawn(number, draw))
    following = 60
    for _ in range(8):
        with generations.extend([], "f", NOW) as writer:
            gone = set(draw.sample(sorted(living), draw.choice((0, 1, 5))))
            again = set(draw.sample(sorted(living - gone), draw.choice((0, 1, 3))))
            came = set(range(following, following + draw.choice((1, 2, 6))))
            for number in gone | again:
                writer.delete(f"uudis-{number:03d}")
            for number in sorted(again | came):
                writer.add(drawn(number, draw))
            living = living - gone | came
            following += len(came)
        directory = tmp_path / "index" / str(generations.current())
        whole = anew(directory, tmp_path / "whole")
        assert told(directory) == told(whole)
        assert len(told(directory)["alive"]) == len(living)
        shutil.rmtree(whole)
    assert told(directory)["pairs"]
    assert told(directory)["hidden"]
    assert generations.verify() == []


def test_ids_are_found_and_only_the_living(tmp_path: Path) -> None:
    generations = WhooshIndex(tmp_path)
    with generations.build([], "f", NOW) as writer:
        for model in models(30, 1):
            writer.add(document(model))
    with generations.extend([], "f", NOW) as writer:
        writer.delete("uudis-003")
        writer.delete("uudis-004")
        writer.add(document(models(1, 5, first=4)[0]))
    reader = generations.open("f")
    assert reader.document_count == 29
    for article_id in reader.article_ids():
        number = reader.find(article_id)
        assert number is not None
        assert reader.ids([number])[0] == article_id == reader.article(number).id
    assert reader.find("uudis-003") is None
    assert reader.find("uudis-0") is None
    assert reader.find("uudis-999") is None
    assert set(reader.digests()) == set(reader.article_ids())
    reader.close()


@pytest.mark.parametrize("harm", ["missing", "emptied", "other"])
def test_a_snapshot_that_does_not_fit_is_damage(tmp_path: Path, harm: str) -> None:
    generations = WhooshIndex(tmp_path)
    with generations.build([], "f", NOW) as writer:
        writer.add(document(models(1, 1)[0]))
    path = tmp_path / "gen-000001" / SNAPSHOT
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if harm == "emptied" else bytes(path.stat().st_size))
    with pytest.raises(IndexDamaged, match="snapshot"):
        generations.open("f")


def test_an_update_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    """What stays open from update to update needs nothing of generations that are gone."""
    draw = random.Random(5)
    generations = WhooshIndex(tmp_path / "index", keep=1)
    with generations.build([], "f", NOW) as writer:
        for number in range(40):
            writer.add(drawn(number, draw))
    for number in range(40, 50):
        with (
            generations.extend([], "f", NOW) as writer,
            contextlib.closing(generations.open_stored("f")) as live,
        ):
            assert live.digest(f"uudis-{number - 1:03d}") is not None
            assert live.digest(f"uudis-{number:03d}") is None
            writer.delete(f"uudis-{number - 40:03d}")
            writer.add(drawn(number, draw))
    directory = tmp_path / "index" / str(generations.current())
    assert told(directory) == told(anew(directory, tmp_path / "whole"))
    assert len(told(directory)["alive"]) == 40


def anew(directory: Path, whole: Path) -> Path:
    """A copy of a generation whose snapshot is worked out from nothing."""
    snapshot = Snapshot(directory)
    alive = np.split(snapshot.alive, snapshot.segments.bases[1:])
    shutil.copytree(directory, whole)
    (whole / SNAPSHOT).unlink()
    write_snapshot(whole, list(map(LiveDocs, snapshot.segments.names, alive)), None)
    return whole


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with two segments, of which some documents are deleted, duplicates or hidden."""
    draw = random.Random(8)
    path = tmp_path_factory.mktemp("index")
    index = WhooshIndex(path)
    with index.build([], "f", NOW) as writer:
        for number in range(90):
            writer.add(drawn(number, draw))
    with index.extend([], "f", NOW) as writer:
        writer.delete("uudis-007")
        writer.add(drawn(90, draw))
    return path / str(index.current())


def forged(array: Array, draw: random.Random) -> Array:
    """The same with a number that it cannot have, or another length."""
    array = array.copy()
    kind = draw.choice(("high", "low", "shorter", "longer", "other"))
    if kind == "shorter" or not array.size:
        return array[:-1] if array.size else np.zeros(3, array.dtype)
    if kind == "longer":
        return np.append(array, array[-1:])
    if kind == "other":
        return array.astype(np.uint32 if array.dtype != np.uint32 else np.int64)
    limits = np.iinfo(array.dtype)
    array[draw.randrange(len(array))] = limits.max if kind == "high" else limits.min
    return array


def test_forged_arrays_are_damage_or_say_something_possible(
    generation: Path, tmp_path: Path
) -> None:
    """Sums that fit prove nothing: every code and number is checked where it is read."""
    shutil.copytree(generation, tmp_path / "forged")
    whole = dict(ArrayFile(generation / SNAPSHOT))
    draw = random.Random(1)
    damaged = 0
    for victim in whole:
        for _ in range(6):
            arrays = {**whole, victim: forged(whole[victim], draw)}
            (tmp_path / "forged" / SNAPSHOT).unlink()
            write_arrays(tmp_path / "forged" / SNAPSHOT, arrays)
            try:
                assert_sane(Snapshot(tmp_path / "forged"))
            except (ValueError, OSError):
                damaged += 1
    assert damaged > len(whole)


def assert_sane(snapshot: Snapshot) -> None:
    size = snapshot.size
    assert snapshot.alive.view(np.uint8).max() <= 1
    assert sorted(snapshot.id_order.tolist()) == list(range(size)) == sorted(snapshot.id_rank)
    for array in (snapshot.clusters().representatives, snapshot.similar().pairs):
        assert 0 <= array.min(initial=0) <= array.max(initial=0) < size
    for facet in ("focus", "year", "org", "language"):
        codes, documents, starts = snapshot.facet(facet)
        assert 0 <= codes.min() <= codes.max() <= len(snapshot.ordinals(facet).values)
        assert 0 <= documents.min() <= documents.max() < size
        assert (len(starts), int(starts[-1])) == (size + 1, len(codes))
    assert snapshot.names().codes.max() < len(list(snapshot.ordinals("org").values))
    snapshot.hidden.get(0)
