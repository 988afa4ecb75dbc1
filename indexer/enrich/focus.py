"""Scores the focus areas of an article by the words that its taxonomy names.

Every distinct cue counts with its weight, growing with each repetition but never past double.
The title counts as three mentions. A sentence that names three or more areas is a list of
headings and tells little. What stands in many paragraphs counts more than what fills one.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.enrich.passages import Passages, Sentence
from search.analysis import ESTONIAN, Analyzer, Token
from search.article import Evidence, Extracted
from search.taxonomy import FocusArea, Taxonomy

_TITLE = 3.0
_LISTING = 0.2
_LISTED_AREAS = 3
_MAX_EVIDENCE = 4
_CACHE_LIMIT = 200_000
#: Cues of this weight or less count only as far as stronger ones stand beside them.
_WEAK = 1.0
#: An area needs this score in a short article …
_ENOUGH = 4.0
#: … and this much more for each hundred words.
_PER_HUNDRED_WORDS = 0.3
#: A second area needs this share of the strongest one's score.
_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class _Form:
    """A word form: its lemmas, and for each area its strongest cue, if any."""

    lemmas: frozenset[str]
    cues: tuple[tuple[str, float] | None, ...]


@dataclass(frozen=True, slots=True)
class _Hit:
    cue: str
    weight: float
    sentence: Sentence
    start: int
    end: int


class FocusScorer:
    """Scores articles against one taxonomy, prepared once."""

    def __init__(self, taxonomy: Taxonomy, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._areas = [_Area(each) for each in taxonomy.areas]
        self._forms: dict[tuple[str, bool], _Form] = {}

    def areas(self, passages: Passages, language: str) -> tuple[Extracted[str], ...]:
        """Areas of the article, strongest first, with their best spans; often one, or none.

        In other languages than Estonian, cues are compared with the words as they stand.
        """
        hits: dict[str, list[tuple[_Hit, float]]] = defaultdict(list)
        words = 0
        for sentence in passages.sentences:
            tokens = [each for each in sentence.tokens if each.kind != "address"]
            forms = [self._form(each.text, language == ESTONIAN) for each in tokens]
            words += len(forms)
            found = {
                area.id: list(area.hits(index, sentence, tokens, forms))
                for index, area in enumerate(self._areas)
            }
            named = sum(bool(each) for each in found.values())
            factor = _LISTING if named >= _LISTED_AREAS else 1.0
            for area_id, each_hits in found.items():
                hits[area_id] += [(hit, factor) for hit in each_hits]
        scores = {
            area_id: _score(each, passages.paragraphs) for area_id, each in hits.items() if each
        }
        needed = max(
            _ENOUGH + _PER_HUNDRED_WORDS * words / 100, _SHARE * max(scores.values(), default=0)
        )
        ranked = sorted(
            (area for area in self._areas if scores.get(area.id, 0.0) >= needed),
            key=lambda area: -scores[area.id],
        )
        return tuple(
            Extracted(
                area.id, "found", _evidence(passages, hits[area.id]), round(scores[area.id], 3)
            )
            for area in ranked
        )

    def _form(self, text: str, estonian: bool) -> _Form:
        known = self._forms.get((text, estonian))
        if known is None:
            if len(self._forms) >= _CACHE_LIMIT:
                self._forms.clear()
            known = self._forms[text, estonian] = self._new_form(text, estonian)
        return known

    def _new_form(self, text: str, estonian: bool) -> _Form:
        low = text.lower()
        lemmas, parts = frozenset({low}), frozenset[str]()
        if not estonian:
            lemmas |= {low.removesuffix("s")}
        elif not text.isdigit():
            terms = self._analyzer.terms(text)
            lemmas |= {each.lower() for each in terms.lemmas}
            parts = frozenset(each.lower() for each in terms.parts)
        return _Form(lemmas, tuple(area.cue(lemmas, parts) for area in self._areas))


_Phrases = dict[str, list[tuple[tuple[str, ...], float]]]


class _Area:
    """One area's cues, by the word they begin with."""

    def __init__(self, area: FocusArea) -> None:
        self.id = area.id
        self._lemmas: dict[str, float] = {}
        self._parts: dict[str, float] = {}
        self._phrases: _Phrases = defaultdict(list)
        for cues in area.cues:
            for lemma in cues.words.lemmas:
                self._lemmas[lemma] = max(cues.weight, self._lemmas.get(lemma, 0.0))
            for part in cues.words.parts:
                self._parts[part] = max(cues.weight, self._parts.get(part, 0.0))
            for phrase in cues.words.phrases:
                self._phrases[phrase[0]].append((phrase, cues.weight))
        self._not_lemmas = area.exclude.lemmas
        self._not_parts = area.exclude.parts
        self._not_phrases: _Phrases = defaultdict(list)
        for phrase in area.exclude.phrases:
            self._not_phrases[phrase[0]].append((phrase, 0.0))

    def cue(self, lemmas: frozenset[str], parts: frozenset[str]) -> tuple[str, float] | None:
        """The strongest cue of a word, None if it has none or is excluded."""
        if lemmas & self._not_lemmas or (parts | lemmas) & self._not_parts:
            return None
        found = [(weight, word) for word in lemmas if (weight := self._lemmas.get(word))]
        found += [(weight, word) for word in lemmas | parts if (weight := self._parts.get(word))]
        if not found:
            return None
        weight, word = max(found)
        return word, weight

    def hits(
        self, index: int, sentence: Sentence, tokens: list[Token], forms: list[_Form]
    ) -> Iterator[_Hit]:
        """Cues met in a sentence: phrases first, then each word once, by its strongest cue."""
        closed: set[int] = set()
        for start, phrase, _ in _phrases_in(forms, self._not_phrases):
            closed.update(range(start, start + len(phrase)))
        for start, phrase, weight in _phrases_in(forms, self._phrases):
            span = range(start, start + len(phrase))
            if closed.isdisjoint(span):
                closed.update(span)
                end = tokens[start + len(phrase) - 1].end
                yield _Hit(" ".join(phrase), weight, sentence, tokens[start].start, end)
        for i, form in enumerate(forms):
            cue = form.cues[index]
            if cue is not None and i not in closed:
                yield _Hit(cue[0], cue[1], sentence, tokens[i].start, tokens[i].end)


def _phrases_in(
    forms: list[_Form], phrases: _Phrases
) -> Iterator[tuple[int, tuple[str, ...], float]]:
    if not phrases:
        return
    firsts = phrases.keys()
    for i, each in enumerate(forms):
        if each.lemmas.isdisjoint(firsts):
            continue
        for lemma in sorted(each.lemmas & firsts):
            for phrase, weight in phrases[lemma]:
                if i + len(phrase) <= len(forms) and all(
                    word in forms[i + k].lemmas for k, word in enumerate(phrase)
                ):
                    yield i, phrase, weight


def _score(hits: list[tuple[_Hit, float]], paragraphs: int) -> float:
    mentions: dict[str, float] = defaultdict(float)
    weights: dict[str, float] = {}
    spread: set[int] = set()
    for hit, factor in hits:
        mentions[hit.cue] += factor * (_TITLE if hit.sentence.part == "title" else 1.0)
        weights[hit.cue] = max(hit.weight, weights.get(hit.cue, 0.0))
        if factor == 1.0 and hit.sentence.part == "body":
            spread.add(hit.sentence.paragraph)
    worth = {cue: weights[cue] * 2 * n / (n + 1) for cue, n in mentions.items()}
    strong = sum(value for cue, value in worth.items() if weights[cue] > _WEAK)
    weak = sum(worth.values()) - strong
    total = strong + min(weak, strong)
    return total * (0.5 + 0.5 * min(1.0, 2 * len(spread) / max(paragraphs, 1)))


def _evidence(passages: Passages, hits: list[tuple[_Hit, float]]) -> tuple[Evidence, ...]:
    """The strongest spans, one for each cue; the title's first."""
    best: dict[str, _Hit] = {}
    order = sorted(
        hits, key=lambda h: (-h[1], -h[0].weight, h[0].sentence.part == "body", h[0].start)
    )
    for hit, _ in order:
        best.setdefault(hit.cue, hit)
    chosen = list(best.values())[:_MAX_EVIDENCE]
    chosen.sort(key=lambda hit: (hit.sentence.part == "body", -hit.weight, hit.start))
    return tuple(passages.evidence(hit.sentence.part, hit.start, hit.end) for hit in chosen)
