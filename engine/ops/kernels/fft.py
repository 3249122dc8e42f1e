"""Convolution by Fourier transforms: a product in place of a window, the same for a kernel of any size.

The map is cut into tiles that overlap by KH - 1 rows and KW - 1 columns; of every tile the outputs that its
period does not wrap around are kept (overlap-save).
Source: Oppenheim & Schafer, Discrete-Time Signal Processing (3rd ed. 2010), section 8.7.3; for networks:
Mathieu, Henaff & LeCun, "Fast training of convolutional networks through FFTs" (2014).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np

from engine.ops.kernels.algorithm import NOTHING_MORE, Algorithm, Finish
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.memory import Order, workspace
from engine.ops.kernels.pieces import Piece, pieces
from engine.threads import TEAM
from engine.types import Array, Pair

Complexes: TypeAlias = np.ndarray[Any, np.dtype[Any]]
"""complex64 for float32, complex128 for float64."""

LARGEST = 400
"""Rows and columns of a tile at most, unless the kernel itself is larger: tiles should fit the cache."""


class Spectra(NamedTuple):
    """A weight as ``FourierTransform`` multiplies it."""

    weight: Complexes
    """(groups, OC / groups, C / groups, rows, columns // 2 + 1) of a tile, complex, conjugated."""
    bias: Array | None
    """(groups, OC / groups, 1, 1)."""


class FourierTransform(Algorithm):
    """Overlap-save in two dimensions; channels are summed as spectra, before the way back."""

    name: ClassVar[str] = "fft"
    order: ClassVar[Order] = "nchw"
    takes_unpadded: ClassVar[bool] = True

    def suits(self, task: Convolution) -> bool:
        """Windows side by side, in any number of groups."""
        return task.side_by_side

    def tile(self, task: Convolution) -> Pair:
        """(rows, columns) of a tile."""
        return (
            _length(task.outputs[0], task.kernel_size[0]),
            _length(task.outputs[1], task.kernel_size[1]),
        )

    def prepare(self, weight: Array, bias: Array | None, task: Convolution) -> Spectra:
        groups, outputs = task.groups, task.out_channels // task.groups
        spectra = np.fft.rfft2(weight, s=self.tile(task))
        # Correlating is multiplying with the conjugate.
        spectra = np.conj(spectra, out=spectra).reshape(groups, outputs, *spectra.shape[1:])
        return Spectra(spectra, None if bias is None else bias.reshape(groups, outputs, 1, 1))

    def run(
        self, x: Array, prepared: Spectra, task: Convolution, y: Array, finish: Finish = NOTHING_MORE
    ) -> None:
        tile = self.tile(task)

        def compute(piece: Piece) -> None:
            outputs = piece.outputs(y, task)
            _correlate(piece.inputs(x, task, tile), prepared.weight[piece.groups], outputs)
            if prepared.bias is not None:
                np.add(outputs, prepared.bias[piece.groups], out=outputs)
            piece.finish(y, task, finish)

        kept = (tile[0] - task.kernel_size[0] + 1, tile[1] - task.kernel_size[1] + 1)
        TEAM.each(compute, pieces(task, kept[0] * kept[1] * task.out_channels // task.groups, kept))


def _correlate(x: Array, weight: Complexes, outputs: Array) -> None:
    """Tiles (N, G, C, rows, columns) with the spectra (G, OC, C, …) of kernels, to (N, G, OC, OH, OW)."""
    rows, columns = outputs.shape[-2:]
    shape = (*x.shape[:-1], x.shape[-1] // 2 + 1)
    spectrum: Complexes = workspace("spectrum", shape, weight.dtype)
    product: Complexes = workspace("product", (*shape[:2], *shape[3:]), weight.dtype)
    term: Complexes = workspace("term", product.shape, weight.dtype)
    np.fft.fft(np.fft.rfft(x, out=spectrum), axis=-2, out=spectrum)
    for o in range(weight.shape[1]):
        np.multiply(spectrum[:, :, 0], weight[:, o, 0], out=product)
        for c in range(1, x.shape[2]):
            np.multiply(spectrum[:, :, c], weight[:, o, c], out=term)
            np.add(product, term, out=product)
        # Of the columns, rows beyond the outputs need no way back.
        back = np.fft.ifft(product, axis=-2, out=product)[..., :rows, :]
        outputs[:, :, o] = np.fft.irfft(back, x.shape[-1])[..., :columns]


@lru_cache(maxsize=64)
def _length(outputs: int, taps: int) -> int:
    """Of the lengths that transform well, the one whose tiles hold fewest cells in all, in fewest tiles.

    >>> _length(10, 3), _length(3000, 15), _length(28, 1)
    (12, 288, 4)
    """
    most = max(LARGEST, 4 * taps)
    powers = [[base**e for e in range(most.bit_length())] for base in (2, 3, 5)]
    products = (twos * threes * fives for twos in powers[0] for threes in powers[1] for fives in powers[2])
    lengths: list[int] = sorted(products, reverse=True)
    usable = [length for length in lengths if taps <= length <= most]
    cells = [-(-outputs // (length - taps + 1)) * length for length in usable]
    return usable[cells.index(min(cells))]
