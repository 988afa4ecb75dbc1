"""The parser of dates: every form seen in Estonian cluster news, and what only looks like one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.extract.dates.date_parser import DateSpan, find_dates
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
        ("teisipäeval, 12. mail 2016", "12. mail 2016", 2016, 5, 12, None),
        ("Kohtuti 12.05.16 Elvas", "12.05.16", 2016, 5, 12, None),
        ("Kohtuti 12.-13.05.'16 Elvas", "12.-13.05.'16", 2016, 5, 12, 13),
        ("Kohtuti 12.05.96 Elvas", "12.05.96", 1996, 5, 12, None),
        ("Kohtuti 12. mail '16 Elvas", "12. mail '16", 2016, 5, 12, None),
        ("Kohtuti 12.5.2016 Elvas", "12.5.2016", 2016, 5, 12, None),
        ("Kohtuti 9. 03. 2001 Elvas", "9. 03. 2001", 2001, 3, 9, None),
        ("Kohtuti 12/05/2016 Elvas", "12/05/2016", 2016, 5, 12, None),
        ("Kohtuti 12-05-2016 Elvas", "12-05-2016", 2016, 5, 12, None),
        ("kuupäev:12.05.2016", "12.05.2016", 2016, 5, 12, None),
        ("Kirje 2016/05/12", "2016/05/12", 2016, 5, 12, None),
        ("Kirje 2016.05.12", "2016.05.12", 2016, 5, 12, None),
        ("Kirje 2016-05-12T09:30:00+03:00", "2016-05-12T09:30:00+03:00", 2016, 5, 12, None),
        ("Võrus 12.V 2016", "12.V 2016", 2016, 5, 12, None),
        ("Võrus 12.-13. XII 2016", "12.-13. XII 2016", 2016, 12, 12, 13),
        ("Kohtuti 12. nov 2016 Elvas", "12. nov 2016", 2016, 11, 12, None),
        ("Kohtuti 5. jaan. 2016 Elvas", "5. jaan. 2016", 2016, 1, 5, None),
        ("Käidi 12., 13. ja 14. mail 2016", "12., 13. ja 14. mail 2016", 2016, 5, 12, 14),
        ("Käidi 1.–3. juunini 2016", "1.–3. juunini 2016", 2016, 6, 1, 3),
        ("Käidi 12.- 13. mail 2016", "12.- 13. mail 2016", 2016, 5, 12, 13),
        ("Käidi 07.09.2016-10.09.2016.a.", "07.09.2016-10.09.2016.a.", 2016, 9, 7, 10),
        ("the 3rd of May 2017", "3rd of May 2017", 2017, 5, 3, None),
        ("on Nov. 5, 2013 we met", "Nov. 5, 2013", 2013, 11, 5, None),
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
        ("2016. aasta kevadel", "2016"),
        ("mai '16", "2016-05"),
        ("arhiiv 2016-05", "2016-05"),
        ("3-04 märtsis 2003", "2003-03"),
        ("in March 2001", "2001-03"),
        ("в мае 2017", "2017-05"),
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


@pytest.mark.parametrize(
    "text",
    [
        "28. maist 2. juunini 2016",
        "28. maist kuni 2. juunini 2016",
        "28. mai – 2. juuni 2016",
        "28.05–02.06.2016",
        "28.05.–02.06.16",
        "28.05.2016-02.06.2016",
        "28 May–2 June 2016",
    ],
)
def test_range_over_two_months_shares_its_year(text: str) -> None:
    (span,) = find_dates(f"Laager {text}, metsas")
    assert span.text == text
    assert span.date == PartialDate(2016, 5, 28)
    assert (span.last_year, span.last_month, span.last_day) == (None, 6, 2)


@pytest.mark.parametrize(
    "text",
    ["28. detsembrist 3. jaanuarini 2016", "28.12–03.01.2016", "28.12.2015–03.01.2016"],
)
def test_range_over_new_year(text: str) -> None:
    (span,) = find_dates(f"Laager {text}, metsas")
    assert span.date == PartialDate(2015, 12, 28)
    assert (span.last_year, span.last_month, span.last_day) == (2016, 1, 3)


def test_days_of_an_enumeration_share_the_year() -> None:
    spans = find_dates("Koolitused on 28. oktoobril, 4. ja 11. novembril 2013 ning 5. mail.")
    assert [(each.year, each.month) for each in spans] == [(2013, 10), (2013, 11), (None, 5)]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("aastatel 2014–2020 ehitati", 2014, 2020),
        ("2014.–2016. aastal", 2014, 2016),
        ("2014.a.-2016.a.", 2014, 2016),
        ("õppeaastal 2014/2015", 2014, 2015),
        ("hooajal 2014/15", 2014, 2015),
        ("aastatel 2010-12", 2010, 2012),
        ("1990. aastatel", 1990, 1999),
        ("2000ndatel", 2000, 2009),
    ],
)
def test_range_of_years(text: str, first: int, last: int) -> None:
    (span,) = find_dates(text)
    assert (span.year, span.last_year, span.month) == (first, last, None)


@pytest.mark.parametrize(
    ("text", "written", "relative", "told"),
    [
        ("Eelmise aasta mais avati labor", "Eelmise aasta mais", -1, "2015-05"),
        ("See oli läinud aasta 12. mail", "läinud aasta 12. mail", -1, "2015-05-12"),
        ("See oli üle-eelmise aasta mais", "üle-eelmise aasta mais", -2, "2014-05"),
        ("Mullu detsembris avati labor", "Mullu detsembris", -1, "2015-12"),
        ("Tänavu mais avatakse labor", "Tänavu mais", 0, "2016-05"),
        ("Talvepäev oli 5. veebruaril k.a.", "5. veebruaril k.a.", 0, "2016-02-05"),
        ("Järgmise aasta 3. mail", "Järgmise aasta 3. mail", 1, "2017-05-03"),
    ],
)
def test_relative_to_a_known_year(text: str, written: str, relative: int, told: str) -> None:
    (span,) = find_dates(text)
    assert (span.text, span.relative, span.year, span.date) == (written, relative, None, None)
    date_told = span.in_year(2016)
    assert date_told is not None
    assert date_told.iso == told


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
        "31.02.16",
        "10.13.16",
        "25/13/2016",
        "2016-13-05",
        "31. IV 2016",
        "01.12.2009–31.02.2010",
        "05.09.2016-01.08.2016",
        "vt punkt 10.12.14",
        "versioon 2.10.14",
        "kell 10.12.14",
        "1. Jaan Tamm",
        "19. sajandil",
        "20. sajandi lõpus",
        "ISO 14001:2015",
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


DAYS = st.integers(min_value=0, max_value=40)
MONTHS = st.integers(min_value=0, max_value=15)
YEARS = st.integers(min_value=1800, max_value=2200)
MONTH_NAMES = (
    "jaanuaril veebruaril märtsil aprillil mail juunil juulil augustil septembril oktoobril "
    "novembril detsembril"
).split()
PIECES = st.sampled_from(
    [
        *MONTH_NAMES,
        *"kuni ja a. aasta aastal mullu eelmise V XII May 2016 1999 12 31 30 02 5".split(),
        *(" ", "\n", ".", ",", "-", "–", "/", "'16"),
    ]
)


def is_possible(span: DateSpan) -> bool:
    """Are the first and last day of ``span`` days, in that order?"""
    year = span.year or 2024
    first = date(year, span.month or 1, span.day or 1)
    last_year = span.last_year or year
    last = date(last_year, span.last_month or span.month or 12, span.last_day or 28)
    return span.last_day is None or first < last or span.year is None


@given(day=DAYS, month=MONTHS, year=YEARS)
def test_only_days_of_the_calendar_pass(day: int, month: int, year: int) -> None:
    texts = [f"{day:02}.{month:02}.{year}", f"{year}-{month:02}-{day:02}", f"{day}/{month}/{year}"]
    if 1 <= month <= 12:
        texts.append(f"{day}. {MONTH_NAMES[month - 1]} {year}. a.")
    try:
        right = date(year, month, day) if 1900 <= year < 2100 else None
    except ValueError:
        right = None
    for text in texts:
        days = [span for span in find_dates(text) if span.year and span.day]
        if right is None:
            assert days == []
        else:
            assert [span.date for span in days] == [PartialDate(year, month, day)]


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_spans_lie_in_the_text_and_are_possible(text: str) -> None:
    end = 0
    for span in find_dates(text):
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text
        assert is_possible(span)
        end = span.end
