"""What each word of a query would be asked for by itself."""

import pytest

from search.query.parts import parts_of


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
    assert parts_of(query) == parts
