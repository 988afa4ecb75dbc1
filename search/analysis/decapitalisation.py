"""Decapitalisation (truecasing): reads sentences all in capitals as words with the case taken off.

„EAS JA KIK JAGAVAD TOETUST“ holds two acronyms and two words. An acronym is told by the gazetteer,
by the rest of the article, and by digits in it. What may be one (*TAI*, *EAS*) keeps its capitals
as a further spelling, so that whoever asks for the acronym finds it; if no lexicon has it as a word
(*KIK*), it is also an acronym as whole as any other.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from search.analysis.acronyms import acronym_base, inflected_base
from search.analysis.morphology import Reading
from search.analysis.tokenizer import Token

_LEAST_WORDS = 2
#: One word in so many may be written otherwise: „VALLAVALITSUS TEATAB: uus“.
_SHARE = 5
#: A word of the lexicon of so many letters tells that words are written in capitals.
_TELLING = 4
_NAME = "H"
#: Readings of a form from the lexicon, without guessing.
Lookup = Callable[[str], tuple[Reading, ...]]


@dataclass(frozen=True, slots=True)
class Decapitalised:
    """Forms of tokens with the case taken off.

    ``doubtful`` are the places of words that may be acronyms; among them ``unknown`` are in no
    lexicon.
    """

    forms: Sequence[str]
    doubtful: frozenset[int] = field(default=frozenset())
    unknown: frozenset[int] = field(default=frozenset())


def may_be_capitals(texts: Sequence[str]) -> bool:
    """Quick check whether words of ``texts`` that stand side by side are all in capitals."""
    if sum(map(str.isupper, texts)) < _LEAST_WORDS:
        return False
    before = False
    for each in texts:
        now = each.isupper() and len(each) > 1
        if now and before:
            return True
        before = now
    return False


def is_all_caps(tokens: Sequence[Token], certain: Lookup) -> bool:
    """True for a sentence of words in capitals; a list of acronyms is none."""
    words = [each.text for each in tokens if each.kind == "word" and len(each.text) > 1]
    low = sum(not each.isupper() for each in words)
    if len(words) < _LEAST_WORDS or low * _SHARE > len(words):
        return False
    return any(_is_telling(each, certain) for each in words if each.isupper())


def decapitalised(
    tokens: Sequence[Token], acronyms: Collection[str], certain: Lookup
) -> Decapitalised:
    """The words of a sentence all in capitals; ``acronyms`` are known to be such."""
    forms: list[str] = []
    doubtful: set[int] = set()
    unknown: set[int] = set()
    for i, each in enumerate(tokens):
        form = each.text
        if each.kind != "word" or not form.isupper():
            forms.append(form)
            continue
        acronym = _known_acronym(form, acronyms)
        if acronym is None:
            low, capital = form.lower(), form[:1] + form[1:].lower()
            is_word = bool(certain(low))
            is_name = not is_word and any(r.pos == _NAME for r in certain(capital))
            acronym = capital if is_name else low
            if acronym_base(form) is not None:
                doubtful.add(i)
                if not (is_word or is_name):
                    unknown.add(i)
        forms.append(acronym)
    return Decapitalised(forms, frozenset(doubtful), frozenset(unknown))


def acronyms_in(texts: Sequence[str]) -> Iterator[str]:
    """Acronyms that stand among words in small letters, such as those of an article's body."""
    for text in texts:
        words = text.split()
        before = ""
        for word in words:
            form = word.strip(".,;:!?()„“”\"'«»")
            if form.isupper() and len(form) > 1 and before.islower():
                base = acronym_base(form)
                if base:
                    yield base
            before = word


def _known_acronym(form: str, acronyms: Collection[str]) -> str | None:
    """``form`` as an acronym, its case ending in small letters; None if it may be a word."""
    found = inflected_base(form, acronyms)
    if found is None and acronym_base(form) is not None and any(map(str.isdigit, form)):
        return form
    return found


def _is_telling(word: str, certain: Lookup) -> bool:
    return acronym_base(word) is None or (len(word) >= _TELLING and bool(certain(word.lower())))
