"""Derivational families: the words that mean each other though they share no lemma."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from indexer.document import analyse_article
from search.analysis import Analyzer
from search.article import Article
from search.configuration import Configuration
from search.engines.registry import fingerprint, open_index
from search.request import SearchRequest
from search.results import Results
from search.service import SearchService
from search.taxonomy import load_taxonomy

TEXTS = {
    "noun": "Töötoa rahastamine lõppes kevadel.",
    "verb": "Töötuba rahastatakse ka sügisel.",
    "compound": "Spordirahastus väheneb.",
    "other": "Raha jätkus kõigile.",
}
Search = Callable[[str], Results]


def family(lemma: str, analyzer: Analyzer) -> set[str]:
    return set(analyzer.confirmed(analyzer.relatives(lemma)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("rahastamine", "rahastama"),
        ("rahastus", "rahastamine"),
        ("rahastatud", "rahastaja"),
        ("petma", "pettus"),
        ("hinnang", "hindama"),
        ("uuring", "uurima"),
        ("areng", "arenema"),
        ("tegija", "tegema"),
        ("ehitis", "ehitama"),
        ("müük", "müüja"),
        ("raie", "raiumine"),
        ("kontroll", "kontrollima"),
        ("energiatõhus", "energiatõhusus"),
        ("digitaalne", "digitaalsus"),
        ("digitaalne", "digitaliseerima"),
        ("digitaliseerimine", "digitaalne"),
        ("vaktsiin", "vaktsineerima"),
        ("kasulik", "kasulikkus"),
        ("majanduslik", "majandus"),
        ("keemiline", "keemia"),
        ("poliitiline", "poliitika"),
        ("elektriline", "elekter"),
        ("kultuuriline", "kultuur"),
        ("ohutu", "ohutus"),
        ("teadusrahastus", "teadusrahastamine"),
    ],
)
def test_relatives_mean_each_other(one: str, other: str, analyzer: Analyzer) -> None:
    assert other in family(one, analyzer)
    assert one in family(other, analyzer)


@pytest.mark.parametrize(
    ("word", "parted"),
    [
        ("juhtima", "juht"),
        ("tegema", "tegu"),
        ("pidama", "pidu"),
        ("teadma", "teadus"),
        ("asutama", "asutus"),
        ("lugema", "loeng"),
        ("pettuma", "pettus"),
        ("hindama", "hind"),
        ("suur", "suurus"),
        ("puuduma", "puudutav"),
        ("osa", "osav"),
        ("tehnoloog", "tehnoloogiline"),
        ("füüsika", "füüsiline"),
        ("rikkuma", "rikkus"),
    ],
)
def test_words_whose_meanings_have_parted_stay_apart(
    word: str, parted: str, analyzer: Analyzer
) -> None:
    assert parted not in family(word, analyzer)
    assert word not in family(parted, analyzer)


@pytest.fixture(scope="module")
def search(analyzer: Analyzer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    index = tmp_path_factory.mktemp("derivation")
    configuration = Configuration(index=index)
    with open_index(index).build([], fingerprint(configuration), datetime.now(UTC)) as writer:
        for name, text in TEXTS.items():
            writer.add(
                analyse_article(Article(name, "xq", (text,), source=name), analyzer).document
            )
    service = SearchService(index, configuration, analyzer, load_taxonomy(None))
    yield lambda query: service.search(SearchRequest(query))
    service.close()


def test_a_family_is_found_below_the_word_itself_and_named(search: Search) -> None:
    found = search("rahastamine")
    assert [each.id for each in found.hits] == ["noun", "verb", "compound"]
    ways = {each.id: {(why.form, why.how) for why in each.why} for each in found.hits}
    assert ways["noun"] == {("rahastamine", "exact")}
    assert ways["verb"] == {("rahastatakse", "derived")}
    assert ways["compound"] == {("Spordirahastus", "derived")}
    assert "rahastama" in found.explanation


def test_one_that_no_article_holds_is_found_by_its_family(search: Search) -> None:
    found = search("rahastaja")
    assert {each.id for each in found.hits} == {"noun", "verb", "compound"}
    assert found.searched == "rahastaja"
    assert not found.suggestions


@pytest.mark.parametrize("query", ["=rahastus", '"töötoa rahastus"', "rahastu*"])
def test_exact_forms_phrases_and_prefixes_take_no_family(query: str, search: Search) -> None:
    assert not {each.id for each in search(query).hits} & {"noun", "verb"}


def test_only_the_word_itself_is_left_out(search: Search) -> None:
    assert {each.id for each in search("töötuba -rahastamine").hits} == {"verb"}
