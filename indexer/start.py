"""Entry point of the program: checks that its packages are its own, then runs the commands.

Other programs may also have packages named ``search``, ``indexer`` and ``webui``; importing one of
those instead of ours would fail far from the cause.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

_PACKAGES = ("search", "webui")
#: Part of the first docstring line of each of our packages.
_MARK = "Klastriotsing"


def foreign_package() -> tuple[str, str] | None:
    """Name and location of a package of another program; None if all are ours."""
    house = Path(__file__).resolve().parent.parent
    for name in _PACKAGES:
        found = find_spec(name)
        origin = Path(found.origin).resolve() if found and found.origin else None
        if origin is None or origin.parent.parent != house or not _is_ours(origin):
            return name, str(origin or "nowhere")
    return None


def main() -> None:
    """Runs the command line; ends the process."""
    foreign = foreign_package()
    if foreign is not None:
        name, place = foreign
        sys.stderr.write(
            f"klastriotsing: the package “{name}” found ({place}) is not that of klastriotsing. "
            "Install klastriotsing into an environment of its own, and start it in a directory "
            f"that holds no other “{name}”\n"
        )
        sys.exit(1)
    from indexer.cli import main as run

    run()


def _is_ours(origin: Path) -> bool:
    with origin.open(encoding="utf-8", errors="replace") as file:
        return _MARK in file.readline()
