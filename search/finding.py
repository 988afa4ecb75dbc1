"""Finding: the result of one check of ``doctor``, with its severity and a remedy."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of an ``area`` has found; ``remedy`` says what to do where it is ``wrong``."""

    area: str
    state: State
    message: str
    remedy: str = ""
