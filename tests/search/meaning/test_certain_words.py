"""What of a query is certain: names, acronyms, numbers, and all that has signs of the language."""

from collections.abc import Callable, Iterator

import pytest
from meant_news import TEXTS
from news import index_news

from search.analysis import Analyzer
from search.configuration import Configuration
from search.engines.registry import fingerprint, open_index
from search.query import QueryParser
from search.query.ast import leaves, typed_text
from search.query.certain_words import CertainWordFinder
from search.query.interpreter import Interpreter
from search.query.synonyms import Thesaurus
from search.query_budget import QueryBudget

Judge = Callable[[str], list[str] | None]
#: What the model takes for English.
ENGLISH = ("price of a mammoth", "drunk drivers", "laine kivi wave", "laine production")


def told(query: str) -> str:
    return "en" if query in ENGLISH else "et"


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Iterator[Judge]:
    """The certain words of a query to a few news; None where all of it is certain."""
    index = open_index(index_news(tmp_path_factory.mktemp("certain"), TEXTS))
    reader = index.open(fingerprint(Configuration()))
    parser = QueryParser(analyzer, lambda _: None)
    thesaurus = Thesaurus((), parser)
    interpreter = Interpreter(reader, analyzer, parser, lambda: thesaurus)
    finder = CertainWordFinder(reader, analyzer, told)

    def judged(query: str) -> list[str] | None:
        node = interpreter.interpret(query, QueryBudget()).node
        found = finder.find(query, node)
        if found is None:
            return None
        return [typed_text(each) for each in leaves(found.node)] if found.node else []

    yield judged
    reader.close()


@pytest.mark.parametrize(
    "query",
    [
        "",
        '"purjus juht"',
        "=purjus juht",
        "purjus VÕI kaine",
        "(purjus juht)",
        "juht -purjus",
        "purj*",
        "pealkiri:purjus juht",
        '"purjus juht"~3',
        "kes see on",
        "mida teha",
        "2021",
        "EAS",
        "EASi",
        "Kersti Tamm",
        "laine kivi",
        "Laine Kivi 2021",
        "pärnu",
        "qwertzu",
    ],
)
def test_what_is_certain_has_no_other_meaning(query: str, judge: Judge) -> None:
    assert judge(query) is None


@pytest.mark.parametrize(
    ("query", "certain"),
    [
        ("roolijoodikud", []),
        ("Roolijoodikud", []),
        ("ROOLIJOODIKUD MAANTEEL", []),
        ("purjus juhid", []),
        ("Purjus juhid", []),
        ("Purjus Juhid Suurel Maanteel", []),
        ("miks juhid purjus sõidavad", []),
        ("purjus juhid Pärnus", ["Pärnus"]),
        ("purjus juhid pärnus", ["pärnus"]),
        ("Pärnu purjus juhid", ["Pärnu"]),
        ("EASi toetus tehasele", ["EASi"]),
        ("röntgen 2021", ["2021"]),
        ("laine kivi valimiskampaania", ["laine", "kivi"]),
        ("laine ja paat", []),
        ("Laine Tamme paat", ["Laine", "Tamme"]),
        ("qwertzu paat", ["qwertzu"]),
        ("„Purjus juhid“ teel", []),
        ("how many of the drivers were drunk", []),
        ("price of a mammoth", []),
        ("the price of Laine", ["Laine"]),
        ("drunk drivers", []),
        ("drunk juhid", ["drunk"]),
        ("laine kivi wave", ["laine", "kivi"]),
        ("laine production", []),
        ("пьяные водители", []),
        ("Путин и водители", ["Путин"]),
    ],
)
def test_names_and_numbers_must_be_held(query: str, certain: list[str], judge: Judge) -> None:
    assert judge(query) == certain
