"""What the books say of transposed convolution, found true of ``conv_transpose2d``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.ops.conv2d import Conv2d, conv2d, conv2d_backward
from engine.ops.conv_transpose2d import conv_transpose2d, transposed_stages
from engine.ops.operation import Operation
from engine.ops.parameters import read_parameters
from engine.ops.registry import OPERATIONS
from engine.types import Array, Pair
from tests.engine.compare import assert_close


def transposed(**config: Any) -> Operation:
    cls = OPERATIONS["conv_transpose2d"]
    return cls(**read_parameters(cls, config))


def draw(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


SETTINGS = [
    {},
    {"stride": (2, 3)},
    {"padding": (1, 2)},
    {"dilation": (2, 1)},
    {"stride": (3, 2), "padding": (1, 1), "dilation": (1, 2)},
]


def rest(size: Pair, kernel_size: Pair, settings: dict[str, Pair]) -> Pair:
    """Cells that no window of the convolution reaches: the transposed one must add them as output padding."""
    one, none = (1, 1), (0, 0)
    cells = [
        size[i]
        + 2 * settings.get("padding", none)[i]
        - settings.get("dilation", one)[i] * (kernel_size[i] - 1)
        - 1
        for i in (0, 1)
    ]
    stride = settings.get("stride", one)
    return (cells[0] % stride[0], cells[1] % stride[1])


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("groups", [1, 2])
def test_it_is_the_adjoint_of_convolution(settings: dict[str, Pair], groups: int) -> None:
    # ⟨conv x, y⟩ = ⟨x, convᵀ y⟩ with the same weight: its first axis counts the inputs of the one, here.
    x, weight = draw(2, 4, 9, 8), draw(6, 4 // groups, 3, 2)
    forward, cache = conv2d(x, weight, groups=groups, **settings)
    y = draw(*forward.shape)
    op = transposed(
        out_channels=4,
        kernel_size=(3, 2),
        groups=groups,
        output_padding=rest((9, 8), (3, 2), settings),
        **settings,
    )
    back, _ = op.forward([y], {"weight": weight})
    assert back.shape == x.shape
    assert np.vdot(forward, y) == pytest.approx(np.vdot(x, back), rel=1e-12)
    # Which is the convolution's own gradient.
    assert_close(back, conv2d_backward(y, cache).x, 1e-13)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_its_shape_undoes_that_of_convolution(settings: dict[str, Pair]) -> None:
    for size in ((9, 8), (7, 12), (10, 11)):
        small = Conv2d(kernel_size=(3, 2), **settings).output_shape((1, 1, *size))
        op = transposed(kernel_size=(3, 2), output_padding=rest(size, (3, 2), settings), **settings)
        assert op.output_shape(small) == (1, 1, *size)


def test_it_is_spreading_framing_and_convolving() -> None:
    # Spread by the stride, frame of k - 1 zeros, crop the padding, convolve with the turned kernel.
    x, weight, stride, padding = draw(1, 1, 3, 4), draw(1, 1, 3, 2), (2, 3), (1, 0)
    spread = np.zeros((1, 1, 2 * stride[0] + 1, 3 * stride[1] + 1))
    spread[:, :, :: stride[0], :: stride[1]] = x
    framed = np.pad(spread, ((0, 0), (0, 0), (2, 2), (1, 1)))
    cropped = framed[
        :, :, padding[0] : framed.shape[2] - padding[0], padding[1] : framed.shape[3] - padding[1]
    ]
    expected, _ = conv2d(cropped, weight, flip=True)
    op = transposed(kernel_size=(3, 2), stride=stride, padding=padding)
    assert_close(op.forward([x], {"weight": weight})[0], expected, 1e-14)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_stages_end_in_the_same_map(settings: dict[str, Pair]) -> None:
    x, weight, bias = draw(2, 4, 3, 5), draw(4, 3, 3, 2), draw(6)
    stages = transposed_stages(x, weight, bias, groups=2, **settings)
    assert [stage.name for stage in stages] == ["spread", "frame", "crop", "convolve"]
    assert_close(stages[-1].array, conv_transpose2d(x, weight, bias, groups=2, **settings)[0], 1e-13)


def test_a_kernel_that_the_stride_does_not_divide_draws_a_checkerboard() -> None:
    x = np.ones((1, 1, 5, 6), dtype=np.float32)

    def levels(kernel_size: int) -> set[float]:
        op = transposed(kernel_size=kernel_size, stride=2)
        y, _ = op.forward([x], {"weight": np.ones((1, 1, kernel_size, kernel_size), dtype=np.float32)})
        return set(y[0, 0, 3:-3, 3:-3].ravel().tolist())

    assert levels(3) == {1, 2, 4}
    assert levels(2) == {1}
    assert levels(4) == {4}
