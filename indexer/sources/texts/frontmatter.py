"""Reads the YAML front matter of a text file: values given by the author."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import yaml

from indexer.sources.dates import GivenDate, parse_date
from search.analysis.language import language_code
from search.date_interval import FIRST_YEAR, LAST_YEAR
from search.errors import BadFrontMatter
from search.normalisation import clean_line, unescaped
from search.yaml_loader import YamlProblem, check_nesting, is_null, line_of

#: A longer front matter is a text whose opening fence was never closed.
_MOST_CHARACTERS = 100_000
_FENCE = re.compile(r"---[ \t]*")
_END = re.compile(r"(?:---|\.\.\.)[ \t]*")
_KEY = re.compile(r"\w+:(?:\s|$)")
# „title: Klaster sai #1 koha“: YAML would take the rest for a comment, „&Klaster“ for an anchor.
_TITLE = re.compile(r"(?P<key>title:\s+)(?P<text>(?![\"'|>\[{]).*\S)")
_MISREAD = re.compile(r"^[#&*!%@`]\S|\s#\S")
_COMMENT = re.compile(r"(?:^|\s)#\s")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_DIGITS = re.compile(r"[\d./ -]+")
_AREA_IDS = re.compile(r"[a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)+")
_URL = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)
# The C loader is ten times faster, but not every build of PyYAML has it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Values of a front matter; empty if not given."""

    id: str = ""
    title: str = ""
    date: GivenDate | None = None
    url: str | None = None
    language: str = ""
    focus_areas: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()


KEYS = tuple(each.name for each in fields(FrontMatter))


def split_front_matter(lines: Sequence[str], file: str) -> tuple[FrontMatter, Sequence[str]]:
    """Splits ``lines`` into the front matter and the lines after it.

    Empty lines may precede it. Raises BadFrontMatter with the line (from 1) in the file.
    """
    start = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    if not _begins_at(lines, start):
        return FrontMatter(), lines
    inside = itertools.islice(enumerate(lines), start + 1, None)
    end = next((n for n, line in inside if _END.fullmatch(line)), None)
    if end is None:
        raise BadFrontMatter(
            file=file,
            line=start + 1,
            problem="the front matter has no end",
            remedy="Close it with a line ---",
        )
    # With an empty line in place of the fence, YAML's line numbers are those of the file.
    above, inner = [""] * (start + 1), lines[start + 1 : end]
    return _Reader(file).read("\n".join([*above, *_with_repaired_title(inner)])), lines[end + 1 :]


def _begins_at(lines: Sequence[str], start: int) -> bool:
    """True if a front matter begins at ``start``; below empty lines ``---`` may be a rule."""
    if start >= len(lines) or not _FENCE.fullmatch(lines[start]):
        return False
    return start == 0 or (start + 1 < len(lines) and _KEY.match(lines[start + 1]) is not None)


def _with_repaired_title(lines: Sequence[str]) -> Iterator[str]:
    """Repairs ``lines`` of YAML with unescaped quotation marks in the title."""
    for line, following in itertools.zip_longest(lines, lines[1:], fillvalue=""):
        match = _TITLE.fullmatch(line)
        if match and not following[:1].isspace() and _is_misread(match["text"]):
            yield match["key"] + "'" + match["text"].replace("'", "''") + "'"
        else:
            yield line


def _is_misread(title: str) -> bool:
    return _MISREAD.search(title) is not None and _COMMENT.search(title) is None


class _Reader:
    """Reads one front matter. Scalars are taken as written, so ``title: no`` stays a title."""

    def __init__(self, file: str) -> None:
        self._file = file

    def read(self, text: str) -> FrontMatter:
        root = self._compose(text)
        if root is None:
            return FrontMatter()
        if not isinstance(root, yaml.MappingNode):
            raise self._error(root, "the front matter has no keys", "Write lines “key: value”")
        given: dict[str, yaml.Node] = {}
        for key, value in root.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name not in KEYS:
                raise self._error(key, f"unknown key “{name}”", f"Known keys: {', '.join(KEYS)}")
            if name in given:
                raise self._error(key, f"the key “{name}” stands twice", "Leave one of them out")
            given[name] = value
        return FrontMatter(
            id=self._id(given.get("id")),
            title=self._scalar(given.get("title")),
            date=self._date(given.get("date")),
            url=self._url(given.get("url")),
            language=self._language(given.get("language")),
            focus_areas=self._areas(given.get("focus_areas")),
            organisations=self._list(given.get("organisations")),
        )

    def _compose(self, text: str) -> yaml.Node | None:
        if len(text) > _MOST_CHARACTERS:
            problem = f"the front matter has more than {_MOST_CHARACTERS:,} characters"
            remedy = "Close it with a line ---, and write texts below it"
            raise BadFrontMatter(file=self._file, line=1, problem=problem, remedy=remedy)
        try:
            check_nesting(text)
            node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            problem = f"the YAML cannot be read ({error.problem or error.context})"
            remedy = "Put values that hold a colon or a quotation mark in quotation marks"
        except YamlProblem as deep:
            line, problem, remedy = deep.line or 1, "it is nested too deeply", deep.remedy
        except yaml.YAMLError:
            line, problem, remedy = 1, "the YAML cannot be read", "Write lines “key: value”"
        else:
            return node
        raise BadFrontMatter(file=self._file, line=line, problem=problem, remedy=remedy)

    def _error(self, node: yaml.Node, problem: str, remedy: str) -> BadFrontMatter:
        return BadFrontMatter(file=self._file, line=line_of(node), problem=problem, remedy=remedy)

    def _scalar(self, node: yaml.Node | None) -> str:
        if node is None or is_null(node):
            return ""
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(node, "one value is expected", "Write it behind the colon")
        return clean_line(unescaped(str(node.value)))

    def _areas(self, node: yaml.Node | None) -> tuple[str, ...]:
        """Reads a list of focus areas; it may be a line of ids separated by commas."""
        areas = self._list(node)
        pieces = (each.split(",") if _AREA_IDS.fullmatch(each) else (each,) for each in areas)
        return tuple(dict.fromkeys(each.strip() for some in pieces for each in some))

    def _list(self, node: yaml.Node | None) -> tuple[str, ...]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return tuple(dict.fromkeys(text for each in nodes if (text := self._scalar(each))))

    def _id(self, node: yaml.Node | None) -> str:
        text = self._scalar(node)
        # The id becomes a URL path, in which empty and dotted segments would be normalised away.
        if (
            node is not None
            and text
            and (not text.isprintable() or {"", ".", ".."} & set(text.split("/")))
        ):
            raise self._error(node, f"“{text}” cannot be an id", "Write one such as 2016/uudis")
        return text

    def _url(self, node: yaml.Node | None) -> str | None:
        text = self._scalar(node)
        if node is not None and text and not _URL.fullmatch(text):
            raise self._error(
                node, f"“{text}” is no web address", "Write it with http:// or https://"
            )
        return text or None

    def _language(self, node: yaml.Node | None) -> str:
        text = self._scalar(node)
        if node is None or not text:
            return ""
        code = language_code(text)
        if code is None:
            raise self._error(node, f"“{text}” is no language code", "Write one such as et or en")
        return code

    def _date(self, node: yaml.Node | None) -> GivenDate | None:
        if isinstance(node, yaml.SequenceNode) and len(node.value) == 1:
            node = node.value[0]
        text = self._scalar(node)
        if node is None or not text:
            return None
        date = parse_date(text)
        if date is None:
            raise self._error(node, _what_is_wrong(text), "Write 2016, 2016-12 or 2016-12-01")
        return date


def _what_is_wrong(text: str) -> str:
    """Describes what is wrong with the date ``text``."""
    year = _YEAR.search(text)
    if year and not FIRST_YEAR <= int(year[0]) <= LAST_YEAR:
        return f"the year of “{text}” is not between {FIRST_YEAR} and {LAST_YEAR}"
    return f"there is no date “{text}”" if _DIGITS.fullmatch(text) else f"“{text}” is no date"
