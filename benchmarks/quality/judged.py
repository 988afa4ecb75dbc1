"""Judged queries: nDCG@10 and recall@10 against relevance judgements by hand (qrels).

Documents are titles and bodies. Ours are the hits that ``search`` shows; the baselines are BM25
over their terms, every word of the query optional. What nobody judged counts as irrelevant. A
compound typed as one word is what a pool of simple searches finds worst, so the figures are also
given without such queries.

With ``--meaning`` ours finds by meaning, too, and rows say what words and meaning find alone.
"""

import argparse
import json
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.quality.known_item import WORDS_ALONE, Answer, searched, shown_by_rivals
from benchmarks.quality.paraphrases import by_meaning_alone
from benchmarks.rivals.opensearch_rows import add_server_argument, index_folder, server_rows
from benchmarks.support.data import as_article, read_items, searchable
from benchmarks.support.vector_cache import add_meaning_arguments, chosen_embedder
from search.analysis import Analyzer, Vabamorf
from search.meaning.embedder import Embedder

TOP = 10
WORST = 10
DRAWS = 2000
_MEASURES = ("ndcg10", "recall10")
#: nDCG@10 and recall@10 of one query.
Figures = tuple[float, float]


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query as typed, and the grade (1 or 2) of each relevant document by id."""

    text: str
    grades: Mapping[str, int]


def read_judged(path: Path) -> list[JudgedQuery]:
    """Queries of a JSON Lines file with ``query`` and ``relevant``."""
    lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [JudgedQuery(each["query"], each["relevant"]) for each in lines]


def figures(query: JudgedQuery, hits: Sequence[tuple[str, ...]]) -> Figures:
    """nDCG@10 and recall@10 of ``hits``, each the documents it shows.

    The gain of a hit is the grade of its best document that no higher hit shows; recall is relative
    to at most ten documents.
    """
    left = dict(query.grades)
    gain = found = 0.0
    for rank, shown in enumerate(hits[:TOP], 1):
        grades = [left.pop(each) for each in shown if each in left]
        gain += max(grades, default=0) / math.log2(rank + 1)
        found += len(grades)
    ideal = sorted(query.grades.values(), reverse=True)[:TOP]
    best = sum(grade / math.log2(rank + 1) for rank, grade in enumerate(ideal, 1))
    return gain / best, min(found / len(ideal), 1.0)


def measure(
    corpus: Path,
    judged: Path,
    *,
    rivals: bool = True,
    analyzer: Analyzer | None = None,
    embedder: Embedder | None = None,
    server: str | None = None,
) -> dict[str, Any]:
    """Figures of this engine and, with ``rivals``, of the baselines on judged queries.

    Without an ``analyzer`` it creates one. With ``embedder`` words alone and meaning alone are
    baselines, too; with the URL of a ``server`` also this program on OpenSearch, and the analyzer
    of that.
    """
    items, queries = read_items([corpus]), read_judged(judged)
    analyzer = analyzer or Analyzer(Vabamorf())
    compounds = {each.text for each in queries if _is_one_compound(each.text, analyzer)}
    articles = [as_article(each.id, each.title, each.body) for each in items]
    others: dict[str, list[Figures]] = {}
    texts = [f"{each.title}\n{each.body}" for each in items]
    ids = [each.id for each in items]
    with index_folder() as folder, searchable(articles, analyzer, embedder, folder) as service:
        ours = _of_all(queries, lambda query: searched(service, query))
        if embedder is not None:
            words = partial(searched, service, meaning=False)
            others[WORDS_ALONE] = _of_all(queries, words)
        with server_rows(
            server, folder, analyzer, searched, tuple(zip(ids, texts, strict=True))
        ) as rows:
            others |= {name: _of_all(queries, answer) for name, answer in rows.items()}
    if embedder is not None:
        near = by_meaning_alone(articles, embedder)
        others["meaning alone"] = _of_all(queries, lambda query: [(e,) for e in near(query)[:TOP]])
    answers = shown_by_rivals(ids, texts) if rivals else ()
    others |= {name: _of_all(queries, answer) for name, answer in answers}
    several = [i for i, each in enumerate(queries) if each.text not in compounds]
    worst = sorted(range(len(queries)), key=ours.__getitem__)[:WORST]
    result: dict[str, Any] = {
        **_means(ours),
        "queries": len(queries),
        "worst": [{"query": queries[i].text, **_means([ours[i]])} for i in worst],
        "baselines": {name: _means(each) for name, each in others.items()},
        "difference": {name: _differences(ours, each) for name, each in others.items()},
    }
    result["without_one_compound"] = {
        **_means([ours[i] for i in several]),
        "queries": len(several),
        "baselines": {name: _means([each[i] for i in several]) for name, each in others.items()},
    }
    return result


def _of_all(queries: Sequence[JudgedQuery], answer: Answer) -> list[Figures]:
    return [figures(each, answer(each.text)) for each in queries]


def _means(found: Sequence[Figures]) -> dict[str, float]:
    columns = zip(*found, strict=True)
    return {
        name: round(sum(values) / len(values), 4)
        for name, values in zip(_MEASURES, columns, strict=True)
    }


def _differences(ours: Sequence[Figures], others: Sequence[Figures]) -> dict[str, list[float]]:
    """Differences of ours, with 95 % confidence bounds by a paired bootstrap over queries."""
    found = {}
    for place, name in enumerate(_MEASURES):
        each = [one[place] - other[place] for one, other in zip(ours, others, strict=True)]
        draw = random.Random(0)
        means = sorted(sum(draw.choices(each, k=len(each))) / len(each) for _ in range(DRAWS))
        low, high = means[DRAWS // 40], means[-DRAWS // 40]
        found[name] = [round(value, 4) for value in (sum(each) / len(each), low, high)]
    return found


def _is_one_compound(query: str, analyzer: Analyzer) -> bool:
    return query.isalpha() and any(len(each.parts) > 1 for each in analyzer.readings(query))


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.judged", description=__doc__)
    parser.add_argument("corpus", type=Path, help="JSON Lines with id, title and body")
    parser.add_argument("judged", type=Path, help="JSON Lines with query and relevant")
    add_meaning_arguments(parser)
    add_server_argument(parser)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(None if arguments is None else list(arguments))
    with chosen_embedder(options) as embedder:
        server = options.opensearch
        result = measure(options.corpus, options.judged, embedder=embedder, server=server)
    if options.json:
        print(json.dumps(result))
        return
    some = result["without_one_compound"]
    rows = {"ours": result, **result["baselines"]}
    few = {"ours": some, **some["baselines"]}
    width = max(map(len, rows))
    print(f"{result['queries']} queries; in brackets without compounds of one word")
    print(f"{'terms':{width}}{'nDCG@10':>15}{'recall@10':>16}   ours better by (95 %)")
    for name, row in rows.items():
        cells = "".join(f"{row[each]:>8.3f} ({few[name][each]:.3f})" for each in _MEASURES)
        print(f"{name:{width}}{cells}   {_interval(result['difference'].get(name))}")
    print("\nnDCG@10  recall@10  worst queries")
    for each in result["worst"]:
        print(f"{each['ndcg10']:7.3f}{each['recall10']:11.3f}  {each['query']}")


def _interval(difference: Mapping[str, Sequence[float]] | None) -> str:
    pairs = (difference or {}).values()
    return "  ".join(f"{mean:+.3f} ({low:+.3f} to {high:+.3f})" for mean, low, high in pairs)


if __name__ == "__main__":
    main()
