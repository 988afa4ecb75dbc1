"""Manifest of a generation: its facts, and the size and checksum of every file.

Files are flushed to the disk (fsync) when they are entered, so that a power cut cannot lose them.
"""

import errno
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.engines.whoosh.snapshot.vectors import VECTOR_SUFFIX

MANIFEST = "manifest.json"
#: Raised whenever an index of an earlier version can no longer be read.
SCHEMA_VERSION = 15
#: Between the fields of a manifest and their digest, which ends it.
_BEFORE_DIGEST, _END = ', "digest": "', '"}'
_NONE = "it is no manifest"
_FILE_NAME = re.compile(r"\w[\w.-]*", re.ASCII)
_TRANSIENT = re.compile(r".*LOCK|.*\.tmp")
#: Suffix of vector files, which search by words does not need.
_VECTORS_REMEDY = "; klastriotsing meaning makes its vectors anew"
_TEXTS = ("fingerprint", "built", "rules", "findings", "completes", "follows")
#: Written only if they are not empty.
_RARE = ("completes", "follows")
#: Errors of file systems that cannot flush a directory.
_CANNOT_SYNC = (errno.EINVAL, errno.EBADF, errno.EROFS)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Size in bytes and SHA-256 of one file of a generation."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Manifest, written last: a directory without one is left from an interrupted build.

    ``built`` is ISO 8601; ``sources`` are the paths that were indexed, as given; ``rules`` is a
    digest of what formed the facets, ``findings`` one of the code that extracted them from texts,
    empty if that is unknown or not the same for all articles. ``completes`` is the generation to
    which it adds only vectors, and whose place it takes; empty for none. ``follows`` is the place,
    as a name, of the generation that was live after a rollback when this one was made: those
    between were rolled back; empty if there are none. The text ends with a digest of all before it,
    so that a change of any byte is detected.
    """

    schema_version: int
    fingerprint: str
    articles: int
    built: str
    sources: tuple[str, ...]
    files: Mapping[str, FileFacts]
    rules: str = ""
    findings: str = ""
    completes: str = ""
    follows: str = ""

    def to_json(self) -> str:
        data = {name: getattr(self, name) for name in self.__slots__}
        for name in _RARE:
            if not data[name]:
                del data[name]
        files = self.files.items()
        data["files"] = {name: {"size": each.size, "sha256": each.sha256} for name, each in files}
        text = json.dumps(data, ensure_ascii=False).removesuffix("}")
        return f"{text}{_BEFORE_DIGEST}{_digest(text)}{_END}"

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read :meth:`to_json` back. Raises ValueError, in plain words, for something else.

        Of one of another version, which may have had neither a digest nor all that there is now,
        only known fields are read, as it is only found not to fit.
        """
        try:
            data: dict[str, Any] = json.loads(text)
            version = data["schema_version"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise ValueError(_NONE) from error
        fields, has_digest, digest = text.rpartition(_BEFORE_DIGEST)
        is_other = version != SCHEMA_VERSION
        if (has_digest or not is_other) and digest != _digest(fields) + _END:
            raise ValueError("it has changed since it was written")
        known = {name: data[name] for name in cls.__slots__ if name in data}
        if is_other:
            known = {"fingerprint": "", "articles": 0, "built": "", "files": {}, **known}
        known["sources"] = known.get("sources") or []
        _check_types(known)
        known["files"] = {name: FileFacts(**facts) for name, facts in known["files"].items()}
        known["sources"] = tuple(known["sources"])
        try:
            return cls(**known)
        except TypeError as error:  # something is missing
            raise ValueError(_NONE) from error


def _check_types(known: Mapping[str, Any]) -> None:
    """Raises ValueError if a field of a manifest is of a wrong type."""
    texts = [known.get(name, "") for name in _TEXTS]
    numbers = [known["schema_version"], known.get("articles", 0)]
    files = known.get("files", {})
    fits = isinstance(files, dict) and isinstance(known["sources"], list)
    if fits:
        texts += known["sources"]
        for name, facts in files.items():
            # Anything but a name could lead a copy out of its directory.
            fits = fits and bool(_FILE_NAME.fullmatch(name))
            fits = fits and isinstance(facts, dict) and facts.keys() == {"size", "sha256"}
            if fits:
                texts.append(facts["sha256"])
                numbers.append(facts["size"])
    fits = fits and all(isinstance(each, str) for each in texts)
    # True is a number to Python.
    if not fits or any(type(each) is not int or each < 0 for each in numbers):
        raise ValueError(_NONE)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_facts(path: Path) -> FileFacts:
    """Size and checksum of a file, read in pieces."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileFacts(path.stat().st_size, digest)


def problems(
    directory: Path, manifest: Manifest, *, checksums: bool, vectors: bool = True
) -> dict[str, str]:
    """Problems of files of a generation, a sentence by name; sizes only, or all bytes.

    Vector files, which words do not need, are left out without ``vectors``.
    """
    with os.scandir(directory) as entries:
        sizes = {each.name: each.stat().st_size for each in entries if each.is_file()}
    found = {}
    for name, facts in manifest.files.items():
        end = _VECTORS_REMEDY if is_vector_file(name) else ""
        if end and not vectors:
            continue
        if name not in sizes:
            found[name] = f"{name} is missing{end}"
        elif sizes[name] != facts.size:
            found[name] = f"{name} has {sizes[name]} bytes instead of {facts.size}{end}"
        elif checksums and read_facts(directory / name) != facts:
            found[name] = f"{name} has changed{end}"
    return found


def is_vector_file(name: str) -> bool:
    """Is it a vector file, which search by words does not need?"""
    return name.endswith(VECTOR_SUFFIX)


def sync_files(directory: Path, shared: Mapping[str, FileFacts]) -> dict[str, FileFacts]:
    """Flushes all new files of ``directory``; facts of all files, those ``shared`` as they were."""
    facts = {}
    for name in sorted(each.name for each in os.scandir(directory) if each.is_file()):
        if name in shared:
            facts[name] = shared[name]
        elif not _TRANSIENT.fullmatch(name):
            sync(directory / name)
            facts[name] = read_facts(directory / name)
    sync_directory(directory)
    return facts


def sync_directory(path: Path) -> None:
    """Flushes a directory, if its file system can."""
    try:
        sync(path)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise


def sync(path: Path) -> None:
    """Flushes a file or a directory to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
