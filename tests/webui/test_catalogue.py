"""The Estonian catalogue says everything that English says, with the same values filled in.

What there is to say is found by Babel's own extractors, as ``make messages`` does.
"""

import re
import string
from pathlib import Path

import catalogue as babel
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import Environment

ROOT = Path(__file__).parent.parent.parent
ADVICE = "the catalogue does not say what the code says: run make messages, then write the texts"


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with babel.CATALOGUE.open("rb") as file:
        return read_po(file, locale="et")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All messages of the code."""
    path = tmp_path_factory.mktemp("messages") / "messages.pot"
    babel.extract(path)
    with path.open("rb") as file:
        return read_po(file)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def entries(catalogue: Catalog) -> list[Message]:
    return [each for each in catalogue if each.id]


def test_the_messages_are_found(template: Catalog) -> None:
    found = {each.id for each in entries(template)}
    assert "Search" in found
    assert ("{count} article found", "{count} articles found") in found
    assert "There is no article “{id}”" in found
    assert "{message}" in found
    assert "Pages are counted from 1" in found
    assert "it was analysed by another version" in found
    assert len(found) > 200


def test_the_catalogue_holds_what_is_extracted_and_nothing_else(
    catalogue: Catalog, template: Catalog
) -> None:
    assert {each.id for each in entries(catalogue)} == {each.id for each in entries(template)}


def test_extraction_would_change_nothing(tmp_path: Path) -> None:
    kept = babel.CATALOGUE.read_text(encoding="utf-8")
    again = tmp_path / "et.po"
    again.write_text(kept, encoding="utf-8")
    babel.update(again)
    first = "\n\n"  # the header ends there, and names Babel's version
    assert again.read_text(encoding="utf-8").split(first)[1:] == kept.split(first)[1:], ADVICE


def test_no_entry_is_empty_fuzzy_or_left_over(catalogue: Catalog) -> None:
    for each in entries(catalogue):
        forms = (each.string,) if isinstance(each.string, str) else each.string
        assert all(forms), each.id
        assert not each.fuzzy, each.id
    assert not catalogue.obsolete


def test_babel_finds_no_mistake(catalogue: Catalog) -> None:
    assert not list(catalogue.check())


def test_plurals_are_those_of_estonian(catalogue: Catalog) -> None:
    assert catalogue.num_plurals == 2
    assert catalogue.plural_expr == "(n != 1)"
    for each in entries(catalogue):
        if each.pluralizable:
            assert len(each.string) == 2, each.id


def test_values_are_filled_in_alike(catalogue: Catalog) -> None:
    for each in entries(catalogue):
        if isinstance(each.id, str):
            assert placeholders(str(each.string)) == placeholders(each.id), each.id
        else:
            for english, estonian in zip(each.id, each.string, strict=True):
                assert placeholders(estonian) == placeholders(english), each.id


def test_no_message_stands_twice() -> None:
    text = (ROOT / "search/i18n/et.po").read_text(encoding="utf-8")
    ids = [line for line in text.splitlines() if line.startswith("msgid ")]
    assert len(ids) == len(set(ids))


def test_quotation_marks_are_estonian(catalogue: Catalog) -> None:
    for each in entries(catalogue):
        text = each.string if isinstance(each.string, str) else "".join(each.string)
        assert "”" not in text, each.id
        assert text.count("„") == text.count("“"), each.id


def test_templates_hold_no_text_of_their_own() -> None:
    """What people read comes from the catalogue: templates hold no bare words."""
    environment = Environment(autoescape=True)
    for path in sorted((ROOT / "webui/templates").rglob("*.html")):
        source = path.read_text(encoding="utf-8")
        in_tag = False
        for _, kind, value in environment.lex(source):
            if kind != "data":
                continue
            text = []
            for character in value:
                if character == "<":
                    in_tag = True
                elif character == ">":
                    in_tag = False
                elif not in_tag:
                    text.append(character)
            assert not any(each.isalpha() for each in "".join(text)), (path.name, "".join(text))
        assert not re.findall(r'(?:aria-label|title|placeholder|alt)="[^{"]', source), path.name
