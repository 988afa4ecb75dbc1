"""``klastriotsing copy``: from files to a server and back, all as it was, or nothing changed."""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import printed, run
from meant_news import QUESTIONS, TEXTS, TopicEmbedder, index_meant_news
from news import index_news
from opensearch_cluster import OpenSearchCluster

from indexer.factory import index_of
from indexer.index_copier import IndexCopier
from search.analysis import Analyzer
from search.configuration import Configuration, load_configuration
from search.engine_errors import CopyDiffers
from search.engines.contract import Index, StoredDocument
from search.engines.opensearch import pack_documents
from search.engines.registry import at_place, fingerprint
from search.errors import IndexMismatch
from search.request import SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy

Places = tuple[str, str, str]


@pytest.fixture
def places(opensearch: OpenSearchCluster, tmp_path: Path, working_directory: None) -> Places:
    """An index with vectors, and where it is to be copied to: a server, and another directory."""
    del working_directory
    index_meant_news(tmp_path, TopicEmbedder())
    settings = f'[opensearch]\nurls = ["http://127.0.0.1:1"]\nindex = "copy-{uuid.uuid4().hex}"\n'
    Path("klastriotsing.toml").write_text(f"{settings}replicas = 0\ntimeout = 60\n", "utf-8")
    url = opensearch.urls[0]
    return f"whoosh:{tmp_path / 'index'}", f"opensearch:{url}", f"whoosh:{tmp_path / 'back'}"


def at(place: str) -> Configuration:
    return at_place(load_configuration(None, {}), place)


def stored(place: str) -> dict[str, StoredDocument]:
    return {each.document.article.id: each for each in index_of(at(place)).stored_documents()}


def answers(place: str, analyzer: Analyzer) -> list[object]:
    configuration = at(place)
    found: list[object] = []
    taxonomy, embedder = load_taxonomy(None), TopicEmbedder()
    answering = SearchService(
        configuration.index, configuration, analyzer, taxonomy, embedder=embedder
    )
    with contextlib.closing(answering):
        for query in (*QUESTIONS, "purjus juhid", "Laine Kivi", "", "räim ja vihm"):
            results = answering.search(SearchRequest(query), "en")
            hits = [(e.id, e.full, e.title_marks, e.snippets, e.why) for e in results.hits]
            found += [results.total, results.partial, results.near, hits, results.facets]
        found.append(answering.statistics().articles)
    return found


@pytest.mark.opensearch
def test_there_and_back(places: Places, analyzer: Analyzer) -> None:
    files, server, back = places
    made = printed("copy", "--from", files, "--to", server)
    assert (made["articles"], made["with_vectors"], made["digests"]) == (len(TEXTS),) * 3
    assert "12 of them with vectors" in run("copy", "--from", server, "--to", back).output
    expected = answers(files, analyzer)
    assert answers(server, analyzer) == expected
    assert answers(back, analyzer) == expected
    before = stored(files)
    for place in (server, back):
        after = stored(place)
        assert after.keys() == before.keys()
        for name, each in before.items():
            copied = after[name]
            assert pack_documents([copied.document]) == pack_documents([each.document])
            assert copied.vectors
            assert each.vectors
            for one, other in zip(each.vectors.passages, copied.vectors.passages, strict=True):
                assert (one.start, one.end, one.digest) == (other.start, other.end, other.digest)
                assert one.vector == pytest.approx(other.vector, abs=1e-6)
    facts = [index_of(at(place)).generation() for place in places]
    same = {(each.articles, each.built, each.sources, each.rules, each.findings) for each in facts}
    assert len(same) == 1
    assert "nothing" not in run("--index", back.partition(":")[2], "stats").output


class Broken:
    """An index that ends in the midst of being read, or gives fewer documents than it has."""

    def __init__(self, index: Index, error: type[BaseException] | None) -> None:
        self._index = index
        self._error = error
        self.generation, self.record, self.verify = index.generation, index.record, index.verify

    def stored_documents(self) -> Iterator[StoredDocument]:
        every = list(self._index.stored_documents())
        yield from every[:2]
        if self._error:
            raise self._error


@pytest.mark.parametrize("error", [KeyboardInterrupt, None], ids=["interrupted", "shortened"])
@pytest.mark.parametrize(
    "target",
    [pytest.param("server", marks=pytest.mark.opensearch), "files"],
)
def test_what_is_not_copied_whole_changes_nothing(
    places: Places, target: str, error: type[BaseException] | None, tmp_path: Path
) -> None:
    files, server, back = places
    to = server if target == "server" else back
    other = index_news(tmp_path / "other", TEXTS[:3])
    assert run("copy", "--from", f"whoosh:{other}", "--to", to).exit_code == 0
    one, two = at(files), at(to)
    live = index_of(two)
    names = live.names(), live.current()
    broken: Callable[..., IndexCopier] = IndexCopier
    copier = broken(Broken(index_of(one), error), fingerprint(one), live, fingerprint(two))
    with pytest.raises(error or CopyDiffers):
        copier.run()
    assert (live.names(), live.current()) == names


def test_an_index_of_another_version_is_not_copied(tmp_path: Path) -> None:
    path = index_news(tmp_path, TEXTS[:1])
    one = Configuration(index=path)
    copier = IndexCopier(index_of(one), "another", index_of(one), "another")
    with pytest.raises(IndexMismatch):
        copier.run()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("solr:x", "begins with no engine"),
        ("whoosh:", "begins with no engine"),
        ("opensearch:", "no [opensearch]"),
        ("opensearch:http://u:p@x", "without user name"),
        ("whoosh:./index", "the one to copy from"),
    ],
)
def test_a_place_that_is_none_is_told(target: str, said: str, working_directory: None) -> None:
    del working_directory
    result = run("copy", "--from", "whoosh:index", "--to", target)
    assert result.exit_code == 1
    assert said in result.output
    assert "u:p" not in result.output
