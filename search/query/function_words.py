"""Function words (stop words) of a query: conjunctions, pronouns, question words, *olema*, *ei*.

What is asked is asked with them, but no article is about them. Closed classes go by the part of
speech of every reading; the reviewed lists hold what Vabamorf calls adverbs and verbs.
"""

from collections.abc import Callable, Iterator, Sequence

from search.analysis import Reading
from search.analysis.acronyms import acronym_base

_CONJUNCTION, _PRONOUN, _NAME = "J", "P", "H"
_LEMMAS = frozenset({"olema", "ei"})
_QUESTIONS = frozenset(
    "kas kuidas miks mispärast milleks millal kus kuhu kust kui kunas kuna".split()
)
#: What asks together with the word before it.
_ASKING = {"kui": frozenset({"palju", "kaua", "tihti", "sageli"}), "mida": frozenset({"teha"})}
Readings = Callable[[str], Sequence[Reading]]


def function_words(words: Sequence[str], readings: Readings) -> Iterator[bool]:
    """For each of ``words``, as they follow each other, whether it is a function word.

    An empty one stands for something else.
    """
    before = ""
    for word in words:
        low = word.lower()
        yield low in _ASKING.get(before, ()) or _is_function_word(word, readings)
        before = low


def _is_function_word(word: str, readings: Readings) -> bool:
    if not word or acronym_base(word) is not None:
        return False  # EAS is no form of *iga*
    if word.lower() in _QUESTIONS:
        return True
    # A capital at the beginning of a question is no name.
    found = [each for each in readings(word) if each.pos != _NAME]
    return bool(found) and all(
        each.pos in (_CONJUNCTION, _PRONOUN) or each.lemma in _LEMMAS for each in found
    )
