"""Finding names of organisations in one sentence.

Each finder returns candidates; the organisation finder chooses among them with the
whole article in view.
"""

from collections.abc import Sequence
from dataclasses import replace

from indexer.extract.organisations.rules_headed import headed_names
from indexer.extract.organisations.rules_legal import legal_names
from indexer.extract.organisations.rules_other import (
    acronyms,
    apposed_names,
    english_names,
    listed_names,
)
from indexer.extract.organisations.sentence_view import AND, Candidate, Scan
from indexer.extract.organisations.tagger import TaggedSpan
from indexer.extract.organisations.tagger_rules import (
    Hearsay,
    contradicted,
    supported,
    tagged_names,
)


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
