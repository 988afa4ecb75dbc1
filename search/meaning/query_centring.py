"""Centres query embeddings by language, so that a question finds articles in another language.

A multilingual model puts into the vector of a query not only what it is about, but also that it is
a query, and in which language: a question in English is nearest to English quotations. Both are the
same for all queries of a language, so their mean shows them, and it is taken off: the mean of
Estonian queries, and the directions in which those of other languages differ from it (centring by
language: Libovický, Rosa and Fraser, 2020).
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.resources import files

import numpy as np
import yaml

from search.analysis import ESTONIAN
from search.meaning.all_but_the_top import of_length_one
from search.meaning.embedder import Vectors

#: The rows of the means; the first is the language of the articles.
LANGUAGES = (ESTONIAN, "en", "ru")
#: So far on the way from the mean of Estonian queries to that of others, a query is in theirs:
#: examples left out are at .45 at most (but one) in Estonian, at .69 at least in English.
_ON_THE_WAY = 0.75
_SMALLEST = 1e-3


def mean_queries(embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
    """Mean vector of the example queries of each language, of shape (languages, dimensions).

    ``embed`` gives the vectors of queries, a row each.
    """
    text = files("search.meaning").joinpath("example_queries.yaml").read_text(encoding="utf-8")
    examples = yaml.safe_load(text)
    means = [embed(examples[each]).mean(axis=0, dtype=np.float64) for each in LANGUAGES]
    return np.stack(means).astype(np.float32)


class QueryCentring:
    """Takes off query vectors what queries share, by the ``means`` of :func:`mean_queries`."""

    def __init__(self, means: Vectors) -> None:
        self._mean, self._others = means[0], means[1:] - means[0]

    def centred(self, vector: Vectors) -> Vectors:
        """``vector`` (dimensions,) without it, of length 1."""
        own = vector - self._mean
        return of_length_one(own - (own @ self._directions.T) @ self._directions)

    def language(self, vector: Vectors) -> str:
        """Which of ``LANGUAGES`` a query of two words or more is in; in doubt, Estonian.

        ``vector`` is as the model gave it. One word says too little.
        """
        lengths = np.maximum((self._others**2).sum(axis=1), _SMALLEST)
        way = (self._others @ (vector - self._mean)) / lengths
        most = int(way.argmax())
        return LANGUAGES[most + 1] if way[most] >= _ON_THE_WAY else ESTONIAN

    @cached_property
    def _directions(self) -> Vectors:
        """Orthonormal directions (some, dimensions) in which languages differ from Estonian."""
        _, lengths, directions = np.linalg.svd(self._others, full_matrices=False)
        return np.asarray(directions[lengths > _SMALLEST], dtype=np.float32)
