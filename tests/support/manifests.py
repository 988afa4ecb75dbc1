"""Alters manifests of generations."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from search.engines.whoosh.manifest import MANIFEST, Manifest


def alter_manifest(generation: Path, **changes: Any) -> None:
    """Changes values of a generation's manifest, as if it had been written so."""
    path = generation / MANIFEST
    manifest = Manifest.from_json(path.read_text(encoding="utf-8"))
    path.write_text(replace(manifest, **changes).to_json(), encoding="utf-8")


def make_earlier(generation: Path) -> None:
    """Converts the manifest to an earlier version, which had no digest."""
    alter_manifest(generation, schema_version=8)
    path = generation / MANIFEST
    said, _, _ = path.read_text(encoding="utf-8").rpartition(', "digest"')
    path.write_text(said + "}", encoding="utf-8")
