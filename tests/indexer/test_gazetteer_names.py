"""Names of the gazetteer in texts: as written, the last word inflected, and nothing else's name."""

import pytest
from enriching import ArticleEnricher

from indexer.extract import Gazetteer, Overrides
from indexer.extract.gazetteer import GazetteerEntry
from search.analysis import Analyzer
from search.article import Article
from search.taxonomy import Taxonomy

GAZETTEER = Gazetteer(
    (
        GazetteerEntry("Tartu Ülikool", ("TÜ",)),
        GazetteerEntry("Kolme Sepa Selts", ("Kolmsepp", "KSS")),
        GazetteerEntry("Alev"),
        GazetteerEntry("Velvet 4.0"),
        GazetteerEntry("Eesti Paadiliit", ("paadiliit",)),
        GazetteerEntry("Kullaleht"),
        GazetteerEntry("Paadiakadeemia"),
        GazetteerEntry("Vurr", ("AS Vurr",)),
    )
)


@pytest.fixture(scope="module")
def enricher(analyzer: Analyzer) -> ArticleEnricher:
    return ArticleEnricher(analyzer, Taxonomy(()), GAZETTEER, Overrides(), 2026)


def evidence(
    enricher: ArticleEnricher, text: str, title: str = "Uudis", language: str = "et"
) -> list[str]:
    """Where the entries of the gazetteer are found."""
    found = enricher.enrich(Article("a", title, (text,), "a.txt", language=language))
    names = {entry.name for entry in GAZETTEER.entries}
    return [e.text for each in found.organisations if each.value in names for e in each.evidence]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kohal oli Tartu Ülikoolilt saadud kolme sepa seltsi lipp.", ["Tartu Ülikoolilt"]),
        ("Lipu andis Kolme Sepa Selts.", ["Kolme Sepa Selts"]),
        ("Lipp saadeti Kolme Sepa Seltsile.", ["Kolme Sepa Seltsile"]),
        ("Sõitsime Tartu. Ülikool oli kinni.", []),
        ("Nii otsustas KSS-i juht.", ["KSS-i"]),
        ("Nii otsustas kss.", []),
        ("Nii otsustas Kss.", []),
        ("Leping sõlmiti TÜ Puit juhiga.", []),
        ("Leping sõlmiti TÜga.", ["TÜga"]),
        ("Leht asub www.kolmsepp.ee ja kolmsepp.ee all.", []),
        ("Eile avas uksed Alev.", ["Alev"]),
        ("Alev jäi vaikseks.", []),
        ("Uue rea avas Velvet 4.0 suvel.", ["Velvet 4.0"]),
        ("Eile otsustas paadiliit, et paadiliidu purjed vahetatakse.", ["paadiliit", "paadiliidu"]),
        ("Ta õppis paadiakadeemias.", ["paadiakadeemias"]),
        ("Ta õppis Läti paadiakadeemias ja kullalehes.", []),
        ("Soome paadiliit otsustas teisiti.", []),
        ("Kullaleht kirjutab, et raha jätkub.", ["Kullaleht"]),
        ("Eile jooksis Usain Vurr, kaasas oli uus Vurr 737 ja Vurr Playstore.", []),
        ("Nii otsustas Vurr Eesti kontsern.", ["Vurr"]),
        ("Leping on AS Vurr Liising omal, mitte AS Vurr omal.", ["AS Vurr"]),
        ("Toetus jäi 12 peale: Vurr 25 protsendiga ja Vurr 5,3 protsendiga.", ["Vurr", "Vurr"]),
        ("Kohal oli Eesti Paadiliidu Suur Puri.", ["Eesti Paadiliidu"]),
        ("Raha andis Vurr, seda ütles Vurri juht.", ["Vurr", "Vurri"]),
    ],
)
def test_in_estonian(enricher: ArticleEnricher, text: str, expected: list[str]) -> None:
    assert evidence(enricher, text) == expected


def test_in_other_languages(enricher: ArticleEnricher) -> None:
    text = "The members met at Tartu Ülikool and Kolmsepp."
    assert evidence(enricher, text, language="en") == ["Tartu Ülikool", "Kolmsepp"]


def test_in_a_headline_all_in_capitals(enricher: ArticleEnricher) -> None:
    assert evidence(enricher, "Algas.", title="KOLME SEPA SELTS SAI LIPU") == ["KOLME SEPA SELTS"]


def test_the_article_knows_better(enricher: ArticleEnricher) -> None:
    text = (
        "Töö tegi Tarvo Ühistute Liit (TÜ). Juhib TÜ esimees. Kohal oli Tartu Ülikooli Kliinikum."
    )
    assert evidence(enricher, text) == []


def test_a_name_that_is_only_spelt_otherwise() -> None:
    assert GAZETTEER.shown("Eesti Paadi-liit MTÜ") == "Eesti Paadiliit"
    assert GAZETTEER.shown("Eesti Kullaleht") == "Kullaleht"
    assert GAZETTEER.shown_uninflected("Velvet 4.0ga") == "Velvet 4.0"
    assert GAZETTEER.shown("Eesti Paadimeeste Liit") == "Eesti Paadimeeste Liit"
