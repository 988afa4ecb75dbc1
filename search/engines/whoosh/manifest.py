"""The manifest of a generation: what it holds and the size and checksum of every file."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
#: Raised whenever an index of an earlier version can no longer be read.
SCHEMA_VERSION = 10
#: What stands between what a manifest says and the digest of that, which ends it.
_BEFORE_DIGEST, _END = ', "digest": "', '"}'


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Size in bytes and SHA-256 of one file of a generation."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written last, so a directory without one is the remains of an interrupted build.

    ``built`` is ISO 8601; ``sources`` are the paths that were indexed, as given; ``rules`` is a
    digest of what the facets were formed by, ``findings`` one of what found them in the texts,
    empty if that is not known or not the same for all articles. Its text ends with a digest of all
    that stands before, so that a change of any of its bytes is noticed.
    """

    schema_version: int
    fingerprint: str
    articles: int
    built: str
    sources: tuple[str, ...]
    files: Mapping[str, FileFacts]
    rules: str = ""
    findings: str = ""

    def to_json(self) -> str:
        data = {name: getattr(self, name) for name in self.__slots__}
        files = self.files.items()
        data["files"] = {name: {"size": each.size, "sha256": each.sha256} for name, each in files}
        said = json.dumps(data, ensure_ascii=False).removesuffix("}")
        return f"{said}{_BEFORE_DIGEST}{_digest(said)}{_END}"

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read :meth:`to_json` back. Raises ValueError, KeyError or TypeError for something else.

        Those of earlier versions had no digest.
        """
        data: dict[str, Any] = json.loads(text)
        said, has_digest, digest = text.rpartition(_BEFORE_DIGEST)
        is_earlier = not has_digest and data["schema_version"] < SCHEMA_VERSION
        if not is_earlier and digest != _digest(said) + _END:
            raise ValueError("it has changed since it was written")
        files = {name: FileFacts(**facts) for name, facts in data["files"].items()}
        return cls(
            schema_version=data["schema_version"],
            fingerprint=data["fingerprint"],
            articles=data["articles"],
            built=data["built"],
            sources=tuple(data["sources"]),
            files=files,
            rules=data.get("rules", ""),
            findings=data.get("findings", ""),
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_facts(path: Path) -> FileFacts:
    """Size and checksum of a file, read in pieces."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileFacts(path.stat().st_size, digest)


def problems(directory: Path, manifest: Manifest, *, checksums: bool) -> list[str]:
    """What is wrong with the files of a generation, a sentence each; sizes only, or all bytes."""
    with os.scandir(directory) as entries:
        sizes = {each.name: each.stat().st_size for each in entries if each.is_file()}
    found = []
    for name, facts in manifest.files.items():
        if name not in sizes:
            found.append(f"{name} is missing")
        elif sizes[name] != facts.size:
            found.append(f"{name} has {sizes[name]} bytes instead of {facts.size}")
        elif checksums and read_facts(directory / name) != facts:
            found.append(f"{name} has changed")
    return found
