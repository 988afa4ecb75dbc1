"""What runs models keeps nothing of what it does, and numbers no machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SESSION = """
from search.meaning.onnx_graph import OnnxGraph
from search.meaning.onnx_session import open_session

graph = OnnxGraph()
graph.input("given", "float32", ("batch",))
graph.output(graph.add("Neg", "given"), "made", "float32", ("batch",))
import numpy as np
(made,) = open_session(graph.serialised()).run(["made"], {"given": np.ones(1, np.float32)})
assert made == -1
"""


@pytest.mark.meaning
def test_onnxruntime_writes_nothing_into_the_users_directories(tmp_path: Path) -> None:
    """Its telemetry, on by default, begins with an identifier of the machine and a file of events.

    In a process of its own, as the library decides when it is imported.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("XDG_") and name != "ORT_DISABLE_TELEMETRY"
    }
    subprocess.run(
        [sys.executable, "-c", SESSION], env={**environment, "HOME": str(tmp_path)}, check=True
    )
    assert list(tmp_path.rglob("*")) == []
