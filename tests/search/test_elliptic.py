"""„Metsa- ja puiduklaster“ speaks of two clusters; a hyphen does not always."""

import pytest

from search.analysis import Analyzer


def lemmas(analyzer: Analyzer, text: str, at: int = 0) -> set[str]:
    return set(analyzer.analyse(text)[at].terms.lemmas)


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("Metsa- ja puiduklaster", "metsaklaster"),
        ("Metsa- ja puiduklastritesse", "metsaklaster"),
        ("Metsa- ning puiduklaster", "metsaklaster"),
        ("linna- ega vallavalitsus", "linnavalitsus"),
        ("linna- või vallavalitsusele", "linnavalitsus"),
        ("disaini- kui ka filmiklaster", "disainiklaster"),
        ("riigi- kui Euroopa-üleseid", "riigiülene"),
        ("puidu-/mööblitööstus", "puidutööstus"),
        ("puidu- / mööblitööstus", "puidutööstus"),
        ("Ehitus-ja lammutusjäätmed", "ehitusjäätmed"),
        ("Metsa- ja eriti puidutööstus", "metsatööstus"),
        ("maismaa- ja meretuulepargid", "maismaatuulepark"),
        ("tarkvara- ja riistvaraarendus", "tarkvaraarendus"),
        ("era- ja riigiettevõtted", "eraettevõte"),
        ("sisse- ja väljaveo", "sissevedu"),
        ("IT- ja telekomifirmad", "it-firma"),
        ("e- ja m-teenused", "e-teenus"),
        ("Ida- ja Lääne-Virumaal", "ida-virumaa"),
        ("kahe- kuni kolmeaastane", "kaheaastane"),
    ],
)
def test_the_shared_end_completes_the_word(analyzer: Analyzer, text: str, full: str) -> None:
    assert full in lemmas(analyzer, text)


def test_every_word_of_a_list_is_completed(analyzer: Analyzer) -> None:
    found = analyzer.analyse("Metsa-, puidu- ja toiduklastrid kohtusid.")
    assert [set(each.terms.lemmas) for each in found[:2]] == [
        {"mets", "metsaklaster"},
        {"puit", "puiduklaster"},
    ]
    assert found[0].token.text == "Metsa"


def test_the_middle_of_a_long_compound_is_a_part(analyzer: Analyzer) -> None:
    found = analyzer.analyse("Rohe- ja ringmajandusklaster")[0].terms
    assert "rohemajandusklaster" in found.lemmas
    assert "rohemajandus" in found.parts
    assert "klaster" not in found.parts


def test_no_end_is_taken_twice(analyzer: Analyzer) -> None:
    found = analyzer.analyse("tarkvara- ja riistvaraarendus")[0].terms
    assert not any("varavara" in each for each in (*found.lemmas, *found.parts))


@pytest.mark.parametrize(
    "text",
    [
        "Metsa- puiduklaster",
        "Metsa-. Ja puiduklaster",
        "Metsa- ja\npuiduklaster",
        "Metsa- (ja) puiduklaster",
        "Metsa ja puiduklaster",
        "Metsa- ja klaster sai puiduklastri",
        "Metsa- ja",
        "Metsa-",
    ],
)
def test_nothing_else_completes_it(analyzer: Analyzer, text: str) -> None:
    assert lemmas(analyzer, text) == {"mets"}


def test_numbers_are_not_completed(analyzer: Analyzer) -> None:
    assert lemmas(analyzer, "5- ja 6-aastased") == {"5"}
    assert lemmas(analyzer, "metsa- ja 2016 puiduklaster") == {"mets"}


def test_butter_is_no_conjunction(analyzer: Analyzer) -> None:
    assert [each.token.text for each in analyzer.analyse("kakao-või segu")] == ["kakao-või", "segu"]
