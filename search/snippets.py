"""Snippets, highlights and match explanations, from the occurrences that the engine reports."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from search.analysis import line_around, line_spans, sentences_of_line
from search.analysis.terms import split_term
from search.engines.contract import Occurrence
from search.query.ast import (
    Node,
    Phrase,
    Prefix,
    Way,
    Word,
    leaves,
    optional_words,
    typed_text,
    way_of,
)
from search.results import How, Mark, Snippet, Why

SNIPPETS_PER_HIT = 2
SNIPPET_LENGTH = 240
#: Snippets are cut between words, within longer ones.
_LONGEST_WORD = 60
_MAX_REASONS = 12
_ELLIPSIS = "…"
_CLOSING = '"”“»)'
#: Start and end in a text.
Span = tuple[int, int]
#: A sentence by start and end, with the occurrences in it: a candidate for a snippet.
_Fragment = tuple[int, int, Sequence[Occurrence]]
_START = itemgetter(0)
_HOW_ORDER: tuple[How, ...] = (
    "exact",
    "lemma",
    "synonym",
    "part",
    "derived",
    "apart",
    "folded",
    "spelling",
)
_RANKS: dict[How, int] = {how: rank for rank, how in enumerate(_HOW_ORDER)}


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every sentence, including closing quotation marks and brackets."""
    for first, last in line_spans(text):
        yield from _sentences(text, first, last)


def _sentences(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Start and end of every sentence of one line."""
    for start, end in sentences_of_line(text, first, last):
        closed = end
        while closed < len(text) and text[closed] in _CLOSING:
            closed += 1
        yield start, closed


def marks_of(occurrences: Iterable[Occurrence], field: str) -> tuple[Mark, ...]:
    """Highlights of one field, in order, without repeats."""
    own = [each for each in occurrences if each.field == field]
    return tuple([Mark(*span) for span in _spans(own)]) if own else ()


def _spans(occurrences: Iterable[Occurrence]) -> list[Span]:
    return sorted({(start, end) for _, start, end, _, _ in occurrences})


def snippets(text: str, occurrences: Sequence[Occurrence]) -> tuple[Snippet, ...]:
    """The fragments of ``text`` that cover most of the query, in text order as ``occurrences`` are.

    Without an occurrence in the text, its beginning.
    """
    in_body = [each for each in occurrences if each.field == "body"]
    if not in_body:
        return (excerpt(text, 0, len(text), []),) if text else ()
    fragments = list(_fragments(text, in_body))
    if len(fragments) > SNIPPETS_PER_HIT:
        fragments = sorted(sorted(fragments, key=_by_coverage)[:SNIPPETS_PER_HIT], key=_START)
    return tuple(excerpt(text, first, last, _spans(inside)) for first, last, inside in fragments)


def passage_snippets(text: str, first: int, last: int) -> tuple[Snippet, ...]:
    """The first sentences of a passage of ``text``, as many as fit into a snippet."""
    end = first
    for start, stop in sentences(text[first:last]):
        if stop > SNIPPET_LENGTH and start:
            break
        end = first + stop
    return (excerpt(text, first, end, []),) if end > first else snippets(text, ())


def _by_coverage(fragment: _Fragment) -> tuple[int, int]:
    """Sort key: lowest for fragments that cover most of the query."""
    *_, inside = fragment
    return -len({each.leaf for each in inside}), -len(inside)


def _fragments(text: str, ordered: Sequence[Occurrence]) -> Iterator[_Fragment]:
    """Sentences in which any of ``ordered`` occurrences begin, with these."""
    starts = [each.start for each in ordered]
    at, count = 0, len(starts)
    while at < count:
        first, last = line_around(text, starts[at])
        for start, end in _sentences(text, first, last):
            if starts[at] >= end:
                continue
            begun = bisect_left(starts, start, at)
            at = bisect_left(starts, end, begun)
            if at > begun:
                yield start, end, ordered[begun:at]
            if at == count:
                return
        at = bisect_right(starts, last, at)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A query leaf in match explanations; words of a multi-word synonym are explained together."""

    typed: str
    folded: str
    way: Way
    is_multi_word: bool
    family: frozenset[str]


class MatchExplainer:
    """Explains why articles match: which form of the text matched which query word, and how."""

    def __init__(self, node: Node) -> None:
        self._leaves = [_leaf(each) for each in leaves(node)]
        self._has_multi_word = any(each.is_multi_word for each in self._leaves)
        self._optional = tuple(optional_words(node))
        #: Ranks of leaf, form and term: articles of a page have most of them in common.
        self._ranks: dict[tuple[int, str, str], int] = {}

    def missing(self, occurrences: Sequence[Occurrence]) -> tuple[str, ...]:
        """The query words that a partial match lacks, as they were typed."""
        matched = {each.leaf for each in occurrences}
        return tuple(typed for typed, numbers in self._optional if matched.isdisjoint(numbers))

    def reasons(self, occurrences: Sequence[Occurrence], title: str, body: str) -> tuple[Why, ...]:
        """Match explanations of one article, best first for each word."""
        found: dict[tuple[int, str], int] = {}
        ranks = self._ranks
        for field, start, end, leaf, term in self._joined(occurrences, title, body):
            form = (title if field == "title" else body)[start:end]
            match = leaf, form, term
            rank = ranks.get(match)
            if rank is None:
                rank = ranks[match] = _RANKS[_how(self._leaves[leaf], term, form)]
            key = leaf, form
            if rank < found.get(key, len(_HOW_ORDER)):
                found[key] = rank
        best: dict[tuple[str, str], Why] = {}
        for (leaf, form), rank in sorted(found.items(), key=lambda each: (each[0][0], each[1])):
            # The leaf of the typed word comes before those of its variants, and explains more.
            typed = self._leaves[leaf].typed
            best.setdefault((typed, form), Why(typed, form, _HOW_ORDER[rank]))
        return tuple(best.values())[:_MAX_REASONS]

    def _joined(
        self, occurrences: Sequence[Occurrence], title: str, body: str
    ) -> Sequence[Occurrence]:
        """``occurrences`` with the words of a multi-word synonym joined."""
        if not self._has_multi_word:
            return occurrences
        joined: list[Occurrence] = []
        last: dict[tuple[str, int], int] = {}
        for each in occurrences:
            if self._leaves[each.leaf].is_multi_word:
                before = last.get((each.field, each.leaf))
                text = title if each.field == "title" else body
                if before is not None and text[joined[before].end : each.start].isspace():
                    joined[before] = joined[before]._replace(end=each.end)
                    continue
                last[each.field, each.leaf] = len(joined)
            joined.append(each)
        return joined


def _leaf(leaf: Word | Prefix | Phrase) -> _Leaf:
    way, typed = way_of(leaf), typed_text(leaf)
    is_multi_word = isinstance(leaf, Phrase) and way == "synonym"
    family = leaf.family.terms if isinstance(leaf, Word) and leaf.family else ()
    return _Leaf(typed, typed.casefold(), way, is_multi_word, frozenset(family))


def _how(leaf: _Leaf, term: str, form: str) -> How:
    if leaf.way != "typed":
        return leaf.way
    if term in leaf.family:
        return "derived"
    channel, _ = split_term(term)
    if channel == "part":
        return "part"
    return "exact" if channel == "surface" or form.casefold() == leaf.folded else "lemma"


def paragraphs(body: Sequence[str], marks: Sequence[Mark], gap: int) -> tuple[Snippet, ...]:
    """Paragraphs, each with its own ``marks``, which count ``gap`` characters between them."""
    result, start = [], 0
    for text in body:
        end = start + len(text)
        own = tuple(
            Mark(mark.start - start, mark.end - start)
            for mark in marks
            if start <= mark.start and mark.end <= end
        )
        result.append(Snippet(text, own))
        start = end + gap
    return tuple(result)


def excerpt(
    text: str, first: int, last: int, spans: Sequence[Span], longest: int = SNIPPET_LENGTH
) -> Snippet:
    """``text[first:last]`` on one line, shortened to about ``longest`` characters, with highlights.

    The first of ``spans`` is always in it, at the cost of length or of a cut within a long word.
    """
    start, end = first, last
    if end - start > longest:
        if spans and spans[0][1] - first > longest * 3 // 4:
            start = _word_start(text, spans[0][0] - longest // 3, first)
        end = _word_end(text, start + longest, last)
        if spans:
            end = max(end, min(spans[0][1], last))
    before = _ELLIPSIS if start > first else ""
    after = _ELLIPSIS if end < last else ""
    shift = len(before) - start
    kept = [Mark(a + shift, b + shift) for a, b in spans if start <= a and b <= end]
    passage = text[start:end].replace("\n", " ")
    return Snippet(before + passage + after, tuple(kept))


def _word_start(text: str, at: int, lowest: int) -> int:
    """Start of the word at ``at``; ``at`` itself within an overlong one, such as a link."""
    at = max(at, lowest)
    for start in range(at, max(at - _LONGEST_WORD, lowest), -1):
        if text[start - 1].isspace():
            return start
    return lowest if at - lowest < _LONGEST_WORD else at


def _word_end(text: str, at: int, highest: int) -> int:
    """End of the word at ``at``; ``at`` itself within an overlong one, such as a link."""
    at = min(at, highest)
    for end in range(at, min(at + _LONGEST_WORD, highest)):
        if text[end].isspace():
            return end
    return highest if highest - at < _LONGEST_WORD else at
