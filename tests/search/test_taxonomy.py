"""The taxonomy file: what it holds, and one clear line for each mistake in it."""

from pathlib import Path

import pytest

from search.errors import TaxonomyError
from search.taxonomy import load_taxonomy

GOOD = """\
areas:
  - id: kala
    label: {et: Kala, en: Fish}
    cues:
      - weight: 2.5
        lemmas: [Kala]
        parts: [kala]
        phrases: [värske kala]
    exclude:
      lemmas: [kalamaja]
  - id: mets
    label: {et: Mets, en: Forest}
    cues:
      - lemmas: [mets]
"""


def test_default() -> None:
    taxonomy = load_taxonomy()
    assert taxonomy.ids == (
        "korgtehnoloogia-digitootmine",
        "rohe-ringmajandus",
        "teenuseinnovatsioon-loomemajandus",
    )
    assert taxonomy.label("rohe-ringmajandus", "et") == "Rohe- ja ringmajandus"
    assert taxonomy.label("rohe-ringmajandus", "en") == "Green and circular economy"
    assert taxonomy.label("tundmatu", "et") == "tundmatu"
    assert [taxonomy.order(each) for each in (*taxonomy.ids, "tundmatu")] == [0, 1, 2, 3]


def test_own_taxonomy(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(GOOD, encoding="utf-8")
    taxonomy = load_taxonomy(path)
    fish = taxonomy.areas[0]
    assert taxonomy.ids == ("kala", "mets")
    assert fish.cues[0].weight == 2.5
    assert fish.cues[0].words.lemmas == {"kala"}
    assert fish.cues[0].words.phrases == {("värske", "kala")}
    assert fish.exclude.lemmas == {"kalamaja"}
    assert taxonomy.areas[1].cues[0].weight == 1
    assert taxonomy.find(" fish ") == "kala"
    assert taxonomy.find("lind") is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: mets", "id: kala", "line 11: the id “kala” stands twice"),
        ("id: mets", "id: none", "line 11: “none” cannot be an id"),
        ("id: mets", "id: Mets ja maa", "line 11: “Mets ja maa” cannot be an id"),
        ("weight: 2.5", "weight: palju", "line 5: weight must be a number above 0"),
        ("weight: 2.5", "weight: -1", "line 5: weight must be a number above 0"),
        ("weight: 2.5", "weight: nan", "line 5: weight must be a number above 0"),
        ("parts:", "parst:", "line 7: a group of cues has an unknown key “parst”"),
        ("parts: [kala]", "lemmas: [kala]", "line 7: “lemmas” stands twice"),
        ("[Kala]", "[suur kala]", "line 6: “suur kala” is not one word"),
        ("[värske kala]", "[kala]", "line 8: “kala” is one word"),
        ("{et: Mets, en: Forest}", "{et: Mets}", "line 12: the label of “mets” has no “en”"),
        (
            "id: mets",
            "id: mets\n    description: {et: a}",
            "line 12: the description of “mets” has",
        ),
        ("      - lemmas: [mets]", "      []", "line 14: “mets” has no cues"),
        ("[kalamaja]", "kalamaja", "line 10: lemmas must be a list"),
        ("[Kala]", "[Kala", "is not valid YAML"),
        ("areas:", "alad:", "line 1: the taxonomy has an unknown key “alad”"),
        ("id: mets", "nimi: mets", "line 11: an area has an unknown key “nimi”"),
        ("    label: {et: Mets, en: Forest}\n", "", "line 11: an area has no “label”"),
        ("en: Forest", "en: FISH", "line 11: “fish” is a name of both “kala” and “mets”"),
        ("en: Forest", "en: kala", "line 11: “kala” is a name of both “kala” and “mets”"),
        ("en: Forest", "de: Wald", "line 12: label has an unknown key “de”"),
        ("en: Forest", "en:", "line 12: label must be a text"),
        ("[Kala]", "[Kala,\n        kaks sõna]", "line 7: “kaks sõna” is not one word"),
        ("[Kala]", "Kala", "line 6: lemmas must be a list"),
        ("[Kala]", "['']", "line 6: an item of lemmas is empty"),
        ("      - lemmas: [mets]", "      - weight: 2", "line 14: a group of cues holds no words"),
        ("      - lemmas: [mets]", "      - mets", "line 14: a group of cues must be a mapping"),
        ("id: mets", "id: mets\n    areas: mets", "line 12: areas must be a list"),
        ("id: mets", "id: mets\n    areas: [{id: kala}]", "line 12: an area has no “label”"),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "vigane.yaml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(TaxonomyError) as caught:
        load_taxonomy(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert said in message
    assert "\n" not in message
    assert not message.endswith(". ")


def test_nested_areas(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    inner = """\
    areas:
      - id: ahven
        label: {et: Ahven, en: Perch}
        cues: [{lemmas: [ahven]}]
        areas:
          - {id: kiisk, label: {et: Kiisk, en: Ruffe}, cues: [{lemmas: [kiisk]}]}
"""
    path.write_text(GOOD.replace("  - id: mets", inner + "  - id: mets"), encoding="utf-8")
    taxonomy = load_taxonomy(path)
    assert taxonomy.ids == ("kala", "ahven", "kiisk", "mets")
    assert [each.parent for each in taxonomy.areas] == [None, "kala", "ahven", None]
    assert taxonomy.with_parents(["kiisk", "mets"]) == ("kiisk", "ahven", "kala", "mets")
    assert taxonomy.with_parents(["kala", "ahven", "võõras"]) == ("kala", "ahven", "võõras")
    path.write_text(path.read_text("utf-8").replace("id: kiisk", "id: mets"), encoding="utf-8")
    with pytest.raises(TaxonomyError, match="“mets” stands twice"):
        load_taxonomy(path)


def test_areas_cannot_be_nested_in_themselves(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(
        "areas: &all\n  - {id: a, label: {et: A, en: A}, cues: [{lemmas: [a]}], areas: *all}\n",
        encoding="utf-8",
    )
    with pytest.raises(TaxonomyError, match="line 2: the id “a” stands twice"):
        load_taxonomy(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match="cannot be read"):
        load_taxonomy(tmp_path / "puudub.yaml")
    empty = tmp_path / "t.yaml"
    empty.write_bytes(b"")
    with pytest.raises(TaxonomyError, match="is empty"):
        load_taxonomy(empty)
    empty.write_bytes(b"areas: []\n# \xe4\n")
    with pytest.raises(TaxonomyError, match="UTF-8"):
        load_taxonomy(empty)
    empty.write_text("areas: []\n", encoding="utf-8")
    with pytest.raises(TaxonomyError, match="no areas"):
        load_taxonomy(empty)
