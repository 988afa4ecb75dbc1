"""Decompounds rare query words: *internetipettused* also finds *internet* with *pettus*, in part.

The last rewriting step. A compound that hardly any article holds is asked for by its parts as well:
articles that hold all of them, in whatever form, match in part, the better the nearer they stand.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, product

from search.analysis import Analyzer
from search.analysis.compounds import MIN_PART_LENGTH, last_run, pieces_of
from search.analysis.morphology import Reading
from search.analysis.terms import term
from search.query.ast import And, Apart, Choice, Node, Or, Phrase, Word, Words, is_exact
from search.query.parser import QueryParser
from search.query.term_statistics import TermStatistics, terms_of

#: So many articles that hold the compound are enough.
_RARE = 5
_WEIGHT = 0.5
_MOST_PIECES = 4
_NAME = "H"
#: Selects the lemmas of words that are added, all at once.
Refine = Callable[[Sequence[Node]], list[Node]]
#: Lemmas of the parts of a compound, in order.
Split = tuple[str, ...]


class Decomposition:
    """Adds the parts of rare compounds to a query, by the statistics of one index state."""

    def __init__(
        self,
        analyzer: Analyzer,
        parser: QueryParser,
        statistics: TermStatistics,
        refine: Refine,
    ) -> None:
        self._analyzer = analyzer
        self._parser = parser
        self._statistics = statistics
        self._refine = refine

    def rewrite(self, node: Node) -> Node:
        """``node`` with its rare compounds also asked for by their parts."""
        plain = ((each, tuple(self._splits(each))) for each in _plain_words(node))
        splits = {word: some for word, some in plain if some}
        if not splits:
            return node
        texts = dict.fromkeys(part for some in splits.values() for each in some for part in each)
        parts = self._parts(list(texts))
        apart: dict[Word, Apart] = {}
        for word, some in splits.items():
            held = [[parts[e] for e in each] for each in some if parts.keys() >= {*each}]
            made = self._best(held)
            if made is not None:
                apart[word] = Apart(_typed_as(made, word.typed or word.text), _WEIGHT)
        return _with_parts(node, apart) if apart else node

    def _splits(self, word: Word) -> Iterator[Split]:
        """The ways in which a rare compound comes apart; none of another word."""
        lemmas = {each.term for each in word.alternatives if each.channel == "lemma"}
        # How common lemmas and families are has been asked for before.
        terms = [term("lemma", each) for each in lemmas]
        terms += word.family.terms if word.family else ()
        if any(self._statistics.document_frequency(each) >= _RARE for each in terms):
            return
        if not self._analyzer.may_be_compound(word.text):
            return
        for reading in self._readings(word.text):
            pieces = pieces_of(reading.parts)
            is_meant = reading.pos != _NAME and reading.lemma.lower() in lemmas
            if is_meant and 1 < len(pieces) <= _MOST_PIECES:
                yield from self._splits_of(reading, pieces)

    def _readings(self, text: str) -> Sequence[Reading]:
        low = text.lower()
        return self._analyzer.certain(low) or self._analyzer.readings(low)

    def _splits_of(self, reading: Reading, pieces: tuple[str, ...]) -> Iterator[Split]:
        cuts = [(each,) for each in range(1, len(pieces))]
        for cut in [*cuts, *([(1, 2)] if len(pieces) == 3 else [])]:
            first = ["".join(pieces[a:b]) for a, b in pairwise((0, *cut))]
            tail = "".join(pieces[cut[-1] :])
            tail = last_run(reading.lemma, pieces[: cut[-1]], tail).lower()
            lemmas = [*map(self._analyzer.piece_lemmas, first), (tail,)]
            for each in product(*lemmas):
                if min(map(len, each)) >= MIN_PART_LENGTH:
                    yield each

    def _parts(self, texts: Sequence[str]) -> dict[str, Word]:
        """The parts that stand in the index, as words."""
        self._parser.warm(texts)
        named = {e: name for e in texts if isinstance(name := self._parser.name(e), Word)}
        refined = zip(named, self._refine(list(named.values())), strict=True) if named else ()
        words = {text: each for text, each in refined if isinstance(each, Word)}
        self._statistics.load(asked for each in words.values() for asked in terms_of(each))
        return {text: each for text, each in words.items() if self._statistics.is_held(each)}

    def _best(self, splits: Sequence[Sequence[Word]]) -> Sequence[Word] | None:
        """The split into fewest parts, of these the one whose parts are found most often."""
        counts = self._statistics.documents_of
        return min(splits, key=lambda each: (len(each), -min(map(counts, each))), default=None)


def _typed_as(parts: Sequence[Word], typed: str) -> tuple[Word, ...]:
    return tuple(replace(each, way="apart", typed=typed) for each in parts)


def _plain_words(node: Node) -> Iterator[Word]:
    """Typed words that may be asked for otherwise: not exact, not in a phrase, not under NOT."""
    if isinstance(node, Choice):
        node = node.typed
    if isinstance(node, Word) and node.way in ("typed", "spelling") and not is_exact(node):
        yield node
    elif isinstance(node, And | Or | Words):
        for child in node.children:
            yield from _plain_words(child)


def _with_parts(node: Node, apart: Mapping[Word, Apart]) -> Node:
    if isinstance(node, Words):
        return Words(tuple(_thing_with(each, apart) for each in node.children))
    if isinstance(node, And | Or):
        return type(node)(tuple(_with_parts(each, apart) for each in node.children))
    return _thing_with(node, apart) if isinstance(node, Word | Choice) else node


def _thing_with(
    thing: Word | Phrase | Choice, apart: Mapping[Word, Apart]
) -> Word | Phrase | Choice:
    typed = thing.typed if isinstance(thing, Choice) else thing
    if not isinstance(typed, Word) or typed not in apart:
        return thing
    others = thing.others if isinstance(thing, Choice) else ()
    return Choice(typed, others, apart[typed])
