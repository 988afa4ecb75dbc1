"""Finding names of organisations in one sentence.

Each finder returns candidates; :mod:`indexer.enrich.organisations` chooses among them with the
whole article in view.
"""

from indexer.enrich.names_headed import headed_names
from indexer.enrich.names_legal import legal_names
from indexer.enrich.names_other import acronyms, apposed_names, english_names
from indexer.enrich.passages import Sentence
from indexer.enrich.scan import Candidate, Scan
from indexer.enrich.words import Words


class NameFinder:
    """Finds candidates in a sentence."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def candidates(self, sentence: Sentence) -> list[Candidate]:
        """All candidates of ``sentence``; they may overlap."""
        scan = Scan(sentence, [self._words.word(each) for each in sentence.tokens], self._words)
        if scan.shouted:
            return []
        found = [*legal_names(scan), *headed_names(scan), *apposed_names(scan)]
        found += english_names(scan)
        found += acronyms(scan)
        return found
