"""What each word of a query, and each part of a compound, would be asked for by itself."""

import pytest

from search.query.subqueries import compound_subqueries, subqueries_of
from search.service import SearchService


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("robot saepuru", ("robot", "saepuru")),
        ("Robot saepuru robot", ("Robot", "saepuru")),
        ("robot ja saepuru", ("robot", "saepuru")),
        ("robot VÕI saepuru JA puit", ("robot", "saepuru", "puit")),
        ('"roheline robot"', ("roheline", "robot")),
        ('="rohelise roboti"~3 klaster', ("=rohelise", "=roboti", "klaster")),
        ("=klastrit digi*", ("=klastrit", "digi*")),
        # What is to be left out finds nothing.
        ("puit -mets klaster", ("puit", "klaster")),
        ("puit EI (mets kivi) klaster", ("puit", "klaster")),
        ("puit -(mets (kivi)) klaster", ("puit", "klaster")),
        ("puit -valdkond:robotid klaster", ("puit", "klaster")),
        ("-(-puit mets) klaster", ("puit", "klaster")),
        # A field goes with what it holds for, and a name stays whole.
        ("title:(puit mets) klaster", ("pealkiri:puit", "pealkiri:mets", "klaster")),
        ('pealkiri:"puidu klaster" mets', ("pealkiri:puidu", "pealkiri:klaster", "mets")),
        ('org:"Mere Klaster" year:2016', ('organisatsioon:"Mere Klaster"', "aasta:2016")),
        ("(puit (mets)) -kivi)", ("puit", "mets")),
        ("robot – !", ("robot",)),
        # One thing is the whole query.
        ("robot", ()),
        (" robot ", ()),
        ("pealkiri:robot", ()),
        ("", ()),
        ("-", ()),
        ("((", ()),
    ],
)
def test_parts(query: str, parts: tuple[str, ...]) -> None:
    assert subqueries_of(query) == parts


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("puidupäevik", ("puit", "päevik")),
        ("title:puidupäevik", ("pealkiri:puit", "pealkiri:päevik")),
        # What is asked for as it is written, as a beginning or as a value is no compound.
        ("=puidupäevik", ()),
        ("puidupäevik*", ()),
        ("org:puidupäevik", ()),
        ('"puidupäevik"', ()),
        ("puidupäevik puit", ()),
        ("", ()),
    ],
)
def test_inner_parts(query: str, parts: tuple[str, ...]) -> None:
    cut = {"puidupäevik": ("puit", "päevik"), "puidupäevik*": ("puit",)}
    assert tuple(compound_subqueries(query, lambda word: cut.get(word, ()))) == parts


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("puiduklastripäevik", {"puit", "puiduklaster", "klaster", "päevik"}),
        ("Puiduklastripäevikutes", {"puit", "puiduklaster", "klaster", "päevik"}),
        ("klastrofoobia", set()),
        ("robot", set()),
        ("=puiduklastripäevik", set()),
        ("", set()),
    ],
)
def test_a_compound_that_finds_nothing_has_parts_that_do(
    service: SearchService, query: str, parts: set[str]
) -> None:
    assert set(service.subqueries(query, 8)) == parts


def test_the_parts_of_a_compound_stand_behind_it(service: SearchService) -> None:
    assert service.subqueries("robot puidupäevik saepuru", 8) == (
        "robot",
        "puidupäevik",
        "puit",
        "päevik",
        "saepuru",
    )
    assert service.subqueries("robot puidupäevik saepuru", 3) == ("robot", "puidupäevik", "puit")
    assert service.subqueries("robot saepuru", 8) == ("robot", "saepuru")  # saepuru finds something
