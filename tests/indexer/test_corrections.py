"""Facets formed again are those of a reindex, no text is read for them, and order is nothing."""

import contextlib
import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from local_runner import LocalRunner

from indexer.extract import Enricher, Gazetteer, Overrides, load_gazetteer, load_overrides
from indexer.pipeline import Pipeline
from search.analysis import AnalysedToken, Analyzer, Vabamorf
from search.article import Article, article_to_dict
from search.engines.contract import Index
from search.engines.registry import open_index
from search.request import FACETS
from search.taxonomy import Taxonomy, load_taxonomy

FOOTER = "Projekti viib ellu Sihtasutus Põhjaranniku Arenduskoda, registrikood 1234{}."
NEWS = {
    "jaatmed": (
        "Jäätmed said uue tee\n\n"
        "Jäätmete taaskasutusklaster avas 3. mail 2016 sorteerimisliini. OÜ Kasetohik andis "
        "robotid.\n\nLiini vaatas üle Tallinna Tehnikaülikool. Aitäh öeldi Pagarnõule "
        "(www.pagarnou.ee)."
    ),
    "film": (
        "---\ndate: 2014-05-06\norganisations: [Filmikoda]\n---\n"
        "Filmitööstus kasvab\n\nFilm, kino ja teater toovad turiste. Kohal oli Kalev Meretalu."
    ),
    "valdkond": (
        "---\nfocus_areas: [Rohe- ja ringmajandus]\n---\nPuidust ja metsast\n\n"
        "EPAL ja OÜ Kasetohik kohtusid 2015. aasta 7. juunil. Mereäärne kala sai kalurile saagiks."
    ),
    "tooring": (
        "Klaster kogunes\n\nKalapüük ja kalandus: kala, kalur, kalasaak. Kala tuli merest.\n\n"
        "Kalurid müüsid kala. Rahastas EPAL. "
        "Projekti toetab Euroopa Regionaalarengu Fond ja Pagarnõu."
    ),
    "english": (
        "The cluster met\n\nThe members of the cluster met at Pagarnõu and sold compost and waste."
    ),
    **{
        f"jalus-{number}": (
            f"Teade {name}\n\n{name} tehas alustas tööd ja {name} kontor sai uue katuse.\n\n"
            + FOOTER.format(number)
        )
        for number, name in enumerate(("Metsa", "Vee", "Kivi", "Liiva", "Tuule", "Savi"))
    },
}
GAZETTEER = """\
organisations:
  - name: Uus Pagarikoda
    aliases: [Pagarnõu, EPAL, Kalev Meretalu]
  - {name: Kasetohiku Grupp, former: [OÜ Kasetohik]}
  - {name: Sorteerimisliin}
"""
TAXONOMY = """\
areas:
  - id: meri
    label: {et: Meri, en: Sea}
    cues: [{weight: 3, lemmas: [meri]}]
    areas:
      - id: kala
        label: {et: Kala, en: Fish}
        cues: [{weight: 5, parts: [kala, kalur]}, {weight: 4, phrases: [kala tulema]}]
        exclude: {lemmas: [kalandus]}
"""
OVERRIDES = """\
articles:
  film: {year: 2011, focus_areas: [], organisations: [OÜ Lint]}
  jaatmed: {year: unknown, focus_areas: [rohe-ringmajandus]}
organisations:
  rename: {OÜ Kasetohik: OÜ Tohik}
  merge: {Merekoda: [EPAL, Filmikoda]}
  drop: [Tallinna Tehnikaülikool]
"""


class ReadsOnlyNames(Analyzer):
    """An analyzer that has nothing to do with texts any more, only with a few names."""

    def analyse(self, text: str, language: str = "et") -> list[AnalysedToken]:
        raise AssertionError((text, language))

    def warm(self, forms: Iterable[str]) -> None:
        names = list(forms)
        assert len(names) <= 1, names
        super().warm(names)


@pytest.fixture(scope="module")
def names_only() -> Analyzer:
    return ReadsOnlyNames(Vabamorf())


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "uudised"
    folder.mkdir()
    for name, text in NEWS.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


class Owner:
    """Someone with an index and three files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taxonomy: Taxonomy = load_taxonomy()
        self.gazetteer: Gazetteer = load_gazetteer()
        self.overrides = Overrides()
        self.rules = "0"

    def writes(self, name: str, text: str) -> None:
        path = self.folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        self.rules += name
        if name == "taxonomy":
            self.taxonomy = load_taxonomy(path)
        elif name == "gazetteer":
            self.gazetteer = load_gazetteer(path)
        else:
            self.overrides = load_overrides(path)

    def pipeline(self, analyzer: Analyzer) -> Pipeline:
        enricher = Enricher(analyzer, self.taxonomy, self.gazetteer, self.overrides, 2026)
        return Pipeline(
            LocalRunner(analyzer, enricher),
            "f",
            rules=self.rules,
            unmatched_overrides=self.overrides.unmatched,
        )


@pytest.fixture
def owner(tmp_path: Path) -> Owner:
    return Owner(tmp_path)


def state(index: Index) -> dict[str, Any]:
    """Every article with all that was found in it, and the counts of every facet."""
    with contextlib.closing(index.open()) as reader:
        found: dict[str, Any] = {facet: reader.facet_totals(facet) for facet in FACETS}
        for article_id in reader.article_ids():
            number = reader.find(article_id)
            assert number is not None
            data = article_to_dict(reader.article(number))
            found[article_id] = {key: data[key] for key in data if key != "added"}
    return found


def article(index: Index, article_id: str) -> Article:
    with contextlib.closing(index.open()) as reader:
        number = reader.find(article_id)
        assert number is not None
        return reader.article(number)


CHANGES: list[dict[str, str]] = [
    {"gazetteer": GAZETTEER},
    {"taxonomy": TAXONOMY},
    {"overrides": OVERRIDES},
    {"gazetteer": GAZETTEER, "overrides": OVERRIDES},
    {"gazetteer": "organisations: []\n", "taxonomy": TAXONOMY},
]


@pytest.mark.parametrize("changes", CHANGES, ids=lambda each: "+".join(each))
def test_formed_again_is_reindexed(
    analyzer: Analyzer,
    names_only: Analyzer,
    owner: Owner,
    news: Path,
    tmp_path: Path,
    changes: dict[str, str],
) -> None:
    index, other = open_index(tmp_path / "index"), open_index(tmp_path / "other")
    plain = Owner(tmp_path)
    plain.pipeline(analyzer).reindex(index, [news])
    before = state(index)
    for name, text in changes.items():
        owner.writes(name, text)
    report = owner.pipeline(names_only).reapply(index)
    owner.pipeline(analyzer).reindex(other, [news])
    assert state(index) == state(other)
    assert state(index) != before
    assert 0 < len(report.changes) < len(NEWS)
    assert index.verify() == []
    # Searching finds what it found before.
    with contextlib.closing(index.open()) as again, contextlib.closing(other.open()) as reference:
        for term in ("lkala", "skala", "pklaster", "lEPAL"):
            frequency = reference.document_frequencies([term])
            assert again.document_frequencies([term]) == frequency
    # What is taken back leaves no trace.
    plain.pipeline(names_only).reapply(index)
    assert state(index) == before


def test_a_name_that_nothing_told_is_found_by_the_gazetteer(
    analyzer: Analyzer, names_only: Analyzer, owner: Owner, news: Path, tmp_path: Path
) -> None:
    index = open_index(tmp_path / "index")
    owner.pipeline(analyzer).reindex(index, [news])
    assert "Pagarnõu" not in [each.name for each in article(index, "jaatmed").mentions]
    owner.writes("gazetteer", GAZETTEER)
    owner.pipeline(names_only).reapply(index)
    found = article(index, "jaatmed")
    value = next(each for each in found.organisations if each.value == "Uus Pagarikoda")
    assert [each.text for each in value.evidence] == ["Pagarnõule"]
    assert "sorteerimisliini" not in [each.text for v in found.organisations for each in v.evidence]
    assert [each.value for each in article(index, "film").organisations] == ["Filmikoda"]
    assert "Kalev Meretalu" in [each.name for each in article(index, "film").mentions]
    assert [each.value for each in article(index, "english").organisations] == ["Uus Pagarikoda"]
    # Who pays for a project stands in the small print.
    paid = article(index, "tooring").organisations
    assert [[each.text for each in value.evidence] for value in paid] == [["EPAL"]]


def test_given_values_come_back_with_the_correction_taken_back(
    analyzer: Analyzer, names_only: Analyzer, owner: Owner, news: Path, tmp_path: Path
) -> None:
    index = open_index(tmp_path / "index")
    owner.writes("overrides", OVERRIDES)
    owner.pipeline(analyzer).reindex(index, [news])
    corrected = article(index, "film")
    assert corrected.year is not None
    assert corrected.published is not None
    assert (corrected.year.value, corrected.published.value.iso) == (2011, "2011")
    assert [each.value for each in corrected.organisations] == ["OÜ Lint"]
    owner.overrides = Overrides()
    owner.pipeline(names_only).reapply(index)
    film = article(index, "film")
    assert film.published is not None
    assert (film.published.value.iso, film.published.origin) == ("2014-05-06", "given")
    assert [(each.value, each.origin) for each in film.organisations] == [("Filmikoda", "given")]


def test_an_update_forms_all_again_when_the_rules_have_changed(
    analyzer: Analyzer, owner: Owner, news: Path, tmp_path: Path
) -> None:
    index, other = open_index(tmp_path / "index"), open_index(tmp_path / "other")
    owner.pipeline(analyzer).reindex(index, [news])
    owner.writes("overrides", OVERRIDES)
    owner.writes("gazetteer", GAZETTEER)
    (news / "film.txt").write_text("Film\n\nEPAL näitas filmi.", encoding="utf-8")
    (news / "uus.txt").write_text("Uus\n\nPagarnõu tegi saia.", encoding="utf-8")
    report = owner.pipeline(analyzer).update(index, [news])
    owner.pipeline(analyzer).reindex(other, [news])
    assert state(index) == state(other)
    what = {each.id: each.what for each in report.changes}
    assert what.pop("uus") == "added"
    assert set(what.values()) == {"updated"}
    assert {"film", "jaatmed", "valdkond"} <= what.keys()
    assert len(what) + report.unchanged == len(NEWS)
    assert report.articles == len(NEWS) + 1
    again = owner.pipeline(analyzer).update(index, [news])
    assert (again.changes, again.unchanged) == ((), len(NEWS) + 1)


def test_nested_areas_bring_the_one_above(
    analyzer: Analyzer, owner: Owner, news: Path, tmp_path: Path
) -> None:
    index = open_index(tmp_path / "index")
    owner.writes("taxonomy", TAXONOMY)
    owner.pipeline(analyzer).reindex(index, [news])
    assert [each.value for each in article(index, "tooring").focus_areas] == ["meri", "kala"]
    owner.writes("overrides", "articles: {film: {focus_areas: [Fish]}}")
    owner.pipeline(analyzer).reapply(index)
    assert [each.value for each in article(index, "film").focus_areas] == ["kala", "meri"]


def test_the_examples_of_the_documentation_can_be_used(tmp_path: Path) -> None:
    text = Path(__file__).parents[2].joinpath("docs", "operation.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(# (\w+)\.yaml.*?)```", text, re.DOTALL)
    files = {name: tmp_path / name for _, name in blocks}
    for content, name in blocks:
        files[name].write_text(content, encoding="utf-8")
    taxonomy = load_taxonomy(files["valdkonnad"])
    assert [each.parent for each in taxonomy.areas] == [None, "rohe"]
    assert load_gazetteer(files["organisatsioonid"]).knows("EJKL")
    overrides = load_overrides(files["parandused"], load_taxonomy())
    assert overrides.organisation("EPK") == "Puidukoda"
    assert overrides.articles["2016/uudis"].year == 2016


def batches(draw: random.Random, names: Sequence[str]) -> list[list[str]]:
    """``names`` in any order, cut anywhere."""
    order = draw.sample(names, len(names))
    cuts = sorted(draw.sample(range(1, len(order)), draw.randint(0, 4)))
    return [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_batches_gives_the_facets_of_one_reindex(
    analyzer: Analyzer, owner: Owner, news: Path, tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    owner.writes("gazetteer", GAZETTEER)
    pipeline = owner.pipeline(analyzer)
    whole, index = open_index(tmp_path / "whole"), open_index(tmp_path / "index")
    pipeline.reindex(whole, [news])
    expected = state(whole)
    first, *others = batches(draw, sorted(NEWS))
    pipeline.reindex(index, [news / f"{name}.txt" for name in first])
    for batch in others:
        pipeline.update(index, [news / f"{name}.txt" for name in batch])
    names = {each.value for each in expected["org"]}
    # Named under six articles, in the same words: that tells nothing of any of them.
    assert not any("Arenduskoda" in each for each in names)
    assert {"Uus Pagarikoda", "Kasetohiku Grupp"} <= names
    assert state(index) == expected


def test_boilerplate_depends_on_what_is_in_the_index_now(
    analyzer: Analyzer, owner: Owner, news: Path, tmp_path: Path
) -> None:
    index = open_index(tmp_path / "index")
    pipeline = owner.pipeline(analyzer)
    pipeline.reindex(index, [news])
    shown = "SA Põhjaranniku Arenduskoda"
    assert article(index, "jalus-0").organisations == ()
    for name in ("jalus-4", "jalus-5"):
        (news / f"{name}.txt").unlink()
    pipeline.update(index, [news], prune=True)
    assert [each.value for each in article(index, "jalus-0").organisations] == [shown]
