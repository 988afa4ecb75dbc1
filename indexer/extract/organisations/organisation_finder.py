"""Mentions of organisations in an article: what its text alone says, in the nominative.

Rules find what is built like a name, the tagger what stands where names stand; the article as a
whole decides. Values of the facet are formed from mentions elsewhere, without the text's analysis.
"""

from collections.abc import Iterator, Sequence

from indexer.extract.organisations.candidate_filter import (
    confirmed,
    named,
    one_name_each,
    without_overlaps,
)
from indexer.extract.organisations.candidates import candidates
from indexer.extract.organisations.doubts import things_in_capitals
from indexer.extract.organisations.funding_notes import Place, is_inside, small_print
from indexer.extract.organisations.sentence_view import Candidate, Scan
from indexer.extract.organisations.short_forms import KnownNames, heads_alone, short_names
from indexer.extract.organisations.tagger import TaggedSpan, Tagger
from indexer.extract.organisations.tagger_rules import Hearsay
from indexer.extract.organisations.token_classes import Words
from indexer.extract.text_view import Passages
from search.analysis import ESTONIAN, Analyzer
from search.article import Mention


class OrganisationFinder:
    """Finds the mentions of organisations."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._estonian = Words(analyzer)
        self._other = Words(None)
        self._tagger = Tagger(analyzer)

    def mentions(self, passages: Passages, language: str) -> tuple[Mention, ...]:
        """Every mention that counts, in order, none overlapping another."""
        words = self._words(language)
        every = [Scan(each, words) for each in passages.sentences if each.tokens]
        scans = [each for each in every if each.may_hold_names() and not each.is_shouted()]
        found = list(self._candidates(scans, language))
        chosen = named(without_overlaps(confirmed(found, things_in_capitals(scans))))
        repeats = KnownNames(short_names(chosen, words, self._tagger.places))
        if repeats:
            chosen += (each for scan in every for each in repeats.found(scan))
            chosen = without_overlaps(chosen)
        chosen = one_name_each(chosen, passages)
        chosen = without_overlaps([*chosen, *heads_alone(chosen, every, words)])
        left_out = small_print(passages, words)
        return tuple(
            Mention("organisation", each.names[0], each.part, each.start, each.end)
            for each in chosen
            if not is_inside(each.part, each.start, left_out)
        )

    def small_print(self, passages: Passages, language: str) -> tuple[Place, ...]:
        """Places of the sentences that say who pays: part, start and end."""
        return tuple(small_print(passages, self._words(language)))

    def _words(self, language: str) -> Words:
        return self._estonian if language == ESTONIAN else self._other

    def _candidates(self, scans: Sequence[Scan], language: str) -> Iterator[Candidate]:
        spans: Sequence[Sequence[TaggedSpan]] = [()] * len(scans)
        hearsay = None
        if language == ESTONIAN:
            spans = self._tagger.tag(scans)
            hearsay = Hearsay(scans, spans)
        for scan, tagged in zip(scans, spans, strict=True):
            yield from candidates(scan, tagged, hearsay)
