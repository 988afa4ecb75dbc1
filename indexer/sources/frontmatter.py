"""Reads the YAML front matter of a text file: values given by the author."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

import yaml

from indexer.sources.dates import GivenDate
from search.article import PartialDate
from search.errors import BadFrontMatter
from search.request import FIRST_YEAR, LAST_YEAR
from search.yaml_loader import is_null, line_of

_FENCE = re.compile(r"---[ \t]*")
_END = re.compile(r"(?:---|\.\.\.)[ \t]*")
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[Tt ]+\d{1,2}:\d{2}.*)?)?)?")
_DOTTED_DATE = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")
_URL = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]+)*", re.IGNORECASE)
# The loader in C reads the same ten times faster, but not every build of PyYAML has it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Values of a front matter; empty where nothing is given."""

    id: str = ""
    title: str = ""
    date: GivenDate | None = None
    url: str | None = None
    language: str = ""
    focus_areas: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()


KEYS = tuple(each.name for each in fields(FrontMatter))


def split_front_matter(lines: Sequence[str], file: str) -> tuple[FrontMatter, Sequence[str]]:
    """Front matter at the start of ``lines``, and the lines after it.

    Raises BadFrontMatter with the line (from 1) in the file.
    """
    if not lines or not _FENCE.fullmatch(lines[0]):
        return FrontMatter(), lines
    end = next((n for n, line in enumerate(lines[1:], 1) if _END.fullmatch(line)), None)
    if end is None:
        raise BadFrontMatter(
            file=file,
            line=1,
            problem="the front matter has no end",
            remedy="Close it with a line ---",
        )
    # An empty line in place of the fence keeps YAML's line numbers those of the file.
    return _Reader(file).read("\n".join(["", *lines[1:end]])), lines[end + 1 :]


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
            focus_areas=self._list(given.get("focus_areas")),
            organisations=self._list(given.get("organisations")),
        )

    def _compose(self, text: str) -> yaml.Node | None:
        try:
            node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            problem = f"the YAML cannot be read ({error.problem or error.context})"
            remedy = "Put values that hold a colon or a quotation mark in quotation marks"
        except (yaml.YAMLError, RecursionError):
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
        return " ".join(str(node.value).split())

    def _list(self, node: yaml.Node | None) -> tuple[str, ...]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return tuple(dict.fromkeys(text for each in nodes if (text := self._scalar(each))))

    def _id(self, node: yaml.Node | None) -> str:
        text = self._scalar(node)
        # The id becomes a path of the web, where empty and dotted steps would be folded away.
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
        match = _LANGUAGE.fullmatch(text)
        if match is None:
            raise self._error(node, f"“{text}” is no language code", "Write one such as et or en")
        return match.group(1).lower()

    def _date(self, node: yaml.Node | None) -> GivenDate | None:
        text = self._scalar(node)
        if node is None or not text:
            return None
        remedy = "Write 2016, 2016-12 or 2016-12-01"
        if match := _ISO_DATE.fullmatch(text):
            pieces = [each for each in match.groups() if each]
        elif match := _DOTTED_DATE.fullmatch(text):
            pieces = list(reversed(match.groups()))
        else:
            raise self._error(node, f"“{text}” is no date", remedy)
        try:
            date = PartialDate.from_iso("-".join(pieces))
        except ValueError:
            raise self._error(node, f"there is no date “{text}”", remedy) from None
        if not FIRST_YEAR <= date.year <= LAST_YEAR:
            problem = f"the year of “{text}” is not between {FIRST_YEAR} and {LAST_YEAR}"
            raise self._error(node, problem, remedy)
        return GivenDate(date, text)
