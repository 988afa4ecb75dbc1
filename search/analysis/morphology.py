"""Vabamorf, the Estonian morphology inside EstNLTK, called directly on lists of words.

Only the native analyzer is used: EstNLTK's text pipeline would ask for tokenizer models from the
network, and importing the whole of EstNLTK brings pandas and matplotlib, which takes seconds and
hundreds of megabytes in every process.

What a word may be is asked once per form. The disambiguator, a hidden Markov model over runs of
three tags, gets these answers again wherever its own is needed: two neighbouring words with one tag
each cut a sentence into pieces that know nothing of one another, so only pieces that hold a word
asked for go through it.
"""

import functools
import importlib
import importlib.util
import sys
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

#: Native analyses kept, about a kilobyte each, and readings, which many forms share.
_MOST_WORDS = 60_000
_MOST_READINGS = 200_000
#: The native analyzer's time grows with the square of the length of a list of words.
_BATCH = 100
#: Behind it no capital is the first letter of a sentence.
_INSIDE = ","
_NO_SENTENCE_ENDS = frozenset({",", ";"})
_PUNCTUATION = "Z"
#: Such words are few and frequent, so that it pays to ask whether their readings differ in tag.
_SHORT = 8
_ADPOSITION = "K"
_TWO_PERSONS = "sid"


@dataclass(frozen=True, slots=True)
class Reading:
    """One morphological reading of a word form, as Vabamorf gives it.

    ``lemma`` keeps its case, ``parts`` are the surface pieces of a compound with the last one as a
    lemma (``puidu``, ``klaster``), ``pos`` is Vabamorf's part of speech (``S`` noun, ``H`` proper
    noun, ``Y`` abbreviation, ``V`` verb …), ``form`` its case or verb form (``pl g``, ``ti`` …).
    """

    lemma: str
    parts: tuple[str, ...]
    pos: str
    form: str


class _Word(NamedTuple):
    """A form with its native analyses inside a sentence.

    ``settled`` tells that it has one tag, ``mark`` that it may be a punctuation mark.
    """

    native: Any
    settled: bool
    mark: bool


def estnltk_version() -> str:
    """Version of EstNLTK: its lexicon decides what is indexed, so it enters the fingerprint."""
    return version("estnltk")


class Vabamorf:
    """The native analyzer. Not safe for several threads at once; callers hold a lock."""

    def __init__(self) -> None:
        self._words: dict[str, _Word] = {}
        self._firsts: dict[str, _Word | None] = {}
        self._roots: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}
        self._readings: dict[tuple[str, str, str], Reading] = {}

    # The lexicon is read when a word is first asked for: much that needs an analyzer asks for none.
    @functools.cached_property
    def _module(self) -> Any:
        return _load()

    @functools.cached_property
    def _wrapper(self) -> Any:
        return self._module.Vabamorf.instance()

    @functools.cached_property
    def _native(self) -> Any:
        return self._wrapper._morf

    def readings(
        self, words: Iterable[str], *, guess: bool = True, names: bool = True
    ) -> list[tuple[Reading, ...]]:
        """All readings of each word as inside a sentence, whatever its neighbours.

        ``guess`` also analyses words outside the lexicon; ``names`` adds proper-name readings of
        capitalised words. A word that Vabamorf cannot read has no readings.
        """
        found = []
        for native in self._analyses(list(words), guess, names):
            word, analyses = native
            readings = self._read(analyses)
            # To a word of the lexicon in lower case, guessing and names add nothing.
            if (guess and names) or (analyses and word[0] == word[0].lower()):
                self._keep(native, readings)
            found.append(readings)
        return found

    def in_context(
        self, sentence: Sequence[str], asked: Collection[int] | None = None
    ) -> list[tuple[Reading, ...]]:
        """The readings of each token that its neighbours leave; punctuation marks are tokens.

        With ``asked``, only those of the tokens at these places, none of others.
        """
        places = sorted(range(len(sentence)) if asked is None else asked)
        found: list[tuple[Reading, ...]] = [()] * len(sentence)
        words = self._in_place(sentence)
        if words is None:
            whole = self._native.analyze(list(sentence), True, True, True, True, False)
            for i in places:
                found[i] = self._read(whole[i][1])
            return found
        for i in places:
            if words[i].settled:
                found[i] = self._read(words[i].native[1])
        unsettled = [i for i in places if not words[i].settled]
        for piece in _pieces(words, unsettled):
            natives = self._module.vm.SentenceAnalysis([words[i].native for i in piece])
            left = self._native.disambiguate(natives)
            for i in unsettled[bisect_left(unsettled, piece.start) :]:
                if i >= piece.stop:
                    break
                found[i] = self._read(left[i - piece.start][1])
        return found

    def spelling(self, word: str) -> tuple[str, ...]:
        """Suggested spellings, likeliest first; empty when the word is right or unknown."""
        results = self._wrapper.spellcheck([word], suggestions=True)
        return tuple(results[0]["suggestions"]) if len(results) == 1 else ()

    def _analyses(self, words: list[str], guess: bool, names: bool) -> Iterator[Any]:
        for first in range(0, len(words), _BATCH):
            batch = [_INSIDE, *words[first : first + _BATCH]]
            yield from self._native.analyze(batch, False, guess, True, names, False)[1:]

    def _keep(self, native: Any, readings: Collection[Reading]) -> _Word:
        if len(self._words) >= _MOST_WORDS:
            self._words.clear()
            self._firsts.clear()
        word = self._words[native[0]] = self._word(native, readings)
        return word

    def _word(self, native: Any, readings: Collection[Reading]) -> _Word:
        text, analyses = native
        settled = all(map(_has_one_tag, readings)) and (
            len(analyses) == 1 or (len(text) <= _SHORT and self._share_a_tag(native))
        )
        return _Word(native, settled, any(each.pos == _PUNCTUATION for each in readings))

    def _share_a_tag(self, native: Any) -> bool:
        """Have all analyses one tag? The disambiguator leaves those with the tag that it chose."""
        ((_, left),) = self._native.disambiguate(self._module.vm.SentenceAnalysis([native]))
        return len(left) == len(native[1])

    def _in_place(self, sentence: Sequence[str]) -> list[_Word] | None:
        """The words of ``sentence`` where they stand, or None if only the native analyzer knows.

        It leaves out names that only a capital speaks for, where it holds the capital for the first
        letter of a sentence: surely at its beginning, and behind some punctuation marks.
        """
        # Taken out first: keeping a new word may let go of all that were kept before.
        kept = {each: self._words[each] for each in sentence if each in self._words}
        new = [each for each in dict.fromkeys(sentence) if each not in kept]
        for native in self._analyses(new, True, True):
            kept[native[0]] = self._keep(native, self._read(native[1]))
        words: list[_Word] = []
        for i, text in enumerate(sentence):
            word = kept[text]
            if text[0] != text[0].lower() and (i == 0 or words[-1].mark):
                first = self._as_first(text, word)
                if first is not None and i == 0:
                    word = first
                elif first is not None and sentence[i - 1] not in _NO_SENTENCE_ENDS:
                    return None
            words.append(word)
        return words

    def _as_first(self, text: str, word: _Word) -> _Word | None:
        """``text`` as the first word of a sentence; None if that changes nothing of ``word``."""
        if text not in self._firsts:
            native = self._native.analyze([text], False, True, True, True, False)[0]
            same = [*map(_fields, native[1])] == [*map(_fields, word.native[1])]
            first = None if same else self._word(native, self._read(native[1]))
            self._firsts[text] = first
        return self._firsts[text]

    def _read(self, analyses: Iterable[Any]) -> tuple[Reading, ...]:
        found: dict[Reading, None] = {}
        for each in analyses:
            key = (each.root, each.partofspeech, each.form)
            found[self._readings.get(key) or self._new_reading(key, each)] = None
        return tuple(found)

    def _new_reading(self, key: tuple[str, str, str], analysis: Any) -> Reading:
        root, pos, form = key
        told = self._roots.get((root, pos))
        if told is None:
            if len(self._readings) >= _MOST_READINGS:
                self._readings.clear()
                self._roots.clear()
            whole = self._module.postprocess_analysis(analysis, False, True)
            told = self._roots[root, pos] = whole["lemma"], tuple(whole["root_tokens"])
        reading = self._readings[key] = Reading(*told, pos, form)
        return reading


def _has_one_tag(reading: Reading) -> bool:
    """An adposition may be tagged as two, and so may a verb whose form fits two persons."""
    return reading.pos != _ADPOSITION and not reading.form.endswith(_TWO_PERSONS)


def _fields(analysis: Any) -> tuple[str, ...]:
    return (
        analysis.root,
        analysis.ending,
        analysis.clitic,
        analysis.partofspeech,
        analysis.form,
    )


def _pieces(words: Sequence[_Word], asked: Iterable[int]) -> Iterator[range]:
    """The stretches around the places ``asked``, each from two settled neighbours to the next two.

    Beyond its ends a sentence is settled. Stretches that meet are one, which costs less.
    """
    first = last = 0
    for place in asked:
        if place < last:
            continue
        start, end = place, place + 1
        while start > 0 and not (
            place - start >= 2 and words[start].settled and words[start + 1].settled
        ):
            start -= 1
        while end < len(words) and not (
            end - place > 2 and words[end - 1].settled and words[end - 2].settled
        ):
            end += 1
        if start > last:
            if last:
                yield range(first, last)
            first = start
        last = end
    if last:
        yield range(first, last)


def _load() -> ModuleType:
    """EstNLTK's Vabamorf wrapper, without the rest of EstNLTK where the wheel allows it."""
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
