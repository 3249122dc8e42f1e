"""The attributes of a node, read one by one; those that nobody read are refused, never passed over."""

from __future__ import annotations

import numpy as np

from engine.errors import EngineError
from engine.importers.onnx.reader import Attribute, GraphNode
from engine.importers.onnx.tensors import Tensor


class Settings:
    """What the attributes of a node say, by the kind that its operator expects.

    Every reader returns ``default`` (or None) for an attribute left out, and raises
    ``malformed-model`` for one of another kind.

    >>> node = GraphNode("pool", "MaxPool", ("x",), ("y",), {"ceil_mode": 1, "strides": [2, 2]})
    >>> settings = Settings(node)
    >>> settings.flag("ceil_mode"), settings.integer("storage_order", 0)
    (True, 0)
    >>> settings.check_all_read()
    Traceback (most recent call last):
    engine.errors.EngineError: attributes of pool is ['strides']; allowed: ceil_mode, storage_order
    """

    def __init__(self, node: GraphNode) -> None:
        self.node = node
        self._read: list[str] = []

    def has(self, name: str) -> bool:
        """Whether the attribute is there; that counts as reading it."""
        return self._get(name) is not None

    def integer(self, name: str, default: int) -> int:
        """One integer."""
        value = self._get(name, default)
        if not isinstance(value, int):
            raise self._wrong(name, "an integer")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """An integer that stands for yes or no."""
        return self.integer(name, int(default)) != 0

    def number(self, name: str, default: float) -> float:
        """One number."""
        value = self._get(name, default)
        if not isinstance(value, float):
            raise self._wrong(name, "a number")
        return value

    def text(self, name: str, default: str) -> str:
        """A word."""
        value = self._get(name, default.encode())
        if not isinstance(value, bytes):
            raise self._wrong(name, "a text")
        return value.decode("utf-8", "replace")

    def integers(self, name: str) -> tuple[int, ...] | None:
        """A list of integers."""
        value = self._get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise self._wrong(name, "integers")
        whole = tuple(each for each in value if isinstance(each, int))
        if len(whole) != len(value):
            raise self._wrong(name, "integers")
        return whole

    def numbers(self, name: str) -> tuple[float, ...] | None:
        """A list of numbers."""
        value = self._get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise self._wrong(name, "numbers")
        return tuple(float(each) for each in value)

    def tensor(self, name: str) -> Tensor | None:
        """A tensor."""
        value = self._get(name)
        if value is None:
            return None
        if not isinstance(value, np.ndarray):
            raise self._wrong(name, "a tensor")
        return value

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """One of the words that the engine has means for."""
        value = self.text(name, default)
        if value not in choices:
            raise self.refusal(name, value, " or ".join(choices))
        return value

    def refusal(self, name: str, value: object, allowed: str) -> EngineError:
        """The error for a setting that the engine has no means for."""
        return EngineError("unsupported-attribute", f"{name} of {self.node.name}", value, allowed)

    def check_all_read(self) -> None:
        """Refuse attributes that no reader asked for.

        Raises:
            EngineError: ``unsupported-attribute``.
        """
        unknown = [name for name in self.node.attributes if name not in self._read]
        if unknown:
            allowed = ", ".join(self._read) or "none"
            raise EngineError("unsupported-attribute", f"attributes of {self.node.name}", unknown, allowed)

    def _get(self, name: str, default: Attribute = None) -> Attribute:
        if name not in self._read:
            self._read.append(name)
        return self.node.attributes.get(name, default)

    def _wrong(self, name: str, allowed: str) -> EngineError:
        value = self.node.attributes.get(name)
        return EngineError("malformed-model", f"{name} of {self.node.name}", value, allowed)
