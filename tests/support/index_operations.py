"""All operations that change an index on disk, for tests of faults and power cuts."""

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from corpus import NOW, document, models

from search.engines.contract import ArticleVectors, Index, PassageVector
from search.engines.registry import open_index
from search.errors import IndexDamaged, KlastriError, NoIndex
from search.query.ast import Alternative, Word
from search.request import SearchRequest

KEEP = 2
INDEX, BACKUP, MODEL = "index", "varu", "mudel"
METS = Word("mets", (Alternative("lemma", "mets"),))
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation on the index below a folder; ``changes`` if it changes answers."""

    name: str
    run: Callable[[Path], object]
    starts_empty: bool = False
    changes: bool = True


def index_of(folder: Path) -> Index:
    return open_index(folder / INDEX, keep=KEEP)


def build(folder: Path, count: int = 6, seed: int = 9) -> None:
    with index_of(folder).build(["made up"], "f", NOW) as writer:
        for model in models(count, seed):
            writer.add(document(model))


def extend(folder: Path) -> None:
    """Deletes and adds, merges small segments, and shares the large one."""
    with index_of(folder).extend(["more"], "f", NOW) as writer:
        writer.delete("uudis-003")
        for model in models(2, 5, first=60):
            writer.add(document(model))


def fill_in(folder: Path) -> None:
    """Adds vectors, which are merged with existing ones."""
    live = index_of(folder)
    with contextlib.closing(live.open_stored()) as stored:
        digests = stored.digests()
        missing = stored.without_vectors(MODEL)[:8]
    vector = np.full(16, 0.25, dtype=np.float32)
    passages = {each: PassageVector(0, 1, each.encode().ljust(16), vector) for each in missing}
    batch = [ArticleVectors(each, digests[each], (passages[each],)) for each in missing]
    live.add_vectors(MODEL, batch)


OPERATIONS = (
    Operation("first reindex", build, starts_empty=True),
    Operation("reindex", build),
    Operation("index", extend),
    Operation("meaning", fill_in),
    Operation("rollback", lambda folder: index_of(folder).rollback()),
    Operation("restore", lambda folder: index_of(folder).restore(folder / BACKUP)),
    Operation("backup", lambda folder: index_of(folder).backup(folder / "uus"), changes=False),
)


def prepare(folder: Path) -> None:
    """Makes an index of two generations that share a file, and a backup of an earlier one."""
    build(folder, 20, seed=1)
    fill_in(folder)
    index_of(folder).backup(folder / BACKUP)
    with index_of(folder).extend([], "f", NOW) as writer:
        for model in models(3, 2, first=40):
            writer.add(document(model))


def copy(template: Path, folder: Path, *, empty: bool = False) -> Path:
    """Copies the prepared folder, preserving hard links."""
    if empty:
        folder.mkdir()
        return folder
    shutil.copytree(template, folder)
    first, second = sorted((folder / INDEX).glob("gen-*"))
    for each in (*second.glob("*.seg"), *second.glob("*.vec")):
        if (first / each.name).exists():
            each.unlink()
            each.hardlink_to(first / each.name)
    return folder


def answers(path: Path) -> str:
    """Digest of an index's answers; NOTHING without an index. Raises IndexDamaged."""
    index = open_index(path)
    try:
        reader = index.open("f")
    except NoIndex:
        return NOTHING
    found = reader.search(METS, SearchRequest("mets"))
    ids = sorted(reader.article_ids())
    listed = [each.title for each in reader.listings([each.key for each in found.documents])]
    done = reader.vector_status(MODEL).done
    said = repr((ids, found.total, [each.score for each in found.documents], listed, done))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def fallback_answers(path: Path) -> str:
    """Answers of the first sound generation besides the live one."""
    index = open_index(path)
    for name in index.fallbacks():
        try:
            assert index.verify("f", name) == []
        except KlastriError:
            continue
        index.open("f", name=name)
        return name
    return NOTHING


def wrong_after(
    folder: Path, allowed: Mapping[str, str], *, heals: bool = True, is_backed_up: bool = False
) -> str:
    """Describes what is wrong with an index after a fault; empty if nothing is.

    ``allowed`` are its possible answers. It must verify, and the next run must leave nothing
    behind. A first build that ended before the switch leaves a whole generation, which answers. A
    backup is whole or missing; with ``is_backed_up`` it must exist.
    """
    path = folder / INDEX
    try:
        found = answers(path)
        problems = open_index(path).verify("f") if found != NOTHING else []
    except IndexDamaged as error:
        is_first = allowed.get("old") == NOTHING and "CURRENT is missing" in str(error)
        if not is_first or fallback_answers(path) == NOTHING:
            return f"cannot be opened: {error}"
        found, problems = NOTHING, []
    if found not in allowed.values():
        return f"answers {found} instead of {allowed}"
    if problems:
        return f"does not verify: {problems}"
    backup = folder / "uus"
    if (is_backed_up or backup.exists()) and answers(backup) != allowed["old"]:
        return "the backup is not whole"
    return _wrong_when_healed(folder) if heals else ""


def _wrong_when_healed(folder: Path) -> str:
    build(folder, 4, seed=3)
    path = folder / INDEX
    if problems := open_index(path).verify("f"):
        return f"does not verify after the next run: {problems}"
    names = {each.name for each in path.iterdir()}
    generations = {each for each in names if each.startswith("gen-")}
    left = names - generations - {"CURRENT", ".lock"}
    if left or len(generations) > KEEP:
        return f"the next run leaves {sorted(left)}, {sorted(generations)}"
    if any(not (path / each / "manifest.json").is_file() for each in generations):
        return "the next run leaves half a generation"
    shutil.rmtree(folder / "uus", ignore_errors=True)
    index_of(folder).backup(folder / "uus")
    return ""
