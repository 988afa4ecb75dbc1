"""Autocomplete: words, organisations and titles of the index that continue a query."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from search.analysis import Analyzer
from search.analysis.folding import fold
from search.analysis.terms import term
from search.article import Listing
from search.engines.contract import CompletionKind, EngineReader, Occurrence
from search.match_counter import Asked
from search.query.ast import Alternative, Word
from search.query.term_statistics import TermStatistics
from search.request import FacetFilter, SearchRequest

_MOST: dict[CompletionKind, int] = {"word": 5, "organisation": 3, "title": 3}
#: Lemmas looked at, and articles read for the spelling of one.
_TRIED = 25
_READ = 4
#: Spellings of so many are looked up in one request: mostly enough are found among them.
_AT_ONCE = 8
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


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A completion, and the query that counts it, None where its count is known."""

    completion: Completion
    counted_by: Asked | None


@dataclass(slots=True)
class _Forms:
    """Collects surface forms of a lemma ``within`` sentences, and at their beginning."""

    within: list[str]
    first: list[str]

    def add(self, listing: Listing, occurrences: Iterable[Occurrence]) -> None:
        """Adds those that occur in an article."""
        texts = {"title": listing.title, "body": listing.text}
        for each in occurrences:
            text = texts[each.field]
            form = text[each.start : each.end]
            if form.isupper() and len(form) > 1:
                continue  # a title all in capitals
            begins = _SENTENCE_START.search(text[max(each.start - 10, 0) : each.start])
            if form:  # places in a damaged file may be outside of the text
                (self.first if begins else self.within).append(form)


class Autocompleter:
    """Completes the end of a text from one state of the index.

    ``others`` are other names of organisations; ``counts`` says of several queries at once how many
    articles each finds in full, nothing where it cannot be answered.
    """

    def __init__(
        self,
        reader: EngineReader,
        analyzer: Analyzer,
        others: OtherNameIndex,
        counts: Callable[[Sequence[Asked]], Sequence[int | None]],
    ) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._others = others
        self._counts = counts

    def complete(self, text: str, limit: int) -> tuple[Completion, ...]:
        """At most ``limit`` completions, a few of each kind, with most articles first."""
        typed = _TYPED.search(text)
        if typed is None:
            return ()
        words, numerals = self._words(text[: typed.start()], typed.group())
        counted = self._counted([*words, *self._names(text), *numerals])
        least = {each.completion.text for each in numerals}
        last = [each for each in counted if each.kind == "word" and each.text in least]
        found = [each for each in counted if each not in last]
        kinds, begin = list(_MOST), _key(text).strip()

        def place(each: Completion) -> tuple[int, int, bool, str]:
            is_within = each.kind == "title" and not _key(each.text).startswith(begin)
            return -each.count, kinds.index(each.kind), is_within, each.text.casefold()

        found.sort(key=place)
        return tuple([*found, *last][:limit])

    def _words(self, before: str, typed: str) -> tuple[list[_Candidate], list[_Candidate]]:
        """Completions of the last word: words with a meaning, numerals only if room is left."""
        most = _MOST["word"]
        statistics = TermStatistics(self._reader)
        lemmas = (each.value for each in self._reader.complete("word", typed, _TRIED))
        tried = [each for each in lemmas if self._has_meaning(each)]
        words: dict[str, None] = {}
        numerals: dict[str, None] = {}
        for start in range(0, len(tried), _AT_ONCE):
            for spelling in self._spellings(tried[start : start + _AT_ONCE], statistics):
                if len(words) < most:
                    (numerals if self._is_numeral(spelling) else words)[spelling] = None
            if len(words) == most:
                break

        def candidate(spelling: str) -> _Candidate:
            completed = before + spelling
            completion = Completion(completed, "word", 0, len(before))
            return _Candidate(completion, (completed, SearchRequest()))

        left = most - len(words)
        return list(map(candidate, words)), list(map(candidate, [*numerals][:left]))

    def _counted(self, candidates: Sequence[_Candidate]) -> list[Completion]:
        """Those of ``candidates`` that find something."""
        asked = [each.counted_by for each in candidates if each.counted_by]
        counts = iter(self._counts(asked) if asked else ())
        completions = (
            replace(each.completion, count=next(counts) or 0)
            if each.counted_by
            else each.completion
            for each in candidates
        )
        return [each for each in completions if each.count]

    def _is_numeral(self, spelling: str) -> bool:
        """True for a number in letters: frequent in every text, and never searched for."""
        readings = self._analyzer.readings(spelling)
        own = {each.pos for each in readings if each.lemma == spelling}
        if any(each.pos in _NUMERALS for each in readings if each.lemma != spelling):
            return True  # a form of one: „ühe“
        return bool(own & _NUMERALS) and own <= _NUMERALS | _EMPTY_KINDS

    def _names(self, text: str) -> Iterator[_Candidate]:
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
                    completion = Completion(before + each.value, kind, each.count, start)
                    is_more = kind == "organisation" and before.strip()
                    chosen = SearchRequest(org=FacetFilter((each.value,)))
                    yield _Candidate(completion, (before, chosen) if is_more else None)
                if kind == "organisation":
                    yield from self._other_names(before, tail, shown)

    def _other_names(self, before: str, tail: str, shown: set[str]) -> Iterator[_Candidate]:
        """Organisations that are not yet ``shown`` and have another name that ``tail`` begins."""
        for other, name in self._others.beginning(tail):
            if len(shown) == _MOST["organisation"]:
                return
            if name not in shown:
                shown.add(name)
                completion = Completion(before + name, "organisation", 0, len(before), other)
                yield _Candidate(completion, (before, SearchRequest(org=FacetFilter((name,)))))

    def _has_meaning(self, lemma: str) -> bool:
        """False for what is too short, and for words that nobody looks for."""
        if _is_acronym(lemma):
            return True
        if sum(map(str.isalpha, lemma)) < _SHORTEST or lemma in _EMPTY_WORDS:
            return False
        readings = self._analyzer.readings(lemma)
        own = {each.pos for each in readings if each.lemma.lower() == lemma}
        return not (self._analyzer.is_known(lemma) and own <= _EMPTY_KINDS)

    def _spellings(self, lemmas: Sequence[str], statistics: TermStatistics) -> list[str]:
        """Usual spellings of ``lemmas`` in the texts, of those that should be shown.

        A lemma must stand as such in some text or be a word of the lexicon, and must not be a form
        of another word there: what the morphology only guesses may be no lemma at all. Nor may all
        that was read so be a commoner word in other texts: „Kõlalaid“ is no form of *Kõlalai*.
        """
        plain = [each for each in lemmas if not _is_acronym(each)]
        forms = dict(zip(plain, self._forms(plain), strict=True))
        statistics.load(term("surface", each) for each in plain)
        rare = [each for each in plain if not _stands(each, statistics)]
        statistics.load(each for lemma in rare for each in _lemma_terms(lemma, forms[lemma]))
        found = (self._spelling(each, forms.get(each), statistics) for each in lemmas)
        return [each for each in found if each is not None]

    def _spelling(self, lemma: str, forms: _Forms | None, statistics: TermStatistics) -> str | None:
        """Usual spelling of ``lemma``, which has these ``forms`` unless it is an acronym."""
        if forms is None:
            return lemma
        is_known = self._analyzer.is_known(lemma)
        readings = self._analyzer.readings(lemma)
        spelling = self._as_written(lemma, is_known, forms)
        if spelling == lemma and not is_known and any(each.lemma != lemma for each in readings):
            return None
        stands = _stands(lemma, statistics)
        if not stands and _is_misread(lemma, forms, statistics):
            return None
        return spelling if stands or is_known or self._analyzer.is_known(spelling) else None

    def _as_written(self, lemma: str, is_known: bool, forms: _Forms) -> str:
        """A name with its capitals as in the texts; any other word in lower case."""
        names = [form for form in forms.within if not form[0].islower()]
        if forms.within:
            is_name = len(names) > len(forms.within) * (_ALWAYS if is_known else _MOSTLY)
        else:
            # A capital that only begins a sentence tells nothing.
            is_name = not is_known
            names = [form for form in forms.first if not form[0].islower()]
        if not (is_name and names):
            return lemma
        for form in names:
            for reading in self._analyzer.readings(form):
                if reading.lemma.lower() == lemma and reading.lemma != lemma:
                    return reading.lemma
        return lemma[0].upper() + lemma[1:]

    def _forms(self, lemmas: Sequence[str]) -> list[_Forms]:
        """The surface forms of each of ``lemmas`` in some articles."""
        samples = self._reader.samples([(term("lemma", each), _READ) for each in lemmas])
        keys = [key for some in samples for key in some]
        listings = iter(self._reader.listings(keys))
        found = []
        for lemma, some in zip(lemmas, samples, strict=True):
            forms = _Forms([], [])
            node = Word(lemma, (Alternative("lemma", lemma),))
            for occurrences in self._reader.occurrences(some, node):
                forms.add(next(listings), occurrences)
            found.append(forms)
        return found


def _is_acronym(lemma: str) -> bool:
    return lemma != lemma.lower()


def _stands(lemma: str, statistics: TermStatistics) -> bool:
    """True if ``lemma`` stands as such in some text."""
    return statistics.document_frequency(term("surface", lemma)) > 0


def _lemma_terms(lemma: str, forms: _Forms) -> list[str]:
    """The terms of ``lemma`` and of its ``forms``, as if each were a word of its own."""
    words = {form.lower() for form in (*forms.within, *forms.first)}
    return [term("lemma", each) for each in (lemma, *words)]


def _is_misread(lemma: str, forms: _Forms, statistics: TermStatistics) -> bool:
    """True if each of ``forms`` is a word of its own in more articles."""
    articles, *others = map(statistics.document_frequency, _lemma_terms(lemma, forms))
    return bool(others) and min(others) > articles
