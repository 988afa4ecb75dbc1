"""Finds the browser of the tests; none is ever downloaded."""

import os
import shutil


def chromium_path() -> str | None:
    """``$CHROMIUM``, else Debian's headless shell of Chromium, else its desktop program.

    All have the same engine; the shell has no desktop UI and takes a third of the time.
    """
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium-headless-shell") or shutil.which("chromium")
