"""From the words of a padding setting to cells on each of the four sides."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

from engine.errors import EngineError
from engine.geometry.axis import Axis, PaddingMode, effective_size
from engine.types import Pair, Sides

PaddingWord: TypeAlias = Literal["valid", "same", "full"]
Padding: TypeAlias = int | Sequence[int] | PaddingWord

ALLOWED = "an integer, [rows, columns], [top, bottom, left, right], 'valid', 'same' or 'full'"


def resolve_padding(padding: Padding, size: Pair, kernel_size: Pair, stride: Pair, dilation: Pair) -> Sides:
    """Cells of padding on (top, bottom, left, right).

    ``valid`` adds none; ``full`` adds span - 1 on every side, so that every overlap counts;
    ``same`` makes the output ceil(size / stride), an odd cell going to the end, as PyTorch
    (at stride 1) and TensorFlow do.

    Raises:
        EngineError: ``invalid-argument`` for anything else, or a negative number.

    >>> resolve_padding("same", (28, 28), (3, 4), (1, 1), (1, 1))
    (1, 1, 1, 2)
    >>> resolve_padding([1, 2], (28, 28), (3, 3), (1, 1), (1, 1))
    (1, 1, 2, 2)
    """
    if isinstance(padding, str):
        rows = _by_word(padding, size[0], kernel_size[0], stride[0], dilation[0])
        columns = _by_word(padding, size[1], kernel_size[1], stride[1], dilation[1])
        return (*rows, *columns)
    sides = [padding] if isinstance(padding, int) else list(padding)
    whole = all(type(cells) is int and cells >= 0 for cells in sides)
    if not whole or len(sides) not in (1, 2, 4):
        raise EngineError("invalid-argument", "padding", padding, ALLOWED)
    if len(sides) == 4:
        return (sides[0], sides[1], sides[2], sides[3])
    rows_each, columns_each = sides[0], sides[-1]
    return (rows_each, rows_each, columns_each, columns_each)


def _by_word(word: str, size: int, kernel_size: int, stride: int, dilation: int) -> Pair:
    span = effective_size(kernel_size, dilation)
    match word:
        case "valid":
            return (0, 0)
        case "full":
            return (span - 1, span - 1)
        case "same":
            outputs = -(-size // stride)
            total = max(0, (outputs - 1) * stride + span - size)
            return (total // 2, total - total // 2)
    raise EngineError("invalid-argument", "padding", word, ALLOWED)


def window_axes(
    size: Pair,
    kernel_size: Pair,
    stride: Pair = (1, 1),
    padding: Padding = 0,
    dilation: Pair = (1, 1),
    mode: PaddingMode = "zeros",
    ceil_mode: bool = False,
) -> tuple[Axis, Axis]:
    """The row axis and the column axis of a sliding window over (rows, columns).

    >>> rows, columns = window_axes((28, 20), (3, 5), (2, 1), "same")
    >>> rows.outputs, columns.outputs
    (14, 20)
    """
    fixed = padding if isinstance(padding, int | str) else tuple(padding)
    return _window_axes(
        tuple(size), tuple(kernel_size), tuple(stride), fixed, tuple(dilation), mode, ceil_mode
    )


@lru_cache(maxsize=128, typed=True)
def _window_axes(
    size: Pair,
    kernel_size: Pair,
    stride: Pair,
    padding: Padding,
    dilation: Pair,
    mode: PaddingMode,
    ceil_mode: bool,
) -> tuple[Axis, Axis]:
    top, bottom, left, right = resolve_padding(padding, size, kernel_size, stride, dilation)
    rows = Axis(size[0], kernel_size[0], stride[0], dilation[0], top, bottom, mode, ceil_mode)
    columns = Axis(size[1], kernel_size[1], stride[1], dilation[1], left, right, mode, ceil_mode)
    return rows, columns
