"""Packs the passage vectors of an article into one binary field of the server.

First the key of the article version and the number of dimensions; then the passages, each of the
same size: scale, numbers of one byte (padded to a multiple of four, as scripts read four at a
time), the place in the body and the digest of its text. Numbers are little-endian.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from search.engines.contract import ArticleVectors, PassageVector
from search.meaning.embedder import Vectors
from search.meaning.quantisation import KEY_BYTES, article_key, quantised

#: Bytes before the first passage, and within a passage before and after its numbers.
HEAD_BYTES, SCALE_BYTES, TAIL_BYTES = KEY_BYTES + 4, 4, 8 + KEY_BYTES
#: Numbers of a passage are padded to a multiple of this.
STEP = 4
#: Characters of base64 that hold the key.
_KEY_TEXT = 24


@dataclass(frozen=True, slots=True)
class PackedPassages:
    """The unpacked passages of an article.

    ``key`` identifies the version of the article; ``vectors`` (passages, dimensions), ``starts``,
    ``ends`` and ``digests`` are of its passages.
    """

    key: bytes
    vectors: Vectors
    starts: npt.NDArray[np.uint32]
    ends: npt.NDArray[np.uint32]
    digests: tuple[bytes, ...]

    @classmethod
    def unpacked(cls, packed: bytes) -> "PackedPassages":
        """Undo :func:`packed_passages`."""
        dimensions = int.from_bytes(packed[KEY_BYTES : KEY_BYTES + 4], "little")
        rows = np.frombuffer(packed, _row(dimensions), offset=HEAD_BYTES)
        numbers = rows["vector"][:, :dimensions].astype(np.float32)
        return cls(
            packed[:KEY_BYTES],
            numbers * rows["scale"][:, np.newaxis],
            rows["start"],
            rows["end"],
            tuple(each.tobytes() for each in rows["digest"]),
        )

    def article(self, article_id: str, digest: str) -> ArticleVectors:
        """The passages as the contract has them."""
        rows = zip(
            self.starts.tolist(), self.ends.tolist(), self.digests, self.vectors, strict=True
        )
        return ArticleVectors(article_id, digest, tuple(PassageVector(*each) for each in rows))


def packed_passages(article: ArticleVectors, fingerprint: str) -> bytes:
    """Packs the vectors of an article with one passage or more."""
    numbers, scales = quantised(np.stack([each.vector for each in article.passages]))
    dimensions = numbers.shape[1]
    rows = np.zeros(len(numbers), _row(dimensions))
    rows["scale"] = scales
    rows["vector"][:, :dimensions] = numbers
    rows["start"] = [each.start for each in article.passages]
    rows["end"] = [each.end for each in article.passages]
    digests = b"".join(each.digest for each in article.passages)
    rows["digest"] = np.frombuffer(digests, np.uint8).reshape(-1, KEY_BYTES)
    key = article_key(article.id, article.digest, fingerprint)
    return b"".join((key, dimensions.to_bytes(4, "little"), rows.tobytes()))


def vector_fields(model: str, packed: bytes) -> Mapping[str, Any]:
    """The fields of a server's document with packed vectors of ``model``."""
    digests = PackedPassages.unpacked(packed).digests
    return {
        "model": model,
        "vectors": base64.b64encode(packed).decode("ascii"),
        "passages": [each.hex() for each in digests],
        "passage_count": len(digests),
        "vector_bytes": len(packed),
    }


def key_of(fields: Mapping[str, Any]) -> bytes:
    """The key of the article version whose vectors ``fields`` have."""
    text: str = fields["vectors"][:_KEY_TEXT]
    return base64.b64decode(text)[:KEY_BYTES]


def padded(dimensions: int) -> int:
    """Length of a padded passage vector."""
    return -(-dimensions // STEP) * STEP


def _row(dimensions: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("scale", "<f4"),
            ("vector", "i1", (padded(dimensions),)),
            ("start", "<u4"),
            ("end", "<u4"),
            ("digest", "u1", (KEY_BYTES,)),
        ]
    )
