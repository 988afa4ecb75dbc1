"""The gazetteer file."""

from pathlib import Path

import pytest

from indexer.extract import known_organisations, load_gazetteer
from search.errors import GazetteerError

GOOD = """\
organisations:
  - name: Uus Pagarikoda
    aliases: [Pagarnõu, UPK]
    former: [Eesti Pagarite Liit]
  - name: Mere Klaster
"""


def test_default_knows_renamed_organisations() -> None:
    gazetteer = load_gazetteer()
    assert gazetteer.shown("EJKL") == "Eesti Ringmajandusettevõtete Liit"
    assert gazetteer.shown("TalTech") == gazetteer.shown("TTÜ") == "Tallinna Tehnikaülikool"
    assert gazetteer.shown("Rohemajanduse klaster") == "Jäätmete Taaskasutusklaster"
    assert gazetteer.shown("EJKL Kompetentsikeskus") == "EJKL Kompetentsikeskus"


def test_names_are_folded(tmp_path: Path) -> None:
    path = tmp_path / "g.yaml"
    path.write_text(GOOD, encoding="utf-8")
    gazetteer = load_gazetteer(path)
    assert gazetteer.shown("eesti  pagarite „Liit“") == "Uus Pagarikoda"
    assert gazetteer.shown("Tundmatu Liit") == "Tundmatu Liit"
    assert gazetteer.knows("upk")
    assert not gazetteer.knows("Tundmatu Liit")


def test_empty_file_is_an_empty_gazetteer(tmp_path: Path) -> None:
    path = tmp_path / "g.yaml"
    path.write_text("# veel tühi\n", encoding="utf-8")
    assert load_gazetteer(path).entries == ()


def test_the_owners_file_goes_before_the_default(tmp_path: Path) -> None:
    path = tmp_path / "g.yaml"
    path.write_text(
        "organisations:\n  - {name: Taltehnika, aliases: [TalTech]}\n", encoding="utf-8"
    )
    both = known_organisations(path)
    assert both.shown("TalTech") == "Taltehnika"
    assert both.shown("TTÜ") == "TTÜ"  # that of the default is the owner's now
    assert both.shown("RMK") == "Riigimetsa Majandamise Keskus"
    assert known_organisations(path, defaults=False).entries == load_gazetteer(path).entries
    assert known_organisations(None, defaults=False).entries == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("- name: Mere Klaster", "- nimi: Mere Klaster", "line 5: an organisation has an unknown"),
        ("- name: Mere Klaster", "- aliases: [Meri]", "line 5: an organisation has no “name”"),
        ("[Pagarnõu, UPK]", "Pagarnõu", "line 3: aliases must be a list"),
        ("Mere Klaster", "UPK", "line 5: “UPK” is a name of both “Uus Pagarikoda” and “UPK”"),
        ("Mere Klaster", "Uus Pagarikoda", "line 5: “Uus Pagarikoda” is a name of both"),
        ("Mere Klaster", "upk", "line 5: “upk” is a name of both “Uus Pagarikoda” and “upk”"),
        ("Mere Klaster", "''", "line 5: name is empty"),
        ("Mere Klaster", "[a]", "line 5: name must be a text"),
        ("Mere Klaster", "Meri\n    name: Maa", "line 6: “name” stands twice"),
        ("organisations:", "organisations: x", "is not valid YAML"),
        ("organisations:", "- organisations:", "line 1: the gazetteer must be a mapping"),
        ("organisations:", "nimed:", "line 1: the gazetteer has an unknown key “nimed”"),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "g.yaml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(GazetteerError) as caught:
        load_gazetteer(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)
