"""Publication dates as doc values: filters by a date interval, and counts of months."""

from functools import cached_property

import numpy as np

from search.date_interval import DateInterval
from search.engines.whoosh.kernels.interface import Mask
from search.engines.whoosh.segment.arrays import Array
from search.engines.whoosh.snapshot.snapshot import FacetPairs


class PublishedDates:
    """Dates ``yyyymmdd`` of documents, with 0 for unknown days, months and years."""

    def __init__(self, published: Array) -> None:
        self._published = published

    def within(self, span: DateInterval) -> Mask:
        """Documents whose possible dates are all in ``span``."""
        first, last = span.days
        firsts, lasts = self._days
        return np.asarray((firsts >= first) & (lasts <= last) & (self._published > 0))

    def months(self) -> tuple[tuple[str, ...], FacetPairs]:
        """The months of documents, ``2016-03``, as the values of a facet."""
        months = self._published // 100
        known = months % 100 > 0
        found, codes = np.unique(months[known], return_inverse=True)
        starts = np.concatenate(([0], np.cumsum(known))).astype(np.int32)
        documents = np.flatnonzero(known).astype(np.int32)
        values = tuple(f"{each // 100:04d}-{each % 100:02d}" for each in found.tolist())
        return values, FacetPairs(codes.astype(np.int32), documents, starts)

    @cached_property
    def _days(self) -> tuple[Array, Array]:
        """The first and the last possible date of each document; every month has 31 days."""
        dates = self._published
        has_month, has_day = dates // 100 % 100 > 0, dates % 100 > 0
        firsts = dates + np.where(has_month, 0, 100) + np.where(has_day, 0, 1)
        lasts = dates + np.where(has_month, 0, 1200) + np.where(has_day, 0, 31)
        return firsts, lasts
