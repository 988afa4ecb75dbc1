"""Vector files: quantised passage vectors beside the segments of a generation.

Each has the passages of some articles, identified by keys and not by document numbers, so that
generations share it. A damaged file is left out, as search by words needs none.
"""

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, compress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.engines.contract import ArticleVectors, PassageVector, VectorStatus
from search.engines.whoosh.segment.arrays import (
    Array,
    ArrayFile,
    CorruptArray,
    Texts,
    check_starts,
    write_arrays,
)
from search.engines.whoosh.snapshot.snapshot import BoolArray, Snapshot
from search.meaning.quantisation import KEY_BYTES, article_key, quantised

#: Suffix of vector files.
VECTOR_SUFFIX = ".vec"
_NONE = -1
_log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]


class PassageRows(NamedTuple):
    """Rows of passage vectors, joined to documents.

    Article ``i`` is document ``documents[i]``, -1 if it is not alive; its rows begin at
    ``firsts[i]`` and end at ``firsts[i + 1]``. Row ``j`` is ``vectors[j] * scales[j]``, that of the
    characters from ``starts[j]`` to ``ends[j]`` of the body. ``vectors`` (rows, dimensions) are
    int8, ``scales`` float32; no document occurs twice among the parts of a generation.
    """

    documents: Array
    firsts: Array
    vectors: Array
    scales: Array
    starts: Array
    ends: Array


class KeyedRows(NamedTuple):
    """Rows of passage vectors as they are stored: a key for each article, a digest for each row.

    ``keys`` (articles, 16) and ``digests`` (rows, 16) are bytes, the rest is as in
    :class:`PassageRows`.
    """

    keys: Array
    firsts: Array
    digests: Array
    starts: Array
    ends: Array
    scales: Array
    vectors: Array

    @classmethod
    def of(cls, batch: Sequence[ArticleVectors], fingerprint: str) -> "KeyedRows":
        """The rows of one or more articles, each with passages."""
        rows = [passage for each in batch for passage in each.passages]
        keys = b"".join(article_key(each.id, each.digest, fingerprint) for each in batch)
        vectors, scales = quantised(np.stack([each.vector for each in rows]))
        return cls(
            np.frombuffer(keys, np.uint8).reshape(-1, KEY_BYTES),
            np.cumsum([0, *(len(each.passages) for each in batch)]).astype(np.uint32),
            np.frombuffer(b"".join(each.digest for each in rows), np.uint8).reshape(-1, KEY_BYTES),
            np.array([each.start for each in rows], dtype=np.uint32),
            np.array([each.end for each in rows], dtype=np.uint32),
            scales,
            vectors,
        )

    @classmethod
    def joined(cls, parts: Sequence["KeyedRows"]) -> "KeyedRows":
        """Concatenates the rows of ``parts``."""
        counts = [np.diff(each.firsts) for each in parts]
        columns = {
            name: np.concatenate([getattr(each, name) for each in parts]) for name in cls._fields
        }
        columns["firsts"] = np.append(0, np.cumsum(np.concatenate(counts))).astype(np.uint32)
        return cls(**columns)

    def only(self, chosen: BoolArray) -> "KeyedRows":
        """The rows of some articles, by a mask."""
        counts = np.diff(self.firsts)
        rows = np.repeat(chosen, counts)
        of_rows = (each[rows] for each in self[2:])
        firsts = np.append(0, np.cumsum(counts[chosen])).astype(np.uint32)
        return KeyedRows(self.keys[chosen], firsts, *of_rows)

    def write(self, path: Path, model: str) -> None:
        """Write a vector file of ``model``."""
        arrays = {
            **self._asdict(),
            "scales": self.scales.view(np.uint32),
            "vectors": self.vectors.view(np.uint8),
        }
        write_arrays(path, {**Texts.of([model]).arrays("model"), **arrays})


class VectorFile:
    """An open vector file, mapped into memory and verified by its block sums."""

    def __init__(self, path: Path) -> None:
        """Open a file. Raises OSError or CorruptArray."""
        file = ArrayFile(path)
        self.name = path.name
        self.size = len(file.raw)
        models = file.texts("model")
        if len(models) != 1:
            raise CorruptArray(f"{self.name} names no model")
        self.model = models[0]
        vectors = file.whole("vectors", "|u1", None, None)
        count = len(vectors)
        keys = file.whole("keys", "|u1", None, KEY_BYTES)
        self.rows = KeyedRows(
            keys,
            check_starts(file.whole("firsts", "<u4", len(keys) + 1), count),
            file.whole("digests", "|u1", count, KEY_BYTES),
            file.whole("starts", "<u4", count),
            file.whole("ends", "<u4", count),
            file.whole("scales", "<u4", count).view("<f4"),
            vectors.view(np.int8),
        )
        if (self.rows.ends < self.rows.starts).any() or not np.isfinite(self.rows.scales).all():
            raise CorruptArray(f"{self.name} holds no vectors")


class StoredVectors:
    """The vectors of a generation, read and joined to its documents at first use.

    ``names`` are its vector files. One that cannot be used is left out, and logged.
    ``fingerprint`` is that of the generation; ``others`` gives vector files of other generations,
    whose passages may be reused. What is read of ``snapshot`` raises CorruptArray.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        fingerprint: str = "",
        names: Iterable[str] = (),
        others: Callable[[], Iterable[Path]] = tuple,
    ) -> None:
        self._snapshot = snapshot
        self._fingerprint = fingerprint
        self._names = tuple(names)
        self._others = others
        self._joined: dict[str, tuple[PassageRows, ...]] = {}
        self._passages: dict[str, Mapping[bytes, tuple[KeyedRows, int]]] = {}

    def files(self, model: str) -> tuple[VectorFile, ...]:
        """The files with vectors of ``model``, if they have the dimensions of the first one."""
        found = [each for each in self._opened if isinstance(each, VectorFile)]
        own = [each for each in found if each.model == model]
        return tuple(
            each for each in own if each.rows.vectors.shape[1:] == own[0].rows.vectors.shape[1:]
        )

    def parts(self, model: str) -> tuple[PassageRows, ...]:
        """The vectors of ``model``, joined to documents."""
        if model not in self._joined:
            files = self.files(model)
            documents = self._documents if files else {}
            taken: set[int] = set()
            self._joined[model] = tuple(_part(each.rows, documents, taken) for each in files)
        return self._joined[model]

    def done(self, model: str) -> BoolArray:
        """Mask of the documents with vectors of ``model``."""
        found = np.zeros(self._snapshot.size + 1, dtype=bool)
        for each in self.parts(model):
            found[each.documents] = True  # -1 sets the last, which is no document
        return found[:-1]

    def missing(self, model: str) -> list[int]:
        """The living documents without vectors of ``model``, last added first."""
        numbers = np.flatnonzero(self._snapshot.alive & ~self.done(model))
        added = self._snapshot.column("added")[numbers] if len(numbers) else numbers
        order = np.lexsort((-numbers, -added))
        return [int(each) for each in numbers[order]]

    def fullest_model(self) -> str:
        """The model with vectors of most documents, empty where there are none."""
        models = dict.fromkeys(e.model for e in self._opened if isinstance(e, VectorFile))
        return max(models, key=lambda each: int(self.done(each).sum()), default="")

    def articles(self, model: str) -> Mapping[int, tuple[PassageVector, ...]]:
        """The passages of each document that has vectors of ``model``, by its number."""
        return _PassagesByDocument(list(zip(self.files(model), self.parts(model), strict=True)))

    def known(self, model: str, digests: Iterable[bytes]) -> dict[bytes, Floats]:
        """Vectors of passages by the digests of their texts, also of removed articles.

        Vectors in other generations count, too: after a rollback they can be reused.
        """
        if model not in self._passages:
            files = (*self._opened_others(model), *self.files(model))
            self._passages[model] = {
                digest: (each.rows, row)
                for each in files
                for row, digest in enumerate(_pieces(each.rows.digests))
            }
        found = {}
        for digest in digests:
            if digest in self._passages[model]:
                rows, row = self._passages[model][digest]
                found[digest] = rows.vectors[row].astype(np.float32) * rows.scales[row]
        return found

    def status(self, model: str) -> VectorStatus:
        """Counts what has vectors of ``model``."""
        living = 0
        for each in self.parts(model):
            living += int(np.diff(each.firsts)[each.documents != _NONE].sum())
        return VectorStatus(
            articles=int(np.count_nonzero(self._snapshot.alive)),
            done=int(np.count_nonzero(self.done(model))),
            passages=living,
            size=sum(each.size for each in self.files(model)),
            problems=tuple(each for each in self._opened if isinstance(each, str)),
        )

    @cached_property
    def _opened(self) -> tuple[VectorFile | str, ...]:
        """Each file, or the problem with it."""
        return tuple(map(self._open, self._names))

    def _open(self, name: str) -> VectorFile | str:
        try:
            return VectorFile(self._snapshot.directory / name)
        except (OSError, CorruptArray) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            place = name if name in reason else f"{name}: "
            problem = f"{self._snapshot.directory.name}/{place}{reason.removeprefix(name)}"
            _log.warning("%s. Its articles are found by words alone", problem)
            return problem

    def _opened_others(self, model: str) -> Iterator[VectorFile]:
        """Readable files of other generations with vectors of ``model``."""
        for path in self._others():
            with contextlib.suppress(OSError, CorruptArray):
                file = VectorFile(path)
                if file.model == model:
                    yield file

    @cached_property
    def _documents(self) -> Mapping[bytes, int]:
        """The living documents by the keys of their articles."""
        snapshot = self._snapshot
        digests = chain.from_iterable(
            each.doc_values.texts("digests") for each in snapshot.segments
        )
        rows = zip(snapshot.ids, digests, range(snapshot.size), strict=True)
        living = compress(rows, snapshot.alive.tolist())
        return {article_key(own, digest, self._fingerprint): at for own, digest, at in living}


class _PassagesByDocument(Mapping[int, tuple[PassageVector, ...]]):
    """Passages by document number; vectors are computed when they are asked for."""

    def __init__(self, parts: Sequence[tuple[VectorFile, PassageRows]]) -> None:
        self._parts = parts
        self._places = {
            number: (at, place)
            for at, (_, part) in enumerate(parts)
            for place, number in enumerate(part.documents.tolist())
            if number != _NONE
        }

    def __getitem__(self, number: int) -> tuple[PassageVector, ...]:
        at, place = self._places[number]
        file, _ = self._parts[at]
        rows = file.rows
        return tuple(
            PassageVector(
                int(rows.starts[row]),
                int(rows.ends[row]),
                rows.digests[row].tobytes(),
                rows.vectors[row].astype(np.float32) * rows.scales[row],
            )
            for row in range(int(rows.firsts[place]), int(rows.firsts[place + 1]))
        )

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _part(rows: KeyedRows, documents: Mapping[bytes, int], taken: set[int]) -> PassageRows:
    """Joins ``rows`` to ``documents``, but for those ``taken`` already."""
    found = np.full(len(rows.keys), _NONE, dtype=np.int64)
    for at, key in enumerate(_pieces(rows.keys)):
        number = documents.get(key, _NONE)
        if number not in taken and number != _NONE:
            taken.add(number)
            found[at] = number
    return PassageRows(found, rows.firsts, rows.vectors, rows.scales, rows.starts, rows.ends)


def _pieces(array: Array) -> Iterator[bytes]:
    """Each row of an array of keys or digests."""
    raw = array.tobytes()
    return (raw[at : at + KEY_BYTES] for at in range(0, len(raw), KEY_BYTES))
