"""Summary of a batch that a worker has written: facts of its documents and counts of its words.

Whoever writes a generation counts its words and decides over all its documents; for documents that
are on the server already this is enough.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from search.engines.opensearch.corpus_decisions import DocumentFacts

#: Distinguishes a summary from documents that are packed whole.
_MARK = b"written"
_LEVEL = 4


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """Facts of documents that a worker has written, and the counts of their words.

    ``words`` come from :meth:`~search.engines.opensearch.word_counts.WordCounts.to_run`.
    """

    facts: Sequence[DocumentFacts]
    words: bytes

    def to_bytes(self) -> bytes:
        """Serialises the batch for the process of the writer."""
        facts = zlib.compress(json.dumps([each.to_json() for each in self.facts]).encode(), _LEVEL)
        return b"".join((_MARK, len(facts).to_bytes(4, "big"), facts, self.words))

    @classmethod
    def from_bytes(cls, packed: bytes) -> "WrittenBatch | None":
        """Undo :meth:`to_bytes`; None for anything else."""
        if not packed.startswith(_MARK):
            return None
        begin = len(_MARK) + 4
        end = begin + int.from_bytes(packed[len(_MARK) : begin], "big")
        facts = json.loads(zlib.decompress(packed[begin:end]))
        return cls([DocumentFacts.from_json(each) for each in facts], packed[end:])
