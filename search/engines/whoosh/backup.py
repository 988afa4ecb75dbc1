"""Backup and restore: copies of a generation, verified by its checksums while they are made.

A backup is an index with one generation, which every command can read. It is made beside its
destination and renamed when it is whole, so that a half-made one is never taken for one.
"""

import contextlib
import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from search.engines.whoosh.generation_store import GenerationStore
from search.engines.whoosh.manifest import (
    MANIFEST,
    FileFacts,
    Manifest,
    is_vector_file,
    sync_directory,
)
from search.engines.whoosh.segment.damage_guard import place_of
from search.errors import BackupExists, IndexDamaged

#: Writers may remove a generation before all its files are open; the next one is tried.
_ATTEMPTS = 5
_CHUNK = 1 << 20
_LEFT_OUT = "%s, so the copy has no such vectors: run klastriotsing meaning"
_log = logging.getLogger(__name__)


def back_up(store: GenerationStore, destination: Path) -> tuple[str, Manifest]:
    """Copy the live generation of ``store`` into a new index; its name and manifest.

    Writers need not wait and do not interfere: its files are kept open. Raises NoIndex,
    IndexDamaged, BackupExists, or IndexLocked where another backup goes to the same place.
    """
    destination = destination.absolute()
    if destination.exists() and not (destination.is_dir() and not any(destination.iterdir())):
        raise BackupExists(path=destination)
    made = GenerationStore(destination.with_name(f".{destination.name}.part"), keep=1)
    with made.locked():
        try:
            name, manifest = _copied(store, made)
            made.path.rename(destination)
        except BaseException:
            shutil.rmtree(made.path, ignore_errors=True)
            raise
    sync_directory(destination.parent)
    return name, manifest


def copy_generation(source: GenerationStore, name: str, directory: Path) -> Manifest:
    """Copy the files of a generation, but for the manifest, and flush them.

    Raises IndexDamaged if one differs from its manifest; such vector files are left out.
    """
    with contextlib.ExitStack() as stack:
        return _copy(*_opened(source, name, stack), source, name, directory)


def _copied(store: GenerationStore, made: GenerationStore) -> tuple[str, Manifest]:
    """Publishes a copy of the live generation, after removing remains of a killed one."""
    for each in made.path.glob("gen-*"):
        shutil.rmtree(each)
    (made.path / "CURRENT").unlink(missing_ok=True)
    with contextlib.ExitStack() as stack:
        name, manifest, files = _live(store, stack)
        directory = made.path / name
        directory.mkdir()
        manifest = _copy(manifest, files, store, name, directory)
    made.write(directory / MANIFEST, manifest.to_json())
    sync_directory(directory)
    made.publish(name)
    return name, manifest


def _live(
    store: GenerationStore, stack: contextlib.ExitStack
) -> tuple[str, Manifest, dict[str, BinaryIO]]:
    """The live generation with its files open."""
    for _ in range(_ATTEMPTS):
        name = store.live()
        with contextlib.ExitStack() as opening:
            try:
                manifest, files = _opened(store, name, opening)
            except IndexDamaged:
                if store.current() == name:
                    raise
                continue
            stack.push(opening.pop_all())
            return name, manifest, files
    raise IndexDamaged(index=store.path, reason="its generations go before they can be read")


def _opened(
    store: GenerationStore, name: str, stack: contextlib.ExitStack
) -> tuple[Manifest, dict[str, BinaryIO]]:
    manifest = store.manifest(name)
    if not manifest.files:  # of another version, which names them in another way
        raise IndexDamaged(index=store.path, reason=f"{name}/{MANIFEST} names no files")
    files: dict[str, BinaryIO] = {}
    for each in manifest.files:
        try:
            files[each] = stack.enter_context((store.path / name / each).open("rb"))
        except OSError as error:
            problem = f"{name}{place_of(error)}"
            if not (is_vector_file(each) and isinstance(error, FileNotFoundError)):
                raise IndexDamaged(index=store.path, reason=problem) from error
            _log.warning(_LEFT_OUT, problem)
    return manifest, files


def _copy(
    manifest: Manifest,
    files: dict[str, BinaryIO],
    store: GenerationStore,
    name: str,
    directory: Path,
) -> Manifest:
    """Copies open files, verified; the manifest of the sound ones."""
    copied = {}
    for each, file in files.items():
        with (directory / each).open("wb") as target:
            digest, size = hashlib.sha256(), 0
            for chunk in _chunks(file):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        copied[each] = facts = FileFacts(size, digest.hexdigest())
        if facts != manifest.files[each]:
            problem = f"{name}/{each} has changed"
            if not is_vector_file(each):
                raise IndexDamaged(index=store.path, reason=problem)
            _log.warning(_LEFT_OUT, problem)
            del copied[each]
            (directory / each).unlink()
    sync_directory(directory)
    return replace(manifest, files=copied)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
