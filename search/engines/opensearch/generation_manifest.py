"""Manifest of a generation, kept in the mapping of its index.

A generation is ``NAME-gen-000001`` with ``NAME-gen-000001-words`` beside it. One without a manifest
was never finished.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from search.engines.opensearch.index_mapping import SCHEMA_VERSION
from search.engines.opensearch.term_scoring import Lengths


@dataclass(frozen=True, slots=True)
class VectorCounts:
    """How many articles have vectors, with how many passages, in how many bytes."""

    articles: int = 0
    passages: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class GenerationManifest:
    """Facts of a generation that are known without reading its documents.

    ``lengths``, ``mean_length`` (of body and three times the title, of all documents) and
    ``newest`` (the age of the newest article) have a part in scores; ``renamed`` and
    ``other_names`` are names of organisations with those that are shown; ``has_clusters`` if
    there are near-duplicates. ``record`` is the JSON of its run. Vectors are of ``model``;
    ``completes`` names the generation to which it adds nothing but vectors.
    """

    schema_version: int
    fingerprint: str
    articles: int
    built: str
    sources: tuple[str, ...]
    rules: str = ""
    findings: str = ""
    record: str = ""
    has_clusters: bool = False
    newest: float | None = None
    lengths: Lengths = field(default_factory=Lengths)
    mean_length: float = 1.0
    renamed: Mapping[str, str] = field(default_factory=dict)
    other_names: Mapping[str, str] = field(default_factory=dict)
    model: str = ""
    vectors: VectorCounts = field(default_factory=VectorCounts)
    completes: str = ""

    @property
    def fits(self) -> bool:
        """Has it the schema version that this program reads?"""
        return self.schema_version == SCHEMA_VERSION

    def to_meta(self) -> dict[str, Any]:
        """Serialises it for the ``_meta`` of a mapping."""
        return {"manifest": json.dumps(asdict(self), ensure_ascii=False)}

    @classmethod
    def from_meta(cls, meta: Mapping[str, Any]) -> "GenerationManifest":
        """Reads :meth:`to_meta` back. Raises ValueError."""
        try:
            data = json.loads(meta["manifest"])
            if data["schema_version"] != SCHEMA_VERSION:
                # The rest may have another form; ``fits`` is False.
                return cls(data["schema_version"], "", 0, "", ())
            data["sources"] = tuple(data["sources"])
            data["lengths"] = Lengths(**data["lengths"])
            data["vectors"] = VectorCounts(**data["vectors"])
            return cls(**data)
        except (ValueError, LookupError, TypeError) as error:
            raise ValueError("its manifest cannot be read") from error
