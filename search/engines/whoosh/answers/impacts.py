"""Adding to scores what words are worth, by the compiled library or by arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

from search.engines.contract import TextField
from search.engines.whoosh.answers.columns import BoolArray, FloatArray
from search.engines.whoosh.answers.scoring import Impact, Scorer
from search.engines.whoosh.answers.sought import Sought
from search.engines.whoosh.native.lists import Asked, NativeLists, Wanted
from search.engines.whoosh.postings.lists import Looked, PostingLists, PostingsReader
from search.engines.whoosh.postings.postings import EMPTY


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of a word: its impact or, if it was asked for only once, that it was."""

    impact: Impact | None = None

    @property
    def size(self) -> int:
        """Bytes held in memory, about."""
        return 300 + (self.impact.size if self.impact is not None else 0)


class Impacts:
    """The impacts of words; one per open generation.

    Those of words that are asked for twice are kept, beside posting lists.
    """

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
        known = self._shared.cache.get(word, _Known)
        if known is None:
            self._shared.cache.put(word, _Known())
            if self._add_at_once([[word]], scores, mask, lists, among=among):
                return
        impact = known.impact if known is not None else None
        if impact is None:
            impact = self._added(word, scores, mask)
            self._shared.cache.put(word, _Known(impact))
        else:
            impact.add(scores)
            impact.mark(mask)
        lists.note(impact.looked, impact.postings)

    def add_all(
        self,
        words: Sequence[Sought],
        related: Sequence[Sought],
        scores: FloatArray,
        mask: BoolArray,
        lists: PostingLists,
        *,
        joint: bool,
    ) -> bool:
        """Add what words are worth, and mark the documents that hold one or, if ``joint``, all.

        To the scores of these is added what ``related`` words are worth. In ``scores`` and ``mask``
        there must be nothing yet. False where that cannot be done at once, as of words that were
        asked for before: then nothing is.
        """
        cache, every = self._shared.cache, (*words, *related)
        if not all(each.claims for each in words):
            return False
        if any(cache.get(each, _Known) is not None for each in every):
            return False
        for each in every:
            cache.put(each, _Known())
        steps: list[Sequence[Sought]] = [[each] for each in words] if joint else [words]
        count = len(steps)
        if related:
            steps.append(related)
        if self._add_at_once(steps, scores, mask, lists, joint=count):
            return True
        scores.fill(0)
        mask.fill(False)
        return False

    def frequency(self, word: Sought) -> int:
        """How many bodies hold the first term of the first claim; nobody counts that."""
        return self._shared.count("body", word.claims[0].terms[0]) if word.claims else 0

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

    def _added(self, word: Sought, scores: FloatArray, mask: BoolArray) -> Impact:
        """The impact of a word, which is added to ``scores`` and marked in ``mask``."""
        if native := self._shared.native:
            found = self._native_impact(word, native, scores, mask)
            if found is not None:
                return found
        read = self._shared.postings
        lists = {
            term: (read("title", term), EMPTY if word.title_only else read("body", term))
            for claim in word.claims
            for term in claim.terms
        }
        impact = self._scorer.impact(word.claims, lists, _looked(word))
        impact.add(scores)
        impact.mark(mask)
        return impact

    def _native_impact(
        self, word: Sought, native: NativeLists, scores: FloatArray, mask: BoolArray
    ) -> Impact | None:
        asked, wanted = _wanted([[word]])
        found = native.impact(self._scorer.scoring, asked, wanted, scores, mask)
        if found is None:
            return None
        counts = {each.term: count for each, count in zip(asked, found.postings, strict=True)}
        kept = (found.documents, found.scores, found.matching)
        return Impact.of(self._shared.size, *kept, _looked(word), sum(counts.values()))


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


def _looked(word: Sought) -> tuple[Looked, ...]:
    """What is looked up for a word."""
    terms = dict.fromkeys(term for claim in word.claims for term in claim.terms)
    fields: tuple[TextField, ...] = ("title",) if word.title_only else ("title", "body")
    return tuple((field, term) for term in terms for field in fields)
