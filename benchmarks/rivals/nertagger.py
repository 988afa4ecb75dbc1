"""EstNLTK's NerTagger on given words and sentences, with its own morphology."""

from collections.abc import Callable, Sequence
from typing import Any

Document = Sequence[Sequence[str]]
#: Finds names: number of the sentence, first word, and the word after the last.
Finder = Callable[[Document], set[tuple[int, int, int]]]


def ner_tagger() -> Finder:
    """Function that tags organisations; loading the model takes some seconds."""
    from estnltk.taggers import VabamorfTagger
    from estnltk.taggers.standard.ner.ner_tagger import NerTagger

    morphology, tagger = VabamorfTagger(), NerTagger()

    def find(document: Document) -> set[tuple[int, int, int]]:
        text, words = _as_text(document)
        morphology.tag(text)
        tagger.tag(text)
        return {
            (*words[span.start], words[span.base_span[-1].start][1] + 1)
            for span in text["ner"]
            if span.nertag == "ORG"
        }

    return find


def _as_text(document: Document) -> tuple[Any, dict[int, tuple[int, int]]]:
    """A Text with layers of words and sentences, and word numbers by offset."""
    from estnltk import ElementaryBaseSpan, EnvelopingBaseSpan, Layer, Text

    text = Text(" ".join(word for sentence in document for word in sentence))
    words = Layer("words", attributes=("normalized_form",), text_object=text, ambiguous=True)
    sentences = Layer("sentences", attributes=(), text_object=text, enveloping="words")
    numbers: dict[int, tuple[int, int]] = {}
    enclosed = []
    at = 0
    for number, sentence in enumerate(document):
        spans = []
        for i, word in enumerate(sentence):
            numbers[at] = (number, i)
            spans.append(ElementaryBaseSpan(at, at + len(word)))
            words.add_annotation(spans[-1], normalized_form=None)
            at += len(word) + 1
        if spans:
            enclosed.append(EnvelopingBaseSpan(spans))
    text.add_layer(words)
    for span in enclosed:
        sentences.add_annotation(span)
    text.add_layer(sentences)
    text.add_layer(
        Layer(
            "compound_tokens",
            attributes=("type", "normalized"),
            text_object=text,
            enveloping="words",
        )
    )
    return text, numbers
