"""Names are found by any part of them, in any case form, with or without diacritics."""

import pytest

from search.analysis import Analyzer
from search.name_finder import NameFinder

NAMES = (
    "Kuusiku Mööbliklaster", "Klastrikoda", "Eesti Klastrite Liit", "Õhtuülikool",
    "Rannarahva Töökoda", "Kojamees OÜ", "EAS", "Peadpidi MTÜ", "Žürii & Co", "Kagu-Võru Selts",
)  # fmt: skip


@pytest.fixture(scope="module")
def finder(analyzer: Analyzer) -> NameFinder:
    return NameFinder(analyzer)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        *((each, NAMES[:3]) for each in ("klaster", "klastrid", "Klastrisse", "KLASTRITE")),
        ("klastri", NAMES[:3]),
        ("mööbel", NAMES[:1]),
        ("obli", NAMES[:1]),
        ("ulikoolis", NAMES[3:4]),
        ("ÜLIKOOL", NAMES[3:4]),
        ("töökojad", NAMES[4:5]),
        ("koda", ("Klastrikoda", "Rannarahva Töökoda", "Kojamees OÜ")),
        ("eas", ("EAS",)),
        ("EAS", ("EAS",)),
        ("zurii", NAMES[8:9]),
        ("selts kagu", NAMES[9:]),
        ("klaster mööbel", NAMES[:1]),
        ("klaster puudub", ()),
        ("", NAMES),
        (" - ", NAMES),
    ],
)
def test_a_name_is_found(finder: NameFinder, typed: str, found: tuple[str, ...]) -> None:
    assert tuple(filter(finder.matcher(typed), NAMES)) == found


def test_whatever_is_typed_is_no_pattern(finder: NameFinder) -> None:
    for typed in (".*", "(", "[a", "a" * 5000, "\\", "klaster|", "a b " * 500):
        assert isinstance(finder.matcher(typed)("Klastrikoda"), bool)
