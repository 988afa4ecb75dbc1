"""Autocomplete: words, organisations and titles of the index that continue a query."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from search.analysis import Analyzer
from search.analysis.folding import fold
from search.analysis.terms import term
from search.engines.contract import CompletionKind, EngineReader
from search.query.ast import Alternative, Word
from search.request import FacetFilter, SearchRequest

_MOST: dict[CompletionKind, int] = {"word": 5, "organisation": 3, "title": 3}
#: Lemmas looked at, and articles read for the spelling of one.
_TRIED = 25
_READ = 4
_TAIL_WORDS = 6
_TYPED = re.compile(r"\w(?:[\w'’&-]*\w)?[-&]?$")
_WORD_START = re.compile(r"(?<![\w'’&-])\w")
_SENTENCE_START = re.compile(r"(?:^|[.!?:…\n])[\s„“”\"'«»(–—-]*$")
# Conjunctions, pronouns, adpositions and adverbs: in every text, and nobody looks for them.
_EMPTY_KINDS = frozenset("JPKD")
_NUMERALS = frozenset("NO")
_EMPTY_WORDS = frozenset({"ei", "olema"})
_SHORTEST = 3
#: „Eesti“ and „Klaster“ stand in names, and yet the lexicon has them as common words, too.
_ALWAYS, _MOSTLY = 0.9, 0.5


class OtherNameIndex:
    """Other names of organisations by the beginnings of their words.

    ``others`` has for each the name that is shown.
    """

    def __init__(self, others: Mapping[str, str]) -> None:
        self._entries = sorted(
            (_key(other[word.start() :]), other, name)
            for other, name in others.items()
            for word in _WORD_START.finditer(other)
        )

    def beginning(self, text: str) -> Iterator[tuple[str, str]]:
        """Other names any word of which begins so, each with the name that is shown."""
        begin = _key(text)
        at = bisect_left(self._entries, (begin,))
        for key, other, name in islice(self._entries, at, None):
            if not key.startswith(begin):
                return
            yield other, name


def _key(text: str) -> str:
    """``text`` without case and diacritics."""
    return fold(text.casefold())


@dataclass(frozen=True, slots=True)
class Completion:
    """A completed query ``text`` and its number of full matches.

    For an organisation ``count`` is the articles that have it in the facet, for a title those
    called so. ``start`` is where in ``text`` the word, name or title begins. ``known_as`` is the
    other name of an organisation that was typed, empty where it is the one shown.
    """

    text: str
    kind: CompletionKind
    count: int
    start: int = 0
    known_as: str = ""


class Autocompleter:
    """Completes the end of a text from one state of the index.

    ``others`` are other names of organisations; ``count`` says how many articles a query finds in
    full, 0 where it cannot be answered.
    """

    def __init__(
        self,
        reader: EngineReader,
        analyzer: Analyzer,
        others: OtherNameIndex,
        count: Callable[[str, SearchRequest], int],
    ) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._others = others
        self._count = count

    def complete(self, text: str, limit: int) -> tuple[Completion, ...]:
        """At most ``limit`` completions, a few of each kind, with most articles first."""
        typed = _TYPED.search(text)
        if typed is None:
            return ()
        words, numerals = self._words(text[: typed.start()], typed.group())
        found = [*words, *self._names(text)]
        kinds, begin = list(_MOST), _key(text).strip()

        def place(each: Completion) -> tuple[int, int, bool, str]:
            is_within = each.kind == "title" and not _key(each.text).startswith(begin)
            return -each.count, kinds.index(each.kind), is_within, each.text.casefold()

        found.sort(key=place)
        return tuple([*found, *numerals][:limit])

    def _words(self, before: str, typed: str) -> tuple[list[Completion], list[Completion]]:
        """Completions of the last word: words with a meaning, numerals only if room is left."""
        most = _MOST["word"]
        shown: set[str] = set()
        words: list[str] = []
        numerals: list[str] = []
        for lemma in self._reader.complete("word", typed, _TRIED):
            spelling = self._spelling(lemma.value)
            if spelling is None or spelling in shown:
                continue
            shown.add(spelling)
            (numerals if self._is_numeral(spelling) else words).append(spelling)
            if len(words) == most:
                break
        left = most - len(words)
        return self._counted(before, words), self._counted(before, numerals[:left])

    def _counted(self, before: str, spellings: Iterable[str]) -> list[Completion]:
        """Those of ``spellings`` that have matches together with the words before."""
        counted = ((each, self._count(before + each, SearchRequest())) for each in spellings)
        return [
            Completion(before + each, "word", count, len(before))
            for each, count in counted
            if count
        ]

    def _is_numeral(self, spelling: str) -> bool:
        """True for a number in letters: frequent in every text, and never searched for."""
        readings = self._analyzer.readings(spelling)
        own = {each.pos for each in readings if each.lemma == spelling}
        if any(each.pos in _NUMERALS for each in readings if each.lemma != spelling):
            return True  # a form of one: „ühe“
        return bool(own & _NUMERALS) and own <= _NUMERALS | _EMPTY_KINDS

    def _names(self, text: str) -> Iterator[Completion]:
        """Organisations that continue the last words typed, titles that continue all of them."""
        starts = [match.start() for match in _WORD_START.finditer(text)]
        first, starts = starts[:1], starts[-_TAIL_WORDS:]
        kinds: tuple[CompletionKind, ...] = ("organisation", "title")
        for kind in kinds:
            shown: set[str] = set()
            for start in starts if kind == "organisation" else first:
                before, tail = text[:start], " ".join(text[start:].split())
                for each in self._reader.complete(kind, tail, _MOST[kind]):
                    if each.value in shown or len(shown) == _MOST[kind]:
                        continue
                    shown.add(each.value)
                    count = each.count
                    if kind == "organisation" and before.strip():
                        chosen = SearchRequest(org=FacetFilter((each.value,)))
                        count = self._count(before, chosen)
                    if count:
                        yield Completion(before + each.value, kind, count, start)
                if kind == "organisation":
                    yield from self._other_names(before, tail, shown)

    def _other_names(self, before: str, tail: str, shown: set[str]) -> Iterator[Completion]:
        """Organisations that are not yet ``shown`` and have another name that ``tail`` begins."""
        for other, name in self._others.beginning(tail):
            if len(shown) == _MOST["organisation"]:
                return
            if name not in shown:
                shown.add(name)
                count = self._count(before, SearchRequest(org=FacetFilter((name,))))
                if count:
                    yield Completion(before + name, "organisation", count, len(before), other)

    def _spelling(self, lemma: str) -> str | None:
        """Usual spelling of ``lemma`` in the texts, None if it should not be shown.

        It must stand as such in some text or be a word of the lexicon, and must not be a form of
        another word there: what the morphology only guesses may be no lemma at all. Nor may all
        that was read so be a commoner word in other texts: „Kõlalaid“ is no form of *Kõlalai*.
        """
        if lemma != lemma.lower():
            return lemma  # an acronym
        if sum(map(str.isalpha, lemma)) < _SHORTEST or lemma in _EMPTY_WORDS:
            return None
        is_known = self._analyzer.is_known(lemma)
        readings = self._analyzer.readings(lemma)
        own = {each.pos for each in readings if each.lemma.lower() == lemma}
        if is_known and own <= _EMPTY_KINDS:
            return None
        within, first = self._forms(lemma)
        spelling = self._as_written(lemma, is_known, within, first)
        if spelling == lemma and not is_known and any(each.lemma != lemma for each in readings):
            return None
        stands = any(self._reader.document_frequencies([term("surface", lemma)]))
        if not stands and self._is_misread(lemma, (*within, *first)):
            return None
        return spelling if stands or is_known or self._analyzer.is_known(spelling) else None

    def _is_misread(self, lemma: str, forms: Iterable[str]) -> bool:
        """True if each of ``forms`` is a word of its own in more articles."""
        words = {form.lower() for form in forms}
        terms = [term("lemma", each) for each in (lemma, *words)]
        articles, *others = self._reader.document_frequencies(terms)
        return bool(others) and min(others) > articles

    def _as_written(
        self, lemma: str, is_known: bool, within: Sequence[str], first: Sequence[str]
    ) -> str:
        """A name with its capitals as in the texts; any other word in lower case.

        ``within`` and ``first`` are its forms within sentences and at their beginning.
        """
        names = [form for form in within if not form[0].islower()]
        if within:
            is_name = len(names) > len(within) * (_ALWAYS if is_known else _MOSTLY)
        else:
            # A capital that only begins a sentence tells nothing.
            is_name = not is_known
            names = [form for form in first if not form[0].islower()]
        if not (is_name and names):
            return lemma
        for form in names:
            for reading in self._analyzer.readings(form):
                if reading.lemma.lower() == lemma and reading.lemma != lemma:
                    return reading.lemma
        return lemma[0].upper() + lemma[1:]

    def _forms(self, lemma: str) -> tuple[list[str], list[str]]:
        """Surface forms of a lemma in some articles: in mid-sentence, and at its start."""
        node = Word(lemma, (Alternative("lemma", lemma),))
        within: list[str] = []
        first: list[str] = []
        keys = self._reader.sample(term("lemma", lemma), _READ)
        listings, places = self._reader.listings(keys), self._reader.occurrences(keys, node)
        for listing, occurrences in zip(listings, places, strict=True):
            texts = {"title": listing.title, "body": listing.text}
            for each in occurrences:
                text = texts[each.field]
                form = text[each.start : each.end]
                if form.isupper() and len(form) > 1:
                    continue  # a title all in capitals
                begins = _SENTENCE_START.search(text[max(each.start - 10, 0) : each.start])
                if form:  # places in a damaged file may be outside of the text
                    (first if begins else within).append(form)
        return within, first
