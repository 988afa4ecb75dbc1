"""Reads articles from the Markdown of site generators such as Hugo, Jekyll and Hexo.

A front matter in YAML, TOML or JSON may have any keys; markup, pictures, comments and shortcodes
are removed from the text.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from indexer.sources.addresses import clean_address
from indexer.sources.base import Found, Input, Skipped, all_given, article
from indexer.sources.dates import GivenDate, parse_date
from indexer.sources.limits import Limits
from indexer.sources.pages.markup import paragraphs_of
from indexer.sources.texts.plain_text import lines_of
from search.errors import EmptyDocument
from search.yaml_loader import YamlProblem, check_nesting

_FENCES = {"---": re.compile(r"(?:---|\.\.\.)[ \t]*"), "+++": re.compile(r"\+\+\+[ \t]*")}
_VALUE = re.compile(r"([A-Za-z_][\w-]*)\s*:\s*(.*)")
_DATES = ("date", "publishdate", "pubdate", "published_at", "published", "created")
_ADDRESSES = ("url", "permalink", "canonical_url", "canonical", "canonicalurl", "link")
_LANGUAGES = ("language", "lang", "locale")
_CATEGORIES = ("categories", "category", "tags")
_NAME_DATE = re.compile(r"(?:.*/)?(\d{4}-\d{2}-\d{2})(?=[-_ .]|$)[^/]*")
_SETEXT = re.compile(r"(?:=+|-+)")
_HEADING = re.compile(r"#{1,6}\s+(?P<text>.*?)\s*#*")
#: Removed before Markdown is parsed: shortcodes, templates, notes, attributes, pictures.
_DROPPED = (
    re.compile(r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}", re.DOTALL),
    re.compile(r"\{\{[<%](?:[^}]|\}(?!\}))*\}\}|\{%(?:[^%]|%(?!\}))*%\}|\{\{[^{}\n]*\}\}"),
    re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL),
    re.compile(r"!\[\[[^\]\n]*\]\]"),
    re.compile(r"^\[\^[^\]\s]+\]:[ \t]*", re.MULTILINE),
    re.compile(r"\[\^[^\]\s]+\]"),
    re.compile(r"[ \t]*\{[:#.][^{}\n]*\}"),
    re.compile(r"^[ \t]*(?::::?.*|\[TOC\]|\[\[_TOC_\]\])$", re.MULTILINE),
    re.compile(r"(?<=^> )\[!\w+\]", re.MULTILINE),
)
_WIKI_LINK = re.compile(r"\[\[(?:[^\]|\n]*\|)?([^\]|\n]+)\]\]")
_MARKED = re.compile(r"==(\S(?:[^=\n]*\S)?)==")
_NESTING = 60
_LONGEST_UNOPENED = 40


@dataclass(frozen=True, slots=True)
class MarkdownText:
    """Title, paragraphs and the values of the front matter, by keys in lower case."""

    title: str
    paragraphs: tuple[str, ...]
    values: Mapping[str, Any]


def read_markdown(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads the article in ``source``, unless it is a draft.

    Raises EmptyDocument and what reading raises.
    """
    found = source.isolated(parse_markdown, source.text(limits.megabytes).text)
    values = found.values
    if _is_draft(values):
        yield Skipped(source.name, "", "draft", "is a draft")
        return
    if not found.title:
        raise EmptyDocument(file=source.name)
    made = article(
        source,
        found.title,
        found.paragraphs,
        date=_date(values) or _date_of_name(source),
        address=_first(values, _ADDRESSES, clean_address),
        language=_first(values, _LANGUAGES, str),
        categories=[text for key in _CATEGORIES for text in _texts(values.get(key))],
    )
    # Files keep their ids for compatibility, even if an address is given.
    areas = _texts(values.get("focus_areas"))
    yield replace(
        made,
        id=_id(values) or source.id,
        focus_areas=all_given(areas) if areas else made.focus_areas,
        organisations=all_given(_texts(values.get("organisations"))),
    )


def parse_markdown(text: str) -> MarkdownText:
    """Parses title, text and front matter of a Markdown file."""
    values, lines = _split(lines_of(text))
    body = _without_dropped("\n".join(lines))
    given = _text(values.get("title"))
    if given:
        paragraphs = _paragraphs(body)
        repeats = bool(paragraphs) and paragraphs[0] == given
        return MarkdownText(given, tuple(paragraphs[repeats:]), values)
    title, rest = _first_line(body.split("\n"))
    return MarkdownText(title, tuple(_paragraphs("\n".join(rest))), values)


def _split(lines: Sequence[str]) -> tuple[Mapping[str, Any], Sequence[str]]:
    """Splits front matter and text; an unclosed fence is a line of the text."""
    if not lines:
        return {}, lines
    end_of = _FENCES.get(lines[0].rstrip())
    if end_of is not None:
        end = next((n for n, line in enumerate(lines[1:], 1) if end_of.fullmatch(line)), None)
        if end is None:
            return {}, lines[1:]
        within = "\n".join(lines[1:end])
        return _small(_toml(within) if lines[0][0] == "+" else _yaml(within)), lines[end + 1 :]
    if lines[0].rstrip() == "{":
        return _json("\n".join(lines), lines)
    return _unopened(lines)


def _unopened(lines: Sequence[str]) -> tuple[Mapping[str, Any], Sequence[str]]:
    """Front matter of Hexo, with a fence only at its end; it must have the title."""
    end = next((n for n, line in enumerate(lines[:_LONGEST_UNOPENED]) if line == "---"), None)
    if end is None or not _VALUE.fullmatch(lines[0]):
        return {}, lines
    values = _small(_yaml("\n".join(lines[:end])))
    return (values, lines[end + 1 :]) if "title" in values else ({}, lines)


def _yaml(text: str) -> Mapping[str, Any]:
    try:
        check_nesting(text)
        # This loader keeps every scalar as written, so “title: no” stays a title.
        found = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes strings only
    except (yaml.YAMLError, YamlProblem, RecursionError, ValueError):
        matches = (_VALUE.fullmatch(line) for line in text.split("\n"))
        return {match[1]: match[2].strip().strip("\"'") for match in matches if match}
    return found if isinstance(found, dict) else {}


def _toml(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        matches = (re.fullmatch(r"(\w+)\s*=\s*(.*)", line) for line in text.split("\n"))
        return {match[1]: match[2].strip().strip("\"'") for match in matches if match}


def _json(text: str, lines: Sequence[str]) -> tuple[Mapping[str, Any], Sequence[str]]:
    try:
        found, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return {}, lines
    return (_small(found) if isinstance(found, dict) else {}), text[end:].split("\n")


def _small(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {str(key).lower(): value for key, value in values.items()}


def _text(value: Any) -> str:
    if isinstance(value, (dict, list)) or value is None:
        return ""
    text = " ".join(str(value).split())
    return "" if text.lower() in ("null", "~") else text


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(text for each in values if (text := _text(each))))


def _first(values: Mapping[str, Any], keys: Sequence[str], read: Any) -> str:
    found = (str(read(text)) for key in keys if (text := _text(values.get(key))))
    return next((each for each in found if each), "")


def _is_draft(values: Mapping[str, Any]) -> bool:
    is_draft = _text(values.get("draft")).lower() in ("true", "yes", "1")
    return is_draft or _text(values.get("published")).lower() in ("false", "no")


def _date(values: Mapping[str, Any]) -> GivenDate | None:
    found = (parse_date(text) for key in _DATES if (text := _text(values.get(key))))
    return next((each for each in found if each), None)


def _date_of_name(source: Input) -> GivenDate | None:
    match = _NAME_DATE.fullmatch(source.id)
    return parse_date(match[1]) if match else None


def _id(values: Mapping[str, Any]) -> str:
    """The given id, unless it cannot be a URL path."""
    text = _text(values.get("id"))
    is_path = text.isprintable() and not {"", ".", ".."} & set(text.split("/"))
    return text if is_path else ""


def _without_dropped(text: str) -> str:
    for each in _DROPPED:
        text = each.sub("", text)
    return _MARKED.sub(r"\1", _WIKI_LINK.sub(r"\1", text))


def _first_line(lines: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The first line with text as title, and the lines after it."""
    for n, line in enumerate(lines):
        heading = _HEADING.fullmatch(line.strip())
        shown = _paragraphs(heading["text"] if heading else line.strip()) if line.strip() else []
        if shown:
            is_underlined = n + 1 < len(lines) and _SETEXT.fullmatch(lines[n + 1].strip())
            return " ".join(shown), lines[n + (2 if is_underlined else 1) :]
    return "", ()


def _paragraphs(text: str) -> list[str]:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": True, "maxNesting": _NESTING})
    # Indented lines are paragraphs here, not code.
    reader.enable(["table", "strikethrough"]).disable("code")
    return paragraphs_of(reader.render(text))
