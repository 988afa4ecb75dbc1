"""Embedder of the owner's own ONNX model, run by onnxruntime and tokenizers.

Layout of its directory: :mod:`search.meaning.onnx_directory`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from search.configuration import MeaningSettings
from search.errors import EmbedderUnavailable
from search.meaning.embedder import INSTALL, Vectors, model_text
from search.meaning.onnx_directory import OnnxDirectory, find_onnx_directory
from search.meaning.onnx_session import batches, open_session
from search.meaning.query_centring import mean_queries

# A token is rarely longer; a text of more characters would be truncated anyway.
_CHARACTERS_OF_TOKEN = 12
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_TYPES = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
#: Names of outputs: the vector of a text, and those of its tokens.
_OF_TEXTS = "sentence_embedding"
_OF_TOKENS = ("last_hidden_state", "token_embeddings")
_PADS = ("<pad>", "[PAD]")


@dataclass(frozen=True, slots=True)
class _Output:
    """The output of a model that is used, and how it is pooled."""

    name: str
    pooling: str


class OnnxEmbedder:
    """Embedder with a model from a directory. Raises EmbedderUnavailable.

    The directory is read once, here; changes take effect with the next start.
    """

    def __init__(self, settings: MeaningSettings) -> None:
        self._settings = settings
        directory = find_onnx_directory(Path(settings.model))
        self._session: Any = self._opened_session(directory.model)
        self._tokenizer: Any = self._opened_tokenizer(directory.tokenizer)
        self._pad = self._padding()
        self._types = self._input_types()
        self._output = self._chosen_output()
        self._digest = self._digested(directory)
        # Some models turn out unusable only with the first text.
        self._dimensions: int = self._embedded(["tere"], "").shape[1]

    @property
    def name(self) -> str:
        return Path(self._settings.model).resolve().name

    @property
    def digest(self) -> str:
        return self._digest

    @property
    def dimensions(self) -> int:
        return self._dimensions

    @cached_property
    def query_means(self) -> Vectors:
        return mean_queries(lambda texts: self._embedded(texts, self._settings.query_prefix))

    def embed_query(self, text: str) -> Vectors:
        found: Vectors = self._embedded([text], self._settings.query_prefix)[0]
        return found

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self._dimensions), np.float32)
        return self._embedded(texts, self._settings.passage_prefix)

    def _embedded(self, texts: Sequence[str], prefix: str) -> Vectors:
        longest = self._settings.tokens * _CHARACTERS_OF_TOKEN
        # One by one: the tokenizer's own threads warn in programs that fork.
        encoded = [self._tokenizer.encode(prefix + model_text(each, longest)) for each in texts]
        vectors: list[Vectors] = [np.empty(0, np.float32)] * len(texts)
        for batch in batches([len(each.ids) for each in encoded]):
            made = self._vectors([encoded[each] for each in batch])
            for each, vector in zip(batch, made, strict=True):
                vectors[each] = vector
        return np.stack(vectors)

    def _vectors(self, encoded: Sequence[Any]) -> Vectors:
        """Vectors of the texts of one batch, padded to the longest of them."""
        # A text without tokens gets one of padding.
        shape = (len(encoded), max(1, *(len(each.ids) for each in encoded)))
        values = {
            "input_ids": np.full(shape, self._pad, np.int64),
            "attention_mask": np.zeros(shape, np.int64),
            "token_type_ids": np.zeros(shape, np.int64),
        }
        for row, each in enumerate(encoded):
            length = len(each.ids)
            values["input_ids"][row, :length] = each.ids
            values["attention_mask"][row, : max(1, length)] = 1
            values["token_type_ids"][row, :length] = each.type_ids
        given = {name: values[name].astype(kind) for name, kind in self._types.items()}
        try:
            (numbers,) = self._session.run([self._output.name], given)
        # The exceptions of onnxruntime have no base class of their own.
        except Exception as error:
            reason = f"it cannot read {shape[1]} tokens ({_line(error)})"
            raise self._unavailable(reason, "Try fewer tokens, or another model") from error
        return self._normalised(self._pooled(numbers, values["attention_mask"]))

    def _pooled(
        self, numbers: npt.NDArray[np.floating[Any]], mask: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        numbers = numbers.astype(np.float32, copy=False)
        if self._output.pooling == "cls":
            return numbers[:, 0]
        if self._output.pooling == "mean":
            weight = mask.astype(np.float32)
            found: Vectors = np.matmul(weight[:, None, :], numbers)[:, 0]
            found /= weight.sum(axis=1, keepdims=True)
            return found
        return numbers

    def _normalised(self, vectors: npt.NDArray[np.float32]) -> Vectors:
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise self._unavailable("what it gives out is no vector", "Get its files again")
        found: Vectors = vectors / lengths
        return found

    def _opened_session(self, model: Path) -> Any:
        try:
            return open_session(str(model))
        except ImportError as error:
            raise self._unavailable("onnxruntime is not installed", INSTALL) from error
        # The exceptions of onnxruntime have no base class of their own.
        except Exception as error:
            reason = f"{model.name} cannot be read ({_line(error)})"
            raise self._unavailable(reason, "Get its files again") from error

    def _opened_tokenizer(self, file: Path) -> Any:
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise self._unavailable("tokenizers is not installed", INSTALL) from error
        try:
            tokenizer = Tokenizer.from_file(str(file))
        # tokenizers raises plain Exceptions.
        except Exception as error:
            reason = f"{file.name} cannot be read ({_line(error)})"
            raise self._unavailable(reason, "Get its files again") from error
        tokenizer.enable_truncation(self._settings.tokens)
        return tokenizer

    def _input_types(self) -> dict[str, Any]:
        inputs = {each.name: each.type for each in self._session.get_inputs()}
        unknown = next((name for name in inputs if name not in _INPUTS), None)
        odd = next(
            (f"{name} as {kind}" for name, kind in inputs.items() if kind not in _TYPES), None
        )
        if unknown or odd or "input_ids" not in inputs:
            reason = f"it asks for {unknown or odd or 'no input_ids'}"
            advice = "Take a model of sentence embeddings, made for ids of tokens and their mask"
            raise self._unavailable(reason, advice)
        return {name: _TYPES[kind] for name, kind in inputs.items()}

    def _chosen_output(self) -> _Output:
        """The output with one vector a text, else the one with vectors of tokens."""
        ranks = {each.name: len(each.shape) for each in self._session.get_outputs()}
        pooling = self._settings.pooling
        if not pooling and (ranks.get(_OF_TEXTS) == 2 or list(ranks.values()) == [2]):
            return _Output(_OF_TEXTS if _OF_TEXTS in ranks else next(iter(ranks)), "")
        of_tokens = [name for name, rank in ranks.items() if rank == 3]
        known = [name for name in _OF_TOKENS if name in of_tokens]
        if not of_tokens:
            reason = f"it gives out {', '.join(ranks)}, no vectors of tokens"
            advice = "Leave out pooling, or take a model of sentence embeddings"
            raise self._unavailable(reason, advice)
        return _Output((known or of_tokens)[0], pooling or "mean")

    def _padding(self) -> int:
        padding = self._tokenizer.padding
        self._tokenizer.no_padding()
        if padding:
            return int(padding["pad_id"])
        known = (self._tokenizer.token_to_id(each) for each in _PADS)
        return next((each for each in known if each is not None), 0)

    def _digested(self, directory: OnnxDirectory) -> str:
        settings = self._settings
        prefixes, output = (settings.query_prefix, settings.passage_prefix), self._output
        return directory.digest(*prefixes, settings.tokens, output.name, output.pooling)

    def _unavailable(self, reason: str, remedy: str) -> EmbedderUnavailable:
        return EmbedderUnavailable(model=self._settings.model, reason=reason, remedy=remedy)


def _line(error: Exception) -> str:
    """Message of a package's error in one line."""
    return " ".join(str(error).split())[:200]
