"""Misspelt words: what is suggested, and when a query is replaced."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from news import ask, full, index_news, service_over, ways

from search.analysis import Analyzer, Vabamorf
from search.analysis.folding import within_one_edit
from search.request import FacetFilter, SearchRequest
from search.service import SearchService

NEWS = [
    "Klaster kasvab. Klastri liikmed kohtusid Tallinnas.",  # 1
    "Ringmajandus kogub hoogu. Ringmajanduse klaster asutati Tartus.",  # 2
    "Töötajad said koolitust. Iga töötaja õppis midagi uut.",  # 3
    "Töö ja tööta olek. Töö lõppes.",  # 4
    "Avaesen avas kontori. Avaeseni juht tervitas külalisi.",  # 5
    "Koor laulis. Koori juhatas Mart.",  # 6
    "Jäätmekäitlus muutub. Jäätmekäitluse hind tõusis 2019. aastal.",  # 7
    "Koort vahustati. Töötaja müüb rõõska koort.",  # 8
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return index_news(tmp_path_factory.mktemp("spelling"), NEWS)


@pytest.fixture(scope="module")
def service(index: Path, analyzer: Analyzer) -> Iterator[SearchService]:
    answering = service_over(index, analyzer)
    yield answering
    answering.close()


@pytest.mark.parametrize(
    ("query", "searched"),
    [
        ("klsater", "klaster"),
        ("Klsater", "Klaster"),
        ("klastr", "klaster"),
        ("ringmajadus", "ringmajandus"),
        ("rignmajandus", "ringmajandus"),
        ("jäätmkäitlus", "jäätmekäitlus"),
        ("jaatmkaitlus", "jäätmekäitlus"),
        ("töötja", "töötaja"),
        ("Avaessen", "Avaesen"),
        ("title:klsater", "title:klaster"),
        ("klsater ringmajadus", "klaster ringmajandus"),
        ('"ringmajaduse klsater"', '"ringmajanduse klaster"'),
    ],
)
def test_what_finds_nothing_is_replaced_aloud(
    service: SearchService, query: str, searched: str
) -> None:
    results = ask(service, query)
    assert results.searched == searched
    assert results.request.query == query
    assert results.total
    assert {how for _, _, how in ways(results)} == {"spelling"}
    assert results.explanation == ask(service, searched).explanation
    assert full(results) == full(ask(service, searched))
    assert searched not in {each.query for each in results.suggestions}


def test_the_reason_names_the_word_as_typed(service: SearchService) -> None:
    assert ("klsater", "Klastri", "spelling") in ways(ask(service, "klsater"))


def test_where_something_is_found_it_is_only_suggested(service: SearchService) -> None:
    partial = ask(service, "klsater Tallinn")
    assert partial.searched == "klsater Tallinn"
    assert (partial.total, partial.partial) == (0, 1)
    assert [(each.query, each.count) for each in partial.suggestions] == [("klaster Tallinn", 1)]
    either = ask(service, "klsater OR jäätmekäitlus")
    assert full(either) == ["7"]
    assert [(e.query, e.count) for e in either.suggestions] == [("klaster OR jäätmekäitlus", 3)]


def test_replaced_even_where_other_words_stay_unknown(service: SearchService) -> None:
    results = ask(service, "klsater xyzzyq")
    assert results.searched == "klaster xyzzyq"
    assert (results.total, results.partial) == (0, 2)


@pytest.mark.parametrize(
    "query",
    [
        "koer",  # right, though no article has it; *koor* is another word
        "tööta",  # the index holds it
        "klaster",
        "2018",
        "xyzzyq",
        "EJKLX",
        "EAS",
        "=klsater",
        '="klsater kasvab"',
        "klsat*",
        "org:klsater",
        "-klsater",
        "tt",
        "a" * 300,
    ],
)
def test_what_is_left_alone(service: SearchService, query: str) -> None:
    results = ask(service, query)
    assert results.searched == query
    assert not results.suggestions


def test_filters_hold_for_what_is_suggested(service: SearchService) -> None:
    results = service.search(SearchRequest("klsater", year=FacetFilter(("2019",))))
    assert (results.total, results.searched, results.suggestions) == (0, "klsater", ())


def test_the_article_is_marked_as_the_results_were(service: SearchService) -> None:
    view = service.article("1", "klsater")
    marked = [p.text[m.start : m.end] for p in view.paragraphs for m in p.marks]
    assert marked == ["Klastri"]
    assert not service.article("5", "xyzzyq").title_marks


def test_a_spoilt_word_of_the_synonyms_is_right(
    tmp_path: Path, index: Path, analyzer: Analyzer
) -> None:
    file = tmp_path / "syn.txt"
    file.write_text("klastr -> kobar", encoding="utf-8")
    answering = service_over(index, analyzer, file)
    assert ask(answering, "klastr").searched == "klastr"
    answering.close()


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("klaster", "klaster", True),
        ("klsater", "klaster", True),
        ("klastr", "klaster", True),
        ("klaaster", "klaster", True),
        ("kloster", "klaster", True),
        ("klstare", "klaster", False),
        ("klas", "klaster", False),
        ("", "a", True),
        ("ab", "ba", True),
        ("abc", "cba", False),
    ],
)
def test_one_edit(one: str, other: str, near: bool) -> None:
    assert within_one_edit(one, other) is near
    assert within_one_edit(other, one) is near


LETTERS = "klasterjmndugiõäöü K-'=\"*()OR12"


@settings(max_examples=300, deadline=None)
@given(query=st.text(LETTERS, max_size=24))
def test_anything_typed_is_answered(service: SearchService, query: str) -> None:
    results = ask(service, query)
    assert results.total + results.partial == len(results.hits)
    if results.searched != query:
        assert results.hits


class Counted(Vabamorf):
    """The morphology, and the words that its speller was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def spelling(self, word: str) -> tuple[str, ...]:
        self.asked.append(word)
        return super().spelling(word)


def test_the_speller_is_asked_for_few_words_and_for_each_once(index: Path) -> None:
    """It takes its time; a query of unmet words must not wait for it a hundred times."""
    counted = Counted()
    answering = service_over(index, Analyzer(counted))
    draw = random.Random(1)
    words = ["".join(draw.choices("aeiouklmnrstv", k=6)) for _ in range(100)]
    ask(answering, " ".join(words))
    ask(answering, " OR ".join(words))
    answering.close()
    assert len(counted.asked) == len(set(counted.asked))
    assert 0 < len(counted.asked) <= 20
