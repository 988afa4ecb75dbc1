"""How often two words stand near each other in bodies."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.native.lists import Asked
from search.engines.whoosh.postings.lists import Looked, PostingLists, PostingsReader
from search.engines.whoosh.postings.phrases import NOWHERE, SHIFT, position_keys
from search.engines.whoosh.postings.postings import DocumentArray

#: Words at most this many positions apart stand near each other.
_NEAR = 8
#: The terms of each of two words.
WordPair = tuple[tuple[str, ...], tuple[str, ...]]
#: Documents, ascending, and how often two words stand near each other in each.
Counted = tuple[DocumentArray, DocumentArray]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Places:
    """The places of a word, ascending, as :func:`position_keys` gives them."""

    keys: DocumentArray
    postings: int

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        return self.keys.nbytes


class Nearness:
    """Finds words near each other in an open generation; safe for threads."""

    def __init__(self, shared: PostingsReader) -> None:
        self._shared = shared

    def of(self, words: WordPair, among: BoolArray, lists: PostingLists) -> Counted:
        """Documents of ``among`` in which two words stand near each other, in either order.

        Says how often, too: at how many places of a word the other is near, of the word that has
        fewer such places. ``lists`` count what is gone through.
        """
        looked: tuple[Looked, ...] = tuple(("body", term) for terms in words for term in terms)
        if native := self._shared.native:
            asked = [Asked(term, number) for number, terms in enumerate(words) for term in terms]
            found = native.near(asked, _NEAR, among)
            if found is not None:
                lists.note(looked, sum(found.postings))
                return found.documents, found.counts
        first, second = (self._places(terms) for terms in words)
        lists.note(looked, first.postings + second.postings)
        return _near(first.keys, second.keys, among)

    def _places(self, terms: tuple[str, ...]) -> _Places:
        key = ("places", terms)
        found = self._shared.cache.get(key, _Places)
        if found is None:
            held = [self._shared.postings("body", each) for each in terms]
            count = sum(len(each.documents) for each in held)
            found = self._shared.cache.put(key, _Places(position_keys(held), count))
        return found


def _near(first: DocumentArray, second: DocumentArray, among: BoolArray) -> Counted:
    """As :meth:`Nearness.of`, of the places of two words."""
    first, second = first[among[first >> SHIFT]], second[among[second >> SHIFT]]
    if not len(first) or not len(second):
        return NOWHERE, NOWHERE
    size = len(among)
    own = np.bincount(_close(first, second) >> SHIFT, minlength=size)
    others = np.bincount(_close(second, first) >> SHIFT, minlength=size)
    counts = np.minimum(own, others)
    documents = np.flatnonzero(counts)
    return documents, counts[documents]


def _close(own: DocumentArray, others: DocumentArray) -> DocumentArray:
    """Those of a word's ``own`` places before or after which the next of ``others`` is near."""
    at = np.searchsorted(others, own)
    after = others[np.minimum(at, len(others) - 1)] - own
    before = own - others[np.maximum(at - 1, 0)]
    close = ((after > 0) & (after <= _NEAR)) | ((before > 0) & (before <= _NEAR))
    return np.asarray(own[close], dtype=np.int64)
