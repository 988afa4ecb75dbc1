"""Morphological analysis of Estonian: Vabamorf inside EstNLTK, called directly on lists of words.

Only the native analyzer is used: EstNLTK's text pipeline would download tokenizer models, and
importing the whole of EstNLTK brings pandas and matplotlib, which takes seconds and hundreds of
megabytes in every process.

Each form is analysed once. The disambiguator, a hidden Markov model of tag trigrams, costs most, so
it gets as few words as possible. Two neighbouring words of one tag each split a sentence into
independent pieces: only those with a requested word go through it, joined like a sentence.
"""

import functools
import importlib
import importlib.util
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from search.bounded_cache import BoundedCache

#: Size of all caches in bytes.
MOST_BYTES = 160_000_000
#: Shares of that, and measured bytes of an entry: native analyses, those at the beginning of a
#: sentence, readings, which many forms share, and roots.
_WORDS, _WORD_BYTES = 0.4, 1_000
_FIRSTS, _FIRST_BYTES = 0.05, 400
_READINGS, _READING_BYTES = 0.4, 400
_ROOTS, _ROOT_BYTES = 0.15, 350
#: Words analysed in one call, which bounds the memory of the native analyzer.
_BATCH = 100
#: Put before a word so that its capital begins no sentence.
_INSIDE = ","
_NO_SENTENCE_ENDS = frozenset({",", ";"})
PROPER_NOUN = "H"
_PUNCTUATION = "Z"
#: Short words are few and frequent, so that it pays to find out whether their readings share a tag.
_SHORT = 8
#: The shortest ones have tags of their own.
_SHORTEST = 3
_ADPOSITION = "K"
_TWO_PERSONS = "sid"
#: Numerals and pronouns, some of whose roots have tags of their own.
_TAGGED_BY_ROOT = frozenset("NOP")
#: Marks of stress, length and palatalisation, of endings and derivation in a root.
_MARKUP = str.maketrans("", "", "~?]<+=")
#: Nominative, genitive and partitive of both numbers, and the short illative.
_BASE_FORMS = ("sg n", "sg g", "sg p", "adt", "pl n", "pl g", "pl p")
_UNINFLECTED_VERBS = frozenset({"ei", "ära"})
_FIELDS = attrgetter("root", "ending", "clitic", "partofspeech", "form")

Kinds = frozenset[tuple[str, str]]


class Reading(NamedTuple):
    """One morphological reading of a word form, as Vabamorf gives it.

    ``lemma`` keeps its case, ``parts`` are the surface pieces of a compound with the last one as a
    lemma (``puidu``, ``klaster``), ``pos`` is Vabamorf's part of speech (``S`` noun, ``H`` proper
    noun, ``Y`` abbreviation, ``V`` verb …), ``form`` its case or verb form (``pl g``, ``ti`` …).
    """

    lemma: str
    parts: tuple[str, ...]
    pos: str
    form: str


class _Word:
    """A form with its native analyses inside a sentence.

    ``one_tag`` is None until it is needed.
    """

    __slots__ = ("native", "one_tag", "readings")

    def __init__(self, native: Any, readings: tuple[Reading, ...]) -> None:
        self.native = native
        self.readings = readings
        self.one_tag: bool | None = None


#: Cached for a form with the same analyses at the start of a sentence.
_SAME = _Word(None, ())


def estnltk_version() -> str:
    """Version of EstNLTK, whose lexicon decides which terms are indexed."""
    return version("estnltk")


class Vabamorf:
    """Morphological analyzer Vabamorf. Not thread-safe; callers hold a lock.

    The caches take at most about ``most_bytes``.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._words: BoundedCache[str, _Word] = BoundedCache(
            int(_WORDS * most_bytes), lambda text, _: _WORD_BYTES + len(text)
        )
        self._firsts: BoundedCache[str, _Word] = BoundedCache(
            int(_FIRSTS * most_bytes), lambda text, _: _FIRST_BYTES + len(text)
        )
        self._roots: BoundedCache[tuple[str, str], tuple[str, tuple[str, ...]]] = BoundedCache(
            int(_ROOTS * most_bytes), lambda key, _: _ROOT_BYTES + len(key[0])
        )
        self._readings: BoundedCache[tuple[str, str, str], Reading] = BoundedCache(
            int(_READINGS * most_bytes), lambda key, _: _READING_BYTES + len(key[0])
        )
        self._kinds_with_several_tags: set[Kinds] = set()

    # The lexicon is loaded with the first word: many users of an analyzer analyse none.
    @functools.cached_property
    def _module(self) -> Any:
        return load_wrapper()

    @functools.cached_property
    def _wrapper(self) -> Any:
        return self._module.Vabamorf.instance()

    @functools.cached_property
    def _native(self) -> Any:
        return self._wrapper._morf

    def readings(
        self, words: Iterable[str], *, guess: bool = True, names: bool = True
    ) -> list[tuple[Reading, ...]]:
        """All readings of each word in mid-sentence, without disambiguation.

        ``guess`` also analyses words outside the lexicon; ``names`` adds proper-name readings of
        capitalised words. A word that Vabamorf cannot read has no readings.
        """
        found = []
        for native in self._analyses(list(words), guess, names):
            word, analyses = native
            readings = self._read(analyses)
            # For a lower-case word of the lexicon, guessing and names add nothing.
            if (guess and names) or (analyses and word[0] == word[0].lower()):
                self._keep(word, native, readings)
            found.append(readings)
        return found

    def in_context(
        self, sentence: Sequence[str], asked: Collection[int] | None = None
    ) -> list[tuple[Reading, ...]]:
        """Readings of each token after disambiguation; punctuation marks are tokens.

        With ``asked``, only those of the tokens at these places, none of others.
        """
        places = sorted(range(len(sentence)) if asked is None else asked)
        found: list[tuple[Reading, ...]] = [()] * len(sentence)
        words = _Sentence(self, sentence)
        try:
            ambiguous = [i for i in places if not words.has_one_tag(i)]
            needed = words.around(ambiguous)
            natives = [words[i].native for i in needed]
        except _NeedsWholeSentence:
            whole = self._native.analyze(list(sentence), True, True, True, True, False)
            for i in places:
                found[i] = self._read(whole[i][1])
            return found
        for i in places:
            found[i] = words[i].readings
        if ambiguous:
            left = self._native.disambiguate(self._module.vm.SentenceAnalysis(natives))
            by_place = dict(zip(needed, left, strict=True))
            for i in ambiguous:
                found[i] = self._read(by_place[i][1])
        return found

    def passive_participles(self, verb: str) -> tuple[str, ...]:
        """The past passive participles of a ``verb`` of the lexicon: *petma*, *petetud*."""
        return tuple(self._native.synthesize(verb, "tud", "V", "", False, False))

    def nominal_forms(self, lemma: str, pos: str) -> tuple[str, ...]:
        """Base forms of a noun or adjective, prefixes of its other forms."""
        forms = (self._wrapper.synthesize(lemma, each, pos) for each in _BASE_FORMS)
        return tuple(dict.fromkeys(each for some in forms for each in some))

    def spelling(self, word: str) -> tuple[str, ...]:
        """Suggested spellings, likeliest first; empty when the word is right or unknown."""
        results = self._wrapper.spellcheck([word], suggestions=True)
        return tuple(results[0]["suggestions"]) if len(results) == 1 else ()

    def _analyses(self, words: list[str], guess: bool, names: bool) -> Iterator[Any]:
        for first in range(0, len(words), _BATCH):
            batch = words[first : first + _BATCH]
            # Most queries have one new word, which is analysed faster without the comma.
            before = [] if batch[0][:1] == batch[0][:1].lower() else [_INSIDE]
            found = self._native.analyze([*before, *batch], False, guess, True, names, False)
            yield from found[len(before) :]

    def _keep(self, text: str, native: Any, readings: tuple[Reading, ...]) -> _Word:
        word = self._words[text] = _Word(native, readings)
        return word

    def _word(self, text: str) -> _Word:
        """Native analyses of ``text`` in mid-sentence."""
        word = self._words.get(text)
        if word is None:
            (native,) = self._analyses([text], True, True)
            word = self._keep(text, native, self._read(native[1]))
        return word

    def _as_first(self, text: str, word: _Word) -> _Word | None:
        """Native analyses of ``text`` at the start of a sentence; None if the same as ``word``."""
        first = self._firsts.get(text)
        if first is None:
            native = self._native.analyze([text], False, True, True, True, False)[0]
            same = [*map(_FIELDS, native[1])] == [*map(_FIELDS, word.native[1])]
            first = self._firsts[text] = _SAME if same else _Word(native, self._read(native[1]))
        return None if first is _SAME else first

    def _has_one_tag(self, word: _Word) -> bool:
        """True if ``word`` has a single tag.

        A tag depends on the word, the part of speech and the form, and with some on the root. An
        adposition may be tagged as two, and so may a verb whose form fits two persons.
        """
        text, analyses = word.native
        kinds = frozenset((each.pos, each.form) for each in word.readings)
        if any(pos == _ADPOSITION or form.endswith(_TWO_PERSONS) for pos, form in kinds):
            return False
        if len(analyses) == 1 or (
            len(kinds) == 1 and all(pos not in _TAGGED_BY_ROOT for pos, _ in kinds)
        ):
            return True
        return len(text) <= _SHORT and self._share_a_tag(word, kinds)

    def _share_a_tag(self, word: _Word, kinds: Kinds) -> bool:
        """True if all analyses have one tag, so that the disambiguator keeps all of them."""
        text, analyses = word.native
        # Inflected words of the same kinds have the same tags, mostly several.
        typical = len(text) > _SHORTEST and all(form for _, form in kinds)
        if typical and kinds in self._kinds_with_several_tags:
            return False
        ((_, left),) = self._native.disambiguate(self._module.vm.SentenceAnalysis([word.native]))
        shared = len(left) == len(analyses)
        if typical and not shared:
            self._kinds_with_several_tags.add(kinds)
        return shared

    def _read(self, analyses: Iterable[Any]) -> tuple[Reading, ...]:
        found: list[Reading] = []
        for each in analyses:
            key = (each.root, each.partofspeech, each.form)
            reading = self._readings.get(key) or self._new_reading(key, each)
            if reading not in found:
                found.append(reading)
        return tuple(found)

    def _new_reading(self, key: tuple[str, str, str], analysis: Any) -> Reading:
        root, pos, form = key
        lemma_and_parts = self._roots.get((root, pos))
        if lemma_and_parts is None:
            lemma_and_parts = _lemma_and_parts(root, pos) or self._postprocessed(analysis)
            self._roots[root, pos] = lemma_and_parts
        reading = self._readings[key] = Reading(*lemma_and_parts, pos, form)
        return reading

    def _postprocessed(self, analysis: Any) -> tuple[str, tuple[str, ...]]:
        whole = self._module.postprocess_analysis(analysis, False, True)
        return whole["lemma"], tuple(whole["root_tokens"])


class _NeedsWholeSentence(Exception):
    """Raised for a word whose reading needs the native analyzer on the whole sentence."""


class _Sentence:
    """Words of a sentence, lazily analysed."""

    def __init__(self, vabamorf: Vabamorf, texts: Sequence[str]) -> None:
        self._vabamorf = vabamorf
        self._texts = texts
        self._words: list[_Word | None] = [None] * len(texts)

    def __getitem__(self, place: int) -> _Word:
        """The word at ``place``; raises _NeedsWholeSentence."""
        word = self._words[place]
        if word is None:
            word = self._words[place] = self._analysed(place)
        return word

    def has_one_tag(self, place: int) -> bool:
        """True if the word at ``place`` has one tag. Raises _NeedsWholeSentence."""
        word = self._words[place] or self[place]
        if word.one_tag is None:
            word.one_tag = self._vabamorf._has_one_tag(word)
        return word.one_tag

    def around(self, ambiguous: Iterable[int]) -> list[int]:
        """Places ``ambiguous`` and their neighbours up to two words of one tag on either side.

        The ends of the sentence count as such. Raises _NeedsWholeSentence.
        """
        places: list[int] = []
        last = 0
        for place in ambiguous:
            if place < last:
                continue
            start, end = place, place + 1
            while start > last and not (
                place - start >= 2 and self.has_one_tag(start) and self.has_one_tag(start + 1)
            ):
                start -= 1
            while end < len(self._texts) and not (
                end - place > 2 and self.has_one_tag(end - 1) and self.has_one_tag(end - 2)
            ):
                end += 1
            places += range(start, end)
            last = end
        return places

    def _analysed(self, place: int) -> _Word:
        """Analyses the word at ``place``. Raises _NeedsWholeSentence.

        The native analyzer omits names guessed from a capital where that may begin a sentence: at
        the beginning, and behind some punctuation marks.
        """
        text = self._texts[place]
        word = self._vabamorf._word(text)
        if text[0] == text[0].lower() or (place > 0 and not self._is_mark(place - 1)):
            return word
        first = self._vabamorf._as_first(text, word)
        if first is None:
            return word
        if place == 0:
            return first
        if self._texts[place - 1] in _NO_SENTENCE_ENDS:
            return word
        raise _NeedsWholeSentence

    def _is_mark(self, place: int) -> bool:
        word = self._vabamorf._word(self._texts[place]) if place else self[place]
        return any(each.pos == _PUNCTUATION for each in word.readings)


def _lemma_and_parts(root: str, pos: str) -> tuple[str, tuple[str, ...]] | None:
    """Lemma and compound parts of ``root``; None for markup, which EstNLTK drops in part."""
    groups = [each.split("_") for each in root.translate(_MARKUP).split("-")]
    parts = tuple(part for group in groups for part in group)
    if not all(parts):
        return None
    lemma = "-".join(map("".join, groups))
    return lemma + "ma" if pos == "V" and lemma not in _UNINFLECTED_VERBS else lemma, parts


def load_wrapper() -> ModuleType:
    """Loads EstNLTK's Vabamorf wrapper, without the rest of EstNLTK where possible."""
    name = "_klastriotsing_vabamorf"
    if f"{name}.morf" in sys.modules:
        return sys.modules[f"{name}.morf"]
    parent = importlib.util.find_spec("estnltk")
    folder = Path(next(iter(parent.submodule_search_locations or [""]))) if parent else Path()
    init = folder / "vabamorf" / "__init__.py"
    if not (init.is_file() and (init.parent / "morf.py").is_file()):
        return importlib.import_module("estnltk.vabamorf.morf")
    spec = importlib.util.spec_from_file_location(
        name, init, submodule_search_locations=[str(init.parent)]
    )
    if spec is None or spec.loader is None:
        return importlib.import_module("estnltk.vabamorf.morf")
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)
    return importlib.import_module(f"{name}.morf")
