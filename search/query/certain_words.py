"""Certain words: tells what of a query is meant as it was typed, and what by its meaning.

Names, acronyms and numbers are certain: whatever is near to them in meaning is something else. How
a word is meant is told by how the texts of the index write it, so that *kallas* is a politician
where news is about one, and a shore where it is about shores. docs/scoring.md has the rule.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

from search.analysis import ESTONIAN, Analyzer, recognise
from search.analysis.acronyms import acronym_base
from search.analysis.terms import term
from search.bounded_cache import BoundedCache
from search.engines.contract import CountQuery, DocumentKey, EngineReader
from search.query.ast import Alternative, And, Choice, Node, Phrase, Word, Words, lemmas_of
from search.query.function_words import function_words
from search.query.lexer import Lexeme, lexemes

#: How a word is meant: by its meaning, as a name, as a name that tells hardly any articles apart.
_Meant = Literal["ordinary", "name", "common"]
#: So many articles that hold a word are looked at for how they write it, spread over the index.
_SAMPLED = 16
#: A word is a name where it is written with a capital within a sentence so often …
_CAPITALS = 0.7
#: … beside another name: *Jüri Ratas* …
_CAPITALS_BESIDE_NAME = 0.5
#: … of so many times at least; of fewer nothing is told.
_FEWEST = 2
#: A name in more articles than this share, and than so many, need not be held.
_COMMON, _MANY = 0.1, 20
#: Where so many words all begin with a capital, it says nothing of any of them.
_TITLE_CASE = 4
#: Names of organisations of more words are not looked for in a query.
_LONGEST_NAME = 5
_REMEMBERED_BYTES, _BYTES = 1_000_000, 300
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?…:;|\n\"“”„«»(\[–—-])\s*$")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_DIGIT = re.compile(r"\d")
_Thing = Word | Phrase | Choice | Words
#: What tells that a query is in another language: its common words or letters, or the model.
_Foreign = Literal["", "words", "model"]


@dataclass(frozen=True, slots=True)
class CertainWords:
    """What an article must hold to be found by meaning alone: ``node``, None for nothing.

    ``is_foreign`` says that the query is in another language than the articles.
    """

    node: Node | None = None
    is_foreign: bool = False


class CertainWordFinder:
    """Finds the certain words of queries to one open index. Safe for threads.

    ``tell_language`` is asked for the language of a query that has words no lexicon knows.
    """

    def __init__(
        self, reader: EngineReader, analyzer: Analyzer, tell_language: Callable[[str], str]
    ) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._tell_language = tell_language
        self._written: BoundedCache[tuple[str, ...], float] = BoundedCache(
            _REMEMBERED_BYTES, lambda _, __: _BYTES
        )

    def find(
        self, query: str, node: Node, next_search: CountQuery | None = None
    ) -> CertainWords | None:
        """The certain words of ``query``, understood as ``node``; None where all of it is certain.

        Quotation marks, ``=``, fields, operators and beginnings make everything certain.
        ``next_search`` is what is asked next, to be prepared with what is asked here.
        """
        things = _things(node) if _is_plain(query) else ()
        texts = [" ".join(each.text for each in _typed(thing)) for thing in things]
        if not things or all(function_words(texts, self._analyzer)):
            return None
        if query.strip().casefold() in self._organisations:
            return None
        words = [_typed(each) for each in things]
        foreign = self._foreign(query, words)
        all_meant = self._all_meant(query, words, foreign, next_search)
        meant = self._in_organisations(texts, all_meant)
        if "ordinary" not in meant:
            return None
        certain = [thing for thing, how in zip(things, meant, strict=True) if how == "name"]
        held: Node | None = And(tuple(certain)) if len(certain) > 1 else next(iter(certain), None)
        return CertainWords(held, bool(foreign))

    def _all_meant(
        self,
        query: str,
        words: Sequence[Sequence[Word]],
        foreign: _Foreign,
        next_search: CountQuery | None,
    ) -> list[_Meant]:
        """How each thing is meant, given by its ``words``."""
        names = self._marked(query, words)
        if foreign != "words":
            unmarked = (some for some, is_one in zip(words, names, strict=True) if not is_one)
            self._load([word for some in unmarked for word in some], next_search)
            names = self._named(names, words, foreign)
        return [
            self._as_name(some) if is_one else "ordinary"
            for some, is_one in zip(words, names, strict=True)
        ]

    def _marked(self, query: str, words: Sequence[Sequence[Word]]) -> list[bool]:
        """Which things are certain as they are typed: by a capital, a digit, as an acronym."""
        is_loud = query.isupper() and len(query.split()) > 1
        telling = set() if is_loud else set(_telling_capitals(query, words))
        return [
            at in telling or any(self._is_marked(each.text, is_loud=is_loud) for each in some)
            for at, some in enumerate(words)
        ]

    def _named(
        self, marked: Sequence[bool], words: Sequence[Sequence[Word]], foreign: _Foreign
    ) -> list[bool]:
        """Which things are ``marked``, or names by what texts and the lexicon say."""
        names = [
            is_marked or any(self._is_name(each, is_estonian=not foreign) for each in some)
            for is_marked, some in zip(marked, words, strict=True)
        ]
        beside = [any(names[max(at - 1, 0) : at + 2]) for at in range(len(words))]
        for at, is_beside in enumerate(beside):
            is_open = is_beside and not names[at]
            shares = map(self._share_of_capitals, words[at] if is_open else ())
            names[at] |= any((each or 0) >= _CAPITALS_BESIDE_NAME for each in shares)
        if not foreign:
            return names
        # Of “prices of real estate” one Katie Price makes no name; *elon musk* is one.
        around = [False, *names, False]
        return [
            is_marked or (is_one and (around[at] or around[at + 2]))
            for at, (is_marked, is_one) in enumerate(zip(marked, names, strict=True))
        ]

    def _foreign(self, query: str, words: Sequence[Sequence[Word]]) -> _Foreign:
        """Whether somebody asks in another language; the model tells it of several words."""
        if recognise(query) != ESTONIAN:
            return "words"
        known = [all(self._analyzer.certain(each.text.lower()) for each in some) for some in words]
        if len(words) < 2 or all(known):
            return ""
        return "" if self._tell_language(query) == ESTONIAN else "model"

    def _as_name(self, words: Sequence[Word]) -> _Meant:
        held = max(map(self._frequency, words))
        return "common" if held > max(_COMMON * self._reader.document_count, _MANY) else "name"

    def _is_marked(self, text: str, *, is_loud: bool) -> bool:
        """True of a number, an acronym or a Russian name, in a query in whatever language."""
        if _DIGIT.search(text) or (_CYRILLIC.search(text) and text[0].isupper()):
            return True
        is_known = is_loud and self._analyzer.is_known(text.lower())
        return acronym_base(text) is not None and not is_known

    def _is_name(self, word: Word, *, is_estonian: bool) -> bool:
        """True of what texts write with a capital, and of what neither they nor the lexicon know.

        Of another language the lexicon knows no word.
        """
        share = self._share_of_capitals(word)
        if share is not None:
            return share >= _CAPITALS
        known = self._analyzer.certain(word.text.lower())
        # *tallinna*, *ukraina* are nothing but names, however they are written.
        return all(each.pos == "G" for each in known) if known else is_estonian

    def _share_of_capitals(self, word: Word) -> float | None:
        """How often texts write ``word`` with a capital within sentences; None if they hardly do.

        Remembered.
        """
        lemmas = lemmas_of(word)
        if lemmas not in self._written:
            self._load([word])
        share = self._written.get(lemmas)
        return share if share is not None and share >= 0 else None

    def _load(self, words: Sequence[Word], next_search: CountQuery | None = None) -> None:
        """Looks up how texts write those of ``words`` that are not known yet, all at once."""
        unknown = [
            each for each in dict.fromkeys(map(lemmas_of, words)) if each not in self._written
        ]
        if not unknown:
            return
        asked = [
            (term("lemma", each), -(-_SAMPLED // len(lemmas)))
            for lemmas in unknown
            for each in lemmas
        ]
        samples = iter(self._reader.samples(asked, next_search))
        for lemmas in unknown:
            keys = dict.fromkeys(key for some in islice(samples, len(lemmas)) for key in some)
            self._written[lemmas] = self._share_in(list(keys), lemmas)

    def _share_in(self, keys: Sequence[DocumentKey], lemmas: Sequence[str]) -> float:
        """The share of capitals in these articles, -1 for too few places."""
        plain = Word("", tuple(Alternative("lemma", each) for each in lemmas))
        places = self._reader.occurrences(keys, plain)
        texts = (each.text for each in self._reader.listings(keys))
        capitals = [
            text[each.start].isupper()
            for text, found in zip(texts, places, strict=True)
            for each in found
            if each.field == "body" and _is_within_sentence(text, each.start)
        ]
        return sum(capitals) / len(capitals) if len(capitals) >= _FEWEST else -1.0

    def _frequency(self, word: Word) -> int:
        """In how many articles ``word`` stands."""
        terms = [term("lemma", each) for each in lemmas_of(word)]
        return max(self._reader.document_frequencies(terms), default=0)

    def _in_organisations(self, texts: Sequence[str], meant: Sequence[_Meant]) -> list[_Meant]:
        """``meant`` with all words of the name of an organisation certain that has one in it.

        Of ordinary words alone no name is made: *avatud kool* is a name and means something, too.
        """
        found = list(meant)
        for start in range(len(texts)):
            for end in range(start + 2, min(start + _LONGEST_NAME, len(texts)) + 1):
                name = " ".join(texts[start:end]).casefold()
                if name in self._organisations and {*meant[start:end]} != {"ordinary"}:
                    found[start:end] = [
                        "name" if each == "ordinary" else each for each in found[start:end]
                    ]
        return found

    @cached_property
    def _organisations(self) -> frozenset[str]:
        """Names of organisations of several words, in small letters."""
        shown = (each.value for each in self._reader.facet_totals("org"))
        names = (*shown, *self._reader.other_names())
        return frozenset(each.casefold() for each in names if " " in each)


def _is_plain(query: str) -> bool:
    """True if nothing but words was typed; the parser takes what is typeset as words."""
    return all(map(_is_plain_lexeme, lexemes(query)))


def _is_plain_lexeme(lexeme: Lexeme) -> bool:
    if lexeme.kind == "phrase":
        return lexeme.typeset
    return lexeme.kind == "word" and not lexeme.exact and not lexeme.text.endswith("*")


def _things(node: Node) -> tuple[_Thing, ...]:
    """Words typed side by side, each with what stands for it; none of any other tree."""
    if isinstance(node, Words):
        return node.children
    return (node,) if isinstance(node, Word | Choice) else ()


def _typed(thing: _Thing) -> tuple[Word, ...]:
    """The typed words of ``thing``."""
    if isinstance(thing, Word):
        return (thing,)
    if isinstance(thing, Phrase):
        return thing.words
    if isinstance(thing, Choice):
        return _typed(thing.typed)
    return tuple(word for child in thing.children for word in _typed(child))


def _telling_capitals(query: str, words: Sequence[Sequence[Word]]) -> Iterator[int]:
    """The places of things, given by their ``words``, with a capital that says they are names.

    The first word of a sentence has one, too: it says something where the next word has one.
    """
    typed = [(at, each.text) for at, some in enumerate(words) for each in some]
    capitals = [text[:1].isupper() for _, text in typed]
    if len(typed) >= _TITLE_CASE and all(capitals):
        return
    is_first = next(lexemes(query)).text.startswith(typed[0][1])
    if is_first and not any(capitals[1:2]):
        capitals[0] = False
    yield from (at for (at, _), is_one in zip(typed, capitals, strict=True) if is_one)


def _is_within_sentence(text: str, at: int) -> bool:
    return _SENTENCE_BEGINS.search(text, max(at - 4, 0), at) is None and at > 0
