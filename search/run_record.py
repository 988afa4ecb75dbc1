"""Record of an indexing run, stored with the generation that it wrote.

Its file is one of the generation: flushed, in the manifest, verified like the others.
"""

import json
from dataclasses import dataclass
from typing import Any

from search.errors import SourceError

RECORD = "report.json"
#: Limits of the stored errors and notes of a run; all are counted.
MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Counts of articles by outcome, and the first failed files.

    ``started`` is ISO 8601, ``seconds`` the duration until only this was left to write,
    ``articles`` the number in the generation. ``failed`` and ``noted`` count all errors and notes;
    ``errors`` and ``notes`` hold the first ``MOST_KEPT``.
    """

    started: str
    seconds: float
    added: int
    updated: int
    unchanged: int
    removed: int
    articles: int
    failed: int
    errors: tuple[SourceError, ...]
    noted: int
    notes: tuple[str, ...]

    def to_json(self) -> str:
        data = {name: getattr(self, name) for name in self.__slots__}
        data["seconds"] = round(self.seconds, 3)
        data["errors"] = [_error_to_dict(each) for each in self.errors]
        return json.dumps(data, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "RunRecord":
        """Reads :meth:`to_json` back. Raises ValueError, KeyError or TypeError for other texts."""
        data: dict[str, Any] = json.loads(text)
        return cls(
            started=str(data["started"]),
            seconds=float(data["seconds"]),
            **{name: int(data[name]) for name in _COUNTS},
            errors=tuple(_error_from_dict(each) for each in data["errors"]),
            notes=tuple(map(str, data["notes"])),
        )


_COUNTS = ("added", "updated", "unchanged", "removed", "articles", "failed", "noted")


def _error_to_dict(error: SourceError) -> dict[str, Any]:
    values = {name: str(value) for name, value in error.values.items()}
    return {"code": error.code, "message": str(error), "values": values}


def _error_from_dict(data: dict[str, Any]) -> SourceError:
    """Restores an error; one of an unknown class keeps its message."""
    known = {each.code: each for each in SourceError.__subclasses__()}
    try:
        return known[data["code"]](**data["values"])
    except KeyError:
        return SourceError(**{**data["values"], "message": data["message"]})
