"""Writes a small ONNX graph as the protocol buffer that onnxruntime reads.

Only the few messages that are needed here: the package ``onnx``, which writes any graph, is three
times the size of this program. Field numbers are those of ``onnx.proto``.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_TYPES = {"float32": 1, "uint8": 2, "int64": 7}
_IR_VERSION = 8
_OPSET = 17


class OnnxGraph:
    """Builder of a graph; operators and tensors are referred to by the names of their outputs."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._tensors: list[bytes] = []
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []

    def input(self, name: str, kind: str, shape: Sequence[str | int]) -> str:
        """Adds an input; a variable dimension is a name instead of a size."""
        self._inputs.append(_bytes(11, _value_info(name, kind, shape)))
        return name

    def output(self, value: str, name: str, kind: str, shape: Sequence[str | int]) -> str:
        """Adds ``value`` as the output ``name``."""
        self._outputs.append(_bytes(12, _value_info(name, kind, shape)))
        return self._node("Identity", (value,), name, {})

    def add(self, operator: str, *inputs: str, **attributes: float | Sequence[int]) -> str:
        """Adds an operator; returns its first output."""
        return self._node(operator, inputs, f"{operator}_{len(self._nodes)}", attributes)

    def constant(self, value: npt.ArrayLike, kind: str = "float32") -> str:
        """Adds a tensor that is part of the model."""
        name, array = f"tensor_{len(self._tensors)}", np.ascontiguousarray(value, kind)
        fields = [_number(1, each) for each in np.shape(value)]
        fields += [_number(2, _TYPES[kind]), _text(8, name), _bytes(9, array.tobytes())]
        self._tensors.append(_bytes(5, b"".join(fields)))
        return name

    def serialised(self) -> bytes:
        """The serialised model."""
        graph = [*self._nodes, _text(2, "graph"), *self._tensors, *self._inputs, *self._outputs]
        opset = _text(1, "") + _number(2, _OPSET)
        return _number(1, _IR_VERSION) + _bytes(7, b"".join(graph)) + _bytes(8, opset)

    def _node(
        self,
        operator: str,
        inputs: Sequence[str],
        output: str,
        attributes: dict[str, float | Sequence[int]],
    ) -> str:
        fields = [_text(1, each) for each in inputs]
        fields += [_text(2, output), _text(4, operator)]
        fields += [_bytes(5, _attribute(name, each)) for name, each in attributes.items()]
        self._nodes.append(_bytes(1, b"".join(fields)))
        return output


def _attribute(name: str, value: float | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, 2)
    if isinstance(value, float):
        return _text(1, name) + _key(2, 5) + np.float32(value).tobytes() + _number(20, 1)
    return _text(1, name) + b"".join(_number(8, each) for each in value) + _number(20, 7)


def _value_info(name: str, kind: str, shape: Sequence[str | int]) -> bytes:
    dimensions = (_text(2, each) if isinstance(each, str) else _number(1, each) for each in shape)
    sizes = b"".join(_bytes(1, each) for each in dimensions)
    tensor = _number(1, _TYPES[kind]) + _bytes(2, sizes)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _key(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _number(field: int, value: int) -> bytes:
    return _key(field, 0) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    return _key(field, 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    # Negative numbers are encoded as unsigned ones of 64 bits.
    value &= (1 << 64) - 1
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
