"""Centres query embeddings by language, so that a question finds articles in another language.

A multilingual model encodes in the vector of a query not only its subject, but also that it is a
query, and its language: a question in English is nearest to English quotations. Both are common to
all queries of a language, so they are removed with their mean: the mean of Estonian queries, and
the directions in which those of other languages differ from it (centring by language: Libovický,
Rosa and Fraser, 2020).
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
#: A query is in another language from this share of the way between the mean of Estonian queries
#: and that of the other: held-out examples are at .45 at most (but one) in Estonian, at .69 at
#: least in English.
_LEAST_SHARE = 0.75
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
    """Removes from query vectors what queries share, by the ``means`` of :func:`mean_queries`."""

    def __init__(self, means: Vectors) -> None:
        self._mean, self._others = means[0], means[1:] - means[0]

    def centred(self, vector: Vectors) -> Vectors:
        """Centres ``vector`` (dimensions,), and normalises it to length 1."""
        own = vector - self._mean
        return of_length_one(own - (own @ self._directions.T) @ self._directions)

    def language(self, vector: Vectors) -> str:
        """Identifies the language of a query of several words by its ``vector``, not centred.

        One of ``LANGUAGES``; in doubt, Estonian.
        """
        lengths = np.maximum((self._others**2).sum(axis=1), _SMALLEST)
        shares = (self._others @ (vector - self._mean)) / lengths
        most = int(shares.argmax())
        return LANGUAGES[most + 1] if shares[most] >= _LEAST_SHARE else ESTONIAN

    @cached_property
    def _directions(self) -> Vectors:
        """Orthonormal directions (some, dimensions) in which languages differ from Estonian."""
        _, lengths, directions = np.linalg.svd(self._others, full_matrices=False)
        return np.asarray(directions[lengths > _SMALLEST], dtype=np.float32)
