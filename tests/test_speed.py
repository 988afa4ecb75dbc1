"""Speed that must not be lost, beside rivals in the same process: ``benchmarks/ratios.json``.

Nothing here looks at a clock by itself. ``python -m benchmarks.ratios --write`` keeps new ratios.
"""

import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from benchmarks.plot import panels, svg

from benchmarks import ratios
from benchmarks.rivals.engine import GAP, plain
from benchmarks.support.corpus import NEWS_LENGTHS, compose, read_stock
from benchmarks.support.corpus_documents import Material
from indexer.document import PARAGRAPH_GAP, analyse_article
from search.analysis import Analyzer
from search.engines.contract import IndexedField


def kept(beginning: str) -> dict[str, float]:
    found: dict[str, float] = json.loads(ratios.KEPT.read_text(encoding="utf-8"))
    return {name: value for name, value in found.items() if name.startswith(beginning)}


def in_new_process(measure: Callable[[Path], dict[str, float]], shared: Path) -> dict[str, float]:
    """What else a process of tests holds in memory slows whoever makes many objects."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, shared).result()


def check(measure: Callable[[Path], dict[str, float]], shared: Path, beginning: str) -> None:
    """Measured once more where something is worse: a machine may be busy, code stays slow."""
    wanted = kept(beginning)
    found = in_new_process(measure, shared)
    assert wanted.keys() == found.keys()
    if ratios.worse(found, wanted):
        again = in_new_process(measure, shared)
        found = {name: max(value, again[name]) for name, value in found.items()}
    assert not ratios.worse(found, wanted)


@pytest.mark.slow
@pytest.mark.shared
def test_queries_beside_rivals(shared_dir: Path) -> None:
    check(ratios.of_queries, shared_dir, "query ")


@pytest.mark.slow
@pytest.mark.shared
def test_indexing_beside_the_plain_programme(shared_dir: Path) -> None:
    check(ratios.of_indexing, shared_dir, "indexing ")


def test_a_ratio_is_worse_where_a_third_is_lost() -> None:
    wanted = {"term": 3.0, "or": 3.0}
    assert ratios.worse({"term": 2.1, "or": 1.9}, wanted) == {"or": (1.9, 3.0)}


@pytest.mark.shared
def test_composed_news_are_the_same_for_everyone_and_as_long_as_news(shared_dir: Path) -> None:
    stock = read_stock([shared_dir / "eval" / "headlines" / "ntrex.jsonl"])
    articles = list(compose(stock, 300))
    assert articles == list(compose(stock, 300))
    assert articles[40:45] == list(compose(stock, 5, first=40))
    lengths = sorted(sum(stock.words[n] for p in each.paragraphs for n in p) for each in articles)
    middle = NEWS_LENGTHS[len(NEWS_LENGTHS) // 2]
    assert 0.8 * middle < lengths[150] < 1.25 * middle
    assert any(not each.focus for each in articles)
    assert {len(each.organisations) for each in articles} == {0, 1, 2, 3, 4}


@pytest.mark.shared
def test_composed_documents_are_what_the_indexer_makes(
    shared_dir: Path, analyzer: Analyzer
) -> None:
    """Terms stand where the text has them; rivals get one token a position."""
    stock = read_stock([shared_dir / "eval" / "headlines" / "ntrex.jsonl"], 200)
    same = total = 0
    for document in Material(stock, analyzer).documents(20):
        made = analyse_article(document.article, analyzer).document
        for mine, wanted in ((document.title, made.title), (document.body, made.body)):
            assert (mine.starts, mine.ends) == (wanted.starts, wanted.ends)
            assert mine.length == wanted.length
            assert list(mine.addresses) == list(wanted.addresses)
            found, right = places(mine), places(wanted)
            same, total = same + len(found & right), total + len(found | right)
        tokens = plain(document, 1).body.split(" ")
        assert len(tokens) == len(document.body.starts)
        assert tokens.count(GAP) == PARAGRAPH_GAP * (len(document.article.body) - 1)
    # A sentence by itself is read as within its paragraph, but for what stands around it.
    assert same > 0.99 * total


def places(field: IndexedField) -> set[tuple[str, int]]:
    return {(term, at) for term, found in field.postings.items() for at in found}


def test_the_picture_has_a_line_for_every_engine() -> None:
    results = [
        {
            "articles": articles,
            "kinds": {
                "term": {"facets": {"ours": {"p50_ms": 0.5}, "fts5": {"p50_ms": articles / 1000}}}
            },
        }
        for articles in (1000, 10_000)
    ]
    drawn = svg(panels(results))
    assert drawn.count("<circle") == 4
    assert ">meie<" in drawn
    assert ">SQLite FTS5<" in drawn
