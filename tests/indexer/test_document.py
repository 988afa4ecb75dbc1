"""Terms, positions and offsets of an article."""

from indexer.document import PARAGRAPH_GAP, build_document, with_language
from indexer.sources import content_digest
from search.article import Article
from search.engines.contract import IndexedField


def article(title: str, *body: str, language: str = "") -> Article:
    return Article(id="a", title=title, body=body, source="a.txt", language=language)


def words_at(field: IndexedField, text: str, term: str) -> list[str]:
    return [text[field.starts[at] : field.ends[at]] for at in field.postings[term]]


def test_terms_stand_in_their_channels_at_their_words(analyzer):
    source = article("Puiduklastri koosolek", "Klastrid kohtusid.", "Arutati klastrite tulevikku.")
    document = build_document(source, analyzer)
    assert words_at(document.title, source.title, "lpuiduklaster") == ["Puiduklastri"]
    assert words_at(document.title, source.title, "pklaster") == ["Puiduklastri"]
    assert words_at(document.title, source.title, "spuiduklastri") == ["Puiduklastri"]
    assert words_at(document.body, source.body_text, "lklaster") == ["Klastrid", "klastrite"]
    assert "sklaster" not in document.body.postings


def test_paragraphs_are_a_gap_apart(analyzer):
    source = article("Teade", "Klaster kasvab.", "Eesti tööstus.")
    body = build_document(source, analyzer).body
    (first,), (second,) = body.postings["lkasvama"], body.postings["lEesti".lower()]
    assert first == 1
    assert second == 2 + PARAGRAPH_GAP
    assert body.length == 4
    assert len(body.starts) == len(body.ends) == 4 + PARAGRAPH_GAP
    gap = range(2, 2 + PARAGRAPH_GAP)
    assert {(body.starts[at], body.ends[at]) for at in gap} == {(14, 14)}
    assert source.body_text[body.starts[second] : body.ends[second]] == "Eesti"


def test_a_term_stands_at_most_once_at_a_position(analyzer):
    source = article(
        "Teade", "Jäätmete taaskasutusklaster ja EAS-i toetus, https://mess.example.ee"
    )
    body = build_document(source, analyzer).body
    for positions in body.postings.values():
        assert list(positions) == sorted(set(positions))
    assert all(start <= end for start, end in zip(body.starts, body.ends, strict=True))


def test_offsets_count_code_points(analyzer):
    source = article("🌲 Mets", "🌲🌲 Männid kasvavad.")
    body = build_document(source, analyzer).body
    assert words_at(body, source.body_text, "lkasvama") == ["kasvavad"]


def test_a_title_alone_has_an_empty_body(analyzer):
    document = build_document(article("Klaster"), analyzer)
    assert document.title.length == 1
    assert (document.body.length, document.body.postings, list(document.body.starts)) == (0, {}, [])


def test_language_is_recognised_unless_known(analyzer):
    english = article("The cluster", "The members of the cluster have met in the new house.")
    document = build_document(english, analyzer)
    assert document.article.language == "en"
    assert "smembers" in document.body.postings
    assert not any(term.startswith("p") for term in document.body.postings)
    assert with_language(article("The cluster of the year", language="et")).language == "et"


def test_the_digest_is_that_of_the_source(analyzer):
    source = article("Klaster")
    assert build_document(source, analyzer).digest == content_digest(source)
    assert build_document(source, analyzer, "abc").digest == "abc"
