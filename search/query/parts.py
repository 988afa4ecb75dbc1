"""The parts of a query: what each of its words would find by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from search.query.lexer import FIELDS, Lexeme, lexemes

#: Words that join others; nobody looks for them alone.
_JOINING = frozenset({"ja", "ning", "ega", "või", "ehk", "and", "or"})
#: The name of each field, as Estonian writes it.
_NAMES = {meaning: name for name, meaning in FIELDS.items()}


@dataclass(frozen=True, slots=True)
class _Scope:
    """What holds for a word or a group: whether it is to be left out, and in which field it is."""

    left_out: bool = False
    field: str = ""


def parts_of(query: str) -> tuple[str, ...]:
    """Queries for the single things that ``query`` asks for, in order, each once.

    None if it asks for one thing only. A phrase gives its words; what is to be left out is no part.
    """
    parts: dict[str, str] = {}
    for each in _parts(query):
        parts.setdefault(each.casefold(), each)
    found = tuple(parts.values())
    return () if [each.casefold() for each in found] == [query.strip().casefold()] else found


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
    """What holds for the next thing in the innermost of the groups ``around``."""
    return around[-1] if around else _Scope()


def _atoms(lexeme: Lexeme, field: str) -> Iterator[str]:
    """A word as it is typed, or the words of a phrase; the name of a value stays whole."""
    if lexeme.kind == "phrase" and field and field != f"{_NAMES['title']}:":
        yield f'{field}"{lexeme.text}"'
        return
    exact = "=" if lexeme.exact else ""
    for word in lexeme.text.split() if lexeme.kind == "phrase" else [lexeme.text]:
        if any(each.isalnum() for each in word) and word.lower() not in _JOINING:
            yield f"{field}{exact}{word}"
