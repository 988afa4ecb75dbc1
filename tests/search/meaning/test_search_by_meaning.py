"""Search by words and meaning: what is found, shown and said, and what happens where it fails."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from meant_news import DRUNK, TEXTS, WEATHER, TopicEmbedder
from news import index_news

from search.alerts.saved_search import packed_request, unpacked_request
from search.errors import EmbedderUnavailable
from search.meaning.embedder import Vectors
from search.request import FacetFilter, SearchRequest
from search.service import SearchService

Serve = Callable[..., SearchService]


def test_an_article_that_shares_no_word(serve: Serve) -> None:
    results = serve(TopicEmbedder()).search(SearchRequest("roolijoodikud"), "en")
    (hit,) = results.hits
    assert (results.total, results.partial, results.near, results.pages) == (0, 0, 1, 1)
    assert (hit.id, hit.full, hit.missing, hit.title_marks) == (DRUNK, False, (), ())
    assert hit.nearness is not None
    assert hit.nearness > 0.5
    (snippet,) = hit.snippets
    assert snippet.text.startswith("Politsei peatas laupäeva öösel")
    assert not snippet.marks
    (why,) = hit.why
    assert (why.query, why.form, why.how) == ("roolijoodikud", "", "meaning")
    # The facets describe what is shown, as words found nothing.
    assert [each.count for each in results.facet("language").values] == [1]
    data = results.to_dict()
    assert data["near"] == 1
    assert data["hits"][0]["nearness"] == round(hit.nearness, 4)


def test_words_come_with_what_is_near(serve: Serve) -> None:
    service = serve(TopicEmbedder())
    results = service.search(SearchRequest("räim ja vihm"), "en")
    assert {each.id for each in results.hits if not each.is_near} == {WEATHER, "12"}
    results = service.search(SearchRequest("sadama ilmateade"), "en")
    assert {(each.id, each.is_near) for each in results.hits} == {("12", False), (WEATHER, True)}
    assert (results.total, results.partial, results.near) == (0, 1, 1)
    facet = service.facet("language", SearchRequest("sadama ilmateade"))
    assert [each.count for each in facet.values] == [1]


@pytest.mark.parametrize(
    "request_",
    [
        SearchRequest("roolijoodikud", meaning=False),
        SearchRequest('"roolijoodikud"'),
        SearchRequest("roolijoodikud", language=FacetFilter(("en",))),
        SearchRequest("roolijoodikud Otepääl"),
        SearchRequest("keelpillid"),
    ],
    ids=["off", "quoted", "filter", "name", "nothing near"],
)
def test_what_is_not_found(request_: SearchRequest, serve: Serve) -> None:
    assert not serve(TopicEmbedder()).search(request_).hits


@pytest.mark.parametrize(("meaning", "total"), [(True, 1), (False, 0)])
def test_news_by_meaning(meaning: bool, total: int, serve: Serve) -> None:
    asked = SearchRequest("roolijoodikud", meaning=meaning)
    news = serve(TopicEmbedder()).news(asked, [DRUNK, WEATHER], 5)
    assert news.total == total
    assert [each.id for each in news.hits if each.is_near] == [DRUNK] * total
    # What was ordered before there was any meaning finds by words, as it did.
    assert unpacked_request(packed_request(asked)) == asked
    assert not unpacked_request("{}").meaning


def test_another_spelling_comes_before_the_meaning(serve: Serve) -> None:
    # „Joodik“ is the topic of an article, and „orkesrter“ is no word.
    results = serve(TopicEmbedder()).search(SearchRequest("orkesrter joodik"), "en")
    assert results.searched == "orkester joodik"
    assert {(each.id, each.is_near) for each in results.hits} == {("10", False), (DRUNK, True)}


def test_a_query_is_embedded_once_and_only_if_it_is_meant(serve: Serve) -> None:
    embedder = TopicEmbedder()
    service = serve(embedder)
    for query in ("roolijoodikud", "roolijoodikud", " roolijoodikud ", "Pärnu", "", "=juht"):
        service.search(SearchRequest(query))
    service.suggest("rooli")
    assert embedder.asked == ["roolijoodikud"]


def test_nothing_is_embedded_where_nothing_has_vectors(serve: Serve, tmp_path: Path) -> None:
    embedder = TopicEmbedder()
    service = serve(embedder, index_news(tmp_path, TEXTS[:3]))
    assert service.search(SearchRequest("joodikud juhid")).floor is None
    assert not embedder.asked


def test_words_answer_where_vectors_are_damaged(
    serve: Serve, meant_index: Path, tmp_path: Path
) -> None:
    index = shutil.copytree(meant_index, tmp_path / "index")
    (file,) = index.glob("gen-*/*.vec")
    file.write_bytes(bytes(file.stat().st_size))
    results = serve(TopicEmbedder(), index).search(SearchRequest("purjus juhid"))
    assert (results.total, results.near) == (1, 0)


class FailingEmbedder(TopicEmbedder):
    """A model that fails at every query."""

    def embed_query(self, text: str) -> Vectors:
        del text
        raise EmbedderUnavailable(model="teemad", reason="out of memory", remedy="Wait")


def test_words_answer_where_the_model_fails(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    service = serve(FailingEmbedder())
    with caplog.at_level(logging.WARNING):
        for query in ("purjus juhid", "kalurite saak"):
            results = service.search(SearchRequest(query))
            assert results.total == 1
            assert results.floor is None
    (told,) = caplog.messages
    assert "out of memory" in told
