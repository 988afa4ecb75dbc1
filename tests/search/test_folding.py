"""Words typed without õ ä ö ü š ž: a last resort, and said so."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from news import ask, full, index_news, service_over, ways
from term_dictionaries import dictionary_of

from search.analysis import Analyzer
from search.analysis.folding import fold, within_one_edit
from search.analysis.terms import term
from search.engines.whoosh.execution.vocabulary import Vocabulary
from search.service import SearchService

NEWS = [
    "Jäätmekäitlus muutub. Jäätmekäitluse ettevõtted kohtusid.",  # 1
    "Õppereis Austriasse. Õppereisil osales kümme ettevõtet.",  # 2
    "Töö metsas. Töötajad istutasid puid.",  # 3
    "Tõid kohale. Too mees läks koju.",  # 4
    "TTÜ teadlased. Uus kompositsioon šokolaadist.",  # 5
    "Café avati. Müügil on želee ja kohv.",  # 6
    "Puiduklaster laienes. Puiduklastrisse kuulub kümme liiget.",  # 7
    "Öö linnas. Ooperis lauldi terve õhtu.",  # 8
]


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer
) -> Iterator[SearchService]:
    answering = service_over(index_news(tmp_path_factory.mktemp("folding"), NEWS), analyzer)
    yield answering
    answering.close()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("jaatmekaitlus", {"1"}),
        ("jaatmekaitluse", {"1"}),
        ("Jaatmekaitlus", {"1"}),
        ("kaitlus", {"1"}),
        ("ettevotte", {"1", "2"}),
        ("ettevote", {"1", "2"}),
        ("oppereis", {"2"}),
        ("oppereisil", {"2"}),
        ("tootajad", {"3"}),
        ("ttu", {"5"}),
        ("TTU", {"5"}),
        ("sokolaadist", {"5"}),
        ("cafe", {"6"}),
        ("zelee", {"6"}),
        ("oo", {"8"}),
        ('"jaatmekaitluse ettevotted"', {"1"}),
        ("title:oppereis", {"2"}),
        ("jaatmekaitlus ettevotted", {"1"}),
        ("(jaatmekaitlus OR zelee)", {"1", "6"}),
    ],
)
def test_found_without_estonian_letters(service: SearchService, query: str, ids: set[str]) -> None:
    results = ask(service, query)
    assert set(full(results)) == ids
    assert {how for _, _, how in ways(results)} == {"folded"}
    assert results.searched == query


def test_the_reason_and_the_explanation_say_so(service: SearchService) -> None:
    results = ask(service, "jaatmekaitlus")
    assert ("jaatmekaitlus", "Jäätmekäitluse", "folded") in ways(results)
    assert results.explanation == ("Searched: “jaatmekaitlus” read as jäätmekäitlus, in any form.")
    assert "(jäätmekäitlus)" in ask(service, '"jaatmekaitluse ettevotted"').explanation
    assert not results.suggestions


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("too", {"4"}),  # *too* and *tooma* are met; *töö* is another word
        ("töö", {"3"}),
        ("puiduklastrisse", {"7"}),
        ("koju", {"4"}),
        ("ooper", {"8"}),
    ],
)
def test_a_word_that_is_met_means_itself(service: SearchService, query: str, ids: set[str]) -> None:
    results = ask(service, query)
    assert set(full(results)) == ids
    assert "folded" not in {how for _, _, how in ways(results)}


@pytest.mark.parametrize("query", ["=oppereis", "oppe*", "kõju", "tõö", '="jaatmekaitluse turg"'])
def test_letters_that_were_typed_are_meant(service: SearchService, query: str) -> None:
    assert "folded" not in {how for _, _, how in ways(ask(service, query))}


def test_what_is_not_wanted_is_folded_too(service: SearchService) -> None:
    assert set(full(ask(service, "ettevõtted -oppereis"))) == {"1"}


def test_folding() -> None:
    assert fold("ÕÄÖÜŠŽ õäöüšž") == "OAOUSZ oaousz"
    assert fold("é ł ø ß ç ñ") == "e l o ss c n"
    assert fold("ёжик й") == "ёжик й"


@given(text=st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(max_examples=300)
@given(words=st.lists(st.text("aäoõtkl-", min_size=1, max_size=7), max_size=30))
def test_the_vocabulary_finds_what_a_comparison_finds(words: list[str]) -> None:
    counts = {term("lemma" if i % 2 else "part", word): 1 for i, word in enumerate(words)}
    vocabulary = Vocabulary([dictionary_of(counts)])
    for asked in (*words[:3], "koll", "käla"):
        without = {word for word in words if fold(word) == asked} - {asked}
        assert set(vocabulary.folded([asked])[0]) == without
        if len(asked) >= 3 and asked.isascii():
            near = {w for w in words if within_one_edit(asked, fold(w))} - {asked}
            assert set(vocabulary.similar(asked)) == near
        elif len(asked) >= 3:
            near = {w for w in words if within_one_edit(asked, w)} - {asked}
            assert set(vocabulary.similar(asked)) == near
