"""Slow reference implementation of queries, to compare the engine's arrays with.

Matching steps through Whoosh's public matchers, scores are textbook BM25F, one document and one
position at a time, and facets are counted one by one. The engine's constants are repeated here,
because changing them changes answers.
"""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.analysis.terms import term
from search.article import Article, PartialDate
from search.date_interval import DateInterval
from search.engines.contract import IndexedDocument
from search.query.ast import (
    Alternative,
    And,
    Apart,
    Choice,
    Everything,
    FacetTerm,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    Words,
)
from search.request import COUNTED, FACETS, FacetFilter, FacetName, SearchRequest, year_range

K1 = 1.8
B = {"title": 0.5, "body": 0.6}
TITLE_BOOST = 8.0
EARLY_BOOST = 1.0
EARLY = 50
PREFIX_WEIGHT = 0.5
MOST_PREFIXES = 1000
COVERAGE = 0.25
OTHER_READING = 0.3
OTHER_WAYS = 0.1
PARTS_ALONE = 0.2
NEAR = 8
NEAR_IN_QUERY = 2

#: Ascending positions by document, including deleted documents.
Postings = Mapping[int, Sequence[int]]
Scores = defaultdict[int, float]


@dataclass(frozen=True)
class Answer:
    """The expected answer: ids with scores and whether they match fully, counts by value."""

    documents: list[tuple[str, float, bool]]
    total: int
    partial: int
    facets: dict[FacetName, list[tuple[str, int]]]
    without: dict[FacetName, int]


@dataclass
class _Unit:
    full: set[int]
    some: set[int]
    covered: dict[int, float]
    weight: float


class Reference:
    """Answers from a Whoosh reader.

    ``documents`` are all that were ever added, by id with their present content. A cluster of
    near-duplicates has the id of its representative.
    """

    def __init__(self, reader: Any, documents: Mapping[str, IndexedDocument]) -> None:
        self.reader = reader
        self.leaves = list(reader.leaf_readers())
        self.everything = set(range(reader.doc_count_all()))
        self.alive = {
            base + local
            for leaf, base in self.leaves
            for local in range(leaf.doc_count_all())
            if not leaf.is_deleted(local)
        }
        ids = self._column("id")
        self.articles = [documents[each].article for each in ids]
        self._known: dict[tuple[str, str], Postings] = {}
        self.lengths = {name: self._column(f"{name}_length") for name in ("title", "body")}
        self.published, self.added = self._column("published"), self._column("added")
        self.means = {}
        for name, lengths in self.lengths.items():
            filled = [each for each in lengths if each > 0]
            self.means[name] = sum(filled) / len(filled) if filled else 1.0
        self.clusters = self._clusters([documents[each].signature for each in ids])
        sizes = Counter(self.clusters[each] for each in self.alive)
        self.clustered = {each for each in self.alive if sizes[self.clusters[each]] > 1}

    def search(self, node: Node, request: SearchRequest) -> Answer:
        scores: Scores = defaultdict(float)
        full, some = self._evaluate(node, scores)
        full &= self.alive
        partial = (some & self.alive) - full
        passes = {name: self._passing(name, request.filter(name)) for name in FACETS}
        passes["year"] &= self._within(request.span)
        passed = set.intersection(*passes.values())
        found_full, found_partial = full & passed, partial & passed
        clusters = {self.clusters[each] for each in found_full}
        others = {self.clusters[each] for each in found_partial} - clusters
        shown = self._one_each(found_full, found_partial, scores, request)
        facets, without = {}, {}
        for name in COUNTED:
            own = "year" if name == "month" else name
            counted = set.intersection(*(passes[each] for each in FACETS if each != own))
            matched = full & counted
            if not found_full and not matched:
                matched = partial & counted
            facets[name] = self._counts(name, matched, request.filter(name))
            if request.filter(name) or (name == "year" and request.span):
                without[name] = len({self.clusters[each] for each in full & counted})
        ordered = [
            (self.articles[number].id, scores[number], number in found_full) for number in shown
        ]
        start = (request.page - 1) * request.page_size
        page = ordered[start : start + request.page_size]
        return Answer(page, len(clusters), len(others), facets, without)

    def document_frequency(self, text: str) -> int:
        held = {each for name in ("title", "body") for each in self.postings(name, text)}
        return len(held & self.alive)

    def reading_counts(self, surface: str, lemmas: Sequence[str]) -> tuple[int, ...]:
        return tuple(
            sum(
                len(set(positions) & set(self.postings(name, lemma).get(number, ())))
                for name in ("title", "body")
                for number, positions in self.postings(name, surface).items()
            )
            for lemma in lemmas
        )

    def postings(self, name: str, text: str) -> Postings:
        key = (name, text)
        if key not in self._known:
            found: dict[int, Sequence[int]] = {}
            for leaf, base in self.leaves:
                if key in leaf:
                    matcher = leaf.postings(*key)
                    # Deleted documents still count in document frequencies.
                    matcher = getattr(matcher, "child", matcher)
                    matcher.reset()
                    while matcher.is_active():
                        found[base + matcher.id()] = matcher.value_as("positions")
                        matcher.next()
            self._known[key] = found
        return self._known[key]

    def close(self) -> None:
        self.reader.close()

    def _clusters(self, signatures: Sequence[bytes]) -> list[int]:
        """Representative of each document: of equal signatures the earliest, then shortest id."""
        first: dict[bytes, int] = {}
        for number in sorted(self.alive, key=self._standing):
            first.setdefault(signatures[number], number)
        return [
            first[each] if each and number in self.alive else number
            for number, each in enumerate(signatures)
        ]

    def _standing(self, number: int) -> tuple[Any, ...]:
        year, month, day = (self.published[number] // each for each in (10000, 100, 1))
        # A date with month or year precision may be as late as the end of that.
        latest = (year, month % 100 or 99, day % 100 or 99) if year else (9999,)
        article_id = self.articles[number].id
        return latest, len(article_id), article_id

    def _column(self, name: str) -> list[Any]:
        return [
            leaf.column_reader(name)[local]
            for leaf, _ in self.leaves
            for local in range(leaf.doc_count_all())
        ]

    def _idf(self, frequency: int) -> float:
        count = max(len(self.alive), 1)
        frequency = min(frequency, count)
        return math.log(1 + (count - frequency + 0.5) / (frequency + 0.5))

    def _bm25f(self, lists: Iterable[tuple[str, Postings]], weight: float, scores: Scores) -> None:
        """Adds the score of one term with the postings ``lists`` by field."""
        frequencies: Scores = defaultdict(float)
        for name, postings in lists:
            for number, positions in postings.items():
                norm = 1 - B[name] + B[name] * self.lengths[name][number] / self.means[name]
                if name == "title":
                    frequencies[number] += TITLE_BOOST * len(positions) / norm
                else:
                    early = sum(each < EARLY for each in positions)
                    frequencies[number] += (len(positions) + EARLY_BOOST * early) / norm
        idf = self._idf(len(frequencies))
        for number, tf in frequencies.items():
            scores[number] += weight * idf * tf * (K1 + 1) / (K1 + tf)

    def _evaluate(self, node: Node, scores: Scores) -> tuple[set[int], set[int]]:
        if isinstance(node, Word | Words | Choice):
            unit = self._unit(node, scores)
            return unit.full, unit.some
        if isinstance(node, And):
            pairs = [
                (found := self._strict(each, scores), found)
                if isinstance(each, Word)
                else self._evaluate(each, scores)
                for each in node.children
            ]
            fulls, somes = zip(*pairs, strict=True)
            return set.intersection(*fulls), set.intersection(*somes)
        strict = self._strict(node, scores)
        return set(strict), set(strict)

    def _strict(self, node: Node, scores: Scores) -> set[int]:
        if isinstance(node, Word):
            return self._word(node, scores)
        if isinstance(node, Phrase):
            return self._phrase(node, scores)
        if isinstance(node, Prefix):
            return self._prefix(node, scores)
        if isinstance(node, FacetTerm):
            return self._facet_term(node)
        if isinstance(node, Or):
            return set.union(*(self._strict(each, scores) for each in node.children))
        if isinstance(node, Choice):
            return self._unit(node, scores).full
        if isinstance(node, And | Words):
            return set.intersection(*(self._strict(each, scores) for each in node.children))
        if isinstance(node, Not):
            return self.everything - self._strict(node.child, defaultdict(float))
        assert isinstance(node, Everything)
        return set(self.everything)

    def _unit(self, node: Word | Words | Phrase | Choice, scores: Scores) -> _Unit:
        if isinstance(node, Choice):
            return self._choice(node, scores)
        if isinstance(node, Words):
            return self._words(node, scores)
        found = self._strict(node, scores)
        weight = self._idf(len(found)) * _length(node)
        covered = dict.fromkeys(found, weight)
        some = set(found)
        for each in node.readings if isinstance(node, Word) else ():
            lists = self._lists(node, each)
            self._bm25f(lists, each.weight, scores)
            for number in {number for _, postings in lists for number in postings} - some:
                some.add(number)
                covered[number] = OTHER_READING * weight
        return _Unit(set(found), some, covered, weight)

    def _words(self, node: Words, scores: Scores) -> _Unit:
        own: Scores = defaultdict(float)
        units = [self._unit(each, own) for each in node.children]
        weight = sum(each.weight for each in units)
        covered: Scores = defaultdict(float)
        for each in units:
            for number, held in each.covered.items():
                covered[number] += held
        self._proximity(node, units, own)
        for number, score in own.items():
            share: float = covered[number] / (weight or 1.0)
            scores[number] += score * share**COVERAGE
        full = set.intersection(*(each.full for each in units))
        return _Unit(full, set.union(*(each.some for each in units)), dict(covered), weight)

    def _proximity(self, node: Words, units: Sequence[_Unit], scores: Scores) -> None:
        typed = [each.typed if isinstance(each, Choice) else each for each in node.children]
        for i, one in enumerate(typed):
            for j in range(i + 1, min(i + 1 + NEAR_IN_QUERY, len(typed))):
                other = typed[j]
                if not isinstance(one, Word) or not isinstance(other, Word):
                    continue
                first, second = self._places(one), self._places(other)
                weight = min(units[i].weight, units[j].weight)
                for number in first.keys() & second.keys():
                    apart = {abs(a - b) for a in first[number] for b in second[number]}
                    if apart & set(range(1, NEAR + 1)):
                        scores[number] += weight

    def _places(self, word: Word) -> dict[int, set[int]]:
        places: dict[int, set[int]] = {}
        placed = list(word.family.terms) if word.family else []
        for each in word.alternatives:
            if each.channel != "surface":
                placed.append(_term(each))
        for text in placed:
            for number, positions in self.postings("body", text).items():
                places.setdefault(number, set()).update(positions)
        return places

    def _choice(self, node: Choice, scores: Scores) -> _Unit:
        own: list[Scores] = [defaultdict(float) for _ in range(len(node.others) + 1)]
        typed = self._unit(node.typed, own[0])
        units = [self._unit(each.node, s) for each, s in zip(node.others, own[1:], strict=True)]
        weight = typed.weight
        if not isinstance(node.typed, Words):
            same = [u.full for u, each in zip(units, node.others, strict=True) if each.weight >= 1]
            weight = self._idf(len(typed.full.union(*same))) * _length(node.typed)
        factors = [weight / (each.weight or 1.0) for each in (typed, *units)]
        for i, each in enumerate(node.others, 1):
            if each.weight < 1:
                factors[i] = each.weight * min(factors[i], 1.0)
        covered: Scores = defaultdict(float)
        for number, held in typed.covered.items():
            covered[number] = held * factors[0]
        for each, unit in zip(node.others, units, strict=True):
            for number in unit.full:
                covered[number] = max(covered[number], each.weight * weight)
        mine: Scores = defaultdict(float)
        for number in set().union(*own):
            ways = [each[number] * f for each, f in zip(own, factors, strict=True)]
            mine[number] = max(ways) + OTHER_WAYS * (sum(ways) - max(ways))
        fulls = [each.full for each in units]
        unit = _Unit(typed.full.union(*fulls), typed.some.union(*fulls), dict(covered), weight)
        if node.apart:
            unit = self._with_parts(node.apart, unit, mine)
        for number, score in mine.items():
            scores[number] += score
        return unit

    def _with_parts(self, apart: Apart, unit: _Unit, scores: Scores) -> _Unit:
        own: Scores = defaultdict(float)
        parts = self._words(Words(apart.words), own)
        factor = PARTS_ALONE * min(unit.weight / (parts.weight or 1.0), 1.0)
        found = self._parts_standing_alone(apart.words, parts.full - unit.full)
        covered = dict(unit.covered)
        for number in found:
            scores[number] += own[number] * factor
            covered[number] = max(covered.get(number, 0.0), apart.weight * unit.weight)
        return _Unit(unit.full, unit.some | found, covered, unit.weight)

    def _parts_standing_alone(self, words: Sequence[Word], among: set[int]) -> set[int]:
        whole = [self._places_by(each, "l", ("title", "body")) for each in words]
        found = {number for number in among if any(number in each for each in whole)}
        for i, j in itertools.permutations(range(len(words)), 2):
            one = self._places_by(words[i], "l", ("body",))
            other = self._places_by(words[j], "p", ("body",))
            for number in list(found):
                if number in whole[i] and number not in whole[j]:
                    gaps = {abs(a - b) for a in one.get(number, ()) for b in other.get(number, ())}
                    if 2 in gaps and not gaps & {0, 1}:
                        found.discard(number)
        return found

    def _places_by(self, word: Word, channel: str, names: Sequence[str]) -> dict[int, set[int]]:
        terms = [_term(each) for each in word.alternatives]
        terms += word.family.terms if word.family else ()
        places: dict[int, set[int]] = {}
        for text in terms:
            if text.startswith(channel):
                for name in names:
                    for number, positions in self.postings(name, text).items():
                        places.setdefault(number, set()).update(positions)
        return places

    def _word(self, word: Word, scores: Scores) -> set[int]:
        found: set[int] = set()
        names = ("title",) if word.field == "title" else ("title", "body")
        for each in (*word.alternatives, *word.related):
            self._bm25f(self._lists(word, each), each.weight, scores)
        matching = [_term(each) for each in word.alternatives]
        if word.family:
            matching += word.family.terms
            lists = [(name, self.postings(name, e)) for e in word.family.terms for name in names]
            self._bm25f(lists, word.family.weight, scores)
        for text in matching:
            for name in names:
                found.update(self.postings(name, text))
        return found

    def _lists(self, word: Word, each: Alternative) -> list[tuple[str, Postings]]:
        names = ("title",) if word.field == "title" else ("title", "body")
        terms = [_term(each)]
        if each.channel == "part":
            terms.append(term("lemma", each.term))
        return [(name, self.postings(name, text)) for text in terms for name in names]

    def _prefix(self, node: Prefix, scores: Scores) -> set[int]:
        found: set[int] = set()
        for name in ("title",) if node.field == "title" else ("title", "body"):
            for begin in (channel + each for channel in "ls" for each in node.beginnings):
                terms = sorted(
                    {each for leaf, _ in self.leaves for each in leaf.expand_prefix(name, begin)}
                )
                for each in terms[:MOST_PREFIXES]:
                    found.update(self.postings(name, each.decode()))
        for number in found:
            scores[number] += PREFIX_WEIGHT * self._idf(len(found))
        return found

    def _phrase(self, node: Phrase, scores: Scores) -> set[int]:
        lists: list[tuple[str, Postings]] = []
        for name in ("title",) if node.field == "title" else ("title", "body"):
            slots = [
                [self.postings(name, _term(e)) for e in word.alternatives if e.channel != "part"]
                for word in node.words
            ]
            ends = {}
            for number in self.everything:
                at = [{p for each in slot for p in each.get(number, ())} for slot in slots]
                reached = at[0]
                for following in at[1:]:
                    reached = {
                        p for p in following if any(0 < p - q <= node.slop + 1 for q in reached)
                    }
                if reached:
                    # With words between, occurrences are not counted.
                    ends[number] = [min(reached)] if node.slop else sorted(reached)
            lists.append((name, ends))
        self._bm25f(lists, float(len(node.words)), scores)
        return {number for _, ends in lists for number in ends}

    def _facet_term(self, node: FacetTerm) -> set[int]:
        wanted = node.value.casefold()
        if node.facet == "year":
            return self._passing("year", FacetFilter((node.value,)), among=self.everything)
        if node.facet == "language":
            return {n for n in self.everything if self.articles[n].language.casefold() == wanted}
        return {
            n
            for n in self.everything
            if any(each.casefold() == wanted for each in self._values(node.facet, n))
        }

    def _values(self, name: FacetName, number: int) -> tuple[str, ...]:
        article = self.articles[number]
        if name == "year":
            return (str(article.year.value) if article.year else "unknown",)
        if name == "focus":
            return tuple(each.value for each in article.focus_areas) or ("none",)
        if name == "source":
            return (article.publisher or "unknown",)
        if name == "language":
            return (article.language or "unknown",)
        if name == "month":
            date = article.published.value.iso if article.published else ""
            return (date[:7],) if len(date) > 4 else ()
        return tuple(dict.fromkeys(each.value for each in article.organisations))

    def _passing(
        self, name: FacetName, chosen: FacetFilter, among: set[int] | None = None
    ) -> set[int]:
        fits: Callable[[str, str], bool] = _year_fits if name == "year" else str.__eq__

        def has(number: int, values: tuple[str, ...]) -> bool:
            return any(fits(own, each) for own in self._values(name, number) for each in values)

        return {
            number
            for number in (self.alive if among is None else among)
            if (not chosen.include or has(number, chosen.include))
            and not (chosen.exclude and has(number, chosen.exclude))
        }

    def _within(self, span: DateInterval) -> set[int]:
        """Documents within ``span``, by comparing every possible day of an article."""
        if not span:
            return set(self.everything)
        first = (span.first or PartialDate(1)).iso
        last = (span.last or PartialDate(9999)).iso
        days = {n: _days(self.articles[n]) for n in self.everything}
        return {
            n
            for n, own in days.items()
            if own and min(own) >= first and all(day[: len(last)] <= last for day in own)
        }

    def _counts(
        self, name: FacetName, found: set[int], chosen: FacetFilter
    ) -> list[tuple[str, int]]:
        pairs = {(self.clusters[n], value) for n in found for value in self._values(name, n)}
        counts = Counter(value for _, value in pairs)
        counts.update(dict.fromkeys((*chosen.include, *chosen.exclude), 0))
        return sorted(counts.items(), key=lambda each: (-each[1], each[0]))

    def _one_each(
        self, full: set[int], partial: set[int], scores: Scores, request: SearchRequest
    ) -> list[int]:
        """The documents in order, the first of each cluster."""
        # By date, partial matches come last; by relevance they only have lower scores.
        by_date = request.sort != "relevance"
        order = sorted(
            full | partial,
            key=lambda each: (by_date and each in partial, self._place(each, scores, request)),
        )
        first: dict[int, int] = {}
        for number in order:
            first.setdefault(self.clusters[number], number)
        return list(first.values())

    def _place(self, number: int, scores: Scores, request: SearchRequest) -> tuple[Any, ...]:
        article = self.articles[number]
        other = self.clusters[number] != number
        keys: tuple[Any, ...] = (-round(scores[number], 9), other, article.language != "et")
        keys = (*keys, article.id)
        date = self.published[number]
        if request.sort != "relevance":
            keys = (date == 0, date if request.sort == "oldest" else -date, *keys)
        if request.sort == "added":
            keys = (-self.added[number], *keys)
        return keys


def _days(article: Article) -> list[str]:
    """All possible days of an article's date."""
    year = article.year and PartialDate(article.year.value)
    date = article.published.value if article.published else year
    if date is None:
        return []
    months = [date.month] if date.month else range(1, 13)
    days = [date.day] if date.day else range(1, 32)
    return [f"{date.year:04d}-{month:02d}-{day:02d}" for month in months for day in days]


def _year_fits(own: str, wanted: str) -> bool:
    span = year_range(wanted)
    if own == "unknown" or span is None:
        return own == "unknown" and span is None
    return span[0] <= int(own) <= span[1]


def _term(each: Any) -> str:
    return term(each.channel, each.term)


def _length(node: Any) -> int:
    return len(node.words) if isinstance(node, Phrase) else 1
