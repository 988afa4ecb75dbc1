"""Findings: data extracted from an article's text, stored to form facets again.

They depend on no taxonomy, gazetteer or overrides, so facets can be formed again when one of these
has changed.
"""

import json
import zlib
from dataclasses import asdict, dataclass, replace
from typing import Any

from indexer.extract.overrides import OVERRIDDEN
from search.article import (
    Article,
    Extracted,
    Mention,
    PartialDate,
    date_from_dict,
    date_to_dict,
    extracted_from_dict,
)
from search.engines.contract import TextField

_LEVEL = 6


@dataclass(frozen=True, slots=True)
class GivenValues:
    """Facet values given by the source."""

    published: Extracted[PartialDate] | None = None
    year: Extracted[int] | None = None
    focus_areas: tuple[Extracted[str], ...] = ()
    organisations: tuple[Extracted[str], ...] = ()

    @classmethod
    def of_article(cls, article: Article) -> "GivenValues":
        """Values given by the source of ``article``, without extracted or overridden ones."""
        published, year = article.published, article.year
        return cls(
            published if published is not None and _is_given(published) else None,
            year if year is not None and _is_given(year) else None,
            tuple(each for each in article.focus_areas if _is_given(each)),
            tuple(each for each in article.organisations if _is_given(each)),
        )

    def applied_to(self, article: Article) -> Article:
        """``article`` with these values alone, without extracted ones."""
        return replace(
            article,
            published=self.published,
            year=self.year,
            focus_areas=self.focus_areas,
            organisations=self.organisations,
            mentions=(),
            known_as=(),
        )


@dataclass(frozen=True, slots=True)
class ExtractionResult:
    """Given values, resolved date and year, and mentions in the text.

    ``funding_notes`` are ranges of sentences that name a funder: part, start and end. For
    ``doubtful``, ``proven`` and ``aliases`` see
    :class:`~indexer.extract.organisations.organisation_finder.FoundOrganisations`.
    """

    given: GivenValues
    published: Extracted[PartialDate] | None
    year: Extracted[int] | None
    mentions: tuple[Mention, ...]
    funding_notes: tuple[tuple[TextField, int, int], ...]
    doubtful: tuple[Mention, ...] = ()
    proven: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()

    def to_bytes(self) -> bytes:
        """Serialises to zlib-compressed JSON."""
        given = self.given
        data = {
            "given_published": given.published and date_to_dict(given.published),
            "given_year": given.year and asdict(given.year),
            "given_focus_areas": [asdict(each) for each in given.focus_areas],
            "given_organisations": [asdict(each) for each in given.organisations],
            "published": self.published and date_to_dict(self.published),
            "year": self.year and asdict(self.year),
            "mentions": [(each.name, each.part, each.start, each.end) for each in self.mentions],
            "funding_notes": self.funding_notes,
            "doubtful": [(each.name, each.part, each.start, each.end) for each in self.doubtful],
            "proven": self.proven,
            "aliases": self.aliases,
        }
        filled = {key: value for key, value in data.items() if value}
        return zlib.compress(json.dumps(filled, ensure_ascii=False).encode(), _LEVEL)

    @classmethod
    def from_bytes(cls, packed: bytes) -> "ExtractionResult":
        """Reverses :meth:`to_bytes`."""
        data: dict[str, Any] = json.loads(zlib.decompress(packed))
        return cls(
            GivenValues(
                _date(data.get("given_published")),
                _value(data.get("given_year")),
                tuple(extracted_from_dict(each) for each in data.get("given_focus_areas", ())),
                tuple(extracted_from_dict(each) for each in data.get("given_organisations", ())),
            ),
            _date(data.get("published")),
            _value(data.get("year")),
            tuple(Mention("organisation", *each) for each in data.get("mentions", ())),
            tuple((part, start, end) for part, start, end in data.get("funding_notes", ())),
            tuple(Mention("organisation", *each) for each in data.get("doubtful", ())),
            tuple(data.get("proven", ())),
            tuple((short, name) for short, name in data.get("aliases", ())),
        )


def _is_given(value: Extracted[Any]) -> bool:
    return value.origin == "given" and value.evidence != OVERRIDDEN


def _date(data: dict[str, Any] | None) -> Extracted[PartialDate] | None:
    return None if data is None else date_from_dict(data)


def _value(data: dict[str, Any] | None) -> Extracted[Any] | None:
    return None if data is None else extracted_from_dict(data)
