"""Compounds are found however they are spaced, and words that only meet by chance are not."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from indexer.document import analyse_article
from search.analysis import Analyzer
from search.article import Article
from search.configuration import Configuration
from search.engines.registry import fingerprint, open_index
from search.request import SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy

TEXTS = {
    "together": "Rohemajanduse teekaart valmis.",
    "apart": "Kohvikus arutati, mis on rohe majandus.",
    "hyphen": "Rohe-majandusest kirjutas ajakiri.",
    "chance": "Rohe on majandus alles siis, kui kaevandus suletakse.",
    "wood": "Uus puidu klaster registreeriti.",
    "in the wood": "Metsas klaster seekord ei kohtunud, kuid mets ja metsa omanik jäid.",
    "english": "The companies of the region have signed an agreement with the university.",
    "a-english": "1888 was the end of it and the ship will not be back.",
    "z-estonian": "1888 oli selle lõpp ja laev ei tule enam mitte kunagi meile tagasi.",
    "russian": "Новые договоры вступят в силу весной.",
    "thousand": "Parki luuakse 1\u00a0200 töökohta.",
    "thin": "Sadamas oli 1\u2009200 töökohta ka enne laevatehast.",
    "digits": "Ministri sõnul kaob 1200 töökohta, kui kaevandus sulgeda.",
    "range": "Tugimeetmest 2014–2020 jätkus kõigile.",
    "hyphened range": "Strateegia 2014-2020 sai läbi.",
    "score": "Meeskond võitis avamängu 3–1.",
    "no score": "Meeskond võitis ka viimase avamängu.",
}
Find = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def service(
    analyzer: Analyzer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SearchService]:
    index = tmp_path_factory.mktemp("apart")
    configuration = Configuration(index=index)
    with open_index(index).build([], fingerprint(configuration), datetime.now(UTC)) as writer:
        for name, text in TEXTS.items():
            writer.add(
                analyse_article(Article(name, "xq", (text,), source=name), analyzer).document
            )
    made = SearchService(index, configuration, analyzer, load_taxonomy(None))
    yield made
    made.close()


@pytest.fixture
def find(service: SearchService) -> Find:
    def full_matches(query: str) -> list[str]:
        return [each.id for each in service.search(SearchRequest(query)).hits if each.full]

    return full_matches


@pytest.mark.parametrize("query", ["2014–2020", "2014-2020"])
def test_a_range_of_numbers_is_found_with_either_dash(find: Find, query: str) -> None:
    assert set(find(query)) == {"range", "hyphened range"}


def test_numbers_of_a_hyphened_range_are_its_parts(find: Find) -> None:
    assert set(find("2014")) == set(find("2020")) == {"range", "hyphened range"}


def test_a_score_that_nobody_quoted_is_not_insisted_on(service: SearchService) -> None:
    hits = service.search(SearchRequest("avamängu võitis 3–1")).hits
    assert [(each.id, each.full) for each in hits] == [("score", True), ("no score", False)]
    assert [each.id for each in service.search(SearchRequest('avamängu "3–1"')).hits] == ["score"]


@pytest.mark.parametrize("query", ["rohemajandus", "rohemajanduse", "rohe-majandus"])
def test_a_compound_is_found_however_it_is_written(find: Find, query: str) -> None:
    assert set(find(query)) == {"together", "apart", "hyphen"}


@pytest.mark.parametrize("query", ["rohe majandus", "rohe majandusele"])
def test_words_typed_apart_find_the_compound(find: Find, query: str) -> None:
    assert set(find(query)) == {"together", "apart", "hyphen", "chance"}


def test_what_is_written_apart_comes_last(find: Find) -> None:
    assert find("rohemajandus")[-1] == "apart"


def test_the_first_piece_stands_as_in_the_compound(find: Find) -> None:
    assert find("puiduklaster") == ["wood"]
    assert find("metsaklaster") == []
    assert set(find("rohe -rohemajandus")) == {"apart", "chance"}


def test_exact_words_and_phrases_stay_as_they_are(find: Find) -> None:
    assert find("=rohemajanduse") == ["together"]
    assert find('"rohe majandus"') == ["apart"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "rohemajandus",
            "Searched: “rohemajandus” in any form, also written apart, in part also “rohe” and"
            " “majandus”.",
        ),
        (
            "puidu klaster",
            "Searched: “puidu” in any form (puit) and “klaster” in any form.",
        ),
        (
            "rohe majandus",
            "Searched: (“rohe” in any form and “majandus” in any form), also written together as"
            " “rohemajandus”.",
        ),
        (
            "metsaomanik",
            "Searched: “metsaomanik” in any form, also written apart, in part also “mets” and"
            " “omanik”.",
        ),
        ("õlletehas", "Searched: “õlletehas” in any form."),
    ],
)
def test_it_is_said(service: SearchService, query: str, said: str) -> None:
    assert service.search(SearchRequest(query), "en").explanation == said


@pytest.mark.parametrize(
    "query", ["1200", "1 200", "1\u202f200", '"1 200 töökohta"', "1 200 töökoht"]
)
def test_numbers_are_found_however_they_are_grouped(find: Find, query: str) -> None:
    assert set(find(query)) == {"thousand", "thin", "digits"}


def test_parts_of_a_number_are_none(find: Find) -> None:
    assert find("200") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [("company", "english"), ("agreements", "english"), ("договор", "russian")],
)
def test_foreign_words_are_found_by_their_stems(
    service: SearchService, query: str, found: str
) -> None:
    hits = service.search(SearchRequest(query)).hits
    assert [each.id for each in hits] == [found]
    assert [each.how for each in hits[0].why] == ["lemma"]


def test_estonian_has_no_stems(analyzer: Analyzer) -> None:
    document = analyse_article(
        Article("a", "Klastrid", ("Klastrid kasvavad.",), source="a"), analyzer
    ).document
    assert not any(each.startswith("x") for each in document.body.postings)


def test_long_runs_of_digits_are_no_trouble(find: Find) -> None:
    assert find("1 " + "200 " * 90) == []


def test_of_equals_the_estonian_article_stands_first(find: Find) -> None:
    assert find("1888") == ["z-estonian", "a-english"]
