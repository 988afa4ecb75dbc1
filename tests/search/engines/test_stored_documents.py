"""A document comes back as it was added, and organisations of boilerplate alone are not shown."""

import contextlib
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from corpus import NOW, document, models
from manifests import make_earlier

from indexer.document import analyse_article
from search.analysis import Analyzer
from search.article import Article, Extracted, Listing
from search.engines.contract import IndexedDocument, IndexedField
from search.engines.whoosh import WhooshIndex
from search.engines.whoosh.reader import WhooshReader
from search.engines.whoosh.segment.stored import (
    pack_article,
    pack_field,
    pack_offsets,
    unpack_article,
    unpack_field,
    unpack_offsets,
)
from search.errors import IndexMismatch
from search.near_duplicates.boilerplate import OWN, passage_hash
from search.near_duplicates.minhash import PLACES
from search.query.ast import Everything
from search.request import FacetFilter, SearchRequest

TEXT = (
    "Puidu- ja metsaklaster kohtus 3. mail 2016 Tartus. EAS toetas: www.eas.ee.",
    "",
    "🌲 Klastri juht Mari Mets ütles: „Tuleme EAS-ile appi!“ Uus laud.",
)


def roundtrip(field: IndexedField) -> IndexedField:
    return unpack_field(pack_field(field), pack_offsets(field))


@pytest.mark.parametrize("lengths", [(), (3, 255), (3, 300), (70_000, 1)])
@pytest.mark.parametrize("back", [0, 5])
def test_offsets_come_back(lengths: Sequence[int], back: int) -> None:
    """Also long ones, gaps without length, and such as begin before the last one does."""
    starts, ends, at = [], [], back
    for each in lengths:
        starts += [at, at + each]
        ends += [at + each, at + each]
        at += each - back
    found = unpack_offsets(pack_offsets(IndexedField({}, starts, ends, len(starts))))
    assert [each.tolist() for each in found] == [starts, ends]


@pytest.mark.parametrize("body", [(), ("Üks.",), TEXT, ("sõna " * 5000,)])
def test_fields_come_back(analyzer: Analyzer, body: tuple[str, ...]) -> None:
    built = analyse_article(
        Article("a", "Klaster", body, "a.txt", language="et"), analyzer
    ).document
    for field in (built.title, built.body):
        assert roundtrip(field) == field


def test_random_fields_come_back() -> None:
    draw = random.Random(7)
    for _ in range(50):
        count = draw.randint(1, 300)
        postings = {
            f"l{number}õ": sorted(draw.sample(range(count), draw.randint(1, min(count, 9))))
            for number in range(draw.randint(0, 40))
        }
        starts = sorted(draw.sample(range(100_000), count))
        sentences = sorted(draw.sample(range(count), draw.randint(0, count)))
        field = IndexedField(postings, starts, [each + 3 for each in starts], count, sentences, [])
        assert roundtrip(field) == field


@pytest.mark.parametrize("body", [(), ("",), ("", ""), TEXT, ("a\n\nb", "\n", "õ")])
def test_an_article_comes_back_with_its_text(body: tuple[str, ...]) -> None:
    article = replace(document(models(1, 1)[0]).article, body=body)
    assert unpack_article(pack_article(article), article.body_text.encode()) == article


def assert_lists(listing: Listing, article: Article) -> None:
    """Lists show the values of the whole article."""
    assert listing == Listing(
        id=article.id,
        title=article.title,
        url=article.url,
        published=article.published.value.iso if article.published else None,
        year=article.year.value if article.year else None,
        added=article.added,
        language=article.language,
        duplicates=article.duplicates,
        focus_areas=tuple(each.value for each in article.focus_areas),
        organisations=tuple(each.value for each in article.organisations),
        source=article.publisher,
        text=article.body_text,
    )


@pytest.fixture
def generations(tmp_path: Path) -> WhooshIndex:
    return WhooshIndex(tmp_path)


def added(generations: WhooshIndex, documents: Sequence[IndexedDocument]) -> WhooshReader:
    with generations.build(["a"], "f", NOW) as writer:
        for each in documents:
            writer.add(each)
    return generations.open("f")


def number_of(reader: WhooshReader, article_id: str) -> int:
    number = reader.find(article_id)
    assert number is not None
    return number


def test_documents_come_back_over_segments(generations: WhooshIndex) -> None:
    documents = {
        each.article.id: replace(
            each,
            findings=each.article.id.encode(),
            passages={name.value: (number, 5) for name in each.article.organisations},
            signature=bytes([number % 2 + 1]) * (2 * PLACES) if number % 3 else b"",
        )
        for number, each in enumerate(document(model) for model in models(30, 1))
    }
    added(generations, list(documents.values())[:20]).close()
    with generations.extend(["a"], "f", NOW) as writer:
        for each in list(documents.values())[20:]:
            writer.add(each)
        writer.delete("uudis-003")
    with (
        contextlib.closing(generations.open("f")) as reader,
        contextlib.closing(generations.open_stored("f")) as stored,
    ):
        assert stored.document_count == reader.document_count == 29
        assert stored.digests() == reader.digests()
        assert list(stored.article_ids()) == list(reader.article_ids())
        for article_id, each in documents.items():
            assert stored.find(article_id) == reader.find(article_id)
            assert stored.digest(article_id) == stored.digests().get(article_id)
            if article_id != "uudis-003":
                number = number_of(reader, article_id)
                assert stored.document(number) == reader.document(number) == each
                assert stored.article(number) == reader.article(number)
                assert_lists(reader.listings([number])[0], reader.article(number))


def story(number: int, passage: int) -> IndexedDocument:
    plain = document(models(1, number)[0])
    names = tuple(Extracted(each, "found") for each in ("EAS", "OÜ Mets"))
    article = replace(plain.article, id=f"u{number}", organisations=names)
    passages = {"EAS": (passage,), "OÜ Mets": (OWN,)}
    return replace(plain, article=article, passages=passages)


def test_organisations_of_boilerplate_alone_are_not_shown(generations: WhooshIndex) -> None:
    footer = passage_hash("Projekti rahastab EAS.")
    documents = [story(number, footer) for number in range(6)]
    documents.append(story(6, passage_hash("EAS tegi ise.")))
    reader = added(generations, documents)
    assert {each.value: each.count for each in reader.facet_totals("org")} == {
        "OÜ Mets": 7,
        "EAS": 1,
    }
    shown = [each.value for each in reader.article(number_of(reader, "u0")).organisations]
    assert shown == ["OÜ Mets"]
    assert reader.listings([number_of(reader, "u0")])[0].organisations == ("OÜ Mets",)
    assert len(reader.article(number_of(reader, "u6")).organisations) == 2
    request = SearchRequest("", org=FacetFilter(("EAS",)))
    assert reader.search(Everything(), request).total == 1
    assert reader.document(number_of(reader, "u0")) == documents[0]
    reader.close()
    with generations.extend([], "f", NOW) as writer:
        writer.delete("u0")
        writer.delete("u1")
    reader = generations.open("f")
    assert {each.value: each.count for each in reader.facet_totals("org")} == {
        "OÜ Mets": 5,
        "EAS": 5,
    }
    reader.close()


def test_an_index_of_an_earlier_schema_asks_for_a_reindex(
    generations: WhooshIndex, tmp_path: Path
) -> None:
    added(generations, [document(models(1, 1)[0])]).close()
    make_earlier(tmp_path / "gen-000001")
    for call in (generations.open, generations.open_stored, generations.verify):
        with pytest.raises(IndexMismatch, match="klastriotsing reindex"):
            call()
    with pytest.raises(IndexMismatch), generations.extend([], "f", NOW):
        pass
    with pytest.raises(IndexMismatch):
        next(generations.stored_articles())
    added(generations, [document(models(1, 1)[0])]).close()
    assert generations.verify() == []


def test_other_rules_alone_make_a_generation(generations: WhooshIndex) -> None:
    added(generations, [document(models(1, 1)[0])]).close()
    for rules, name in ((None, "gen-000001"), ("uued", "gen-000002"), ("uued", "gen-000002")):
        with generations.extend([], "f", NOW, rules):
            pass
        assert generations.current() == name
    assert generations.generation().rules == "uued"
    assert generations.verify() == []
    reader = generations.open("f")
    assert reader.document_count == 1
    reader.close()


def test_vocabulary(generations: WhooshIndex) -> None:
    reader = added(generations, [document(model) for model in models(40, 3)])
    words = {each.value: each.count for each in reader.vocabulary("lemma", 5)}
    assert words["klaster"] >= 5
    assert min(words.values()) >= 5
    reader.close()
