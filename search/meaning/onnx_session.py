"""Opens onnxruntime sessions, and groups texts of similar length into batches."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

from search.meaning.machine import thread_count

# Tokens that go through the model at once, those that fill up short texts among them: three
# passages. Of more, what is between the layers no longer fits into the processor's cache (a third
# slower with twelve).
_BATCH = 512


def open_session(model: str | bytes) -> Any:
    """An ``InferenceSession`` of a file or of its content. Raises what onnxruntime raises.

    onnxruntime would number this machine in the user's cache and gather what it does for
    telemetry; it asks for this word when it is imported, before anything could be switched off.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = thread_count()
    # Threads that wait leave the cores to those that answer.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # What is wrong is raised; the log would only say it again.
    options.log_severity_level = 4
    return InferenceSession(model, options, providers=["CPUExecutionProvider"])


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of texts, those of similar length together, so that little is filled up."""
    batch: list[int] = []
    for each in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[each] > _BATCH:
            yield batch
            batch = []
        batch.append(each)
    if batch:
        yield batch
