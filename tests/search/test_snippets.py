"""Snippets show the words as they stand in the text, cut where a reader would cut."""

from search.analysis import sentence_spans
from search.engines.contract import Occurrence
from search.query.ast import Alternative, And, Choice, Other, Prefix, Word, Words
from search.results import Mark, Why
from search.snippets import SNIPPET_LENGTH, MatchExplainer, paragraphs, sentences, snippets

TEXT = (
    "Klaster alustas 2016. aastal. Puiduklastri liikmed käisid Soomes.\n\n"
    "„Õppisime palju,“ ütles juht. Metsaklaster ja puiduklaster jätkavad koos!"
)
WORD = Word("klaster", (Alternative("lemma", "klaster"), Alternative("part", "klaster")))


def at(form: str, term: str = "lklaster", leaf: int = 0) -> Occurrence:
    start = TEXT.index(form)
    return Occurrence("body", start, start + len(form), leaf, term)


def test_sentences_end_where_they_end() -> None:
    assert [TEXT[start:end] for start, end in sentence_spans(TEXT)] == [
        "Klaster alustas 2016. aastal.",
        "Puiduklastri liikmed käisid Soomes.",
        "„Õppisime palju,“ ütles juht.",
        "Metsaklaster ja puiduklaster jätkavad koos!",
    ]


def test_best_sentences_in_the_order_of_the_text() -> None:
    shown = snippets(TEXT, [at("Klaster"), at("Metsaklaster", "pklaster"), at("puiduklaster")])
    assert [each.text for each in shown] == [
        "Klaster alustas 2016. aastal.",
        "Metsaklaster ja puiduklaster jätkavad koos!",
    ]
    marked = [each.text[m.start : m.end] for each in shown for m in each.marks]
    assert marked == ["Klaster", "Metsaklaster", "puiduklaster"]


def test_long_sentence_is_cut_around_its_marks() -> None:
    text = "sõna " * 100 + "klastrid " + "sõna " * 100
    start = text.index("klastrid")
    (shown,) = snippets(text, [Occurrence("body", start, start + 8, 0, "lklaster")])
    assert shown.text.startswith("…sõna ")
    assert shown.text.endswith("…")
    assert len(shown.text) <= SNIPPET_LENGTH + 12
    assert [shown.text[m.start : m.end] for m in shown.marks] == ["klastrid"]


def test_without_a_match_the_beginning_is_shown() -> None:
    (shown,) = snippets(TEXT, [])
    assert shown.text.startswith("Klaster alustas")
    assert shown.marks == ()
    assert snippets("", []) == ()


def test_reasons_name_the_form_and_the_way() -> None:
    found = [at("Klaster"), at("Puiduklastri", "pklaster"), at("Metsaklaster", "pklaster")]
    assert MatchExplainer(Words((WORD,))).reasons(found, "", TEXT) == (
        Why("klaster", "Klaster", "exact"),
        Why("klaster", "Puiduklastri", "part"),
        Why("klaster", "Metsaklaster", "part"),
    )
    prefix = Prefix("puidu")
    assert MatchExplainer(prefix).reasons([at("puiduklaster", "spuiduklaster")], "", TEXT) == (
        Why("puidu*", "puiduklaster", "exact"),
    )


def test_a_partial_match_lacks_what_nothing_speaks_for() -> None:
    metsa, klaster = Word("metsa", ()), Word("klaster", ())
    choice = Choice(Words((metsa, klaster)), (Other(Word("metsaklaster", ())),))
    explainer = MatchExplainer(And((Words((WORD, choice)), Word("puit", ()))))
    assert explainer.missing([at("Klaster", leaf=4)]) == ("klaster", "metsa", "klaster")
    assert explainer.missing([at("Klaster", leaf=2)]) == ("klaster", "metsa")
    assert explainer.missing([at("Klaster", leaf=3)]) == ("klaster",)


def test_a_quoted_sentence_keeps_the_mark_that_closes_it() -> None:
    text = "„Klaster kasvab.“ Juht ütles: „Jätkame!“ (Allikas: klaster.) Lõpp"
    assert [text[start:end] for start, end in sentences(text)] == [
        "„Klaster kasvab.“",
        "Juht ütles: „Jätkame!“",
        "(Allikas: klaster.)",
        "Lõpp",
    ]
    (shown,) = snippets(text, [Occurrence("body", 1, 8, 0, "lklaster")])
    assert shown.text == "„Klaster kasvab.“"


def test_marks_fall_into_their_paragraphs() -> None:
    body = TEXT.split("\n\n")
    start = TEXT.index("Metsaklaster")
    shown = paragraphs(body, [Mark(0, 7), Mark(start, start + 12)], gap=2)
    assert [[each.text[m.start : m.end] for m in each.marks] for each in shown] == [
        ["Klaster"],
        ["Metsaklaster"],
    ]
