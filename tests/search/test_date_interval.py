"""Dates as people type them, and the spans between two of them."""

import pytest

from search.date_interval import ANY_DATE, DateInterval, parse_date
from search.errors import BadDate


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("2016", "2016"),
        (" 2016-3 ", "2016-03"),
        ("2016–03–15", "2016-03-15"),
        ("15.03.2016", "2016-03-15"),
        ("5. 3. 2016", "2016-03-05"),
        ("3.2016", "2016-03"),
    ],
)
def test_a_date_is_read_as_it_is_written(typed: str, iso: str) -> None:
    date = parse_date(typed)
    assert date
    assert date.iso == iso
    assert parse_date(iso) == date


@pytest.mark.parametrize(
    "typed", ["16", "20016", "1899", "2201", "2016-13", "30.02.2016", "0.2016", "täna", "٢٠١٦", "-"]
)
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(BadDate) as caught:
        parse_date(typed)
    assert typed in str(caught.value)


def test_nothing_is_no_date_and_no_span() -> None:
    assert parse_date("  ") is None
    assert not ANY_DATE
    assert DateInterval.parse("", "") == ANY_DATE
    assert DateInterval.from_iso("/") == ANY_DATE


def test_a_span_holds_whole_months_and_years_to_its_end() -> None:
    assert DateInterval.parse("2016", "2016").days == (20160101, 20161231)
    assert DateInterval.parse("2016-02", "2016-02").days == (20160201, 20160231)
    assert DateInterval.parse("2016-02-03", "").days[0] == 20160203
    assert DateInterval.parse("", "2016").days == (0, 20161231)


def test_the_later_date_may_come_first() -> None:
    assert DateInterval.parse("2016-05", "2014") == DateInterval.parse("2014", "2016-05")
    assert DateInterval.parse("2016-05", "2016").iso == "2016-05/2016"


@pytest.mark.parametrize("text", ["2016/2017", "2016-03/", "/2016-03-15", "2016/2016"])
def test_an_interval_is_written_as_it_is_read(text: str) -> None:
    assert DateInterval.from_iso(text).iso == text
    assert DateInterval.from_iso("2016") == DateInterval.from_iso("2016/2016")
