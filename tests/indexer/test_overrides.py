"""The owner's corrections."""

from pathlib import Path

import pytest
from enriching import ArticleEnricher

from indexer.extract import Gazetteer, Overrides, load_overrides
from search.analysis import Analyzer
from search.article import Article
from search.errors import OverridesError
from search.taxonomy import load_taxonomy

GOOD = """\
articles:
  2016/uudis:
    year: 2015
    focus_areas: [Rohe- ja ringmajandus]
    organisations: [OÜ Tamm]
  teine:
    year: unknown
    focus_areas: []
    organisations: []
organisations:
  rename: {OÜ Kask: OÜ Kased}
  merge:
    OÜ Mets: [OÜ Kuusk, OÜ Kased]
  drop: [EAS]
"""


@pytest.fixture
def overrides(tmp_path: Path) -> Overrides:
    path = tmp_path / "o.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return load_overrides(path)


def enriched(analyzer: Analyzer, overrides: Overrides, article_id: str) -> Article:
    enricher = ArticleEnricher(analyzer, load_taxonomy(), Gazetteer(), overrides, 2026)
    body = ("OÜ Kask ja OÜ Kuusk said EASilt toetust 3. mail 2014. Film ja kino, teater, turism.",)
    found = enricher.enrich(Article(article_id, "Filmitööstus", body, "a.txt", language="et"))
    assert enricher.enrich(found) == found
    return found


def test_none_means_no_corrections() -> None:
    assert load_overrides(None) == Overrides()


def test_article_is_corrected(analyzer: Analyzer, overrides: Overrides) -> None:
    found = enriched(analyzer, overrides, "2016/uudis")
    assert found.year is not None
    assert found.published is not None
    assert (found.year.value, found.published.value.iso) == (2015, "2015")
    assert [each.value for each in found.focus_areas] == ["rohe-ringmajandus"]
    assert [each.value for each in found.organisations] == ["OÜ Tamm"]


def test_values_can_be_taken_away(analyzer: Analyzer, overrides: Overrides) -> None:
    found = enriched(analyzer, overrides, "teine")
    assert found.year is None
    assert found.published is None
    assert found.focus_areas == ()
    assert found.organisations == ()


def test_organisations_are_renamed_merged_and_dropped(
    analyzer: Analyzer, overrides: Overrides
) -> None:
    found = enriched(analyzer, overrides, "muu")
    assert [each.value for each in found.organisations] == ["OÜ Mets"]
    assert [each.name for each in found.mentions] == ["OÜ Kask", "OÜ Kuusk", "EAS"]


def test_corrections_taken_back_leave_no_trace(analyzer: Analyzer, overrides: Overrides) -> None:
    plain = enriched(analyzer, Overrides(), "2016/uudis")
    enricher = ArticleEnricher(analyzer, load_taxonomy(), Gazetteer(), Overrides(), 2026)
    assert enricher.enrich(enriched(analyzer, overrides, "2016/uudis")) == plain


def test_corrections_of_articles_that_are_not_there(overrides: Overrides) -> None:
    assert list(overrides.unmatched({"2016/uudis", "teine"})) == []
    (said,) = overrides.unmatched({"2016/uudis"})
    assert said == (
        f"{overrides.file}: line 6: there is no article “teine”. "
        "Correct its id, or leave the entry out"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("year: 2015", "year: 15", "line 3: “15” is no year"),
        ("year: 2015", "aasta: 2015", "line 3: an article has an unknown key “aasta”"),
        ("teine:", "2016/uudis:", "line 6: “2016/uudis” stands twice"),
        ("year: 2015", "year: [2015]", "line 3: year must be a text"),
        ("year: 2015", "year: 2015\n    year: 2016", "line 4: “year” stands twice"),
        ("Rohe- ja ringmajandus", "rohe", "line 4: “rohe” is no focus area. Write one of"),
        ("[OÜ Tamm]", "OÜ Tamm", "line 5: organisations must be a list"),
        ("[OÜ Tamm]", "['']", "line 5: an item of organisations is empty"),
        ("articles:", "artiklid:", "line 1: the file has an unknown key “artiklid”"),
        ("drop: [EAS]", "drop: EAS", "line 14: drop must be a list"),
        ("drop: [EAS]", "drop: [oü kask]", "line 11: “OÜ Kask” would get another name and be dr"),
        ("drop: [EAS]", "kustuta: [EAS]", "line 14: organisations has an unknown key “kustuta”"),
        (
            "OÜ Mets: [OÜ Kuusk, OÜ Kased]",
            "OÜ Mets: [OÜ Kask]",
            "line 13: “OÜ Kask” would get two names",
        ),
        (
            "OÜ Mets: [OÜ Kuusk, OÜ Kased]",
            "OÜ Kask: [OÜ Kased]",
            "line 11: “OÜ Kask” is renamed in a circle",
        ),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "o.yaml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(OverridesError) as caught:
        load_overrides(path, load_taxonomy())
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)
