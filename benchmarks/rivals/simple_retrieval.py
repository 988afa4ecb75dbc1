"""Parts of the baselines: Vabamorf as in tutorials, stemmers, and BM25.

Nothing here uses our analyzer or engine, so that rivals gain nothing from them, nor they from it.
"""

import functools
import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import Stemmer
from numpy.typing import NDArray

from benchmarks.support.data import WORD
from search.analysis import Reading, Vabamorf

#: Terms of one word of a text or a query.
Terms = tuple[str, ...]
Scores = NDArray[np.float64]
_K1, _B = 1.2, 0.75
_WORD_OR_MARK = re.compile(rf"{WORD.pattern}|[^\w\s]")
_SENTENCE_ENDS = frozenset(".!?…")
#: Longer sentences are split, because the time of a call grows faster than their length.
_LONGEST_SENTENCE = 200
_BATCH = 500


def surface(form: str) -> Terms:
    """Surface form in lower case."""
    return (form.lower(),)


def snowball() -> Callable[[str], Terms]:
    """Snowball stemmer for Estonian, as in Lucene, OpenSearch and PostgreSQL."""
    stemmer = Stemmer.Stemmer("estonian", 0)
    return functools.cache(lambda form: (str(stemmer.stemWord(form.lower())),))


def simplemma() -> Callable[[str], Terms]:
    """Lemma by simplemma's word list, else by its rules."""
    from simplemma import lemmatize

    return functools.cache(lambda form: (lemmatize(form, lang="et").lower(),))


@dataclass(frozen=True, slots=True)
class Seen:
    """A word of a text with its lemmas after disambiguation."""

    form: str
    lemmas: Terms


class PlainVabamorf:
    """Lemmas by Vabamorf, in lower case; an unknown word is its own lemma."""

    def __init__(self) -> None:
        self._native = Vabamorf()
        self._readings: dict[str, tuple[Reading, ...]] = {}
        self._texts: dict[str, list[Seen]] = {}

    def sentence(self, tokens: Sequence[str]) -> list[Seen]:
        """Disambiguated tokens of a sentence, including punctuation marks."""
        found = self._native.in_context(list(tokens))
        return [
            Seen(form, _lemmas(form, readings))
            for form, readings in zip(tokens, found, strict=True)
        ]

    def text(self, text: str) -> list[Seen]:
        """Disambiguated words of ``text``, sentence by sentence; cached."""
        known = self._texts.get(text)
        if known is None:
            seen = (each for tokens in _sentences(text) for each in self.sentence(tokens))
            known = [each for each in seen if WORD.fullmatch(each.form)]
            self._texts[text] = known
        return known

    def alone(self, form: str) -> Terms:
        """Lemmas of a single word, disambiguated in mid-sentence."""
        return self.sentence([",", form, "."])[1].lemmas

    def possible(self, form: str) -> Terms:
        """Lemmas of all readings of ``form``."""
        return _lemmas(form, self._all_readings(form))

    def bag(self, form: str) -> Terms:
        """Lemmas of ``form`` and of the parts of its compounds."""
        lemmas = list(self.possible(form))
        for reading in self._all_readings(form):
            first = _first_pieces(reading)
            lemmas += [lemma for piece in first for lemma in self.possible(piece)]
            if first:
                lemmas.append(_last_part(reading))
        return tuple(dict.fromkeys(filter(None, lemmas)))

    def learn(self, forms: Iterable[str]) -> None:
        """Analyses many forms in one batch, because single calls cost far more."""
        new = [form for form in dict.fromkeys(forms) if form not in self._readings]
        pieces: list[str] = []
        for first in range(0, len(new), _BATCH):
            batch = new[first : first + _BATCH]
            # After a comma, a capital is not read as the beginning of a sentence.
            found = self._native.readings([",", *batch])[1:]
            self._readings.update(zip(batch, found, strict=True))
            for reading in itertools.chain.from_iterable(found):
                pieces += _first_pieces(reading)
        if pieces:
            self.learn(pieces)

    def _all_readings(self, form: str) -> tuple[Reading, ...]:
        if form not in self._readings:
            self.learn([form])
        return self._readings[form]


class Bm25:
    """BM25 over documents of words; terms of one query word share its weight equally."""

    def __init__(self, documents: Iterable[Sequence[Terms]]) -> None:
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = []
        for number, words in enumerate(documents):
            lengths.append(len(words))
            for term, count in Counter(term for terms in words for term in terms).items():
                self._postings[term].append((number, count))
        self._norms = _K1 * (1 - _B + _B * np.array(lengths) / np.mean(lengths))
        self._weighed: dict[str, tuple[NDArray[np.intp], Scores]] = {}

    def scores(self, words: Iterable[Terms]) -> Scores:
        """BM25 score of every document, 0 without a term; every word is optional."""
        total = np.zeros(len(self._norms))
        for terms in words:
            for term in terms:
                if term in self._postings:
                    numbers, weights = self._weigh(term)
                    total[numbers] += weights / len(terms)
        return total

    def _weigh(self, term: str) -> tuple[NDArray[np.intp], Scores]:
        known = self._weighed.get(term)
        if known is None:
            numbers, counts = np.array(self._postings[term]).T
            rarity = math.log1p((len(self._norms) - len(numbers) + 0.5) / (len(numbers) + 0.5))
            known = numbers, rarity * counts * (_K1 + 1) / (counts + self._norms[numbers])
            self._weighed[term] = known
        return known


def best_first(scores: Scores) -> list[int]:
    """Numbers of the documents with a score, highest first; ties in data order."""
    found = np.flatnonzero(scores)
    ranked: list[int] = found[np.argsort(-scores[found], kind="stable")].tolist()
    return ranked


def _sentences(text: str) -> Iterator[list[str]]:
    sentence: list[str] = []
    for token in _WORD_OR_MARK.findall(text):
        sentence.append(token)
        if token in _SENTENCE_ENDS or len(sentence) == _LONGEST_SENTENCE:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _lemmas(form: str, readings: Iterable[Reading]) -> Terms:
    return tuple(dict.fromkeys(each.lemma.lower() for each in readings)) or surface(form)


def _first_pieces(reading: Reading) -> Terms:
    """All parts of a compound but the last, as written; empty for other words."""
    return tuple(filter(None, reading.parts[:-1]))


def _last_part(reading: Reading) -> str:
    """Lemma of the last compound piece (*taas|kasutama*)."""
    start = len("".join(reading.parts[:-1]))
    return reading.lemma[start:].rpartition("-")[2].lower()
