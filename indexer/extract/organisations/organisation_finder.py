"""Mentions of organisations in an article: what its text alone says, in the nominative.

Rules find what is built like a name, the tagger what stands where names stand; the article as a
whole decides. Values of the facet are formed from mentions elsewhere, without the text's analysis.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from indexer.extract.organisations.candidate_filter import (
    Place,
    confirmed,
    is_inside,
    named,
    one_name_each,
    small_print,
    things_in_capitals,
    without_overlaps,
)
from indexer.extract.organisations.rules_headed import headed_names
from indexer.extract.organisations.rules_legal import legal_names
from indexer.extract.organisations.rules_other import (
    acronyms,
    apposed_names,
    english_names,
    listed_names,
)
from indexer.extract.organisations.sentence_view import AND, Candidate, Scan
from indexer.extract.organisations.short_forms import KnownNames, heads_alone, short_names
from indexer.extract.organisations.tagger import TaggedSpan, Tagger
from indexer.extract.organisations.tagger_rules import (
    Hearsay,
    contradicted,
    supported,
    tagged_names,
)
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


def candidates(scan: Scan, spans: Sequence[TaggedSpan], hearsay: Hearsay | None) -> list[Candidate]:
    """All candidates of a sentence; they may overlap.

    ``spans`` is what the tagger says of it and ``hearsay`` what of the whole article, None if it
    does not know the language.
    """
    found = [*legal_names(scan), *headed_names(scan), *apposed_names(scan)]
    found += listed_names(scan)
    found += english_names(scan)
    found += acronyms(scan)
    if hearsay is not None:
        found = [
            supported(scan, spans, each) for each in found if not contradicted(scan, spans, each)
        ]
        legal = [(each.start, each.end) for each in found if each.kind == "legal"]
        found += (
            each
            for each in tagged_names(scan, spans, hearsay)
            if not _only_trails(scan, each, legal)
        )
    return [_with_unit(scan, each) for each in found]


def _only_trails(scan: Scan, tagged: Candidate, legal: Sequence[tuple[int, int]]) -> bool:
    """„AS Tammiku tehas“: a whole name with its legal form, and words in lower case behind it."""
    return any(
        start == tagged.start and end < tagged.end and scan.slice(end, tagged.end).islower()
        for start, end in legal
    )


def _with_unit(scan: Scan, candidate: Candidate) -> Candidate:
    """„Tartu Ülikooli õigusteaduskond“: a mention of its part mentions the organisation."""
    last = scan.word_ending_at(candidate.end)
    if last is None:
        return candidate
    unit = _unit_behind(scan, last)
    return candidate if unit is None else replace(candidate, end=scan.tokens[unit].end)


def _unit_behind(scan: Scan, last: int) -> int | None:
    """„… Viljandi filiaal“, „… arhitektuuri- ja ehitusosakond“: the word that calls a part."""
    i = last + 1
    if not scan.joined(last):
        return None
    if scan.lexicon.is_place(scan.words[i].text) and scan.words[i].capital and scan.joined(i):
        i += 1
    elif scan.tokens[i].elliptic and i + 2 < len(scan.words) and scan.words[i + 1].lower in AND:
        i += 2
    word = scan.words[i]
    return i if word.unit and not word.capital else None
