"""Synonyms: the program's own rules and the owner's, and synonym expansion of queries.

The program's are in ``default_synonyms.txt`` beside this module. The owner's are a text file of
the same format, one rule a line, read again whenever it changes::

    EJKL = Eesti Jäätmekäitlejate Liit = ERMEL   # the same thing: each finds all
    prügi ~ jäätmed                              # related: each finds the other, counting less
    hoverboard -> tasakaaluliikur                # one way: the left finds the right, too

Expansion is a rewriting step behind the parser: typed words become a :class:`Choice` of these and
their synonyms. Words with ``=``, prefixes and fields are not expanded, nor is anything under NOT,
which would exclude articles about something related.
"""

import logging
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Literal

from search.errors import SynonymError
from search.normalisation import clean, searchable
from search.query.ast import And, Choice, Clause, Node, Or, Other, Phrase, Word, Words, map_clauses
from search.query.lemma_selection import LemmaSelector
from search.query.parser import QueryParser

Relation = Literal["same", "related", "one-way"]

DEFAULT_SYNONYMS = Path(__file__).with_name("default_synonyms.txt")
#: The owner's rules count more than the program's.
_DEFAULT_SHARE = 0.9
MAX_BYTES = 1_000_000
MAX_SIDES = 30
MAX_WORDS = 12
_WEIGHTS: dict[Relation, float] = {"same": 1.0, "one-way": 0.8, "related": 0.5}
_SIGNS: dict[str, Relation] = {"=": "same", "~": "related", "->": "one-way", "→": "one-way"}
_SIGN = re.compile(r"->|[=~→]")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_FORM = "Write for example: EJKL = Eesti Jäätmekäitlejate Liit"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SynonymRule:
    """One line of a synonym file: names as written, and their ``relation``.

    ``weight`` (0 to 1) is that of a synonym beside the typed name.
    """

    relation: Relation
    sides: tuple[str, ...]
    weight: float = 1.0


def load_synonyms(path: Path | None, share: float = 1.0) -> tuple[SynonymRule, ...]:
    """Reads a synonym file; no rules without one. Their weight is multiplied by ``share``.

    Raises SynonymError.
    """
    if path is None:
        return ()
    rules = []
    for number, line in enumerate(_read(path).splitlines(), 1):
        written = _COMMENT.sub("", line).strip()
        if written:
            try:
                rules.append(_rule(written, share))
            except _UnfitError as unfit:
                problem = f"line {number}: {unfit.problem}"
                raise SynonymError(file=path, problem=problem, remedy=unfit.remedy) from None
    return tuple(rules)


class _UnfitError(Exception):
    """Raised for an invalid line; ``remedy`` is a sentence without its full stop."""

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
        return searchable(clean(path.read_bytes().decode("utf-8-sig"))).text
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


def _rule(line: str, share: float) -> SynonymRule:
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
    return SynonymRule(relation, sides, _WEIGHTS[relation] * share)


#: Names in rules are base forms: lemmas of less than this share of the best one's weight are left
#: out.
_LIKELY = 0.5
_MAX_SYNONYMS = 30
Name = Word | Phrase


@dataclass(frozen=True, slots=True)
class _Entry:
    """Synonyms of a name, given by the ``lemmas`` of each of its words."""

    lemmas: tuple[frozenset[str], ...]
    synonyms: tuple[Other, ...]


class Thesaurus:
    """Immutable map of names, by their lemmas, to their synonyms."""

    def __init__(self, rules: Sequence[SynonymRule], parser: QueryParser) -> None:
        self._content = parser.content
        self._entries: dict[str, list[_Entry]] = {}
        self._longest = 0
        parser.warm(side for rule in rules for side in rule.sides)
        for rule in rules:
            names = [
                name for side in rule.sides if (name := parser.word_or_phrase(side)) is not None
            ]
            for i, name in enumerate(names):
                if rule.relation == "one-way" and i:
                    break
                self._add(name, [*names[:i], *names[i + 1 :]], rule.weight)

    def longest_match(self, words: Sequence[Word]) -> tuple[int, tuple[Other, ...]]:
        """Number of words of the longest name that ``words`` begin with, and its synonyms."""
        keys = [_lemmas(each) for each in words[: self._longest]]
        best: list[_Entry] = []
        first = keys[0] if keys else frozenset()
        for entry in (entry for lemma in sorted(first) for entry in self._entries.get(lemma, ())):
            size = len(entry.lemmas)
            if size <= len(keys) and all(map(frozenset.intersection, entry.lemmas, keys)):
                if best and size > len(best[0].lemmas):
                    best = []
                if not best or size == len(best[0].lemmas):
                    best.append(entry)
        if not best:
            return 0, ()
        synonyms: dict[Name, Other] = {}
        for each in (synonym for entry in best for synonym in entry.synonyms):
            known = synonyms.get(each.node)
            if known is None or known.weight < each.weight:
                synonyms[each.node] = each
        return len(best[0].lemmas), tuple(synonyms.values())[:_MAX_SYNONYMS]

    def knows(self, word: Word) -> bool:
        """True if ``word`` by itself is a name in the rules."""
        found = (entry for lemma in _lemmas(word) for entry in self._entries.get(lemma, ()))
        return any(len(entry.lemmas) == 1 for entry in found)

    def content(self, words: Sequence[Word]) -> list[Word]:
        """``words`` without function words, as the parser drops them from queries."""
        return [each for each in self._content(words) if isinstance(each, Word)]

    def _add(self, name: Name, others: Sequence[Name], weight: float) -> None:
        lemmas = self._keys_of(name)
        synonyms = tuple(
            Other(_as_synonym(each), weight) for each in others if self._keys_of(each) != lemmas
        )
        if synonyms and all(lemmas):
            self._longest = max(self._longest, len(lemmas))
            for lemma in lemmas[0]:
                self._entries.setdefault(lemma, []).append(_Entry(lemmas, synonyms))

    def _keys_of(self, name: Name) -> tuple[frozenset[str], ...]:
        words = name.words if isinstance(name, Phrase) else (name,)
        return tuple(_lemmas(each, _LIKELY) for each in self.content(words))


class SynonymFile:
    """A synonym file, read again when it changes, with the default rules. Safe for threads.

    An invalid file raises SynonymError here; later on it must not stop the site: the rules stay as
    they were, and the error is logged.
    """

    def __init__(
        self, path: Path | None, parser: QueryParser, default: Path | None = DEFAULT_SYNONYMS
    ) -> None:
        self._path = path
        self._parser = parser
        self._lock = threading.Lock()
        self._state = self._stat()
        self._default = load_synonyms(default, _DEFAULT_SHARE)
        self._rules = load_synonyms(path)
        # Lazy, as all its words are analysed, and not every process that opens an index searches.
        self._thesaurus: Thesaurus | None = None

    def current(self) -> Thesaurus:
        """The current thesaurus; a new object only after the file has changed."""
        state, known = self._stat(), self._thesaurus
        if known is not None and state == self._state:
            return known
        with self._lock:
            if state != self._state:
                # Of an invalid file, too, so that it is read and logged once.
                self._state = state
                try:
                    self._rules = load_synonyms(self._path)
                    self._thesaurus = None
                except SynonymError as error:
                    _log.warning("The synonyms stay as they were. %s", error)
            if self._thesaurus is None:
                self._thesaurus = Thesaurus((*self._rules, *self._default), self._parser)
            return self._thesaurus

    def stamp(self) -> str:
        """A text that changes whenever the file does."""
        return str(self._stat())

    def _stat(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def _lemmas(word: Word, likely: float = 0.0) -> frozenset[str]:
    """Lemmas of ``word`` of at least ``likely`` times the weight of the best."""
    lemmas = [each for each in word.alternatives if each.channel == "lemma"]
    least = max((each.weight for each in lemmas), default=0.0) * likely
    return frozenset(each.term for each in lemmas if each.weight >= least)


def expand_synonyms(node: Node, thesaurus: Thesaurus, select: LemmaSelector) -> Node:
    """``node`` with synonyms added, whose lemmas ``select`` selects in one batch."""
    added: list[Name] = []

    def collect(clause: Clause) -> Clause:
        if isinstance(clause, Choice):
            added.extend(each.node for each in clause.others)
        return clause

    expanded = map_clauses(_expanded(node, thesaurus), collect)
    if not added:
        return expanded
    selected = iter(select(added))

    def selected_lemmas(other: Other) -> Other:
        found = next(selected)
        return replace(other, node=found) if isinstance(found, Word | Phrase) else other

    def with_lemmas(clause: Clause) -> Clause:
        if not isinstance(clause, Choice):
            return clause
        return replace(clause, others=tuple(map(selected_lemmas, clause.others)))

    return map_clauses(expanded, with_lemmas)


def _expanded(node: Node, thesaurus: Thesaurus) -> Node:
    if isinstance(node, Word):
        return next(_expanded_clauses([node], thesaurus))
    if isinstance(node, Words):
        typed = [each for each in node.children if not isinstance(each, Choice)]
        found = tuple(_expanded_clauses(typed, thesaurus))
        # A phrase of numbers stays within Words, or it would be required like a quoted phrase.
        alone = len(found) == 1 and not isinstance(found[0], Phrase)
        return found[0] if alone else Words(found)
    if isinstance(node, Phrase):
        return _expanded_phrase(node, thesaurus)
    if isinstance(node, And | Or):
        return type(node)(tuple(_expanded(each, thesaurus) for each in node.children))
    return node


def _expanded_clauses(clauses: Sequence[Word | Phrase], thesaurus: Thesaurus) -> Iterator[Clause]:
    """``clauses`` in order, words that form a name of the thesaurus replaced by a choice."""
    at = 0
    while at < len(clauses):
        words = [each for each in takewhile(_is_plain, clauses[at:]) if isinstance(each, Word)]
        count, synonyms = thesaurus.longest_match(words)
        if count:
            typed = words[0] if count == 1 else Words(tuple(words[:count]))
            yield _choice(typed, words[:count], synonyms)
        else:
            yield clauses[at]
        at += count or 1


def _is_plain(clause: Word | Phrase) -> bool:
    return isinstance(clause, Word) and clause.field == "any"


def _expanded_phrase(phrase: Phrase, thesaurus: Thesaurus) -> Node:
    """``phrase`` with synonyms if all of it is a name; names within it are not expanded."""
    if phrase.exact or phrase.field != "any":
        return phrase
    words = thesaurus.content(phrase.words)
    count, synonyms = thesaurus.longest_match(words)
    if not synonyms or count < len(words):
        return phrase
    return _choice(phrase, phrase.words, synonyms)


def _choice(
    typed: Word | Words | Phrase, words: Sequence[Word], synonyms: Sequence[Other]
) -> Choice:
    text = " ".join(each.typed or each.text for each in words)
    return Choice(typed, tuple(replace(each, node=_typed_as(each.node, text)) for each in synonyms))


def _typed_as(name: Name, text: str) -> Name:
    if isinstance(name, Word):
        return replace(name, typed=text)
    return replace(name, words=tuple(replace(word, typed=text) for word in name.words))


def _as_synonym(name: Name) -> Name:
    if isinstance(name, Word):
        return replace(name, way="synonym")
    return replace(name, words=tuple(replace(each, way="synonym") for each in name.words))
