"""What the owner should look at: the lists, and that their lines can be pasted as they are."""

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from local_runner import LocalRunner

from indexer.extract import Enricher, Overrides, load_gazetteer, load_overrides
from indexer.extract.gazetteer import Gazetteer
from indexer.pipeline import Pipeline
from indexer.review import Reviewer
from indexer.review.alias_candidates import pairs_of
from indexer.review.reviewer import yaml_scalar
from search.analysis import Analyzer
from search.engines.contract import Index
from search.engines.registry import open_index
from search.query.synonyms import load_synonyms
from search.review import Review, ReviewEntry, ReviewList
from search.taxonomy import load_taxonomy

NEWS = {
    "a: üks": "Metsapäev\n\nKohal oli AS Nordbeton. Eesti Pagarite Liit tuli ka. "
    "Jäätmkäitlus edeneb hästi.",
    "kaks": "Jäätmed\n\nNordbeton AS ja EPGL kohtusid 3. mail 2016. "
    "Jäätmekäitlus ja jäätmed, prügila.",
    "kolm": "Päev\n\nEPL ja EPGL kogunesid. Rohetuuliskid seisid mäel, ütles rohetuuliski omanik.",
    "neli": "Prügila\n\nEPL ja EPGL käisid jäätmekäitluse päeval, prügila ja jäätmed. See oli "
    "5. mail 2014. Uus rohetuulisk pöörles tuules. Network service käis ees.",
    "viis": "Jäätmekäitlus\n\nHea jäätmekäitlus algab kodust. Network service jätkus.",
    "kuus": "Jäätmekäitlus\n\nVana jäätmkäitlus lõppes. Jäätmekäitlus ja jäätmekäitlejad.",
}
BESIDE = {"seitse": "Uus jäätmekäitlus", "kaheksa": "Kallis jäätmekäitlus"}


def all_of(items: Iterable[Any], _total: int) -> Iterable[Any]:
    return items


@pytest.fixture
def index(tmp_path: Path, analyzer: Analyzer) -> Index:
    folder = tmp_path / "uudised"
    folder.mkdir()
    for number, (name, text) in enumerate((*NEWS.items(), *BESIDE.items())):
        file = folder / f"{number}.txt"
        file.write_text(f"---\nid: '{name}'\n---\n{text}", encoding="utf-8")
    made = open_index(tmp_path / "index")
    enricher = Enricher(analyzer, load_taxonomy(), Gazetteer(), Overrides(), 2026)
    Pipeline(LocalRunner(analyzer, enricher), "f").reindex(made, [folder])
    return made


def reviewed(
    index: Index,
    analyzer: Analyzer,
    gazetteer: Gazetteer | None = None,
    overrides: Overrides | None = None,
    limit: int = 50,
) -> Review:
    work = Reviewer(analyzer, gazetteer or Gazetteer(), overrides or Overrides(), limit)
    with contextlib.closing(index.open()) as reader:
        return work.review(reader, all_of)


def by_name(review: Review) -> dict[str, ReviewList]:
    return {each.name: each for each in review.lists}


def lines(found: ReviewList) -> list[str]:
    return [each.line.strip() for each in found.entries]


def test_lists(index: Index, analyzer: Analyzer) -> None:
    lists = by_name(reviewed(index, analyzer))
    assert lines(lists["same"]) == ["EPL: Eesti Pagarite Liit"]
    with contextlib.closing(index.open()) as reader:  # where its legal form stands asks nobody
        values = {each.value: each.count for each in reader.facet_totals("org")}
    assert {values.get(each) for each in ("AS Nordbeton", "Nordbeton AS")} == {2, None}
    assert lines(lists["acronyms"]) == ["- name: EPGL"]
    assert lists["acronyms"].entries[0].remark.startswith("3 articles, for example ")
    assert '"a: üks": {year: unknown, focus_areas: []}' in lines(lists["articles"])
    assert "neli" not in {each.data["id"] for each in lists["articles"].entries}
    assert lines(lists["misspelt"]) == ["jäätmkäitlus = jäätmekäitlus"]
    assert lines(lists["words"]) == ["- rohetuulisk"]


def test_lines_can_be_pasted(index: Index, analyzer: Analyzer, tmp_path: Path) -> None:
    review = reviewed(index, analyzer)
    pasted = {each.name: "\n".join(each.lines()) for each in review.lists}
    files = {
        "overrides": f"articles:\n{pasted['articles']}\n"
        f"organisations:\n  rename:\n{pasted['same']}\n",
        "gazetteer": f"organisations:\n{pasted['acronyms']}\n",
        "taxonomy": "areas:\n  - id: uus\n    label: {et: Uus, en: New}\n    cues:\n"
        f"      - weight: 2\n        lemmas:\n{pasted['words']}\n",
        "synonyms": pasted["misspelt"],
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    overrides = load_overrides(tmp_path / "overrides", load_taxonomy())
    gazetteer = load_gazetteer(tmp_path / "gazetteer")
    assert overrides.articles["a: üks"].year_unknown
    assert overrides.articles["a: üks"].focus_areas == ()
    assert overrides.organisation("EPL") == "Eesti Pagarite Liit"
    assert gazetteer.knows("EPGL")
    assert "rohetuulisk" in load_taxonomy(tmp_path / "taxonomy").areas[0].cues[0].words.lemmas
    assert load_synonyms(tmp_path / "synonyms")[0].sides == ("jäätmkäitlus", "jäätmekäitlus")
    # What has been dealt with is not asked for again.
    enricher = Enricher(analyzer, load_taxonomy(), gazetteer, overrides, 2026)
    Pipeline(LocalRunner(analyzer, enricher), "f", rules="uued").reapply(index)
    lists = by_name(reviewed(index, analyzer, gazetteer, overrides))
    for name in ("same", "acronyms", "articles"):
        assert lines(lists[name]) == [], name


def test_an_article_with_an_override_gets_no_second_one(
    index: Index, analyzer: Analyzer, tmp_path: Path
) -> None:
    path = tmp_path / "o.yaml"
    path.write_text("articles: {viis: {focus_areas: []}}", encoding="utf-8")
    found = by_name(reviewed(index, analyzer, overrides=load_overrides(path)))["articles"]
    assert "# add to viis: year: unknown" in lines(found)
    assert not any(each.startswith("viis:") for each in lines(found))


def test_lists_are_bounded(index: Index, analyzer: Analyzer) -> None:
    found = by_name(reviewed(index, analyzer, limit=1))["articles"]
    assert len(found.entries) == 1
    assert next(iter(found.lines())).endswith(f": 1 of {found.total}")
    assert found.to_dict()["total"] == found.total > 1
    assert found.to_dict()["entries"][0]["line"] == found.entries[0].line


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("OÜ Tamm", "Tamm OÜ", "OÜ Tamm"),
        ("Aktsiaselts Kask", "AS Kask", "AS Kask"),
        ("Avaesen", "Avaeseni", "Avaesen"),
        ("MTÜ „Loov Eesti“", "loov eesti", "loov eesti"),
        ("TTÜ", "Tallinna Tehnikaülikool", "Tallinna Tehnikaülikool"),
        ("Eesti Disainerite Liit", "EDL", "Eesti Disainerite Liit"),
        ("Põhjakask Grupp", "Põhjakasк Grupp".replace("к", "s"), "Põhjakask Grupp"),
        ("Puidukoda", "Puidukoda Kagu", "Puidukoda"),
        ("Tamm", "Kask", None),
        ("Eesti Liit", "Eesti Koda", None),
        ("Liin 1 OÜ", "Liin 2 OÜ", None),
    ],
)
def test_names_that_may_be_one(
    analyzer: Analyzer, first: str, second: str, shown: str | None
) -> None:
    uses = {first: {1, 2}, second: {2}}
    if shown == second:
        uses = {first: {1}, second: {1, 2}}
    found = pairs_of(uses, analyzer)
    assert [each.shown for each in found] == ([] if shown is None else [shown])


def test_a_new_name_stands_beside_the_same_organisations(analyzer: Analyzer) -> None:
    beside = {name: {1, 2, 3, 4} for name in ("AS Kask", "OÜ Mänd", "SA Saar")}
    renamed = {"Vooremaa Jäätmeliit": {1, 2}, "Vooremaa Ringkoda": {3, 4}}
    found = pairs_of({**beside, **renamed}, analyzer)
    assert [(each.shown, each.other) for each in found] == [
        ("Vooremaa Jäätmeliit", "Vooremaa Ringkoda")
    ]
    assert pairs_of({**beside, **{name: {1} for name in renamed}}, analyzer) == []


def test_renames_can_be_pasted_together(analyzer: Analyzer) -> None:
    names = {"Tamm": {1, 2}, "OÜ Tamm": {1}, "AS Tamm": {3}, "Tamm Grupp": {4}, "Tamme": {5}}
    found = pairs_of(names, analyzer)
    others = [each.other for each in found]
    assert len(others) == len(set(others))
    assert set(others).isdisjoint(each.shown for each in found)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2016/uudis", "2016/uudis"),
        ("Keila ja Ko", "Keila ja Ko"),
        ("a: b", '"a: b"'),
        ('„Loov“ "Eesti" \\', '"„Loov“ \\"Eesti\\" \\\\"'),
        ("- a", '"- a"'),
        ("a, [b]", '"a, [b]"'),
        ("null", '"null"'),
        ("#1", '"#1"'),
    ],
)
def test_scalars(text: str, written: str) -> None:
    assert yaml_scalar(text) == written


def test_remarks_stay_on_their_line() -> None:
    assert str(ReviewEntry("- a", "üks\nkaks")) == "- a  # üks kaks"
