"""The other names of organisations: from the owner's files into every article that names them."""

from pathlib import Path

import pytest
from search.engines.whoosh.storage.article_bytes import pack_article, pack_text, unpack_article

from indexer.enrich import Enricher, load_gazetteer, load_overrides
from indexer.enrich.gazetteer import Entry, Gazetteer
from indexer.enrich.known_as import known_as
from indexer.enrich.overrides import Overrides
from search.analysis import Analyzer
from search.article import Article, Extracted, KnownAs
from search.article_json import article_to_dict
from search.taxonomy import Taxonomy

GAZETTEER = Gazetteer(
    (
        Entry("Eesti Pagarikoda", ("EPK", "Pagarikoda"), ("Eesti Pagarite Liit",)),
        Entry("Mere Klaster"),
    )
)
PLAIN = KnownAs("Eesti Pagarikoda", ("EPK", "Pagarikoda"), ("Eesti Pagarite Liit",))


def corrections(directory: Path, text: str) -> Overrides:
    file = directory / "parandused.yaml"
    file.write_text(f"organisations:\n{text}", encoding="utf-8")
    return load_overrides(file)


def test_only_organisations_with_other_names_have_some() -> None:
    assert known_as(GAZETTEER, Overrides()) == {"Eesti Pagarikoda": PLAIN}


def test_the_default_gazetteer_tells_old_names_from_those_of_today() -> None:
    found = known_as(load_gazetteer(), Overrides())["Eesti Ringmajandusettevõtete Liit"]
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
    found = known_as(GAZETTEER, corrections(tmp_path, text))
    assert list(found.values()) == ([expected] if expected else [])


def test_articles_keep_the_other_names_of_theirs(analyzer: Analyzer) -> None:
    enricher = Enricher(analyzer, Taxonomy(()), GAZETTEER, Overrides(), 2026)
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
    assert unpack_article(pack_article(enriched), pack_text(enriched)) == enriched
    given = Article(
        id="antud",
        title="Pagarid",
        body=("Kohtuti.",),
        source="antud.txt",
        organisations=(Extracted("EPK", "given"),),
    )
    assert enricher.enrich(given).known_as == (PLAIN,)
    # Other names from before a change of the gazetteer do not stay.
    plain = Enricher(analyzer, Taxonomy(()), Gazetteer(), Overrides(), 2026)
    assert plain.enrich(enriched).known_as == ()
    assert "known_as" not in article_to_dict(plain.enrich(enriched))
