"""Known-item search: MRR of finding an article by its headline or two words of it.

Documents are bodies without their headlines. Ours are the hits that ``search`` shows; one that
lists the wanted document as the same story elsewhere shows it, too. The baselines are BM25 over
their terms, every word of the query optional. With ``--meaning`` ours finds by meaning, too, and a
row says what words find alone.
"""

import argparse
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.rivals.baselines import known_item_rivals
from benchmarks.rivals.opensearch_rows import add_server_argument, index_folder, server_rows
from benchmarks.support.data import WORD, TextItem, as_article, read_items, searchable
from benchmarks.support.vector_cache import add_meaning_arguments, chosen_embedder
from search.analysis import Analyzer, Vabamorf
from search.meaning.embedder import Embedder
from search.request import SearchRequest
from search.service import SearchService

TOP = 10
#: The row of ours without meaning.
WORDS_ALONE = "words alone"
SHORTEST_BODY = 100
# Kind of content, not the topic of the story; other words before a colon are its subject.
_RUBRIC = re.compile(r"^(?:galerii|fotod?|pildid|videod?|graafik):\s+", re.IGNORECASE)
#: The id of the wanted document, and the query.
Query = tuple[str, str]
#: For each hit, best first, the documents it shows.
Answer = Callable[[str], list[tuple[str, ...]]]


def two_words(items: Sequence[TextItem], seed: int) -> list[Query]:
    """Draws two headline words of each document as its query, in file order."""
    draw = random.Random(seed)
    queries = []
    for item in items:
        words = [w for w in WORD.findall(headline(item)) if len(w) >= 5 and w.isalpha()]
        if len(words) >= 2:
            queries.append((item.id, " ".join(draw.sample(words, 2))))
    return queries


def headline(item: TextItem) -> str:
    return _RUBRIC.sub("", item.title)


def evaluate(queries: Sequence[Query], answer: Answer) -> tuple[float, float]:
    """MRR and recall at 10."""
    reciprocal = recall = 0.0
    for wanted, query in queries:
        found = (rank for rank, shown in enumerate(answer(query), 1) if wanted in shown)
        rank = next(found, None)
        if rank is not None:
            reciprocal += 1 / rank
            recall += 1
    return reciprocal / len(queries), recall / len(queries)


def measure(
    paths: Sequence[Path],
    seeds: int,
    *,
    rivals: bool = True,
    analyzer: Analyzer | None = None,
    embedder: Embedder | None = None,
    server: str | None = None,
    most: int | None = None,
) -> dict[str, Any]:
    """Figures of this engine and, with ``rivals``, of the baselines on JSON Lines files.

    The number of wanted articles is limited; all are searched.

    Without an ``analyzer`` it creates one. With ``embedder`` words alone are a baseline, too; with
    the URL of a ``server`` also this program on OpenSearch, and the analyzer of that.
    """
    items = [each for each in read_items(paths) if len(each.body) >= SHORTEST_BODY]
    wanted = items
    if most is not None and most < len(items):
        wanted = random.Random(most).sample(items, most)
    headlines = [(item.id, headline(item)) for item in wanted]
    drawn = [two_words(wanted, seed) for seed in range(seeds)]
    analyzer = analyzer or Analyzer(Vabamorf())
    articles = (as_article(each.id, "", each.body) for each in items)
    others = {}
    ids, bodies = [each.id for each in items], [each.body for each in items]
    with index_folder() as folder, searchable(articles, analyzer, embedder, folder) as service:
        result: dict[str, Any] = both(headlines, drawn, partial(searched, service))
        if embedder is not None:
            others[WORDS_ALONE] = both(headlines, drawn, partial(searched, service, meaning=False))
        with server_rows(
            server, folder, analyzer, searched, tuple(zip(ids, bodies, strict=True))
        ) as rows:
            others |= {n: both(headlines, drawn, answer) for n, answer in rows.items()}
    result["queries"] = len(headlines)
    result["documents"] = len(items)
    found = shown_by_rivals(ids, bodies) if rivals else ()
    result["baselines"] = others | {n: both(headlines, drawn, answer) for n, answer in found}
    return result


def searched(service: SearchService, query: str, *, meaning: bool = True) -> list[tuple[str, ...]]:
    """The documents that each of the first hits of ``search`` shows: itself and its variants."""
    hits = service.search(SearchRequest(query, page_size=TOP, meaning=meaning), facets=()).hits
    return [(hit.id, *hit.duplicates) for hit in hits]


def shown_by_rivals(ids: Sequence[str], texts: Sequence[str]) -> Iterator[tuple[str, Answer]]:
    """Name and answers of each baseline over ``texts``, named by ``ids``; built when reached."""

    def first_ids(answer: Callable[[str], list[int]], query: str) -> list[tuple[str, ...]]:
        return [(ids[number],) for number in answer(query)[:TOP]]

    for name, answer in known_item_rivals(texts):
        yield name, partial(first_ids, answer)


def both(
    headlines: Sequence[Query],
    drawn: Sequence[Sequence[Query]],
    answer: Answer,
) -> dict[str, dict[str, float]]:
    """Figures for headlines, and the mean over the drawings of two words."""
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
    parser.add_argument("--most", type=int, metavar="N", help="look for so many articles at most")
    add_meaning_arguments(parser)
    add_server_argument(parser)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(None if arguments is None else list(arguments))
    with chosen_embedder(options) as embedder:
        others: dict[str, Any] = {"server": options.opensearch, "most": options.most}
        result = measure(options.files, options.seeds, embedder=embedder, **others)
    if options.json:
        print(json.dumps(result))
        return
    rows = {"ours": result, **result["baselines"]}
    width = max(map(len, rows))
    print(f"MRR@10, {result['documents']} documents")
    print(f"{'terms':{width}}{'headline':>10}{'two words':>11}")
    for name, row in rows.items():
        print(f"{name:{width}}{row['headline']['mrr10']:>10.3f}{row['two_words']['mrr10']:>11.3f}")


if __name__ == "__main__":
    main()
