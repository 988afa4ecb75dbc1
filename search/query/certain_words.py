"""Finds certain words: names, acronyms and numbers that vector search must not replace.

Whatever is near to them in meaning is something else. Which words are names is decided by how the
texts of the index write them, so that *kallas* is a politician where news is about one, and a shore
where it is about shores. docs/scoring.md has the rule.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

from search.analysis import ESTONIAN, Analyzer, identify_language
from search.analysis.acronyms import acronym_base
from search.analysis.terms import term
from search.bounded_cache import BoundedCache
from search.engines.contract import CountQuery, DocumentKey, EngineReader
from search.query.ast import Alternative, And, Choice, Clause, Node, Phrase, Word, Words, lemmas_of
from search.query.function_words import function_words
from search.query.lexer import Lexeme, lexemes

#: Kinds of clauses: matched by meaning, a name, a name in too many articles to be required.
_Kind = Literal["ordinary", "name", "common"]
#: Number of articles with a word that are sampled for its capitals, spread over the index.
_SAMPLED = 16
#: A word is a name if this share of its occurrences within sentences has a capital …
_CAPITALS = 0.7
#: … beside another name (*Jüri Ratas*) …
_CAPITALS_BESIDE_NAME = 0.5
#: … of at least this number of occurrences; fewer are not evidence.
_FEWEST = 2
#: A name in more than this share of articles, and in more than this number, is not required.
_COMMON, _MANY = 0.1, 20
#: If this number of words all begin with a capital, capitals are not evidence.
_TITLE_CASE = 4
#: Names of organisations of more words are not looked for in a query.
_LONGEST_NAME = 5
_CACHE_BYTES, _ENTRY_BYTES = 1_000_000, 300
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?…:;|\n\"“”„«»(\[–—-])\s*$")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_DIGIT = re.compile(r"\d")
#: Evidence that a query is in another language: its common words or letters, or the model.
_ForeignBy = Literal["", "words", "model"]


@dataclass(frozen=True, slots=True)
class CertainWords:
    """Filter of search by meaning: ``node`` has to match in full, None for no condition.

    ``is_foreign`` if the query is in another language than the articles.
    """

    node: Node | None = None
    is_foreign: bool = False


class CertainWordFinder:
    """Finds the certain words of queries to one open index. Safe for threads.

    ``identify_language`` is called for a query with words that no lexicon knows.
    """

    def __init__(
        self, reader: EngineReader, analyzer: Analyzer, identify_language: Callable[[str], str]
    ) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._identify_language = identify_language
        #: By lemmas; -1 for too few places.
        self._capital_shares: BoundedCache[tuple[str, ...], float] = BoundedCache(
            _CACHE_BYTES, lambda _, __: _ENTRY_BYTES
        )

    def find(
        self, query: str, node: Node, next_search: CountQuery | None = None
    ) -> CertainWords | None:
        """The certain words of ``query``, parsed as ``node``; None if all of it is certain.

        Quotation marks, ``=``, fields, operators and prefixes make everything certain.
        ``next_search`` follows, so that a remote engine prepares it in the same request.
        """
        clauses = _clauses(node) if _is_plain(query) else ()
        words = [_typed_words(each) for each in clauses]
        texts = [" ".join(each.text for each in typed) for typed in words]
        if not clauses or all(function_words(texts, self._analyzer)):
            return None
        if query.strip().casefold() in self._organisations:
            return None
        foreign_by = self._foreign_by(query, words)
        kinds = self._classify(query, words, foreign_by, next_search)
        kinds = self._with_organisations(texts, kinds)
        if "ordinary" not in kinds:
            return None
        certain = [clause for clause, kind in zip(clauses, kinds, strict=True) if kind == "name"]
        required: Node | None = (
            And(tuple(certain)) if len(certain) > 1 else next(iter(certain), None)
        )
        return CertainWords(required, bool(foreign_by))

    def _classify(
        self,
        query: str,
        words: Sequence[Sequence[Word]],
        foreign_by: _ForeignBy,
        next_search: CountQuery | None,
    ) -> list[_Kind]:
        """The kind of each clause, given by its ``words``."""
        names = self._names_by_typing(query, words)
        if foreign_by != "words":
            others = (typed for typed, is_name in zip(words, names, strict=True) if not is_name)
            self._load_capital_shares([word for typed in others for word in typed], next_search)
            names = self._names_by_usage(names, words, foreign_by)
        return [
            self._name_kind(typed) if is_name else "ordinary"
            for typed, is_name in zip(words, names, strict=True)
        ]

    def _names_by_typing(self, query: str, words: Sequence[Sequence[Word]]) -> list[bool]:
        """Which clauses are certain as they are typed: by a capital, a digit, as an acronym."""
        all_caps = query.isupper() and len(query.split()) > 1
        capitalised = set() if all_caps else set(_significant_capitals(query, words))
        return [
            at in capitalised
            or any(self._is_certain_form(each.text, all_caps=all_caps) for each in typed)
            for at, typed in enumerate(words)
        ]

    def _names_by_usage(
        self,
        by_typing: Sequence[bool],
        words: Sequence[Sequence[Word]],
        foreign_by: _ForeignBy,
    ) -> list[bool]:
        """Which clauses are names ``by_typing``, by the texts of the index, or by the lexicon."""
        names = [
            is_name or any(self._is_name(each, is_estonian=not foreign_by) for each in typed)
            for is_name, typed in zip(by_typing, words, strict=True)
        ]
        beside = [any(names[max(at - 1, 0) : at + 2]) for at in range(len(words))]
        for at, is_beside in enumerate(beside):
            is_candidate = is_beside and not names[at]
            shares = map(self._capital_share, words[at] if is_candidate else ())
            names[at] |= any((each or 0) >= _CAPITALS_BESIDE_NAME for each in shares)
        if not foreign_by:
            return names
        # A Katie Price in the news makes no name of “prices of real estate”; *elon musk* is one.
        around = [False, *names, False]
        return [
            by_typing[at] or (is_name and (around[at] or around[at + 2]))
            for at, is_name in enumerate(names)
        ]

    def _foreign_by(self, query: str, words: Sequence[Sequence[Word]]) -> _ForeignBy:
        """Identifies a query in another language; the model is asked about several words."""
        if identify_language(query) != ESTONIAN:
            return "words"
        if len(words) < 2 or all(
            self._analyzer.is_known(each.text.lower()) for typed in words for each in typed
        ):
            return ""
        return "" if self._identify_language(query) == ESTONIAN else "model"

    def _name_kind(self, words: Sequence[Word]) -> _Kind:
        frequency = max(map(self._document_frequency, words))
        is_common = frequency > max(_COMMON * self._reader.document_count, _MANY)
        return "common" if is_common else "name"

    def _is_certain_form(self, text: str, *, all_caps: bool) -> bool:
        """True for a number, an acronym or a Russian name, in a query in any language."""
        if _DIGIT.search(text) or (_CYRILLIC.search(text) and text[0].isupper()):
            return True
        is_known = all_caps and self._analyzer.is_known(text.lower())
        return acronym_base(text) is not None and not is_known

    def _is_name(self, word: Word, *, is_estonian: bool) -> bool:
        """True for what texts write with a capital, and for what neither they nor the lexicon have.

        The lexicon decides nothing about words of another language.
        """
        share = self._capital_share(word)
        if share is not None:
            return share >= _CAPITALS
        readings = self._analyzer.lexicon_readings(word.text.lower())
        # *tallinna*, *ukraina* are nothing but names, however they are written.
        return all(each.pos == "G" for each in readings) if readings else is_estonian

    def _capital_share(self, word: Word) -> float | None:
        """Share of places within sentences where ``word`` has a capital; None for too few.

        Cached.
        """
        lemmas = lemmas_of(word)
        if lemmas not in self._capital_shares:
            self._load_capital_shares([word])
        share = self._capital_shares.get(lemmas)
        return share if share is not None and share >= 0 else None

    def _load_capital_shares(
        self, words: Sequence[Word], next_search: CountQuery | None = None
    ) -> None:
        """Loads the shares of capitals of new ``words`` in one batch."""
        new = [
            each
            for each in dict.fromkeys(map(lemmas_of, words))
            if each not in self._capital_shares
        ]
        if not new:
            return
        sizes = [
            (term("lemma", each), -(-_SAMPLED // len(lemmas))) for lemmas in new for each in lemmas
        ]
        samples = iter(self._reader.samples(sizes, next_search))
        for lemmas in new:
            keys = dict.fromkeys(key for sample in islice(samples, len(lemmas)) for key in sample)
            self._capital_shares[lemmas] = self._capital_share_in(list(keys), lemmas)

    def _capital_share_in(self, keys: Sequence[DocumentKey], lemmas: Sequence[str]) -> float:
        """Share of capitals in these articles, -1 for too few places."""
        plain = Word("", tuple(Alternative("lemma", each) for each in lemmas))
        occurrences = self._reader.occurrences(keys, plain)
        texts = (each.text for each in self._reader.listings(keys))
        capitals = [
            text[each.start].isupper()
            for text, found in zip(texts, occurrences, strict=True)
            for each in found
            if each.field == "body" and _is_within_sentence(text, each.start)
        ]
        return sum(capitals) / len(capitals) if len(capitals) >= _FEWEST else -1.0

    def _document_frequency(self, word: Word) -> int:
        terms = [term("lemma", each) for each in lemmas_of(word)]
        return max(self._reader.document_frequencies(terms), default=0)

    def _with_organisations(self, texts: Sequence[str], kinds: Sequence[_Kind]) -> list[_Kind]:
        """``kinds`` with every clause of an organisation's name certain if one of them is.

        Ordinary words alone make no name: *avatud kool* is one and has a meaning, too.
        """
        found = list(kinds)
        for start in range(len(texts)):
            for end in range(start + 2, min(start + _LONGEST_NAME, len(texts)) + 1):
                name = " ".join(texts[start:end]).casefold()
                if name in self._organisations and {*kinds[start:end]} != {"ordinary"}:
                    found[start:end] = [
                        "name" if each == "ordinary" else each for each in found[start:end]
                    ]
        return found

    @cached_property
    def _organisations(self) -> frozenset[str]:
        """Names of organisations of several words, in lower case."""
        shown = (each.value for each in self._reader.facet_totals("org"))
        names = (*shown, *self._reader.other_names())
        return frozenset(each.casefold() for each in names if " " in each)


def _is_plain(query: str) -> bool:
    """True if only words were typed; typographic quotation marks do not count."""
    return all(map(_is_plain_lexeme, lexemes(query)))


def _is_plain_lexeme(lexeme: Lexeme) -> bool:
    if lexeme.kind == "phrase":
        return lexeme.typeset
    return lexeme.kind == "word" and not lexeme.exact and not lexeme.text.endswith("*")


def _clauses(node: Node) -> tuple[Clause, ...]:
    """Clauses of plain words; none of any other tree."""
    if isinstance(node, Words):
        return node.children
    return (node,) if isinstance(node, Word | Choice) else ()


def _typed_words(clause: Clause | Words) -> tuple[Word, ...]:
    if isinstance(clause, Word):
        return (clause,)
    if isinstance(clause, Phrase):
        return clause.words
    if isinstance(clause, Choice):
        return _typed_words(clause.typed)
    return tuple(word for child in clause.children for word in _typed_words(child))


def _significant_capitals(query: str, words: Sequence[Sequence[Word]]) -> Iterator[int]:
    """Numbers of the clauses, given by their ``words``, with a capital that shows a name.

    That of the first word only begins the sentence, unless the second word has one, too.
    """
    typed = [(at, each.text) for at, clause in enumerate(words) for each in clause]
    capitals = [text[:1].isupper() for _, text in typed]
    if len(typed) >= _TITLE_CASE and all(capitals):
        return
    is_first = next(lexemes(query)).text.startswith(typed[0][1])
    if is_first and not any(capitals[1:2]):
        capitals[0] = False
    yield from (at for (at, _), is_capital in zip(typed, capitals, strict=True) if is_capital)


def _is_within_sentence(text: str, at: int) -> bool:
    return _SENTENCE_BEGINS.search(text, max(at - 4, 0), at) is None and at > 0
