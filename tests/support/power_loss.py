"""Simulates what a power cut may leave of a directory: replays recorded calls with losses.

Only flushed data is durable: the bytes of a file by fsync of the file, the names in a directory by
fsync of the directory. Anything else may be lost, in any order: each change of a name in a
directory, and each write, also in part. A rename is atomic.
"""

import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from disk_calls import Call


@dataclass(eq=False, slots=True)
class _File:
    """Durable bytes, and pending writes (place, bytes; None bytes: truncated there)."""

    sure: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def content(self, chosen: Sequence[tuple[int, bytes | None]]) -> bytes:
        data = bytearray(self.sure)
        for at, piece in chosen:
            if piece is None:
                del data[at:]
                data.extend(bytes(at - len(data)))
            else:
                data.extend(bytes(max(at - len(data), 0)))
                data[at : at + len(piece)] = piece
        return bytes(data)


@dataclass(eq=False, slots=True)
class _Directory:
    """Durable names, and pending changes of names; None removes a name."""

    sure: dict[str, "_Node"] = field(default_factory=dict)
    pending: list[dict[str, "_Node | None"]] = field(default_factory=list)

    def names(self, chosen: Iterable[dict[str, "_Node | None"]]) -> dict[str, "_Node"]:
        names: dict[str, _Node | None] = dict(self.sure)
        for each in chosen:
            names.update(each)
        return {name: node for name, node in names.items() if node is not None}


_Node = _File | _Directory
#: Selects the pending changes that survive the power cut.
Choice = Callable[[list], list]


def states(
    before: Path, calls: Sequence[Call], cut: int, draws: Iterable[random.Random]
) -> Iterator[dict[str, bytes | None]]:
    """Yields directories as a power cut after ``cut`` of the ``calls`` may leave them, each once.

    ``before`` is the durable initial state; None is a directory. The first state has lost
    everything that can be lost, the second nothing, the next ones each a single change of names or
    all writes to one file, the others a random selection.
    """
    root = _loaded(before)
    for call in calls[:cut]:
        _replay(root, call)
    seen = set()
    choices: list[Choice] = [lambda _: [], lambda pending: pending, *_one_lost(root)]
    for choose in (*choices, *map(_drawn, draws)):
        state = dict(_state(root, "", choose))
        key = hash(tuple(sorted(state.items(), key=lambda each: each[0])))
        if key not in seen:
            seen.add(key)
            yield state


def write_state(state: dict[str, bytes | None], folder: Path) -> None:
    """Writes ``state`` to ``folder``."""
    folder.mkdir()
    for name, content in sorted(state.items()):
        if content is None:
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(content)


def _one_lost(node: _Node) -> Iterator[Choice]:
    """Yields a choice without each change of names, and one without the writes of each file."""
    if isinstance(node, _File):
        if node.pending:
            yield lambda pending, own=node.pending: [] if pending is own else pending
        return
    for each in node.pending:
        yield lambda pending, lost=each: [one for one in pending if one is not lost]
    for each in node.names(node.pending).values():
        yield from _one_lost(each)


def _drawn(draw: random.Random) -> Choice:
    """Random choice that loses all, nothing, the last ones, or any; a write also in part."""

    def choose(pending: list) -> list:
        way = draw.randrange(4)
        if way == 0 or not pending:
            return list(pending)
        if way == 1:
            kept = pending[: draw.randrange(len(pending) + 1)]
        else:
            share = draw.choice((0.0, 0.5, 0.9))
            kept = [each for each in pending if draw.random() < share]
        return [_torn(each, draw) for each in kept]

    return choose


def _torn(change: object, draw: random.Random) -> object:
    if isinstance(change, tuple) and change[1] and draw.random() < 0.2:
        at, piece = change
        return at, piece[: draw.randrange(len(piece))]
    return change


def _loaded(path: Path) -> _Directory:
    """Loads a directory, with hard links as one file."""
    known: dict[int, _Node] = {}

    def load(place: Path) -> _Node:
        if place.is_dir():
            return _Directory({each.name: load(each) for each in place.iterdir()})
        return known.setdefault(place.stat().st_ino, _File(place.read_bytes()))

    root = load(path)
    assert isinstance(root, _Directory)
    return root


def _find(root: _Directory, path: str) -> _Node:
    node: _Node = root
    for step in PurePosixPath(path).parts:
        assert isinstance(node, _Directory)
        node = node.names(node.pending)[step]
    return node


def _replay(root: _Directory, call: Call) -> None:
    if call.name in ("write", "truncate", "fsync"):
        node = _find(root, call.path)
        if call.name == "fsync" and isinstance(node, _Directory):
            node.sure, node.pending = node.names(node.pending), []
        elif isinstance(node, _File) and call.name == "fsync":
            node.sure, node.pending = node.content(node.pending), []
        elif isinstance(node, _File):
            node.pending.append((call.at, call.data if call.name == "write" else None))
        return
    folder, name = os.path.split(call.path)
    directory = _find(root, folder)
    assert isinstance(directory, _Directory)
    if call.name in ("unlink", "remove", "rmdir"):
        directory.pending.append({name: None})
    elif call.name == "rename":
        to, other = os.path.split(call.to)
        assert to == folder, "a rename from one directory to another"
        directory.pending.append({name: None, other: _find(root, call.path)})
    elif call.name == "link":
        to, other = os.path.split(call.to)
        target = _find(root, to)
        assert isinstance(target, _Directory)
        target.pending.append({other: _find(root, call.path)})
    else:
        directory.pending.append({name: _Directory() if call.name == "mkdir" else _File()})


def _state(directory: _Directory, path: str, choose: Choice) -> Iterator[tuple[str, bytes | None]]:
    for name, node in directory.names(choose(directory.pending)).items():
        place = f"{path}{name}"
        if isinstance(node, _Directory):
            yield place, None
            yield from _state(node, f"{place}/", choose)
        else:
            yield place, node.content(choose(node.pending))
