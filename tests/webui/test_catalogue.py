"""The Estonian catalogue says everything that English says, with the same values filled in."""

import ast
import re
import string
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from search import errors
from search.errors import KlastriError

ROOT = Path(__file__).parent.parent.parent
FUNCTIONS = ("_", "gettext", "ngettext")
#: Sentences within errors, and the errors whose sentences visitors of the web can meet.
SENTENCES = ("remedy", "reason", "problem")
ON_THE_WEB = ("BadRequest", "QueryTooLong", "NoIndex", "IndexMismatch", "IndexDamaged")

Text = str | tuple[str, ...]


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (files("search.i18n") / "et.po").open("rb") as file:
        return read_po(file, locale="et")


def template_messages() -> Iterator[Text]:
    environment = Environment(autoescape=True)
    for path in sorted((ROOT / "webui/templates").rglob("*.html")):
        tree = environment.parse(path.read_text(encoding="utf-8"))
        for _, function, message in extract_from_ast(tree, FUNCTIONS, babel_style=False):
            pieces = [message] if isinstance(message, str) else message
            # Arguments that are no literal text, such as the number, come as None.
            literal = tuple(each for each in pieces if each is not None)
            yield literal if function == "ngettext" else literal[0]


def python_messages() -> Iterator[Text]:
    for package in ("search", "webui"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield from call_messages(node)


def call_messages(call: ast.Call) -> Iterator[Text]:
    name = getattr(call.func, "attr", None) or getattr(call.func, "id", None)
    literals = [
        each.value
        for each in call.args
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    if name == "ngettext" and len(literals) >= 2:
        yield tuple(literals[:2])
    elif name in FUNCTIONS and literals:
        yield literals[0]
    elif name in ON_THE_WEB:
        for keyword in call.keywords:
            if keyword.arg in SENTENCES and isinstance(keyword.value, ast.Constant):
                yield str(keyword.value.value)


def error_templates() -> Iterator[str]:
    def below(parent: type[KlastriError]) -> Iterator[type[KlastriError]]:
        yield parent
        for child in parent.__subclasses__():
            yield from below(child)

    yield from (each.template for each in below(errors.KlastriError))


def all_messages() -> set[Text]:
    return {*template_messages(), *python_messages(), *error_templates()}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def entries(catalogue: Catalog) -> list[Message]:
    return [each for each in catalogue if each.id]


def test_the_messages_are_found() -> None:
    found = all_messages()
    assert "Search" in found
    assert ("{count} article found", "{count} articles found") in found
    assert "There is no article “{id}”" in found
    assert "Pages are counted from 1" in found
    assert len(found) > 100


def test_every_message_has_an_estonian_text(catalogue: Catalog) -> None:
    known = {each.id for each in entries(catalogue)}
    missing = {each for each in all_messages() if each not in known}
    assert not missing


def test_no_entry_is_empty_fuzzy_or_left_over(catalogue: Catalog) -> None:
    for each in entries(catalogue):
        forms = (each.string,) if isinstance(each.string, str) else each.string
        assert all(forms), each.id
        assert not each.fuzzy, each.id
    assert not catalogue.obsolete


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
