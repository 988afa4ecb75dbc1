"""A form finds what it means first, and what it may mean as well in part."""

from datetime import UTC, datetime
from pathlib import Path

from indexer.document import analyse_article
from search.analysis import Analyzer
from search.article import Article
from search.configuration import Configuration
from search.engines.registry import fingerprint, open_index
from search.request import SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy

TEXTS = {
    "road": "Tee valla keskusesse sai uue katte ja seda teed ootasid kõik.",
    "making": "Meister tegi tooli ise. Ta on teinud neid juba aastaid.",
    "neither": "Klaster pidas Tartus koosoleku.",
}


def test_the_typed_lemma_first_and_its_other_readings_in_part(
    analyzer: Analyzer, tmp_path: Path
) -> None:
    configuration = Configuration(index=tmp_path)
    with open_index(tmp_path).build([], fingerprint(configuration), datetime.now(UTC)) as writer:
        for name, text in TEXTS.items():
            article = Article(name, "", (text,), source=name, language="et")
            writer.add(analyse_article(article, analyzer).document)
    service = SearchService(tmp_path, configuration, analyzer, load_taxonomy(None))
    hits = service.search(SearchRequest("tee")).hits
    assert [(each.id, each.full) for each in hits] == [("road", True), ("making", False)]
    assert [each.form for each in hits[1].why] == ["tegi", "teinud"]
    assert hits[1].missing == ()
    strict = service.search(SearchRequest("tee AND uus"))
    assert [(each.id, each.full) for each in strict.hits] == [("road", True)]
    assert not service.search(SearchRequest("tee AND meister")).hits
    service.close()
