"""Describes an unexpected error in one line, with the place where it was raised."""

import traceback
from pathlib import Path

_LONGEST = 300


def described(error: Exception) -> str:
    """Class, message and place of ``error``, such as “ValueError: x, at parser.py:12”."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    message = " ".join(f"{type(error).__name__}: {error}".split())
    return f"{message[:_LONGEST]}, at {Path(place.filename).name}:{place.lineno}"
