"""What is offered while someone types: words as people read them, organisations, titles."""

import threading

import pytest

from search.autocomplete import Completion
from search.errors import QueryTooLong
from search.request import FacetFilter, SearchRequest
from search.service import SearchService


def texts(found: tuple[Completion, ...], kind: str) -> list[str]:
    return [each.text for each in found if each.kind == kind]


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("puidu", "puiduklaster"),
        ("jäät", "jäätmed"),
        ("jaat", "jäätmed"),
        ("JÄÄT", "jäätmed"),
        ("klastr", "klastrijuht"),
        ("ettev", "ettevõte"),
        ("eur", "Euroopa"),
        ("helik", "Helikera"),
        ("ea", "EAS"),
        ("Talispordi", "talispordipäev"),
    ],
)
def test_words_are_shown_as_people_write_them(
    service: SearchService, typed: str, word: str
) -> None:
    assert word in texts(service.suggest(typed), "word")


@pytest.mark.parametrize("typed", ["ei ole prü", "PRÜGI: puid", "prugi puidu", "otsib jaak"])
def test_any_word_of_a_title_may_begin_so(service: SearchService, typed: str) -> None:
    title = "Saepuru ei ole prügi: puiduklaster otsib jääkidele paremat kasutust"
    assert title in texts(service.suggest(typed), "title")


def test_titles_that_begin_so_come_first(service: SearchService) -> None:
    titles = texts(service.suggest("puitm"), "title")
    begins = [each.startswith("Puitm") for each in titles]
    assert begins == sorted(begins, reverse=True)
    assert set(begins) == {True, False}


@pytest.mark.parametrize("typed", ["arenda", "Ettevõtluse Aren", "toetus ettevotluse a"])
def test_an_organisation_is_offered_by_its_other_names(service: SearchService, typed: str) -> None:
    (found,) = [each for each in service.suggest(typed) if each.known_as]
    assert found.text[found.start :] == "EAS"
    assert found.known_as == "Ettevõtluse Arendamise Sihtasutus"
    assert found.count


def test_what_is_no_word_of_its_own_is_not_shown(service: SearchService) -> None:
    shown = {
        word
        for typed in ("puidu", "jäät", "tar", "k", "e", "ol", "klast", "kui", "ja")
        for word in texts(service.suggest(typed), "word")
    }
    forms = {"puidu", "jäätmeid", "jäätmena", "tarkade", "Klastrikoja", "klastri"}
    assert not shown & (forms | {"kui", "ja", "ka", "ei", "olema"})


@pytest.mark.parametrize(
    ("typed", "word", "misread"),
    [("kõlal", "Kõlalaid", "Kõlalai"), ("suurs", "Suursoo", "Suursugu")],
)
def test_a_commoner_word_is_not_shown_as_a_form_of_another_one(
    service: SearchService, typed: str, word: str, misread: str
) -> None:
    shown = texts(service.suggest(typed), "word")
    assert word in shown
    assert misread not in shown


@pytest.mark.parametrize(
    ("typed", "numeral"),
    [
        ("ka", "kaks"),
        ("kol", "kolm"),
        ("es", "esimene"),
        ("te", "teine"),
        ("ü", "üks"),
        ("ü", "ühe"),
    ],
)
def test_a_number_in_letters_stands_above_no_other_word(
    service: SearchService, typed: str, numeral: str
) -> None:
    assert numeral not in texts(service.suggest(typed), "word")


def test_numbers_take_the_places_that_others_leave(service: SearchService) -> None:
    words = texts(service.suggest("tei"), "word")
    assert words[-1] == "teine"
    assert len(words) > 1
    assert texts(service.suggest("kolmk"), "word") == ["kolmkümmend"]
    # Five, and a way.
    assert texts(service.suggest("vii"), "word")[0] == "viis"


def test_the_count_is_what_choosing_finds(service: SearchService) -> None:
    for typed in ("puit", "kla", "jäät", "puit kla", "(puit OR klas"):
        for each in service.suggest(typed):
            if each.kind == "word":
                assert each.count == service.search(SearchRequest(each.text)).total > 0
    (organisation,) = [each for each in service.suggest("Helikera") if each.kind == "organisation"]
    chosen = SearchRequest(org=FacetFilter((organisation.text,)))
    assert organisation.count == service.search(chosen).total


def test_the_last_word_is_completed_and_the_others_stay(service: SearchService) -> None:
    found = service.suggest("puit  kla")
    assert texts(found, "word")[0] == "puit  klaster"
    assert all(each.text.startswith("puit  ") for each in found)
    assert texts(service.suggest('"eesti kl'), "word")[0] == '"eesti klaster'


def test_organisations_begin_with_any_word(service: SearchService) -> None:
    for typed in ("klastrik", "eesti klastrik", "EESTI KLASTRIK"):
        assert "Eesti Klastrikoda" in texts(service.suggest(typed), "organisation")
    kept = texts(service.suggest("kontor klastrik"), "organisation")
    assert kept == ["kontor Eesti Klastrikoda"]
    assert "Põhjaranniku Puitmajaklaster" in texts(service.suggest("pohja"), "organisation")


def test_titles_are_completed_from_their_beginning(service: SearchService) -> None:
    title = "Talispordipäeval võitis köievedu ja kaotas lumi"
    for typed in ("talisp", "Talispordipaeval  voitis", "talispordipäeval võitis köie"):
        assert texts(service.suggest(typed), "title") == [title]


def test_a_few_of_each_kind_with_most_first(service: SearchService) -> None:
    for typed in ("k", "p", "e", "kl"):
        found = service.suggest(typed)
        counts = [each.count for each in found]
        assert counts == sorted(counts, reverse=True)
        assert len(found) <= 10
        assert 0 < len(texts(found, "word")) <= 5
        assert len(texts(found, "organisation")) <= 3
        assert len(texts(found, "title")) <= 3
    assert len(service.suggest("k", limit=2)) == 2


def test_nothing_to_complete(service: SearchService) -> None:
    for typed in ("", " ", "puit ", "puit,", "(", '"', "x9zq", "2016"):
        assert service.suggest(typed) == ()
    with pytest.raises(QueryTooLong):
        service.suggest("a" * 1001)


def test_many_may_type_at_once(service: SearchService) -> None:
    alone = service.suggest("kla")
    answers: list[tuple[Completion, ...]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(service.suggest("kla"))) for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers == [alone] * 8
