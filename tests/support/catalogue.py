"""Updates the Estonian catalogue from the code, by Babel's own commands.

    python tests/support/catalogue.py

New messages are added to ``et.po`` with an empty translation, to be written by hand; messages that
are no longer in the code are removed.
"""

import contextlib
import tempfile
from pathlib import Path

from babel.messages.frontend import CommandLineInterface

ROOT = Path(__file__).parent.parent.parent
CATALOGUE = ROOT / "search" / "i18n" / "et.po"
PACKAGES = ("search", "webui")


def extract(template: Path) -> None:
    """Writes every message of the code to a template, as configured in ``pyproject.toml``."""
    form = ("--add-location=file", "--sort-by-file", "--no-wrap", f"--output-file={template}")
    _pybabel("extract", "--mapping-file=pyproject.toml", *form, *PACKAGES)


def update(catalogue: Path) -> None:
    """Updates ``catalogue`` to the messages of the code."""
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
