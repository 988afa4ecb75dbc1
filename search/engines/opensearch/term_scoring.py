"""Scripts and query clauses that score: BM25F of term groups, phrases, coverage.

A clause is a part of the server's query language. BM25F needs two numbers of a term group, its
frequencies in the title and in the body, but the score of a query is one. So the server adds up
``65536 · title + body``, and a script splits the sum. All that depends on the corpus comes as
parameters: a shard's own statistics have no part in a score.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from search.engines.contract import TextField
from search.engines.opensearch.index_mapping import ALTERNATIVE, HOLE, escaped
from search.engines.scoring_parameters import B_BODY, B_TITLE, K1, TITLE_BOOST
from search.errors import QueryTooBroad

Clause = dict[str, Any]

_TITLE_UNIT = 65536
#: Maximum of clauses for a phrase of several words with slop.
_MOST_DISTANCES = 100
NOTHING: Clause = {"match_none": {}}

_GROUP = """
long n = (long)(_score + 0.5);
double title = (n >> 16) * params.title / (params.t0 + params.t1 * doc['title_length'].value);
double tf = title + (n & 65535) / (params.b0 + params.b1 * doc['body_length'].value);
return params.weight * tf / (tf + params.k1);
"""
#: The frequency n of intervals, which score n / (n + 1).
_TIMES = "return params.unit * Math.min(Math.round(_score / (1.0 - _score)), 4095);"
#: Scores are multiplied as a sum of logarithms, with an offset as scores cannot be negative.
_LOGARITHM = "return Math.log(Math.max(_score, 1e-9)) + 21;"
_COVERAGE = "return Math.max(0.25 * Math.log(_score / params.weight) + 4, 0);"
_PRODUCT = "return Math.exp(_score - 25);"


@dataclass(frozen=True, slots=True)
class Lengths:
    """Average lengths in words of the titles and bodies that are not empty."""

    title: float = 1.0
    body: float = 1.0


def script_score(query: Clause, source: str, **params: float) -> Clause:
    """Clause that scores ``query`` by a script."""
    script: Clause = {"source": source.strip()}
    if params:
        script["params"] = params
    return {"script_score": {"query": query, "script": script}}


def group_score(terms: Sequence[str], weight: float, lengths: Lengths, *, title: bool) -> Clause:
    """BM25F score of a term group; ``weight`` includes its idf and ``k1 + 1``.

    With ``title`` only the title counts.
    """
    times: list[Clause] = [
        {"term": {"title": {"value": escaped(each), "boost": _TITLE_UNIT}}} for each in terms
    ]
    if not title:
        times += [{"term": {"weighted": escaped(each)}} for each in terms]
    return bm25f_score(times, weight, lengths)


def bm25f_score(times: Sequence[Clause], weight: float, lengths: Lengths) -> Clause:
    """BM25F score of clauses that score their frequencies in title and body (``times``)."""
    return script_score(
        any_of(times),
        _GROUP,
        weight=weight,
        k1=K1,
        title=TITLE_BOOST,
        t0=1 - B_TITLE,
        t1=B_TITLE / lengths.title,
        b0=1 - B_BODY,
        b1=B_BODY / lengths.body,
    )


def phrase_times(words: Sequence[Sequence[str]], slop: int, *, title: bool) -> list[Clause]:
    """Clauses that score the frequency of a phrase in the title, the body and early in it.

    With a ``slop`` it counts once in each.
    """
    found = []
    for field in ("title",) if title else ("title", "body", "early"):
        unit = _TITLE_UNIT if field == "title" else 1
        clause = phrase_in(field, words, slop)
        if slop:
            found.append(constant(clause, unit))
        else:
            found.append(script_score(clause, _TIMES, unit=unit))
    return found


def phrase_in(field: str, words: Sequence[Sequence[str]], slop: int) -> Clause:
    """Clause for documents with a phrase in a field; each word is any of some terms."""
    if not all(words):
        return NOTHING
    slots = [_terms_rule(each) for each in words]
    if not slop or len(slots) < 3:
        return {"intervals": {field: _in_order(slots, slop)}}
    # The server sees only the shortest of the intervals that begin alike, though the next word may
    # be near a longer one: so each distance between the first words gets a clause of its own.
    distances = list(itertools.product(range(slop + 1), repeat=len(words) - 2))
    if len(distances) > _MOST_DISTANCES:
        raise QueryTooBroad
    first = (_at_distances(words[:-1], each) for each in distances)
    return any_of([{"intervals": {field: _in_order([each, slots[-1]], slop)}} for each in first])


def near_in(field: TextField, one: Sequence[str], other: Sequence[str], most: int) -> Clause:
    """Clause for two words at different positions of a field, at most ``most`` apart."""
    if not one or not other:
        return NOTHING
    pair = [_terms_rule(one), _terms_rule(other)]
    return any_of(
        [
            {"intervals": {field: _in_order(pair, most - 1)}},
            {"intervals": {field: _in_order(pair[::-1], most - 1)}},
        ]
    )


def same_position_in(field: TextField, one: Sequence[str], other: Sequence[str]) -> Clause:
    """Clause for two words at the same position of a field."""
    if not one or not other:
        return NOTHING
    rule = _terms_rule(one)
    if "any_of" not in rule:
        rule = {"any_of": {"intervals": [rule]}}
    rule["any_of"]["filter"] = {"contained_by": _terms_rule(other)}
    return {"intervals": {field: rule}}


def scaled_by_coverage(
    score: Sequence[Clause], coverage: Clause, weight: float, among: Clause
) -> Clause:
    """Clause that scores ``score`` times the fourth root of the share of ``weight`` covered."""
    own = {"bool": {"filter": [among], "should": list(score)}}
    both = [script_score(own, _LOGARITHM), script_score(coverage, _COVERAGE, weight=weight)]
    return script_score({"bool": {"must": both}}, _PRODUCT)


def any_term(fields: Iterable[TextField], terms: Sequence[str]) -> Clause:
    """Clause for any of ``terms`` in any of ``fields``."""
    texts = sorted({escaped(each) for each in terms})
    return any_of([{"terms": {field: texts}} for field in fields]) if texts else NOTHING


def constant(clause: Clause, score: float) -> Clause:
    """Clause that gives all documents the same score."""
    return {"constant_score": {"filter": clause, "boost": score}}


def scaled(clauses: Sequence[Clause], factor: float) -> Clause:
    """Clause that adds up scores, times ``factor``."""
    # A query without clauses would match everything.
    return {"bool": {"should": list(clauses), "boost": factor}} if clauses else NOTHING


def any_of(clauses: Sequence[Clause]) -> Clause:
    """Clause for any of some clauses; their scores are added."""
    if len(clauses) == 1:
        return clauses[0]
    return {"bool": {"should": list(clauses)}} if clauses else NOTHING


def all_of(clauses: Sequence[Clause]) -> Clause:
    """Clause for all of some clauses, without scores."""
    return clauses[0] if len(clauses) == 1 else {"bool": {"filter": list(clauses)}}


def but_not(clause: Clause, others: Sequence[Clause]) -> Clause:
    """Clause for ``clause`` and none of ``others``, without scores."""
    return {"bool": {"filter": [clause], "must_not": list(others)}}


def _terms_rule(terms: Sequence[str]) -> Clause:
    rules: list[Clause] = [
        {"match": {"query": escaped(each), "analyzer": "keyword"}} for each in dict.fromkeys(terms)
    ]
    return rules[0] if len(rules) == 1 else {"any_of": {"intervals": rules}}


def _in_order(rules: Sequence[Clause], gaps: int) -> Clause:
    if len(rules) == 1:
        return rules[0]
    return {"all_of": {"intervals": list(rules), "ordered": True, "max_gaps": gaps}}


def _at_distances(words: Sequence[Sequence[str]], distances: Sequence[int]) -> Clause:
    """Interval rule for words in order with exact distances."""
    slots = [ALTERNATIVE.join(escaped(each) for each in word) for word in words]
    pieces = [slots[0]]
    for slot, distance in zip(slots[1:], distances, strict=True):
        pieces += [*[HOLE] * distance, slot]
    text = " ".join(pieces)
    return {"match": {"query": text, "analyzer": "positions", "ordered": True, "max_gaps": 0}}
