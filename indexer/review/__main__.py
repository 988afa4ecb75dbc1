"""A process that makes the lists once, for :mod:`indexer.review.beside`, its parent.

It reads a configuration and how long lists may be from its standard input, pickled, and writes the
lists, or the error that kept it from them.
"""

import contextlib
import os
import pickle

from indexer.wiring import index_of, reviewer
from search.configuration import Configuration
from search.errors import KlastriError
from search.fingerprint import fingerprint
from search.review import Review

#: Answering goes before.
_NICE = 10


def main() -> None:
    with os.fdopen(os.dup(0), "rb") as incoming, os.fdopen(os.dup(1), "wb") as outgoing:
        # Whatever else may be printed must not get into the answer.
        os.dup2(2, 1)
        os.nice(_NICE)
        configuration, limit = pickle.load(incoming)  # noqa: S301 - the parent wrote it
        answer: Review | KlastriError
        try:
            answer = _review(configuration, limit)
        except KlastriError as error:
            answer = error
        pickle.dump(answer, outgoing, pickle.HIGHEST_PROTOCOL)


def _review(configuration: Configuration, limit: int) -> Review:
    work = reviewer(configuration, limit)
    live = index_of(configuration)
    with contextlib.closing(live.open(fingerprint(configuration))) as reader:
        return work.review(reader, lambda ids, _total: ids)


if __name__ == "__main__":
    main()
