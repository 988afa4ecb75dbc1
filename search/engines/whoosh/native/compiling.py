"""Building the library from its sources; nothing but Python's own modules is needed for it."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

#: Where the sources stand, and what is built beside them.
ROOM = Path(__file__).parent
LIBRARY = "klastriotsing.so"
#: Rounded after every operation, as arrays are: a product and a sum never become one.
_OPTIONS = ("-std=c11", "-O3", "-ffp-contract=off", "-fPIC", "-shared")


def digest(room: Path = ROOM) -> str:
    """What tells a library built from the sources in ``room`` from those built of others."""
    digested = hashlib.sha256()
    for path in sorted((*room.glob("*.c"), *room.glob("*.h"))):
        digested.update(path.read_bytes())
    return digested.hexdigest()[:16]


def compiler() -> str | None:
    """The C compiler of this machine, or the one that ``CC`` names; None if there is none."""
    return shutil.which(os.environ.get("CC") or "cc")


def compile_library(room: Path = ROOM) -> str:
    """Build the library from the sources in ``room``; why it could not be, empty if it was."""
    command = compiler()
    if command is None:
        return "there is no C compiler"
    begun = room / f"{LIBRARY}.{os.getpid()}"
    sources = sorted(str(each) for each in room.glob("*.c"))
    done = subprocess.run(  # noqa: S603 - the compiler of this machine, over our own sources
        [command, *_OPTIONS, f'-DDIGEST="{digest(room)}"', *sources, "-o", str(begun), "-lm"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        begun.unlink(missing_ok=True)
        return done.stderr.strip() or f"{command} failed"
    begun.replace(room / LIBRARY)
    return ""
