"""Decapitalisation (truecasing) of sentences all in capitals, except for acronyms in them.

„EAS JA KIK JAGAVAD TOETUST“ holds two acronyms and two words. An acronym is recognised by the
gazetteer, by the rest of the article, and by digits in it. A possible one (*TAI*, *EAS*) keeps its
capitals as a further spelling, for queries with the acronym; if the lexicon does not have it as a
word (*KIK*), also as a lemma.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from search.analysis.acronyms import acronym_base, inflected_base
from search.analysis.morphology import PROPER_NOUN, Reading
from search.analysis.tokenizer import Token

_LEAST_WORDS = 2
#: One word in this number may be in lower case: „VALLAVALITSUS TEATAB: uus“.
_SHARE = 5
#: A shorter word in capitals may be an acronym even if the lexicon has it.
_LONG = 4
#: Readings of a form from the lexicon, without guessing.
Lookup = Callable[[str], tuple[Reading, ...]]


@dataclass(frozen=True, slots=True)
class Decapitalised:
    """Decapitalised forms of tokens.

    ``doubtful`` are the places of possible acronyms, ``unknown`` those of them that the lexicon
    does not have.
    """

    forms: Sequence[str]
    doubtful: frozenset[int] = field(default=frozenset())
    unknown: frozenset[int] = field(default=frozenset())


def may_be_capitals(texts: Sequence[str]) -> bool:
    """Quick check whether any two neighbours in ``texts`` are all in capitals."""
    if sum(map(str.isupper, texts)) < _LEAST_WORDS:
        return False
    before = False
    for each in texts:
        now = each.isupper() and len(each) > 1
        if now and before:
            return True
        before = now
    return False


def is_all_caps(tokens: Sequence[Token], lookup: Lookup) -> bool:
    """True for a sentence of words in capitals, not for a list of acronyms."""
    words = [each.text for each in tokens if each.kind == "word" and len(each.text) > 1]
    low = sum(not each.isupper() for each in words)
    if len(words) < _LEAST_WORDS or low * _SHARE > len(words):
        return False
    return any(_is_ordinary_word(each, lookup) for each in words if each.isupper())


def decapitalised(
    tokens: Sequence[Token], acronyms: Collection[str], lookup: Lookup
) -> Decapitalised:
    """Decapitalises a sentence all in capitals; ``acronyms`` are known ones."""
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
            is_word = bool(lookup(low))
            is_name = not is_word and any(r.pos == PROPER_NOUN for r in lookup(capital))
            acronym = capital if is_name else low
            if acronym_base(form) is not None:
                doubtful.add(i)
                if not (is_word or is_name):
                    unknown.add(i)
        forms.append(acronym)
    return Decapitalised(forms, frozenset(doubtful), frozenset(unknown))


def acronyms_in(texts: Sequence[str]) -> Iterator[str]:
    """Acronyms behind words in lower case, as in an article's body."""
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
    """``form`` as an acronym with its case ending in lower case; None if it may be a word."""
    found = inflected_base(form, acronyms)
    if found is None and acronym_base(form) is not None and any(map(str.isdigit, form)):
        return form
    return found


def _is_ordinary_word(word: str, lookup: Lookup) -> bool:
    return acronym_base(word) is None or (len(word) >= _LONG and bool(lookup(word.lower())))
