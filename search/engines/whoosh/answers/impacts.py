"""Adding to scores what words are worth, by the compiled library or by arrays."""

from collections.abc import Sequence

from search.engines.contract import TextField
from search.engines.whoosh.answers.columns import BoolArray, FloatArray
from search.engines.whoosh.answers.scoring import Scorer
from search.engines.whoosh.answers.sought import Sought
from search.engines.whoosh.native.lists import Asked, Wanted
from search.engines.whoosh.postings.lists import Looked, PostingLists, PostingsReader
from search.engines.whoosh.postings.postings import EMPTY


class Impacts:
    """Adds up the impacts of words; one per open generation."""

    def __init__(self, shared: PostingsReader, scorer: Scorer) -> None:
        self._shared = shared
        self._scorer = scorer

    def add(
        self,
        word: Sought,
        scores: FloatArray,
        mask: BoolArray,
        lists: PostingLists,
        among: BoolArray | None = None,
    ) -> None:
        """Add to ``scores`` what a word is worth, and mark in ``mask`` the documents that hold it.

        Of documents that are not ``among`` those asked about both may be left out. ``lists`` count
        what is gone through.
        """
        if not self._add_at_once([[word]], scores, mask, lists, among=among):
            self._add_by_arrays(word, scores, mask, lists)

    def add_all(
        self,
        words: Sequence[Sought],
        related: Sequence[Sought],
        scores: FloatArray,
        mask: BoolArray,
        lists: PostingLists,
        *,
        joint: bool,
        among: BoolArray | None = None,
    ) -> bool:
        """Add what words are worth, and mark the documents that hold one or, if ``joint``, all.

        To the scores of these is added what ``related`` words are worth. Documents that are not
        ``among`` those asked about may be left out. False if there is no library for it: then
        ``scores`` and ``mask`` are of no use.
        """
        if not words or not all(each.claims for each in words):
            return False
        steps: list[Sequence[Sought]] = [[each] for each in words] if joint else [words]
        count = len(steps)
        if related:
            steps.append(related)
        return self._add_at_once(steps, scores, mask, lists, joint=count, among=among)

    def _add_at_once(
        self,
        steps: Sequence[Sequence[Sought]],
        scores: FloatArray,
        mask: BoolArray,
        lists: PostingLists,
        *,
        joint: int = 1,
        among: BoolArray | None = None,
    ) -> bool:
        """Add words by the library; False if there is none, or it can make nothing of the lists.

        A document must hold one word of each of the first ``joint`` steps.
        """
        native = self._shared.native
        if native is None:
            return False
        asked, wanted = _wanted(steps)
        scoring = self._scorer.scoring
        found = native.add(scoring, asked, wanted, scores, mask, joint=joint, among=among)
        if found is None:
            return False
        at = 0
        for step in steps:
            for word in step:
                counts: dict[str, int] = {}
                for claim in word.claims:
                    counts.update(zip(claim.terms, found[at : at + len(claim.terms)], strict=True))
                    at += len(claim.terms)
                lists.note(_looked(word), sum(counts.values()))
        return True

    def _add_by_arrays(
        self, word: Sought, scores: FloatArray, mask: BoolArray, lists: PostingLists
    ) -> None:
        read = self._shared.postings
        held = {
            term: (read("title", term), EMPTY if word.title_only else read("body", term))
            for claim in word.claims
            for term in claim.terms
        }
        self._scorer.impact(word.claims, held).add(scores, mask)
        lists.note(_looked(word), sum(len(e.documents) for pair in held.values() for e in pair))


def _wanted(steps: Sequence[Sequence[Sought]]) -> tuple[list[Asked], list[Wanted]]:
    """What the library is to be asked for: terms, and the claims that they are of."""
    asked: list[Asked] = []
    wanted: list[Wanted] = []
    for number, step in enumerate(steps):
        for word in step:
            for claim in word.claims:
                asked += [Asked(term, len(wanted), term in claim.matching) for term in claim.terms]
                wanted.append(Wanted(claim.weight, number, word.title_only))
    return asked, wanted


def _looked(word: Sought) -> list[Looked]:
    """What is looked up for a word."""
    terms = dict.fromkeys(term for claim in word.claims for term in claim.terms)
    fields: tuple[TextField, ...] = ("title",) if word.title_only else ("title", "body")
    return [(field, term) for term in terms for field in fields]
