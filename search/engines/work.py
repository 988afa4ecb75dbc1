"""What one query may cost at most, and the count of what it has cost so far."""

from collections.abc import Iterable
from dataclasses import dataclass

from search.errors import QueryTooBroad


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one query may take.

    ``terms`` are the different terms looked up in the title and in the body: forms and readings of
    the words, beginnings, synonyms, compounds written apart. ``postings`` are the entries of their
    lists that are gone through, counted every time they are. A sensible query stays far below.
    """

    terms: int = 20_000
    postings: int = 100_000_000


DEFAULT_LIMITS = Limits()


class Work:
    """Counts what a query costs: each has a count of its own, kept by one thread.

    The count does not depend on caches, so a query that is answered once is answered always.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._terms: set[tuple[str, str]] = set()
        self._postings = 0

    @property
    def terms(self) -> int:
        """How many different terms were looked up; a field and its term are one."""
        return len(self._terms)

    @property
    def postings(self) -> int:
        """How many entries of posting lists were gone through."""
        return self._postings

    def look_up(self, field: str, term: str, postings: int = 0) -> None:
        """Count ``term`` of ``field`` and ``postings`` entries of it. Raises QueryTooBroad."""
        self.look_up_all(((field, term),), postings)

    def look_up_all(self, looked: Iterable[tuple[str, str]], postings: int = 0) -> None:
        """Count pairs of field and term, ``postings`` entries together. Raises QueryTooBroad."""
        self._terms.update(looked)
        self._postings += postings
        if len(self._terms) > self._limits.terms or self._postings > self._limits.postings:
            raise QueryTooBroad
