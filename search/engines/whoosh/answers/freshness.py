"""A mild lift for newer articles, for owners who want one."""

import numpy as np

from search.engines.whoosh.answers.columns import BoolArray, FloatArray
from search.engines.whoosh.postings.postings import DocumentArray

#: After so many years the lift is half of what it was.
HALF_LIFE_YEARS = 5.0


def lifts(published: DocumentArray, alive: BoolArray, freshness: float) -> FloatArray:
    """What to multiply the score of each document by.

    The newest article gets ``1 + freshness``, older ones less and less, those without a date 1.
    Ages count from the newest article and not from today, so that answers stay as they are.
    ``published`` is ``yyyymmdd``, 0 unknown; a year or a month alone counts by its middle.
    """
    known = published > 0
    if not (known & alive).any():
        return np.ones(len(published))
    years = _years(published)
    age = np.maximum(years[known & alive].max() - years, 0.0)
    return np.where(known, 1.0 + freshness * 0.5 ** (age / HALF_LIFE_YEARS), 1.0)


def _years(published: DocumentArray) -> FloatArray:
    year, month, day = published // 10_000, published // 100 % 100, published % 100
    months = np.where(month > 0, month - 1 + np.where(day > 0, (day - 0.5) / 31, 0.5), 6.0)
    return np.asarray(year + months / 12, dtype=np.float64)
