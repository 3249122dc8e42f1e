"""A transposed convolution along one axis: sizes, and what stands on its map of spread-out cells.

Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), chapter 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.errors import EngineError
from engine.geometry.axis import OUTSIDE, effective_size
from engine.types import Integers, Pair


@dataclass(frozen=True)
class TransposedAxis:
    """One axis of a transposed convolution, seen as four stages.

    The cells are spread, stride - 1 zeros between two; framed by dilation * (kernel_size - 1) zeros
    at either end and ``output_padding`` more at the last; cropped by ``padding`` at either end; and
    the turned kernel slides over that map with stride 1.

    Args:
        size: cells of the input along this axis, at least 1.
        kernel_size: taps of the kernel, at least 1.
        stride: outputs from one input cell's stamp to the next, at least 1.
        padding: cells cropped at either end, at least 0: the padding of the convolution undone.
        output_padding: outputs added at the end, less than the stride or the dilation.
        dilation: cells from one tap to the next, at least 1; 1 means none.

    Raises:
        EngineError: ``invalid-argument`` for an ``output_padding`` too large, ``padding-too-large``
            if the crop leaves nothing.

    >>> TransposedAxis(size=14, kernel_size=3, stride=2, padding=1, output_padding=1).outputs
    28
    """

    size: int
    kernel_size: int
    stride: int = 1
    padding: int = 0
    output_padding: int = 0
    dilation: int = 1

    def __post_init__(self) -> None:
        # A whole stride more would be the size that another cell of input makes.
        most = max(self.stride, self.dilation) - 1
        if self.output_padding > most:
            allowed = f"at most {most}: less than the stride {self.stride} or the dilation {self.dilation}"
            raise EngineError("invalid-argument", "output_padding", self.output_padding, allowed)
        if self.outputs < 1:
            uncropped = self.outputs + 2 * self.padding
            allowed = f"at most {(uncropped - 1) // 2}: the output has {uncropped} cells before the crop"
            raise EngineError("padding-too-large", "padding", self.padding, allowed)

    @property
    def span(self) -> int:
        """Outputs from the first to the last that one input cell writes."""
        return effective_size(self.kernel_size, self.dilation)

    @property
    def outputs(self) -> int:
        """(H - 1) S - 2 P + d (k - 1) + output_padding + 1."""
        return (self.size - 1) * self.stride - 2 * self.padding + self.span + self.output_padding

    @property
    def padded(self) -> int:
        """Cells of the cropped map, over which the turned kernel slides."""
        return self.outputs + self.span - 1

    @property
    def before(self) -> int:
        """Cells cropped at the start: the padding of the convolution undone."""
        return self.padding

    @property
    def after(self) -> int:
        """Cells cropped at the end."""
        return self.padding

    @property
    def skipped(self) -> int:
        """The kernel slides cell by cell: it passes over none."""
        return 0

    def positions(self, output: int) -> Integers:
        """Cells of the cropped map under the taps of the turned kernel, (kernel_size,)."""
        return output + self.dilation * np.arange(self.kernel_size)

    def sources(self, positions: Integers) -> Integers:
        """The input cell that stands at each position of the cropped map; OUTSIDE on an inserted zero.

        >>> TransposedAxis(size=3, kernel_size=2, stride=2).sources(np.arange(7))
        array([-1,  0, -1,  1, -1,  2, -1])
        """
        spread = positions + self.padding - (self.span - 1)
        known = (spread % self.stride == 0) & (spread >= 0) & (spread <= (self.size - 1) * self.stride)
        return np.where(known, spread // self.stride, OUTSIDE)

    def uses(self, index: int) -> list[int]:
        """Outputs that input cell ``index`` writes, in order.

        >>> TransposedAxis(size=3, kernel_size=3, stride=2, padding=1).uses(0)
        [0, 1]
        """
        first = index * self.stride - self.padding
        reach = range(first, first + self.span, self.dilation)
        return [output for output in reach if 0 <= output < self.outputs]


def transposed_axes(
    size: Pair,
    kernel_size: Pair,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    output_padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
) -> tuple[TransposedAxis, TransposedAxis]:
    """The row axis and the column axis of a transposed convolution over (rows, columns).

    >>> rows, columns = transposed_axes((5, 7), (3, 4), stride=(2, 1))
    >>> rows.outputs, columns.outputs
    (11, 10)
    """
    rows, columns = (
        TransposedAxis(size[i], kernel_size[i], stride[i], padding[i], output_padding[i], dilation[i])
        for i in (0, 1)
    )
    return rows, columns
