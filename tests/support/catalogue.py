"""Brings the Estonian catalogue in line with the code, by Babel's own commands.

    python tests/support/catalogue.py

What is new in the code stands in ``et.po`` with an empty text afterwards, for somebody to write;
what the code no longer says is gone.
"""

import contextlib
import tempfile
from pathlib import Path

from babel.messages.frontend import CommandLineInterface

ROOT = Path(__file__).parent.parent.parent
CATALOGUE = ROOT / "search" / "i18n" / "et.po"
PACKAGES = ("search", "webui")


def extract(template: Path) -> None:
    """Write every message of the code to a template, found as ``pyproject.toml`` says."""
    form = ("--add-location=file", "--sort-by-file", "--no-wrap", f"--output-file={template}")
    _pybabel("extract", "--mapping-file=pyproject.toml", *form, *PACKAGES)


def update(catalogue: Path) -> None:
    """Let ``catalogue`` hold what the code says, and nothing else."""
    kept = ("--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date", "--no-wrap")
    with tempfile.TemporaryDirectory() as directory:
        template = Path(directory) / "messages.pot"
        extract(template)
        files = (f"--input-file={template}", f"--output-file={catalogue}")
        _pybabel("update", *kept, *files, "--locale=et")


def _pybabel(*arguments: str) -> None:
    with contextlib.chdir(ROOT):
        CommandLineInterface().run(["pybabel", "--quiet", *arguments])


if __name__ == "__main__":
    update(CATALOGUE)
