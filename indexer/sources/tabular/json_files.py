"""Reads JSON: arrays of articles, objects with one, JSON Lines, WordPress REST answers, feeds.

An array is read one object at a time, so it may be of any size.
"""

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from indexer.sources.base import Found, Input, Skipped
from indexer.sources.decoded_stream import decoded_pieces, lines_of
from indexer.sources.exports.feeds import is_json_feed, json_feed_found
from indexer.sources.exports.wordpress import is_rest_post, post_found, rest_post
from indexer.sources.limits import Limits
from indexer.sources.tabular.columns import (
    Columns,
    cell_text,
    find_columns,
    missing_columns,
    row_found,
)
from search.errors import BadItem, EmptyDocument, MalformedFile, SourceError, TooLarge

_MEGABYTE = 1_000_000
_FORMAT = "JSON"
_SPLIT = "Split it or leave it out"
#: Multiple of the limit of an item that is read before the array is given up.
_TIMES = 4
#: An error more characters before the end of the text is not caused by truncation.
_LONGEST_WORD = 20
#: Number of objects whose keys are compared with column names.
_LOOKED_AT = 100
#: Keys under which content systems and databases nest the fields of an object.
_WITHIN = ("attributes", "_source", "fields", "node", "article", "post", "data")
#: Keys under which they nest the text of a value, best first.
_TEXTS = (
    "rendered",
    "processed",
    "value",
    "raw",
    "text",
    "html",
    "#text",
    "_text",
    "$t",
    "__cdata",
    "date",
    "$date",
    "$oid",
    "et",
    "und",
)
_ARRAY = re.compile(r"\[\s*(?=\{)")
_NEXT_OBJECT = re.compile(r"\}\s*+,?\s*+(?=\{)")
_BLANKS = re.compile(r"[ \t\r\n]*")


class _Broken(Exception):
    """Raised for malformed JSON."""

    def __init__(self, line: int, problem: str) -> None:
        self.line = line
        self.problem = problem
        super().__init__(problem)


def read_json(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads an array of objects, an object that is an article or holds such an array, or lines."""
    text = _Text(decoded_pieces(source))
    first = text.peek()
    if not first:
        raise EmptyDocument(file=source.name)
    if first == "[":
        yield from _read_array(source, text, limits)
    elif first == "{":
        yield from _read_object(source, text, limits)
    else:
        raise _malformed(source, f"it begins with “{first}”", "Save an array of objects")


def read_json_lines(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads an object in each line; a line without one is reported by its number."""
    pieces = decoded_pieces(source)
    yield from _read_lines(source, pieces, limits)


def _read_lines(source: Input, pieces: Iterator[str], limits: Limits) -> Iterator[Found]:
    items: Iterator[tuple[str, object]] = (
        (f"line {line.number}", _line_value(source, line.number, line.text, line.is_whole, limits))
        for line in lines_of(pieces, int(limits.megabytes * _MEGABYTE))
        if line.text.strip()
    )
    yield from _items_found(source, items, limits)


def _line_value(source: Input, number: int, text: str, is_whole: bool, limits: Limits) -> object:
    if not is_whole:
        return _bad(source, f"line {number}", _too_large(limits), _SPLIT)
    try:
        return _loads(text)
    except ValueError as error:
        problem = f"is no JSON ({getattr(error, 'msg', 'a number is wrong')})"
    except RecursionError:
        problem = "is nested too deep"
    return _bad(source, f"line {number}", problem, "Write one object, in one line")


def _read_array(source: Input, text: "_Text", limits: Limits) -> Iterator[Found]:
    yield from _items_found(source, _array_items(source, text, limits), limits)


def _array_items(source: Input, text: "_Text", limits: Limits) -> Iterator[tuple[str, object]]:
    """Yields the values of an array with their names; lastly an error if it is truncated."""
    count = 0
    try:
        for each in text.items(int(limits.megabytes * _MEGABYTE)):
            count += 1
            member = f"item {count}"
            if not isinstance(each, _Broken):
                yield member, each
            elif each.problem:
                problem = f"is no JSON (line {each.line}: {each.problem})"
                yield member, _bad(source, member, problem, "Check commas and quotation marks")
            else:
                yield member, _bad(source, member, _too_large(limits), _SPLIT)
    except _Broken as error:
        yield (
            "",
            _malformed(
                source,
                f"it breaks off at line {error.line}: {error.problem}",
                f"Items read before that: {count}. Save it again",
            ),
        )


def _read_object(source: Input, text: "_Text", limits: Limits) -> Iterator[Found]:
    whole = text.rest(int(limits.member_megabytes * _MEGABYTE))
    if whole is None:
        raise TooLarge(
            file=source.name,
            megabytes=f"more than {limits.member_megabytes:g}",
            limit=f"{limits.member_megabytes:g}",
        )
    try:
        data = _loads(whole)
    except RecursionError:
        raise _malformed(source, "it is nested too deep", "Save an array of objects") from None
    except ValueError as error:
        if str(error).startswith("Extra data"):
            yield from _read_lines(source, iter([whole]), limits)
            return
        array = _ARRAY.search(whole)
        if array is None:
            line = getattr(error, "lineno", 1)
            problem = f"line {line}: {getattr(error, 'msg', 'a number is wrong')}"
            raise _malformed(source, problem, "Save it again") from None
        line = whole.count("\n", 0, array.start())
        yield from _read_array(source, _Text(iter([whole[array.start() :]]), line), limits)
        return
    if is_json_feed(data):
        yield from json_feed_found(source, data, limits)
        return
    items = _articles_within(data, source)
    yield from _items_found(source, items, limits)


def _articles_within(data: dict[str, Any], source: Input) -> Iterator[tuple[str, object]]:
    """The object itself if it is an article, else the largest group of objects it holds."""
    if is_rest_post(data) or _has_columns(source, [data], only_telling=True):
        return iter([("", data)])
    groups = list(_groups(data, depth=2))
    fitting = [each for each in groups if _has_columns(source, list(each.values())[:_LOOKED_AT])]
    if not fitting and _has_columns(source, [data]):
        return iter([("", data)])
    best = max(fitting or groups, key=len, default={"": data} if data else {})
    return ((f"item {key}" if key else "", each) for key, each in best.items())


def _groups(data: Mapping[str, Any], depth: int) -> Iterator[dict[str, dict[str, Any]]]:
    """Groups of objects in one array, by number, or in one object, by id."""
    members = {key: each for key, each in data.items() if isinstance(each, dict)}
    if members and len(members) == len(data):
        yield members
    for value in data.values():
        if isinstance(value, list):
            objects = {str(n): each for n, each in enumerate(value, 1) if isinstance(each, dict)}
            if objects:
                yield objects
        elif isinstance(value, dict) and depth:
            yield from _groups(value, depth - 1)


def _has_columns(
    source: Input, objects: Iterable[Mapping[str, Any]], *, only_telling: bool = False
) -> bool:
    """True if ``objects`` are posts, or have a title and a text under known names."""
    objects = list(objects)
    given = source.options.columns
    names = [name for each in objects for name in _flat(each)]
    columns = find_columns([*names, *given.values()], given, only_telling=only_telling)
    return any(is_rest_post(each) for each in objects) or columns.is_enough


def _items_found(
    source: Input, items: Iterator[tuple[str, object]], limits: Limits
) -> Iterator[Found]:
    """Yields the articles among ``items``: objects, errors or other values."""
    looked_at = list(itertools.islice(items, _LOOKED_AT))
    if not looked_at:
        yield Skipped(source.name, "", "empty", "holds no articles")
    objects = [each for _, each in looked_at if isinstance(each, dict) and not is_rest_post(each)]
    columns = _columns(source, objects)
    for member, each in itertools.chain(looked_at, items):
        if isinstance(each, SourceError):
            yield each
        elif not isinstance(each, dict):
            yield _bad(source, member, "is no object", 'Write {"title": …, "text": …}')
        elif is_rest_post(each):
            yield post_found(source, rest_post(each), limits)
        else:
            yield row_found(source, _flat(each), columns, member, limits)


def _columns(source: Input, objects: Iterable[Mapping[str, Any]]) -> Columns:
    """Finds the columns of all ``objects``. Raises MissingColumns, unless there are no objects."""
    names: dict[str, None] = {}
    for each in objects:
        names.update(dict.fromkeys(_flat(each)))
    given = source.options.columns
    columns = find_columns([*names, *given.values()], given)
    if names and not columns.is_enough:
        raise missing_columns(source, list(names), columns)
    return columns


def _flat(item: Mapping[str, Any]) -> dict[str, str]:
    """Flattens an object to texts by name; nested names are joined by a dot."""
    flat: dict[str, str] = {}
    for name, value in item.items():
        if isinstance(value, dict):
            if text := next((each for key in _TEXTS if (each := _text_of(value.get(key)))), ""):
                flat.setdefault(name, text)
            for key, each in value.items():
                if text := _text_of(each):
                    flat.setdefault(f"{name}.{key}", text)
                    if name in _WITHIN:
                        flat.setdefault(key, text)
                elif name in _WITHIN and isinstance(each, dict):
                    for inner, found in _flat({key: each}).items():
                        flat.setdefault(inner, found)
        elif text := _text_of(value):
            flat[name] = text
    return flat


def _text_of(value: object) -> str:
    """Converts a value to text; an array to paragraphs."""
    if isinstance(value, list):
        texts = (_text_of(each) if not isinstance(each, dict) else _named(each) for each in value)
        return "\n\n".join(each for each in texts if each)
    return "" if isinstance(value, dict) else cell_text(value)


def _named(value: Mapping[str, Any]) -> str:
    """The text of an object in an array, such as a category or a paragraph."""
    keys = ("name", "title", *_TEXTS)
    return next((each for key in keys if isinstance(each := value.get(key), str) and each), "")


def _loads(text: str) -> Any:
    """Parses JSON; numbers stay as written, NaN and infinities become None.

    Raises ValueError and RecursionError.
    """
    return _DECODER.decode(text)


_DECODER = json.JSONDecoder(
    parse_int=str, parse_float=str, parse_constant=lambda _: None, strict=False
)


class _Text:
    """Incremental parser of a JSON text in pieces that begins with an array."""

    def __init__(self, pieces: Iterator[str], line: int = 0) -> None:
        self._pieces = pieces
        self._held = ""
        self._at = 0
        self._line = line + 1

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            found = _BLANKS.match(self._held, self._at)
            self._pass(found.end() if found else self._at)
            if self._at < len(self._held):
                return self._held[self._at]
            if not self._more():
                return ""

    def rest(self, most: int) -> str | None:
        """The remaining text; None if it has more than ``most`` characters."""
        while len(self._held) <= most and self._more():
            pass
        return self._held[self._at :] if len(self._held) <= most else None

    def items(self, most: int) -> Iterator[object]:
        """Yields the values of the array that begins here.

        Yields a _Broken in place of a malformed value or one of more than ``most`` characters.
        Raises _Broken if the array is truncated.
        """
        self.peek()
        self._pass(self._at + 1)
        while (mark := self.peek()) != "]":
            if not mark:
                raise _Broken(self._line, "the end is missing")
            yield self._value(most)
            mark = self.peek()
            if mark == ",":
                self._pass(self._at + 1)
            elif mark and mark not in "]{":
                raise _Broken(self._line, "“,” or “]” is missing")

    def _value(self, most: int) -> object:
        wanted = 1
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._at)
            except RecursionError:
                raise _Broken(self._line, "it is nested too deep") from None
            except ValueError as error:
                # The value may only be incomplete: try again with twice the text.
                wanted = 2 * max(wanted, len(self._held) - self._at)
                if self._is_cut(error) and wanted < _TIMES * most and self._fill(wanted):
                    continue
                return self._passed_over(error)
            if end == len(self._held) and self._more():
                continue  # a number may continue in the next piece
            is_small = end - self._at <= most
            line = self._line
            self._pass(end)
            return value if is_small else _Broken(line, "")

    def _is_cut(self, error: ValueError) -> bool:
        """True if the value may become valid with more text."""
        message, place = getattr(error, "msg", ""), getattr(error, "pos", 0)
        return message.startswith("Unterminated") or place > len(self._held) - _LONGEST_WORD

    def _passed_over(self, error: ValueError) -> "_Broken":
        """Skips a malformed value: its error. Raises it if no other object follows."""
        place = max(getattr(error, "pos", 0), self._at + 1)
        line = self._line + self._held.count("\n", self._at, place)
        broken = _Broken(line, getattr(error, "msg", "a number is wrong"))
        next_object = _NEXT_OBJECT.search(self._held, place)
        if next_object is None:
            raise broken from None
        self._pass(next_object.end())
        return broken

    def _fill(self, wanted: int) -> bool:
        """Reads until the buffer has ``wanted`` characters; False if there are no more."""
        before = len(self._held) - self._at
        while len(self._held) - self._at < wanted and self._more():
            pass
        return len(self._held) - self._at > before

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            return False
        self._held = self._held[self._at :] + piece
        self._at = 0
        return True

    def _pass(self, end: int) -> None:
        self._line += self._held.count("\n", self._at, end)
        self._at = end


def _too_large(limits: Limits) -> str:
    return f"has more than {limits.megabytes:g} MB"


def _bad(source: Input, member: str, problem: str, remedy: str) -> BadItem:
    return BadItem(file=source.name, member=member, problem=problem, remedy=remedy)


def _malformed(source: Input, problem: str, remedy: str) -> MalformedFile:
    return MalformedFile(file=source.name, format=_FORMAT, problem=problem, remedy=remedy)
