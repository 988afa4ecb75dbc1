"""Query report for the operator: top, unanswered and slow queries, with suggested lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.errors import KlastriError
from search.query.lexer import lexemes
from search.request import SearchRequest
from search.service import SearchService
from search.yaml_loader import yaml_scalar
from webui.addresses.parameters import SearchState
from webui.components import shown_date
from webui.localisation import Localisation
from webui.operating.metrics import AskedQuery, Metrics, by_month, slow_limit, slow_queries

#: Most queries of each kind, and most months.
LISTED = 50
MOST_MONTHS = 12
#: Most replacements suggested for a query.
MOST_REPLACEMENTS = 3
#: Syntax of the synonyms file, which a name may not contain.
_RULE_SIGNS = re.compile(r"[=~#>|\"„“”«»]")


@dataclass(frozen=True, slots=True)
class FileLine:
    """A suggested line for one of the owner's files; ``file`` is its key in the configuration."""

    file: str
    line: str


@dataclass(frozen=True, slots=True)
class ReportedQuery:
    """A query as listed: its URL, its numbers as text, and suggested lines."""

    query: str
    url: str
    times: str
    slowest_ms: str
    found: str
    partial: str
    searched: str
    lines: tuple[FileLine, ...] = ()


@dataclass(frozen=True, slots=True)
class UnansweredMonth:
    """The queries of one month that found nothing."""

    month: str
    queries: tuple[ReportedQuery, ...]


@dataclass(frozen=True, slots=True)
class QueryReport:
    """View model of the query report; ``slow_ms`` is the threshold of slow queries."""

    top: tuple[ReportedQuery, ...]
    unanswered: tuple[UnansweredMonth, ...]
    partial: tuple[ReportedQuery, ...]
    slow: tuple[ReportedQuery, ...]
    slow_ms: str


def query_report(
    metrics: Metrics, service: SearchService, state: SearchState, here: Localisation
) -> QueryReport:
    """Builds the report; ``state`` is at the start of the public site."""
    asked = metrics.asked()
    lines: dict[str, tuple[FileLine, ...]] = {}

    def reported(each: AskedQuery, suggests: bool = False) -> ReportedQuery:
        if suggests and each.query not in lines:
            lines[each.query] = tuple(suggested_lines(each, service))
        return ReportedQuery(
            query=each.query,
            url=state.query_url(each.query),
            times=here.number(each.times),
            slowest_ms=here.number(round(each.slowest_ms, 1)),
            found=here.number(each.found),
            partial=here.number(each.partial),
            searched=each.searched,
            lines=lines[each.query] if suggests else (),
        )

    def month(iso: str) -> str:
        date = shown_date(iso, None)
        return here.date(date) if date else iso

    unanswered = by_month(each for each in asked if each.is_unanswered)[:MOST_MONTHS]
    partial = [each for each in asked if each.is_partial][:LISTED]
    return QueryReport(
        top=tuple(map(reported, asked[:LISTED])),
        unanswered=tuple(
            UnansweredMonth(month(iso), tuple(reported(each, True) for each in some[:LISTED]))
            for iso, some in unanswered
        ),
        partial=tuple(reported(each, True) for each in partial),
        slow=tuple(map(reported, slow_queries(asked)[:LISTED])),
        slow_ms=here.number(round(slow_limit(asked))),
    )


def suggested_lines(asked: AskedQuery, service: SearchService) -> Iterator[FileLine]:
    """Suggests lines of synonyms and of the gazetteer that would let the query find something."""
    name = plain_name(asked.query)
    if not name:
        return
    for meant in _replacements(asked, service):
        yield FileLine("synonyms", f"{name} -> {meant}")
    if name[:1].isupper():
        yield FileLine("gazetteer", f"  - name: {yaml_scalar(name)}")


def synonym_line(query: str, meant: str) -> FileLine | None:
    """The synonym rule of ``query`` and ``meant``; None if either is no plain name."""
    name, other = plain_name(query), plain_name(meant)
    return FileLine("synonyms", f"{name} = {other}") if name and other else None


def plain_name(query: str) -> str:
    """The words of a query; empty if it has operators or fields."""
    found = list(lexemes(query))
    if any(each.kind not in ("word", "phrase") or each.exact for each in found):
        return ""
    name = " ".join(" ".join(each.text for each in found).split())
    return "" if _RULE_SIGNS.search(name) or "*" in name else name


def _replacements(asked: AskedQuery, service: SearchService) -> Sequence[str]:
    """Queries that find something, to replace one that does not."""
    if asked.searched:
        return [asked.searched]
    try:
        results = service.search(SearchRequest(asked.query, page_size=1), facets=())
        parts = service.subqueries(asked.query, MOST_REPLACEMENTS + 1)
    except KlastriError:  # nothing to suggest
        return []
    # A single word of a query is no replacement for all of it.
    offered = [each.query for each in results.suggestions]
    offered += () if " " in plain_name(asked.query) else parts
    plain = [name for each in offered if each != asked.query and (name := plain_name(each))]
    return [each for each in dict.fromkeys(plain) if _finds(each, service)][:MOST_REPLACEMENTS]


def _finds(query: str, service: SearchService) -> bool:
    try:
        found = service.search(SearchRequest(query, page_size=1), facets=())
    except KlastriError:
        return False
    return found.searched == query and found.total > 0
