"""External counting of terms: sorted runs that are merged, so that they need not fit into memory.

Whatever process analyses documents counts their words and sorts the counts: a run. Sixty-four runs
at a time are merged into an unnamed temporary file (in TMPDIR), and in the end all are merged while
they are written to the server. Ten million articles make three such levels.
"""

import heapq
import itertools
import json
import tempfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import IO, NamedTuple

from search.analysis.terms import LEMMA, READING, SURFACE
from search.engines.contract import IndexedDocument, IndexedField

#: Maximum of different terms counted in memory, with some hundred bytes each.
_MOST_TERMS = 100_000
#: Number of runs merged at a time.
_MOST_RUNS = 64
_LEVEL = 1
_BLOCK = 2_000


class TermCounts(NamedTuple):
    """Document frequency of a term, over all fields and in each, and its readings.

    ``readings`` count the positions at which a surface form is read as each lemma (with channel).
    """

    term: str
    documents: int
    title: int
    body: int
    readings: dict[str, int]

    @property
    def is_empty(self) -> bool:
        return not (self.documents or self.title or self.body or any(self.readings.values()))

    def plus(self, other: "TermCounts") -> "TermCounts":
        """The sum of two counts of the same term."""
        readings = Counter(self.readings)
        readings.update(other.readings)
        return TermCounts(
            self.term,
            self.documents + other.documents,
            self.title + other.title,
            self.body + other.body,
            readings if readings else self.readings,
        )


class WordCounts:
    """Counts the terms of added and deleted documents in memory."""

    def __init__(self) -> None:
        self._titles: Counter[str] = Counter()
        self._bodies: Counter[str] = Counter()
        #: Documents with a term in both fields, which are counted twice by these.
        self._both: Counter[str] = Counter()
        self._readings: Counter[tuple[str, str]] = Counter()

    def __len__(self) -> int:
        return max(len(self._titles), len(self._bodies))

    def add(self, document: IndexedDocument, sign: int = 1) -> None:
        """Counts an added document, or, with a ``sign`` of -1, a deleted one."""
        title, body = document.title.postings, document.body.postings
        readings = itertools.chain.from_iterable(map(_readings_in, (document.title, document.body)))
        for counts, seen in (
            (self._titles, iter(title)),
            (self._bodies, iter(body)),
            (self._both, iter(title.keys() & body.keys())),
            (self._readings, readings),
        ):
            if sign > 0:
                counts.update(seen)  # type: ignore[arg-type]
            else:
                counts.subtract(seen)  # type: ignore[arg-type]

    def rows(self) -> Iterator[TermCounts]:
        """The counts in the order of terms, those that sum to nothing included."""
        readings: dict[str, dict[str, int]] = defaultdict(dict)
        for (surface, lemma), count in self._readings.items():
            readings[surface][lemma] = count
        for term in sorted(self._titles.keys() | self._bodies.keys()):
            title, body = self._titles.get(term, 0), self._bodies.get(term, 0)
            documents = title + body - self._both.get(term, 0)
            yield TermCounts(term, documents, title, body, readings.get(term, {}))

    def to_run(self) -> bytes:
        """Packs the counts for :meth:`WordRuns.add_run`, here or in another process."""
        return zlib.compress(_lines(self.rows()), _LEVEL)


class WordRuns:
    """Counts any number of terms; ``most_terms`` and ``most_runs`` bound the memory."""

    def __init__(self, most_terms: int = _MOST_TERMS, most_runs: int = _MOST_RUNS) -> None:
        self._most_terms = most_terms
        self._most_runs = most_runs
        self._counts = WordCounts()
        self._runs: list[bytes] = []
        self._files: list[list[IO[bytes]]] = []

    def add(self, document: IndexedDocument, sign: int = 1) -> None:
        """Counts an added document, or, with a ``sign`` of -1, a deleted one."""
        self._counts.add(document, sign)
        if len(self._counts) >= self._most_terms:
            counts, self._counts = self._counts, WordCounts()
            self.add_run(counts.to_run())

    def add_run(self, run: bytes) -> None:
        """Adds what :meth:`WordCounts.to_run` gave."""
        self._runs.append(run)
        if len(self._runs) < self._most_runs:
            return
        runs, self._runs = self._runs, []
        self._keep(_written(_summed([_rows_of(each) for each in runs])), 0)

    def changed(self) -> Iterator[TermCounts]:
        """Merges all counts, in the order of terms; terms without any change are left out."""
        every = [self._counts.rows(), *map(_rows_of, self._runs)]
        every += (_rows_in(each) for level in self._files for each in level)
        return (each for each in _summed(every) if not each.is_empty)

    def close(self) -> None:
        """Closes all files."""
        for each in itertools.chain.from_iterable(self._files):
            each.close()
        self._files.clear()

    def _keep(self, file: IO[bytes], level: int) -> None:
        """Keeps a run in a file; when a level is full, it is merged into a run of the next."""
        if level == len(self._files):
            self._files.append([])
        files = self._files[level]
        files.append(file)
        if len(files) >= self._most_runs:
            self._files[level] = []
            merged = _written(_summed([_rows_in(each) for each in files]))
            for each in files:
                each.close()
            self._keep(merged, level + 1)


def _summed(runs: Iterable[Iterator[TermCounts]]) -> Iterator[TermCounts]:
    """Merges sorted runs into one, with one row for each term."""
    last: TermCounts | None = None
    for each in heapq.merge(*runs, key=itemgetter(0)):
        if last is not None and last.term == each.term:
            last = last.plus(each)
            continue
        if last is not None:
            yield last
        last = each
    if last is not None:
        yield last


def _lines(rows: Iterable[TermCounts]) -> bytes:
    """A line of JSON for each row."""
    dumped = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    # Texts may have lone surrogates.
    return "".join(f"{dumped(each)}\n" for each in rows).encode("utf-8", "surrogatepass")


def _parsed(lines: bytes) -> Iterator[TermCounts]:
    text = lines.decode("utf-8", "surrogatepass")
    return (TermCounts(*json.loads(each)) for each in text.split("\n") if each)


def _rows_of(run: bytes) -> Iterator[TermCounts]:
    return _parsed(zlib.decompress(run))


def _written(rows: Iterator[TermCounts]) -> IO[bytes]:
    """Writes ``rows`` to a file in blocks, each compressed and preceded by its length."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    while some := list(itertools.islice(rows, _BLOCK)):
        block = zlib.compress(_lines(some), _LEVEL)
        file.write(len(block).to_bytes(4, "big") + block)
    return file


def _rows_in(file: IO[bytes]) -> Iterator[TermCounts]:
    file.seek(0)
    while size := file.read(4):
        yield from _parsed(zlib.decompress(file.read(int.from_bytes(size, "big"))))


def _readings_in(field: IndexedField) -> Iterator[tuple[str, str]]:
    """Yields each surface form with each lemma at the same position."""
    lemmas: dict[int, list[str]] = {}
    surfaces: list[tuple[str, Sequence[int]]] = []
    for term, positions in field.postings.items():
        if term[0] == SURFACE:
            surfaces.append((term, positions))
        elif term[0] in (LEMMA, READING):
            for position in positions:
                if position in lemmas:
                    lemmas[position].append(term)
                else:
                    lemmas[position] = [term]
    for surface, positions in surfaces:
        for position in positions:
            for lemma in lemmas.get(position, ()):
                yield surface, lemma
