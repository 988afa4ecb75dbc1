"""A process that does batches of tasks for :mod:`indexer.workers`, its parent.

It reads pickled messages from its standard input: what it is made of, then batches. To each batch
it writes one answer: what was done, or the error that must end the run.
"""

import gc
import os
import pickle
import queue
import threading
from collections.abc import Sequence
from typing import BinaryIO, Protocol

from indexer.analyst import Analyst, Done, Task
from search.engines.contract import StoredReader
from search.errors import AnalysisFailed, KlastriError


class Recipe(Protocol):
    """What an analyst is made of; crosses process boundaries."""

    def analyst(self) -> Analyst: ...

    def open_live(self) -> StoredReader:
        """The live generation, which stays as long as the indexing goes on."""
        ...


#: When the collector looks for garbage: caches are large, and nearly nothing in them is ever any.
_SELDOM = (100_000, 50, 50)
#: The first message; the second part says whether tasks have numbers of the live generation.
Beginning = tuple[Recipe, bool]


def main() -> None:
    """Work until the parent closes the pipe or is gone."""
    with os.fdopen(os.dup(0), "rb") as incoming, os.fdopen(os.dup(1), "wb") as outgoing:
        # Whatever else may be printed must not get among the answers.
        os.dup2(2, 1)
        batches: queue.SimpleQueue[Sequence[Task]] = queue.SimpleQueue()
        try:
            recipe, has_live = pickle.load(incoming)  # noqa: S301 - the parent wrote it
        except EOFError:
            return  # the parent ended before it had begun
        threading.Thread(target=_receive, args=(incoming, batches), daemon=True).start()
        try:
            _work(recipe, has_live, batches, outgoing)
        except OSError:
            os._exit(1)  # nobody reads the answers any more


def _receive(incoming: BinaryIO, batches: "queue.SimpleQueue[Sequence[Task]]") -> None:
    """Take batches in while one is worked at, so that the end of the parent ends this, too."""
    while True:
        try:
            batches.put(pickle.load(incoming))  # noqa: S301 - the parent wrote it
        except (EOFError, OSError, pickle.UnpicklingError):
            os._exit(0)


def _work(
    recipe: Recipe,
    has_live: bool,
    batches: "queue.SimpleQueue[Sequence[Task]]",
    outgoing: BinaryIO,
) -> None:
    analyst: Analyst | None = None
    live: StoredReader | None = None
    while True:
        batch = batches.get()
        answer: Done | KlastriError
        try:
            if analyst is None:
                analyst = recipe.analyst()
                _leave_alone()
            live = live or (recipe.open_live() if has_live else None)
            answer = analyst.do(batch, live)
        except KlastriError as error:
            answer = error
        except Exception as error:
            answer = AnalysisFailed(file=batch[0].id, problem=f"{type(error).__name__}: {error}")
        pickle.dump(answer, outgoing, pickle.HIGHEST_PROTOCOL)
        outgoing.flush()


def _leave_alone() -> None:
    """Spare the collector of garbage what stays until the end: lexicons, models and rules."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)


if __name__ == "__main__":
    main()
