"""Whatever has happened to a file of an index: a right answer or IndexDamaged, and no pickle."""

import contextlib
import pickle
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from corpus import NOW, document, models

from search.engines.whoosh import WhooshIndex
from search.errors import IndexDamaged, IndexMismatch
from search.near_duplicates.minhash import PLACES
from search.query.ast import Alternative, And, Phrase, Prefix, Word
from search.request import SearchRequest

METS, PUIT = (Word(each, (Alternative("lemma", each),)) for each in ("mets", "puit"))
REQUEST = SearchRequest("mets")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with two segments and deleted documents."""
    path = tmp_path_factory.mktemp("index")
    index = WhooshIndex(path, keep=1)
    with index.build([], "f", NOW) as writer:
        for model in models(120, 1):
            writer.add(document(model))
    with index.extend([], "f", NOW) as writer:
        writer.delete("uudis-003")
        for model in models(3, 2, first=120):
            writer.add(replace(document(model), signature=bytes(range(PLACES)) * 2))
    return path


def asked(index: WhooshIndex) -> dict[str, Any]:
    """What all kinds of questions come to."""
    with contextlib.closing(index.open("f")) as reader:
        answers: dict[str, Any] = {}
        for name, node in {
            "word": METS,
            "both": And((METS, PUIT)),
            "phrase": Phrase((METS, PUIT), 3),
            "prefix": Prefix("pu"),
        }.items():
            answer = reader.search(node, REQUEST)
            facets = {facet: tuple(counts) for facet, counts in answer.facets.items()}
            keys = [each.key for each in answer.documents]
            places = reader.occurrences(keys, node)
            listings = reader.listings(keys)
            answers[name] = (answer.total, answer.documents, facets, places, listings)
        answers["completed"] = [
            reader.complete(kind, "m", 5) for kind in ("word", "organisation", "title")
        ]
        answers["spelling"] = reader.similar("metz"), reader.folded(["mets"])
        answers["documents"] = [reader.document(key) for key in (0, 60)]
        answers["digests"] = reader.digests()
        return answers


def test_nothing_is_unpickled(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index from elsewhere must not be able to run code: not to search, verify nor update it."""

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a pickle was read")

    index = WhooshIndex(shutil.copytree(path, tmp_path / "index"))
    asked(index)  # so that everything is imported
    for name in ("load", "loads", "Unpickler", "_load", "_loads", "_Unpickler"):
        monkeypatch.setattr(pickle, name, fail)
    before = asked(index)
    assert index.verify() == []
    with index.extend([], "f", NOW) as writer:
        for number in range(50):
            writer.delete(f"uudis-{number:03d}")
        for model in models(3, 3, first=200):
            writer.add(document(model))
    assert index.verify() == []
    assert len(list(index.stored_articles())) == index.generation().articles
    assert asked(index) != before
    index.rollback()
    assert asked(index) == before


def flipped(path: Path, content: bytes, draw: random.Random) -> None:
    at = draw.randrange(len(content))
    path.write_bytes(
        content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :]
    )


def torn(path: Path, content: bytes, draw: random.Random) -> None:
    """Some bytes are zeros, as after a power cut, or those of another place."""
    at, size = draw.randrange(len(content)), draw.choice((1, 100, 4096))
    other = draw.randrange(len(content))
    piece = draw.choice((bytes(size), content[other : other + size]))
    path.write_bytes(content[:at] + piece[: len(content) - at] + content[at + len(piece) :])


@pytest.mark.parametrize("harm", [flipped, torn])
def test_a_damaged_file_gives_a_right_answer_or_none(
    path: Path, tmp_path: Path, harm: Callable[[Path, bytes, random.Random], None]
) -> None:
    draw = random.Random(5)
    right = asked(WhooshIndex(path))
    copy = shutil.copytree(path, tmp_path / "index")
    damaged = 0
    victims = sorted(each for each in copy.glob("gen-*/*") if each.suffix != ".toc")
    for _ in range(240):
        victim = draw.choice(victims)
        content = victim.read_bytes()
        harm(victim, content, draw)
        try:
            assert asked(WhooshIndex(copy)) == right
        except (IndexDamaged, IndexMismatch):
            damaged += 1
        victim.write_bytes(content)
    assert damaged > 80
    assert asked(WhooshIndex(copy)) == right
