"""Convolutions in which an output channel reads some input channels only: groups, and tables."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from engine.ops.connections import channels_fed, channels_read
from engine.ops.conv2d import Conv2d, conv2d, conv2d_backward
from engine.trace import explain
from engine.types import Array
from tests.engine.compare import assert_close
from tests.engine.nets import net, picture
from tests.engine.refusals import refusal

TABLE = ((1, 0, 1, 0), (0, 1, 0, 0), (1, 1, 1, 1))
ZERO = ~np.array(TABLE, dtype=bool)


def drawn(*shape: int) -> Array:
    return np.random.default_rng(shape).standard_normal(shape)


class TestTheFunction:
    def test_it_is_the_whole_convolution_with_zeros(self) -> None:
        x, weight = drawn(2, 4, 5, 6), drawn(3, 4, 2, 3)
        zeroed = weight.copy()
        zeroed[ZERO] = 0
        given = weight.copy()
        expected, cache = conv2d(x, zeroed)
        found, own_cache = conv2d(x, weight, connections=TABLE)
        assert np.array_equal(found, expected)
        assert np.array_equal(weight, given)
        upstream = drawn(*found.shape)
        grads, whole = conv2d_backward(upstream, own_cache), conv2d_backward(upstream, cache)
        assert np.array_equal(grads.x, whole.x)
        assert not grads.weight[ZERO].any()
        assert np.array_equal(grads.weight[~ZERO], whole.weight[~ZERO])
        assert whole.weight[ZERO].all()

    def test_groups_are_such_a_table(self) -> None:
        x, weight = drawn(1, 6, 5, 7), drawn(4, 3, 3, 2)
        table = tuple((1, 1, 1, 0, 0, 0) if o < 2 else (0, 0, 0, 1, 1, 1) for o in range(4))
        wide = np.concatenate([weight, weight], axis=1)
        expected, _ = conv2d(x, weight, groups=2)
        assert_close(conv2d(x, wide, connections=table)[0], expected, 1e-14)

    def test_both_at_once_are_refused(self) -> None:
        error = refusal(conv2d, drawn(1, 4, 5, 6), drawn(4, 2, 1, 1), groups=2, connections=TABLE)
        assert (error.code, error.argument, error.value) == ("invalid-argument", "groups", 2)

    def test_a_table_of_another_size(self) -> None:
        for x, weight in ((drawn(1, 3, 5, 6), drawn(3, 3, 1, 1)), (drawn(1, 4, 5, 6), drawn(2, 4, 1, 1))):
            error = refusal(conv2d, x, weight, connections=TABLE)
            assert (error.code, error.argument, error.value) == ("shape-mismatch", "connections", [3, 4])


@pytest.mark.parametrize("settings", [{}, {"groups": 2}, {"connections": ((1, 0, 1, 0), (0, 1, 1, 1))}])
def test_read_and_fed_are_each_others_inverse(settings: dict[str, Any]) -> None:
    pairs = {(o, c) for o in range(2) for c in channels_read(o, 4, 2, **settings)}
    assert pairs == {(o, c) for c in range(4) for o in channels_fed(c, 4, 2, **settings)}
    assert len(pairs) == {"groups": 4, "connections": 5}.get(next(iter(settings), ""), 8)


class TestInAModel:
    CONV: ClassVar[dict[str, Any]] = {
        "op": "conv2d",
        "kernel_size": [2, 3],
        "connections": [list(row) for row in TABLE],
    }

    def test_output_channels_follow_from_the_rows(self) -> None:
        op = net(self.CONV, channels=4).node("conv2d").op
        assert isinstance(op, Conv2d)
        assert (op.out_channels, op.connections) == (3, TABLE)

    def test_only_connected_channels_are_counted(self) -> None:
        (described,) = net({**self.CONV, "bias": 0}, channels=4).describe()
        assert described.parameters == 7 * 6 + 3
        _, rows, columns = described.output_shape
        assert described.multiply_adds == 7 * 6 * rows * columns

    @pytest.mark.parametrize("source", [None, {"init": "ones"}, "box", [[1, 2, 3], [4, 5, 6]]])
    def test_a_weight_is_0_where_nothing_is_connected(self, source: Any) -> None:
        weight = net({**self.CONV, "weight": source}, channels=4).node("conv2d").weights["weight"]
        assert not weight[ZERO].any()
        assert weight[~ZERO].all()

    def test_only_connected_channels_are_explained(self) -> None:
        model = net(self.CONV, channels=4)
        trace = model.run(picture(model))
        for channel, read in enumerate(([0, 2], [1], [0, 1, 2, 3])):
            made = explain(trace, "conv2d", (channel, 1, 2))
            assert made.terms.grid == (len(read), 2, 3)
            assert sorted(set(made.terms.positions[:, 0].tolist())) == read
            assert sorted(set(made.terms.weight_indices[:, 1].tolist())) == read  # type: ignore[index]
            assert made.total == pytest.approx(made.value, rel=1e-5)
