"""Channels keep apart, within one field, the lemmas that the context makes likely, compound parts,
surface forms, the lemmas of less likely readings, the stems of words of other languages, and the
first letters of Estonian words.

A term in the index is one channel character and the text, so that phrases work across channels
while posting lists stay separate.
"""

from typing import Literal

Channel = Literal["lemma", "part", "surface", "reading", "stem", "letters"]
LEMMA = "l"
PART = "p"
SURFACE = "s"
READING = "r"
STEM = "x"
LETTERS = "f"
PREFIXES: dict[Channel, str] = {
    "lemma": LEMMA,
    "part": PART,
    "surface": SURFACE,
    "reading": READING,
    "stem": STEM,
    "letters": LETTERS,
}


def term(channel: Channel, text: str) -> str:
    """``text`` as a term of ``channel``.

    >>> term("lemma", "klaster")
    'lklaster'
    """
    return PREFIXES[channel] + text


def split_term(indexed: str) -> tuple[Channel, str]:
    """Channel and text of an indexed term."""
    for channel, prefix in PREFIXES.items():
        if indexed.startswith(prefix):
            return channel, indexed[len(prefix) :]
    raise ValueError(indexed)
