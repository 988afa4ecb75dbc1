"""Finds model and tokenizer in the directory of an ONNX model for sentence embeddings.

It holds ``model.onnx`` (or ``onnx/model.onnx``), the files of weights that this names, beside it,
and ``tokenizer.json``.
"""

import hashlib
import json
import mmap
import os
from dataclasses import dataclass
from pathlib import Path

from search.errors import EmbedderUnavailable

# Key of an entry of the protocol buffer that names a file of weights.
_LOCATION = b"\n\x08location\x12"
_PUT_TOGETHER = "Put all files of the model into one directory, with model.onnx and tokenizer.json"


@dataclass(frozen=True, slots=True)
class OnnxDirectory:
    """The files of an ONNX model, all of which existed when they were found."""

    model: Path
    tokenizer: Path
    weights: tuple[Path, ...]

    def digest(self, *settings: str | int) -> str:
        """Digest of the contents of the files and of ``settings``; reads some 1.5 GB a second."""
        digest = hashlib.sha256(json.dumps(settings).encode())
        for each in (self.model, self.tokenizer, *self.weights):
            with each.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()[:16]


def find_onnx_directory(directory: Path) -> OnnxDirectory:
    """The files of the model in ``directory``. Raises EmbedderUnavailable where one is missing."""
    if not directory.is_dir():
        advice = "Correct model under [meaning]"
        raise _unavailable(directory, "there is no such directory", advice)
    model = _file(directory, "model.onnx")
    weights = tuple(model.parent / each for each in _locations(model))
    if missing := next((each for each in weights if not each.is_file()), None):
        raise _unavailable(directory, f"its file {missing.name} is missing", _PUT_TOGETHER)
    return OnnxDirectory(model, _file(directory, "tokenizer.json"), weights)


def _file(directory: Path, name: str) -> Path:
    places = (directory / name, directory / "onnx" / name)
    found = next((each for each in places if each.is_file()), None)
    if found is None:
        raise _unavailable(directory, f"there is no {name} in it", _PUT_TOGETHER)
    return found


def _locations(model: Path) -> list[str]:
    """Names of the files of weights that ``model`` refers to, in the order of its tensors."""
    found: dict[str, None] = {}
    with model.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return []
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            at = data.find(_LOCATION)
            while at >= 0:
                # Names have fewer than 128 bytes, so that one byte is their length.
                start = at + len(_LOCATION) + 1
                name = data[start : start + int.from_bytes(data[start - 1 : start])]
                found[name.decode("utf-8", "replace")] = None
                at = data.find(_LOCATION, start)
    return list(found)


def _unavailable(directory: Path, reason: str, remedy: str) -> EmbedderUnavailable:
    return EmbedderUnavailable(model=str(directory), reason=reason, remedy=remedy)
