"""Validates given values: unknown focus areas, future dates, too many organisations.

Invalid values are ignored and reported; the article itself is indexed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from indexer.extract.organisations.organisation_facet import MOST_ORGANISATIONS
from search.article import Article
from search.taxonomy import Taxonomy

#: An event may be announced for the next year; a later date is mistyped.
_YEARS_AHEAD = 1


@dataclass(frozen=True, slots=True)
class GivenChecks:
    """Checks given values: areas of ``taxonomy``, and dates until just after ``latest_year``."""

    taxonomy: Taxonomy
    latest_year: int

    def has_future_date(self, article: Article) -> bool:
        """True if the given date of ``article`` is too far in the future."""
        date = article.published
        return (
            date is not None
            and date.origin == "given"
            and date.value.year > self.latest_year + _YEARS_AHEAD
        )

    def remarks(self, article: Article) -> Iterator[str]:
        """A line for each given value of ``article`` that is ignored."""
        if self.has_future_date(article) and article.published is not None:
            yield (
                f"{article.source}: its date {article.published.value.iso} is in the future, and "
                "does not count. Correct it"
            )
        if len(article.organisations) > MOST_ORGANISATIONS:
            yield (
                f"{article.source}: it has {len(article.organisations):,} organisations, of which "
                f"the first {MOST_ORGANISATIONS} count. Give those that it is about"
            )
        for each in article.focus_areas:
            if each.origin == "given" and self.taxonomy.find(each.value) is None:
                yield (
                    f"{article.source}: “{each.value}” is no focus area, and does not count. "
                    f"Write one of the taxonomy: {', '.join(self.taxonomy.ids)}"
                )
