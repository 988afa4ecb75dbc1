"""Coverage of the collection: when it was updated, what it contains, since when."""

from dataclasses import dataclass
from datetime import datetime

from search.article import PartialDate
from search.errors import KlastriError
from search.request import SearchRequest, Sort
from search.results import Statistics
from search.service import SearchService
from webui.components import shown_date
from webui.generation_cache import GenerationCache


@dataclass(frozen=True, slots=True)
class CoverageFacts:
    """Facts about the collection; ``first`` and ``last`` are None if no article has a date."""

    statistics: Statistics
    first: PartialDate | None
    last: PartialDate | None


class CoverageCache:
    """Facts about the live generation, cached for each generation."""

    def __init__(self, service: SearchService) -> None:
        self._service = service
        self._updated = GenerationCache(service, self._built)
        self._facts = GenerationCache(service, self._read)

    def updated(self) -> datetime | None:
        """When the live generation was built; None without one, or if unknown."""
        return self._updated.current()

    def facts(self) -> CoverageFacts:
        """All facts. Raises NoIndex, IndexMismatch or IndexDamaged."""
        return self._facts.current()

    def _read(self) -> CoverageFacts:
        statistics = self._service.statistics()
        return CoverageFacts(statistics, self._end("oldest"), self._end("newest"))

    def _built(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self._service.built())
        except (KlastriError, ValueError):
            return None

    def _end(self, sort: Sort) -> PartialDate | None:
        """Date of the first article in an order by date."""
        asked = SearchRequest(sort=sort, page_size=1)
        hits = self._service.search(asked, facets=()).hits
        return shown_date(hits[0].published, hits[0].year) if hits else None
