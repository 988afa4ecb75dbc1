"""The benchmark of pages measures the real site over an index that it leaves as it was."""

from pathlib import Path

import pytest

from benchmarks import pages
from benchmarks.support.corpus import read_stock
from benchmarks.support.corpus_documents import Material
from benchmarks.support.query_set import KINDS
from search.analysis import Analyzer
from search.engines.registry import open_index


@pytest.mark.shared
@pytest.mark.slow
def test_pages_are_measured_beside_their_searches(
    shared_dir: Path, analyzer: Analyzer, tmp_path: Path
) -> None:
    stock = read_stock([shared_dir / "eval" / "headlines" / "ntrex.jsonl"], 300)
    result = pages.measure(Material(stock, analyzer), 150, tmp_path, 2)
    assert tuple(result["kinds"]) == KINDS
    for each in result["kinds"].values():
        assert each["queries"]
        for when in ("new", "again"):
            assert 0 < each[f"search_{when}_p50_ms"] < each[f"page_{when}_p95_ms"]
        assert each["page_kb"] > 5
    assert result["http"]["new_p50_ms"] > 0
    assert "prefix" in pages.table(result)
    assert open_index(tmp_path / "ours").verify() == []
