"""The parser of dates: every form seen in Estonian cluster news, and what only looks like one."""

import pytest

from indexer.enrich.dates import find_dates
from search.article import PartialDate


@pytest.mark.parametrize(
    ("text", "written", "year", "month", "day", "last_day"),
    [
        ("Messi avati 07. juunil 2016.a. pidulikult", "07. juunil 2016.a.", 2016, 6, 7, None),
        ("Kokku saadi 27.jaanuaril linnamajas", "27.jaanuaril", None, 1, 27, None),
        ("Õppereis toimus 27.-28.01.2011 Lätis", "27.-28.01.2011", 2011, 1, 27, 28),
        ("Leping sõlmiti 14.12.2010.a. Pärnus", "14.12.2010.a.", 2010, 12, 14, None),
        ("17. veebruar, 2010", "17. veebruar, 2010", 2010, 2, 17, None),
        ("03. oktoober 2007, 00:00", "03. oktoober 2007, 00:00", 2007, 10, 3, None),
        ("22.05.2020 12:39", "22.05.2020 12:39", 2020, 5, 22, None),
        ("Kursus on 12.-13. mail Narvas", "12.-13. mail", None, 5, 12, 13),
        ("Näitus kestis 08.-10.juunini", "08.-10.juunini", None, 6, 8, 10),
        ("Kohtuti 12. ja 13. mail 2014", "12. ja 13. mail 2014", 2014, 5, 12, 13),
        ("2009. aasta 12. detsembril", "2009. aasta 12. detsembril", 2009, 12, 12, None),
        ("esmaspäeval, 5. okt. 2011", "5. okt. 2011", 2011, 10, 5, None),
        ("Vaata 2015-04-03 kirjet", "2015-04-03", 2015, 4, 3, None),
        ("Töö algas 3.mai2012", "3.mai2012", 2012, 5, 3, None),
        ("on 1 December 2016 in Tartu", "1 December 2016", 2016, 12, 1, None),
        ("on May 3, 2017 we met", "May 3, 2017", 2017, 5, 3, None),
        ("Встреча 1 декабря 2016 года", "1 декабря 2016", 2016, 12, 1, None),
        ("Lehis 29. veebruaril 2016", "29. veebruaril 2016", 2016, 2, 29, None),
    ],
)
def test_day(
    text: str, written: str, year: int | None, month: int, day: int, last_day: int | None
) -> None:
    (span,) = find_dates(text)
    assert text[span.start : span.end] == span.text == written
    assert (span.year, span.month, span.day, span.last_day) == (year, month, day, last_day)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2009. aasta detsembris", "2009-12"),
        ("detsembris 2009", "2009-12"),
        ("jaanuarikuus 2012", "2012-01"),
        ("2013. aastal esitas", "2013"),
        ("2012.a. jätkatakse", "2012"),
        ("aastal 2016", "2016"),
    ],
)
def test_month_and_year(text: str, iso: str) -> None:
    (span,) = find_dates(text)
    assert span.date is not None
    assert span.date.iso == iso
    assert span.precision == ("month" if "-" in iso else "year")


@pytest.mark.parametrize(
    "month",
    "jaanuar veebruar märts aprill mai juuni juuli august september oktoober november "
    "detsember".split(),
)
@pytest.mark.parametrize("ending", ["nominative", "il", "ist", "ini", "iks", "ile", "i", "isse"])
def test_every_month_in_every_case(month: str, ending: str) -> None:
    stem = month.removesuffix("i")
    if stem.endswith(("tember", "oober", "vember", "sember")):
        stem = stem[:-2] + "r"
    form = month if ending == "nominative" else stem + ending
    (span,) = find_dates(f"Koosolek oli 4. {form} saalis")
    assert span.day == 4
    assert span.month is not None


def test_range_over_two_months() -> None:
    (span,) = find_dates("Laager kestab 31.05–02.06 metsas")
    assert (span.month, span.day, span.last_month, span.last_day) == (5, 31, 6, 2)
    assert [each.text for each in find_dates("28. maist 2. juunini")] == ["28. maist", "2. juunini"]


def test_range_of_years() -> None:
    (span,) = find_dates("aastatel 2014–2020 ehitati")
    assert (span.year, span.last_year) == (2014, 2020)


def test_both_ends_of_a_project() -> None:
    spans = find_dates("Projekt kestis 01.12.2009 kuni 29.11.2010.")
    assert [each.text for each in spans] == ["01.12.2009", "29.11.2010"]


@pytest.mark.parametrize(
    "text",
    [
        "31.02.2015",
        "30. veebruaril",
        "29.02.2015",
        "32. mail",
        "10.13.2014",
        "13.-12. mail",
        "kell 10.05 algab",
        "kella 9.10–10.12",
        "hind on 31.05 eurot",
        "täna 12:01",
        "versioon 2.10.1",
        "tel 2016345",
        "EXPO-2017",
    ],
)
def test_not_a_date(text: str) -> None:
    assert find_dates(text) == []


def test_impossible_date_does_not_leave_its_year() -> None:
    assert find_dates("Tähtaeg on 31.04.2019.") == []


def test_completed_only_by_a_year_that_has_the_day() -> None:
    (span,) = find_dates("Pidu oli 29. veebruaril")
    assert span.in_year(2016) == PartialDate(2016, 2, 29)
    assert span.in_year(2015) is None
