"""Finding: the result of one check of ``doctor``, with its severity and a remedy."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of a check of an ``area``; ``remedy`` is what to do if it is ``wrong``."""

    area: str
    state: State
    message: str
    remedy: str = ""
