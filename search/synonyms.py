"""The owner's synonyms: a text file with one rule a line, read again whenever it changes.

::

    EJKL = Eesti Jäätmekäitlejate Liit = ERMEL   # the same thing: each finds all
    prügi ~ jäätmed                              # related: each finds the other, counting less
    hoverboard -> tasakaaluliikur                # one way: the left finds the right, too
"""

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar

from search.errors import SynonymError

Relation = Literal["same", "related", "one-way"]

MAX_BYTES = 1_000_000
MAX_SIDES = 30
MAX_WORDS = 12
_SIGNS: dict[str, Relation] = {"=": "same", "~": "related", "->": "one-way", "→": "one-way"}
_SIGN = re.compile(r"->|[=~→]")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_FORM = "Write for example: EJKL = Eesti Jäätmekäitlejate Liit"
_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the file: names that stand in one ``relation``, as written."""

    relation: Relation
    sides: tuple[str, ...]


def load_synonyms(path: Path | None) -> tuple[Rule, ...]:
    """The rules of the file, none without one. Raises SynonymError."""
    if path is None:
        return ()
    rules = []
    for number, line in enumerate(_read(path).splitlines(), 1):
        written = _COMMENT.sub("", line).strip()
        if written:
            try:
                rules.append(_rule(written))
            except _UnfitError as unfit:
                problem = f"line {number}: {unfit.problem}"
                raise SynonymError(file=path, problem=problem, remedy=unfit.remedy) from None
    return tuple(rules)


class LiveSynonyms(Generic[T]):
    """What ``build`` makes of the rules, made anew when the file changes. Safe for threads.

    A file that cannot be used raises SynonymError at the beginning; later on, a slip of the owner
    must not stop the site: the rules stay as they were, and the log says what is wrong.
    """

    def __init__(self, path: Path | None, build: Callable[[tuple[Rule, ...]], T]) -> None:
        self._path = path
        self._build = build
        self._lock = threading.Lock()
        self._state = self._look()
        self._value = build(load_synonyms(path))

    def current(self) -> T:
        """The value for the file as it is now."""
        state = self._look()
        if state != self._state:
            with self._lock:
                if state != self._state:
                    # Also of a broken file: it is read, and complained of, once.
                    self._state = state
                    try:
                        self._value = self._build(load_synonyms(self._path))
                    except SynonymError as error:
                        _log.warning("The synonyms stay as they were. %s", error)
        return self._value

    def _look(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


class _UnfitError(Exception):
    """A line is not a rule; ``remedy`` is a sentence without its full stop."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SynonymError(
                file=path, problem="is larger than 1 MB", remedy="Leave some of the rules out"
            )
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SynonymError(
            file=path,
            problem=f"is not UTF-8 (byte {error.start})",
            remedy="Save it again with the encoding UTF-8",
        ) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SynonymError(
            file=path, problem=f"cannot be read ({reason})", remedy="Check the path"
        ) from error


def _rule(line: str) -> Rule:
    relations = {_SIGNS[each] for each in _SIGN.findall(line)}
    if not relations:
        raise _UnfitError("there is no =, ~ or -> in it", _FORM)
    if len(relations) > 1:
        raise _UnfitError("different signs stand in one rule", "Write a line for each of them")
    relation = relations.pop()
    sides = tuple(" ".join(each.split()) for each in _SIGN.split(line))
    if not all(any(map(str.isalnum, each)) for each in sides):
        raise _UnfitError("there is no word on one side of a sign", _FORM)
    if relation == "one-way" and len(sides) != 2:
        raise _UnfitError("-> stands in it more than once", "Write a line for each of them")
    if len(sides) > MAX_SIDES:
        raise _UnfitError(f"it has more than {MAX_SIDES} names", "Write fewer names in one rule")
    if any(len(each.split()) > MAX_WORDS for each in sides):
        raise _UnfitError(
            f"a name has more than {MAX_WORDS} words", "Write shorter names, a rule on each line"
        )
    return Rule(relation, sides)
