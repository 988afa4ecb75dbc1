"""Posting lists as one query reads them: whatever it looks up is counted, or written down."""

from collections.abc import Sequence

from search.engines.budget import QueryBudget
from search.engines.contract import TextField
from search.engines.whoosh.postings.lists import Beginning, Looked, PostingLists, PostingsReader
from search.engines.whoosh.postings.postings import Postings


class MeteredPostings:
    """The lists of a :class:`PostingsReader`, for one query. Raises QueryTooBroad.

    What is counted does not depend on what is cached.
    """

    def __init__(self, shared: PostingsReader, budget: QueryBudget) -> None:
        self._shared = shared
        self._budget = budget

    def postings(self, field: TextField, term: str) -> Postings:
        """As :meth:`PostingsReader.postings`."""
        found = self._shared.postings(field, term)
        self._budget.spend([(field, term)], len(found.documents))
        return found

    def count(self, field: TextField, term: str) -> int:
        """As :meth:`PostingsReader.count`."""
        found = self._shared.count(field, term)
        self._budget.spend([(field, term)], found)
        return found

    def beginning(self, field: TextField, prefix: str, limit: int) -> Beginning:
        """As :meth:`PostingsReader.beginning`; the entries count for those who go through them."""
        found = self._shared.beginning(field, prefix, limit)
        self._budget.spend(found.looked)
        return found

    def note(self, looked: Sequence[Looked], postings: int) -> None:
        """As :meth:`PostingsReader.note`."""
        self._budget.spend(looked, postings)


class RecordedPostings:
    """Lists that are read through ``lists``, and what was looked up in them."""

    def __init__(self, lists: PostingLists) -> None:
        self._lists = lists
        self.looked: set[Looked] = set()
        self.entries = 0

    def postings(self, field: TextField, term: str) -> Postings:
        """As :meth:`PostingLists.postings`."""
        found = self._lists.postings(field, term)
        self._record([(field, term)], len(found.documents))
        return found

    def count(self, field: TextField, term: str) -> int:
        """As :meth:`PostingLists.count`."""
        found = self._lists.count(field, term)
        self._record([(field, term)], found)
        return found

    def beginning(self, field: TextField, prefix: str, limit: int) -> Beginning:
        """As :meth:`PostingLists.beginning`."""
        found = self._lists.beginning(field, prefix, limit)
        self._record(found.looked, 0)
        return found

    def note(self, looked: Sequence[Looked], postings: int) -> None:
        """As :meth:`PostingLists.note`."""
        self._lists.note(looked, postings)
        self._record(looked, postings)

    def _record(self, looked: Sequence[Looked], postings: int) -> None:
        self.looked.update(looked)
        self.entries += postings
