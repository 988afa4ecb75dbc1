"""Does a headline, or two of its words, find the article it belongs to?

Documents are bodies without their headlines. Ours goes through the real engine, as ``search`` does;
the baselines are BM25 over their terms, every word of the query optional. ``channels`` is the plain
sum of lemmas, 0.5 lemmas with compound parts, and 0.3 surface forms.
"""

import argparse
import json
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.data import TextItem, as_article, indexed, read_items, snowball
from search.analysis import Analyzer, Vabamorf
from search.query import QueryParser
from search.query.readings import choose_readings
from search.request import SearchRequest

TOP = 10
SHORTEST_BODY = 100
_TOKEN = re.compile(r"\w+(?:[-'’]\w+)*")
# „Galerii: …“ names a rubric of the portal, not the story.
_RUBRIC = re.compile(r"^[^\s:]+:\s+")
Answer = Callable[[str], list[str]]
#: Cuts a text into words, each given as the terms it stands for.
Words = Callable[[str], list[tuple[str, ...]]]


class Bm25:
    """BM25 (k1 1.2, b 0.75) where a word may stand for several terms, which share its weight."""

    def __init__(self, texts: Sequence[str], words: Words) -> None:
        self._words = words
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._lengths = []
        for number, text in enumerate(texts):
            analysed = words(text)
            self._lengths.append(len(analysed))
            for term, count in Counter(term for terms in analysed for term in terms).items():
                self._postings[term].append((number, count))
        self._average = sum(self._lengths) / len(self._lengths)

    def scores(self, query: str) -> dict[int, float]:
        """Score by document number; every word is optional."""
        scores: dict[int, float] = defaultdict(float)
        for terms in self._words(query):
            for term in terms:
                found = self._postings.get(term, [])
                idf = math.log1p((len(self._lengths) - len(found) + 0.5) / (len(found) + 0.5))
                for number, count in found:
                    norm = 1.2 * (0.25 + 0.75 * self._lengths[number] / self._average)
                    scores[number] += idf * count * 2.2 / (count + norm) / len(terms)
        return scores


def by_bm25(items: Sequence[TextItem], channels: Sequence[tuple[float, Words]]) -> Answer:
    """A baseline: the weighted sum of BM25 over several channels."""
    texts = [item.body for item in items]
    indexes = [(weight, Bm25(texts, words)) for weight, words in channels]

    def answer(query: str) -> list[str]:
        total: dict[int, float] = defaultdict(float)
        for weight, index in indexes:
            for number, score in index.scores(query).items():
                total[number] += weight * score
        best = sorted(total, key=lambda number: (-total[number], number))[:TOP]
        return [items[number].id for number in best]

    return answer


def rivals_of(analyzer: Analyzer) -> dict[str, list[tuple[float, Words]]]:
    """The baselines by name: their channels with weights."""
    stem = snowball()

    def surface(text: str) -> list[tuple[str, ...]]:
        return [(word.lower(),) for word in _TOKEN.findall(text)]

    def stems(text: str) -> list[tuple[str, ...]]:
        return [(stem(word),) for word in _TOKEN.findall(text)]

    def lemmas(text: str) -> list[tuple[str, ...]]:
        return [each.terms.lemmas for each in analyzer.analyse(text)]

    def bag(text: str) -> list[tuple[str, ...]]:
        found = [each.terms for each in analyzer.analyse(text)]
        return [tuple({*each.lemmas, *each.others, *each.parts}) for each in found]

    return {
        "surface": [(1.0, surface)],
        "snowball": [(1.0, stems)],
        "channels": [(1.0, lemmas), (0.5, bag), (0.3, surface)],
    }


def two_words(items: Sequence[TextItem], seed: int) -> list[tuple[str, str]]:
    """For each document two words of its headline, drawn in file order; id and query."""
    draw = random.Random(seed)
    queries = []
    for item in items:
        words = [w for w in _TOKEN.findall(headline(item)) if len(w) >= 5 and w.isalpha()]
        if len(words) >= 2:
            queries.append((item.id, " ".join(draw.sample(words, 2))))
    return queries


def headline(item: TextItem) -> str:
    return _RUBRIC.sub("", item.title)


def evaluate(queries: Sequence[tuple[str, str]], answer: Answer) -> tuple[float, float]:
    """MRR and recall among the first ten."""
    reciprocal = recall = 0.0
    for wanted, query in queries:
        found = answer(query)
        if wanted in found:
            reciprocal += 1 / (found.index(wanted) + 1)
            recall += 1
    return reciprocal / len(queries), recall / len(queries)


def measure(paths: Sequence[Path], seeds: int, *, rivals: bool = True) -> dict[str, Any]:
    """Figures of ours and, with ``rivals``, of the baselines on JSON Lines files."""
    items = [each for each in read_items(paths) if len(each.body) >= SHORTEST_BODY]
    headlines = [(item.id, headline(item)) for item in items]
    drawn = [two_words(items, seed) for seed in range(seeds)]
    analyzer = Analyzer(Vabamorf())
    parser = QueryParser(analyzer, lambda _: None)
    with indexed((as_article(each.id, "", each.body) for each in items), analyzer) as reader:

        def ours(query: str) -> list[str]:
            node = choose_readings(parser.parse(query), reader)
            answer = reader.search(node, SearchRequest(page_size=TOP))
            return [reader.id_of(each.number) for each in answer.documents]

        result: dict[str, Any] = _both(headlines, drawn, ours)
    result["queries"] = len(headlines)
    result["documents"] = len(items)
    found = rivals_of(analyzer) if rivals else {}
    result["baselines"] = {
        name: _both(headlines, drawn, by_bm25(items, channels)) for name, channels in found.items()
    }
    return result


def _both(
    headlines: Sequence[tuple[str, str]],
    drawn: Sequence[Sequence[tuple[str, str]]],
    answer: Answer,
) -> dict[str, object]:
    pairs = [evaluate(queries, answer) for queries in drawn]
    mean = tuple(sum(values) / len(pairs) for values in zip(*pairs, strict=True))
    return {
        "headline": _figures(*evaluate(headlines, answer)),
        "two_words": _figures(*mean),
    }


def _figures(mrr: float, recall: float) -> dict[str, float]:
    return {"mrr10": round(mrr, 4), "recall10": round(recall, 4)}


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.known_item", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="JSON Lines with title and body")
    parser.add_argument("--seeds", type=int, default=20, help="drawings of two words (20)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(None if arguments is None else list(arguments))
    result = measure(options.files, options.seeds)
    if options.json:
        print(json.dumps(result))
        return
    print(
        f"{'terms':12}{'headline':>10}{'two words':>12}   (MRR@10, {result['documents']} documents)"
    )
    for name, row in {"ours": result, **result["baselines"]}.items():
        print(f"{name:12}{row['headline']['mrr10']:>10.3f}{row['two_words']['mrr10']:>12.3f}")


if __name__ == "__main__":
    main()
