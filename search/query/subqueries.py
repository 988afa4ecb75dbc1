"""Subqueries: the matches of each query word, or compound part, on its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from search.query.lexer import FIELDS, Lexeme, lexemes

#: Words that join others; nobody looks for them alone.
_JOINING = frozenset({"ja", "ning", "ega", "või", "ehk", "and", "or"})
#: The name of each field, as Estonian writes it.
_NAMES = {meaning: name for name, meaning in FIELDS.items()}
#: The parts of a compound, none of another word.
Cut = Callable[[str], Iterable[str]]
#: Full matches of some subqueries, None for one that is too broad.
Counted = Callable[[Sequence[str]], Sequence[int | None]]


@dataclass(frozen=True, slots=True)
class _Scope:
    """Scope of a word or group: negated or not, and its field."""

    left_out: bool = False
    field: str = ""


def subqueries_of(query: str) -> tuple[str, ...]:
    """Subqueries for each word or phrase of ``query``, in order, without repeats.

    None if it asks for one thing only. A phrase gives its words; what is to be left out is no part.
    """
    parts: dict[str, str] = {}
    for each in _parts(query):
        parts.setdefault(each.casefold(), each)
    found = tuple(parts.values())
    return () if [each.casefold() for each in found] == [query.strip().casefold()] else found


def offered_subqueries(query: str, most: int, cut: Cut, counts: Counted) -> tuple[str, ...]:
    """At most ``most`` subqueries of a ``query`` without matches, in order, without repeats.

    Behind a word that nothing has stand those of the parts that ``cut`` gives that something has.
    """

    def met(parts: Sequence[str]) -> list[str]:
        found = counts(parts) if parts else ()
        return [each for each, count in zip(parts, found, strict=True) if count != 0]

    words = subqueries_of(query)[:most]
    if not words:
        return tuple(met(tuple(compound_subqueries(query, cut))))[:most]
    held = {*met(words)}
    cuts = {word: tuple(compound_subqueries(word, cut)) for word in words if word not in held}
    there = {*met([part for parts in cuts.values() for part in parts])}
    found: dict[str, None] = {}
    for word in words:
        found[word] = None
        found.update((each, None) for each in cuts.get(word, ()) if each in there)
    return tuple(found)[:most]


def possible_subqueries(query: str, most: int, cut: Cut) -> tuple[str, ...]:
    """All that :func:`offered_subqueries` may ask to be counted."""
    words = subqueries_of(query)[:most] or (query,)
    parts = (part for word in words for part in compound_subqueries(word, cut))
    return tuple(dict.fromkeys((*(words if words != (query,) else ()), *parts)))


def compound_subqueries(query: str, cut: Cut) -> Iterator[str]:
    """Subqueries for the parts, by ``cut``, of the only word of ``query``.

    None if it asks for more, for a value, for the beginning of a word or for what is written.
    """
    asked = list(lexemes(query))
    field = ""
    if len(asked) == 2 and asked[0].kind == "field" and asked[0].text == "title":
        field = f"{_NAMES['title']}:"
        asked = asked[1:]
    if len(asked) == 1 and asked[0].kind == "word" and not asked[0].exact:
        word = asked[0].text
        yield from (f"{field}{part}" for part in (() if word.endswith("*") else cut(word)))


def _parts(query: str) -> Iterator[str]:
    around: list[_Scope] = []  # the groups that are open, outermost first
    scope = _Scope()
    for each in lexemes(query):
        if each.kind == "not":
            scope = replace(scope, left_out=not scope.left_out)
        elif each.kind == "field":
            scope = replace(scope, field=scope.field or f"{_NAMES[each.text]}:")
        elif each.kind == "open":
            around.append(scope)
        elif each.kind == "close":
            around = around[:-1]
            scope = _after(around)
        elif each.kind in ("word", "phrase"):
            if not scope.left_out:
                yield from _atoms(each, scope.field)
            scope = _after(around)


def _after(around: Sequence[_Scope]) -> _Scope:
    """Scope of the next lexeme, in the innermost of the groups ``around``."""
    return around[-1] if around else _Scope()


def _atoms(lexeme: Lexeme, field: str) -> Iterator[str]:
    """A typed word, or the words of a phrase; a facet value stays whole."""
    if lexeme.kind == "phrase" and field and field != f"{_NAMES['title']}:":
        yield f'{field}"{lexeme.text}"'
        return
    exact = "=" if lexeme.exact else ""
    for word in lexeme.text.split() if lexeme.kind == "phrase" else [lexeme.text]:
        if any(each.isalnum() for each in word) and word.lower() not in _JOINING:
            yield f"{field}{exact}{word}"
