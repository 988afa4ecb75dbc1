"""Finds mentions of organisations in an article by rules and a CRF tagger.

Rules and tagger propose candidates by sentence; a filter selects among them over the article. Facet
values are formed from the mentions in ``organisation_facet``, without analysing the text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from indexer.extract.organisations import lexicon
from indexer.extract.organisations.candidate_filter import (
    certain_candidates,
    choose_nominatives,
    doubtful_candidates,
    funding_notes,
    introduced_aliases,
    merge_names,
    non_organisation_acronyms,
)
from indexer.extract.organisations.capital_sentences import in_sentence_case
from indexer.extract.organisations.headed_names import headed_names
from indexer.extract.organisations.rules import (
    acronyms,
    apposition_names,
    cited_media_names,
    club_names,
    company_names,
    credit_line_names,
    english_names,
    legal_names,
    listed_names,
)
from indexer.extract.organisations.sentence_view import AND, Candidate, SentenceView
from indexer.extract.organisations.short_forms import (
    ShortFormMatcher,
    coreferent_heads,
    short_forms,
)
from indexer.extract.organisations.tagger import TaggedSpan, Tagger
from indexer.extract.organisations.tagger_rules import (
    TaggerVotes,
    contradicts,
    tagged_names,
    with_acronym_confidence,
)
from indexer.extract.organisations.token_classes import TokenClassifier
from indexer.text_view import Sentence, TextRange, TextView, in_ranges, without_overlaps
from search.analysis import ESTONIAN, Analyzer
from search.article import Mention

_RULES = (
    *(
        legal_names,
        headed_names,
        apposition_names,
        listed_names,
        company_names,
        club_names,
    ),
    *(english_names, acronyms, credit_line_names, cited_media_names),
)


#: Kinds of candidates that prove a name for other articles, too.
_PROVING_KINDS = frozenset({"legal", "head", "apposed", "english"})
#: Most nominatives of a doubtful mention, likeliest first, and most doubtful mentions.
_MOST_NAMES = 2
_MOST_DOUBTFUL = 24
#: Names up to this length may be acronyms that only look like a place.
_ACRONYM_LENGTH = 3


@dataclass(frozen=True, slots=True)
class FoundOrganisations:
    """Mentions in order, not overlapping, and the funding notes.

    ``doubtful`` ones count only where other articles prove their names, some under two names;
    ``proven`` are the names that this one proves, ``aliases`` short names with their full names.
    """

    mentions: tuple[Mention, ...]
    funding_notes: tuple[TextRange, ...]
    doubtful: tuple[Mention, ...] = ()
    proven: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()


class OrganisationFinder:
    """Finds mentions of organisations in an article's text."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._estonian = TokenClassifier(analyzer)
        self._other = TokenClassifier(None)
        self._tagger = Tagger(analyzer)

    def find(self, text_view: TextView, language: str) -> FoundOrganisations:
        """Finds the mentions in a text, without those in its funding notes."""
        classifier = self._estonian if language == ESTONIAN else self._other
        sentences: Iterable[Sentence] = text_view.sentences
        if language == ESTONIAN:
            sentences = (in_sentence_case(each, self._analyzer) for each in sentences)
        every = [SentenceView(each, classifier) for each in sentences]
        views = [each for each in every if each.may_hold_names() and not each.is_all_caps()]
        others = non_organisation_acronyms(views)
        candidates = [e for e in self._candidates(views, language) if not self._is_place(e)]
        found = certain_candidates(candidates, others)
        chosen = choose_nominatives(without_overlaps(found))
        matcher = ShortFormMatcher(short_forms(chosen, classifier, self._tagger.places))
        if matcher:
            chosen += (each for view in every for each in matcher.found(view))
            chosen = without_overlaps(chosen)
        aliases = introduced_aliases(chosen, text_view)
        chosen = merge_names(chosen, aliases)
        chosen = without_overlaps([*chosen, *coreferent_heads(chosen, every, classifier)])
        notes = funding_notes(text_view, classifier)
        kept = [each for each in chosen if not in_ranges(each.part, each.start, notes)]
        doubtful = doubtful_candidates(candidates, chosen, others)[:_MOST_DOUBTFUL]
        return FoundOrganisations(
            tuple(_mention(each, each.names[0]) for each in kept),
            notes,
            tuple(_mention(each, name) for each in doubtful for name in each.names[:_MOST_NAMES]),
            tuple(dict.fromkeys(each.names[0] for each in kept if self._proves(each))),
            tuple(aliases.items()),
        )

    def _is_place(self, candidate: Candidate) -> bool:
        """True if only the tagger takes a known place for an organisation: „Los Angeles“."""
        if candidate.kind not in ("tagged", "english"):
            return False
        names = [each.lower() for each in candidate.names if len(each) > _ACRONYM_LENGTH]
        places = self._tagger.places
        return not (places.isdisjoint(names) and lexicon.DISTRICTS.isdisjoint(names))

    def _proves(self, candidate: Candidate) -> bool:
        """True if the candidate proves that its name is an organisation's in any article."""
        name = candidate.names[0].lower()
        other = name in self._tagger.places or name in lexicon.PLATFORMS
        return candidate.kind == "legal" or (candidate.kind in _PROVING_KINDS and not other)

    def _candidates(self, views: Sequence[SentenceView], language: str) -> list[Candidate]:
        if language != ESTONIAN:
            return [each for view in views for each in _candidates_by_rules(view)]
        spans = self._tagger.tag(views)
        votes = TaggerVotes(views, spans)
        return [
            each
            for view, tagged in zip(views, spans, strict=True)
            for each in _candidates_with_tagger(view, tagged, votes)
        ]


def _mention(candidate: Candidate, name: str) -> Mention:
    return Mention("organisation", name, candidate.part, candidate.start, candidate.end)


def _candidates_by_rules(view: SentenceView) -> list[Candidate]:
    """Rule candidates of a sentence; they may overlap."""
    return [_with_unit(view, each) for rule in _RULES for each in rule(view)]


def _candidates_with_tagger(
    view: SentenceView, spans: Sequence[TaggedSpan], votes: TaggerVotes
) -> list[Candidate]:
    """Candidates of the rules that the tagger does not contradict, and candidates of the tagger."""
    found = [
        with_acronym_confidence(view, spans, each)
        for rule in _RULES
        for each in rule(view)
        if not contradicts(view, spans, each)
    ]
    legal = [(each.start, each.end) for each in found if each.kind == "legal"]
    found += (
        each
        for each in tagged_names(view, spans, votes)
        if not _only_adds_lower_case(view, each, legal)
    )
    return [_with_unit(view, each) for each in found if not _is_in_capitals(view, each)]


def _is_in_capitals(view: SentenceView, candidate: Candidate) -> bool:
    """True for common words in capitals: „SÜÜDISTUS MUUTUS: hoiuühistu …“."""
    if not view.slice(candidate.start, candidate.end).isupper():
        return False
    inside = [
        each
        for each, token in zip(view.words, view.tokens, strict=True)
        if candidate.start <= token.start and token.end <= candidate.end
    ]
    if len(inside) < 2 or inside[-1].head is not None:
        return False
    return all(
        each.text.isupper() and len(each.text) > 3 and bool(view.classifier.common(each.lower))
        for each in inside
    )


def _only_adds_lower_case(
    view: SentenceView, tagged: Candidate, legal: Sequence[tuple[int, int]]
) -> bool:
    """True if only lower-case words follow a complete name: „AS Tammiku tehas“."""
    return any(
        start == tagged.start and end < tagged.end and view.slice(end, tagged.end).islower()
        for start, end in legal
    )


def _with_unit(view: SentenceView, candidate: Candidate) -> Candidate:
    """Extends a mention by its unit: „Tartu Ülikooli õigusteaduskond“."""
    last = view.word_ending_at(candidate.end)
    if last is None:
        return candidate
    unit = _unit_behind(view, last)
    return candidate if unit is None else replace(candidate, end=view.tokens[unit].end)


def _unit_behind(view: SentenceView, last: int) -> int | None:
    """Index of a noun for a unit behind a name: „… Viljandi filiaal“, „… ehitusosakond“."""
    i = last + 1
    if not view.joined(last):
        return None
    if view.classifier.is_place(view.words[i].text) and view.words[i].capital and view.joined(i):
        i += 1
    elif view.tokens[i].elliptic and i + 2 < len(view.words) and view.words[i + 1].lower in AND:
        i += 2
    word = view.words[i]
    return i if word.unit and not word.capital else None
