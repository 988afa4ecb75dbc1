"""Name finder: finds names by any part of them, in any case form, with or without diacritics."""

import re
from collections.abc import Callable

from search.analysis import Analyzer
from search.analysis.folding import fold

_WORD = re.compile(r"[^\W_]+")
#: Shorter forms of a word than this are parts of too many others: they have to be whole words.
_PART = 4
#: More capitals are a word that somebody shouts.
_ACRONYM = 5
#: So many words of what is typed are looked for, of so many letters at most.
_MOST_WORDS, _LONGEST = 12, 60


class NameFinder:
    """Finds names that hold every typed word: as it is typed, or as any form of what it may be.

    *klastrid* finds „Klastrikoda“ and „Mööbliklaster“, *ulikool* „Õhtuülikool“. Nothing is kept of
    the names: it is the typed words that are inflected, which takes a fraction of a millisecond.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer

    def matcher(self, text: str) -> Callable[[str], bool]:
        """A function that is true of the names that ``text`` finds; of all if it has no word."""
        words = _WORD.findall(text)[:_MOST_WORDS]
        patterns = [self._pattern(each[:_LONGEST]).search for each in words]

        def matches(name: str) -> bool:
            key = _key(name)
            return all(search(key) for search in patterns)

        return matches

    def _pattern(self, word: str) -> re.Pattern[str]:
        """What a name holds that ``word`` finds."""
        typed = _key(word)
        # A few capitals are an acronym, whatever else they could be: EAS is a form of „iga“.
        is_acronym = word.isupper() and len(word) <= _ACRONYM
        plain = word.lower() if word.isupper() else word
        forms = set() if is_acronym else {*map(_key, self._analyzer.inflected(plain))}
        long = {each for each in forms if len(each) >= _PART} | {typed}
        # What holds a longer form holds the shorter one, too.
        least = [each for each in long if not any(one in each for one in long - {each})]
        parts = [re.escape(each) for each in sorted(least)]
        whole = [rf"\b{re.escape(each)}\b" for each in sorted(forms - long)]
        return re.compile("|".join((*parts, *whole)))


def _key(text: str) -> str:
    """``text`` without case and diacritics."""
    return fold(text.casefold())
