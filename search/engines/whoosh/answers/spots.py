"""Where positions of documents stand in their texts."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np

from search.engines.contract import TEXT_FIELDS
from search.engines.whoosh.answers.later import Later
from search.engines.whoosh.native.functions import Library
from search.engines.whoosh.native.spans import NativeSpans, SpanFiles, Spot
from search.engines.whoosh.storage.articles import StoredArticles


class Spots:
    """Finds spots in the texts of one open generation; safe for threads."""

    def __init__(self, articles: StoredArticles, library: Library | None) -> None:
        self._articles = articles
        self._library = library
        self._native: Later[NativeSpans] = Later()

    def spans(self, spots: Sequence[Spot]) -> Sequence[tuple[int, int]]:
        """Where each of ``spots`` begins, and how long it is. They are in order."""
        if native := self.native():
            found = native.locate(spots)
            if found is not None:
                return found
        result: list[tuple[int, int]] = []
        for (number, field), some in groupby(spots, itemgetter(0, 1)):
            positions = np.array([position for _, _, position in some])
            starts, lengths = self._articles.spans(number, TEXT_FIELDS[field])
            result += zip(starts[positions].tolist(), lengths[positions].tolist(), strict=True)
        return result

    def native(self) -> NativeSpans | None:
        """What the library needs to find them itself."""
        library = self._library
        return None if library is None else self._native.get(lambda: self._mapped(library))

    def _mapped(self, library: Library) -> NativeSpans:
        files = []
        for base, columns in self._articles.span_columns():
            title, body = (columns[field] for field in TEXT_FIELDS)
            files.append(SpanFiles(base, (title.data, body.data), (title.ends, body.ends)))
        return NativeSpans(library, files)
