"""Scores the focus areas of an article by taxonomy cues.

Every distinct cue counts with its weight, growing with each repetition but never past double.
The title counts as three mentions, a mention inside a name as half of one. A sentence with cues of
three or more areas is a list and weighs little. Cues in many paragraphs weigh more than in one.

A cue of an area counts for its parent, too. An article has a nested area only if it has the parent,
which then comes first.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from indexer.text_view import PartView, TermPositions
from search.analysis import ESTONIAN, tokenize
from search.analysis.terms import LEMMA, PART, SURFACE
from search.article import Evidence, Extracted
from search.taxonomy import FocusArea, Taxonomy

_TITLE_WEIGHT = 3.0
_LISTING_WEIGHT = 0.2
#: A cue inside a name („Eesti Energia“) is weak evidence of the topic.
_IN_NAME_WEIGHT = 0.5
_LISTED_AREAS = 3
_MAX_EVIDENCE = 4
#: Cues of this weight or less count at most as much, in all, as the stronger ones.
_WEAK_CUE = 1.0
#: An area needs this score in a short article …
_MIN_SCORE = 3.0
#: … and this much more for each hundred words.
_PER_HUNDRED_WORDS = 1.0
#: A second area needs this share of the strongest one's score.
_MIN_SHARE = 0.45

_Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _CueHit:
    """A match of a cue at ``positions`` of a part."""

    cue: str
    weight: float
    part: PartView
    positions: range

    @property
    def sentence(self) -> tuple[str, int]:
        return self.part.name, self.part.sentence_of(self.positions.start)

    @property
    def paragraph(self) -> int:
        return self.part.paragraphs[self.part.sentence_of(self.positions.start)]

    @property
    def in_name(self) -> bool:
        """True inside a name: capitalised, neither first in its sentence nor an acronym."""
        at = self.positions.start
        word = self.part.word(at)
        if not word[:1].isupper() or word.isupper():
            return False
        return at != self.part.sentence_positions(self.part.sentence_of(at)).start

    @property
    def evidence(self) -> Evidence:
        first, last = self.positions[0], self.positions[-1]
        return self.part.evidence(self.part.starts[first], self.part.ends[last])


class FocusScorer:
    """Scores and selects the focus areas of articles by one taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._areas = [_Area(each) for each in taxonomy.areas]
        self._terms = frozenset(term for area in self._areas for term in area.terms)

    def areas(self, parts: Sequence[PartView], language: str) -> tuple[Extracted[str], ...]:
        """Selects the focus areas of an article, strongest first, with evidence; often one or none.

        In other languages than Estonian, cues are compared with surface forms.
        """
        hits = self._hits(parts, language)
        factors = self._factors(hits)
        paragraphs = max((max(each.paragraphs, default=0) for each in parts), default=0)
        scores = {
            area: _score(each, factors, max(paragraphs, 1)) for area, each in hits.items() if each
        }
        words = sum(each.words for each in parts)
        chosen = self._chosen(scores, _MIN_SCORE + _PER_HUNDRED_WORDS * words / 100)
        return tuple(
            Extracted(each, "found", _evidence(hits[each], factors), round(scores[each], 3))
            for each in chosen
        )

    def _hits(self, parts: Sequence[PartView], language: str) -> dict[str, list[_CueHit]]:
        """Finds cue matches by area; an area has those of its nested areas, too."""
        hits: dict[str, list[_CueHit]] = {area.id: [] for area in self._areas}
        for part in parts:
            found = self._term_positions(part, language)
            for area in self._areas:
                hits[area.id] += area.hits(part, found)
        for area in reversed(self._areas):
            if area.parent is not None:
                above = hits[area.parent]
                taken = {(hit.part.name, at) for hit in above for at in hit.positions}
                above += [
                    hit
                    for hit in hits[area.id]
                    if taken.isdisjoint((hit.part.name, at) for at in hit.positions)
                ]
        return hits

    def _term_positions(self, part: PartView, language: str) -> TermPositions:
        if language == ESTONIAN:
            return part.positions_of(self._terms)
        # A plural in English: „clusters“.
        found: dict[str, list[int]] = defaultdict(list)
        for term, positions in part.channel_positions(SURFACE).items():
            for word in {term[1:], term[1:].removesuffix("s")}:
                if LEMMA + word in self._terms:
                    found[LEMMA + word] += positions
        return found

    def _factors(self, hits: Mapping[str, list[_CueHit]]) -> Mapping[tuple[str, int], float]:
        """Weights of sentences whose cues count less."""
        named: dict[tuple[str, int], set[str]] = defaultdict(set)
        for area in self._areas:
            if area.parent is None:
                for hit in hits[area.id]:
                    named[hit.sentence].add(area.id)
        return {
            sentence: _LISTING_WEIGHT
            for sentence, areas in named.items()
            if len(areas) >= _LISTED_AREAS
        }

    def _chosen(self, scores: Mapping[str, float], needed: float) -> list[str]:
        """Areas with a score of at least ``needed``, close to the best of their siblings."""
        strongest: dict[str | None, float] = defaultdict(float)
        for area in self._areas:
            strongest[area.parent] = max(strongest[area.parent], scores.get(area.id, 0.0))
        chosen: dict[str | None, int] = {None: 0}
        for area in self._areas:
            score = scores.get(area.id, 0.0)
            if area.parent in chosen and score >= max(needed, _MIN_SHARE * strongest[area.parent]):
                chosen[area.id] = chosen[area.parent] + 1
        del chosen[None]
        return sorted(filter(None, chosen), key=lambda each: (-scores[each], chosen[each]))


class _Area:
    """The cues of one area, by channel and word."""

    def __init__(self, area: FocusArea) -> None:
        self.id = area.id
        self.parent = area.parent
        self._cues: dict[str, tuple[float, str]] = {}
        self._phrases: dict[_Phrase, float] = {}
        for cues in area.cues:
            for terms in (_word_terms(cues.words.lemmas), _part_terms(cues.words.parts)):
                for term in terms:
                    self._cues[term] = max((cues.weight, term[1:]), self._cues.get(term, (0, "")))
            for phrase in cues.words.phrases:
                words = _as_tokens(phrase)
                self._phrases[words] = max(cues.weight, self._phrases.get(words, 0.0))
        self._not_terms = frozenset(
            (*_word_terms(area.exclude.lemmas), *_part_terms(area.exclude.parts))
        )
        self._not_phrases = frozenset(_as_tokens(each) for each in area.exclude.phrases)
        self._by_first: dict[str, list[_Phrase]] = defaultdict(list)
        for phrase in (*self._phrases, *self._not_phrases):
            for term in _word_terms(phrase[:1]):
                self._by_first[term].append(phrase)
        in_phrases = _word_terms(
            word for phrases in self._by_first.values() for p in phrases for word in p
        )
        self.terms = frozenset((*self._cues, *self._not_terms, *in_phrases))

    def hits(self, part: PartView, found: TermPositions) -> Iterator[_CueHit]:
        """Finds cue matches in a part: phrases first, then each word once, by its strongest cue."""
        used: set[int] = set()
        started = {p for term in found.keys() & self._by_first.keys() for p in self._by_first[term]}
        for phrase in started & self._not_phrases:
            for span in _phrase_spans(part, found, phrase):
                used.update(span)
        spans = [
            (span.start, phrase, span)
            for phrase in started & self._phrases.keys()
            for span in _phrase_spans(part, found, phrase)
        ]
        for _, phrase, span in sorted(spans, key=lambda each: each[:2]):
            if used.isdisjoint(span):
                used.update(span)
                yield _CueHit(" ".join(phrase), self._phrases[phrase], part, span)
        for term in found.keys() & self._not_terms:
            used.update(found[term])
        best: dict[int, tuple[float, str]] = {}
        for term in found.keys() & self._cues.keys():
            for at in found[term]:
                best[at] = max(self._cues[term], best.get(at, (0.0, "")))
        for at in sorted(best.keys() - used):
            weight, word = best[at]
            yield _CueHit(word, weight, part, range(at, at + 1))


def _word_terms(words: Iterable[str]) -> Iterator[str]:
    """Terms of whole words: lemma and surface form."""
    return (channel + word for word in words for channel in (LEMMA, SURFACE))


def _part_terms(words: Iterable[str]) -> Iterator[str]:
    """Terms of words that may also match a compound part."""
    return (channel + word for word in words for channel in (LEMMA, SURFACE, PART))


def _as_tokens(phrase: _Phrase) -> _Phrase:
    """The phrase tokenized as texts are: „tööstus 4.0“ has a number."""
    return tuple(each.surface for word in phrase for each in tokenize(word))


def _phrase_spans(part: PartView, found: TermPositions, phrase: _Phrase) -> Iterator[range]:
    """Places where the lemmas of ``phrase`` follow each other within a sentence."""
    starts: set[int] | None = None
    for offset, word in enumerate(phrase):
        places = {
            at - offset for channel in (LEMMA, SURFACE) for at in found.get(channel + word, ())
        }
        starts = places if starts is None else starts & places
        if not starts:
            return
    for start in sorted(starts or ()):
        if part.in_one_sentence(start, start + len(phrase) - 1):
            yield range(start, start + len(phrase))


def _score(
    hits: Sequence[_CueHit], factors: Mapping[tuple[str, int], float], paragraphs: int
) -> float:
    mentions: dict[str, float] = defaultdict(float)
    weights: dict[str, float] = {}
    spread: set[int] = set()
    for hit in hits:
        factor = factors.get(hit.sentence, 1.0)
        if hit.in_name:
            factor *= _IN_NAME_WEIGHT
        mentions[hit.cue] += factor * (_TITLE_WEIGHT if hit.part.name == "title" else 1.0)
        weights[hit.cue] = max(hit.weight, weights.get(hit.cue, 0.0))
        if factor == 1.0 and hit.part.name == "body":
            spread.add(hit.paragraph)
    # Summed in the order of their names: floating-point sums must not depend on the hits' order.
    values = {cue: weights[cue] * 2 * n / (n + 1) for cue, n in sorted(mentions.items())}
    strong = sum(value for cue, value in values.items() if weights[cue] > _WEAK_CUE)
    weak = sum(values.values()) - strong
    total = strong + min(weak, strong)
    return total * (0.5 + 0.5 * min(1.0, 2 * len(spread) / paragraphs))


def _evidence(
    hits: Sequence[_CueHit], factors: Mapping[tuple[str, int], float]
) -> tuple[Evidence, ...]:
    """The strongest matches, one for each cue; title first."""
    order = sorted(
        hits,
        key=lambda hit: (
            -factors.get(hit.sentence, 1.0),
            -hit.weight,
            hit.part.name == "body",
            hit.positions.start,
            hit.cue,
        ),
    )
    best: dict[str, _CueHit] = {}
    for hit in order:
        best.setdefault(hit.cue, hit)
    chosen = list(best.values())[:_MAX_EVIDENCE]
    chosen.sort(key=lambda hit: (hit.part.name == "body", -hit.weight, hit.positions.start))
    return tuple(hit.evidence for hit in chosen)
