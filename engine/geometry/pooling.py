"""Windows that summarise what they cover: each must cover something, and some cover less than others."""

from __future__ import annotations

import numpy as np

from engine.errors import EngineError
from engine.geometry.axis import Axis
from engine.geometry.padding import Padding, window_axes
from engine.types import Integers, Pair


def pool_axes(
    size: Pair,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Padding = 0,
    dilation: Pair = (1, 1),
    ceil_mode: bool = False,
) -> tuple[Axis, Axis]:
    """The row axis and the column axis of a pooling over (rows, columns).

    Args:
        size: (rows, columns) of the map.
        kernel_size: (rows, columns) of the window.
        stride: cells from one window to the next; None means the window's size.
        padding: see ``resolve_padding``.
        dilation: cells from one tap to the next; 1 means none.
        ceil_mode: also place a last window that hangs over the end.

    Raises:
        EngineError: ``padding-too-large`` if a window would lie wholly in the padding, and what
            ``window_axes`` raises.

    >>> rows, columns = pool_axes((5, 6), (2, 3), ceil_mode=True)
    >>> rows.outputs, columns.outputs
    (3, 2)
    """
    axes = window_axes(size, kernel_size, stride or kernel_size, padding, dilation, ceil_mode=ceil_mode)
    for axis in axes:
        padded = axis.before or axis.after
        if padded and not covered_cells(axis, count_padding=False).all():
            allowed = f"so little that every window of {axis.kernel_size} covers one of {axis.size} cells"
            raise EngineError("padding-too-large", "padding", [axis.before, axis.after], allowed)
    return axes


def covered_cells(axis: Axis, count_padding: bool) -> Integers:
    """Taps of every window that lie on the input, or on the input and its padding, (outputs,).

    What a window of ceil_mode finds beyond the padding is never counted.

    >>> axis = Axis(size=5, kernel_size=2, stride=2, before=1, ceil_mode=True)
    >>> covered_cells(axis, count_padding=False).tolist()
    [1, 2, 2]
    """
    starts = np.arange(axis.outputs) * axis.stride - axis.before
    before, after = (axis.before, axis.after) if count_padding else (0, 0)
    # Taps of a window that stand before a cell: those with start + dilation * tap < cell.
    ahead, inside = (
        np.clip(-((starts - cell) // axis.dilation), 0, axis.kernel_size)
        for cell in (-before, axis.size + after)
    )
    return inside - ahead
