"""The settings of an operation, declared once as dataclass fields.

From one declaration come the checks, the defaults, the table that ``GET /operations`` shows and the
controls of the page.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal, TypeAlias

from engine.errors import EngineError
from engine.geometry.padding import ALLOWED as PADDING_ALLOWED

Kind: TypeAlias = Literal[
    "integer", "number", "boolean", "choice", "pair", "padding", "table", "integers", "numbers"
]

LARGEST_INTEGER = 65_536
"""No picture has use for a larger stride or padding; arrays of such lengths must not even be tried."""

LARGEST_LENGTH = 2**31 - 1
"""No axis is longer: what a list of integers, such as a shape, may hold."""


@dataclass(frozen=True)
class Parameter:
    """What one setting accepts; ``default`` None means that it is inferred."""

    kind: Kind
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    name: str = ""

    @property
    def allowed(self) -> str:
        """An English phrase naming what is accepted."""
        match self.kind:
            case "boolean":
                return "true or false"
            case "choice":
                return "one of " + ", ".join(self.choices)
            case "padding":
                return PADDING_ALLOWED
            case "pair":
                return f"an integer{self._bounds()}, or [rows, columns]"
            case "integer":
                return f"an integer{self._bounds()}"
            case "integers":
                return f"a list of integers{self._bounds()}"
            case "numbers":
                return f"a list of finite numbers{self._bounds()}"
            case "table":
                return "a list of rows of one length, of 0 and 1, with a 1 in every row"
        return f"a finite number{self._bounds()}"

    def read(self, value: Any) -> Any:
        """The value as the engine keeps it (a pair or a list as a tuple, a number as a float).

        Raises:
            EngineError: ``invalid-argument`` naming this parameter; also for integers whose size
                exceeds ``LARGEST_INTEGER``, in a list ``LARGEST_LENGTH``.

        >>> Parameter("pair", minimum=1, name="stride").read(2)
        (2, 2)
        """
        reader = _READERS[self.kind]
        read = reader(self, value)
        if read is None:
            raise EngineError("invalid-argument", self.name, value, self.allowed)
        return read

    def within(self, number: float) -> bool:
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        return low <= number <= high

    def _bounds(self) -> str:
        if self.minimum is not None and self.maximum is not None:
            return f" from {self.minimum:g} to {self.maximum:g}"
        if self.minimum is not None:
            return f" of at least {self.minimum:g}"
        return "" if self.maximum is None else f" of at most {self.maximum:g}"


def _integer(parameter: Parameter, value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not parameter.within(value):
        return None
    if abs(value) > LARGEST_INTEGER:
        raise EngineError("invalid-argument", parameter.name, value, f"at most {LARGEST_INTEGER}")
    return int(value)


def _integers(parameter: Parameter, value: Any) -> tuple[int, ...] | None:
    # One number is a list of one.
    listed = value if isinstance(value, list | tuple) else [value]
    if not all(type(each) is int and parameter.within(each) for each in listed):
        return None
    if any(abs(each) > LARGEST_LENGTH for each in listed):
        raise EngineError("invalid-argument", parameter.name, value, f"at most {LARGEST_LENGTH}")
    return tuple(listed)


def _numbers(parameter: Parameter, value: Any) -> tuple[float, ...] | None:
    listed = value if isinstance(value, list | tuple) else [value]
    read = [_number(parameter, each) for each in listed]
    return None if None in read else tuple(each for each in read if each is not None)


def _number(parameter: Parameter, value: Any) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    # Neither NaN nor infinity passes, nor an integer that no float can hold.
    finite = abs(value) <= sys.float_info.max
    return float(value) if finite and parameter.within(value) else None


def _pair(parameter: Parameter, value: Any) -> tuple[int, int] | None:
    both = [value, value] if isinstance(value, int) else value
    if not isinstance(both, list | tuple) or len(both) != 2:
        return None
    whole = [_integer(parameter, cells) for cells in both]
    return None if None in whole else (both[0], both[1])


def _padding(parameter: Parameter, value: Any) -> Any:
    if isinstance(value, str):
        return value if value in ("valid", "same", "full") else None
    if isinstance(value, int):
        return _integer(parameter, value)
    if not isinstance(value, list | tuple) or len(value) not in (2, 4):
        return None
    return None if any(_integer(parameter, cells) is None for cells in value) else tuple(value)


def _table(_: Parameter, value: Any) -> tuple[tuple[int, ...], ...] | None:
    if not isinstance(value, list | tuple) or not all(isinstance(row, list | tuple) for row in value):
        return None
    bits = all(type(bit) is int and bit in (0, 1) for row in value for bit in row)
    if not bits or len({len(row) for row in value}) != 1 or not all(any(row) for row in value):
        return None
    return tuple(map(tuple, value))


_READERS = {
    "integer": _integer,
    "number": _number,
    "boolean": lambda _, value: value if isinstance(value, bool) else None,
    "choice": lambda parameter, value: (
        value if isinstance(value, str) and value in parameter.choices else None
    ),
    "pair": _pair,
    "padding": _padding,
    "table": _table,
    "integers": _integers,
    "numbers": _numbers,
}


def parameter(
    kind: Kind,
    default: Any = MISSING,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Iterable[str] = (),
) -> Any:
    """A dataclass field that is a setting; without ``default`` it must be given or inferred."""
    declared = None if default is MISSING else default
    shown = Parameter(kind, declared, minimum, maximum, tuple(choices))
    # A pair's default is written as one integer, and kept as two.
    kept = (declared, declared) if kind == "pair" and isinstance(declared, int) else declared
    return field(default=kept, metadata={"parameter": shown})


def parameters_of(cls: type) -> tuple[Parameter, ...]:
    """The settings of an operation's dataclass, in the order of its fields."""
    declared = [(f.name, f.metadata["parameter"]) for f in fields(cls) if "parameter" in f.metadata]
    return tuple(Parameter(p.kind, p.default, p.minimum, p.maximum, p.choices, name) for name, p in declared)


def read_parameters(cls: type, config: dict[str, Any], extra: Iterable[str] = ()) -> dict[str, Any]:
    """Check a configuration against a dataclass's settings; None is read as left out.

    Args:
        extra: further names that the caller understands, only for the message.

    Raises:
        EngineError: ``unknown-parameter`` or ``invalid-argument``.
    """
    known = {p.name: p for p in parameters_of(cls)}
    for name in config:
        if name not in known:
            raise EngineError("unknown-parameter", name, config[name], ", ".join([*known, *extra]))
    return {name: known[name].read(value) for name, value in config.items() if value is not None}
