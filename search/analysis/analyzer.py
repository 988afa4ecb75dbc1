"""Estonian analyzer: turns texts and query words into index terms.

One object serves indexing and queries, so both sides agree on every form. Analyses of forms are
cached, as most words of a text occur in others, too.
"""

import re
import threading
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Protocol, cast

from search.analysis.acronyms import acronym_base
from search.analysis.compounds import (
    MIN_PART_LENGTH,
    completed_inner_runs,
    completed_lemmas,
    completing_compound,
    inner_runs,
    last_run,
    pieces_of,
)
from search.analysis.decapitalisation import (
    Decapitalised,
    decapitalised,
    is_all_caps,
    may_be_capitals,
)
from search.analysis.derivation import Relative, is_confirmed, relatives_of, words_to_confirm
from search.analysis.language import ESTONIAN, foreign_places
from search.analysis.morphology import PROPER_NOUN, Reading
from search.analysis.stemming import stem
from search.analysis.terms import AnalysedToken, FormTerms, QueryWord
from search.analysis.tokenizer import (
    LONGEST_WORD,
    Token,
    is_number,
    number_term,
    sentence_spans,
    tokenize,
)
from search.bounded_cache import BoundedCache
from search.normalisation import BLANKS

#: Raised whenever the same text gives different terms; part of the index's fingerprint.
ANALYZER_VERSION = 7
#: Size of all caches in bytes; a large one makes indexing faster.
MOST_BYTES = 200_000_000
#: Shares of that, and measured bytes of an entry, and of each relative in it.
_FORMS, _FORM_BYTES = 0.7, 900
_LEXICON, _CERTAIN_BYTES = 0.15, 200
_RELATIVES, _RELATIVES_BYTES, _RELATIVE_BYTES = 0.08, 200, 250
_SPELLINGS, _SPELLINGS_BYTES = 0.03, 600
_PIECES, _PIECES_BYTES = 0.04, 250
#: Longer sentences are cut: the disambiguator's time grows faster than their length.
_LONGEST = 200
_MAX_ACRONYM = 5
_MAX_SPELLED = 40
_MAX_SPELLED_WITH_HYPHEN = 25
_NOUN = "S"
_CONJUNCTION = "J"
_OPENING = frozenset('„“”"«»(:–')
_START = attrgetter("start")
#: Signs beside numbers, and the lemmas they are read as.
_SIGNS = {"%": "protsent", "€": "euro", "$": "dollar", "£": "nael", "°": "kraad"}
_SIGN_AFTER = re.compile(rf"[{BLANKS}]?([%€$£°])")
_SIGN_BEFORE = re.compile(rf"([€$£])[{BLANKS}]?$")
_MARK = re.compile(r"[^\w\s]")
# The first piece of a compound has one of these forms: genitive, nominative, or uninflected.
_FIRST_PIECE_FORMS = frozenset({"sg g", "pl g", "sg n", ""})
_NOMINAL = frozenset("SAHNPCOUGD")


class Morphology(Protocol):
    """Protocol: the morphological analyzer, :class:`search.analysis.morphology.Vabamorf`."""

    def readings(
        self, words: Iterable[str], *, guess: bool = True, names: bool = True
    ) -> list[tuple[Reading, ...]]: ...

    def in_context(
        self, sentence: Sequence[str], asked: Collection[int] | None = None
    ) -> list[tuple[Reading, ...]]: ...

    def spelling(self, word: str) -> tuple[str, ...]: ...

    def passive_participles(self, verb: str) -> tuple[str, ...]: ...

    def nominal_forms(self, lemma: str, pos: str) -> tuple[str, ...]: ...


class _Form:
    """Cached analysis of a word form; ``ambiguous`` if it has several lemmas.

    ``plain`` are its terms out of context, ``chosen`` its terms by the lemmas left in a context.
    """

    __slots__ = ("ambiguous", "chosen", "plain", "readings")

    def __init__(self, readings: tuple[Reading, ...]) -> None:
        self.readings = readings
        self.ambiguous: bool | None = None
        self.plain: FormTerms | None = None
        self.chosen: dict[frozenset[str], FormTerms] | None = None


class Analyzer:
    """Turns texts and query words into terms. Safe for several threads.

    ``acronyms`` are known ones, such as those of the gazetteer: they stay acronyms in a sentence in
    capitals. The caches take at most about ``most_bytes``, without those of ``morphology``.
    """

    def __init__(
        self,
        morphology: Morphology,
        acronyms: Collection[str] = (),
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._morphology = morphology
        self._acronyms = frozenset(acronyms)
        self._lock = threading.RLock()
        self._forms: BoundedCache[str, _Form] = BoundedCache(
            int(_FORMS * most_bytes), lambda form, _: _FORM_BYTES + len(form)
        )
        self._lexicon_readings: BoundedCache[str, tuple[Reading, ...]] = BoundedCache(
            int(_LEXICON * most_bytes), lambda form, _: _CERTAIN_BYTES + len(form)
        )
        self._pieces: BoundedCache[str, tuple[str, ...]] = BoundedCache(
            int(_PIECES * most_bytes), lambda piece, _: _PIECES_BYTES + len(piece)
        )
        self._spellings: BoundedCache[str, tuple[str, ...]] = BoundedCache(
            int(_SPELLINGS * most_bytes), lambda word, _: _SPELLINGS_BYTES + len(word)
        )
        self._relatives: BoundedCache[str, tuple[Relative, ...]] = BoundedCache(
            int(_RELATIVES * most_bytes),
            lambda _, found: _RELATIVES_BYTES + _RELATIVE_BYTES * len(found),
        )

    def analyse(
        self, text: str, language: str = ESTONIAN, acronyms: Collection[str] = ()
    ) -> list[AnalysedToken]:
        """Tokens of ``text`` with their terms. Only Estonian goes through the morphology.

        ``language`` is that of the article; passages in others are analysed in theirs. ``acronyms``
        are those of the article, which stay acronyms in a sentence in capitals.
        """
        tokens = list(tokenize(text))
        texts = [each.text for each in tokens]
        foreign = foreign_places(text, tokens, texts, language)
        if len(foreign) == len(tokens):
            return [
                AnalysedToken(each, _foreign(each, foreign[i])) for i, each in enumerate(tokens)
            ]
        capitals = (
            self._decapitalised_text(text, tokens, acronyms) if may_be_capitals(texts) else None
        )
        forms = texts if capitals is None else capitals.forms
        words = [i for i, each in enumerate(tokens) if each.kind == "word" and i not in foreign]
        known = self._known([forms[i] for i in words])
        self.warm_lexicon([form for form in known if "-" in form])
        ambiguous = [i for i in words if self._is_ambiguous(forms[i], known[forms[i]])]
        chosen = self._in_context(text, tokens, forms, ambiguous)
        found: list[AnalysedToken] = []
        for i, (token, form) in enumerate(zip(tokens, forms, strict=True)):
            if i in foreign:
                found.append(AnalysedToken(token, _foreign(token, foreign[i])))
                continue
            if token.kind == "number":
                terms = _number(text, token)
            elif token.kind == "address":
                terms = _verbatim(form)
            elif i in chosen:
                terms = chosen[i]
            else:
                terms = known[form].plain or self._undisambiguated_terms(form, known[form])
            if "-" in form and token.kind == "word":
                terms = terms.also(self.dehyphenated(form))
            if token.elliptic:
                terms = self._with_completions(text, tokens, i, form, terms)
            if capitals is not None and i in capitals.doubtful:
                terms = terms.spelt(token.text, is_lemma=i in capitals.unknown)
            found.append(AnalysedToken(token, terms))
        return found

    def decapitalised(
        self, sentence: Sequence[Token], acronyms: Collection[str] = ()
    ) -> Decapitalised | None:
        """Decapitalises a sentence all in capitals; None for any other."""
        if not may_be_capitals([each.text for each in sentence]):
            return None
        if not is_all_caps(sentence, self.lexicon_readings):
            return None
        return decapitalised(sentence, self._acronyms.union(acronyms), self.lexicon_readings)

    def _decapitalised_text(
        self, text: str, tokens: Sequence[Token], acronyms: Collection[str]
    ) -> Decapitalised | None:
        """All ``tokens``, those of sentences all in capitals decapitalised."""
        forms: list[str] = []
        doubtful: set[int] = set()
        unknown: set[int] = set()
        for _, end in sentence_spans(text):
            first = len(forms)
            last = bisect_left(tokens, end, first, key=_START)
            found = self.decapitalised(tokens[first:last], acronyms)
            if found is None:
                forms += (each.text for each in tokens[first:last])
            else:
                forms += found.forms
                doubtful.update(first + i for i in found.doubtful)
                unknown.update(first + i for i in found.unknown)
        return Decapitalised(forms, frozenset(doubtful), frozenset(unknown))

    def warm(self, forms: Iterable[str]) -> None:
        """Analyses new word forms in one batch, because single calls cost far more."""
        self._known(forms)

    def _known(self, forms: Iterable[str]) -> dict[str, _Form]:
        """Cached analyses of ``forms``; new forms go through the morphology in one batch."""
        kept = self._forms
        found = {each: kept.get(each) for each in dict.fromkeys(forms)}
        new = [form for form, each in found.items() if each is None]
        if new:
            with self._lock:
                found.update(self._analyse_forms(new))
        return cast("dict[str, _Form]", found)

    def _analyse_forms(self, new: Sequence[str]) -> dict[str, _Form]:
        low = [form for form in new if form[:1] == form[:1].lower()]
        certain = dict(
            zip(low, self._morphology.readings(low, guess=False, names=False), strict=True)
        )
        self._lexicon_readings.update(certain.items())
        # For a lower-case word of the lexicon, guessing and names add nothing.
        others = [form for form in new if not certain.get(form)]
        readings = certain | dict(zip(others, self._morphology.readings(others), strict=True))
        forms = {form: _Form(each) for form, each in readings.items()}
        self._forms.update(forms.items())
        parts = {each.parts for found in readings.values() for each in found}
        self.warm_lexicon(_inner_pieces(each for each in parts if len(each) > 1))
        return forms

    def warm_words(self, words: Iterable[str]) -> None:
        """Analyses new query words in one batch, before :meth:`query_word` of each."""
        self.warm(each for each in words if not is_number(each) and len(each) <= LONGEST_WORD)

    def readings(self, form: str) -> tuple[Reading, ...]:
        """All readings of ``form`` out of context, cached."""
        return self._form(form).readings

    def _form(self, form: str) -> _Form:
        return self._forms.get(form) or self._known([form])[form]

    def terms(self, form: str) -> FormTerms:
        """The terms of ``form`` out of context, where all readings are likely; cached."""
        known = self._form(form)
        return known.plain or self._undisambiguated_terms(form, known)

    def query_word(self, word: str) -> QueryWord:
        """Search terms of ``word``: the typed form as a lemma first, then its other lemmas."""
        if is_number(word):
            return QueryWord(word, (number_term(word),), number_term(word))
        if len(word) > LONGEST_WORD:
            return QueryWord(word, (word.lower(),), word.lower())  # as a text with it is indexed
        terms = self.terms(word)
        typed = word.lower()
        # The capital may begin a headline: „Mobiilsed“ is guessed to be a name, too.
        ordinary = {each.lemma.lower() for each in self.readings(word) if each.pos != PROPER_NOUN}
        is_lemma = typed in ordinary or not ordinary
        lemmas = sorted(terms.lemmas, key=lambda each: (each != typed) == is_lemma)
        is_short = word.islower() and len(word) <= _MAX_ACRONYM
        if is_short and (not self.is_known(word) or not word.isalpha()):
            # Acronyms are typed in lower case, too: *ttü* is TTÜ unless it is a word.
            acronym = acronym_base(word.upper())
            lemmas += [acronym] if acronym else []
        return QueryWord(word, tuple(lemmas), terms.surface, terms.parts)

    def is_conjunction(self, form: str) -> bool:
        """True if ``form`` can only be a conjunction: *ja*, *ning*, *ega*."""
        readings = self.readings(form)
        return bool(readings) and all(each.pos == _CONJUNCTION for each in readings)

    def may_be_compound(self, form: str) -> bool:
        """False if no reading of ``form``, as it is or in lower case, is a compound."""
        return any(len(each.parts) > 1 for each in self.readings(form))

    def is_known(self, form: str) -> bool:
        """True if the lexicon holds ``form``, without guessing."""
        return bool(self.lexicon_readings(form))

    def lexicon_readings(self, form: str) -> tuple[Reading, ...]:
        """Readings of ``form`` from the lexicon, without guessed ones; cached."""
        if len(form) > LONGEST_WORD:
            return ()
        known = self._lexicon_readings.get(form)
        if known is None:
            with self._lock:
                known = self._morphology.readings([form], guess=False, names=False)[0]
                self._lexicon_readings[form] = known
        return known

    def warm_lexicon(self, forms: Iterable[str]) -> None:
        """Looks up new forms in one batch, before :meth:`lexicon_readings` of each."""
        with self._lock:
            kept = self._lexicon_readings
            new = [each for each in forms if each not in kept and len(each) <= LONGEST_WORD]
            if not new:
                return
            new = list(dict.fromkeys(new))
            found = self._morphology.readings(new, guess=False, names=False)
            self._lexicon_readings.update(zip(new, found, strict=True))

    def relatives(self, lemma: str) -> tuple[Relative, ...]:
        """The derivational family of ``lemma`` as the rules propose it; cached.

        Each is to be confirmed by the lexicon (:meth:`confirmed`).
        """
        known = self._relatives.get(lemma)
        if known is None:
            with self._lock:
                passive = self._morphology.passive_participles
                known = relatives_of(
                    lemma, self.lexicon_readings(lemma), self.lexicon_readings, passive
                )
                self._relatives[lemma] = known
        return known

    def inflected(self, form: str) -> frozenset[str]:
        """Base forms of every nominal that ``form`` may be a form of, prefixes of all others.

        *klastrid* gives *klaster, klastri, klastrit …*; case endings are added to one of these.
        """
        lemmas = {(each.lemma, each.pos) for each in self.readings(form) if each.pos in _NOMINAL}
        with self._lock:
            forms = [self._morphology.nominal_forms(*each) for each in sorted(lemmas)]
        return frozenset(each for some in forms for each in some)

    def confirmed(self, relatives: Iterable[Relative]) -> list[str]:
        """The lemmas of those ``relatives`` that the lexicon has as the rules propose them."""
        proposed = list(relatives)
        self.warm_lexicon(words_to_confirm(proposed))
        return [each.lemma for each in proposed if is_confirmed(each, self.lexicon_readings)]

    def dehyphenated(self, form: str) -> tuple[str, ...]:
        """Lemmas of a hyphenated compound without its hyphen: *rohe-majanduse*, *rohemajandus*.

        Not of names, acronyms or *e-tervis*, where the hyphen belongs to the word.
        """
        joined: dict[str, None] = {}
        is_candidate = "-" in form and acronym_base(form) is None
        for reading in self.lexicon_readings(form) if is_candidate else ():
            pieces = reading.lemma.split("-")
            if reading.pos != PROPER_NOUN and all(len(e) > 1 and e.islower() for e in pieces):
                whole = "".join(pieces)
                if any(len(each.parts) > 1 for each in self.lexicon_readings(whole)):
                    joined[whole] = None
        return tuple(joined)

    def _with_completions(
        self, text: str, tokens: Sequence[Token], at: int, form: str, terms: FormTerms
    ) -> FormTerms:
        """Adds to the elliptic token ``at`` the terms of the compounds it abbreviates."""
        if form.isdigit():
            return terms
        lookup = self.lexicon_readings
        _, compounds = completing_compound(text, tokens, at, lookup)
        full = dict.fromkeys(
            each.lower() for one in compounds for each in completed_lemmas(form, one, lookup)
        )
        runs = (run for one in compounds for run in completed_inner_runs(form, one, lookup))
        inner = [lemma.lower() for run in dict.fromkeys(runs) for lemma in self.piece_lemmas(run)]
        return terms.also(full, inner)

    def spelling(self, word: str) -> tuple[str, ...]:
        """Spelling suggestions for a misspelt word, likeliest first; cached."""
        if len(word) > (_MAX_SPELLED_WITH_HYPHEN if "-" in word else _MAX_SPELLED):
            return ()  # the speller is quadratic in the length, and slower with hyphens
        known = self._spellings.get(word)
        if known is None:
            with self._lock:
                known = self._spellings[word] = self._morphology.spelling(word)
        return known

    def _in_context(
        self,
        text: str,
        tokens: Sequence[Token],
        forms: Sequence[str],
        ambiguous: Sequence[int],
    ) -> dict[int, FormTerms]:
        """Terms of the ``ambiguous`` tokens, their lemmas disambiguated by the sentence."""
        chosen: dict[int, FormTerms] = {}
        sentences = list(_sentences_with(text, tokens, ambiguous))
        firsts = (forms[span.start] for span, _ in sentences)
        self.warm_lexicon([each.lower() for each in firsts if each.istitle()])
        cut = [(*self._marked_words(text, tokens, forms, span), span) for span, _ in sentences]
        asked = [
            {i: places[i - span.start] for i in asked}
            for (_, asked), (_, places, span) in zip(sentences, cut, strict=True)
        ]
        self.warm_lexicon(
            [words[k] for (words, *_), each in zip(cut, asked, strict=True) for k in each.values()]
        )
        for (words, *_), each in zip(cut, asked, strict=True):
            for i, left in self._disambiguated(words, each).items():
                chosen[i] = self._disambiguated_terms(forms[i], left)
        return chosen

    def _marked_words(
        self, text: str, tokens: Sequence[Token], forms: Sequence[str], span: range
    ) -> tuple[list[str], list[int]]:
        """Words and punctuation marks of a sentence, and the place of each word among them.

        The capital that begins a sentence or a quotation is removed from words of the lexicon:
        „Klaasist“ would be guessed to be a name.
        """
        words: list[str] = []
        places: list[int] = []
        before = tokens[span.start].start
        for i in span:
            start, form = tokens[i].start, forms[i]
            if start > before and not (start == before + 1 and text[before] == " "):
                words += _MARK.findall(text, before, start)
            if (not words or words[-1] in _OPENING) and form[0].isalnum() and form.istitle():
                low = form.lower()
                form = low if self.is_known(low) else form
            places.append(len(words))
            words.append(form)
            before = tokens[i].end
        words.append(".")
        return words, places

    def _disambiguated(
        self, words: Sequence[str], places: Mapping[int, int]
    ) -> dict[int, tuple[Reading, ...]]:
        """Readings of the words at ``places`` after disambiguation, by token."""
        found: dict[int, tuple[Reading, ...]] = {}
        asked: dict[int, int] = {}
        for i, place in places.items():
            word = words[place]
            if not self.is_known(word):
                continue  # guesses are not disambiguated
            known = self._form(word)
            if self._is_ambiguous(word, known):
                asked[place] = i
            else:
                found[i] = known.readings  # unambiguous without its capital
        if not asked:
            return found
        with self._lock:
            in_context = self._morphology.in_context(words, asked)
        for place, i in asked.items():
            found[i] = in_context[place]
            if all(each.pos == PROPER_NOUN for each in found[i]):
                # The context may leave a guessed name that does not exist („Kagu-Eestist“).
                found[i] += self.lexicon_readings(words[place])
        return found

    def _is_ambiguous(self, form: str, known: _Form) -> bool:
        """True if ``form`` has several lemmas."""
        if known.ambiguous is None:
            if acronym_base(form) is not None:
                known.ambiguous = False
            elif form.isupper() and (low := form.lower()) != form:
                known.ambiguous = self._is_ambiguous(low, self._form(low))
            else:
                known.ambiguous = len({each.lemma.lower() for each in known.readings}) > 1
        return known.ambiguous

    def _undisambiguated_terms(self, form: str, known: _Form) -> FormTerms:
        known.plain = self._build_terms(form, known, frozenset())
        return known.plain

    def _disambiguated_terms(self, form: str, left: Iterable[Reading]) -> FormTerms:
        """Terms of ``form`` if only the readings ``left`` are likely; cached."""
        likely = frozenset([each.lemma.lower() for each in left])
        known = self._form(form)
        if known.chosen is None:
            known.chosen = {}
        terms = known.chosen.get(likely)
        if terms is None:
            terms = known.chosen[likely] = self._build_terms(form, known, likely)
        return terms

    def _build_terms(self, form: str, known: _Form, likely: frozenset[str]) -> FormTerms:
        acronym = acronym_base(form)
        if acronym is not None:
            return FormTerms(surface=form, lemmas=(acronym,))
        surface = form.lower()
        if form != surface and form.isupper():
            return self._build_terms(surface, self._form(surface), likely)
        folded = [(each.lemma.lower(), each) for each in known.readings]
        plausible = tuple(dict.fromkeys(lemma for lemma, _ in folded)) or (surface,)
        lemmas = tuple(each for each in plausible if each in likely) or plausible
        readings = [each for lemma, each in folded if lemma in lemmas]
        # Ordinary words guessed as names are split in odd places: „Kl-aster“.
        ordinary = [each for each in readings if each.pos != PROPER_NOUN] or readings
        parts = dict.fromkeys(
            part for each in ordinary if len(each.parts) > 1 for part in self._parts(each)
        )
        return FormTerms(
            surface,
            lemmas,
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
                lemmas = list(self.piece_lemmas(run))
            for lemma in lemmas:
                if len(lemma) >= MIN_PART_LENGTH or acronym_base(lemma):
                    yield lemma if acronym_base(lemma) else lemma.lower()

    def piece_lemmas(self, piece: str) -> tuple[str, ...]:
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
                for each in self.lexicon_readings(piece)
                if each.pos in _NOMINAL and each.form in _FIRST_PIECE_FORMS
            ] or [each.lemma for each in self.lexicon_readings(plural) if each.lemma == plural]
            if not lemmas and piece.endswith("mis"):
                # *uppumissurm*, *uurimistöö*
                lemmas = [
                    e.lemma for e in self.lexicon_readings(piece[:-1] + "ne") if e.pos == _NOUN
                ]
            lemmas = list(dict.fromkeys(lemmas)) or [piece]
        found = self._pieces[piece] = tuple(lemmas)
        return found


def _inner_pieces(compounds: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The pieces, and runs of pieces, of ``compounds`` except their ends."""
    for parts in compounds:
        pieces = pieces_of(parts)
        for start, end in inner_runs(pieces):
            if end < len(pieces):
                yield "".join(pieces[start:end])


def _sentences_with(
    text: str, tokens: Sequence[Token], asked: Sequence[int]
) -> Iterator[tuple[range, Sequence[int]]]:
    """Sentences that hold any of the ``asked`` tokens: their ranges, and these tokens."""
    if not asked:
        return
    first = at = 0
    for _, end in sentence_spans(text):
        last = bisect_left(tokens, end, first, key=_START)
        for start in range(first, last, _LONGEST):
            span = range(start, min(start + _LONGEST, last))
            begin, at = at, bisect_left(asked, span.stop, at)
            if at > begin:
                yield span, asked[begin:at]
        first = last


def _foreign(token: Token, language: str) -> FormTerms:
    """Terms of a foreign word: its surface form, and the lemma of an Estonian name."""
    if token.kind != "word":
        return _verbatim(token.text)
    acronym = acronym_base(token.text)
    if acronym:
        return FormTerms(token.text, (acronym,))
    form = token.text.lower()
    return FormTerms(form, (form,), stems=tuple(stem(form, language)))


def _verbatim(form: str) -> FormTerms:
    """Terms of numbers and pieces of addresses: as written."""
    term = number_term(form) if is_number(form) else form.lower()
    return FormTerms(surface=term, lemmas=(term,))


def _number(text: str, token: Token) -> FormTerms:
    """Terms of a number; a sign beside it is read as the word: „83%“ has *protsent*, too."""
    terms = _verbatim(token.text)
    before = max(0, token.start - 2)
    beside = _SIGN_AFTER.match(text, token.end) or _SIGN_BEFORE.search(text, before, token.start)
    return terms.also([_SIGNS[beside[1]]]) if beside else terms
