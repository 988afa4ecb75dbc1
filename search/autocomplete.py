"""Autocomplete: words, organisations and titles of the index that continue a query."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from search.analysis import Analyzer
from search.analysis.folding import folded_key
from search.analysis.terms import term
from search.article import Listing
from search.engines.contract import CompletionKind, EngineReader, Occurrence
from search.match_counter import FilteredQuery
from search.query.ast import Alternative, Word
from search.query.term_statistics import TermStatistics
from search.request import FacetFilter, SearchRequest

_MOST: dict[CompletionKind, int] = {"word": 5, "organisation": 3, "title": 3}
#: Candidate lemmas, and the articles sampled for the spelling of one.
_MOST_LEMMAS = 25
_SAMPLED = 4
#: Lemmas whose spellings are looked up in one request; the first batch mostly suffices.
_BATCH = 8
_TAIL_WORDS = 6
_TYPED = re.compile(r"\w(?:[\w'’&-]*\w)?[-&]?$")
_WORD_START = re.compile(r"(?<![\w'’&-])\w")
_SENTENCE_START = re.compile(r"(?:^|[.!?:…\n])[\s„“”\"'«»(–—-]*$")
#: Conjunctions, pronouns, adpositions and adverbs are no content words.
_FUNCTION_POS = frozenset("JPKD")
_NUMERAL_POS = frozenset("NO")
_FUNCTION_LEMMAS = frozenset({"ei", "olema"})
_SHORTEST = 3
#: Share of capitals above which a lemma is a name: if the lexicon has it as a common word, too
#: („Eesti“, „Klaster“), and if not.
_KNOWN_CAPITALS, _UNKNOWN_CAPITALS = 0.9, 0.5


class OtherNameIndex:
    """Prefix index of the words of organisations' other names.

    ``others`` maps each to the shown name.
    """

    def __init__(self, others: Mapping[str, str]) -> None:
        self._entries = sorted(
            (folded_key(other[word.start() :]), other, name)
            for other, name in others.items()
            for word in _WORD_START.finditer(other)
        )

    def beginning(self, text: str) -> Iterator[tuple[str, str]]:
        """Other names any word of which begins with ``text``, each with the shown name."""
        begin = folded_key(text)
        at = bisect_left(self._entries, (begin,))
        for key, other, name in islice(self._entries, at, None):
            if not key.startswith(begin):
                return
            yield other, name


@dataclass(frozen=True, slots=True)
class Completion:
    """A completed query ``text`` and its number of full matches.

    For an organisation ``count`` is that of the facet, for a title the articles with it. ``start``
    is where in ``text`` the word, name or title begins. ``known_as`` is the other name of an
    organisation that was typed, empty if it is the shown one.
    """

    text: str
    kind: CompletionKind
    count: int
    start: int = 0
    known_as: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A completion, and the query that counts it, None if its count is known."""

    completion: Completion
    counted_by: FilteredQuery | None


@dataclass(slots=True)
class _Forms:
    """Surface forms of a lemma ``within`` sentences, and those that begin one."""

    within: list[str]
    first: list[str]

    def add(self, listing: Listing, occurrences: Iterable[Occurrence]) -> None:
        """Adds the forms at ``occurrences`` in an article."""
        texts = {"title": listing.title, "body": listing.text}
        for each in occurrences:
            text = texts[each.field]
            form = text[each.start : each.end]
            if form.isupper() and len(form) > 1:
                continue  # part of a title in capitals
            begins = _SENTENCE_START.search(text[max(each.start - 10, 0) : each.start])
            if form:  # offsets of a damaged file may be outside of the text
                (self.first if begins else self.within).append(form)


class Autocompleter:
    """Completes the end of a text from one state of the index.

    ``others`` are other names of organisations; ``counts`` gives the full matches of queries in one
    batch, None for one that is too broad.
    """

    def __init__(
        self,
        reader: EngineReader,
        analyzer: Analyzer,
        others: OtherNameIndex,
        counts: Callable[[Sequence[FilteredQuery]], Sequence[int | None]],
    ) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._others = others
        self._counts = counts

    def complete(self, text: str, limit: int) -> tuple[Completion, ...]:
        """At most ``limit`` completions, a few of each kind, those of most articles first."""
        typed = _TYPED.search(text)
        if typed is None:
            return ()
        words, numerals = self._words(text[: typed.start()], typed.group())
        counted = self._counted([*words, *self._names(text), *numerals])
        texts = {each.completion.text for each in numerals}
        last = [each for each in counted if each.kind == "word" and each.text in texts]
        found = [each for each in counted if each not in last]
        kinds, begin = list(_MOST), folded_key(text).strip()

        def sort_key(each: Completion) -> tuple[int, int, bool, str]:
            is_within = each.kind == "title" and not folded_key(each.text).startswith(begin)
            return -each.count, kinds.index(each.kind), is_within, each.text.casefold()

        found.sort(key=sort_key)
        return tuple([*found, *last][:limit])

    def _words(self, before: str, typed: str) -> tuple[list[_Candidate], list[_Candidate]]:
        """Completions of the last word: content words, and numerals if there is room left."""
        most = _MOST["word"]
        statistics = TermStatistics(self._reader)
        lemmas = (each.value for each in self._reader.complete("word", typed, _MOST_LEMMAS))
        candidates = [each for each in lemmas if self._is_content_word(each)]
        words: dict[str, None] = {}
        numerals: dict[str, None] = {}
        for start in range(0, len(candidates), _BATCH):
            for spelling in self._spellings(candidates[start : start + _BATCH], statistics):
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
        """``candidates`` with their counts, without those of no matches."""
        queries = [each.counted_by for each in candidates if each.counted_by]
        counts = iter(self._counts(queries) if queries else ())
        completions = (
            replace(each.completion, count=next(counts) or 0)
            if each.counted_by
            else each.completion
            for each in candidates
        )
        return [each for each in completions if each.count]

    def _is_numeral(self, spelling: str) -> bool:
        """True for a number in letters, frequent in every text and hardly searched for."""
        readings = self._analyzer.readings(spelling)
        own = {each.pos for each in readings if each.lemma == spelling}
        if any(each.pos in _NUMERAL_POS for each in readings if each.lemma != spelling):
            return True  # a form of one: „ühe“
        return bool(own & _NUMERAL_POS) and own <= _NUMERAL_POS | _FUNCTION_POS

    def _names(self, text: str) -> Iterator[_Candidate]:
        """Organisations that complete the last typed words, titles that complete all of them."""
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
                    is_filter = kind == "organisation" and before.strip()
                    counted_by = (before, _filtered_by(each.value)) if is_filter else None
                    yield _Candidate(completion, counted_by)
                if kind == "organisation":
                    yield from self._other_names(before, tail, shown)

    def _other_names(self, before: str, tail: str, shown: set[str]) -> Iterator[_Candidate]:
        """Organisations with another name that ``tail`` begins, without those already ``shown``."""
        for other, name in self._others.beginning(tail):
            if len(shown) == _MOST["organisation"]:
                return
            if name not in shown:
                shown.add(name)
                completion = Completion(before + name, "organisation", 0, len(before), other)
                yield _Candidate(completion, (before, _filtered_by(name)))

    def _is_content_word(self, lemma: str) -> bool:
        """False for function words and for what is too short."""
        if _is_acronym(lemma):
            return True
        if sum(map(str.isalpha, lemma)) < _SHORTEST or lemma in _FUNCTION_LEMMAS:
            return False
        readings = self._analyzer.readings(lemma)
        own = {each.pos for each in readings if each.lemma.lower() == lemma}
        return not (self._analyzer.is_known(lemma) and own <= _FUNCTION_POS)

    def _spellings(self, lemmas: Sequence[str], statistics: TermStatistics) -> list[str]:
        """Usual spellings of ``lemmas`` in the texts, without lemmas that are doubtful guesses.

        A lemma is doubtful if no text has it as such and the lexicon does not know it, or has it as
        a form of another word; or if all its forms are more frequent words by themselves:
        „Kõlalaid“ is no form of *Kõlalai*.
        """
        plain = [each for each in lemmas if not _is_acronym(each)]
        forms = dict(zip(plain, self._forms(plain), strict=True))
        statistics.load(term("surface", each) for each in plain)
        unattested = [each for each in plain if not _is_attested(each, statistics)]
        statistics.load(each for lemma in unattested for each in _lemma_terms(lemma, forms[lemma]))
        found = (self._spelling(each, forms.get(each), statistics) for each in lemmas)
        return [each for each in found if each is not None]

    def _spelling(self, lemma: str, forms: _Forms | None, statistics: TermStatistics) -> str | None:
        """Usual spelling of ``lemma`` by its ``forms``, None for a doubtful one.

        An acronym has no ``forms``.
        """
        if forms is None:
            return lemma
        is_known = self._analyzer.is_known(lemma)
        readings = self._analyzer.readings(lemma)
        spelling = self._truecased(lemma, is_known, forms)
        if spelling == lemma and not is_known and any(each.lemma != lemma for each in readings):
            return None
        is_attested = _is_attested(lemma, statistics)
        if not is_attested and _is_misread(lemma, forms, statistics):
            return None
        return spelling if is_attested or is_known or self._analyzer.is_known(spelling) else None

    def _truecased(self, lemma: str, is_known: bool, forms: _Forms) -> str:
        """``lemma`` with the capitals of a name if texts write it so, else in lower case."""
        names = [form for form in forms.within if not form[0].islower()]
        if forms.within:
            is_name = len(names) > len(forms.within) * (
                _KNOWN_CAPITALS if is_known else _UNKNOWN_CAPITALS
            )
        else:
            # Every form begins a sentence, so that capitals decide nothing.
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
        """The surface forms of each of ``lemmas`` in a sample of articles."""
        samples = self._reader.samples([(term("lemma", each), _SAMPLED) for each in lemmas])
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


def _filtered_by(organisation: str) -> SearchRequest:
    return SearchRequest(org=FacetFilter((organisation,)))


def _is_attested(lemma: str, statistics: TermStatistics) -> bool:
    """True if ``lemma`` is a surface form of some text."""
    return statistics.document_frequency(term("surface", lemma)) > 0


def _lemma_terms(lemma: str, forms: _Forms) -> list[str]:
    """The lemma terms of ``lemma`` and of its ``forms``, as if each were a lemma."""
    words = {form.lower() for form in (*forms.within, *forms.first)}
    return [term("lemma", each) for each in (lemma, *words)]


def _is_misread(lemma: str, forms: _Forms, statistics: TermStatistics) -> bool:
    """True if each of ``forms`` is a lemma of more articles than ``lemma``."""
    frequency, *others = map(statistics.document_frequency, _lemma_terms(lemma, forms))
    return bool(others) and min(others) > frequency
