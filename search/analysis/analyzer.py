"""The Estonian analyzer: from a word form to the terms it is indexed and searched by.

One object serves indexing and queries, so both sides agree on every form.
"""

import re
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from search.analysis.acronyms import acronym_base
from search.analysis.compounds import MIN_PART_LENGTH, inner_runs, last_run, pieces_of
from search.analysis.elliptic import completing, full_lemmas, inner_runs_of
from search.analysis.sentences import sentence_spans
from search.analysis.stems import stem
from search.analysis.terms import AnalysedToken, FormTerms, QueryWord
from search.analysis.tokens import LONGEST_WORD, Token, is_number, number_term, tokenize
from search.analysis.vabamorf import Reading

#: Raised whenever the same text would give other terms; the index's fingerprint holds it.
ANALYZER_VERSION = 5
ESTONIAN = "et"
_CACHE_LIMIT = 150_000
#: No one writes such a sentence; the disambiguator's time grows faster than its length.
_LONGEST = 200
_MAX_ACRONYM = 5
_MAX_SPELLED = 40
_MAX_SPELLED_WITH_HYPHEN = 25
_MAX_SPELLINGS = 20_000
_NAME = "H"
_CONJUNCTION = "J"
_OPENING = frozenset('„“”"«»(:–')
_MARK = re.compile(r"[^\w\s]")
# The first piece of a compound stands in one of these forms: genitive, nominative, or uninflected.
_FIRST_PIECE_FORMS = frozenset({"sg g", "pl g", "sg n", ""})
_NOMINAL = frozenset("SAHNPCOUGD")


class Morphology(Protocol):
    """What the analyzer needs of :class:`search.analysis.vabamorf.Vabamorf`."""

    def readings(
        self, words: Iterable[str], *, guess: bool = True, names: bool = True
    ) -> list[tuple[Reading, ...]]: ...

    def in_context(
        self, sentence: Sequence[str], asked: Collection[int] | None = None
    ) -> list[tuple[Reading, ...]]: ...

    def spelling(self, word: str) -> tuple[str, ...]: ...


class Analyzer:
    """Turns texts and query words into terms. Safe for several threads."""

    def __init__(self, morphology: Morphology) -> None:
        self._morphology = morphology
        self._lock = threading.RLock()
        self._readings: dict[str, tuple[Reading, ...]] = {}
        self._terms: dict[tuple[str, frozenset[str]], FormTerms] = {}
        self._pieces: dict[str, tuple[str, ...]] = {}
        self._certain: dict[str, tuple[Reading, ...]] = {}
        self._unsure: dict[str, bool] = {}
        self._spellings: dict[str, tuple[str, ...]] = {}

    def analyse(self, text: str, language: str = ESTONIAN) -> list[AnalysedToken]:
        """The tokens of ``text`` with their terms. Only Estonian goes through the morphology."""
        tokens = list(tokenize(text))
        if language != ESTONIAN:
            return [AnalysedToken(each, _foreign(each, language)) for each in tokens]
        shouted = _is_shouted(tokens)
        forms = [each.text.lower() if shouted else each.text for each in tokens]
        self.warm(form for form, each in zip(forms, tokens, strict=True) if each.kind == "word")
        likely = self._in_context(text, tokens, forms)
        found = [
            self.terms(form, lemmas) if each.kind == "word" else _plain(form)
            for form, each, lemmas in zip(forms, tokens, likely, strict=True)
        ]
        for i, each in enumerate(tokens):
            if each.kind == "word" and "-" in forms[i]:
                found[i] = found[i].also(self.written_together(forms[i]))
            if each.elliptic:
                found[i] = self._completed(text, tokens, i, forms[i], found[i])
        return [AnalysedToken(each, terms) for each, terms in zip(tokens, found, strict=True)]

    def warm(self, forms: Iterable[str]) -> None:
        """Analyse new forms in one call of the morphology; single calls cost far more."""
        with self._lock:
            new = [each for each in dict.fromkeys(forms) if each not in self._readings]
            if len(self._readings) + len(new) > _CACHE_LIMIT:
                self._readings.clear()
                self._terms.clear()
                self._pieces.clear()
                self._certain.clear()
                self._unsure.clear()
            certain = self._morphology.readings(new, guess=False, names=False)
            self._certain.update(zip(new, certain, strict=True))
            # To a word of the lexicon in lower case, guessing and names add nothing.
            known = {form for form in new if self._certain[form] and _is_low(form)}
            self._readings.update((form, self._certain[form]) for form in known)
            others = [form for form in new if form not in known]
            self._readings.update(zip(others, self._morphology.readings(others), strict=True))

    def warm_words(self, words: Iterable[str]) -> None:
        """Analyse new words of a query in one call, before :meth:`query_word` asks for each."""
        self.warm(each for each in words if not is_number(each) and len(each) <= LONGEST_WORD)

    def readings(self, form: str) -> tuple[Reading, ...]:
        """All readings of ``form`` out of context, cached."""
        known = self._readings.get(form)
        if known is None:
            self.warm([form])
            known = self._readings[form]
        return known

    def terms(self, form: str, likely: frozenset[str] = frozenset()) -> FormTerms:
        """The terms of ``form``, cached.

        ``likely`` are the lemmas that its context leaves; without any, all readings are likely.
        """
        known = self._terms.get((form, likely))
        if known is None:
            with self._lock:
                known = self._terms[form, likely] = self._build_terms(form, likely)
        return known

    def query_word(self, word: str) -> QueryWord:
        """The terms by which ``word`` is searched: a typed lemma first, then its other readings."""
        if is_number(word):
            return QueryWord(word, (number_term(word),), number_term(word))
        if len(word) > LONGEST_WORD:
            return QueryWord(word, (word.lower(),), word.lower())  # as a text with it is indexed
        terms = self.terms(word)
        typed = word.lower()
        # A capital may only begin a headline: „Mobiilsed“ is guessed to be a name, too.
        ordinary = {_fold(each.lemma) for each in self.readings(word) if each.pos != _NAME}
        is_lemma = typed in ordinary or not ordinary
        lemmas = sorted(terms.lemmas, key=lambda each: (each != typed) == is_lemma)
        is_short = word.islower() and len(word) <= _MAX_ACRONYM
        if is_short and (not self.is_known(word) or not word.isalpha()):
            # Nobody presses shift for every acronym: ``ttü`` means TTÜ unless it is a word.
            acronym = acronym_base(word.upper())
            lemmas += [acronym] if acronym else []
        return QueryWord(word, tuple(lemmas), terms.surface, terms.parts)

    def is_conjunction(self, form: str) -> bool:
        """Does ``form`` only join others, whatever it is read as? *ja*, *ning*, *ega* do."""
        readings = self.readings(form)
        return bool(readings) and all(each.pos == _CONJUNCTION for each in readings)

    def is_known(self, form: str) -> bool:
        """Does the lexicon hold ``form``, without guessing?"""
        return bool(self.certain(form))

    def certain(self, form: str) -> tuple[Reading, ...]:
        """The readings of ``form`` that the lexicon holds, its compounds among them; cached."""
        if len(form) > LONGEST_WORD:
            return ()
        known = self._certain.get(form)
        if known is None:
            with self._lock:
                known = self._morphology.readings([form], guess=False, names=False)[0]
                self._certain[form] = known
        return known

    def look_up(self, forms: Iterable[str]) -> None:
        """Ask the lexicon about new forms in one call, before :meth:`certain` is asked for each."""
        with self._lock:
            new = [
                each
                for each in dict.fromkeys(forms)
                if each not in self._certain and len(each) <= LONGEST_WORD
            ]
            if len(self._certain) + len(new) > _CACHE_LIMIT:
                self._certain.clear()
            certain = self._morphology.readings(new, guess=False, names=False)
            self._certain.update(zip(new, certain, strict=True))

    def written_together(self, form: str) -> tuple[str, ...]:
        """Lemmas of a word with a hyphen as they are without it: *rohe-majanduse*, *rohemajandus*.

        Not of names, acronyms or *e-tervis*, where the hyphen belongs to the word.
        """
        joined: dict[str, None] = {}
        for reading in self.certain(form) if "-" in form and acronym_base(form) is None else ():
            pieces = reading.lemma.split("-")
            if reading.pos != _NAME and all(len(e) > 1 and e.islower() for e in pieces):
                whole = "".join(pieces)
                if any(len(each.parts) > 1 for each in self.certain(whole)):
                    joined[whole] = None
        return tuple(joined)

    def _completed(
        self, text: str, tokens: Sequence[Token], at: int, form: str, terms: FormTerms
    ) -> FormTerms:
        """``terms`` of the elliptic token ``at`` with those of the compounds it is short for."""
        if form.isdigit():
            return terms
        _, compounds = completing(text, tokens, at, self.certain)
        full = dict.fromkeys(
            _fold(each) for one in compounds for each in full_lemmas(form, one, self.certain)
        )
        runs = (run for one in compounds for run in inner_runs_of(form, one, self.certain))
        inner = [_fold(lemma) for run in dict.fromkeys(runs) for lemma in self._piece_lemmas(run)]
        return terms.also(full, inner)

    def spelling(self, word: str) -> tuple[str, ...]:
        """Other spellings of a misspelt word, likeliest first; cached, for the speller is slow."""
        if len(word) > (_MAX_SPELLED_WITH_HYPHEN if "-" in word else _MAX_SPELLED):
            return ()  # the speller's time grows with the square of the length, and with hyphens
        known = self._spellings.get(word)
        if known is None:
            with self._lock:
                if len(self._spellings) >= _MAX_SPELLINGS:
                    self._spellings.clear()
                known = self._spellings[word] = self._morphology.spelling(word)
        return known

    def _in_context(
        self, text: str, tokens: Sequence[Token], forms: Sequence[str]
    ) -> list[frozenset[str]]:
        """For each token the lemmas its sentence leaves, empty where there is nothing to choose."""
        likely: list[frozenset[str]] = [frozenset()] * len(tokens)
        spans: list[range] = []
        first = 0
        for _, end in sentence_spans(text):
            last = first
            while last < len(tokens) and tokens[last].start < end:
                last += 1
            spans += [range(at, min(at + _LONGEST, last)) for at in range(first, last, _LONGEST)]
            first = last
        for span in spans:
            unsure = [i for i in span if tokens[i].kind == "word" and self._is_unsure(forms[i])]
            if not unsure:
                continue
            words, places = _with_punctuation(text, tokens, forms, span)
            for place in _after_a_full_stop(words):
                # A capital there says nothing: „Klaasist“ would be guessed to be a name.
                if words[place].istitle() and self.is_known(words[place].lower()):
                    words[place] = words[place].lower()
            # A choice among guesses is no better than they.
            asked = {i: at for i in unsure if self.is_known(words[at := places[i - span.start]])}
            for i, left in self._left(words, asked).items():
                likely[i] = frozenset(_fold(each.lemma) for each in left)
        return likely

    def _left(
        self, words: Sequence[str], asked: Mapping[int, int]
    ) -> dict[int, tuple[Reading, ...]]:
        """The readings that a sentence leaves of its words at the places ``asked``, by token."""
        found: dict[int, tuple[Reading, ...]] = {}
        for i, place in asked.items():
            if not self._is_unsure(words[place]):
                found[i] = self.readings(words[place])  # sure without its capital
        open_places = {place: i for i, place in asked.items() if i not in found}
        if not open_places:
            return found
        with self._lock:
            in_context = self._morphology.in_context(words, open_places)
        for place, i in open_places.items():
            found[i] = in_context[place]
            if all(each.pos == _NAME for each in found[i]):
                # Of „Kagu-Eestist“ the context may leave a name that nothing has.
                found[i] += self.certain(words[place])
        return found

    def _is_unsure(self, form: str) -> bool:
        """Has ``form`` several lemmas to choose from?"""
        known = self._unsure.get(form)
        if known is None:
            if acronym_base(form) is not None:
                known = False
            elif form.isupper() and form.lower() != form:
                known = self._is_unsure(form.lower())
            else:
                known = len({_fold(each.lemma) for each in self.readings(form)}) > 1
            self._unsure[form] = known
        return known

    def _build_terms(self, form: str, likely: frozenset[str]) -> FormTerms:
        acronym = acronym_base(form)
        if acronym is not None:
            return FormTerms(surface=form, lemmas=(acronym,))
        if form.isupper() and form.lower() != form:
            return self.terms(form.lower(), likely)
        readings = self.readings(form)
        surface = form.lower()
        plausible = dict.fromkeys(_fold(each.lemma) for each in readings) or {surface: None}
        lemmas = {each: None for each in plausible if each in likely} or plausible
        readings = tuple(each for each in readings if _fold(each.lemma) in lemmas)
        # Guessed as names, ordinary words fall apart in odd places: „Kl-aster“.
        ordinary = [each for each in readings if each.pos != _NAME] or readings
        parts = dict.fromkeys(part for each in ordinary for part in self._parts(each))
        return FormTerms(
            surface,
            tuple(lemmas),
            tuple(each for each in parts if each not in lemmas),
            tuple(each for each in plausible if each not in lemmas),
        )

    def _parts(self, reading: Reading) -> Iterator[str]:
        pieces = pieces_of(reading.parts)
        for start, end in inner_runs(pieces):
            run = "".join(pieces[start:end])
            if end == len(pieces):
                lemmas = [last_run(reading.lemma, pieces[:start], run)]
            else:
                lemmas = list(self._piece_lemmas(run))
            for lemma in lemmas:
                if len(lemma) >= MIN_PART_LENGTH or acronym_base(lemma):
                    yield lemma if acronym_base(lemma) else _fold(lemma)

    def _piece_lemmas(self, piece: str) -> tuple[str, ...]:
        """Lemmas of a non-final piece: ``puidu`` → ``puit``, ``jäätme`` → ``jäätmed``."""
        known = self._pieces.get(piece)
        if known is not None:
            return known
        acronym = acronym_base(piece)
        if acronym is not None or piece.isdigit():
            lemmas: Sequence[str] = [acronym or piece]
        else:
            plural = piece + "d"
            lemmas = [
                each.lemma
                for each in self.certain(piece)
                if each.pos in _NOMINAL and each.form in _FIRST_PIECE_FORMS
            ] or [each.lemma for each in self.certain(plural) if each.lemma == plural]
            lemmas = list(dict.fromkeys(lemmas)) or [piece]
        self._pieces[piece] = tuple(lemmas)
        return self._pieces[piece]


def _with_punctuation(
    text: str, tokens: Sequence[Token], forms: Sequence[str], span: range
) -> tuple[list[str], list[int]]:
    """The words of a sentence with its punctuation marks, and where the words stand among them."""
    words: list[str] = []
    places: list[int] = []
    before = tokens[span.start].start
    for i in span:
        words += _MARK.findall(text, before, tokens[i].start)
        places.append(len(words))
        words.append(forms[i])
        before = tokens[i].end
    words.append(".")
    return words, places


def _after_a_full_stop(words: Sequence[str]) -> Iterator[int]:
    """Where a sentence, or what is quoted in it, begins."""
    for i, word in enumerate(words):
        if word[0].isalnum() and (i == 0 or words[i - 1] in _OPENING):
            yield i


def _is_low(form: str) -> bool:
    return form[0] == form[0].lower()


def _fold(lemma: str) -> str:
    return lemma.lower().replace("\u2010", "-").replace("\u2011", "-")


def _foreign(token: Token, language: str) -> FormTerms:
    """Terms of a word of another language: itself, found by an Estonian name's lemma, too."""
    if token.kind != "word":
        return _plain(token.text)
    acronym = acronym_base(token.text)
    if acronym:
        return FormTerms(token.text, (acronym,))
    form = token.text.lower()
    return FormTerms(form, (form,), stems=tuple(stem(form, language)))


def _plain(form: str) -> FormTerms:
    """Numbers and pieces of addresses mean what is written."""
    term = number_term(form) if is_number(form) else form.lower()
    return FormTerms(surface=term, lemmas=(term,))


def _is_shouted(tokens: Sequence[Token]) -> bool:
    """A headline all in capitals, whose words are no acronyms."""
    words = [each.text for each in tokens if each.kind == "word" and len(each.text) > 1]
    return len(words) >= 3 and sum(word.isupper() for word in words) * 10 >= len(words) * 8
