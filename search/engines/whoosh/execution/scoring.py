"""BM25F scores of query words and phrases over title and body."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from search.analysis.terms import term
from search.engines.contract import TextField
from search.engines.query_terms import group_terms
from search.engines.scoring_parameters import B_BODY, B_TITLE, K1, TITLE_BOOST
from search.engines.whoosh.execution.positions import Budget, CachedLists, LookedUp
from search.engines.whoosh.kernels.interface import (
    Bm25f,
    Mask,
    PhraseMatches,
    Scores,
    TermGroup,
)
from search.engines.whoosh.segment.arrays import Array
from search.query.ast import Word

#: The term groups by which documents match a word.
WordGroups = tuple[TermGroup, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """Parameters of BM25F.

    A word of the title counts ``title_boost`` times; one at the beginning of the body counts
    ``1 + early_boost`` times.
    """

    k1: float = K1
    b_title: float = B_TITLE
    b_body: float = B_BODY
    title_boost: float = TITLE_BOOST
    early_boost: float = 1.0


class TermScorer:
    """Scores documents by words and phrases; one per open generation, safe for threads.

    Lengths are in words, of all documents with the deleted ones; ``alive`` counts those without.
    """

    def __init__(
        self,
        lists: CachedLists,
        alive: int,
        title_lengths: Array,
        body_lengths: Array,
        weights: Weights,
    ) -> None:
        self._lists = lists
        self._alive = max(alive, 1)
        # 32 bits are enough for the decimals to which scores are rounded.
        title = weights.title_boost / _norm(title_lengths, weights.b_title)
        body = 1 / _norm(body_lengths, weights.b_body)
        gains = title.astype(np.float32), body.astype(np.float32)
        self._bm25f = Bm25f(self._alive, *gains, weights.k1, weights.early_boost)

    def idf(self, document_frequency: int) -> float:
        """Inverse document frequency, never negative."""
        df = min(document_frequency, self._alive)
        return math.log1p((self._alive - df + 0.5) / (df + 0.5))

    def add(
        self,
        steps: Sequence[Sequence[WordGroups]],
        scores: Scores,
        matches: Mask,
        budget: Budget,
        *,
        joint: int = 1,
        among: Mask | None = None,
    ) -> None:
        """Add the scores of words to ``scores``, and set ``matches``.

        A document matches that holds a word of each of the first ``joint`` steps; words of the
        steps after these only add to the scores of matches. Documents that are not ``among`` those
        asked about may be left out.
        """
        groups = [[group for word in step for group in word] for step in steps]
        lists = self._lists.lists
        counts = lists.score(self._bm25f, groups, scores, matches, joint=joint, among=among)
        left = iter(counts)
        for step in steps:
            for word in step:
                postings: dict[str, int] = {}
                for group in word:
                    postings.update(zip(group.terms, islice(left, len(group.terms)), strict=True))
                budget.spend(_looked_up(word), sum(postings.values()))

    def add_phrase(
        self,
        title: PhraseMatches,
        body: PhraseMatches | None,
        weight: float,
        scores: Scores,
        matches: Mask,
        *,
        once: bool = False,
    ) -> None:
        """As :meth:`add` for a phrase, scored as one term; with ``once`` once in each field."""
        if once:
            title, body = _once(title), body and _once(body)
        tf = np.zeros(len(scores), dtype=np.float32)
        if body is not None:
            counts = body.counts.astype(np.float32)
            counts += np.multiply(body.early, self._bm25f.early_boost, dtype=np.float32)
            tf[body.documents] = counts * self._bm25f.body_gain[body.documents]
        gain = self._bm25f.title_gain[title.documents]
        tf[title.documents] += title.counts.astype(np.float32) * gain
        documents = np.flatnonzero(tf)
        k1 = self._bm25f.k1
        # w·(k1 + 1)·tf / (tf + k1), with the operations of the kernels in their order.
        scale = np.float32(k1) * np.float32(weight * (k1 + 1) * self.idf(len(documents)))
        lacking = np.reciprocal(tf[documents] + np.float32(k1)) * scale
        scores[documents] += np.float64(np.reciprocal(np.float32(k1)) * scale) - lacking
        matches[documents] = True


def _once(found: PhraseMatches) -> PhraseMatches:
    """The matches of a phrase, counted once in each document, and once more if early."""
    ones = np.minimum(found.counts, 1), np.minimum(found.early, 1)
    return PhraseMatches(found.postings, found.documents, *ones)


def word_groups(word: Word) -> WordGroups:
    """The term groups of ``word``, with the number of terms in each that match."""
    wholes = {each.term for each in word.alternatives if each.channel == "lemma"}
    title_only = word.field == "title"
    groups = []
    for each in word.alternatives:
        terms = group_terms(each)
        # A part is scored with the whole word, even if that does not match.
        is_matching = each.channel != "part" or each.term in wholes
        groups.append(TermGroup(terms, each.weight, len(terms) if is_matching else 1, title_only))
    if word.family:
        terms = word.family.terms
        groups.append(TermGroup(terms, word.family.weight, len(terms), title_only))
    return tuple(groups)


def reading_groups(word: Word) -> WordGroups:
    """The term groups of the other readings of ``word``."""
    title_only = word.field == "title"
    return tuple(
        TermGroup((term(e.channel, e.term),), e.weight, 1, title_only) for e in word.readings
    )


def related_groups(words: Sequence[Word]) -> Iterator[WordGroups]:
    """The related terms of words, which only score: in all fields, then in titles alone."""
    for field in ("any", "title"):
        related = [other for each in words if each.field == field for other in each.related]
        if related:
            title_only = field == "title"
            yield tuple(TermGroup(group_terms(e), e.weight, 0, title_only) for e in related)


def _looked_up(word: WordGroups) -> list[LookedUp]:
    """The terms of a word with the fields in which they are looked up."""
    terms = dict.fromkeys(each for group in word for each in group.terms)
    title_only = all(group.title_only for group in word)
    fields: tuple[TextField, ...] = ("title",) if title_only else ("title", "body")
    return [(field, each) for each in terms for field in fields]


def _norm(lengths: Array, b: float) -> npt.NDArray[np.float64]:
    words = lengths.astype(np.float64)
    filled = words[words > 0]
    average = float(filled.mean()) if len(filled) else 1.0
    return np.asarray(1 - b + b * words / average, dtype=np.float64)
