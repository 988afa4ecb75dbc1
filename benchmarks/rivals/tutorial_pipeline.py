"""Baseline for indexing: the tutorials of EstNLTK and Whoosh combined, in one process.

    python -m benchmarks.rivals.tutorial_pipeline DIRECTORY INDEX [--seconds N]

Layers of a Text, NerTagger, a year by a regular expression, Whoosh's ``add_document``. It reads the
files of DIRECTORY evenly spread, for N seconds at most, and prints what it did as JSON. The
tutorials would download a model that ends sentences; NLTK's Punkt works without one.
"""

import argparse
import json
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.support.data import WORD

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
#: Step between files, a large number coprime to most numbers of files.
_STEP = 611_953


class Programme:
    """Tools of the tutorials; loading them is not measured."""

    def __init__(self, index: Path) -> None:
        from estnltk.taggers.standard.ner.ner_tagger import NerTagger
        from whoosh.fields import ID, KEYWORD, NUMERIC, TEXT, Schema
        from whoosh.index import create_in

        self._resolver = self.resolver()
        self._names = NerTagger()
        schema = Schema(
            id=ID(stored=True, unique=True),
            title=TEXT(stored=True),
            body=TEXT(stored=True),
            lemmas=TEXT,
            organisation=KEYWORD(commas=True, stored=True),
            year=NUMERIC(stored=True),
        )
        self._writer: Any = create_in(index, schema).writer()

    @staticmethod
    def resolver() -> Any:
        """EstNLTK's resolver of layers; sentences without a downloaded model."""
        from estnltk.default_resolver import make_resolver
        from estnltk.taggers import SentenceTokenizer
        from nltk.tokenize.punkt import PunktSentenceTokenizer

        resolver = make_resolver()
        resolver.update(SentenceTokenizer(base_sentence_tokenizer=PunktSentenceTokenizer()))
        return resolver

    def add(self, article_id: str, text: str) -> None:
        from estnltk import Text

        title, _, body = text.partition("\n")
        analysed = Text(text)
        analysed.tag_layer(["morph_analysis"], resolver=self._resolver)
        self._names.tag(analysed)
        names = {each.enclosing_text for each in analysed.ner if each.nertag == "ORG"}
        year = _YEAR.search(text)
        self._writer.add_document(
            id=article_id,
            title=title,
            body=body,
            lemmas=" ".join(word.lemma[0] or word.text for word in analysed.morph_analysis),
            organisation=",".join(sorted(each.replace(",", " ") for each in names)),
            year=int(year[0]) if year else None,
        )

    def commit(self) -> None:
        self._writer.commit()


def measure(files: Sequence[Path], index: Path, seconds: float) -> dict[str, float]:
    """Indexes as many of ``files`` as fit into ``seconds``."""
    programme = Programme(index)
    programme.add("first", "Täna tuli Mari.\n")  # models are loaded with the first text
    articles = tokens = 0
    began, cpu = time.perf_counter(), time.process_time()
    for path in _spread(files):
        text = path.read_text(encoding="utf-8")
        programme.add(path.stem, text)
        articles += 1
        tokens += len(WORD.findall(text))
        if time.perf_counter() - began > seconds:
            break
    programme.commit()
    spent, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {
        "articles": articles,
        "tokens": tokens,
        "seconds": round(spent, 2),
        "cpu_seconds": round(cpu, 2),
        "articles_per_second": round(articles / spent, 3),
        "tokens_per_second": round(tokens / spent, 1),
        "tokens_per_cpu_second": round(tokens / cpu, 1),
    }


def _spread(files: Sequence[Path]) -> Iterator[Path]:
    """Every file once, in an order unrelated to theirs."""
    keyed = sorted(range(len(files)), key=lambda number: number * _STEP % (len(files) or 1))
    return (files[number] for number in keyed)


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="benchmarks.rivals.tutorial_pipeline", description=__doc__
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--seconds", type=float, default=90)
    options = parser.parse_args(None if arguments is None else list(arguments))
    options.index.mkdir(parents=True, exist_ok=True)
    files = sorted(options.directory.rglob("*.txt"))
    print(json.dumps(measure(files, options.index, options.seconds)))


if __name__ == "__main__":
    main()
