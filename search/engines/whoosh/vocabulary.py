"""The words of a generation and how common they are."""

import threading
from collections.abc import Iterator
from itertools import islice
from typing import Any

from search.analysis.channels import PREFIXES, Channel
from search.engines.whoosh.postings import TextField

_CHUNK = 5_000
_FIELDS: tuple[TextField, ...] = ("title", "body")


def word_counts(reader: Any, lock: threading.Lock, channel: Channel) -> dict[str, int]:
    """The words of a channel with the documents of the field where most have it.

    Documents deleted since are counted until their segment is written anew.
    """
    counts: dict[str, int] = {}
    for field in _FIELDS:
        for text, count in _words(reader, lock, field, PREFIXES[channel]):
            counts[text] = max(counts.get(text, 0), count)
    return counts


def _words(
    reader: Any, lock: threading.Lock, field: TextField, prefix: str
) -> Iterator[tuple[str, int]]:
    """Words of a field with their documents, a piece at a time, so that searches can go on."""
    last = prefix.encode()
    while True:
        with lock:
            chunk = [
                (text, int(info.doc_frequency()))
                for (name, text), info in islice(reader.iter_from(field, last), _CHUNK)
                if name == field and text.startswith(prefix.encode())
            ]
        yield from ((text.decode()[1:], count) for text, count in chunk if text != last)
        if len(chunk) < _CHUNK:
            return
        last = chunk[-1][0]
