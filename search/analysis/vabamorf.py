"""Vabamorf, the Estonian morphology inside EstNLTK, called directly on lists of words.

Only the native analyzer is used: EstNLTK's text pipeline would ask for tokenizer models from the
network, and importing the whole of EstNLTK brings pandas and matplotlib, which takes seconds and
hundreds of megabytes in every process.
"""

import importlib
import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any


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


def estnltk_version() -> str:
    """Version of EstNLTK: its lexicon decides what is indexed, so it enters the fingerprint."""
    return version("estnltk")


class Vabamorf:
    """The native analyzer. Not safe for several threads at once; callers hold a lock."""

    def __init__(self) -> None:
        self._native: Any = _load().Vabamorf.instance()

    def readings(
        self, words: Iterable[str], *, guess: bool = True, names: bool = True
    ) -> list[tuple[Reading, ...]]:
        """All readings of each word, without looking at its neighbours.

        ``guess`` also analyses words outside the lexicon; ``names`` adds proper-name readings of
        capitalised words. A word that Vabamorf cannot read has no readings.
        """
        found = self._native.analyze(list(words), disambiguate=False, guess=guess, propername=names)
        return [_readings(word["analysis"]) for word in found]

    def in_context(self, sentence: list[str]) -> list[tuple[Reading, ...]]:
        """The readings of each token that its neighbours leave; punctuation marks are tokens."""
        found = self._native.analyze(sentence, disambiguate=True, guess=True, propername=True)
        return [_readings(word["analysis"]) for word in found]

    def spelling(self, word: str) -> tuple[str, ...]:
        """Suggested spellings, likeliest first; empty when the word is right or unknown."""
        results = self._native.spellcheck([word], suggestions=True)
        return tuple(results[0]["suggestions"]) if len(results) == 1 else ()


def _readings(analyses: list[dict[str, Any]]) -> tuple[Reading, ...]:
    seen = dict.fromkeys(
        Reading(each["lemma"], tuple(each["root_tokens"]), each["partofspeech"], each["form"])
        for each in analyses
    )
    return tuple(seen)


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
