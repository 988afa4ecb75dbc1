"""Snowball stemmers for English and Russian, and a crude stem of Estonian words.

Estonian is lemmatised instead; first letters relate words that share no lemma.
"""

import re
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import Stemmer

_NAMES = {"en": "english", "ru": "russian"}
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LONGEST = 60
_REMEMBERED = 20_000
#: Lengths of the crude stems: one discriminates among short words, the other among long ones.
_FIRST_LETTERS = (4, 6)
_local = threading.local()


def stem(word: str, language: str) -> Iterator[str]:
    """Stem of ``word`` (lower case); empty for a language without a stemmer."""
    if language in _NAMES and word.isalpha() and len(word) <= _LONGEST:
        yield _stemmed(word, language)


@lru_cache(_REMEMBERED)
def _stemmed(word: str, language: str) -> str:
    return str(_stemmer(language).stemWord(word))


def likely_language(word: str) -> str:
    """Language of the stemmer for a query word: Russian if Cyrillic, otherwise English."""
    return "ru" if _CYRILLIC.search(word) else "en"


def _stemmer(language: str) -> Any:
    # A stemmer has state, so no two threads may share one.
    known = getattr(_local, language, None)
    if known is None:
        known = Stemmer.Stemmer(_NAMES[language], 0)
        setattr(_local, language, known)
    return known


def first_letters(surface: str) -> tuple[str, ...]:
    """Crude stems of a word, the shorter first: *klas* and *klastr* of *klastrisse*.

    They stem unrelated words alike, so they add to scores and never match.
    """
    if not surface.islower():
        return ()
    return tuple(surface[:count] for count in _FIRST_LETTERS if len(surface) >= count)
