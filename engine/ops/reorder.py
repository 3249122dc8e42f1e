"""Axes in another order, and numbers that change between channels and places in blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from engine.errors import EngineError
from engine.geometry.receptive_field import Region
from engine.ops.axes import axes_of, region_by_axes
from engine.ops.operation import require_map
from engine.ops.parameters import parameter
from engine.ops.rearrangement import Reordering
from engine.types import Shape

BlockOrder = Literal["DCR", "CRD"]
BLOCK_ORDERS: tuple[BlockOrder, ...] = get_args(BlockOrder)


@dataclass(frozen=True)
class Transpose(Reordering):
    """The axes in the order of ``perm``; by default rows and columns change places.

    Source: ONNX, operator Transpose; PyTorch, ``torch.permute``.

    >>> Transpose(perm=(0, 2, 3, 1)).output_shape((1, 3, 4, 5)), Transpose().output_shape((1, 3, 4, 5))
    ((1, 4, 5, 3), (1, 3, 5, 4))
    """

    name: ClassVar[str] = "transpose"

    perm: tuple[int, ...] = parameter("integers", ())

    def factors(self, shape: Shape) -> tuple[Shape, tuple[int, ...]]:
        rank = len(shape)
        order = axes_of("perm", self.perm, rank) or (*range(rank - 2), *range(rank)[:-3:-1])
        if len(order) != rank:
            raise EngineError("invalid-argument", "perm", list(self.perm), f"each of the {rank} axes once")
        return shape, order

    def output_shape(self, *shapes: Shape) -> Shape:
        shape, order = self.factors(shapes[0])
        return tuple(shape[axis] for axis in order)

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        _, order = self.factors(shapes[0])
        return region_by_axes(shapes[0], len(order), order.index, region)


@dataclass(frozen=True)
class DepthToSpace(Reordering):
    """Every ``blocksize``² channels become a block of places: a map of fewer channels and more places.

    In mode ``CRD`` the channels of a block lie next to one another (PyTorch's ``PixelShuffle``); in ``DCR``
    one lies in each of ``blocksize``² groups.

    Source: ONNX, operator DepthToSpace; Shi et al., "Real-time single image and video super-resolution using
    an efficient sub-pixel convolutional neural network" (2016), eq. 4.

    >>> DepthToSpace(blocksize=2).output_shape((1, 8, 3, 5))
    (1, 2, 6, 10)
    """

    name: ClassVar[str] = "depth_to_space"

    blocksize: int = parameter("integer", 1, minimum=1)
    mode: BlockOrder = parameter("choice", "DCR", choices=BLOCK_ORDERS)

    def factors(self, shape: Shape) -> tuple[Shape, tuple[int, ...]]:
        channels, rows, columns = require_map(self.name, shape)
        block = self.blocksize
        if channels % block**2:
            raise EngineError(
                "shape-mismatch", "blocksize", block, f"a square that divides {channels} channels"
            )
        depth = channels // block**2
        if self.mode == "DCR":
            return (shape[0], block, block, depth, rows, columns), (0, 3, 4, 1, 5, 2)
        return (shape[0], depth, block, block, rows, columns), (0, 1, 4, 2, 5, 3)

    def output_shape(self, *shapes: Shape) -> Shape:
        split, order = self.factors(shapes[0])
        n, depth, rows, of_rows, columns, of_columns = (split[factor] for factor in order)
        return (n, depth, rows * of_rows, columns * of_columns)

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        (top, left), (bottom, right), block = region.start, region.stop, self.blocksize
        return Region((top // block, left // block), (-(-bottom // block), -(-right // block)))


@dataclass(frozen=True)
class SpaceToDepth(Reordering):
    """Every block of ``blocksize``² places becomes channels: ``depth_to_space`` of the same mode undone.

    Source: ONNX, operator SpaceToDepth; in mode ``CRD`` PyTorch's ``PixelUnshuffle``.

    >>> SpaceToDepth(blocksize=2).output_shape((1, 2, 6, 10))
    (1, 8, 3, 5)
    """

    name: ClassVar[str] = "space_to_depth"

    blocksize: int = parameter("integer", 1, minimum=1)
    mode: BlockOrder = parameter("choice", "DCR", choices=BLOCK_ORDERS)

    def factors(self, shape: Shape) -> tuple[Shape, tuple[int, ...]]:
        channels, rows, columns = require_map(self.name, shape)
        block = self.blocksize
        if rows % block or columns % block:
            raise EngineError(
                "shape-mismatch", "blocksize", block, f"a divisor of {rows} rows and {columns} columns"
            )
        split = (shape[0], channels, rows // block, block, columns // block, block)
        return split, (0, 3, 5, 1, 2, 4) if self.mode == "DCR" else (0, 1, 3, 5, 2, 4)

    def output_shape(self, *shapes: Shape) -> Shape:
        (n, channels, rows, block, columns, _), _ = self.factors(shapes[0])
        return (n, channels * block**2, rows, columns)

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        (top, left), (bottom, right), block = region.start, region.stop, self.blocksize
        return Region((top * block, left * block), (bottom * block, right * block))
