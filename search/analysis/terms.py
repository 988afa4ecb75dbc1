"""Index terms by channel (lemma, compound part, surface form): what is indexed and searched.

An index term is a channel character and the text. Within one field, channels separate the lemmas
left by disambiguation, compound parts, surface forms, the other lemmas, stems of words of other
languages, and first letters of Estonian words: phrases work across channels, posting lists are
separate.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from search.analysis.stemming import first_letters
from search.analysis.tokenizer import Token

Channel = Literal["lemma", "part", "surface", "reading", "stem", "letters"]
LEMMA = "l"
PART = "p"
SURFACE = "s"
READING = "r"
STEM = "x"
LETTERS = "f"
PREFIXES: dict[Channel, str] = {
    "lemma": LEMMA,
    "part": PART,
    "surface": SURFACE,
    "reading": READING,
    "stem": STEM,
    "letters": LETTERS,
}
_CHANNELS: dict[str, Channel] = {prefix: channel for channel, prefix in PREFIXES.items()}


def term(channel: Channel, text: str) -> str:
    """``text`` as a term of ``channel``.

    >>> term("lemma", "klaster")
    'lklaster'
    """
    return PREFIXES[channel] + text


def split_term(indexed: str) -> tuple[Channel, str]:
    """Channel and text of an indexed term."""
    channel = _CHANNELS.get(indexed[:1])
    if channel is None:
        raise ValueError(indexed)
    return channel, indexed[1:]


@dataclass(frozen=True, slots=True)
class FormTerms:
    """The terms of one word form, by channel.

    ``lemmas``: of the likely readings, ``parts``: lemmas of their compound parts and of runs of
    parts, ``surface``: the form as written (lower case, unless it is an acronym), ``others``:
    lemmas that disambiguation excludes, ``stems``: of words of other languages, ``spellings``:
    further surface forms, of possible acronyms in a sentence in capitals.
    """

    surface: str
    lemmas: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    _indexed: tuple[str, ...] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def indexed(self) -> tuple[str, ...]:
        """Every term once, with its channel, in a fixed order; cached."""
        if self._indexed is None:
            terms = [LEMMA + each for each in self.lemmas]
            terms += [PART + each for each in self.parts]
            terms += [READING + each for each in self.others]
            terms += [STEM + each for each in self.stems]
            terms += [LETTERS + each for each in self.letters]
            terms.append(SURFACE + self.surface)
            terms += [SURFACE + each for each in self.spellings]
            # Interned, as forms share the terms of their lemmas.
            object.__setattr__(self, "_indexed", tuple(dict.fromkeys(map(sys.intern, terms))))
        return self._indexed or ()

    @property
    def letters(self) -> tuple[str, ...]:
        """Crude stems of a longer Estonian word, else none."""
        return first_letters(self.surface) if self.lemmas and not self.stems else ()

    def also(self, lemmas: Iterable[str], parts: Iterable[str] = ()) -> "FormTerms":
        """A copy with more ``lemmas`` and ``parts``."""
        known = tuple(dict.fromkeys((*self.lemmas, *lemmas)))
        more = (each for each in (*self.parts, *parts) if each not in known)
        return replace(self, lemmas=known, parts=tuple(dict.fromkeys(more)))

    def spelt(self, spelling: str, *, is_lemma: bool) -> "FormTerms":
        """A copy with a further surface form, and lemma."""
        lemmas = (*self.lemmas, spelling) if is_lemma else self.lemmas
        return replace(self, lemmas=lemmas, spellings=(*self.spellings, spelling))


class AnalysedToken(NamedTuple):
    """A token of a text with its terms."""

    token: Token
    terms: FormTerms


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A query word with its surface form and candidate lemmas, likeliest first.

    ``parts`` are lemmas of its compound parts.
    """

    text: str
    lemmas: tuple[str, ...]
    surface: str
    parts: tuple[str, ...] = ()
