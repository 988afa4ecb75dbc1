"""Reads evaluation data, and indexes it with the real analyzer and engine."""

import contextlib
import json
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indexer.document import analyse_article
from indexer.sources import Limits, open_source, read_files
from indexer.vector_filler import VectorFiller
from search.analysis import Analyzer
from search.article import Article
from search.configuration import Configuration, OpenSearchSettings
from search.engines.contract import EngineReader, Index
from search.engines.registry import fingerprint, open_index
from search.meaning.embedder import Embedder
from search.service import SearchService
from search.taxonomy import load_taxonomy

_NO_BLANK_BEFORE = frozenset(".,;:!?)]}%…“”»’")
_NO_BLANK_BEHIND = frozenset("([{„«‘")
#: A limit that no article of a benchmark reaches.
_LIMIT_MEGABYTES = 50.0
CONTENT_TAGS = frozenset({"NOUN", "VERB", "ADJ", "PROPN", "ADV"})
#: A word of a running text, as tokenised by measurements and baselines.
WORD = re.compile(r"\w+(?:[-'’]\w+)*")


@dataclass(frozen=True, slots=True)
class GoldToken:
    """A treebank word: form and lemma, lower case, without compound boundaries."""

    form: str
    lemma: str
    tag: str


@dataclass(frozen=True, slots=True)
class TextItem:
    """A document of a JSON Lines file."""

    id: str
    title: str
    body: str


def read_conllu(path: Path) -> list[list[GoldToken]]:
    """Sentences of a CoNLL-U file, without multiword and empty tokens."""
    sentences: list[list[GoldToken]] = [[]]
    for line in path.read_text(encoding="utf-8").splitlines():
        columns = line.split("\t")
        if len(columns) == 10 and columns[0].isdigit():
            lemma = columns[2].replace("_", "").replace("=", "").lower()
            sentences[-1].append(GoldToken(columns[1], lemma, columns[3]))
        elif not line and sentences[-1]:
            sentences.append([])
    return [each for each in sentences if each]


def read_items(paths: Sequence[Path]) -> list[TextItem]:
    """Documents of JSON Lines files with ``title`` and ``body``, in file order."""
    items = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            data = json.loads(line)
            items.append(
                TextItem(str(data.get("id", f"{path.stem}-{number}")), data["title"], data["body"])
            )
    return items


@contextlib.contextmanager
def indexed(
    articles: Iterable[Article], analyzer: Analyzer, embedder: Embedder | None = None
) -> Iterator[EngineReader]:
    """Context manager: a temporary index of ``articles``, with vectors if there is an embedder."""
    with tempfile.TemporaryDirectory() as directory:
        index = open_index(Path(directory))
        _fill(index, "benchmark", articles, analyzer, embedder)
        reader = index.open("benchmark")
        try:
            yield reader
        finally:
            reader.close()


@contextlib.contextmanager
def searchable(
    articles: Iterable[Article],
    analyzer: Analyzer,
    embedder: Embedder | None = None,
    folder: Path | None = None,
) -> Iterator[SearchService]:
    """Context manager: a search service over an index of ``articles``, temporary or in ``folder``.

    With ``embedder`` it finds by meaning, too.
    """
    with tempfile.TemporaryDirectory() as directory:
        configuration = Configuration(index=folder or Path(directory))
        index = open_index(configuration.index)
        _fill(index, fingerprint(configuration), articles, analyzer, embedder)
        service = SearchService(
            configuration.index,
            configuration,
            analyzer,
            load_taxonomy(configuration.taxonomy),
            embedder=embedder,
        )
        try:
            yield service
        finally:
            service.close()


@contextlib.contextmanager
def copied_to_server(
    folder: Path, server: OpenSearchSettings, analyzer: Analyzer
) -> Iterator[SearchService]:
    """Context manager: a search service over a copy of the index in ``folder`` on ``server``."""
    settings = Configuration(index=folder, engine="opensearch", opensearch=server)
    index = open_index(folder, settings.engine, 1, server)
    with contextlib.closing(open_index(folder).open()) as reader:
        keys = [reader.find(each) for each in reader.article_ids()]
        with index.build([], fingerprint(settings), datetime.now(UTC)) as writer:
            for each in keys:
                if each is not None:
                    writer.add(reader.document(each))
    taxonomy = load_taxonomy(settings.taxonomy)
    with contextlib.closing(SearchService(folder, settings, analyzer, taxonomy)) as service:
        yield service


def _fill(
    index: Index,
    known_as: str,
    articles: Iterable[Article],
    analyzer: Analyzer,
    embedder: Embedder | None,
) -> None:
    """Builds ``index`` with the fingerprint ``known_as``."""
    with index.build([], known_as, datetime.now(UTC)) as writer:
        for article in articles:
            writer.add(analyse_article(article, analyzer).document)
    if embedder is not None:
        VectorFiller(index, known_as, embedder).run()


def as_article(item_id: str, title: str, body: str) -> Article:
    """An Estonian article with title and text only."""
    return Article(item_id, title, (body,) if body else (), source=item_id, language="et")


def read_articles(sources: Iterable[Path]) -> Iterator[Article]:
    """Articles of directories, files and JSON Lines; prints unreadable files."""
    for source in sources:
        if source.suffix == ".jsonl":
            yield from _json_lines(source)
            continue
        files = open_source(source, Limits(_LIMIT_MEGABYTES))
        for _, each in read_files(files, files.scan()):
            if isinstance(each, Article):
                yield each
            elif each is not None:
                print(each, file=sys.stderr)


def _json_lines(path: Path) -> Iterator[Article]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            data: dict[str, Any] = json.loads(line)
            body = data["body"]
            paragraphs = body.split("\n\n") if isinstance(body, str) else body
            yield Article(str(data["id"]), data["title"], tuple(paragraphs), path.name)


def detokenize(words: Sequence[str]) -> tuple[str, list[int]]:
    """The sentence as written, and the offset of each word."""
    text, starts = "", []
    quoted = blank = False
    for word in words:
        straight = word in ('"', "'")
        closes = word[:1] in _NO_BLANK_BEFORE or (straight and quoted)
        if text and blank and not closes:
            text += " "
        starts.append(len(text))
        text += word
        # „ ” “ are used as opening and closing marks; an opening one has no blank after it.
        opens = word in _NO_BLANK_BEHIND or (word in ('"', "'", "“", "”") and not quoted)
        if word in ('"', "'", "“", "”", "„", "«", "»"):
            quoted = not quoted
        blank = not opens
    return text, starts
