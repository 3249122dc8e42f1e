"""A convolution in shapes alone: what the choice of a route depends on."""

from __future__ import annotations

from dataclasses import dataclass

from engine.geometry.axis import Axis
from engine.types import Pair


@dataclass(frozen=True)
class Convolution:
    """What is to be computed, without any number of it.

    Args:
        pictures: N, at least 1.
        in_channels, out_channels: C and OC, both divided by ``groups``.
        rows, columns: the axes along which windows slide.
        groups: as in ``conv2d``.

    >>> Convolution(1, 3, 8, Axis(5, 3), Axis(6, 3)).multiply_adds
    2592
    """

    pictures: int
    in_channels: int
    out_channels: int
    rows: Axis
    columns: Axis
    groups: int = 1

    @property
    def kernel_size(self) -> Pair:
        """(KH, KW)."""
        return self.rows.kernel_size, self.columns.kernel_size

    @property
    def outputs(self) -> Pair:
        """(OH, OW)."""
        return self.rows.outputs, self.columns.outputs

    @property
    def reach(self) -> Pair:
        """(rows, columns) of the padded map on which every window lies, and all of the padding."""
        return max(self.rows.padded, self.rows.covered), max(self.columns.padded, self.columns.covered)

    @property
    def side_by_side(self) -> bool:
        """Whether a window begins at every cell and skips none: stride 1, dilation 1."""
        return all(axis.stride == axis.dilation == 1 for axis in (self.rows, self.columns))

    @property
    def multiply_adds(self) -> int:
        """Multiplications, each with its addition, of the definition, padding counted."""
        taps = self.kernel_size[0] * self.kernel_size[1]
        kernels = self.out_channels * (self.in_channels // self.groups)
        return self.pictures * kernels * taps * self.outputs[0] * self.outputs[1]
