"""Random vectors for random documents, and queries near to some of them."""

import random
from collections.abc import Sequence

import numpy as np
from drawn import draw_node

from search.engines.contract import ArticleVectors, IndexedDocument, MeaningQuery, PassageVector
from search.meaning.embedder import Vectors
from search.query.ast import Word, Words

MODEL = "drawn"
#: No multiple of four.
_DIMENSIONS = 30
_SUBJECTS = 8
_MOST_PASSAGES = 4


def draw_vectors(documents: Sequence[IndexedDocument]) -> list[ArticleVectors]:
    """Vectors that are similar to each other, and clustered by a few subjects."""
    return [_article(each) for each in documents]


def _article(document: IndexedDocument) -> ArticleVectors:
    draw = np.random.default_rng(list(document.article.id.encode()))
    subject = draw.integers(_SUBJECTS)
    count = int(draw.integers(1, _MOST_PASSAGES + 1))
    passages = tuple(
        PassageVector(10 * at, 10 * at + 9, draw.bytes(16), _near(draw, subject))
        for at in range(count)
    )
    return ArticleVectors(document.article.id, document.digest, passages)


def draw_meaning(draw: random.Random) -> MeaningQuery:
    """A random query by meaning, some with a required word."""
    numbers = np.random.default_rng(draw.randrange(1 << 30))
    vector = _near(numbers, draw.randrange(_SUBJECTS), shared=0.0)
    certain = None
    if draw.random() < 0.3:
        certain = draw_node(draw, depth=0)
        certain = certain if isinstance(certain, Word | Words) else None
    floor, weight = draw.choice((0.0, 0.12, 0.4)), draw.choice((0.31, 0.65))
    return MeaningQuery(MODEL, vector, floor, weight, certain)


def _near(draw: np.random.Generator, subject: int, shared: float = 2.0) -> Vectors:
    vector = draw.standard_normal(_DIMENSIONS) * 0.2
    vector[subject] += 1.0
    vector[-1] += shared
    found: Vectors = (vector / np.linalg.norm(vector)).astype(np.float32)
    return found
