"""Where words stand in bodies, kept beside their postings."""

from dataclasses import dataclass

from search.engines.whoosh.postings.lists import Looked, PostingLists, PostingsReader
from search.engines.whoosh.postings.phrases import position_keys
from search.engines.whoosh.postings.postings import DocumentArray


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a word, ascending, as :func:`position_keys` gives them."""

    keys: DocumentArray
    looked: tuple[Looked, ...]
    postings: int

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        return self.keys.nbytes


class WordPlaces:
    """The places of words in the bodies of an open generation."""

    def __init__(self, shared: PostingsReader) -> None:
        self._shared = shared

    def of(self, terms: tuple[str, ...], lists: PostingLists) -> DocumentArray:
        """Where any of ``terms`` stands; ``lists`` count what is gone through."""
        key = ("places", terms)
        found = self._shared.cache.get(key, Places)
        if found is None:
            held = [self._shared.postings("body", each) for each in terms]
            looked: tuple[Looked, ...] = tuple(("body", each) for each in terms)
            count = sum(len(each.documents) for each in held)
            found = self._shared.cache.put(key, Places(position_keys(held), looked, count))
        lists.note(found.looked, found.postings)
        return found.keys
