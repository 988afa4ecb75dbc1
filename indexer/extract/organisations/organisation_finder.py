"""Mentions of organisations in an article: what its text alone says, in the nominative.

Rules find what is built like a name, the tagger what stands where names stand; the article as a
whole decides. Values of the facet are formed from mentions elsewhere, without the text's analysis.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from indexer.extract.organisations.candidate_filter import (
    TextRange,
    certain_candidates,
    choose_nominatives,
    funding_notes,
    in_ranges,
    merge_names,
    non_organisation_acronyms,
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
from indexer.extract.organisations.sentence_view import AND, Candidate, SentenceView
from indexer.extract.organisations.short_forms import ShortFormMatcher, bare_heads, short_forms
from indexer.extract.organisations.tagger import TaggedSpan, Tagger
from indexer.extract.organisations.tagger_rules import (
    TaggerVotes,
    contradicts,
    tagged_names,
    with_acronyms_checked,
)
from indexer.extract.organisations.token_classes import TokenClassifier
from indexer.text_view import TextView
from search.analysis import ESTONIAN, Analyzer
from search.article import Mention


class OrganisationFinder:
    """Finds the mentions of organisations."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._estonian = TokenClassifier(analyzer)
        self._other = TokenClassifier(None)
        self._tagger = Tagger(analyzer)

    def mentions(self, text_view: TextView, language: str) -> tuple[Mention, ...]:
        """Every mention that counts, in order, none overlapping another."""
        words = self._words(language)
        every = [SentenceView(each, words) for each in text_view.sentences if each.tokens]
        views = [each for each in every if each.may_hold_names() and not each.is_shouted()]
        found = list(self._candidates(views, language))
        chosen = choose_nominatives(
            without_overlaps(certain_candidates(found, non_organisation_acronyms(views)))
        )
        repeats = ShortFormMatcher(short_forms(chosen, words, self._tagger.places))
        if repeats:
            chosen += (each for view in every for each in repeats.found(view))
            chosen = without_overlaps(chosen)
        chosen = merge_names(chosen, text_view)
        chosen = without_overlaps([*chosen, *bare_heads(chosen, every, words)])
        left_out = funding_notes(text_view, words)
        return tuple(
            Mention("organisation", each.names[0], each.part, each.start, each.end)
            for each in chosen
            if not in_ranges(each.part, each.start, left_out)
        )

    def funding_notes(self, text_view: TextView, language: str) -> tuple[TextRange, ...]:
        """Places of the sentences that say who pays: part, start and end."""
        return tuple(funding_notes(text_view, self._words(language)))

    def _words(self, language: str) -> TokenClassifier:
        return self._estonian if language == ESTONIAN else self._other

    def _candidates(self, views: Sequence[SentenceView], language: str) -> Iterator[Candidate]:
        spans: Sequence[Sequence[TaggedSpan]] = [()] * len(views)
        votes = None
        if language == ESTONIAN:
            spans = self._tagger.tag(views)
            votes = TaggerVotes(views, spans)
        for view, tagged in zip(views, spans, strict=True):
            yield from candidates(view, tagged, votes)


def candidates(
    view: SentenceView, spans: Sequence[TaggedSpan], votes: TaggerVotes | None
) -> list[Candidate]:
    """All candidates of a sentence; they may overlap.

    ``spans`` is what the tagger says of it and ``votes`` what of the whole article, None if it
    does not know the language.
    """
    found = [*legal_names(view), *headed_names(view), *apposed_names(view)]
    found += listed_names(view)
    found += english_names(view)
    found += acronyms(view)
    if votes is not None:
        found = [
            with_acronyms_checked(view, spans, each)
            for each in found
            if not contradicts(view, spans, each)
        ]
        legal = [(each.start, each.end) for each in found if each.kind == "legal"]
        found += (
            each for each in tagged_names(view, spans, votes) if not _only_trails(view, each, legal)
        )
    return [_with_unit(view, each) for each in found]


def _only_trails(view: SentenceView, tagged: Candidate, legal: Sequence[tuple[int, int]]) -> bool:
    """„AS Tammiku tehas“: a whole name with its legal form, and words in lower case behind it."""
    return any(
        start == tagged.start and end < tagged.end and view.slice(end, tagged.end).islower()
        for start, end in legal
    )


def _with_unit(view: SentenceView, candidate: Candidate) -> Candidate:
    """„Tartu Ülikooli õigusteaduskond“: a mention of its part mentions the organisation."""
    last = view.word_ending_at(candidate.end)
    if last is None:
        return candidate
    unit = _unit_behind(view, last)
    return candidate if unit is None else replace(candidate, end=view.tokens[unit].end)


def _unit_behind(view: SentenceView, last: int) -> int | None:
    """„… Viljandi filiaal“, „… arhitektuuri- ja ehitusosakond“: the word that calls a part."""
    i = last + 1
    if not view.joined(last):
        return None
    if view.classifier.is_place(view.words[i].text) and view.words[i].capital and view.joined(i):
        i += 1
    elif view.tokens[i].elliptic and i + 2 < len(view.words) and view.words[i + 1].lower in AND:
        i += 2
    word = view.words[i]
    return i if word.unit and not word.capital else None
