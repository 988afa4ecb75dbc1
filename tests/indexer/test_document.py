"""Terms, positions and offsets of an article."""

from indexer.document import PARAGRAPH_GAP, analyse_article, with_language
from indexer.sources import content_digest
from indexer.text_view import LONGEST_SENTENCE, text_view_of
from search.article import Article
from search.engines.contract import IndexedField


def article(title: str, *body: str, language: str = "") -> Article:
    return Article(id="a", title=title, body=body, source="a.txt", language=language)


def words_at(field: IndexedField, text: str, term: str) -> list[str]:
    return [text[field.starts[at] : field.ends[at]] for at in field.postings[term]]


def test_terms_stand_in_their_channels_at_their_words(analyzer):
    source = article("Puiduklastri koosolek", "Klastrid kohtusid.", "Arutati klastrite tulevikku.")
    document = analyse_article(source, analyzer).document
    assert words_at(document.title, source.title, "lpuiduklaster") == ["Puiduklastri"]
    assert words_at(document.title, source.title, "pklaster") == ["Puiduklastri"]
    assert words_at(document.title, source.title, "spuiduklastri") == ["Puiduklastri"]
    assert words_at(document.body, source.body_text, "lklaster") == ["Klastrid", "klastrite"]
    assert "sklaster" not in document.body.postings


def test_paragraphs_are_a_gap_apart(analyzer):
    source = article("Teade", "Klaster kasvab.", "Eesti tööstus.")
    body = analyse_article(source, analyzer).document.body
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
    body = analyse_article(source, analyzer).document.body
    for positions in body.postings.values():
        assert list(positions) == sorted(set(positions))
    assert all(start <= end for start, end in zip(body.starts, body.ends, strict=True))


def test_offsets_count_code_points(analyzer):
    source = article("🌲 Mets", "🌲🌲 Männid kasvavad.")
    body = analyse_article(source, analyzer).document.body
    assert words_at(body, source.body_text, "lkasvama") == ["kasvavad"]


def test_a_title_alone_has_an_empty_body(analyzer):
    document = analyse_article(article("Klaster"), analyzer).document
    assert document.title.length == 1
    assert (document.body.length, document.body.postings, list(document.body.starts)) == (0, {}, [])


def test_language_is_recognised_unless_known(analyzer):
    english = article("The cluster", "The members of the cluster have met in the new house.")
    document = analyse_article(english, analyzer).document
    assert document.article.language == "en"
    assert "smembers" in document.body.postings
    assert not any(term.startswith("p") for term in document.body.postings)
    assert with_language(article("The cluster of the year", language="et")).language == "et"


def test_the_digest_is_that_of_the_source(analyzer):
    source = article("Klaster")
    assert analyse_article(source, analyzer).document.digest == content_digest(source)
    assert analyse_article(source, analyzer, "abc").document.digest == "abc"


def test_sentences_are_those_of_the_index(analyzer):
    source = article("Teade", "Klaster kasvab. „Kuidas?“ küsis Mari.", "Vt www.klaster.ee! Sajab.")
    analysed = analyse_article(source, analyzer)
    body = analysed.text.body
    texts = ["Klaster kasvab.", "„Kuidas?“ küsis Mari.", "Vt www.klaster.ee!", "Sajab."]
    assert [each.text for each in body.sentences] == texts
    assert [each.paragraph for each in body.sentences] == [1, 1, 2, 2] == body.paragraphs
    for number, sentence in enumerate(body.sentences):
        positions = body.sentence_positions(number)
        tokens = [(each.start, each.end) for each in sentence.tokens]
        assert tokens == [(body.starts[at], body.ends[at]) for at in positions]
        assert [each.text for each in sentence.tokens] == [body.word(at) for at in positions]
        assert source.body_text[sentence.start : sentence.end] == sentence.text


def test_a_sentence_is_cut_where_no_one_would_go_on(analyzer):
    text = "klaster " * (2 * LONGEST_SENTENCE + 1)
    sentences = analyse_article(article("Teade", text), analyzer).text.body.sentences
    assert [len(each.tokens) for each in sentences] == [LONGEST_SENTENCE, LONGEST_SENTENCE, 1]
    assert "".join(each.text for each in sentences) == text


def test_a_stored_document_gives_the_same_view(analyzer):
    source = article("Klaster EAS-is", "Klaster kasvab. Vt www.klaster.ee.", "Eesti tööstus.")
    analysed = analyse_article(source, analyzer)
    stored = text_view_of(analysed.document)
    for part, again in zip(analysed.text.parts, stored.parts, strict=True):
        assert again.channel_positions("l") == part.channel_positions("l")
        assert (again.text, again.words, again.paragraphs) == (
            part.text,
            part.words,
            part.paragraphs,
        )
