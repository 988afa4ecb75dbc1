"""Compiles a query tree into clauses of the server: full and partial matches, and their scores.

Scores depend on counts over all documents (:class:`CorpusStatistics`). So a tree is compiled twice:
the first time finds out what has to be counted.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

from search.analysis.terms import term
from search.engines.contract import TEXT_FIELDS, TextField
from search.engines.opensearch.facet_filters import FacetFilters
from search.engines.opensearch.term_scoring import (
    NOTHING,
    Clause,
    Lengths,
    all_of,
    any_of,
    any_term,
    bm25f_score,
    but_not,
    constant,
    group_score,
    near_in,
    phrase_in,
    phrase_times,
    same_position_in,
    scaled,
    scaled_by_coverage,
)
from search.engines.query_terms import (
    group_terms,
    part_terms,
    phrase_terms,
    position_terms,
    text_fields,
    whole_terms,
)
from search.engines.scoring_parameters import (
    K1,
    NEAR,
    NEAR_IN_QUERY,
    OTHER_READING,
    OTHER_WAYS,
    PARTS_ALONE,
    PREFIX_WEIGHT,
)
from search.query.ast import (
    And,
    Apart,
    Choice,
    Everything,
    FacetTerm,
    FieldName,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    Words,
)

_EVERYTHING: Clause = {"match_all": {}}


@dataclass(frozen=True, slots=True)
class PrefixMatches:
    """The terms of a field that a prefix query searches; ``is_cut`` if there are more."""

    terms: tuple[str, ...]
    is_cut: bool


#: Looks up the terms of a prefix in a field.
PrefixLookup = Callable[[Prefix, TextField], PrefixMatches]


class CorpusStatistics:
    """Counts over all documents that scores depend on, and clauses still to be counted.

    ``groups`` are the fields and terms of clauses by :meth:`any_term`, which the words index may
    have counted. ``beside`` is counted only together with other clauses, and costs a query nothing.
    """

    def __init__(self, documents: int, lengths: Lengths) -> None:
        self.documents = max(documents, 1)
        self.lengths = lengths
        self.counts: dict[str, int] = {}
        self.uncounted: dict[str, Clause] = {}
        self.beside: dict[str, Clause] = {}
        self.groups: dict[str, tuple[Sequence[TextField], Sequence[str]]] = {}

    def count(self, clause: Clause) -> int:
        """Number of documents that match ``clause``; 0 until it is known."""
        if self.is_empty(clause):
            return 0
        key = _key(clause)
        if key not in self.counts:
            self.uncounted[key] = clause
            return 0
        return self.counts[key]

    def count_beside(self, clause: Clause) -> None:
        """Has ``clause`` counted if others are: it may turn out to be empty."""
        if not self.is_empty(clause):
            self.beside[_key(clause)] = clause

    def any_term(self, fields: Sequence[TextField], terms: Sequence[str]) -> Clause:
        """Clause for any of ``terms`` in any of ``fields``, noted in ``groups``."""
        clause = any_term(fields, terms)
        if clause is not NOTHING:
            self.groups[_key(clause)] = fields, terms
        return clause

    def is_empty(self, clause: Clause) -> bool:
        """Do the counts so far show that no document matches?"""
        if clause is NOTHING:
            return True
        counted = self.counts.get(_key(clause))
        if counted is not None:
            return not counted
        parts = clause.get("bool", {})
        if parts.get("filter"):
            return any(map(self.is_empty, parts["filter"]))
        return bool(parts.get("should")) and all(map(self.is_empty, parts["should"]))

    def is_covered(self, query: "CompiledQuery") -> bool:
        """Does any document match all of a query? False until that is known."""
        return query.coverage is None or not query.weight or self.count(query.full) > 0

    def idf(self, count: int) -> float:
        """Inverse document frequency, never negative."""
        df = min(count, self.documents)
        return math.log1p((self.documents - df + 0.5) / (df + 0.5))


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """Clauses for full matches and for all matches (``some``), and scores, which are added up.

    ``is_relaxed`` if some may match in part; ``terms`` are all terms looked up, with their fields.
    ``coverage`` scores how much of ``weight`` a document covers, None where each covers all.
    """

    full: Clause
    some: Clause
    scores: tuple[Clause, ...]
    is_relaxed: bool
    terms: frozenset[tuple[str, str]]
    coverage: Clause | None = None
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class _UnitMatch:
    """Matches of a word, a phrase or a choice.

    ``coverage`` scores how much of ``weight``, the weight of the whole, a document covers;
    ``covers_all`` if each match covers all of it.
    """

    full: Clause
    some: Clause
    weight: float
    coverage: Clause
    covers_all: bool = False


@dataclass(slots=True)
class _Sum:
    """Scores to be added up, and words whose related terms are added last."""

    scores: list[Clause] = field(default_factory=list)
    related: list[Word] = field(default_factory=list)


class QueryCompiler:
    """Compiles trees for one generation."""

    def __init__(
        self,
        statistics: CorpusStatistics,
        prefixes: PrefixLookup,
        facets: FacetFilters,
    ) -> None:
        self._statistics = statistics
        self._prefixes = prefixes
        self._facets = facets
        self._terms: set[tuple[str, str]] = set()

    def compile(self, node: Node) -> CompiledQuery:
        """Compiles a tree. Raises QueryTooBroad."""
        total = _Sum()
        coverage, weight = None, 0.0
        if isinstance(node, Words | Choice):
            unit = self._unit(node, total)
            full, some = unit.full, unit.some
            if not unit.covers_all:
                coverage, weight = unit.coverage, unit.weight
        else:
            full, some = self._evaluate(node, total)
        self._add_related(total)
        terms, scores = frozenset(self._terms), tuple(total.scores)
        return CompiledQuery(full, some, scores, some is not full, terms, coverage, weight)

    def _evaluate(self, node: Node, out: _Sum) -> tuple[Clause, Clause]:
        """Clauses for full matches and for full or partial ones."""
        if isinstance(node, Word | Words | Choice):
            unit = self._unit(node, out)
            return unit.full, unit.some
        if isinstance(node, And):
            pairs = [
                (found := self._strict(each, out), found)
                if isinstance(each, Word)
                else self._evaluate(each, out)
                for each in node.children
            ]
            full = all_of([each for each, _ in pairs])
            if all(one is other for one, other in pairs):
                return full, full
            return full, all_of([each for _, each in pairs])
        strict = self._strict(node, out)
        return strict, strict

    def _strict(self, node: Node, out: _Sum) -> Clause:
        """Clause for full matches of a node."""
        if isinstance(node, Word):
            return self._word(node, out)
        if isinstance(node, Phrase):
            return self._phrase(node, out)
        if isinstance(node, Prefix):
            return self._prefix(node, out)
        if isinstance(node, FacetTerm):
            return self._facets.term(node)
        if isinstance(node, Or):
            return any_of([self._strict(each, out) for each in node.children])
        if isinstance(node, Choice):
            return self._unit(node, out).full
        if isinstance(node, And | Words):
            return all_of([self._strict(each, out) for each in node.children])
        if isinstance(node, Not):
            return but_not(_EVERYTHING, [self._strict(node.child, _Sum())])
        assert isinstance(node, Everything)  # noqa: S101 - the tree has no other nodes
        return _EVERYTHING

    def _unit(self, node: Word | Words | Phrase | Choice, out: _Sum) -> _UnitMatch:
        """Compiles what counts as one word, adding its scores to ``out``."""
        if isinstance(node, Choice):
            return self._choice(node, out)
        if isinstance(node, Words):
            return self._words(node, out)
        full = self._strict(node, out)
        weight = self._idf_of(full) * _length(node)
        if isinstance(node, Phrase) or not node.readings:
            return _UnitMatch(full, full, weight, constant(full, weight), covers_all=True)
        readings = [term(each.channel, each.term) for each in node.readings]
        for each, text in zip(node.readings, readings, strict=True):
            self._add_group((text,), each.weight, node.field, out)
        other = self._statistics.any_term(text_fields(node.field), readings)
        coverage = _best([constant(full, weight), constant(other, OTHER_READING * weight)])
        return _UnitMatch(full, any_of([full, other]), weight, coverage)

    def _words(self, node: Words, out: _Sum) -> _UnitMatch:
        """Words that may match in part: a partial match counts by the weight that it covers."""
        own = _Sum()
        units = [self._unit(each, own) for each in node.children]
        weight = sum(each.weight for each in units)
        if len(units) == 1:
            full, some = units[0].full, units[0].some
        else:
            full, some = all_of([u.full for u in units]), any_of([u.some for u in units])
        self._add_proximity(node, units, own)
        self._add_related(own)
        coverage = any_of([each.coverage for each in units])
        covers_all = len(units) == 1 and units[0].covers_all
        if covers_all:
            out.scores.append({"bool": {"filter": [some], "should": own.scores}})
        else:
            out.scores.append(scaled_by_coverage(own.scores, coverage, weight or 1.0, some))
        return _UnitMatch(full, some, weight, coverage, covers_all=covers_all)

    def _add_proximity(self, node: Words, units: Sequence[_UnitMatch], out: _Sum) -> None:
        """Adds scores for words that are near each other in the query and in a document."""
        typed = [each.typed if isinstance(each, Choice) else each for each in node.children]
        for i, first in enumerate(typed):
            for j in range(i + 1, min(i + 1 + NEAR_IN_QUERY, len(typed))):
                second = typed[j]
                if isinstance(first, Word) and isinstance(second, Word):
                    near = near_in("body", position_terms(first), position_terms(second), NEAR)
                    weight = min(units[i].weight, units[j].weight)
                    out.scores.append(constant(near, weight))

    def _choice(self, node: Choice, out: _Sum) -> _UnitMatch:
        """Alternative names of one thing: the best of them counts, the others a little."""
        own = [_Sum() for _ in range(len(node.others) + 1)]
        typed = self._unit(node.typed, own[0])
        units = [self._unit(e.node, mine) for e, mine in zip(node.others, own[1:], strict=True)]
        for mine in own:
            self._add_related(mine)
        weight = typed.weight
        if not isinstance(node.typed, Words):
            same = [u.full for u, e in zip(units, node.others, strict=True) if e.weight >= 1]
            weight = self._idf_of(any_of([typed.full, *same])) * _length(node.typed)
        factor = weight / (typed.weight or 1.0)
        ways = [scaled(own[0].scores, factor)]
        levels = [scaled([typed.coverage], factor)]
        for each, unit, mine in zip(node.others, units, own[1:], strict=True):
            factor = weight / (unit.weight or 1.0)
            if each.weight < 1:
                factor = each.weight * min(factor, 1.0)
            ways.append(scaled(mine.scores, factor))
            levels.append(constant(unit.full, each.weight * weight))
        best = ways[0] if len(ways) == 1 else _best(ways, OTHER_WAYS)
        fulls = [each.full for each in units]
        full = any_of([typed.full, *fulls]) if units else typed.full
        some = full
        if typed.some is not typed.full:
            some = any_of([typed.some, *fulls])
        out.scores.append(best)
        if node.apart is None:
            covers_all = typed.covers_all and all(each.weight >= 1 for each in node.others)
            return _UnitMatch(full, some, weight, _best(levels), covers_all=covers_all)
        unit = _UnitMatch(full, some, weight, _best(levels))
        return self._with_parts(node.apart, unit, levels, out)

    def _with_parts(
        self, apart: Apart, unit: _UnitMatch, levels: Sequence[Clause], out: _Sum
    ) -> _UnitMatch:
        """The ``unit`` of a compound, with documents that have all its parts instead."""
        own = _Sum()
        parts = self._words(Words(apart.words), own)
        found = self._parts_standing_alone(apart.words, but_not(parts.full, [unit.full]))
        factor = PARTS_ALONE * min(unit.weight / (parts.weight or 1.0), 1.0)
        out.scores.append({"bool": {"filter": [found], "should": own.scores, "boost": factor}})
        coverage = _best([*levels, constant(found, apart.weight * unit.weight)])
        return _UnitMatch(unit.full, any_of([unit.some, found]), unit.weight, coverage)

    def _parts_standing_alone(self, words: Sequence[Word], among: Clause) -> Clause:
        """Documents ``among`` those with all ``words``, not just in other compounds of them.

        At least one word occurs by itself, and if another is in a compound, the two are no elliptic
        pair: „metsa- ja puiduklaster“ does not mention a *metsapuit*.
        """
        whole = [whole_terms(each) for each in words]
        alone = [any_term(TEXT_FIELDS, each) for each in whole]
        pairs = []
        for i, j in permutations(range(len(words)), 2):
            part = part_terms(words[j])
            if whole[i] and part:
                within_two = near_in("body", whole[i], part, 2)
                nearer = [
                    near_in("body", whole[i], part, 1),
                    same_position_in("body", whole[i], part),
                ]
                elliptic = but_not(within_two, nearer)
                pairs.append(but_not(all_of([elliptic, alone[i]]), [alone[j]]))
        return but_not(all_of([among, any_of(alone)]), pairs)

    def _word(self, word: Word, out: _Sum) -> Clause:
        """Clause for the documents with ``word``."""
        wholes = {each.term for each in word.alternatives if each.channel == "lemma"}
        matching: list[str] = []
        for each in word.alternatives:
            terms = group_terms(each)
            self._add_group(terms, each.weight, word.field, out)
            # A part is scored with the whole word, even if that does not match.
            is_matching = each.channel != "part" or each.term in wholes
            matching += terms if is_matching else terms[:1]
        if word.family:
            self._add_group(word.family.terms, word.family.weight, word.field, out)
            matching += word.family.terms
        if word.related:
            out.related.append(word)
        return self._statistics.any_term(text_fields(word.field), matching)

    def _add_related(self, out: _Sum) -> None:
        for word in out.related:
            for each in word.related:
                self._add_group(group_terms(each), each.weight, word.field, out)
        out.related.clear()

    def _add_group(self, terms: Sequence[str], weight: float, name: FieldName, out: _Sum) -> None:
        fields = text_fields(name)
        self._terms.update((each, text) for text in terms for each in fields)
        count = self._statistics.count(self._statistics.any_term(fields, terms))
        if count:
            factor = weight * self._statistics.idf(count) * (K1 + 1)
            lengths = self._statistics.lengths
            out.scores.append(group_score(terms, factor, lengths, title=name == "title"))

    def _phrase(self, node: Phrase, out: _Sum) -> Clause:
        words = phrase_terms(node)
        fields = text_fields(node.field)
        self._terms.update((each, text) for word in words for text in word for each in fields)
        found = any_of([phrase_in(each, words, node.slop) for each in fields])
        count = self._statistics.count(found)
        if count:
            weight = len(node.words) * self._statistics.idf(count) * (K1 + 1)
            times = phrase_times(words, node.slop, title=node.field == "title")
            out.scores.append(bm25f_score(times, weight, self._statistics.lengths))
        return found

    def _prefix(self, node: Prefix, out: _Sum) -> Clause:
        clauses = []
        for name in text_fields(node.field):
            texts = self._prefixes(node, name).terms
            self._terms.update((name, each) for each in texts)
            clauses.append(any_term((name,), texts))
        found = any_of([each for each in clauses if each is not NOTHING])
        count = self._statistics.count(found)
        out.scores.append(constant(found, PREFIX_WEIGHT * self._statistics.idf(count)))
        return found

    def _idf_of(self, clause: Clause) -> float:
        return self._statistics.idf(self._statistics.count(clause))


def best_score_body(score: Clause, among: Clause) -> Clause:
    """Search for the greatest score among some documents, see :func:`best_score`."""
    return {
        "size": 1,
        "query": {"bool": {"must": [score], "filter": [among]}},
        "sort": [{"_score": "desc"}],
        "_source": False,
        "track_total_hits": False,
    }


def best_score(found: Mapping[str, Any]) -> float:
    """The score that :func:`best_score_body` finds, 0 where no document is found."""
    hits = found["hits"]["hits"]
    return float(hits[0]["_score"]) if hits else 0.0


def _key(clause: Clause) -> str:
    return json.dumps(clause, sort_keys=True)


def _best(clauses: Sequence[Clause], others: float = 0.0) -> Clause:
    """Clause that scores the best of ``clauses``, plus a share of the ``others``."""
    if len(clauses) == 1:
        return clauses[0]
    return {"dis_max": {"queries": list(clauses), "tie_breaker": others}}


def _length(node: Word | Phrase) -> int:
    return len(node.words) if isinstance(node, Phrase) else 1
