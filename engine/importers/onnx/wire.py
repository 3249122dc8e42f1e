"""Counting what a protobuf holds before parsing it.

Two bytes of a file can become a message of two hundred bytes in memory, so a small file can ask for
gigabytes. Counting allocates nothing and stops at the limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from engine.errors import EngineError

WHOLE = "a whole ONNX file"
DEEPEST = 32
"""Messages within messages; a node's attribute's tensor's dimensions are five deep."""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
LONGEST_VARINT = 10

Descriptor: TypeAlias = Any
"""protobuf's description of a message, which its stubs leave untyped."""


def count_fields(data: bytes, descriptor: Descriptor, most: int) -> int:
    """How many fields a message and those within it have, each number of a packed list counting none.

    Args:
        data: the message, as it lies in the file.
        descriptor: of the message's type; says which fields are messages again.
        most: fields, on all levels together.

    Raises:
        EngineError: ``malformed-model`` for bytes that are no message, ``model-too-large`` for more fields.

    Source: protobuf's documentation, "Encoding".

    >>> from onnx.onnx_ml_pb2 import ModelProto
    >>> model = ModelProto(producer_name="me", ir_version=8)
    >>> count_fields(model.SerializeToString(), ModelProto.DESCRIPTOR, 9)
    2
    """
    return _Counter(data, most).message(0, len(data), descriptor, 0)


class _Counter:
    def __init__(self, data: bytes, most: int) -> None:
        self.data = data
        self.most = most
        self.found = 0
        self.children: dict[str, Mapping[int, Descriptor]] = {}

    def message(self, at: int, end: int, descriptor: Descriptor, depth: int) -> int:
        if depth > DEEPEST:
            raise EngineError("malformed-model", "file", f"nested {depth} deep", f"up to {DEEPEST} deep")
        inner, data = self._messages_in(descriptor), self.data
        while at < end:
            self.found += 1
            if self.found > self.most:
                most = f"up to {self.most} fields"
                raise EngineError("model-too-large", "file", f"{self.found} fields", most)
            # Nearly every field begins with one byte that says all, and is read here and now.
            key, at = (data[at], at + 1) if data[at] < 128 else self._varint(at, end)
            number, kind = key >> 3, key & 7
            if kind == VARINT:
                _, at = self._varint(at, end)
                continue
            if kind == BYTES:
                size, at = self._varint(at, end)
            elif kind in (FIXED32, FIXED64):
                size = 4 if kind == FIXED32 else 8
            else:
                raise _broken(f"field type {kind} at byte {at}")
            if size > end - at:
                raise _broken(f"cut off at byte {at}")
            # An empty message holds no fields.
            if size and kind == BYTES and number in inner:
                self.message(at, at + size, inner[number], depth + 1)
            at += size
        return self.found

    def _messages_in(self, descriptor: Descriptor) -> Mapping[int, Descriptor]:
        name = descriptor.full_name
        if name not in self.children:
            fields = [each for each in descriptor.fields if each.message_type is not None]
            self.children[name] = {each.number: each.message_type for each in fields}
        return self.children[name]

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        """An integer of seven bits a byte, the lowest first, and where it ends."""
        value = 0
        for i in range(at, min(at + LONGEST_VARINT, end)):
            byte = self.data[i]
            value |= (byte & 127) << 7 * (i - at)
            if byte < 128:
                return value, i + 1
        raise _broken(f"cut off at byte {at}")


def _broken(value: str) -> EngineError:
    return EngineError("malformed-model", "file", value, WHOLE)
