"""Subqueries: a query split into its single words, or a compound into its parts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from search.query.lexer import FIELDS, Lexeme, lexemes

#: No subqueries of their own.
_CONJUNCTIONS = frozenset({"ja", "ning", "ega", "või", "ehk", "and", "or"})
#: The Estonian name of each field.
_NAMES = {field: name for name, field in FIELDS.items()}
#: The parts of a compound, none of another word.
Decompound = Callable[[str], Iterable[str]]
#: Full matches of some subqueries, None for one that is too broad.
CountMatches = Callable[[Sequence[str]], tuple[int | None, ...]]


@dataclass(frozen=True, slots=True)
class _Scope:
    """Scope of a word or group: negated or not, and its field."""

    negated: bool = False
    field: str = ""


def subqueries_of(query: str) -> tuple[str, ...]:
    """Subqueries for each word or phrase of ``query``, in order, without repeats.

    None if it has a single one. A phrase is split into its words; what is negated is left out.
    """
    parts: dict[str, str] = {}
    for each in _leaf_subqueries(query):
        parts.setdefault(each.casefold(), each)
    found = tuple(parts.values())
    return () if [each.casefold() for each in found] == [query.strip().casefold()] else found


def suggested_subqueries(
    query: str, most: int, decompound: Decompound, counts: CountMatches
) -> tuple[str, ...]:
    """At most ``most`` subqueries of a ``query`` without matches, in order, without repeats.

    A word without matches is followed by those of its parts that have some.
    """

    def with_matches(subqueries: Sequence[str]) -> list[str]:
        found = counts(subqueries) if subqueries else ()
        return [each for each, count in zip(subqueries, found, strict=True) if count != 0]

    words = subqueries_of(query)[:most]
    if not words:
        return tuple(with_matches(tuple(compound_subqueries(query, decompound))))[:most]
    held = {*with_matches(words)}
    parts = {e: tuple(compound_subqueries(e, decompound)) for e in words if e not in held}
    held_parts = {*with_matches([part for each in parts.values() for part in each])}
    found: dict[str, None] = {}
    for word in words:
        found[word] = None
        found.update((each, None) for each in parts.get(word, ()) if each in held_parts)
    return tuple(found)[:most]


def candidate_subqueries(query: str, most: int, decompound: Decompound) -> tuple[str, ...]:
    """All subqueries that :func:`suggested_subqueries` may count."""
    words = subqueries_of(query)[:most]
    parts = (part for each in words or (query,) for part in compound_subqueries(each, decompound))
    return tuple(dict.fromkeys((*words, *parts)))


def compound_subqueries(query: str, decompound: Decompound) -> Iterator[str]:
    """Subqueries for the parts of the only word of ``query``.

    None if it has more words, a facet value, a prefix or an exact word.
    """
    found = list(lexemes(query))
    field = ""
    if len(found) == 2 and found[0].kind == "field" and found[0].text == "title":
        field = f"{_NAMES['title']}:"
        found = found[1:]
    if len(found) == 1 and found[0].kind == "word" and not found[0].exact:
        word = found[0].text
        yield from (f"{field}{part}" for part in (() if word.endswith("*") else decompound(word)))


def _leaf_subqueries(query: str) -> Iterator[str]:
    groups: list[_Scope] = []  # that are open, outermost first
    scope = _Scope()
    for each in lexemes(query):
        if each.kind == "not":
            scope = replace(scope, negated=not scope.negated)
        elif each.kind == "field":
            scope = replace(scope, field=scope.field or f"{_NAMES[each.text]}:")
        elif each.kind == "open":
            groups.append(scope)
        elif each.kind == "close":
            groups = groups[:-1]
            scope = _scope_in(groups)
        elif each.kind in ("word", "phrase"):
            if not scope.negated:
                yield from _atoms(each, scope.field)
            scope = _scope_in(groups)


def _scope_in(groups: Sequence[_Scope]) -> _Scope:
    """Scope of the next lexeme, in the innermost of ``groups``."""
    return groups[-1] if groups else _Scope()


def _atoms(lexeme: Lexeme, field: str) -> Iterator[str]:
    """A typed word, or the words of a phrase; a facet value stays whole."""
    if lexeme.kind == "phrase" and field and field != f"{_NAMES['title']}:":
        yield f'{field}"{lexeme.text}"'
        return
    exact = "=" if lexeme.exact else ""
    for word in lexeme.text.split() if lexeme.kind == "phrase" else [lexeme.text]:
        if any(each.isalnum() for each in word) and word.lower() not in _CONJUNCTIONS:
            yield f"{field}{exact}{word}"
