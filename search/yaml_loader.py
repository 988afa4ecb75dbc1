"""Strict YAML loader for hand-written files, with line numbers in errors.

Files are composed into nodes, not loaded into dictionaries: nodes know their lines, and repeated
keys are detected.
"""

import re
import unicodedata
from collections.abc import Iterator, Set
from pathlib import Path

import yaml

from search.normalisation import clean_line

#: A larger file is a mistake (or an attack), not something a person wrote.
_MAX_BYTES = 10_000_000
#: Parsers recurse once a level, those in C until the process crashes, and scan all open levels at
#: each word.
_MOST_LEVELS = 100
_MOST_COLUMNS = 300
_BRACKET = re.compile(r"[\[\]{}]")
#: Each level without brackets takes at least one more column or sign.
_DEEP_LINE = re.compile(rf"^(?:[ ]|[-?:][ \t]){{{_MOST_COLUMNS}}}(?=.*\S)", re.MULTILINE)
_PLAIN = re.compile(r"\w(?:[\w /.&-]*[\w.])?")
#: Plain scalars that YAML reads as null.
_NULLS = frozenset({"null", "Null", "NULL"})
_QUICK = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class YamlProblem(Exception):
    """A problem in a YAML file and its remedy. ``line`` counts from 1, None if unknown."""

    def __init__(self, problem: str, remedy: str, line: int | None = None) -> None:
        self.problem = problem if line is None else f"line {line}: {problem}"
        self.remedy = remedy
        self.line = line
        super().__init__(f"{self.problem}. {self.remedy}")


def check_nesting(text: str) -> None:
    """Raises YamlProblem for YAML that is nested too deeply, before it is parsed.

    Brackets within quotation marks count, too.
    """
    deep = _DEEP_LINE.search(text)
    at = deep.start() if deep else None
    if text.count("[") + text.count("{") > _MOST_LEVELS:
        level = 0
        for each in _BRACKET.finditer(text):
            level = level + 1 if each[0] in "[{" else max(level - 1, 0)
            if level > _MOST_LEVELS:
                at = each.start() if at is None else min(at, each.start())
                break
    if at is not None:
        line = text.count("\n", 0, at) + 1
        raise YamlProblem("is nested too deeply", "Write it flat", line)


def read_yaml(path: Path, *, is_ours: bool = False) -> yaml.Node | None:
    """The root node of the file, None if it is empty. Raises YamlProblem.

    A file of the program (``is_ours``) is read by libyaml if it is there: ten times as fast, with
    less exact messages.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise YamlProblem("is larger than 10 MB", "Split it or leave entries out")
        # Some editors write decomposed letters; articles are composed, too.
        text = unicodedata.normalize("NFC", path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise YamlProblem(
            f"is not UTF-8 (byte {error.start})", "Save it again with the encoding UTF-8"
        ) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise YamlProblem(f"cannot be read ({reason})", "Check the path") from error
    check_nesting(text)
    try:
        return yaml.compose(text, Loader=_QUICK if is_ours else yaml.SafeLoader)
    except yaml.YAMLError as error:
        message, line = _parser_message(error, text)
        raise YamlProblem(
            f"is not valid YAML ({message})",
            "Check indentation, colons and quotation marks there",
            line,
        ) from error
    except RecursionError as error:
        raise YamlProblem("is nested too deeply", "Write it flat") from error


def _parser_message(error: yaml.YAMLError, text: str) -> tuple[str, int | None]:
    """Message of the YAML parser, and its line."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return f"character U+{ord(text[error.position]):04X} may not stand in it", line
    mark = getattr(error, "problem_mark", None)
    message = getattr(error, "problem", None) or "is not YAML"
    return message, mark.line + 1 if mark is not None else None


def line_of(node: yaml.Node) -> int:
    """The line where ``node`` begins, from 1."""
    return int(node.start_mark.line) + 1


def entries(node: yaml.Node, what: str) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Keys and values of a mapping; repeated keys are errors. Raises YamlProblem."""
    if not isinstance(node, yaml.MappingNode):
        raise YamlProblem(
            f"{what} must be a mapping of keys and values",
            "Write “key: value” lines",
            line_of(node),
        )
    seen: dict[str, int] = {}
    for key, value in node.value:
        name = string(key, f"a key of {what}")
        if name in seen:
            raise YamlProblem(
                f"“{name}” stands twice in {what} (first in line {seen[name]})",
                "Keep one of them",
                line_of(key),
            )
        seen[name] = line_of(key)
        yield key, value


def mapping(node: yaml.Node, what: str, allowed: Set[str]) -> dict[str, yaml.Node]:
    """A mapping that may hold only ``allowed`` keys. Raises YamlProblem."""
    found: dict[str, yaml.Node] = {}
    for key, value in entries(node, what):
        name = string(key, f"a key of {what}")
        if name not in allowed:
            raise YamlProblem(
                f"{what} has an unknown key “{name}”",
                f"Known keys: {', '.join(sorted(allowed))}",
                line_of(key),
            )
        found[name] = value
    return found


def items(node: yaml.Node, what: str) -> list[yaml.Node]:
    """The items of a list. Raises YamlProblem."""
    if not isinstance(node, yaml.SequenceNode):
        raise YamlProblem(f"{what} must be a list", "Begin each item with “- ”", line_of(node))
    return list(node.value)


def string(node: yaml.Node, what: str) -> str:
    """A non-empty text, stripped of blanks. Raises YamlProblem."""
    if not isinstance(node, yaml.ScalarNode) or is_null(node):
        raise YamlProblem(f"{what} must be a text", "Write it on the same line", line_of(node))
    text = clean_line(str(node.value))
    if not text:
        raise YamlProblem(f"{what} is empty", "Write a text or remove it", line_of(node))
    return text


def strings(node: yaml.Node, what: str) -> tuple[str, ...]:
    """A list of texts. Raises YamlProblem."""
    return tuple(string(each, f"an item of {what}") for each in items(node, what))


def number(node: yaml.Node, what: str) -> float:
    """A number above zero. Raises YamlProblem."""
    try:
        value = float(string(node, what))
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise YamlProblem(f"{what} must be a number above 0", "Write for example 2", line_of(node))
    return value


def is_null(node: yaml.Node) -> bool:
    """True for ``null``, ``~`` or an empty value."""
    return isinstance(node, yaml.ScalarNode) and bool(node.tag == "tag:yaml.org,2002:null")


def yaml_scalar(text: str) -> str:
    """``text`` as a YAML scalar, quoted if necessary."""
    if _PLAIN.fullmatch(text) and text not in _NULLS:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
