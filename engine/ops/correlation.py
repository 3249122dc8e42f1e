"""Sliding kernels over a map: the way from an array in any memory order through a route and back.

Arguments are taken as they are; ``conv2d`` and ``conv_transpose2d`` check them.
"""

from __future__ import annotations

from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.dispatch import AUTOMATIC, algorithm, choose
from engine.ops.kernels.memory import empty, in_order
from engine.ops.kernels.prepared import prepared
from engine.ops.windows import Axes, pad
from engine.types import Array


def correlate(
    x: Array,
    weight: Array,
    axes: Axes,
    groups: int,
    bias: Array | None = None,
    route: str = AUTOMATIC,
) -> Array:
    """Every kernel's products with every window, summed.

    Args:
        x: (N, C, H, W), in any memory order.
        weight: (OC, C / groups, KH, KW), as applied.
        axes: the row axis and the column axis.
        groups: divides C and OC.
        bias: (OC,) or None.
        route: a name of ``kernels.dispatch.ALGORITHMS``, or "automatic".

    Returns:
        (N, OC, OH, OW) in the dtype of x, in the memory order that the route works in.

    Raises:
        EngineError: ``invalid-argument`` for a route that cannot take this.
    """
    task = Convolution(len(x), x.shape[1], len(weight), *axes, groups)
    weight = weight.astype(x.dtype, copy=False)
    name = choose(task, weight) if route == AUTOMATIC else route
    chosen = algorithm(name, task)
    reach = chosen.reach(task)
    fits = reach == x.shape[2:] or (chosen.takes_unpadded and all(axis.mode == "zeros" for axis in axes))
    as_it_is = fits and in_order(x, chosen.order).flags.c_contiguous
    padded = x if as_it_is else pad(x, axes, order=chosen.order, reach=reach)
    y = empty((len(x), len(weight), *task.outputs), chosen.order, x.dtype)
    bias = None if bias is None else bias.astype(x.dtype, copy=False)
    chosen.run(padded, prepared(name, weight, bias, task), task, y)
    return y
