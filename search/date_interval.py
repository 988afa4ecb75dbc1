"""Date interval: filters by date of publication, from one partial date to another, inclusive."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from search.article import PartialDate
from search.errors import BadDate
from search.normalisation import DASHES, HYPHENS, clean_line

FIRST_YEAR, LAST_YEAR = 1900, 2200
_HYPHEN = re.compile(f"[{re.escape(HYPHENS)}{DASHES}]")
#: ISO 8601, cut to its precision, and the same as Estonians write it.
_FORMS: Mapping[re.Pattern[str], Callable[..., tuple[str, ...]]] = {
    re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII): lambda *each: each,
    re.compile(r"(?:(\d{1,2})\. ?)?(\d{1,2})\. ?(\d{4})", re.ASCII): lambda *each: each[::-1],
}
#: Separator of an interval in ISO 8601.
_SEPARATOR = "/"


@dataclass(frozen=True, slots=True)
class DateInterval:
    """A span of days from the beginning of ``first`` to the end of ``last``; None is open.

    It holds an article if it holds every day of the article's date: a date of 2016 without a month
    is in the year 2016 and in no month. So the spans of a chart share no article.
    """

    first: PartialDate | None = None
    last: PartialDate | None = None

    def __post_init__(self) -> None:
        # The dates may be in either order.
        if self.first and self.last and first_day(self.first) > last_day(self.last):
            first, last = self.last, self.first
            object.__setattr__(self, "first", first)
            object.__setattr__(self, "last", last)

    def __bool__(self) -> bool:
        return bool(self.first or self.last)

    @classmethod
    def parse(cls, first: str, last: str) -> "DateInterval":
        """The span between two dates as people write them, empty for open. Raises BadDate."""
        return cls(parse_date(first), parse_date(last))

    @classmethod
    def from_iso(cls, text: str) -> "DateInterval":
        """Reads :attr:`iso` back; a single date is the span of itself. Raises BadDate."""
        first, is_pair, last = text.partition(_SEPARATOR)
        return cls.parse(first, last if is_pair else first)

    @property
    def iso(self) -> str:
        """ISO 8601 interval: ``2016-03/2016-06``, ``2016/`` where it is open."""
        return _SEPARATOR.join(each.iso if each else "" for each in (self.first, self.last))

    @property
    def days(self) -> tuple[int, int]:
        """First and last day as ``yyyymmdd``; every month has 31 days."""
        return (
            first_day(self.first) if self.first else 0,
            last_day(self.last) if self.last else (LAST_YEAR + 1) * 10_000,
        )


ANY_DATE = DateInterval()


def parse_date(text: str) -> PartialDate | None:
    """The date ``2016``, ``2016-03``, ``2016-03-15``, ``15.03.2016`` or ``03.2016``.

    None for an empty ``text``. Raises BadDate.
    """
    if not text.strip():
        return None
    typed = _HYPHEN.sub("-", clean_line(text))
    for form, in_order in _FORMS.items():
        found = form.fullmatch(typed)
        if found:
            pieces = [each for each in in_order(*found.groups()) if each]
            try:
                date = PartialDate.from_iso("-".join(pieces))
            except ValueError:
                break
            if FIRST_YEAR <= date.year <= LAST_YEAR and all(map(int, pieces)):
                return date
    raise BadDate(value=text[:40])


def first_day(date: PartialDate) -> int:
    """The first day of ``date`` as ``yyyymmdd``."""
    return date.year * 10_000 + (date.month or 1) * 100 + (date.day or 1)


def last_day(date: PartialDate) -> int:
    """The last day of ``date`` as ``yyyymmdd``; every month has 31 days."""
    return date.year * 10_000 + (date.month or 12) * 100 + (date.day or 31)
