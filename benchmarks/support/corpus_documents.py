"""Synthetic articles as engine documents, from sentences that are analysed once.

For benchmarks of queries, which only need an index; ``indexing`` does not use this module. A
document is as made by the indexer, except for its signature: no two are similar, because rivals do
not group near-duplicates.
"""

import hashlib
import json
import random
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.support.corpus import Composed, Stock, compose, text_of
from benchmarks.support.data import as_article
from indexer.document import PARAGRAPH_GAP, analyse_article
from search.analysis import Analyzer
from search.article import PARAGRAPH_BREAK, Article, Evidence, Extracted, PartialDate
from search.configuration import Configuration
from search.engines.contract import IndexedDocument, IndexedField
from search.engines.registry import fingerprint
from search.near_duplicates.boilerplate import value_hash
from search.near_duplicates.minhash import NO_SIGNATURE

#: Date of addition of every article.
ADDED = datetime(2026, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Piece:
    """An analysed sentence or title: terms with positions, and offsets."""

    terms: tuple[str, ...]
    positions: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]
    sentences: Sequence[int]
    addresses: Sequence[int]
    characters: int


class Material:
    """Documents of synthetic articles, deterministic and of any number."""

    def __init__(self, stock: Stock, analyzer: Analyzer, cache: Path | None = None) -> None:
        """``cache`` is a directory for analysed sentences, shared by benchmarks."""
        self.stock = stock
        self.analyzer = analyzer
        self._known: dict[str, Piece] = {}
        self._terms: dict[str, str] = {}
        #: Identifies the stock of sentences and their analysis.
        self.key = _key(stock)
        self._file = cache and cache / f"{self.key}.jsonl"
        if self._file and self._file.is_file():
            with self._file.open(encoding="utf-8") as lines:
                for line in lines:
                    text, fields = json.loads(line)
                    self._known[text] = self._packed(fields)

    def documents(self, count: int, seed: int = 0, first: int = 0) -> Iterator[IndexedDocument]:
        """Yields the documents of ``count`` articles from number ``first`` on."""
        for article in compose(self.stock, count, seed, first):
            yield self.document(article)

    def document(self, composed: Composed) -> IndexedDocument:
        stock = self.stock
        body = [[self._piece(stock.sentences[each]) for each in one] for one in composed.paragraphs]
        draw = random.Random(composed.id)
        return IndexedDocument(
            article=article_of(stock, composed),
            title=_joined([[self._piece(composed.title)]]),
            body=_joined(body),
            digest=hashlib.sha256(composed.id.encode()).hexdigest(),
            signature=draw.randbytes(len(NO_SIGNATURE)),
            passages={each: (value_hash(composed.id + each),) for each in composed.organisations},
        )

    def save(self) -> None:
        """Saves the analysis to the cache, if there is one."""
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("w", encoding="utf-8") as lines:
            for text, each in self._known.items():
                fields = [
                    list(part) if not isinstance(part, int) else part
                    for part in (
                        each.terms, each.positions, each.starts, each.ends,
                        each.sentences, each.addresses, each.characters,
                    )
                ]  # fmt: skip
                lines.write(json.dumps([text, fields], ensure_ascii=False) + "\n")

    def _piece(self, text: str) -> Piece:
        known = self._known.get(text)
        if known is None:
            field = analyse_article(as_article("", "", text), self.analyzer).document.body
            pairs = [(term, at) for term, places in field.postings.items() for at in places]
            terms, positions = zip(*pairs, strict=True) if pairs else ((), ())
            fields = [terms, positions, field.starts, field.ends]
            known = self._packed([*fields, field.sentences, field.addresses, len(text)])
            self._known[text] = known
        return known

    def _packed(self, fields: Sequence[Any]) -> Piece:
        terms, *numbers, characters = fields
        own = tuple(self._terms.setdefault(each, each) for each in terms)
        positions, starts, ends, sentences, addresses = (array("H", each) for each in numbers)
        return Piece(own, positions, starts, ends, sentences, addresses, characters)


def article_of(stock: Stock, composed: Composed) -> Article:
    """The article as the indexer stores it, with given facets."""
    day = composed.published
    body = text_of(stock, composed)
    evidence = (Evidence("body", 0, 9, body[0][:9]),) if body else ()
    return Article(
        id=composed.id,
        title=composed.title,
        body=tuple(body),
        source=f"uudised/{composed.id}.txt",
        url=f"https://uudised.example/{composed.id}",
        published=Extracted(PartialDate(day.year, day.month, day.day), "found") if day else None,
        year=Extracted(day.year, "found") if day else None,
        added=ADDED,
        language="et",
        focus_areas=tuple(Extracted(each, "found", evidence) for each in composed.focus),
        organisations=tuple(Extracted(each, "found", evidence) for each in composed.organisations),
    )


def _joined(paragraphs: Iterable[Sequence[Piece]]) -> IndexedField:
    """Joins pieces to a field as :func:`indexer.document.analyse_article` would make it."""
    postings: dict[str, list[int]] = defaultdict(list)
    starts: list[int] = []
    ends: list[int] = []
    sentences: list[int] = []
    addresses: list[int] = []
    length = offset = 0
    for paragraph in paragraphs:
        if starts:
            starts += [ends[-1]] * PARAGRAPH_GAP
            ends += [ends[-1]] * PARAGRAPH_GAP
        for piece in paragraph:
            first = len(starts)
            for term, position in zip(piece.terms, piece.positions, strict=True):
                postings[term].append(first + position)
            starts += [offset + each for each in piece.starts]
            ends += [offset + each for each in piece.ends]
            sentences += [first + each for each in piece.sentences]
            addresses += [first + each for each in piece.addresses]
            length += len(piece.starts)
            offset += piece.characters + 1
        offset += len(PARAGRAPH_BREAK) - 1
    return IndexedField(dict(postings), starts, ends, length, sentences, addresses)


def _key(stock: Stock) -> str:
    """Cache key of the analysis of a stock."""
    text = "\n".join([fingerprint(Configuration()), *stock.sentences])
    return hashlib.sha256(text.encode()).hexdigest()[:20]
