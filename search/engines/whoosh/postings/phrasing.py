"""How often documents hold a phrase."""

from collections.abc import Sequence

import numpy as np

from search.engines.contract import TextField
from search.engines.whoosh.native.lists import Asked
from search.engines.whoosh.postings.lists import Looked, PostingLists, PostingsReader
from search.engines.whoosh.postings.phrases import decode, in_common, phrase_ends, position_keys
from search.engines.whoosh.postings.postings import Postings

_NUMBERS: dict[TextField, int] = {"title": 0, "body": 1}


class Phrases:
    """Finds phrases in an open generation; safe for threads."""

    def __init__(self, shared: PostingsReader) -> None:
        self._shared = shared

    def of(
        self, words: Sequence[Sequence[str]], slop: int, field: TextField, lists: PostingLists
    ) -> Postings:
        """The postings of a phrase, as if it were one term; their positions may be left out.

        ``words`` are the terms of each word, of which any may stand there; between two words are at
        most ``slop`` positions. ``lists`` count what is gone through.
        """
        if native := self._shared.native:
            asked = [Asked(term, number) for number, terms in enumerate(words) for term in terms]
            found = native.phrase(asked, len(words), _NUMBERS[field], slop)
            if found is not None:
                looked: tuple[Looked, ...] = tuple((field, each.term) for each in asked)
                lists.note(looked, sum(found.postings))
                nowhere = np.empty(0, dtype=np.uint32)
                return Postings(found.documents, found.counts, found.early, nowhere)
        slots = [[lists.postings(field, term) for term in terms] for terms in words]
        places = [position_keys(slot) for slot in in_common(slots)]
        documents, positions = decode(phrase_ends(places, slop))
        held, counts = np.unique(documents, return_counts=True)
        return Postings.of(held, counts, positions.astype(np.uint32))
