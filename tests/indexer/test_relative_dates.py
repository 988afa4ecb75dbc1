"""Words that count from the day of writing, told forwards and backwards."""

import pytest

from indexer.extract.dates.relative_dates import (
    find_relative_dates,
    shifted_date,
    weekday_before,
    year_offset,
)
from search.article import PartialDate

KNOWN = PartialDate(2016, 6, 7)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Täna avati labor", "2016-06-07"),
        ("Eile avati labor", "2016-06-06"),
        ("Üleeile avati labor", "2016-06-05"),
        ("Homme avatakse labor", "2016-06-08"),
        ("Möödunud nädalal avati labor", None),  # 30 May to 5 June
        ("Eelmisel nädalal avati labor", None),
        ("Sel nädalal avatakse labor", "2016-06"),
        ("Järgmisel nädalal avatakse labor", "2016-06"),
        ("Läinud aastal avati labor", "2015"),
        ("Mullu avati labor", "2015"),
        ("Mullusel messil käis tuhat inimest", "2015"),
        ("Üle-eelmisel aastal avati labor", "2014"),
        ("Tänavu avatakse labor", "2016"),
        ("Tuleval aastal avatakse labor", "2017"),
        ("The lab opened yesterday", "2016-06-06"),
        ("The lab opened last year", "2015"),
    ],
)
def test_relative_to_a_known_date(text: str, iso: str | None) -> None:
    (words,) = find_relative_dates(text)
    told = shifted_date(KNOWN, words.unit, words.offset)
    assert told is not None
    assert told.iso == (iso or "2016")
    assert text[words.start : words.end].strip() == text[words.start : words.end]


@pytest.mark.parametrize(
    "text", ["Viimastel aastatel", "Möödunud aastate jooksul", "Selline labor", "eilne", "Tänane"]
)
def test_other_words(text: str) -> None:
    assert list(find_relative_dates(text)) == []


def test_back_to_the_day_of_writing() -> None:
    assert shifted_date(PartialDate(2015, 12, 31), "day", 1) == PartialDate(2016, 1, 1)
    assert shifted_date(PartialDate(2015, 12, 20), "week", 1) == PartialDate(2015, 12)
    assert shifted_date(PartialDate(2015, 12, 25), "week", 1) is None  # 28 December to 3 January
    assert shifted_date(PartialDate(2015), "year", 1) == PartialDate(2016)


def test_less_is_known_than_the_unit() -> None:
    assert shifted_date(PartialDate(2016, 6), "day", -1) is None
    assert shifted_date(PartialDate(2016), "week", -1) is None
    assert shifted_date(PartialDate(9999, 12, 31), "day", 1) is None


def test_year_offset_of_words() -> None:
    assert year_offset("Eelmise aasta") == -1
    assert year_offset("tänavu") == 0
    assert year_offset("ammu") is None


@pytest.mark.parametrize(
    ("text", "weekday"),
    [
        ("Esmaspäeval, 12. mail", 0),
        ("toimub reedel 12. mail", 4),
        ("pühapäev, 12. mail", 6),
        ("on Thursday, 12 May", 3),
        ("toimub 12. mail", None),
        ("reedel peetud laat oli 12. mail", None),
    ],
)
def test_weekday_before(text: str, weekday: int | None) -> None:
    assert weekday_before(text, text.index("12")) == weekday
