"""Documents turned into bytes that only have to be merged into an index.

This is the part of writing that knows the documents. It runs in any process, for some documents
at a time: their columns as they will stand in the files, and their postings inverted and sorted.
"""

import pickle
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from search.engines.contract import IndexedDocument
from search.engines.whoosh.storage.article_bytes import pack_article, pack_listing, pack_text
from search.engines.whoosh.storage.passages import pack_passages
from search.engines.whoosh.storage.runs import Numbers, Run, inverted
from search.engines.whoosh.storage.spans import pack_spans
from search.engines.whoosh.storage.stored_terms import pack_field
from search.near_duplicates.minhash import NO_SIGNATURE

#: Numbers of the indexed fields in the keys of terms, in the order of their names.
FIELD_NUMBERS = {
    name: number
    for number, name in enumerate(
        ("body", "focus_area", "id", "language", "organisation", "title", "year")
    )
}
#: Name of the column that holds the stored fields.
STORED = "_stored"
#: The columns of which one is the largest.
LARGE_COLUMNS = (STORED, "text", "title_terms", "body_terms")
_PREFIXES = {name: struct.pack("!H", number) for name, number in FIELD_NUMBERS.items()}
#: Whoosh wants zlib around stored fields. As they are, they are read in a third of the time.
_STORED_LEVEL = 0
_Encoder = Callable[[IndexedDocument], bytes]


@dataclass(frozen=True, slots=True)
class Values:
    """A column of some documents: their bytes end to end, and how many each has."""

    lengths: Numbers
    data: bytes | memoryview


@dataclass(frozen=True, slots=True)
class Batch:
    """``count`` documents, numbered from 0: columns by name, and postings."""

    count: int
    columns: Mapping[str, Values]
    run: Run

    @property
    def size(self) -> int:
        """Bytes held in memory, about."""
        columns = (len(each.data) + each.lengths.nbytes for each in self.columns.values())
        return self.run.size + sum(columns)


def batch_of(documents: Sequence[IndexedDocument]) -> Batch:
    """The documents as they only have to be merged into an index."""
    columns = {name: _values(encode, documents) for name, encode in _COLUMNS.items()}
    return Batch(len(documents), columns, _run(documents))


def pack_batch(documents: Sequence[IndexedDocument]) -> bytes:
    """What :meth:`WhooshWriter.add_packed` takes; only ever to be read by the same version."""
    return pickle.dumps(batch_of(documents), 5)


def unpack_batch(data: bytes) -> Batch:
    """Undo :func:`pack_batch`."""
    batch: Batch = pickle.loads(data)  # noqa: S301, RUF100 - our own process made it
    return batch


def _values(encode: _Encoder, documents: Sequence[IndexedDocument]) -> Values:
    encoded = [encode(each) for each in documents]
    return Values(np.fromiter(map(len, encoded), np.uint32, len(encoded)), b"".join(encoded))


def _run(documents: Sequence[IndexedDocument]) -> Run:
    """The postings of all fields."""
    keys: list[bytes] = []
    numbers: list[int] = []
    positions: list[Sequence[int]] = []
    for number, document in enumerate(documents):
        before = len(keys)
        for name, held in (("title", document.title), ("body", document.body)):
            prefix = _PREFIXES[name]
            keys += [prefix + term.encode() for term in held.postings]
            positions += held.postings.values()
        for name, value in _facets(document):
            keys.append(_PREFIXES[name] + value.encode())
            positions.append(())
        numbers += [number] * (len(keys) - before)
    counts = np.fromiter(map(len, positions), np.uint32, len(positions))
    flat = np.fromiter(chain.from_iterable(positions), np.uint32, int(counts.sum()))
    return inverted(keys, np.array(numbers, dtype=np.uint32), counts, flat)


def _facets(document: IndexedDocument) -> Iterator[tuple[str, str]]:
    """Terms of the fields without positions, each once."""
    article = document.article
    yield "id", article.id
    yield "language", article.language
    if article.year:
        yield "year", str(article.year.value)
    for value in dict.fromkeys(each.value for each in article.focus_areas):
        yield "focus_area", value
    for value in dict.fromkeys(each.value for each in article.organisations):
        yield "organisation", value


def _date_key(document: IndexedDocument) -> int:
    """``yyyymmdd`` to sort by; the year alone where there is no date; 0 where nothing is known."""
    article = document.article
    if article.published is not None:
        return article.published.value.sort_key
    return article.year.value * 10000 if article.year else 0


def _added(document: IndexedDocument) -> int:
    added = document.article.added
    return int(added.timestamp()) if added else 0


def _stored(document: IndexedDocument) -> bytes:
    stored = {"article": pack_article(document.article)}
    return zlib.compress(pickle.dumps(stored, 4), _STORED_LEVEL)


def _number(code: str, of: Callable[[IndexedDocument], int]) -> _Encoder:
    pack = struct.Struct("!" + code).pack
    return lambda document: pack(of(document))


#: How the value of each column is made of a document, as Whoosh's columns have it.
_COLUMNS: Mapping[str, _Encoder] = {
    "id": lambda document: document.article.id.encode(),
    "digest": lambda document: document.digest.encode(),
    "signature": lambda document: document.signature or NO_SIGNATURE,
    "headline": lambda document: document.article.title.encode(),
    "passages": lambda document: pack_passages(document.passages),
    "title_terms": lambda document: pack_field(document.title),
    "body_terms": lambda document: pack_field(document.body),
    "title_spans": lambda document: pack_spans(document.title),
    "body_spans": lambda document: pack_spans(document.body),
    "listing": lambda document: pack_listing(document.article),
    "text": lambda document: pack_text(document.article),
    "findings": lambda document: document.findings,
    "published": _number("i", _date_key),
    "added": _number("q", _added),
    "title_length": _number("I", lambda document: document.title.length),
    "body_length": _number("I", lambda document: document.body.length),
    STORED: _stored,
}
