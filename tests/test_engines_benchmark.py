"""The benchmarks that put both engines side by side find that they answer alike."""

import json
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from opensearch_cluster import OpenSearchCluster, server_settings

from benchmarks import engines, judged
from benchmarks.rivals.opensearch_rows import OURS, STOCK
from benchmarks.support.corpus import read_stock
from benchmarks.support.corpus_documents import Material
from benchmarks.support.query_set import KINDS
from search.analysis import Analyzer
from search.configuration import Configuration

pytestmark = pytest.mark.opensearch

#: Own news, and what is asked of them with the ids that are right.
NEWS = {
    "a": ("Laevad jõudsid sadamasse", "Suur laev tõi vilja. Laeva lossiti kaks päeva."),
    "b": ("Vihm jäi tulemata", "Põllumehed ootasid vihma. Rukis kuivas."),
    "c": ("Sadamakail käis töö", "Kraanad tõstsid vilja laevadelt maale."),
    "d": ("Kontsert rannas", "Lauljad laulsid, rahvas kuulas."),
}
ASKED = {"laev": {"a": 2, "c": 1}, "rukki saak": {"b": 1}, "laul": {"d": 1}}


@pytest.mark.shared
def test_both_engines_are_measured_over_the_same_articles(
    shared_dir: Path, opensearch: OpenSearchCluster, analyzer: Analyzer, tmp_path: Path
) -> None:
    stock = read_stock([shared_dir / "eval" / "headlines" / "ntrex.jsonl"], 120)
    server = server_settings(opensearch, f"index-{uuid.uuid4().hex}")
    material = Material(stock, analyzer)
    result = engines.measure(material, 40, tmp_path, server, 1)
    for figures in result["indexing"].values():
        assert figures["articles_per_second"] > 0
    assert tuple(result["kinds"]) == KINDS
    for each in result["kinds"].values():
        assert each["queries"]
        assert not each["differing"]
        assert each["whoosh"]["new_requests"] == 0
    # Counts and the page; now and then what is live.
    assert 1 <= result["kinds"]["prefix"]["opensearch"]["new_most_requests"] <= 3
    assert "differing 0" in engines.table(result)
    plain = Configuration(index=tmp_path / "embedded")
    other = server_settings(opensearch, f"index-{uuid.uuid4().hex}")
    target = replace(plain, engine="opensearch", opensearch=other)
    clock = engines.ServerClock(other)
    assert engines.copied(plain, target, clock)["articles_per_second"] > 0
    assert engines.copied(plain, target, clock).keys() == {"megabytes"}


def test_tables_of_quality_have_rows_of_the_server(
    opensearch: OpenSearchCluster, analyzer: Analyzer, tmp_path: Path
) -> None:
    corpus, queries = tmp_path / "corpus.jsonl", tmp_path / "queries.jsonl"
    news = [{"id": each, "title": title, "body": body} for each, (title, body) in NEWS.items()]
    asked = [{"query": query, "relevant": grades} for query, grades in ASKED.items()]
    for file, rows in ((corpus, news), (queries, asked)):
        text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in rows)
        file.write_text(text, encoding="utf-8")
    url = opensearch.urls[0]
    result = judged.measure(corpus, queries, rivals=False, analyzer=analyzer, server=url)
    rows = result["baselines"]
    assert rows[OURS] == {name: result[name] for name in rows[OURS]}
    assert rows[STOCK]["ndcg10"] < rows[OURS]["ndcg10"]
    assert "benchmark-quality" not in json.dumps(opensearch.ask("GET", "/_alias"))
