"""Baselines of the quality benchmarks, in table order, each built when reached.

All rank by BM25 over their own terms. A rival returns document numbers, best first.
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from benchmarks.rivals.simple_retrieval import (
    Bm25,
    PlainVabamorf,
    Seen,
    Terms,
    best_first,
    simplemma,
    snowball,
    surface,
)
from benchmarks.support.data import WORD

Answer = Callable[[str], list[int]]
#: A lemma is kept when it is the sense of at least this share of a form's occurrences …
_KEPT_SHARE = 0.2
#: … with half an occurrence added to every lemma, so that a single one does not decide.
_UNSEEN = 0.5
#: The rivals of known-item search: the channels whose scores are added, with their weights.
_CHANNELS = {
    "surface form": {"surface": 1.0},
    "Snowball": {"Snowball": 1.0},
    "first five letters": {"five letters": 1.0},
    "Vabamorf disambiguated lemma": {"lemma": 1.0},
    "Vabamorf all lemmas": {"all lemmas": 1.0},
    "bag": {"bag": 1.0},
    "lemma + 0.5 bag + 0.3 surface": {"lemma": 1.0, "bag": 0.5, "surface": 0.3},
    "lemma + 1.0 bag + 0.5 surface + 0.3 first six letters": {
        "lemma": 1.0,
        "bag": 1.0,
        "surface": 0.5,
        "six letters": 0.3,
    },
}


def lemma_rivals(sentences: Sequence[Sequence[str]]) -> Iterator[tuple[str, Answer]]:
    """Name and search function of each baseline for words; documents are ``sentences``."""

    def both_sides(terms: Callable[[str], Terms]) -> Answer:
        return _answer([[terms(form) for form in sentence] for sentence in sentences], terms)

    yield "surface form", both_sides(surface)
    yield "Snowball", both_sides(snowball())
    yield "simplemma", both_sides(simplemma())
    plain = PlainVabamorf()
    plain.learn(form for sentence in sentences for form in sentence)
    seen = [plain.sentence(sentence) for sentence in sentences]
    left = [[word.lemmas for word in sentence] for sentence in seen]

    def typed(word: str) -> Terms:
        possible = plain.possible(word)
        return (word.lower(),) if word.lower() in possible else possible

    yield "Vabamorf all readings on both sides", both_sides(plain.possible)
    frequent = frequent_lemmas((word for sentence in seen for word in sentence), plain.possible)
    yield "Vabamorf readings kept by frequency", both_sides(frequent)
    yield "Vabamorf disambiguated, query disambiguated", _answer(left, plain.alone)
    yield "Vabamorf disambiguated, typed lemma means that lemma", _answer(left, typed)
    yield "Vabamorf disambiguated, all readings of query", _answer(left, plain.possible)


def frequent_lemmas(
    seen: Iterable[Seen], possible: Callable[[str], Terms]
) -> Callable[[str], Terms]:
    """Frequent lemmas of each form after disambiguation, independent of the context."""
    counts: dict[tuple[str, str], float] = defaultdict(float)
    for word in seen:
        for lemma in word.lemmas:
            counts[word.form.lower(), lemma] += 1 / len(word.lemmas)

    @functools.cache
    def kept(form: str) -> Terms:
        weights = {lemma: counts[form.lower(), lemma] + _UNSEEN for lemma in possible(form)}
        least = _KEPT_SHARE * sum(weights.values())
        often = tuple(lemma for lemma, weight in weights.items() if weight >= least)
        return often or tuple(weights)

    return kept


def known_item_rivals(texts: Sequence[str]) -> Iterator[tuple[str, Answer]]:
    """Name and search function of each baseline for headlines of ``texts``."""
    plain = PlainVabamorf()
    stem = snowball()
    cuts: dict[str, Callable[[str], list[Terms]]] = {
        "surface": _by_form(surface),
        "Snowball": _by_form(stem),
        "five letters": _by_form(lambda form: (form.lower()[:5],)),
        "six letters": _by_form(lambda form: (form.lower()[:6],)),
        "lemma": lambda text: [word.lemmas for word in plain.text(text)],
        "all lemmas": _by_form(plain.possible),
        "bag": _by_form(functools.cache(plain.bag)),
    }

    @functools.cache
    def index(channel: str) -> Bm25:
        if channel in ("all lemmas", "bag"):
            plain.learn(form for text in texts for form in WORD.findall(text))
        return Bm25(map(cuts[channel], texts))

    def answer(channels: dict[str, float], query: str) -> list[int]:
        scores = [
            weight * index(channel).scores(cuts[channel](query))
            for channel, weight in channels.items()
        ]
        return best_first(np.sum(scores, axis=0))

    for name, channels in _CHANNELS.items():
        yield name, functools.partial(answer, channels)


def _by_form(terms: Callable[[str], Terms]) -> Callable[[str], list[Terms]]:
    return lambda text: [terms(form) for form in WORD.findall(text)]


def _answer(documents: Iterable[Sequence[Terms]], query: Callable[[str], Terms]) -> Answer:
    index = Bm25(documents)
    return lambda word: best_first(index.scores([query(word)]))
