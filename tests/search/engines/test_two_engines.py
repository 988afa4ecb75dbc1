"""Both engines over the same documents: what each says of words, names, clusters and places."""

import contextlib
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args
from urllib.parse import quote

import numpy as np
import pytest
from corpus import NOW, Model, document
from drawn import BASES, draw_documents, draw_node, draw_request, draw_words
from engines import FINGERPRINT, OpenSearchEngine, build
from meant_documents import MODEL, draw_meaning, draw_vectors
from opensearch_cluster import OpenSearchCluster
from server_requests import sent_requests

from search.analysis.terms import PREFIXES, Channel
from search.article import Extracted, KnownAs
from search.configuration import OpenSearchSettings
from search.engine_errors import WriterLockLost
from search.engines.contract import (
    ArticleVectors,
    CompletionKind,
    DocumentKey,
    EngineAnswer,
    EngineReader,
    IndexedDocument,
    MeaningQuery,
    NameEvidence,
    PassageVector,
)
from search.engines.opensearch import Connection, OpenSearchIndex, pack_documents
from search.engines.opensearch.writer_lock import WriterLock
from search.engines.whoosh import WhooshIndex
from search.errors import (
    BackupUnusable,
    IndexLocked,
    IndexMismatch,
    NoIndex,
    NoPreviousGeneration,
    QueryTooBroad,
)
from search.query.ast import Alternative, Everything, Prefix, Word
from search.request import COUNTED, FACETS, SearchRequest

pytestmark = pytest.mark.opensearch

#: Drawn queries that are asked by words and meaning.
COUNT = int(os.environ.get("QUERIES") or 16)
Readers = tuple[EngineReader, EngineReader]
TITLES = ("Mets kasvab", "Metsa puud", "Õun ja puu", "mets kasvab", "Vesi „Mere“ ääres")


def documents() -> list[IndexedDocument]:
    """Drawn documents with titles, and with names that are spelt in several ways."""
    draw = random.Random(7)
    found = []
    for each in draw_documents(120, seed=11):
        names = each.article.organisations
        if names and draw.random() < 0.3:
            names = (*names[1:], Extracted(names[0].value.upper(), "found"))
        article = replace(each.article, title=draw.choice(TITLES), organisations=names)
        if draw.random() < 0.1 and names:
            article = replace(article, known_as=(KnownAs(names[0].value, ("Vana nimi",)),))
        naming = NameEvidence(
            maybe=(Extracted("Metsaliit", "found"), Extracted("Keegi", "found")),
            proven=("Metsaliit",) if draw.random() < 0.1 else (),
            aliases=(("ML", "Metsa Liit"),) if draw.random() < 0.1 else (),
        )
        passages = {name.value: (draw.randint(5, 9),) for name in names[:1]}
        found.append(replace(each, article=article, naming=naming, passages=passages))
    return found


@pytest.fixture(scope="module")
def made() -> list[IndexedDocument]:
    return documents()


@pytest.fixture(scope="module")
def readers(
    opensearch: OpenSearchCluster,
    tmp_path_factory: pytest.TempPathFactory,
    made: list[IndexedDocument],
) -> Iterator[Readers]:
    """The embedded engine's reader, and the server's of an index that was changed on the way."""
    beside = WhooshIndex(tmp_path_factory.mktemp("index"))
    build(beside, [made])
    index = OpenSearchEngine(opensearch.urls[0], shards=3).index()
    before = [replace(each, digest="old") for each in draw_documents(40, seed=5)]
    gone = draw_documents(9, seed=6, first=500)
    build(index, [[*before, *gone], [*made, *(each.article.id for each in gone)]])
    for each in (beside, index):
        for batch in (made[:70], made[70:-9]):
            assert each.add_vectors(MODEL, draw_vectors(batch))
        assert each.add_vectors(MODEL, draw_vectors(made[:5])) is None, "nothing is new"
    with contextlib.closing(beside.open()) as one, contextlib.closing(index.open()) as other:
        yield one, other


def test_words_are_as_common_and_as_alike(readers: Readers) -> None:
    one, other = readers
    texts = [*BASES, "metsa", "oun", "pu", "aa", "kl", "puudu"]
    for channel in get_args(Channel):
        terms = [PREFIXES[channel] + each for each in texts]
        assert one.document_frequencies(terms) == other.document_frequencies(terms)
        assert one.vocabulary(channel, 3) == other.vocabulary(channel, 3)
    forms = [(f"s{text}", [f"l{each}" for each in BASES]) for text in texts]
    assert one.reading_counts(forms) == other.reading_counts(forms)
    assert one.folded(texts) == other.folded(texts)
    assert one.starting(texts) == other.starting(texts)
    assert [one.similar(each) for each in texts] == [other.similar(each) for each in texts]
    assert one.term_count() == other.term_count()
    assert not one.is_cut(Prefix("m"))
    assert not other.is_cut(Prefix("m"))


@pytest.mark.parametrize("kind", get_args(CompletionKind))
def test_completions_are_the_same(readers: Readers, kind: CompletionKind) -> None:
    one, other = readers
    for text in ("m", "me", "õ", "oun", "ää", "kasv", "liit", "puu", "mere", "x"):
        for limit in (2, 10):
            assert list(one.complete(kind, text, limit)) == list(other.complete(kind, text, limit))


def test_articles_and_their_names_are_the_same(
    readers: Readers, made: list[IndexedDocument]
) -> None:
    one, other = readers
    ids = [each.article.id for each in made]
    assert one.document_count == other.document_count == len(ids)
    assert dict(one.digests()) == dict(other.digests())
    assert sorted(one.article_ids()) == sorted(other.article_ids())
    left, right = (_keys(reader, ids) for reader in readers)
    assert one.listings(left) == other.listings(right)
    for mine, its in zip(left, right, strict=True):
        assert one.article(mine) == other.article(its)
    for mine, its in zip(one.duplicates(left), other.duplicates(right), strict=True):
        assert sorted(mine) == sorted(its)
    assert one.other_names() == other.other_names()
    assert other.find("keda pole") is None
    for name in FACETS:
        assert list(one.facet_totals(name)) == list(other.facet_totals(name))


def test_a_document_comes_back_as_it_was_added(
    readers: Readers, made: list[IndexedDocument]
) -> None:
    for each in made[:20]:
        (key,) = _keys(readers[1], [each.article.id])
        assert pack_documents([readers[1].document(key)]) == pack_documents([each])


def test_what_is_found_is_marked_and_counted_alike(
    readers: Readers, made: list[IndexedDocument]
) -> None:
    one, other = readers
    ids = [each.article.id for each in made]
    left, right = (_keys(reader, ids) for reader in readers)
    for number in range(20):
        draw = random.Random(f"both {number}")
        node, request = draw_node(draw), draw_request(draw)
        fresh = draw.sample(range(len(ids)), 30)
        with contextlib.suppress(QueryTooBroad):
            marks, others = one.occurrences(left, node), other.occurrences(right, node)
            assert marks == others
            assert one.facet_pivot(node, request, "focus", "year") == other.facet_pivot(
                node, request, "focus", "year"
            )
            news = (
                reader.news(node, request, [keys[at] for at in fresh])
                for reader, keys in ((one, left), (other, right))
            )
            mine, its = news
            assert one.ids([e.key for e in mine]) == other.ids([e.key for e in its])
            found, there = (reader.search(node, request, COUNTED) for reader in readers)
            assert one.ids([e.key for e in found.documents]) == other.ids(
                [e.key for e in there.documents]
            )
            assert (found.total, found.partial) == (there.total, there.partial)


@pytest.mark.parametrize("model", ["", MODEL])
def test_similar_articles_are_the_same(
    readers: Readers, made: list[IndexedDocument], model: str
) -> None:
    one, other = readers
    for each in (*made[:20], made[-1]):
        (mine,), (its,) = (_keys(reader, [each.article.id]) for reader in readers)
        left, right = one.more_like_this(mine, 5, model), other.more_like_this(its, 5, model)
        assert one.ids([e.key for e in left]) == other.ids([e.key for e in right])
        scores = [each.score for each in left]
        assert [each.score for each in right] == pytest.approx(scores, rel=1e-4)


def test_what_is_found_by_words_and_meaning_is_the_same(
    readers: Readers, made: list[IndexedDocument]
) -> None:
    one, other = readers
    ids = [each.article.id for each in made]
    left, right = (_keys(reader, ids) for reader in readers)
    near = 0
    for number in range(COUNT):
        draw = random.Random(f"meant {number}")
        node, request, meaning = draw_node(draw), draw_request(draw), draw_meaning(draw)
        if draw.random() < 0.5:
            node = draw.choice((Word("x", (Alternative("lemma", "puudu"),)), draw_words(draw)))
            request = SearchRequest(sort=request.sort, page_size=request.page_size)
        with contextlib.suppress(QueryTooBroad):
            theirs = other.search(node, request, COUNTED, meaning)
            ours = one.search(node, request, COUNTED, meaning)
            _assert_alike(readers, ours, theirs, f"{number}: {node} {request}")
            near += ours.near
            fresh = draw.sample(range(len(ids)), 30)
            mine, its = (
                reader.news(node, request, [found[at] for at in fresh], meaning)
                for reader, found in ((one, left), (other, right))
            )
            assert [(*one.ids([e.key]), e.full, e.near) for e in mine] == [
                (*other.ids([e.key]), e.full, e.near) for e in its
            ], number
            passages = one.nearest_passages(left[:20], meaning)
            for ours_, theirs_ in zip(
                passages, other.nearest_passages(right[:20], meaning), strict=True
            ):
                assert (ours_ is None) == (theirs_ is None)
                if ours_ and theirs_:
                    assert (ours_.start, ours_.end) == (theirs_.start, theirs_.end)
                    assert ours_.nearness == pytest.approx(theirs_.nearness, abs=1e-5)
    assert near > COUNT


def test_a_search_by_meaning_asks_so_often(readers: Readers) -> None:
    """For counts, for what is first by words and by meaning, and for the page."""
    _, other = readers
    meaning = replace(draw_meaning(random.Random(2)), certain=None)
    node = Word("x", (Alternative("lemma", BASES[3]), Alternative("part", BASES[3])))
    # What all vectors have in common is asked for once.
    other.search(Everything(), SearchRequest(page_size=5), COUNTED, meaning)
    with sent_requests() as requests:
        assert other.search(node, SearchRequest(page_size=5), COUNTED, meaning).near
    assert requests.of_articles <= 3, requests.addresses
    with sent_requests() as again:
        other.search(node, SearchRequest(page_size=5, sort="newest"), COUNTED, meaning)
    assert again.of_articles <= 2, again.addresses


def test_first_by_words_or_by_meaning_and_never_by_both(
    opensearch: OpenSearchCluster, tmp_path: Path
) -> None:
    """Where no list tells what is first by both, the server is asked for that, too."""
    draw = np.random.default_rng(5)
    made, vectors = [], []
    for number in range(130):
        by_words = number % 2
        title, words = ("mets" if by_words else "puu",), ("puu",) * (number % 17)
        model = Model(f"uudis-{number:03d}", title, ("mets", *words), None, (), ())
        made.append(document(model))
        subject = np.eye(8)[1 - by_words] + draw.standard_normal(8) * 0.1
        vector = (subject / np.linalg.norm(subject)).astype(np.float32)
        passage = PassageVector(0, 4, draw.bytes(16), vector)
        vectors.append(ArticleVectors(model.id, made[-1].digest, (passage,)))
    beside, index = WhooshIndex(tmp_path), OpenSearchEngine(opensearch.urls[0]).index()
    for each in (beside, index):
        build(each, [made])
        assert each.add_vectors(MODEL, vectors)
    node, request = Word("mets", (Alternative("lemma", "mets"),)), SearchRequest(page_size=20)
    meaning = MeaningQuery(MODEL, np.eye(8, dtype=np.float32)[1], 0.0, 0.45)
    with contextlib.closing(beside.open()) as one, contextlib.closing(index.open()) as other:
        other.search(node, request, COUNTED, meaning)
        with sent_requests() as requests:
            found = other.search(node, request, COUNTED, meaning)
        assert requests.of_articles == 3, requests.addresses
        _assert_alike((one, other), one.search(node, request, COUNTED, meaning), found, "mets")


def _assert_alike(readers: Readers, ours: EngineAnswer, theirs: EngineAnswer, query: str) -> None:
    one, other = readers
    said = [
        (
            [(*reader.ids([e.key]), e.full, e.near) for e in answer.documents],
            (answer.total, answer.partial, answer.near),
            {name: list(answer.facets[name].pairs()) for name in answer.facets},
            dict(answer.without),
        )
        for reader, answer in ((one, ours), (other, theirs))
    ]
    assert said[0] == said[1], query
    scores = [each.score for each in ours.documents]
    assert [each.score for each in theirs.documents] == pytest.approx(scores, abs=1e-3), query


def _keys(reader: EngineReader, ids: Sequence[str]) -> list[DocumentKey]:
    keys = [reader.find(each) for each in ids]
    return [key for key in keys if key is not None]


@pytest.fixture
def index(opensearch: OpenSearchCluster) -> OpenSearchIndex:
    return OpenSearchEngine(opensearch.urls[0]).index(keep=2)


def test_generations_go_live_whole_and_go_back(index: OpenSearchIndex) -> None:
    with pytest.raises(NoIndex):
        index.open()
    assert index.current() is None
    build(index, [draw_documents(3, seed=1)])
    first = index.current()
    with pytest.raises(NoPreviousGeneration):
        index.rollback()
    with contextlib.suppress(ZeroDivisionError), index.extend(["y"], FINGERPRINT, NOW) as writer:
        writer.add(draw_documents(1, seed=2, first=10)[0])
        1 / 0  # noqa: B018 - whatever goes wrong
    assert index.names() == (first,)
    with index.extend(["y"], FINGERPRINT, NOW) as writer:
        writer.delete("keda pole")
    assert index.names() == (first,), "nothing was changed"
    with index.extend(["y"], FINGERPRINT, NOW) as writer:
        writer.add_packed(pack_documents(draw_documents(2, seed=2, first=10)))
    assert index.generation().articles == 5
    assert index.generation().sources == ("x", "y")
    assert index.verify(FINGERPRINT) == []
    assert index.fallbacks() == (first,)
    with contextlib.closing(index.open(name=first)) as reader:
        assert reader.document_count == 3
    assert index.rollback() == first
    assert index.current() == first
    with pytest.raises(IndexMismatch):
        index.open("another")


def test_verify_compares_what_is_stored_with_what_is_found(
    index: OpenSearchIndex, opensearch: OpenSearchCluster
) -> None:
    documents = draw_documents(5, seed=1)
    build(index, [documents])
    name, term = index.current(), next(iter(documents[0].title.postings))
    assert index.verify() == []
    for each in (name, f"{name}-words"):
        opensearch.ask("PUT", f"/{each}/_settings", {"index.blocks.write": None})
    opensearch.ask("DELETE", f"/{name}-words/_doc/{quote(term)}?refresh=true")
    held = opensearch.ask("GET", f"/{name}/_doc/uudis-0003")["_source"]
    opensearch.ask("PUT", f"/{name}/_doc/uudis-0003?refresh=true", {**held, "id": "uudis-0003"})
    problems = index.verify()
    assert any("counts of" in each for each in problems), problems
    assert any("is found by it" in each for each in problems)


def test_one_writes_at_a_time(index: OpenSearchIndex) -> None:
    with index.build(["x"], FINGERPRINT, NOW):
        second = index.build(["x"], FINGERPRINT, NOW)
        with pytest.raises(IndexLocked):
            second.__enter__()
    with index.build(["x"], FINGERPRINT, NOW):
        pass
    with contextlib.closing(index.open()) as reader:
        assert reader.document_count == 0
        assert reader.search(Everything(), draw_request(random.Random(1))).total == 0


def test_who_was_silent_for_long_changes_nothing(
    index: OpenSearchIndex, opensearch: OpenSearchCluster
) -> None:
    """Another process has taken the lock over meanwhile, and has it still."""
    build(index, [draw_documents(3, seed=1)])
    first = index.current() or ""
    connection = Connection(OpenSearchSettings((opensearch.urls[0],)), None)
    name = first.partition("-gen-")[0]
    later = WriterLock(connection, name, clock=lambda: time.time() + 600)
    with contextlib.ExitStack() as stack:
        writing = index.build(["x"], FINGERPRINT, NOW)
        writing.__enter__().add(draw_documents(1, seed=2)[0])
        taken = stack.enter_context(later.held())
        with pytest.raises(WriterLockLost):
            writing.__exit__(None, None, None)
        assert taken.begun == f"{name}-gen-000002"
        assert index.names() == (first,)
        taken.check()
        with pytest.raises(IndexLocked), index.build(["x"], FINGERPRINT, NOW):
            pass
    with index.build(["x"], FINGERPRINT, NOW):
        pass
    assert index.current() != first


def test_a_new_generation_is_one_segment_a_shard(opensearch: OpenSearchCluster) -> None:
    index = OpenSearchEngine(opensearch.urls[0], shards=2).index()
    build(index, [draw_documents(260, seed=1)])
    name = index.current()
    told = opensearch.ask("GET", f"/{name},{name}-words/_stats/segments")["indices"]
    assert {each["total"]["segments"]["count"] for each in told.values()} == {2}


def test_a_backup_makes_the_same_index_elsewhere(
    index: OpenSearchIndex, opensearch: OpenSearchCluster, tmp_path: Path
) -> None:
    build(index, [draw_documents(8, seed=1)])
    index.backup(tmp_path / "varu")
    other = OpenSearchEngine(opensearch.urls[0]).index()
    other.restore(tmp_path / "varu", FINGERPRINT)
    held = [dict(index.stored_articles()), dict(other.stored_articles())]
    assert held[0] == held[1]
    with pytest.raises(BackupUnusable):
        other.restore(tmp_path / "varu", "another")
    with (tmp_path / "varu/documents.gz").open("ab") as file:
        file.write(b"x")
    with pytest.raises(BackupUnusable):
        other.restore(tmp_path / "varu")
