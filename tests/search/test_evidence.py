"""Evidence is read as whole sentences, with everything in one of them marked together."""

from search.article import Article, Evidence, Extracted, Part
from search.article_view import LONGEST_SENTENCE, ArticleEvidence, EvidenceView

ARTICLE = Article(
    id="a",
    title="Puiduklaster sai uue juhi",
    body=(
        "Klaster alustas 2016. aastal Tartus. „Puit ja puidu jäägid on meie asi.“ Nii räägiti.",
        "Teine lõik ütleb sama.",
    ),
    source="a.txt",
)
BODY = ARTICLE.body_text


def at(text: str, part: Part = "body") -> Evidence:
    whole = ARTICLE.title if part == "title" else BODY
    start = whole.index(text)
    return Evidence(part, start, start + len(text), text)


def shown(*evidence: Evidence, article: Article = ARTICLE) -> tuple[EvidenceView, ...]:
    return ArticleEvidence(article).of(Extracted("x", "found", evidence))


def marked(view: EvidenceView) -> list[str]:
    return [view.text[each.start : each.end] for each in view.marks]


def test_a_sentence_is_whole_and_knows_its_place() -> None:
    (view,) = shown(at("2016"))
    assert view.text == "Klaster alustas 2016. aastal Tartus."
    assert BODY[view.start : view.end] == view.text
    assert view.part == "body"
    assert marked(view) == ["2016"]


def test_one_sentence_is_told_once_with_all_its_marks() -> None:
    views = shown(at("puidu jäägid"), at("lõik"), at("Puit"), at("Puit"))
    assert [each.text for each in views] == [
        "„Puit ja puidu jäägid on meie asi.“",
        "Teine lõik ütleb sama.",
    ]
    assert marked(views[0]) == ["puidu jäägid", "Puit"]


def test_the_title_and_what_is_no_part_of_the_text() -> None:
    address = Evidence("url", 3, 7, "clusterconference2016.eu")
    name = Evidence("path", 0, 10, "2009-10-06")
    views = shown(at("juhi", "title"), address, name)
    assert [(each.part, each.text) for each in views] == [
        ("title", ARTICLE.title),
        ("url", "clusterconference2016.eu"),
        ("path", "2009-10-06"),
    ]
    assert marked(views[1]) == ["clusterconference2016.eu"]


def test_what_was_given_needs_no_evidence() -> None:
    assert shown(Evidence("given", 0, 4, "2016")) == ()


def test_evidence_that_runs_over_the_end_of_a_sentence_is_still_whole() -> None:
    start, end = BODY.index("Tartus"), BODY.index("Nii") + 3
    (view,) = shown(Evidence("body", start, end, BODY[start:end]))
    assert view.text.endswith("Nii")
    assert marked(view) == [BODY[start:end]]


def test_only_an_endless_sentence_is_cut() -> None:
    long = "klaster " + "sõna " * 100 + "lõpus."
    endless = "sõna " * 1000 + "klaster lõpus"
    for text, whole in ((long, True), (endless, False)):
        article = Article(id="a", title="", body=(text,), source="a")
        start = text.index("klaster")
        (view,) = shown(Evidence("body", start, start + 7, "klaster"), article=article)
        assert (view.text == text) == whole
        assert len(view.text) <= LONGEST_SENTENCE + 12
        assert marked(view) == ["klaster"]
        assert (view.start, view.end) == (0, len(text))
