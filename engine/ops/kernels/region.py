"""The cells of a map that some windows cover, zeros around the map included."""

from __future__ import annotations

from engine.ops.kernels.memory import workspace
from engine.ops.kernels.shares import Part
from engine.ops.windows import Axes
from engine.types import Array


def channels_last(x: Array) -> bool:
    """Whether the channels of a cell lie side by side, or at least nearer than its row."""
    return x.strides[1] < x.strides[3]


def covered_region(x: Array, axes: Axes, part: Part, last: bool, as_it_lies: bool = False) -> Array:
    """The cells under the windows of a part of the outputs.

    Args:
        x: (N, C, H, W), in any memory order; zeros are around it.
        axes: the row axis and the column axis.
        part: of the outputs.
        last: whether channels shall lie side by side.
        as_it_lies: never mind how they lie.

    Returns:
        (pictures, C, rows, columns): part of x itself, or a workspace.
    """
    rows, columns = axes
    x = x[part.pictures]
    top = part.rows.start * rows.stride - rows.before
    height = (part.height - 1) * rows.stride + rows.span
    width = (columns.outputs - 1) * columns.stride + columns.span
    inside = top >= 0 and top + height <= rows.size and not columns.before and width <= columns.size
    if inside and (as_it_lies or channels_last(x) == last):
        return x[:, :, top : top + height, :width]
    n, channels = x.shape[:2]
    if last:
        region = workspace("region", (n, height, width, channels), x.dtype).transpose(0, 3, 1, 2)
    else:
        region = workspace("region", (n, channels, height, width), x.dtype)
    above, left = min(max(0, -top), height), min(columns.before, width)
    below, right = max(above, min(height, rows.size - top)), min(width, left + columns.size)
    if above or below < height:
        region[:, :, :above] = region[:, :, below:] = 0
    if left or right < width:
        region[:, :, above:below, :left] = region[:, :, above:below, right:] = 0
    region[:, :, above:below, left:right] = x[:, :, above + top : below + top, : right - left]
    return region
