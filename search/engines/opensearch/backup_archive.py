"""Writes and reads backups: the documents of a generation in one file, a manifest with a digest.

A line is a packed document and its packed vectors, both in base64, with a blank between. It needs
no server to be read, and makes a new generation on any cluster without analysis.
"""

import base64
import contextlib
import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from search.engines.opensearch.generation_manifest import GenerationManifest
from search.errors import BackupExists, BackupUnusable

_MANIFEST = "manifest.json"
_DOCUMENTS = "documents.gz"
_CHUNK = 1 << 20


def write_archive(
    destination: Path, manifest: GenerationManifest, documents: Iterable[tuple[str, bytes]]
) -> None:
    """Writes a backup of packed ``documents`` with vectors; its directory appears when it is whole.

    Raises BackupExists.
    """
    destination = destination.absolute()
    if destination.exists() and not (destination.is_dir() and not any(destination.iterdir())):
        raise BackupExists(path=destination)
    made = destination.with_name(f".{destination.name}.part")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        with (made / _DOCUMENTS).open("wb") as raw:
            with gzip.open(raw, "wt", compresslevel=1, encoding="ascii") as file:
                for packed, vectors in documents:
                    file.write(f"{packed} {base64.b64encode(vectors).decode('ascii')}\n")
            raw.flush()
            os.fsync(raw.fileno())
        facts = {**manifest.to_meta(), "sha256": _digest(made / _DOCUMENTS)}
        with (made / _MANIFEST).open("w", encoding="utf-8") as file:
            json.dump(facts, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        made.rename(destination)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


@contextlib.contextmanager
def read_archive(backup: Path) -> Iterator[tuple[GenerationManifest, Iterator[tuple[str, bytes]]]]:
    """Opens a backup: its manifest and packed documents with vectors. Raises BackupUnusable."""
    try:
        facts = json.loads((backup / _MANIFEST).read_text(encoding="utf-8"))
        manifest = GenerationManifest.from_meta(facts)
        if _digest(backup / _DOCUMENTS) != facts["sha256"]:
            raise BackupUnusable(path=backup, reason=f"{_DOCUMENTS} has changed")
        file = gzip.open(backup / _DOCUMENTS, "rt", encoding="ascii")  # noqa: SIM115
    except FileNotFoundError:
        raise BackupUnusable(path=backup, reason="there is no backup of OpenSearch") from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise BackupUnusable(path=backup, reason=f"it cannot be read: {error}") from error
    with file:
        yield manifest, map(_parted, file)


def _parted(line: str) -> tuple[str, bytes]:
    packed, _, vectors = line.rstrip("\n").partition(" ")
    return packed, base64.b64decode(vectors)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
