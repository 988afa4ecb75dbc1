"""Posting lists as one query reads them: whatever it looks up is counted."""

from search.engines.whoosh.postings import Postings, PostingsReader, TextField
from search.engines.work import Work


class MeteredPostings:
    """The lists of a :class:`PostingsReader`, for one query. Raises QueryTooBroad."""

    def __init__(self, shared: PostingsReader, work: Work) -> None:
        self._shared = shared
        self._work = work
        self._expanded: dict[tuple[TextField, str, int], list[str]] = {}

    def postings(self, field: TextField, term: str) -> Postings:
        """As :meth:`PostingsReader.postings`."""
        found = self._shared.postings(field, term)
        self._work.look_up(field, term, len(found.documents))
        return found

    def expand(self, field: TextField, prefix: str, limit: int) -> list[str]:
        """As :meth:`PostingsReader.expand`; the same beginning is looked for once."""
        key = (field, prefix, limit)
        if key not in self._expanded:
            self._expanded[key] = self._shared.expand(field, prefix, limit)
            for each in self._expanded[key]:
                self._work.look_up(field, each)
        return self._expanded[key]
