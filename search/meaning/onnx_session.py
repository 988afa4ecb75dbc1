"""Opens onnxruntime sessions, and groups texts of similar length into batches."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

from search.meaning.machine import thread_count

# Tokens of a batch, with padding: three passages. The activations of more do not fit into the
# processor's cache (a third slower with twelve).
_BATCH = 512


def open_session(model: str | bytes) -> Any:
    """An ``InferenceSession`` of a file or of its content. Raises what onnxruntime raises.

    onnxruntime would store an id of this machine in the user's cache and collect telemetry; it
    reads this variable when it is imported.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = thread_count()
    # Waiting threads leave the cores to the others.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Errors are raised, and need not be logged as well.
    options.log_severity_level = 4
    return InferenceSession(model, options, providers=["CPUExecutionProvider"])


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of texts, in batches of similar length, so that there is little padding."""
    batch: list[int] = []
    for each in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[each] > _BATCH:
            yield batch
            batch = []
        batch.append(each)
    if batch:
        yield batch
