"""Similar articles by terms and by vectors, and by terms alone where there are none."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from meant_news import DRUNK, TEXTS, TopicEmbedder, index_meant_news

from search.service import SearchService

Serve = Callable[..., SearchService]
#: About what the first of ``TEXTS`` is about, in other words; then once more with a word changed.
OTHER_WORDS = (
    "Roolijoodikute arv kasvas. Statistika järgi tabati mullu tuhandeid joodikuid, kes sõitsid"
    " öösiti joobes ning ohustasid liiklust nii linnades kui ka maal. Ministeerium kavandab"
    " karmimaid karistusi ja lühemaid menetlusi, sest trahvid ei ole aidanud kedagi ümber mõelda."
)
AGAIN = OTHER_WORDS.replace("tuhandeid", "sadu")
LIKE, COPY = str(len(TEXTS) + 1), str(len(TEXTS) + 2)


@pytest.fixture(scope="module")
def meant_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [*TEXTS, OTHER_WORDS, AGAIN]
    return index_meant_news(tmp_path_factory.mktemp("similar"), TopicEmbedder(), texts)


def test_what_is_told_in_other_words_is_similar_with_vectors(serve: Serve) -> None:
    by_terms = serve(None).article(DRUNK).similar
    assert not {LIKE, COPY} & {each.id for each in by_terms}
    embedder = TopicEmbedder()
    similar = serve(embedder).article(DRUNK).similar
    # One story is listed once.
    (like,) = (each for each in similar if each.id in (LIKE, COPY))
    assert similar[0] == like
    assert 0.3 < like.score <= 0.6
    # What is alike by its words alone stays as it was.
    assert {each.id for each in by_terms} <= {each.id for each in similar}
    assert not embedder.asked
    assert serve(embedder).article(like.id).similar[0].id == DRUNK


def test_near_duplicates_are_no_similar_articles(serve: Serve) -> None:
    listed = {each.id for each in serve(TopicEmbedder()).article(LIKE).similar}
    assert not listed & {LIKE, COPY}


def test_vectors_of_another_model_or_damaged_ones_leave_terms(
    serve: Serve, meant_index: Path, tmp_path: Path
) -> None:
    by_terms = [serve(None).article(each).similar for each in ("5", "6")]
    assert all(by_terms)
    other = TopicEmbedder()
    other.digest = "muu"
    damaged = tmp_path / "index"
    shutil.copytree(meant_index, damaged)
    (file,) = damaged.rglob("*.vec")
    file.write_bytes(file.read_bytes()[:100])
    for service in (serve(other), serve(TopicEmbedder(), damaged)):
        assert [service.article(each).similar for each in ("5", "6")] == by_terms
