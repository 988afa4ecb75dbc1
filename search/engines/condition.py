"""Condition of what an engine stands on, as ``doctor`` tells it: what is so, and what to do."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is so; ``remedy`` says what to do where it is ``wrong``."""

    state: State
    message: str
    remedy: str = ""
