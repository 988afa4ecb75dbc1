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
from search.engines.whoosh.storage.snapshot import BASE, SNAPSHOT, Snapshot
from search.engines.whoosh.storage.taking_on import write_snapshot
from whoosh.index import open_dir

from search.article import Extracted, PartialDate
from search.engines.contract import IndexedDocument
from search.engines.whoosh import WhooshIndex
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
    arrays, ids, alive = snapshot.arrays, list(snapshot.ids), snapshot.alive
    likes, names, stories = snapshot.likes(), snapshot.names(), snapshot.stories()
    pairs = zip(likes.pairs.tolist(), likes.support.tolist(), strict=True)
    values = snapshot.table("org").values
    held = {each for segment in snapshot.parts.segments for each in segment.facet("org").values}
    entries = zip(names.codes.tolist(), names.words.tolist(), strict=True)
    hidden = (each.tolist() for each in snapshot.hidden)
    said: dict[str, Any] = {
        "alive": {ids[number] for number in np.flatnonzero(alive)},
        "order": [ids[number] for number in arrays["id_order"] if alive[number]],
        "rank": np.argsort(snapshot.id_rank).tolist() == arrays["id_order"].tolist(),
        "pairs": {(*sorted(map(ids.__getitem__, pair)), times) for pair, times in pairs},
        "hidden": {(ids[number], value) for number, value in zip(*hidden, strict=True)},
        "names": [(values[code], word) for code, word in entries if values[code] in held],
        "published": dict(zip(ids, snapshot.column("published").tolist(), strict=True)),
    }
    for name, row in (("leaders", arrays["leaders"]), ("stands_for", stories.stands_for)):
        living = np.flatnonzero(alive & (row >= 0)).tolist()
        said[name] = {ids[number]: ids[row[number]] for number in living}
    for name, row in (("shown", stories.shown), ("grouped", stories.grouped)):
        said[name] = {ids[number] for number in np.flatnonzero(row)}
    for name in ("focus", "year", "org", "language"):
        codes, documents, starts = snapshot.facet(name)
        called = [*snapshot.table(name).values, None]
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


def test_what_is_known_of_large_segments_is_shared_until_much_has_changed(tmp_path: Path) -> None:
    draw = random.Random(3)
    generations = WhooshIndex(tmp_path / "index")
    with generations.build([], "f", NOW) as writer:
        for number in range(150):
            writer.add(drawn(number, draw))
    bases = [(tmp_path / "index/gen-000001" / BASE).stat().st_ino]
    for change in range(5):
        with generations.extend([], "f", NOW) as writer:
            writer.delete(f"uudis-{change:03d}")
            for number in range(150 + 30 * change, 180 + 30 * change):
                writer.add(drawn(number, draw))
        directory = tmp_path / "index" / str(generations.current())
        assert told(directory) == told(anew(directory, tmp_path / f"whole-{change}"))
        bases.append((directory / BASE).stat().st_ino)
    assert bases[0] == bases[1] == bases[2] != bases[3]
    assert generations.verify() == []


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
    shutil.copytree(directory, whole)
    (whole / SNAPSHOT).unlink()
    (whole / BASE).unlink()
    write_snapshot(whole, open_dir(whole)._read_toc().segments, None)
    return whole
