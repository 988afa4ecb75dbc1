"""Crawls an address to its end for tests, with a simulated clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from news_site import NewsSite

from indexer.sources import CombinedSource, Duplicate, Remark, Skipped, read_files
from indexer.sources.limits import Limits
from indexer.sources.readers import open_source
from indexer.sources.web.crawler import CrawlClock, Session
from indexer.sources.web.destinations import Resolve, system_addresses
from indexer.sources.web.page_store import PageStore
from search.article import Article
from search.configuration import SourceSettings
from search.errors import SourceError


@dataclass(slots=True)
class Clock:
    """Simulated clock that advances only in ``sleep``."""

    at: float = 1_800_000_000.0
    waits: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds

    @property
    def pace(self) -> CrawlClock:
        return CrawlClock(self.now, self.sleep)


@dataclass(slots=True)
class Crawl:
    """Results of a crawl by kind, in order; ``requests`` and ``not_modified`` are counts."""

    source: CombinedSource
    articles: list[Article] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    requests: int = 0
    not_modified: int = 0

    @property
    def titles(self) -> list[str]:
        return [each.title for each in self.articles]

    @property
    def codes(self) -> list[str]:
        """Codes of errors, skipped inputs and remarks, sorted."""
        told = (*self.errors, *self.skipped, *self.remarks)
        return sorted(each.code for each in told)


def crawl(
    site: NewsSite,
    path: str = "/",
    *,
    clock: Clock | None = None,
    store: Path | None = None,
    most: int | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    allowed: Sequence[str] | None = None,
    resolve: Resolve = system_addresses,
    user_agent: str = "Klastriotsing/1",
    **settings: object,
) -> Crawl:
    """Crawls ``path`` of ``site``, or a whole address; stops after ``most`` inputs."""
    clock = clock or Clock()
    clock.at += 100_000.0
    session = Session(PageStore(store), user_agent, clock.pace, resolve)
    allow = tuple([site.host] if allowed is None else allowed)
    location = path if "://" in path else site.address + path
    given = SourceSettings(location, allow_private=allow, **settings)  # type: ignore[arg-type]
    opened = open_source(given, limits, session=session)
    done = Crawl(CombinedSource([opened]))
    inputs = list(done.source.scan())
    for _, found in read_files(done.source, inputs if most is None else inputs[:most]):
        for kind, kept in (
            (Article, done.articles),
            (Skipped, done.skipped),
            (Remark, done.remarks),
            (Duplicate, done.duplicates),
            (SourceError, done.errors),
        ):
            if isinstance(found, kind):
                kept.append(found)  # type: ignore[attr-defined]
    traffic = opened.traffic()
    done.requests, done.not_modified = traffic.requests, traffic.not_modified
    session.close()
    return done
