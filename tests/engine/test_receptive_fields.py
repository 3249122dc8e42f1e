"""Receptive fields of graphs: what an output depends on, tried number by number."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from engine.geometry.receptive_field import Region
from engine.graph import INPUT, Model
from engine.types import Pair
from tests.engine.nets import net
from tests.engine.receptive_fields import (
    BRANCHES,
    CHAINS,
    RESIZED,
    UPWARDS,
    box,
    conv,
    influences,
    pool,
    up,
    within,
)
from tests.engine.refusals import refusal


@pytest.mark.parametrize("name", [*CHAINS, *BRANCHES, *UPWARDS])
def test_the_receptive_field_is_what_an_output_depends_on(name: str) -> None:
    size = (12, 13)
    model = net(*{**CHAINS, **BRANCHES, **UPWARDS}[name], size=size)
    moved = influences(model)
    inside = 0
    for row, column in np.ndindex(*moved.shape[2:]):
        cell = Region((row, column), (row + 1, column + 1))
        region = model.receptive_field(model.nodes[-1].name, cell)
        found = box(moved[:, :, row, column])
        if found is None:
            assert region.empty or not within(region, Region((0, 0), size))
            continue
        assert within(found, region)
        if within(region, Region((0, 0), size)):
            # Nothing of it is padding: then every edge of it counts.
            assert found == region
            inside += 1
    assert inside > 0 or name == "full"


def recurrence(model: Model) -> tuple[Pair, Pair]:
    """Size and stride of a chain's field; layer by layer, r ← r + (span - 1) j and j ← j s."""
    sizes, steps = [1, 1], [1, 1]
    for each in model:
        kernel = getattr(each.op, "kernel_size", (1, 1))
        dilation = getattr(each.op, "dilation", (1, 1))
        stride = getattr(each.op, "stride", (1, 1)) or kernel
        for axis in (0, 1):
            sizes[axis] += dilation[axis] * (kernel[axis] - 1) * steps[axis]
            steps[axis] *= stride[axis]
    return (sizes[0], sizes[1]), (steps[0], steps[1])


@pytest.mark.parametrize("name", [*CHAINS, *BRANCHES])
def test_size_stride_and_start_give_every_field(name: str) -> None:
    model = net(*{**CHAINS, **BRANCHES}[name], size=(12, 13))
    last = model.describe()[-1]
    (size, stride, start), shape = astuple(last)[-3:], last.output_shape
    assert name in BRANCHES or (size, stride) == recurrence(model)
    assert stride is not None
    for row, column in np.ndindex(*shape[1:]):
        first = (start[0] + row * stride[0], start[1] + column * stride[1])
        expected = Region(first, (first[0] + size[0], first[1] + size[1]))
        found = model.receptive_field(last.node.name, Region((row, column), (row + 1, column + 1)))
        assert found == expected


@pytest.mark.parametrize("name", [*UPWARDS, *RESIZED])
def test_fields_that_move_unevenly_have_no_stride(name: str) -> None:
    model = net(*{**UPWARDS, **RESIZED}[name], size=(12, 13))
    last = model.describe()[-1]
    assert last.field_stride is None
    starts, sizes = set(), set()
    rows, columns = last.output_shape[1:]
    for i in range(min(rows, columns) - 1):
        here, there = (
            model.receptive_field(last.node.name, Region((j, j), (j + 1, j + 1))) for j in (i, i + 1)
        )
        starts.add((there.start[0] - here.start[0], there.start[1] - here.start[1]))
        sizes |= {here.size, there.size}
    assert len(starts) > 1 or len(sizes) > 1


def test_what_goes_up_and_comes_down_again_moves_evenly() -> None:
    for up_again in (RESIZED["nearest"], (up(2, 2),)):
        model = net(conv(), *up_again, pool(2), size=(12, 13))
        assert model.describe()[-1].field_stride == (1, 1)


def test_a_rectangle_of_outputs_sees_the_union_of_its_cells() -> None:
    model = net(*CHAINS["strided"], size=(12, 13))
    corners = [Region((0, 0), (1, 1)), Region((2, 1), (3, 2))]
    one, other = (model.receptive_field("conv2d_2", corner) for corner in corners)
    assert model.receptive_field("conv2d_2", corners[0].union(corners[1])) == one.union(other)


def test_the_field_of_the_picture_is_itself() -> None:
    region = Region((2, 1), (3, 4))
    assert net({"op": "relu"}).receptive_field(INPUT, region) == region


def test_behind_a_flatten_lies_everything() -> None:
    model = net(conv(), {"op": "flatten"}, {"op": "linear", "out_features": 2}, size=(6, 7))
    last = model.describe()[-1]
    assert (last.field_size, last.field_stride, last.field_start) == ((6, 7), (0, 0), (0, 0))


def test_the_field_of_an_unknown_node() -> None:
    error = refusal(net({"op": "relu"}).receptive_field, "conv", Region((0, 0), (1, 1)))
    assert (error.code, error.value) == ("unknown-node", "conv")
