"""Flushes files to the disk (fsync), so that a power cut cannot take them."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from search.engines.whoosh.manifest import FileFacts, read_facts

_TRANSIENT = re.compile(r".*LOCK|.*\.tmp")


def sync_files(directory: Path, shared: Mapping[str, FileFacts]) -> dict[str, FileFacts]:
    """Flush every new file of ``directory``; facts of all files, carried over where ``shared``."""
    held = sorted(each.name for each in os.scandir(directory) if each.is_file())
    facts = {}
    for name in held:
        if not _TRANSIENT.fullmatch(name):
            facts[name] = shared.get(name) or _flushed(directory / name)
    sync(directory)
    return facts


def _flushed(path: Path) -> FileFacts:
    sync(path)
    return read_facts(path)


def sync(path: Path) -> None:
    """Wait until a file, or what a directory names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
