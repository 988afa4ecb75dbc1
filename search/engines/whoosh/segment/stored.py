"""Stored documents: articles as JSON, their text, and fields as they were indexed.

Columns: the fields that result lists show, the text, the article without its text, and the terms of
each field (forward index) with the offsets of their positions in the text. Only the columns asked
for are read.
"""

import json
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from search.article import (
    PARAGRAPH_BREAK,
    Article,
    Evidence,
    Extracted,
    Listing,
    article_from_dict,
    article_to_dict,
)
from search.engines.contract import (
    NO_EVIDENCE,
    TEXT_FIELDS,
    IndexedDocument,
    IndexedField,
    NameEvidence,
)
from search.engines.whoosh.segment.arrays import (
    Array,
    ArrayFile,
    BytesColumn,
    CorruptArray,
    check_codes,
    check_starts,
)
from search.engines.whoosh.segment.doc_values import DocValues
from search.engines.whoosh.segment.inverted_run import offsets_of
from search.near_duplicates.boilerplate import value_hash

Offsets = npt.NDArray[np.uint32]
_Numbers = npt.NDArray[np.int64]
#: Unsigned types, the smallest first; negative steps wrap around.
_TYPES = ("<u1", "<u2", "<u4")
#: Bytes of the terms; numbers of terms, positions, sentences and addresses; length in words.
_HEADER = struct.Struct("<6I")
_LEVEL = 4
#: Longest field once it is unpacked.
_LONGEST = 1 << 28


@dataclass(frozen=True, slots=True)
class BytesValues:
    """A column of byte strings: concatenated bytes, and the length of each."""

    lengths: Array
    data: bytes

    @classmethod
    def of(cls, values: Sequence[bytes]) -> "BytesValues":
        return cls(np.fromiter(map(len, values), np.uint32, len(values)), b"".join(values))


class StoredDocuments:
    """The stored documents of an open segment, by their numbers in it.

    Everything raises CorruptArray where it is not what was written.
    """

    def __init__(self, file: ArrayFile, doc_values: DocValues) -> None:
        self._values = doc_values
        self._columns = {name: BytesColumn(file, name) for name in STORED_COLUMNS}
        for name, each in self._columns.items():
            if len(each) != len(doc_values):
                raise CorruptArray(f"{file.name} has other documents than values of {name}")

    def check(self) -> None:
        """Checks that all columns have values of all documents."""
        for each in self._columns.values():
            check_starts(each.starts.read(0, len(each) + 1), len(each.data))

    def value(self, name: str, number: int) -> bytes:
        """The bytes of a document in one of :data:`STORED_COLUMNS`."""
        return self._columns[name][number]

    def article(self, number: int) -> Article:
        """An article as it was added."""
        with _Unpacking():
            return unpack_article(self.value("article", number), self.value("text", number))

    def listing(self, number: int) -> Listing:
        """What lists show of an article."""
        with _Unpacking():
            return unpack_listing(self.value("listing", number), self.value("text", number))

    def document(self, number: int) -> IndexedDocument:
        """A document as it was added."""
        article, value = self.article(number), self.value
        naming = self.naming(number)
        names = tuple(each.value for each in (*article.organisations, *naming.maybe))
        row = self._values.signatures(np.array([number]))[0]
        with _Unpacking():
            title, body = (
                unpack_field(value(f"{name}_forward", number), value(f"{name}_offsets", number))
                for name in TEXT_FIELDS
            )
            return IndexedDocument(
                article=article,
                title=title,
                body=body,
                digest=self._values.texts("digests")[number],
                signature=row.tobytes() if row.any() else b"",
                findings=value("findings", number),
                passages=unpack_passages(value("passages", number), names),
                naming=naming,
            )

    def naming(self, number: int) -> NameEvidence:
        """The name evidence of a document."""
        with _Unpacking():
            return unpack_naming(self.value("naming", number))


def select_values(file: ArrayFile, name: str, kept: Array, step: int) -> Iterator[BytesValues]:
    """The values of a column for the documents ``kept`` (ascending), in chunks."""
    column = BytesColumn(file, name)
    for start in range(0, len(kept), step):
        some = kept[start : start + step]
        pieces, lengths = [], []
        for stretch in np.split(some, np.flatnonzero(np.diff(some) != 1) + 1):
            starts = column.starts.read(int(stretch[0]), int(stretch[-1]) + 2)
            if (starts[1:] < starts[:-1]).any():
                raise CorruptArray(f"{file.name}: {name} does not ascend")
            pieces.append(column.span(int(stretch[0]), int(stretch[-1]) + 1))
            lengths.append(np.diff(starts))
        yield BytesValues(np.concatenate(lengths), b"".join(pieces))


def pack_article(article: Article) -> bytes:
    """Packs an article without its text, but with the lengths of its paragraphs."""
    return _dumped({**article_to_dict(article), "body": [len(each) for each in article.body]})


def unpack_article(packed: bytes, text: bytes) -> Article:
    """Undo :func:`pack_article`."""
    data = json.loads(packed.decode())  # of bytes it would guess the encoding
    return article_from_dict({**data, "body": _paragraphs(text.decode(), data["body"])})


def pack_listing(article: Article) -> bytes:
    """Packs the fields that result lists show, without the text."""
    return _dumped(
        (
            *(article.id, article.title, article.url),
            article.published and article.published.value.iso,
            article.year and article.year.value,
            article.added and article.added.isoformat(),
            article.language,
            article.duplicates,
            [each.value for each in article.focus_areas],
            [each.value for each in article.organisations],
            article.publisher,
        )
    )


def unpack_listing(packed: bytes, text: bytes) -> Listing:
    """Undo :func:`pack_listing`."""
    article_id, title, url, published, year, added, language, *lists, source = json.loads(
        packed.decode()
    )
    duplicates, focus_areas, organisations = map(tuple, lists)
    when = datetime.fromisoformat(added) if added else None
    plain = (article_id, title, url, published, year, when, language)
    return Listing(*plain, duplicates, focus_areas, organisations, source, text.decode())


def pack_passages(passages: Mapping[str, tuple[int, ...]]) -> bytes:
    """Packs pairs of 32-bit hashes: of a value, and of a passage that names it."""
    pairs = [(value_hash(value), each) for value, hashes in passages.items() for each in hashes]
    return np.asarray(pairs, dtype="<u4").tobytes()


def unpack_passages(packed: bytes, values: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """Undo :func:`pack_passages` for a document that has ``values``."""
    names = {value_hash(value): value for value in values}
    passages: dict[str, tuple[int, ...]] = {}
    for value, each in np.frombuffer(packed, dtype="<u4").reshape(-1, 2).tolist():
        name = names[value]
        passages[name] = (*passages.get(name, ()), each)
    return passages


def pack_naming(naming: NameEvidence) -> bytes:
    """Packs name evidence, all found in the text; empty if there is none."""
    if naming == NO_EVIDENCE:
        return b""
    maybe = [
        (each.value, [(e.part, e.start, e.end, e.text) for e in each.evidence], each.score)
        for each in naming.maybe
    ]
    return _dumped((maybe, naming.proven, naming.aliases, naming.settled))


def unpack_naming(packed: bytes) -> NameEvidence:
    """Undo :func:`pack_naming`."""
    if not packed:
        return NO_EVIDENCE
    maybe, proven, aliases, settled = json.loads(packed.decode())
    return NameEvidence(
        tuple(
            Extracted(value, "found", tuple(Evidence(*each) for each in evidence), score)
            for value, evidence, score in maybe
        ),
        tuple(proven),
        tuple((short, name) for short, name in aliases),
        tuple(settled),
    )


def pack_offsets(field: IndexedField) -> bytes:
    """Packs starts and ends of all positions of ``field``, mostly in two bytes each.

    The first byte is the type of the numbers, which are the distances between successive starts,
    then the lengths.
    """
    starts = np.array(field.starts, dtype=np.uint32)
    lengths = np.array(field.ends, dtype=np.uint32) - starts
    steps: npt.NDArray[Any] = np.diff(starts, prepend=np.uint32(0))
    greatest = max(int(steps.max(initial=0)), int(lengths.max(initial=0)))
    kind = next(i for i, each in enumerate(_TYPES) if greatest <= np.iinfo(each).max)
    return bytes([kind]) + np.concatenate((steps, lengths)).astype(_TYPES[kind]).tobytes()


def unpack_offsets(packed: bytes) -> tuple[Offsets, Offsets]:
    """Undo :func:`pack_offsets`: the starts and the ends."""
    steps, lengths = np.split(np.frombuffer(packed, dtype=_TYPES[packed[0]], offset=1), 2)
    starts = np.add.accumulate(steps, dtype=np.uint32)
    return starts, starts + lengths


def pack_field(field: IndexedField) -> bytes:
    """Packs the terms of a field with their positions, its sentences and addresses.

    Terms are in the order of their first positions, so these grow by 0 or 1 from term to term.
    Field by field that is zlib over the terms, a line each, and numbers in planes of equal bytes.
    """
    postings = sorted(field.postings.items(), key=lambda each: each[1][0])
    terms = "\n".join([term for term, _ in postings]).encode()
    positions = [each for _, each in postings]
    counts = _array(map(len, positions))
    flat = _array(chain.from_iterable(positions))
    places = np.diff(flat, prepend=0)
    firsts = offsets_of(counts)[:-1]
    places[firsts] = np.diff(flat[firsts], prepend=0)
    sentences, addresses = _steps(field.sentences), _steps(field.addresses)
    header = _HEADER.pack(
        len(terms), len(counts), len(places), len(sentences), len(addresses), field.length
    )
    numbers = np.concatenate((counts, places, sentences, addresses)).astype("<u4")
    planes = numbers.view(np.uint8).reshape(-1, 4).T.tobytes()
    return zlib.compress(header + terms + planes, _LEVEL)


def unpack_field(packed: bytes, offsets: bytes) -> IndexedField:
    """Undo :func:`pack_field`; ``offsets`` are the starts and ends, packed."""
    data = zlib.decompressobj().decompress(packed, _LONGEST)
    size, *sizes, length = _HEADER.unpack_from(data)
    begin = _HEADER.size + size
    terms = data[_HEADER.size : begin].decode().split("\n") if size else []
    planes = np.frombuffer(data, dtype=np.uint8, offset=begin).reshape(4, -1)
    numbers = np.ascontiguousarray(planes.T).view("<u4").ravel().astype(np.int64)
    counts, places, sentences, addresses = np.split(numbers, np.cumsum(sizes)[:-1])
    starts, ends = unpack_offsets(offsets)
    return IndexedField(
        _postings(terms, counts, places),
        starts.tolist(),
        ends.tolist(),
        length,
        np.cumsum(sentences).tolist(),
        np.cumsum(addresses).tolist(),
    )


#: How the value of each column is made of a document.
STORED_COLUMNS: Mapping[str, Callable[[IndexedDocument], bytes]] = {
    "text": lambda document: document.article.body_text.encode(),
    "listing": lambda document: pack_listing(document.article),
    "article": lambda document: pack_article(document.article),
    "title_forward": lambda document: pack_field(document.title),
    "body_forward": lambda document: pack_field(document.body),
    "title_offsets": lambda document: pack_offsets(document.title),
    "body_offsets": lambda document: pack_offsets(document.body),
    "findings": lambda document: document.findings,
    "passages": lambda document: pack_passages(document.passages),
    "naming": lambda document: pack_naming(document.naming),
}


class _Unpacking:
    """Raises CorruptArray for any error while bytes of a file are unpacked."""

    _ERRORS = (
        *(ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError),
        *(zlib.error, struct.error),
    )

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if (
            error is not None
            and isinstance(error, self._ERRORS)
            and not isinstance(error, CorruptArray)
        ):
            raise CorruptArray(f"a document is damaged ({error})") from error


def _postings(terms: Sequence[str], counts: _Numbers, places: _Numbers) -> Mapping[str, list[int]]:
    firsts = check_codes(offsets_of(counts)[:-1], len(places))
    begins = np.cumsum(places[firsts])
    # Sums run over all terms; what each term's own begins at is put right behind them.
    sums = np.cumsum(places)
    flat = (sums - np.repeat(sums[firsts] - begins, counts)).tolist()
    ends = np.cumsum(counts).tolist()
    return {
        term: flat[start:end] for term, start, end in zip(terms, [0, *ends], ends, strict=False)
    }


def _steps(positions: Sequence[int]) -> _Numbers:
    return np.diff(_array(positions), prepend=0)


def _array(numbers: Iterable[int]) -> _Numbers:
    return np.fromiter(numbers, np.int64)


def _paragraphs(text: str, lengths: list[int]) -> Iterator[str]:
    start = 0
    for length in lengths:
        yield text[start : start + length]
        start += length + len(PARAGRAPH_BREAK)


def _dumped(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()
