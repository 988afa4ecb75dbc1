"""Retrieval of sentences by a word in any form, against treebank lemmas.

Queries are gold lemmas of a treebank, asked as the lemma and as one of its forms; every sentence is
a document; a hit is a match by lemma or surface form, compound parts left out. Precision, recall
and F1 are of full matches, MAP of the ranked answer, in which other readings of the form come last.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from benchmarks.rivals.baselines import Answer, lemma_rivals
from benchmarks.support.data import CONTENT_TAGS, GoldToken, as_article, indexed, read_conllu
from search.analysis import Analyzer, Vabamorf
from search.engines.contract import RankedDocument
from search.query import QueryParser
from search.query.ast import Node, Phrase, Word
from search.query.lemma_selection import select_lemmas
from search.query.term_statistics import TermStatistics
from search.request import SearchRequest

QUERIES = 3000
FEWEST, MOST = 2, 60


@dataclass(frozen=True, slots=True)
class Query:
    """A gold lemma, a form of it in the data, and the sentences that contain it."""

    lemma: str
    form: str
    relevant: frozenset[int]


def draw_queries(sentences: Sequence[Sequence[GoldToken]], seed: int = 0) -> list[Query]:
    """Lemmas in 2 to 60 sentences, drawn with a fixed seed."""
    places: dict[str, set[int]] = defaultdict(set)
    forms: dict[str, set[str]] = defaultdict(set)
    for number, sentence in enumerate(sentences):
        for token in sentence:
            if token.tag in CONTENT_TAGS and len(token.lemma) > 2 and token.lemma.isalpha():
                forms[token.lemma].add(token.form)
                places[token.lemma].add(number)
    fitting = sorted(lemma for lemma, found in places.items() if FEWEST <= len(found) <= MOST)
    draw = random.Random(seed)
    drawn = draw.sample(fitting, min(QUERIES, len(fitting)))
    return [
        Query(lemma, draw.choice(sorted(forms[lemma])), frozenset(places[lemma])) for lemma in drawn
    ]


def evaluate(queries: Sequence[Query], answer: Answer, kind: str, full: Answer) -> dict[str, float]:
    """Macro-averaged precision, recall and F1 of ``full``, and MAP of ``answer``."""
    totals = {"precision": 0.0, "recall": 0.0, "f1": 0.0, "map": 0.0}
    for query in queries:
        word = query.lemma if kind == "lemma" else query.form
        found = full(word)
        right = len(query.relevant.intersection(found))
        precision = right / len(found) if found else 0.0
        recall = right / len(query.relevant)
        totals["precision"] += precision
        totals["recall"] += recall
        totals["f1"] += 2 * precision * recall / (precision + recall) if right else 0.0
        totals["map"] += _average_precision(answer(word), query.relevant)
    return {name: round(total / len(queries), 4) for name, total in totals.items()}


def _average_precision(found: Sequence[int], relevant: frozenset[int]) -> float:
    hits, total = 0, 0.0
    for rank, number in enumerate(found, 1):
        if number in relevant:
            hits += 1
            total += hits / rank
    return total / len(relevant)


def without_parts(node: Node) -> Node:
    """The query without matches by compound part and by derivation."""
    if isinstance(node, Word):
        kept = tuple(each for each in node.alternatives if each.channel != "part")
        return replace(node, alternatives=kept, family=None)
    if isinstance(node, Phrase):
        words = tuple(word for word in map(without_parts, node.words) if isinstance(word, Word))
        return replace(node, words=words)
    return node


def measure(path: Path, *, rivals: bool = True, analyzer: Analyzer | None = None) -> dict[str, Any]:
    """Figures of this engine and, with ``rivals``, of the baselines on one treebank file.

    Without an ``analyzer`` it makes one of its own.
    """
    sentences = read_conllu(path)
    queries = draw_queries(sentences)
    analyzer = analyzer or Analyzer(Vabamorf())
    parser = QueryParser(analyzer, lambda _: None)
    articles = (
        as_article(str(number), "", " ".join(token.form for token in sentence))
        for number, sentence in enumerate(sentences)
    )
    with indexed(articles, analyzer) as reader:

        @lru_cache(maxsize=1)  # full matches are requested along with all matches
        def answered(word: str) -> tuple[RankedDocument, ...]:
            (node,) = select_lemmas([parser.parse(word)], analyzer, TermStatistics(reader))
            return reader.search(without_parts(node), SearchRequest(page_size=1000), ()).documents

        def found(word: str, *, full: bool) -> list[int]:
            keys = [each.key for each in answered(word) if each.full or not full]
            return list(map(int, reader.ids(keys)))

        ours, in_full = partial(found, full=False), partial(found, full=True)
        result: dict[str, Any] = both(queries, ours, in_full)
    result["queries"] = len(queries)
    others = lemma_rivals(forms_of(sentences)) if rivals else ()
    result["baselines"] = {name: both(queries, answer) for name, answer in others}
    return result


def forms_of(sentences: Sequence[Sequence[GoldToken]]) -> list[list[str]]:
    return [[token.form for token in sentence] for sentence in sentences]


def both(
    queries: Sequence[Query], answer: Answer, full: Answer | None = None
) -> dict[str, dict[str, float]]:
    """Figures of queries by lemma and by form; ``full`` defaults to ``answer``."""
    return {kind: evaluate(queries, answer, kind, full or answer) for kind in ("lemma", "form")}


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.lemma", description=__doc__)
    parser.add_argument("file", type=Path, help="a CoNLL-U file with gold lemmas")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(None if arguments is None else list(arguments))
    result = measure(options.file)
    if options.json:
        print(json.dumps(result))
        return
    rows = {"ours": result, **result["baselines"]}
    width = max(map(len, rows))
    figures = f"{'P':>8}{'R':>7}{'F1':>7}{'MAP':>7}"
    print(f"{'':{width}}{'asked by lemma':>29}{'asked by a form':>29}")
    print(f"{'matching':{width}}{figures}{figures}")
    for name, row in rows.items():
        print(f"{name:{width}}{_cells(row['lemma'])}{_cells(row['form'])}")


def _cells(figures: Mapping[str, float]) -> str:
    first, *others = (figures[name] for name in ("precision", "recall", "f1", "map"))
    return f"{first:8.3f}" + "".join(f"{each:7.3f}" for each in others)


if __name__ == "__main__":
    main()
