"""Finds pairs of organisation names that may be aliases of one organisation."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from indexer.extract.organisations.lexicon import LEGAL_FORMS
from search.analysis import Analyzer, tokenize
from search.analysis.compounds import pieces_of
from search.analysis.folding import fold
from search.engines.contract import DocumentKey

_LEGAL = frozenset(form.casefold() for form in LEGAL_FORMS)
_LEAST_LETTERS = 6
_LEAST_COMPANY = 3
_COMPANY_SHARE = 0.5
#: A word in more names than this is no evidence that two of them are aliases.
_COMMON = 6
#: Reasons, the best first.
REASONS = (
    "the same but for legal form, case ending or spelling of letters",
    "the short one is made of the initials",
    "one letter differs",
    "one is the beginning or the end of the other",
    "never together, but beside the same organisations",
)
#: Their names in JSON, in the same order.
REASON_NAMES = ("form", "initials", "letter", "part", "company")
INITIALS, _COMPANY = 1, 4


@dataclass(frozen=True, slots=True)
class Pair:
    """An alias candidate: ``other`` for ``shown``; ``reason`` is an index of REASONS.

    ``together`` counts the articles that have both.
    """

    shown: str
    other: str
    reason: int
    together: int


def pairs_of(names: Mapping[str, Collection[DocumentKey]], analyzer: Analyzer) -> list[Pair]:
    """Alias candidates by the articles of each name; strongest reasons, most used names first.

    A name is ``other`` at most once, and then never ``shown``, so that all lines can be pasted
    together.
    """
    reasons: dict[tuple[str, str], int] = {}
    for reason, find in enumerate((_by_form, _by_initials, _by_letter, _by_part)):
        for first, second in find(sorted(names), analyzer):
            reasons.setdefault(_ordered(first, second), reason)
    for pair in _by_neighbours(names):
        reasons.setdefault(pair, _COMPANY)
    articles = {name: frozenset(found) for name, found in names.items()}
    use = {name: len(found) for name, found in articles.items()}
    found = []
    for (first, second), reason in reasons.items():
        together = len(articles[first] & articles[second])
        found.append(Pair(*_shown_first(first, second, use, reason), reason, together))
    found.sort(
        key=lambda each: (
            each.reason,
            -each.together,
            -use[each.shown] - use[each.other],
            each.shown,
            each.other,
        )
    )
    chosen: list[Pair] = []
    others: set[str] = set()
    shown: set[str] = set()
    for each in found:
        if each.other in others or each.other in shown or each.shown in others:
            continue
        others.add(each.other)
        shown.add(each.shown)
        chosen.append(each)
    return chosen


def _by_form(names: Sequence[str], analyzer: Analyzer) -> Iterator[tuple[str, str]]:
    by_key: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names:
        words = _words(name)
        for last in (words[-1].casefold(), *analyzer.terms(words[-1]).lemmas) if words else ():
            key = tuple(fold(each.casefold()) for each in (*words[:-1], last))
            by_key[key].append(name)
    for alike in by_key.values():
        yield from combinations(dict.fromkeys(alike), 2)


def _by_initials(names: Sequence[str], analyzer: Analyzer) -> Iterator[tuple[str, str]]:
    by_initials: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for initials in _initials(name, analyzer):
            by_initials[initials].append(name)
    for name in names:
        for full in by_initials.get(name, ()) if name.isupper() else ():
            yield full, name


def _initials(name: str, analyzer: Analyzer) -> set[str]:
    """Possible acronyms of a name: „Tallinna Tehnikaülikool“ → TT, TTÜ."""
    words = _words(name)
    if len(words) < 2:
        words = [piece for word in words for piece in _pieces(word, analyzer)]
    plain = "".join(word[0] for word in words if word[0].isupper())
    every = "".join(word[0] for word in words).upper()
    pieces = "".join(piece[0] for word in words for piece in _pieces(word, analyzer)).upper()
    return {each for each in (plain, every, pieces) if len(each) > 1}


def _pieces(word: str, analyzer: Analyzer) -> Sequence[str]:
    """Compound parts of a word, by the reading with most of them."""
    cut = (pieces_of(each.parts) for each in analyzer.lexicon_readings(word))
    return max(cut, key=len, default=()) or (word,)


def _by_letter(names: Sequence[str], _: Analyzer) -> Iterator[tuple[str, str]]:
    """Pairs of names within one letter of each other."""
    by_rest: dict[str, list[str]] = defaultdict(list)
    for name in names:
        key = fold(" ".join(_words(name)).casefold())
        if len(key) >= _LEAST_LETTERS and not any(map(str.isdigit, key)):
            for rest in {key, *(key[:i] + key[i + 1 :] for i in range(len(key)))}:
                by_rest[rest].append(name)
    for rest, alike in by_rest.items():
        for first, second in combinations(alike, 2):
            # Names of the same length must differ at the same position.
            keys = [fold(" ".join(_words(each)).casefold()) for each in (first, second)]
            differ = sum(a != b for a, b in zip(*keys, strict=False))
            if rest in keys or (len(keys[0]) == len(keys[1]) and differ == 1):
                yield first, second


def _by_part(names: Sequence[str], _: Analyzer) -> Iterator[tuple[str, str]]:
    by_words = {tuple(word.casefold() for word in _words(name)): name for name in names}
    for words, name in by_words.items():
        for size in range(1, len(words)):
            for part in (words[:size], words[-size:]):
                other = by_words.get(part)
                if other is not None and sum(map(len, part)) >= _LEAST_LETTERS:
                    yield name, other


def _by_neighbours(names: Mapping[str, Collection[DocumentKey]]) -> Iterator[tuple[str, str]]:
    """Pairs with a word in common, never in one article, but with the same neighbours."""
    neighbours = _neighbours(names)
    by_word: dict[str, set[str]] = defaultdict(set)
    for name in names:
        for word in _words(name)[:-1]:  # the last one is the head noun: a club, a company
            by_word[word.casefold()].add(name)
    for alike in by_word.values():
        for first, second in combinations(sorted(alike), 2) if len(alike) <= _COMMON else ():
            together = len(neighbours[first] & neighbours[second])
            enough = max(
                _LEAST_COMPANY,
                _COMPANY_SHARE * min(len(neighbours[first]), len(neighbours[second])),
            )
            if second not in neighbours[first] and together >= enough:
                yield first, second


def _neighbours(names: Mapping[str, Collection[DocumentKey]]) -> dict[str, set[str]]:
    """Organisations that occur in an article with each name."""
    by_article: dict[DocumentKey, set[str]] = defaultdict(set)
    for name, found in names.items():
        for article in found:
            by_article[article].add(name)
    neighbours: dict[str, set[str]] = {name: set() for name in names}
    for together in by_article.values():
        for name in together:
            neighbours[name] |= together
    return {name: others - {name} for name, others in neighbours.items()}


def _words(name: str) -> list[str]:
    """Words of a name without its legal form."""
    words = [each.text for each in tokenize(name)]
    return [each for each in words if each.casefold() not in _LEGAL] or words


def _shown_first(first: str, second: str, use: Mapping[str, int], reason: int) -> tuple[str, str]:
    """Order of a pair: full name before acronym, else the more used, else the longer one."""
    if reason == INITIALS:
        return (second, first) if first.isupper() and not second.isupper() else (first, second)
    order = sorted((first, second), key=lambda each: (-use[each], -len(each), each))
    return order[0], order[1]


def _ordered(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first < second else (second, first)
