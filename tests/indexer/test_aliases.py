"""The other names of organisations: from the owner's files into every article that names them."""

from pathlib import Path

import pytest
from enriching import ArticleEnricher

from indexer.extract import load_gazetteer, load_overrides
from indexer.extract.gazetteer import Gazetteer, GazetteerEntry
from indexer.extract.organisations.organisation_facet import aliases_by_name
from indexer.extract.overrides import Overrides
from search.analysis import Analyzer
from search.article import Article, Extracted, KnownAs, article_from_dict, article_to_dict
from search.taxonomy import Taxonomy

GAZETTEER = Gazetteer(
    (
        GazetteerEntry("Eesti Pagarikoda", ("EPK", "Pagarikoda"), ("Eesti Pagarite Liit",)),
        GazetteerEntry("Mere Klaster"),
    )
)
PLAIN = KnownAs("Eesti Pagarikoda", ("EPK", "Pagarikoda"), ("Eesti Pagarite Liit",))


def corrections(directory: Path, text: str) -> Overrides:
    file = directory / "parandused.yaml"
    file.write_text(f"organisations:\n{text}", encoding="utf-8")
    return load_overrides(file)


def test_only_organisations_with_other_names_have_some() -> None:
    assert aliases_by_name(GAZETTEER, Overrides()) == {"Eesti Pagarikoda": PLAIN}


def test_the_default_gazetteer_tells_old_names_from_those_of_today() -> None:
    found = aliases_by_name(load_gazetteer(), Overrides())["Eesti Ringmajandusettevõtete Liit"]
    assert found.aliases == ("ERMEL",)
    assert found.former == ("Eesti Jäätmekäitlejate Liit", "EJKL")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Under its new name, the one of the gazetteer is another one.
        (
            "  rename: {Eesti Pagarikoda: Leivakoda}",
            KnownAs("Leivakoda", ("Eesti Pagarikoda", "EPK", "Pagarikoda"), PLAIN.former),
        ),
        # Nobody may ever have used a name that was only read wrongly.
        ("  rename: {Eesti Pagarikojaga: Eesti Pagarikoda}", PLAIN),
        (
            "  merge: {Eesti Pagarikoda: [Leivaliit, epk]}",
            KnownAs("Eesti Pagarikoda", ("EPK", "Pagarikoda", "Leivaliit"), PLAIN.former),
        ),
        (
            "  merge: {EPK: [Leivaliit]}",
            KnownAs("Eesti Pagarikoda", ("EPK", "Pagarikoda", "Leivaliit"), PLAIN.former),
        ),
        ("  drop: [Eesti Pagarikoda]", None),
    ],
    ids=["renamed", "misread", "merged", "merged-into-an-alias", "dropped"],
)
def test_corrections_count(tmp_path: Path, text: str, expected: KnownAs | None) -> None:
    found = aliases_by_name(GAZETTEER, corrections(tmp_path, text))
    assert list(found.values()) == ([expected] if expected else [])


def test_articles_keep_the_other_names_of_theirs(analyzer: Analyzer) -> None:
    enricher = ArticleEnricher(analyzer, Taxonomy(()), GAZETTEER, Overrides(), 2026)
    article = Article(
        id="uudis",
        title="Pagarid kohtusid",
        body=("EPK ja Mere Klaster kohtusid Tartus. EPK rääkis leivast.",),
        source="uudis.txt",
        language="et",
    )
    enriched = enricher.enrich(article)
    assert [each.value for each in enriched.organisations] == ["Eesti Pagarikoda", "Mere Klaster"]
    assert enriched.known_as == (PLAIN,)
    assert article_from_dict(article_to_dict(enriched)) == enriched
    given = Article(
        id="antud",
        title="Pagarid",
        body=("Kohtuti.",),
        source="antud.txt",
        organisations=(Extracted("EPK", "given"),),
    )
    assert enricher.enrich(given).known_as == (PLAIN,)
    # Other names from before a change of the gazetteer do not stay.
    plain = ArticleEnricher(analyzer, Taxonomy(()), Gazetteer(), Overrides(), 2026)
    assert plain.enrich(enriched).known_as == ()
    assert "known_as" not in article_to_dict(plain.enrich(enriched))
