"""The tagger: what it tells its model of a word, and what its model makes of a sentence."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from indexer.document import analyse_article
from indexer.extract.organisations.organisation_finder import OrganisationFinder
from indexer.extract.organisations.sentence_view import SentenceView
from indexer.extract.organisations.tagger import TaggedSpan, Tagger
from indexer.extract.organisations.tagger_features import (
    TokenShape,
    endings,
    likeliest,
    number_shape,
    punctuation_shape,
    word_shape,
)
from indexer.extract.organisations.token_classes import TokenClassifier
from search.analysis import Analyzer
from search.article import Article

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def tagger(analyzer: Analyzer) -> Tagger:
    return Tagger(analyzer)


def views(analyzer: Analyzer, *body: str) -> list[SentenceView]:
    text_view = analyse_article(Article("a", "Uudis", body, "a.txt", language="et"), analyzer).text
    words = TokenClassifier(analyzer)
    return [SentenceView(each, words) for each in text_view.sentences if each.part == "body"]


def named(
    found: Sequence[SentenceView], spans: Sequence[Sequence[TaggedSpan]], label: str = "ORG"
) -> list[str]:
    return [
        " ".join(word.text for word in view.words[each.first : each.last + 1])
        for view, some in zip(found, spans, strict=True)
        for each in some
        if each.label == label
    ]


@pytest.mark.parametrize(
    ("text", "lemma", "pos", "form"),
    [
        ("Tallinna", "Tallinn", "H", "sg g"),  # a place before a noun, not into it
        ("Reutersile", "Reuters", "H", "sg all"),  # no name in -le
        ("Nii", "nii", "D", ""),
        ("ei", "ei", "V", "neg"),
        ("peale", "peale", "K", ""),
    ],
)
def test_likeliest_reading(analyzer: Analyzer, text: str, lemma: str, pos: str, form: str) -> None:
    likely = likeliest(text, analyzer.readings(text))
    assert (lemma, pos, form) in {(each.lemma, each.pos, each.form) for each in likely}
    assert len({each.pos for each in likely}) == 1


def test_endings_are_those_of_the_morphology(analyzer: Analyzer) -> None:
    def of(form: str) -> list[str]:
        return endings(form, analyzer.readings(form))

    assert of("klastrist") == ["st"]
    assert of("klastritega") == ["tega"]
    assert of("klaster") == []


def test_features_of_a_word(analyzer: Analyzer) -> None:
    shape = word_shape("Puiduklastrist", analyzer.readings("Puiduklastrist"))
    assert {
        "iu[0]=y",
        "cu[0]=y",
        "aan[0]=y",
        "lem[0]=puiduklaster",
        "p3[0]=pui",
        "s4[0]=ster",
        "pref[0]=puidu",
        "post[0]=klaster",
        "case[0]=el",
        "end[0]=st",
    } <= set(shape.own_features())
    assert "lem[-1]=puiduklaster" in shape.context_features(-1)
    assert not any(each.startswith(("p3", "case")) for each in shape.context_features(-1))


def test_neighbours_are_told_of_capitals_twice(analyzer: Analyzer) -> None:
    shape = word_shape("EAS", analyzer.readings("EAS"))
    assert shape.own_features().count("au[0]=y") == 1
    assert shape.context_features(1).count("au[1]=y") == 2


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (punctuation_shape(","), {"lem[0]=,", "pos[0]=_Z_", "pun[0]=y", "ao[0]=y", "cs[0]=y"}),
        (number_shape("16."), {"lem[0]=16.", "pos[0]=_O_", "cd[0]=y", "cdt[0]=y"}),
        (number_shape("16"), {"lem[0]=16", "pos[0]=_N_", "ad[0]=y"}),
    ],
)
def test_features_of_other_tokens(shape: TokenShape, expected: set[str]) -> None:
    assert expected <= set(shape.own_features())


def test_organisations_persons_and_places(analyzer: Analyzer, tagger: Tagger) -> None:
    found = views(analyzer, "Riias teatas Reuters, et Mari Tamm juhib nüüd Tallinna Ülikooli.")
    spans = tagger.tag(found)
    assert named(found, spans) == ["Reuters", "Tallinna Ülikooli"]
    assert named(found, spans, "PER") == ["Mari Tamm"]
    assert named(found, spans, "LOC") == ["Riias"]
    assert all(0.0 < each.confidence <= 1.0 for some in spans for each in some)


def test_spans_count_words_not_punctuation(analyzer: Analyzer, tagger: Tagger) -> None:
    found = views(analyzer, "„Nii,“ ütles (2. mail) „Eesti Päevalehe“ toimetaja, „ongi.“")
    (span,) = (each for each in tagger.tag(found)[0] if each.label != "PER")
    assert [word.text for word in found[0].words[span.first : span.last + 1]] == [
        "Eesti",
        "Päevalehe",
    ]


def test_sentences_do_not_run_into_one_another(analyzer: Analyzer, tagger: Tagger) -> None:
    found = views(analyzer, "Teatas Reuters", "Reuters teatas.", "Sajab vihma.")
    assert [len(each) for each in tagger.tag(found)] == [1, 1, 0]


def test_no_model_is_loaded_for_other_languages(
    analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = OrganisationFinder(analyzer)
    monkeypatch.setattr("pycrfsuite.Tagger", None)
    article = Article("a", "News", ("The guests met OÜ Kask.",), "a", language="en")
    text_view = analyse_article(article, analyzer).text
    assert [each.name for each in finder.find(text_view, "en").mentions] == ["OÜ Kask"]


def test_the_model_needs_nothing_else_of_estnltk() -> None:
    """Its package imports pandas and matplotlib, in every process that enriches."""
    code = """
import sys
from indexer.document import analyse_article
from indexer.extract import Enricher, Gazetteer, Overrides
from search.analysis import Analyzer, Vabamorf
from search.article import Article
from search.taxonomy import Taxonomy
analyzer = Analyzer(Vabamorf())
enricher = Enricher(analyzer, Taxonomy(()), Gazetteer(), Overrides(), 2026)
article = Article("a", "T", ("Eile teatas Reuters kõigest.",), "a", language="et")
found = enricher.extract(analyse_article(article, analyzer)).article
assert [each.value for each in found.organisations] == ["Reuters"], found.organisations
assert "pycrfsuite" in sys.modules
assert not {"estnltk", "pandas", "matplotlib"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
