"""Term dictionaries of made-up words with given document frequencies."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from search.engines.whoosh.segment.arrays import ArrayFile, ArrayWriter
from search.engines.whoosh.segment.inverted_run import PostingLists, Run, term_key
from search.engines.whoosh.segment.term_dictionary import TermDictionary, TermWriter

TITLE, BODY = 0, 1


def dictionary_of(counts: Mapping[str, int], field: int = BODY) -> TermDictionary:
    """A dictionary with the document frequency of each term (with channel) in one field."""
    ordered = sorted((term_key(term.encode(), field), count) for term, count in counts.items())
    lengths = np.array([count for _, count in ordered], dtype=np.int64)
    documents = [np.arange(count, dtype=np.uint32) for count in lengths.tolist()]
    every = np.concatenate([np.empty(0, dtype=np.uint32), *documents])
    ones, zeros = np.ones(len(every), dtype=np.uint32), np.zeros(len(every), dtype=np.uint32)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "terms"
        file = ArrayWriter(path)
        terms = TermWriter(file)
        if ordered:
            lists = PostingLists(lengths, every, ones, zeros)
            terms.add(Run([key for key, _ in ordered], lists))
        terms.finish()
        file.finish()
        return TermDictionary(ArrayFile(path), int(lengths.max(initial=0)))
