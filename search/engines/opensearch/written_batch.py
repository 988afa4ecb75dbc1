"""What a worker says of the documents that it has written: all that is left for one to do.

Whoever writes a generation counts its words and decides what its documents decide together; of
documents that are on the server already it needs no more than this.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.engines.opensearch.corpus_facts import DocumentFacts

#: Begins what is none of the documents that are packed whole.
_MARK = b"written"
_LEVEL = 4


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """Documents that are written, by what they say themselves, and the counts of their words.

    ``words`` are of :meth:`~search.engines.opensearch.words_index.WordCounts.to_data`.
    """

    facts: Sequence[DocumentFacts]
    words: Mapping[str, Any]

    def to_bytes(self) -> bytes:
        """To cross into the process of the writer."""
        said = [[each.to_json() for each in self.facts], self.words]
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        return _MARK + zlib.compress(text.encode(), _LEVEL)

    @classmethod
    def from_bytes(cls, packed: bytes) -> "WrittenBatch | None":
        """Undo :meth:`to_bytes`; None for what is something else."""
        if not packed.startswith(_MARK):
            return None
        facts, words = json.loads(zlib.decompress(packed[len(_MARK) :]))
        return cls([DocumentFacts.from_json(each) for each in facts], words)
