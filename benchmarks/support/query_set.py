"""Query sets: words drawn by document frequency, interpreted once.

Every engine gets the same queries: ours as a query tree, rivals as the same alternatives of each
word (lemma, compound part, surface form) in their own syntax.
"""

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from search.analysis import Analyzer
from search.analysis.terms import term
from search.engines.contract import EngineReader, IndexedDocument
from search.query import QueryParser
from search.query.ast import And, Node, Or, Phrase, Prefix, Word, with_words
from search.query.lemma_selection import select_lemmas
from search.query.term_statistics import TermStatistics

Kind = Literal["term", "and", "or", "phrase", "prefix"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Document frequencies, as shares of the articles, of common, middling and rare words.
BANDS = ((0.05, 0.3), (0.01, 0.05), (0.001, 0.01))
#: Bands of the words of a query with several.
_PAIRS = ((0, 0), (0, 1), (1, 1), (0, 2))
_FIVE = (0, 1, 1, 2, 2)
_PREFIX_LETTERS = 4
_SURVEYED = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """A query. ``words`` are alternatives (terms with channel), of which each word needs one.

    Those of a phrase are adjacent; a prefix has only its ``text``.
    """

    kind: Kind
    text: str
    node: Node
    words: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """Lemmas by frequency band, and pairs of neighbouring ones, most frequent first."""

    bands: tuple[tuple[str, ...], ...]
    pairs: tuple[tuple[str, str], ...]


def survey(documents: Iterable[IndexedDocument]) -> Survey:
    """Counts the words of the first documents."""
    holding: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    ambiguous: set[str] = set()
    count = 0
    for document in itertools.islice(documents, _SURVEYED):
        count += 1
        places: dict[int, list[str]] = {}
        for text, positions in document.body.postings.items():
            if text[0] == "l":
                for each in positions:
                    places.setdefault(each, []).append(text[1:])
        holding.update({lemma for lemmas in places.values() for lemma in lemmas})
        ambiguous.update(each for lemmas in places.values() if len(lemmas) > 1 for each in lemmas)
        sole = {at: lemmas[0] for at, lemmas in places.items() if len(lemmas) == 1}
        near = {(one, sole[at + 1]) for at, one in sole.items() if at + 1 in sole}
        pairs.update(pair for pair in near if all(map(_is_plain, pair)))
    bands = tuple(
        tuple(
            sorted(
                lemma
                for lemma, held in holding.items()
                if low * count <= held < high * count and held > 1 and _is_plain(lemma)
            )
        )
        for low, high in BANDS
    )
    # Rivals have one lemma at a position, so phrases are made of words with a single lemma.
    clear = [pair for pair in pairs if not ambiguous.intersection(pair) and pairs[pair] > 1]
    return Survey(bands, tuple(sorted(clear, key=lambda pair: (-pairs[pair], pair))))


def draw(found: Survey, kind: Kind, count: int, seed: int = 0) -> list[str]:
    """Up to ``count`` different queries of one kind."""
    return list(itertools.islice(dict.fromkeys(_texts(found, kind, count, seed)), count))


def understood(
    texts: Sequence[str], kind: Kind, analyzer: Analyzer, reader: EngineReader
) -> list[Asked]:
    """Queries interpreted as ``search`` does, reduced to what all engines can do.

    Leaves out prefixes that expand to more words than ours uses, and phrases of words with several
    lemmas, or with a lemma that is confused with another anywhere.
    """
    asked = []
    parser = QueryParser(analyzer, lambda _: None)
    for text in texts:
        (refined,) = select_lemmas([parser.parse(text)], analyzer, TermStatistics(reader))
        node = with_words(refined, lambda word, _: replace(word, family=None))
        words = _words(node)
        if isinstance(node, Prefix) and reader.is_cut(node):
            continue
        if kind == "phrase":
            lemmas = [[each for each in word if each[0] == "l"] for word in words]
            misread = any(each[0] == "r" for word in words for each in word)
            if not isinstance(node, Phrase) or misread or any(len(each) != 1 for each in lemmas):
                continue
            words = tuple(map(tuple, lemmas))
        asked.append(Asked(kind, text, node, words))
    return asked


def _texts(found: Survey, kind: Kind, count: int, seed: int) -> Iterator[str]:
    chance = random.Random(f"{seed}-{kind}")
    bands = [chance.sample(band, len(band)) for band in found.bands]
    if kind == "phrase":
        often = [f'"{first} {second}"' for first, second in found.pairs[: 8 * count]]
        yield from chance.sample(often, len(often))
        return
    if kind in ("term", "prefix"):
        for words in itertools.zip_longest(*bands):
            for word in filter(None, words):
                if kind == "term":
                    yield word
                elif len(word) > _PREFIX_LETTERS:
                    yield word[:_PREFIX_LETTERS] + "*"
        return
    wanted = _PAIRS if kind == "and" else (_FIVE,)
    joint = " AND " if kind == "and" else " OR "
    for numbers in itertools.islice(itertools.cycle(wanted), 4 * count):
        yield joint.join(chance.choice(bands[each] or bands[0]) for each in numbers)


def rival_term(indexed: str) -> str:
    """A term (with channel) as rivals index it; FTS5 folds case, so capitals are marked."""
    return indexed if indexed.islower() else f"{indexed[0]}^{indexed[1:]}"


def _words(node: Node) -> tuple[tuple[str, ...], ...]:
    if isinstance(node, Word):
        return (tuple(rival_term(term(each.channel, each.term)) for each in node.alternatives),)
    if isinstance(node, And | Or):
        return tuple(words for each in node.children for words in _words(each))
    if isinstance(node, Phrase):
        return tuple(words for each in node.words for words in _words(each))
    return ()


def _is_plain(lemma: str) -> bool:
    return len(lemma) > 2 and lemma.isalpha() and lemma.islower()
