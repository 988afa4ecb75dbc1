"""Words in any form meet their lemma; compounds meet their parts; acronyms stay themselves."""

import tracemalloc

import pytest

from search.analysis import Analyzer, Vabamorf, identify_language, tokenize
from search.analysis.acronyms import acronym_base


@pytest.mark.parametrize(
    ("form", "lemma"),
    [
        ("klastrite", "klaster"),
        ("klastreid", "klaster"),
        ("klastrisse", "klaster"),
        ("puiduklastrisse", "puiduklaster"),
        ("konverentse", "konverents"),
        ("jäätmetest", "jäätmed"),
        ("peeti", "pidama"),
        ("peeti", "peet"),
        ("Strasbourg'is", "strasbourg"),
        ("KredExi", "kredex"),
        ("Euroopa-üleste", "euroopa-ülene"),
    ],
)
def test_form_meets_lemma(analyzer: Analyzer, form: str, lemma: str) -> None:
    assert lemma in analyzer.terms(form).lemmas


@pytest.mark.parametrize(
    ("form", "parts"),
    [
        ("puiduklastrisse", {"puit", "klaster"}),
        ("ühisturundusega", {"turundus"}),
        ("taastuvenergia", {"energia"}),
        ("vee-energia", {"vesi", "energia"}),
        ("jäätmekäitluse", {"jäätmed", "käitlus"}),
        ("Taaskasutusklastri", {"taaskasutus", "klaster", "kasutusklaster"}),
        ("väikeettevõtetega", {"väike", "ettevõte"}),
        ("IT-ettevõte", {"IT", "ettevõte"}),
        ("5G-võrk", {"5G", "võrk"}),
    ],
)
def test_compound_meets_parts(analyzer: Analyzer, form: str, parts: set[str]) -> None:
    assert parts <= set(analyzer.terms(form).parts)


@pytest.mark.parametrize("form", ["ettevõte", "ülikoolis", "sihtasutusele", "rahvusvahelise"])
def test_lexicalised_compound_stays_whole(analyzer: Analyzer, form: str) -> None:
    assert analyzer.terms(form).parts == ()


@pytest.mark.parametrize(
    ("form", "base"),
    [
        ("EAS", "EAS"),
        ("EASilt", "EAS"),
        ("EAS-i", "EAS"),
        ("EASi", "EAS"),
        ("TTÜs", "TTÜ"),
        ("AI", "AI"),
        ("EJKL", "EJKL"),
        ("Eas", None),
        ("klaster", None),
        ("Eesti", None),
    ],
)
def test_acronym(form: str, base: str | None) -> None:
    assert acronym_base(form) == base


def test_acronym_is_no_common_word(analyzer: Analyzer) -> None:
    assert analyzer.terms("EASilt").lemmas == ("EAS",)
    assert "EAS" not in analyzer.terms("igas").lemmas
    assert analyzer.query_word("eas").lemmas == ("iga",)
    assert "TTÜ" in analyzer.query_word("ttü").lemmas


def test_typed_lemma_comes_first(analyzer: Analyzer) -> None:
    assert analyzer.query_word("peet").lemmas[0] == "peet"
    assert set(analyzer.query_word("peeti").lemmas) == {"peet", "pidama"}


def test_claustrophobia_is_no_cluster(analyzer: Analyzer) -> None:
    terms = analyzer.terms("klastrofoobia")
    assert "klaster" not in (*terms.lemmas, *terms.parts)


def test_tokens_stand_where_they_say() -> None:
    text = (
        "Metsa- ja puiduklaster: 3,5 miljonit, 28.01.2011; vt https://eas.ee/uudis?id=5. 5G-võrk!"
    )
    tokens = list(tokenize(text))
    assert all(text[each.start : each.end] == each.text for each in tokens)
    words = [each.text for each in tokens]
    assert words[:5] == ["Metsa", "ja", "puiduklaster", "3,5", "miljonit"]
    assert words[5:8] == ["28", "01", "2011"]
    assert "eas" in words
    assert words[-1] == "5G-võrk"
    assert tokens[0].elliptic
    assert not tokens[2].elliptic


def test_headline_in_capitals_is_read_as_words(analyzer: Analyzer) -> None:
    analysed = analyzer.analyse("EESTI KLASTRI UUDISED JA TEATED")
    assert [each.terms.lemmas for each in analysed][1] == ("klaster",)


def test_other_languages_do_not_go_through_the_morphology(analyzer: Analyzer) -> None:
    analysed = analyzer.analyse("The cluster hosts visitors", "en")
    assert [each.terms.lemmas for each in analysed][2] == ("hosts",)
    assert all(each.terms.parts == () for each in analysed)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Klaster ja ülikool alustasid koostööd, mis kestab kolm aastat.", "et"),
        ("The cluster and the university have signed an agreement for the region.", "en"),
        ("Кластер и университет подписали договор о сотрудничестве.", "ru"),
        ("Klusteri ja yliopisto ovat sopineet, että yhteistyö jatkuu myös ensi vuonna.", "fi"),
        ("Klaster", "et"),
        ("", "et"),
    ],
)
def test_language_is_recognised(text: str, language: str) -> None:
    assert identify_language(text) == language


def test_hyphens_are_looked_through_in_compounds_only(analyzer: Analyzer) -> None:
    assert analyzer.dehyphenated("rohe-majanduse") == ("rohemajandus",)
    assert analyzer.analyse("Rohe-majanduses")[0].terms.lemmas == ("rohe-majandus", "rohemajandus")
    for form in ("Kagu-Eestis", "EAS-i", "e-tervise", "IT-firma", "Euroopa-üleste", "rohemajandus"):
        assert analyzer.dehyphenated(form) == (), form


def test_a_name_with_a_hyphen_keeps_its_lemma(analyzer: Analyzer) -> None:
    found = analyzer.analyse("Kagu-Eestist pärit villa ostab disainer.")[0].terms
    assert "kagu-eesti" in found.lemmas
    assert "eesti" in found.parts


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1 200 töökohta", ["1200"]),
        ("1\u00a0200\u202f000,5 eurot", ["1200000,5"]),
        ("3,5 miljonit", ["3,5"]),
        ("aastal 2016 100 inimest", ["2016", "100"]),
        ("kell 12 30 minutit", ["12", "30"]),
        ("20 1600 eurot", ["20", "1600"]),
    ],
)
def test_grouped_digits_are_one_number(analyzer: Analyzer, text: str, numbers: list[str]) -> None:
    found = [each.terms.surface for each in analyzer.analyse(text) if each.token.kind == "number"]
    assert found == numbers


def test_foreign_words_keep_their_form_beside_their_stem(analyzer: Analyzer) -> None:
    terms = analyzer.analyse("Companies", "en")[0].terms
    assert (terms.lemmas, terms.stems) == (("companies",), ("compani",))
    assert analyzer.analyse("Кластеры", "ru")[0].terms.stems == ("кластер",)
    assert analyzer.analyse("Yritykset", "fi")[0].terms.stems == ()


def test_a_second_analyzer_agrees(analyzer: Analyzer) -> None:
    """Terms do not depend on what was analysed before."""
    from search.analysis import Vabamorf

    forms = ["puiduklastrisse", "EASilt", "jäätmekäitluse", "peeti", "Rohemajanduse"]
    fresh = Analyzer(Vabamorf())
    assert [fresh.terms(each) for each in forms] == [analyzer.terms(each) for each in forms]


def test_what_is_no_word_is_asked_for_as_it_is_indexed(analyzer: Analyzer) -> None:
    """The morphology never sees it, and five hundred pieces make no hundred thousand parts."""
    endless = "-".join("a" * 500)
    (indexed,) = analyzer.analyse(endless)
    asked = analyzer.query_word(endless)
    assert asked.lemmas == indexed.terms.lemmas == (endless,)
    assert asked.surface == indexed.terms.surface
    assert asked.parts == ()
    assert analyzer.dehyphenated(endless) == ()


def test_words_let_go_in_the_middle_of_a_sentence_are_no_loss() -> None:
    text = "Peeti koosolek, kus räägiti metsa- ja puiduklastri rakendustest; koosolek kestis kaua."
    kept = Analyzer(Vabamorf()).analyse(text)
    forgetful = Analyzer(Vabamorf(most_bytes=4000), most_bytes=4000)
    assert [forgetful.analyse(text) for _ in range(3)] == [kept] * 3


def test_words_never_seen_do_not_make_the_memory_grow(analyzer: Analyzer) -> None:
    """Such as anybody may type; an analyzer without bounds would take two megabytes more."""
    bounded = Analyzer(Vabamorf(most_bytes=300_000), most_bytes=300_000)
    first = analyzer.query_word("hakkpuidule")
    tracemalloc.start()
    try:
        held = []
        for start in (0, 400, 800, 1200):
            for number in range(start, start + 400):
                word = f"hakk{_letters(number)}puidule"
                for lemma in bounded.query_word(word).lemmas:
                    bounded.relatives(lemma)
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[0] < 900_000
    assert held[-1] - held[1] < 200_000
    assert bounded.query_word("hakkpuidule") == first


def _letters(number: int) -> str:
    return "".join("aeioukstnlrm"[number // 12**place % 12] for place in range(4))
