"""The query language: what is typed, what it means, and how that is said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.analysis import Analyzer
from search.i18n import translator
from search.query import QueryParser, explain
from search.query.ast import (
    And,
    Everything,
    FacetTerm,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    Words,
)

AREAS = {"rohe- ja ringmajandus": "rohe-ringmajandus", "rohe-ringmajandus": "rohe-ringmajandus"}


@pytest.fixture(scope="module")
def parser(analyzer: Analyzer) -> QueryParser:
    return QueryParser(analyzer, lambda name: AREAS.get(name.casefold()))


def shape(node: Node) -> object:
    """The tree with only its texts, to compare by eye."""
    if isinstance(node, Word):
        exact = all(each.channel == "surface" for each in node.alternatives)
        text = ("=" if exact else "") + node.text
        return f"title:{text}" if node.field == "title" else text
    if isinstance(node, Prefix):
        return node.text + "*"
    if isinstance(node, Phrase):
        return ("=" if node.exact else "", [each.text for each in node.words], node.slop)
    if isinstance(node, FacetTerm):
        return f"{node.facet}:{node.value}"
    if isinstance(node, Not):
        return ("not", shape(node.child))
    if isinstance(node, Everything):
        return "*"
    names = {And: "and", Or: "or", Words: "words"}
    return (names[type(node)], *map(shape, node.children))


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("", "*"),
        ("klaster", "klaster"),
        ("klaster liit", ("words", "klaster", "liit")),
        ("klaster klaster", "klaster"),
        ("metsa- ja puiduklaster", ("words", "metsa", "puiduklaster")),
        ("ja", "ja"),
        ('"Euroopa klaster"', ("", ["Euroopa", "klaster"], 0)),
        ("Klaster „Puit“ avas tehase", ("words", "Klaster", "Puit", "avas", "tehase")),
        ("„Euroopa klaster“", ("", ["Euroopa", "klaster"], 0)),
        ('"Euroopa klaster"~3', ("", ["Euroopa", "klaster"], 3)),
        ('="Euroopa klastrite"', ("=", ["Euroopa", "klastrite"], 0)),
        ("=klaster", "=klaster"),
        ("puit OR mets", ("or", "puit", "mets")),
        ("puit VÕI mets", ("or", "puit", "mets")),
        ("puit või mets", ("words", "puit", "või", "mets")),
        ("puit OR mets klaster", ("and", "klaster", ("or", "puit", "mets"))),
        ("puit AND mets", ("and", "puit", "mets")),
        ("kes on klastri juht", ("words", "klastri", "juht")),
        ("Mida teha, kui klaster ei kasva?", ("words", "klaster", "kasva")),
        ("kui palju maksab vesi", ("words", "maksab", "vesi")),
        ("miks klaster", "klaster"),
        ("kes see on", ("words", "kes", "see", "on")),
        ("EAS iga klaster", ("words", "EAS", "iga", "klaster")),
        (
            "PILDID JA VIDEO Klaster avas tehase",
            ("words", "PILDID", "VIDEO", "Klaster", "avas", "tehase"),
        ),
        ("EAS JA KIK", ("and", "EAS", "KIK")),
        ("puit JA mets", ("and", "puit", "mets")),
        ("klaster -puit", ("and", "klaster", ("not", "puit"))),
        ("klaster NOT puit", ("and", "klaster", ("not", "puit"))),
        ("klaster EI puit", ("and", "klaster", ("not", "puit"))),
        ("-puit", ("and", "*", ("not", "puit"))),
        ("vee-energia", "vee-energia"),
        ("(puit mets) OR vesi", ("or", ("words", "puit", "mets"), "vesi")),
        ("(puit mets) vesi", ("words", "puit", "mets", "vesi")),
        ("GSM/3G", ("words", "GSM", "3G")),
        ("28.01.2011", ("words", ("", ["28", "01", "2011"], 0))),
        ("klastri*", "klastri*"),
        ("EA*", "EA*"),
        ("k*", "k"),
        ("title:klaster", "title:klaster"),
        ("pealkiri:klaster mets", ("and", "mets", "title:klaster")),
        ("pealkiri:(klaster mets)", ("and", "title:klaster", "title:mets")),
        ("aasta:2016", "year:2016"),
        ("year:2014..2016", "year:2014-2016"),
        ("aasta:teadmata", "year:unknown"),
        ("aasta:eelmine", "eelmine"),
        ("valdkond:rohe-ringmajandus", "focus:rohe-ringmajandus"),
        ('valdkond:"Rohe- ja ringmajandus"', "focus:rohe-ringmajandus"),
        ('org:"Eesti Klastrikoda"', "org:Eesti Klastrikoda"),
        ("keel:en", "language:en"),
        ("allikas:www.rmel.ee", "source:rmel.ee"),
        ('source:"https://www.Rmel.ee/uudis"', "source:rmel.ee"),
        ('allikas:"Vanad kirjad"', "source:Vanad kirjad"),
        ("tundmatu:klaster", ("words", "tundmatu", "klaster")),
        ('"', "*"),
        ("()", "*"),
        ("OR", "*"),
        ("NOT", "*"),
        ("(klaster", "klaster"),
        ("klaster)", "klaster"),
        ('"klaster', "klaster"),
        ("NOT OR foobar", ("and", "*", ("not", "foobar"))),
    ],
)
def test_meaning(parser: QueryParser, query: str, meaning: object) -> None:
    assert shape(parser.parse(query)) == meaning


PIECES = st.sampled_from(
    [
        "klaster",
        "puidu",
        "OR",
        "VÕI",
        "NOT",
        "EI",
        "AND",
        "-",
        "(",
        ")",
        '"',
        "„",
        "“",
        "=",
        "*",
        "~",
        "~3",
        ":",
        "title:",
        "aasta:",
        "2016",
        "2014..2016",
        "org:",
        " ",
        "  ",
        "õ",
        "\u200b",
        "🌲",
        "'",
        "\\",
        "/",
        "%",
        "<b>",
        "EAS",
        "eas-i",
        "\x00",
        "1.-2.",
        "a" * 300,
    ]
)


@settings(max_examples=500, deadline=None)
@given(query=st.one_of(st.lists(PIECES, max_size=25).map("".join), st.text(max_size=80)))
def test_anything_typed_is_understood(parser: QueryParser, query: str) -> None:
    node = parser.parse(query)
    for language in ("et", "en"):
        said = explain(node, translator(language))
        assert bool(said) != isinstance(node, Everything)


def test_deep_nesting_is_no_trouble(parser: QueryParser) -> None:
    assert parser.parse("(" * 400 + "klaster" + ")" * 400) != Everything()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("klaster", "Searched: “klaster” in any form."),
        ("klastrid", "Searched: “klastrid” in any form (klaster)."),
        ("klaster -puit", "Searched: “klaster” in any form and without “puit” in any form."),
        ("=klaster", "Searched: “klaster” exactly so."),
        ("kla* aasta:2014-2016", "Searched: words beginning with “kla” and year 2014–2016."),
        (
            '"Euroopa klaster"~2',
            "Searched: the words “Euroopa klaster” in this order, at most 2 others between.",
        ),
    ],
)
def test_explanation(parser: QueryParser, query: str, said: str) -> None:
    assert explain(parser.parse(query), translator("en")) == said
