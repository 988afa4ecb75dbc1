"""Precision and recall of organisation names against annotated text (EstNER).

The files are EstNER's: documents of sentences of words, each with nested entities of which
``ner_1`` is the outer level. What is measured is the extractor that fills the facet, before its
mentions are merged into values: exact outer spans of ORG, gold tokens and sentences given. Time
runs from tokens to spans with morphology, in a new extractor. The baseline is EstNLTK's NerTagger
with the morphology it asks for, in the same run; its loading is left out, as ours is.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.rivals.nertagger import Document, Finder, ner_tagger
from benchmarks.support.data import detokenize
from indexer.extract.organisations.organisation_finder import OrganisationFinder
from indexer.text_view import PartView, Sentence, TextView
from search.analysis import ESTONIAN, Analyzer, Token, Vabamorf, tokenize
from search.engines.contract import IndexedField

#: A sentence's number and the first and last word of a name in it, the last one excluded.
Span = tuple[int, int, int]
_OUTER = "ner_1"
#: Tagged before timing, so that models are loaded.
_FIRST = [["Täna", "tuli", "Mari", "."]]


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A document's sentences of words, and its organisation spans."""

    sentences: Document
    organisations: frozenset[Span]

    @property
    def tokens(self) -> int:
        return sum(map(len, self.sentences))


@dataclass(frozen=True, slots=True)
class Counts:
    """Spans that are right, found and annotated; tokens and seconds."""

    right: int
    found: int
    gold: int
    tokens: int
    seconds: float

    def figures(self) -> dict[str, float]:
        precision = self.right / self.found if self.found else 0.0
        recall = self.right / self.gold if self.gold else 0.0
        f1 = 2 * precision * recall / (precision + recall) if self.right else 0.0
        return {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(f1, 4),
            "tokens_per_second": round(self.tokens / self.seconds) if self.seconds else 0,
        }


def read_estner(path: Path) -> list[GoldDocument]:
    """Reads the documents of an EstNER file."""
    data = json.loads(path.read_text(encoding="utf-8"))
    documents = []
    for document in data["documents"]:
        words = [sentence["words"] for sentence in document["sentences"]]
        spans = {
            (number, first, end)
            for number, sentence in enumerate(words)
            for first, end in organisation_spans([word[_OUTER] for word in sentence])
        }
        sentences = [[word["word"] for word in sentence] for sentence in words]
        documents.append(GoldDocument(sentences, frozenset(spans)))
    return documents


def organisation_spans(tags: Sequence[str]) -> Iterable[tuple[int, int]]:
    """First and end of each stretch tagged ``B-ORG``, ``I-ORG`` …"""
    first: int | None = None
    for i, tag in enumerate([*tags, "O"]):
        if first is not None and tag != "I-ORG":
            yield first, i
            first = None
        if tag == "B-ORG" or (tag == "I-ORG" and first is None):
            first = i


def as_text_view(document: Document) -> tuple[TextView, list[list[int]]]:
    """The document as a text view, each sentence a paragraph, and the offsets of its words."""
    sentences: list[Sentence] = []
    starts: list[list[int]] = []
    body = ""
    for number, words in enumerate(document, start=1):
        text, at = detokenize(words)
        tokens = tuple(
            Token(t.text, t.start + len(body), t.end + len(body), t.kind, t.elliptic)
            for t in tokenize(text)
        )
        starts.append([len(body) + each for each in at])
        if tokens:
            sentences.append(
                Sentence("body", number, len(body), len(body) + len(text), text, tokens)
            )
        body += text + "\n\n"
    no_terms = IndexedField({}, (), (), 0)
    title = PartView("title", "", no_terms)
    return TextView(title, PartView("body", body, no_terms, sentences)), starts


def ours() -> Finder:
    """A new organisation finder with its model loaded."""
    finder = OrganisationFinder(Analyzer(Vabamorf()))

    def find(document: Document) -> set[Span]:
        text_view, starts = as_text_view(document)
        words = [
            (start, start + len(word), number, i)
            for number, (sentence, begins) in enumerate(zip(document, starts, strict=True))
            for i, (word, start) in enumerate(zip(sentence, begins, strict=True))
        ]
        found = set()
        at = 0
        for mention in finder.find(text_view, ESTONIAN).mentions:
            while words[at][1] <= mention.start:
                at += 1
            last = at
            while last + 1 < len(words) and words[last + 1][0] < mention.end:
                last += 1
            found.add((words[at][2], words[at][3], words[last][3] + 1))
        return found

    find(_FIRST)
    return find


def count(documents: Sequence[GoldDocument], make: Callable[[], Finder]) -> Counts:
    """Counts of a new finder over ``documents``; making it is not timed."""
    find = make()
    began = time.perf_counter()
    found = [find(each.sentences) for each in documents]
    seconds = time.perf_counter() - began
    return Counts(
        right=sum(
            len(spans & each.organisations) for spans, each in zip(found, documents, strict=True)
        ),
        found=sum(map(len, found)),
        gold=sum(len(each.organisations) for each in documents),
        tokens=sum(each.tokens for each in documents),
        seconds=seconds,
    )


def measure(paths: Sequence[Path], *, rivals: bool = True) -> dict[str, Any]:
    """Figures of this finder and, with ``rivals``, of the baseline: pooled and by file."""
    makers = {"ours": ours, **({"baseline": ner_tagger} if rivals else {})}
    counts: dict[str, dict[str, Counts]] = {
        name: {path.name: count(read_estner(path), make) for path in paths}
        for name, make in makers.items()
    }
    result: dict[str, Any] = pooled(counts["ours"].values()).figures()
    result["files"] = {name: each.figures() for name, each in counts["ours"].items()}
    if rivals:
        for name, each in counts["baseline"].items():
            result["files"][name]["baseline"] = each.figures()
        result["baseline"] = pooled(counts["baseline"].values()).figures()
    return result


def pooled(counts: Iterable[Counts]) -> Counts:
    """Sum of the counts of several files."""
    total = Counts(0, 0, 0, 0, 0.0)
    for each in counts:
        total = Counts(
            total.right + each.right,
            total.found + each.found,
            total.gold + each.gold,
            total.tokens + each.tokens,
            total.seconds + each.seconds,
        )
    return total


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.organisations", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("files", type=Path, nargs="+", metavar="ESTNER.json")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(None if arguments is None else list(arguments))
    result = measure(options.files)
    if options.json:
        print(json.dumps(result))
        return
    print(f"{'':34}{'P':>8}{'R':>8}{'F1':>8}{'tokens/s':>10}")
    for name, row in {**result["files"], "all files": result}.items():
        for who, figures in ((name, row), ("  EstNLTK NerTagger", row["baseline"])):
            print(
                f"{who:34}{figures['precision']:>8.3f}{figures['recall']:>8.3f}"
                f"{figures['f1']:>8.3f}{figures['tokens_per_second']:>10,}"
            )


if __name__ == "__main__":
    main()
