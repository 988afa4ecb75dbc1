"""Pieces that several pages are made of: marked text and labelled addresses."""

from collections.abc import Iterable
from dataclasses import dataclass

from search.results import Mark


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text, marked or not."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled address; ``current`` where it leads to what is shown already."""

    label: str
    url: str
    current: bool = False


def segments(text: str, marks: Iterable[Mark]) -> tuple[Segment, ...]:
    """Cut ``text`` at its marks; marks that overlap run together."""
    pieces: list[Segment] = []
    done = 0
    for mark in sorted(marks, key=lambda each: (each.start, each.end)):
        start, end = max(mark.start, done), min(mark.end, len(text))
        if start >= end:
            continue
        if done < start:
            pieces.append(Segment(text[done:start], False))
        if pieces and pieces[-1].marked and start == done:
            pieces[-1] = Segment(pieces[-1].text + text[start:end], True)
        else:
            pieces.append(Segment(text[start:end], True))
        done = end
    if done < len(text):
        pieces.append(Segment(text[done:], False))
    return tuple(pieces)
