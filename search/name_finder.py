"""Name finder: finds names by any part of them, in any case form, with or without diacritics."""

import re
from collections.abc import Callable

from search.analysis import Analyzer
from search.analysis.folding import folded_key

_WORD = re.compile(r"[^\W_]+")
#: Shorter forms are parts of too many words, and match whole words only.
_SHORTEST_PART = 4
#: More capitals are an ordinary word typed in capitals.
_LONGEST_ACRONYM = 5
#: Limits of the typed words that are looked for, and of their letters.
_MOST_WORDS, _LONGEST = 12, 60


class NameFinder:
    """Finds names that hold every typed word, as it is typed or in any inflection.

    *klastrid* finds „Klastrikoda“ and „Mööbliklaster“, *ulikool* „Õhtuülikool“. Names are not
    indexed: the typed words are inflected, which takes a fraction of a millisecond.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer

    def matcher(self, text: str) -> Callable[[str], bool]:
        """A predicate of the names that ``text`` finds; of all names if it has no word."""
        words = _WORD.findall(text)[:_MOST_WORDS]
        patterns = [self._pattern(each[:_LONGEST]).search for each in words]

        def matches(name: str) -> bool:
            key = folded_key(name)
            return all(search(key) for search in patterns)

        return matches

    def _pattern(self, word: str) -> re.Pattern[str]:
        """Pattern of the forms of ``word`` that a name may hold."""
        typed = folded_key(word)
        # Not inflected, even if it could be another word: EAS is a form of „iga“.
        is_acronym = word.isupper() and len(word) <= _LONGEST_ACRONYM
        plain = word.lower() if word.isupper() else word
        forms = set() if is_acronym else {*map(folded_key, self._analyzer.inflected(plain))}
        long = {each for each in forms if len(each) >= _SHORTEST_PART} | {typed}
        # A name that holds the longer of two forms holds the shorter one, too.
        shortest = [each for each in long if not any(one in each for one in long - {each})]
        parts = [re.escape(each) for each in sorted(shortest)]
        whole = [rf"\b{re.escape(each)}\b" for each in sorted(forms - long)]
        return re.compile("|".join((*parts, *whole)))
