"""What a manifest may say, and how it is told that a file is none."""

import json
from pathlib import Path
from typing import Any

import pytest

from search.engines.whoosh.generation_store import GenerationStore
from search.engines.whoosh.manifest import MANIFEST, SCHEMA_VERSION, FileFacts, Manifest
from search.errors import IndexDamaged

SOUND = Manifest(SCHEMA_VERSION, "f", 3, "2026-11-29T10:00:00+00:00", ("uudised",), {})
FACTS = FileFacts(1, "ab")
NO_TEXTS = (
    *(b"", b"\xd1\xd2 \xff", b"[" * 100_000, b"null", b"[]", b"{}", b'"a"'),
    b'{"schema_version": ' + b"9" * 5_000 + b"}",
)
WRONG: tuple[dict[str, Any], ...] = (
    {"schema_version": "15"},
    {"schema_version": None},
    {"schema_version": [3], "files": {}},
    {"schema_version": 3, "files": [1]},
    {"schema_version": 3, "files": {"a": 5}},
    {"schema_version": 3, "sources": 5},
)
CHANGES: tuple[dict[str, Any], ...] = (
    *({"articles": each} for each in ("six", -1, None, True)),
    *({"built": 5}, {"fingerprint": None}, {"rules": []}, {"sources": (5,)}),
    *({"files": {name: FACTS}} for name in ("../a", "/etc/passwd", "a/b", "..", "a\0", "")),
    *({"files": {"a": each}} for each in (FileFacts("1", "ab"), FileFacts(1, 2))),  # type: ignore[arg-type]
)


def told(folder: Path, content: bytes) -> str:
    (folder / "gen-000001").mkdir()
    (folder / "gen-000001" / MANIFEST).write_bytes(content)
    with pytest.raises(IndexDamaged) as raised:
        GenerationStore(folder).manifest("gen-000001")
    return str(raised.value.values["reason"])


@pytest.mark.parametrize("content", [*NO_TEXTS, *(json.dumps(each).encode() for each in WRONG)])
def test_what_is_no_manifest_is_told_in_plain_words(tmp_path: Path, content: bytes) -> None:
    assert told(tmp_path, content) == f"gen-000001/{MANIFEST}: it is no manifest"


@pytest.mark.parametrize("change", CHANGES)
def test_a_signed_manifest_of_other_kinds_is_none(tmp_path: Path, change: dict[str, Any]) -> None:
    data = {name: getattr(SOUND, name) for name in Manifest.__slots__} | change
    content = Manifest(**data).to_json().encode()
    assert told(tmp_path, content) == f"gen-000001/{MANIFEST}: it is no manifest"


def test_a_manifest_comes_back_as_it_was() -> None:
    held = Manifest.from_json(SOUND.to_json())
    assert held == SOUND
