"""The one error that the engine raises for what a caller can put right."""

from __future__ import annotations


class EngineError(ValueError):
    """An argument that cannot be used, with all a reader needs to mend it.

    Args:
        code: kebab-case kind of error, stable across versions (``kernel-too-large``).
        argument: the name of the argument at fault, in the words of the public API.
        value: what was given; shortened in the message when long.
        allowed: what would have been accepted, as a short English phrase.

    >>> print(EngineError("invalid-argument", "stride", 0, "an integer of at least 1"))
    stride is 0; allowed: an integer of at least 1
    """

    def __init__(self, code: str, argument: str, value: object, allowed: str) -> None:
        self.code = code
        self.argument = argument
        self.value = value
        self.allowed = allowed
        super().__init__(f"{argument} is {_shorten(value)}; allowed: {allowed}")


def _shorten(value: object, limit: int = 80) -> str:
    try:
        text = repr(value)
    except (RecursionError, ValueError):
        # Nested a thousand times, or an integer of thousands of digits: Python prints neither.
        text = f"{type(value).__name__} beyond printing"
    return text if len(text) <= limit else text[: limit - 1] + "…"
