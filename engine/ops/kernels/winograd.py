"""Winograd's minimal filtering: 3×3 windows with fewer multiplications, tile by tile.

Every tile of m×m outputs is transformed to (m + 2)² numbers a channel, where convolving is multiplying: one
matrix product (tiles, C) @ (C, OC) for each of them. F(4×4, 3×3) multiplies 4 times less than the
definition, F(2×2, 3×3) 2.25 times. Both transforms are matrix products too, each over all tiles at once.
Source: Lavin & Gray, "Fast algorithms for convolutional neural networks" (2016).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.ops.kernels.algorithm import Algorithm, Finish
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.cook_toom import Points, Transforms, transforms
from engine.ops.kernels.memory import Scratch, in_order
from engine.threads import TEAM, WORTH_SHARING, Part, Program, cut
from engine.types import Array, Pair, Shape

TAPS = 3

POINTS: dict[int, Points] = {
    2: (Fraction(0), Fraction(1), Fraction(-1)),
    4: (Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2), Fraction(-2)),
}
"""Of F(m×m, 3×3). ½ beside -2 rounds 2.5 times less than 2 beside -2."""

AT_ONE = 1
"""Index of the point 1, which every output weighs with 1: a bias added there is added to every output."""

BLOCK_BYTES = 1 << 21
"""Transformed tiles that are worked on at once: they stay in the core's cache until they are multiplied."""

LARGE_KERNELS_BYTES = 4 << 20
"""Transformed kernels of more than this are read once by all threads together, not once by each."""


class Prepared(NamedTuple):
    """Transformed kernels (size², C, OC), and the bias (OC,)."""

    kernels: Array
    bias: Array | None


class Block(NamedTuple):
    """Tiles that are worked on together: of some pictures, some rows of tiles."""

    pictures: slice
    rows: slice


class Winograd(Algorithm):
    """F(m×m, 3×3) for windows side by side.

    Args:
        outputs: m, a key of ``POINTS``.
    """

    order = "nhwc"

    def __init__(self, outputs: int) -> None:
        self.outputs = outputs
        self.size = outputs + TAPS - 1

    def suits(self, task: Convolution) -> bool:
        return task.side_by_side and task.groups == 1 and task.kernel_size == (TAPS, TAPS)

    def tiles(self, task: Convolution) -> Pair:
        """(rows, columns) of tiles that cover one map."""
        rows, columns = task.outputs
        return -(-rows // self.outputs), -(-columns // self.outputs)

    def reach(self, task: Convolution) -> Pair:
        rows, columns = (self.outputs * tiles + TAPS - 1 for tiles in self.tiles(task))
        return max(task.reach[0], rows), max(task.reach[1], columns)

    def prepare(self, weight: Array, bias: Array | None, task: Convolution) -> Prepared:
        g = transforms(self.outputs, TAPS, POINTS[self.outputs]).kernel
        both = np.kron(g, g).astype(weight.dtype)
        out_channels, channels = weight.shape[:2]
        kernels = np.empty((len(both), channels, out_channels), weight.dtype)
        taps = weight.reshape(out_channels, channels, -1).transpose(1, 2, 0)
        for channel in range(channels):
            # pk,cko->pco
            np.matmul(both, taps[channel], out=kernels[:, channel])
        return Prepared(kernels, bias)

    def prepared_for(self, task: Convolution) -> Hashable:
        return task.groups

    def bind(
        self, x: Array, prepared: Prepared, task: Convolution, y: Array, finish: Finish, scratch: Scratch
    ) -> Program:
        tiles = self.tiles(task)
        job = _Job(_matrices(self.outputs, x.dtype), tiles, x, y, prepared, finish, scratch)
        products = task.pictures * tiles[0] * tiles[1] * prepared.kernels.size
        threads = TEAM.size if products >= WORTH_SHARING else 1
        blocks = threads * max(1, round(self._bytes(task) / BLOCK_BYTES / threads))
        if blocks == threads > 1 and prepared.kernels.nbytes > LARGE_KERNELS_BYTES:
            return job.by_phases(_blocks(task.pictures, tiles, threads))
        return job.by_blocks(_blocks(task.pictures, tiles, blocks), threads)

    def _bytes(self, task: Convolution) -> int:
        """All transformed tiles, before or after the multiplication."""
        rows, columns = self.tiles(task)
        numbers = rows * columns * self.size**2 * max(task.in_channels, task.out_channels)
        return task.pictures * numbers * 4


@lru_cache
def _matrices(outputs: int, dtype: np.dtype[Any]) -> Transforms:
    exact = transforms(outputs, TAPS, POINTS[outputs])
    return Transforms(*(matrix.astype(dtype) for matrix in exact))


def _blocks(pictures: int, tiles: Pair, parts: int) -> list[Block]:
    """About ``parts`` blocks of equal size: whole pictures if there are enough, else rows of each.

    >>> [tuple(block) for block in _blocks(1, (5, 9), 2)]
    [(slice(0, 1, None), slice(0, 2, None)), (slice(0, 1, None), slice(2, 5, None))]
    """
    if pictures >= parts:
        return [Block(some, slice(0, tiles[0])) for some in cut(pictures, parts)]
    each = -(-parts // pictures)
    return [Block(slice(n, n + 1), some) for n in range(pictures) for some in cut(tiles[0], each)]


@dataclass(frozen=True)
class _Job:
    """One convolution. Every step is one call that works on all tiles of a block."""

    matrices: Transforms
    tiles: Pair
    x: Array
    y: Array
    prepared: Prepared
    finish: Finish
    scratch: Scratch

    @property
    def m(self) -> int:
        return len(self.matrices.output)

    @property
    def size(self) -> int:
        return len(self.matrices.input)

    def by_blocks(self, blocks: list[Block], threads: int) -> Program:
        """Every thread does everything for some of the blocks."""
        parts: list[Part] = [[] for _ in range(min(threads, len(blocks)))]
        for i, block in enumerate(blocks):
            thread = i * len(parts) // len(blocks)
            v = self._tiles("first", thread, self._count(block), self.x.shape[1])
            m = self._tiles("second", thread, self._count(block), self.y.shape[1])
            parts[thread] += self.take(block, v, thread)
            parts[thread].append(partial(np.matmul, v, self.prepared.kernels, out=m))
            parts[thread] += self.give(block, m, thread)
        return [parts]

    def by_phases(self, blocks: list[Block]) -> Program:
        """A block a thread, and then every thread some of the products of all blocks, and back."""
        counts = [self._count(block) for block in blocks]
        v = self._tiles("all input", 0, sum(counts), self.x.shape[1])
        m = self._tiles("all output", 0, sum(counts), self.y.shape[1])
        ends = np.cumsum(counts).tolist()
        own = [slice(end - count, end) for end, count in zip(ends, counts, strict=True)]
        places = cut(len(v), len(blocks))
        return [
            [self.take(block, v[:, own[i]], i) for i, block in enumerate(blocks)],
            [[partial(np.matmul, v[some], self.prepared.kernels[some], out=m[some])] for some in places],
            [self.give(block, m[:, own[i]], i) for i, block in enumerate(blocks)],
        ]

    def take(self, block: Block, v: Array, thread: int) -> Part:
        """Transform the input of a block's tiles, to v (size², tiles, C)."""
        x = in_order(self.x, "nhwc")[block.pictures, self.m * block.rows.start :]
        n, rows, columns = len(x), block.rows.stop - block.rows.start, self.tiles[1]
        size, channels = self.size, x.shape[3]
        line = (self.m * columns + TAPS - 1) * channels
        by_picture, by_row, _, by_number = x.strides
        windows = as_strided(x, (n, rows, size, line), (by_picture, self.m * by_row, by_row, by_number))
        down = self._buffer("second", thread, (n, rows, size, line))
        by_picture, by_tile, by_i, by_number = down.strides
        cell = channels * by_number
        overlapping = as_strided(
            down,
            (size, size, n, rows, columns, channels),
            (by_i, cell, by_picture, by_tile, self.m * cell, by_number),
        )
        apart = self._buffer("third", thread, overlapping.shape)
        matrix = self.matrices.input
        return [
            # Down the columns of every tile, those of a row of tiles side by side: ih,nth(wc)->nti(wc)
            partial(np.matmul, matrix, windows, out=down),
            partial(np.copyto, apart, overlapping),
            # Along the rows, those of all tiles side by side: jw,iw(ntc)->ij(ntc)
            partial(np.matmul, matrix, apart.reshape(size, size, -1), out=_by_place(v, size)),
        ]

    def give(self, block: Block, m: Array, thread: int) -> Part:
        """Transform products (size², tiles, OC) to a block's outputs; ``m`` is written over."""
        products = _by_place(m, self.size)
        down = self._buffer("first", thread, (self.m, *products.shape[1:]))
        outputs = self._buffer("third", thread, (self.m, self.m, products.shape[2]))
        matrix = self.matrices.output
        steps: Part = [
            # ri,ij(to)->rj(to), then sj,rj(to)->rs(to)
            partial(np.matmul, matrix, products.transpose(1, 0, 2), out=down.transpose(1, 0, 2)),
            partial(np.matmul, matrix, down, out=outputs),
        ]
        if self.prepared.bias is not None:
            at_one = m[AT_ONE * self.size + AT_ONE]
            steps.insert(0, partial(np.add, at_one, self.prepared.bias, out=at_one))
        return steps + self.place(block, outputs)

    def place(self, block: Block, outputs: Array) -> Part:
        """Put (m, m, tiles × OC) where they belong, without what hangs over the edge of the map."""
        y = in_order(self.y, "nhwc")[block.pictures]
        tiles = outputs.reshape(self.m, self.m, len(y), -1, self.tiles[1], y.shape[3])
        steps: Part = []
        for rows, down in _whole_and_rest(self.m, block.rows, y.shape[1]):
            for columns, across in _whole_and_rest(self.m, slice(0, self.tiles[1]), y.shape[2]):
                at = slice(rows.start - block.rows.start, rows.stop - block.rows.start)
                source = tiles[:down, :across, :, at, columns].transpose(2, 3, 0, 4, 1, 5)
                target = y[:, self.m * rows.start :, self.m * columns.start :]
                n, h, w, c = target.strides
                target = as_strided(target, source.shape, (n, self.m * h, h, self.m * w, w, c))
                steps += self.finish.place(source, target)
        if self.finish.residual is not None:
            rows = slice(self.m * block.rows.start, self.m * block.rows.stop)
            steps += self.finish.steps(self.y, block.pictures, rows)
        return steps

    def _count(self, block: Block) -> int:
        pictures: int = block.pictures.stop - block.pictures.start
        rows: int = block.rows.stop - block.rows.start
        return pictures * rows * self.tiles[1]

    def _tiles(self, name: str, thread: int, tiles: int, channels: int) -> Array:
        return self._buffer(name, thread, (self.size**2, tiles, channels))

    def _buffer(self, name: str, thread: int, shape: Shape) -> Array:
        # Three for each thread serve all steps in turns: what one step reads, the next but one overwrites.
        return self.scratch.take(f"{name} {thread}", shape, self.x.dtype)


def _by_place(tiles: Array, size: int) -> Array:
    """(size², tiles, channels) as (size, size, tiles × channels), a view also of some of the tiles."""
    _, count, channels = tiles.shape
    by_place, _, by_number = tiles.strides
    return as_strided(tiles, (size, size, count * channels), (size * by_place, by_place, by_number))


def _whole_and_rest(m: int, tiles: slice, outputs: int) -> list[tuple[slice, int]]:
    """Tiles with all of their m outputs, and the last one with fewer.

    >>> _whole_and_rest(4, slice(0, 3), 10)
    [(slice(0, 2, None), 4), (slice(2, 3, None), 2)]
    """
    whole = min(tiles.stop, outputs // m)
    parts = [(slice(tiles.start, whole), m), (slice(whole, tiles.stop), outputs - m * whole)]
    return [(some, lines) for some, lines in parts if some.stop > some.start]
