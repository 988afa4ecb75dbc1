"""Cache of indexes between benchmarks, because filling the rivals takes longest."""

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kept:
    """Cached indexes in ``directory``, made of ``material`` (one line).

    A note beside an index records that it is complete, and its material. An index without one is
    removed: it was left half filled, was changed, or is of another material.
    """

    directory: Path
    material: str

    def has(self, name: str) -> bool:
        """True if the index ``name`` is complete and of this material; else removes it."""
        note = self._note(name)
        if note.is_file() and note.read_text(encoding="utf-8") == self.material:
            return True
        shutil.rmtree(self.directory / name, ignore_errors=True)
        return False

    def keep(self, name: str) -> None:
        """Marks the index ``name`` as complete."""
        self._note(name).write_text(self.material, encoding="utf-8")

    def forget(self, name: str) -> None:
        """Marks the index ``name`` as incomplete, before it changes."""
        self._note(name).unlink(missing_ok=True)

    def _note(self, name: str) -> Path:
        return self.directory / f"{name}.whole"
