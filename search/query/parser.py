"""Parser of the query language: text to query tree; any input is valid, nothing raises.

    query   = clause+                 side by side: all of them
    clause  = item (OR item)*         OR binds tighter than standing side by side
    item    = [NOT] atom
    atom    = "(" query ")" | field ":" atom | ["="] word | ["="] '"' words '"' ["~" n] | begin "*"

A field before a parenthesis holds for every atom in it.

Plain words without operators at the top level become one :class:`Words`, the only node an engine
may match in part.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from search.analysis import Analyzer, tokenize
from search.analysis.language import language_code
from search.analysis.stemming import first_letters
from search.analysis.terms import QueryWord
from search.article import site_of
from search.errors import BadRequest
from search.normalisation import clean
from search.query.ast import (
    Alternative,
    And,
    Clause,
    Everything,
    FacetTerm,
    FieldName,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    Words,
    is_exact,
)
from search.query.function_words import function_words
from search.query.lexer import Lexeme, lexemes
from search.request import UNKNOWN_YEAR, year_range, year_span

_MAX_DEPTH = 30
_MAX_SLOP = 20
_MIN_PREFIX = 2
_PART_WEIGHT = 0.5
_SURFACE_WEIGHT = 0.5
#: Shared by the parts of the word itself.
_OWN_PARTS_WEIGHT = 3.0
#: Of the first four letters, and of the first six.
_LETTERS_WEIGHTS = (1.2, 0.4)
_FUNCTION_WORD_WEIGHT = 0.3
_OTHER_LEMMA_WEIGHT = 0.4
_UNKNOWN_YEAR_WORDS = frozenset({UNKNOWN_YEAR, "teadmata"})


class QueryParser:
    """Parses queries with the analyzer that also built the index.

    ``find_area`` gives the id of a focus area by id or label, None if there is none.
    """

    def __init__(self, analyzer: Analyzer, find_area: Callable[[str], str | None]) -> None:
        self._analyzer = analyzer
        self._find_area = find_area

    def parse(self, query: str) -> Node:
        """Parses ``query``; an empty one is :class:`Everything`."""
        found = _unquoted(list(lexemes(query)))
        self.warm(e.text for e in found if e.kind in ("word", "phrase") and not e.exact)
        nodes = _RecursiveDescent(found, self._atom).sequence(0, None)
        return self._join_words(nodes) or Everything()

    def warm(self, texts: Iterable[str]) -> None:
        """Analyses the words of ``texts`` in one batch, before each is parsed."""
        self._analyzer.warm_words(token.text for text in texts for token in tokenize(text))

    def content(self, clauses: Sequence[Clause]) -> list[Clause]:
        """``clauses`` without function words; all if there are no others."""
        texts = [each.text if isinstance(each, Word) else "" for each in clauses]
        flags = function_words(texts, self._analyzer)
        kept = [each for each, is_function in zip(clauses, flags, strict=True) if not is_function]
        return kept or list(clauses)

    def word_or_phrase(self, text: str) -> Word | Phrase | None:
        """``text`` as a word, or as a phrase of several words in any inflection."""
        words = tuple(self._word(each.text, "any", exact=False) for each in tokenize(clean(text)))
        if len(words) < 2:
            return words[0] if words else None
        return Phrase(words)

    def word(self, text: str, field: FieldName = "any", *, exact: bool = False) -> Node | None:
        """``text`` as a typed word; a date or score is a phrase, anything else several words."""
        tokens = list(tokenize(text))
        words = [self._word(each.text, field, exact=exact) for each in tokens]
        if len(words) > 1 and (exact or all(each.kind != "word" for each in tokens)):
            phrase = Phrase(tuple(words), 0, field, exact)
            # „1–0“ was not quoted, so that an article without it may match in part.
            return phrase if exact or field != "any" else Words((phrase,))
        return _conjunction(words)

    def _word(self, text: str, field: FieldName, *, exact: bool) -> Word:
        known = self._analyzer.query_word(text)
        if exact:
            return Word(text, (Alternative("surface", known.surface),), field)
        return _as_word(known, field)

    def _atom(self, lexeme: Lexeme, field: str | None) -> Node | None:
        if field not in (None, "title"):
            return self._facet_term(field or "", lexeme.text)
        name: FieldName = "title" if field else "any"
        if lexeme.kind == "phrase":
            return self._phrase(lexeme, name)
        text = lexeme.text
        if text.endswith("*") and not lexeme.exact:
            begin = text.rstrip("*")
            if len(begin) >= _MIN_PREFIX and all(map(_is_word_character, begin)):
                return Prefix(begin if begin.isupper() else begin.lower(), name)
        return self.word(text, name, exact=lexeme.exact)

    def _join_words(self, nodes: Sequence[Node]) -> Node | None:
        """Joins plain words into one node that may match in part; the rest must match.

        Function words only add to scores: most are in nearly every article.
        """
        plain: list[Clause] = []
        others: list[Node] = []
        for each in nodes:
            if isinstance(each, Words):
                plain += each.children
            elif isinstance(each, Word) and _is_plain(each):
                plain.append(each)
            else:
                others.append(each)
        typed = list(dict.fromkeys(plain))
        clauses = self.content(typed)
        dropped = [each for each in typed if isinstance(each, Word) and each not in clauses]
        # Conjunctions are in every article.
        scoring = [each for each in dropped if not self._analyzer.is_conjunction(each.text)]
        clauses = _with_function_words(clauses, scoring)
        if len(clauses) > 1 or any(isinstance(each, Phrase) for each in clauses):
            others.insert(0, Words(tuple(clauses)))
        else:
            others = [*clauses, *others]
        if not others:
            return None
        if all(isinstance(each, Not) for each in others):
            others.insert(0, Everything())
        return others[0] if len(others) == 1 else And(tuple(others))

    def _phrase(self, lexeme: Lexeme, field: FieldName) -> Node | None:
        words = [self._word(each.text, field, exact=lexeme.exact) for each in tokenize(lexeme.text)]
        if len(words) < 2:
            return words[0] if words else None
        return Phrase(tuple(words), min(lexeme.slop, _MAX_SLOP), field, lexeme.exact)

    def _facet_term(self, field: str, value: str) -> Node | None:
        value = value.strip()
        if field == "year":
            year = UNKNOWN_YEAR if value.lower() in _UNKNOWN_YEAR_WORDS else value
            try:
                year_range(year)
            except BadRequest:
                return self.word(value)
            return FacetTerm("year", year_span(year))
        if field == "focus":
            return FacetTerm("focus", self._find_area(value) or value.lower())
        if field == "language":
            return FacetTerm("language", language_code(value) or value)
        if field == "source":
            return FacetTerm("source", site_of(value) or value.removeprefix("www."))
        return FacetTerm("org", value)


class _RecursiveDescent:
    """A recursive-descent pass over the lexemes of a query; ``atom`` parses one of them."""

    def __init__(
        self, found: list[Lexeme], atom: Callable[[Lexeme, str | None], Node | None]
    ) -> None:
        self._lexemes = found
        self._at = 0
        self._atom = atom

    def sequence(self, depth: int, field: str | None) -> list[Node]:
        """Parses clauses up to the closing parenthesis or the end; ``field`` holds for all."""
        clauses: list[Node] = []
        while (lexeme := self._peek()) is not None:
            if lexeme.kind == "close":
                if depth:
                    break
                self._at += 1
                continue
            strict = self._skip("and")
            clause = self._clause(depth, field)
            if clause is not None:
                if strict and clauses:  # a typed operator is never relaxed
                    clause = And((clauses.pop(), clause))
                clauses.append(clause)
        return clauses

    def _clause(self, depth: int, field: str | None) -> Node | None:
        items: list[Node] = []
        expected = True
        while expected and self._peek() is not None:
            item = self._item(depth, field)
            if item is not None:
                items.append(item)
            expected = self._skip("or")
        if not items:
            return None
        return items[0] if len(items) == 1 else Or(tuple(items))

    def _item(self, depth: int, field: str | None) -> Node | None:
        negated = False
        while (lexeme := self._peek()) is not None and lexeme.kind in ("not", "or", "and"):
            negated ^= lexeme.kind == "not"
            self._at += 1
        node = self._operand(depth, field)
        return Not(node) if negated and node is not None else node

    def _operand(self, depth: int, field: str | None) -> Node | None:
        lexeme = self._peek()
        if lexeme is None or lexeme.kind == "close":
            return None
        self._at += 1
        if lexeme.kind == "field":
            return self._operand(depth, field or lexeme.text)
        if lexeme.kind == "open":
            return self._group(depth, field)
        return self._atom(lexeme, field)

    def _group(self, depth: int, field: str | None) -> Node | None:
        if depth >= _MAX_DEPTH:
            return None  # ignores the parenthesis, not what is in it
        children = self.sequence(depth + 1, field)
        self._skip("close")
        return _conjunction(children)

    def _peek(self) -> Lexeme | None:
        return self._lexemes[self._at] if self._at < len(self._lexemes) else None

    def _skip(self, kind: str) -> bool:
        lexeme = self._peek()
        if lexeme is None or lexeme.kind != kind:
            return False
        self._at += 1
        return True


def _unquoted(found: list[Lexeme]) -> list[Lexeme]:
    """Lexemes with typographic quotation marks, as of a pasted headline, split into words.

    They make a phrase if only phrases, operators and fields were typed.
    """
    plain = any(
        each.kind == "word" and not each.exact and (i == 0 or found[i - 1].kind != "field")
        for i, each in enumerate(found)
    )
    if not plain:
        return found
    return [
        Lexeme("word", text) if each.typeset else each
        for each in found
        for text in (each.text.split() if each.typeset else ("",))
    ]


def _with_function_words(clauses: Sequence[Clause], dropped: Sequence[Word]) -> list[Clause]:
    """``clauses`` with the terms of ``dropped`` words related to the first word.

    An article that holds them, too, ranks a little higher.
    """
    terms = [
        replace(each, weight=each.weight * _FUNCTION_WORD_WEIGHT)
        for word in dropped
        for each in word.alternatives
        if each.channel in ("lemma", "surface")
    ]
    first = next((each for each in clauses if isinstance(each, Word)), None)
    return [
        replace(each, related=(*each.related, *terms))
        if isinstance(each, Word) and each is first
        else each
        for each in clauses
    ]


def _conjunction(nodes: Sequence[Node]) -> Node | None:
    """All of ``nodes``; only plain words may match in part."""
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    words = tuple(each for each in nodes if isinstance(each, Word) and _is_plain(each))
    return Words(words) if len(words) == len(nodes) else And(tuple(nodes))


def _is_plain(word: Word) -> bool:
    """True for a word typed without field and without ``=``."""
    return word.field == "any" and not is_exact(word)


def _is_word_character(character: str) -> bool:
    return character.isalnum() or character in "-'’"


def _as_word(word: QueryWord, field: FieldName) -> Word:
    """Alternatives of a word: lemmas, then compounds with them, then the typed form."""
    typed_is_lemma = bool(word.lemmas) and word.lemmas[0] == word.text.lower()
    count = len(word.lemmas) or 1
    part_weight = _PART_WEIGHT / (count + len(word.parts))
    found: list[Alternative] = []
    for i, lemma in enumerate(word.lemmas):
        share = (1.0 if i == 0 else _OTHER_LEMMA_WEIGHT) if typed_is_lemma else 1.0 / count
        found.append(Alternative("lemma", lemma, share))
        found.append(Alternative("part", lemma, part_weight))
    found.append(Alternative("surface", word.surface, _SURFACE_WEIGHT))
    own_weight = _OWN_PARTS_WEIGHT / (count + len(word.parts))
    related = [Alternative("part", each, own_weight) for each in word.parts]
    letters = zip(first_letters(word.surface), _LETTERS_WEIGHTS, strict=False)
    # A stem that is the whole word adds nothing to it.
    related += [
        Alternative("letters", each, weight) for each, weight in letters if each != word.surface
    ]
    return Word(word.text, tuple(found), field, related=tuple(related))
