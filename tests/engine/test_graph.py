"""Models: what cannot be one, running it, and what is known of it before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from threading import Barrier
from typing import Any

import numpy as np
import pytest

from engine.geometry.receptive_field import Region
from engine.graph import INPUT, Model, Node
from engine.ops.activations import Relu
from engine.ops.arithmetic import Add
from engine.ops.conv2d import Conv2d
from engine.ops.linear import Linear
from engine.ops.losses import SquaredError
from engine.ops.merge import Concat
from engine.ops.operation import Operation
from engine.ops.reshape import Flatten
from engine.trace import Trace
from engine.types import Array, Pair
from tests.engine.compare import assert_close
from tests.engine.memory import measured
from tests.engine.nets import INCEPTION, LENET_5, RESIDUAL, net, picture
from tests.engine.refusals import refusal

SHAPE = (1, 4, 5)


def node(name: str, op: Operation, *inputs: str, **weights: Array) -> Node:
    return Node(name, op, inputs or (INPUT,), weights)


def relu(name: str, *inputs: str) -> Node:
    return node(name, Relu(), *inputs)


def refused(*nodes: Node) -> tuple[Any, ...]:
    error = refusal(Model, SHAPE, nodes)
    return error.code, error.argument, error.value, error.allowed


class TestGraphsThatCannotBe:
    def test_an_input_that_is_not_there(self) -> None:
        expected = ("unknown-node", "inputs of b", "c", "input, a")
        assert refused(relu("a"), relu("b", "c")) == expected

    def test_a_node_before_its_input(self) -> None:
        expected = ("unknown-node", "inputs of a", "b", "input")
        assert refused(relu("a", "b"), relu("b")) == expected

    def test_a_node_that_feeds_itself(self) -> None:
        assert refused(relu("a", "a")) == ("unknown-node", "inputs of a", "a", "input")

    @pytest.mark.parametrize("name", ["a", INPUT])
    def test_a_name_twice(self, name: str) -> None:
        assert refused(relu("a"), relu(name)) == (
            "duplicate-node",
            "name",
            name,
            "a name of its own for every node",
        )

    @pytest.mark.parametrize(
        ("op", "inputs", "allowed"),
        [
            (Relu(), [INPUT, INPUT], "1 input"),
            (Add(), [INPUT], "two or more inputs"),
            (Concat(), [INPUT], "two or more inputs"),
            (SquaredError(), [INPUT], "2 inputs"),
            (SquaredError(), [INPUT, INPUT, INPUT], "2 inputs"),
        ],
    )
    def test_a_wrong_number_of_inputs(self, op: Operation, inputs: list[str], allowed: str) -> None:
        assert refused(node("a", op, *inputs)) == ("wrong-inputs", "inputs of a", inputs, allowed)

    def test_shapes_that_do_not_meet(self) -> None:
        conv = node("conv", Conv2d(kernel_size=(2, 2)), weight=np.ones((1, 1, 2, 2), np.float32))
        expected = ("shape-mismatch", "input of add", [1, 3, 4], "[1, 4, 5], or 1 in the place of some of it")
        assert refused(conv, node("sum", Add(), INPUT, "conv")) == expected

    def test_a_vector_that_should_be_a_map(self) -> None:
        code, argument, value, _ = refused(node("flat", Flatten()), node("conv", Conv2d(), "flat"))
        assert (code, argument, value) == ("shape-mismatch", "input of conv2d", [20])


class TestWeightsThatCannotBe:
    def test_one_is_missing(self) -> None:
        expected = ("invalid-weight", "weight of conv", None, "numbers of shape [1, 1, 3, 3]")
        assert refused(node("conv", Conv2d())) == expected

    def test_one_is_unknown(self) -> None:
        wrong = node("bent", Relu(), weight=np.ones(3))
        assert refused(wrong) == ("invalid-weight", "weight of bent", [3], "none")

    def test_one_has_another_shape(self) -> None:
        wrong = node("conv", Conv2d(), weight=np.ones((1, 2, 3, 3)))
        expected = ("shape-mismatch", "weight of conv", [1, 2, 3, 3])
        assert refused(wrong) == (*expected, "[1, 1, 3, 3] for an input of [1, 4, 5]")

    def test_an_optional_one_may_be_left_out(self) -> None:
        Model(SHAPE, (node("conv", Conv2d(), weight=np.ones((1, 1, 3, 3))),))


class TestOtherWeights:
    def test_they_take_the_place_of_those_named(self) -> None:
        model = net(*RESIDUAL)
        weight = np.ones((4, 1, 3, 3))
        other = model.with_weights({"first.weight": weight})
        assert other.node("first").weights["weight"] is weight
        assert other.node("second").weights["weight"] is model.node("second").weights["weight"]
        assert other.node("second").op is model.node("second").op
        assert not np.array_equal(model.node("first").weights["weight"], weight)

    def test_what_is_shared_stays_so(self) -> None:
        tied = {"op": "conv2d", "name": "tied", "weight": {"node": "conv2d"}}
        model = net({"op": "conv2d"}, tied, size=(9, 11))
        other = model.with_weights({"conv2d.weight": np.ones((1, 1, 3, 3))})
        assert other.node("tied").weights["weight"] is other.node("conv2d").weights["weight"]

    def test_names_and_shapes_that_cannot_be(self) -> None:
        model = net(*RESIDUAL)
        error = refusal(model.with_weights, {"third.weight": np.ones(3)})
        assert (error.code, error.argument, error.value) == ("unknown-weight", "weights", "third.weight")
        error = refusal(model.with_weights, {"first.weight": np.ones(3)})
        assert (error.code, error.argument) == ("shape-mismatch", "weight of first")


class TestLookingAround:
    def test_nodes_come_in_order_and_by_name(self) -> None:
        model = net(*RESIDUAL)
        assert [each.name for each in model] == ["first", "bent", "second", "shortcut", "sum", "out"]
        assert model.node("sum").inputs == ("second", "shortcut")

    def test_an_unknown_node(self) -> None:
        error = refusal(Model(SHAPE, (relu("a"), relu("b"))).node, "c")
        assert (error.code, error.argument, error.value, error.allowed) == (
            "unknown-node",
            "node",
            "c",
            "a, b",
        )

    def test_consumers(self) -> None:
        model = net(*INCEPTION)
        assert [each.name for each, _ in model.consumers(INPUT)] == ["one", "squeeze", "pool"]
        assert [(each.name, i) for each, i in model.consumers("five")] == [("joined", 2)]
        assert model.consumers("joined") == []
        twice = Model(SHAPE, (node("sum", Add(), INPUT, INPUT),))
        assert [i for _, i in twice.consumers(INPUT)] == [0, 1]

    def test_shapes(self) -> None:
        model = net(*INCEPTION, size=(6, 7), channels=2)
        assert model.shapes["joined"] == (1, 2 + 3 + 1 + 2, 6, 7)
        assert model.shapes_for((2, 20, 10))["joined"] == (1, 8, 20, 10)


class TestRunning:
    def test_a_residual_block(self) -> None:
        model = net(*RESIDUAL)
        trace = model.run(picture(model, pictures=2))
        second, shortcut = trace.output("second"), trace.output("shortcut")
        assert np.array_equal(trace.output("sum"), second + shortcut)
        assert np.array_equal(trace.output("out"), np.maximum(second + shortcut, 0))
        assert not np.array_equal(second, trace.output("out"))

    def test_parallel_kernels_joined(self) -> None:
        model = net(*INCEPTION)
        trace = model.run(picture(model, pictures=2))
        parts = [trace.output(name) for name in ("one", "three", "five", "pool")]
        assert np.array_equal(trace.output("joined"), np.concatenate(parts, axis=1))

    def test_one_output_taken_twice(self) -> None:
        model = Model(SHAPE, (node("sum", Add(), INPUT, INPUT), node("both", Concat(), "sum", INPUT)))
        x = picture(model)
        assert np.array_equal(model.run(x).output("both"), np.concatenate([2 * x, x], axis=1))

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_every_output_is_kept_in_the_dtype_of_the_picture(self, dtype: type) -> None:
        model = net(*LENET_5, size=(28, 28))
        x = picture(model, pictures=3).astype(dtype)
        before = x.copy()
        trace = model.run(x)
        assert list(trace.outputs) == [INPUT, *(each.name for each in model)]
        assert trace.output(INPUT) is x
        assert np.array_equal(x, before)
        for name, y in trace.outputs.items():
            assert y.dtype == dtype
            assert y.shape == (3, *model.shapes[name][1:])

    def test_a_batch_is_picture_after_picture(self) -> None:
        model = net(*INCEPTION, channels=2)
        x = picture(model, pictures=3)
        together = model.run(x).output("joined")
        for i in range(3):
            assert_close(model.run(x[i : i + 1]).output("joined"), together[i : i + 1], 1e-6)

    def test_two_threads_share_a_model(self) -> None:
        model = net(*RESIDUAL, *INCEPTION[:1], size=(17, 23))
        pictures = [picture(model, seed=seed) for seed in range(2)]
        expected = [model.run(x).outputs for x in pictures]
        start = Barrier(2)

        def runs(x: Array) -> list[Trace]:
            start.wait(timeout=10)
            return [model.run(x) for _ in range(20)]

        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(runs, pictures))
        for traces, outputs in zip(found, expected, strict=True):
            for trace in traces:
                assert all(np.array_equal(trace.output(name), y) for name, y in outputs.items())


class TestMemory:
    def test_nothing_is_kept_beside_the_outputs(self) -> None:
        # Batch normalisation keeps its normalised map for backward, ReLU a mark for every number.
        model = net(*[{"op": op} for op in ("batch_norm2d", "relu", "max_pool2d", "tanh")] * 3, size=(64, 66))
        x = picture(model, pictures=8)
        trace, memory = measured(lambda: model.run(x))
        outputs = sum(y.nbytes for name, y in trace.outputs.items() if name != INPUT)
        assert memory.kept < 1.01 * outputs + 100_000
        assert memory.most < 2 * outputs

    def test_convolutions_are_unrolled_in_bands(self) -> None:
        # All windows at once would be nine times the picture; it is padded once, and has one output.
        model = net({"op": "conv2d", "out_channels": 32, "padding": 1}, channels=32, size=(128, 130))
        x = picture(model)
        trace, memory = measured(lambda: model.run(x))
        assert memory.most < 4 * trace.output("conv2d").nbytes

    def test_caches_are_kept_for_whom_asks(self) -> None:
        model = net(*RESIDUAL)
        caches: dict[str, Any] = {}
        trace = model.run(picture(model), caches=caches)
        assert list(caches) == [each.name for each in model]
        assert caches["second"].x is trace.output("bent")


class TestBeforeNode:
    def test_it_is_called_ahead_of_every_node(self) -> None:
        model = net(*RESIDUAL)
        seen: list[str] = []
        model.run(picture(model), before_node=lambda each: seen.append(each.name))
        assert seen == [each.name for each in model]

    def test_what_it_raises_stops_the_run(self) -> None:
        class StopError(Exception):
            pass

        model, seen = net(*RESIDUAL), []

        def stop(each: Node) -> None:
            seen.append(each.name)
            if each.name == "second":
                raise StopError

        with pytest.raises(StopError):
            model.run(picture(model), before_node=stop)
        assert seen == ["first", "bent", "second"]


class TestNumbersThatAreNotFinite:
    def test_the_first_node_is_named(self) -> None:
        # 1e30 fits float32, its square does not; the two branches after it are not reached.
        model = net(
            {"op": "relu", "name": "fine"},
            {"op": "conv2d", "name": "large", "weight": [[1e30]]},
            {"op": "conv2d", "name": "too_large", "weight": [[1e30]]},
            {"op": "relu", "name": "after"},
        )
        error = refusal(model.run, np.ones((1, 1, 9, 11), np.float32))
        assert (error.code, error.argument, error.value) == ("non-finite", "node", "too_large")

    def test_what_is_no_number_is_found_too(self) -> None:
        model = net({"op": "batch_norm2d", "running_mean": 0, "running_var": -1})
        assert refusal(model.run, picture(model)).value == "batch_norm2d"

    @pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
    def test_a_picture_of_such_numbers(self, wrong: float) -> None:
        # A step would make a fine 0 or 1 of it.
        model = net({"op": "step"})
        x = picture(model)
        x[0, 0, 3, 4] = wrong
        error = refusal(model.run, x)
        assert (error.code, error.argument, error.value) == ("non-finite", "node", INPUT)


class TestPictures:
    def test_another_size(self) -> None:
        model = net(*RESIDUAL)
        x = np.random.default_rng(0).standard_normal((1, 1, 20, 6)).astype(np.float32)
        y = model.run(x).output("out")
        assert y.shape == (1, 4, 20, 6)
        larger = Model((1, 20, 6), model.nodes)
        assert np.array_equal(y, larger.run(x).output("out"))

    def test_another_size_that_the_weights_do_not_take(self) -> None:
        model = net(*LENET_5, size=(28, 28))
        error = refusal(model.run, np.ones((1, 1, 32, 32), np.float32))
        assert (error.code, error.argument) == ("shape-mismatch", "weight of fc_5")
        assert (error.value, error.allowed) == ([120, 400], "[120, 576] for an input of [576]")

    def test_unshared_kernels_have_one_size(self) -> None:
        model = net({"op": "local2d"})
        error = refusal(model.run, np.ones((1, 1, 9, 12), np.float32))
        assert (error.code, error.argument) == ("shape-mismatch", "weight of local2d")

    def test_a_picture_smaller_than_the_kernel(self) -> None:
        model = net(*LENET_5[:4], size=(28, 28))
        assert refusal(model.run, np.ones((1, 1, 6, 6), np.float32)).code == "kernel-too-large"

    def test_other_channels(self) -> None:
        for nodes in (RESIDUAL, [{"op": "batch_norm2d", "weight": 2}]):
            model = net(*nodes)
            assert refusal(model.run, np.ones((1, 3, 9, 11), np.float32)).code == "shape-mismatch"

    @pytest.mark.parametrize("shape", [(9, 11), (1, 9, 11), (0, 1, 9, 11), (1, 1, 0, 11), (1, 1, 1, 9, 11)])
    def test_arrays_that_are_no_pictures(self, shape: tuple[int, ...]) -> None:
        error = refusal(net({"op": "relu"}).run, np.ones(shape, np.float32))
        assert (error.code, error.argument, error.value) == ("shape-mismatch", "x", list(shape))

    @pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.complex64, np.bool_])
    def test_numbers_of_another_kind(self, dtype: type) -> None:
        error = refusal(net(*RESIDUAL).run, np.ones((1, 1, 9, 11), dtype))
        assert (error.code, error.argument, error.allowed) == ("invalid-argument", "x", "float32 or float64")


class TestDescriptions:
    def test_the_edge_detector(self) -> None:
        # Goodfellow et al., section 9.2: 267,960 operations, of which every third is the addition.
        (edges,) = net({"op": "conv2d", "weight": "difference_x"}, size=(280, 320)).describe()
        assert edges.output_shape == (1, 280, 319)
        assert edges.parameters == 2
        assert edges.multiply_adds // 2 * 3 == 267_960

    def test_lenet_5(self) -> None:
        described = {each.node.name: each for each in net(*LENET_5, size=(28, 28)).describe()}
        counts = {name: each.parameters for name, each in described.items() if each.parameters}
        assert counts == {"conv2d": 156, "conv_3": 2_416, "fc_5": 48_120, "fc_6": 10_164, "fc_7": 850}
        assert sum(counts.values()) == 61_706
        costs = {name: each.multiply_adds for name, each in described.items() if name in counts}
        assert costs == {
            "conv2d": 25 * 6 * 28 * 28,
            "conv_3": 25 * 6 * 16 * 10 * 10,
            "fc_5": 400 * 120,
            "fc_6": 120 * 84,
            "fc_7": 84 * 10,
        }
        assert described["flatten"].output_shape == (400, 1, 1)
        assert described["softmax"].output_shape == (10, 1, 1)

    def test_running_statistics_are_no_parameters(self) -> None:
        settings = {"weight": 1, "bias": 0, "running_mean": 0, "running_var": 1}
        (described,) = net({"op": "batch_norm2d", **settings}, channels=3).describe()
        assert described.parameters == 2 * 3

    def test_shared_parameters_are_counted_once(self) -> None:
        tied = {"op": "conv2d", "name": "tied", "weight": {"node": "conv2d"}, "bias": 1}
        first, second = net({"op": "conv2d", "bias": 1}, tied, size=(9, 11)).describe()
        assert (first.parameters, second.parameters) == (10, 1)
        assert second.multiply_adds == 9 * 5 * 7

    def test_a_separable_convolution_costs_one_part_in_outputs_plus_one_in_taps(self) -> None:
        channels, outputs, size = 4, 8, (10, 12)
        (whole,) = net(
            {"op": "conv2d", "out_channels": outputs, "padding": 1}, size=size, channels=channels
        ).describe()
        parts = net(
            {"op": "conv2d", "groups": channels, "padding": 1},
            {"op": "conv2d", "out_channels": outputs, "kernel_size": 1},
            size=size,
            channels=channels,
        ).describe()
        share = sum(each.multiply_adds for each in parts) / whole.multiply_adds
        assert share == pytest.approx(1 / outputs + 1 / 9)
        assert sum(each.parameters for each in parts) / whole.parameters == pytest.approx(share)

    def test_branches(self) -> None:
        described = {each.node.name: each for each in net(*INCEPTION, channels=2).describe()}
        assert described["joined"].output_shape == (8, 9, 11)
        assert described["joined"].field_size == (5, 5)
        assert described["joined"].field_start == (-2, -2)
        assert (described["pool"].parameters, described["joined"].multiply_adds) == (0, 0)

    def test_the_fields_of_published_networks(self) -> None:
        # Araujo, Norris & Sim (2019), table 1.
        vgg_16 = [layer for convs in (2, 2, 3, 3, 3) for layer in [(3, 1, 1)] * convs + [(2, 2, 0)]]
        alexnet = [(11, 4, 2), (3, 2, 0), (5, 1, 2), (3, 2, 0), (3, 1, 1), (3, 1, 1), (3, 1, 1), (3, 2, 0)]
        for layers, size, stride in ((vgg_16, 212, 32), (alexnet, 195, 32)):
            nodes = [
                {"op": "conv2d" if k % 2 else "avg_pool2d", "kernel_size": k, "stride": s, "padding": p}
                for k, s, p in layers
            ]
            last = net(*nodes, size=(224, 225)).describe()[-1]
            assert (last.field_size, last.field_stride) == ((size, size), (stride, stride))


# By layer: how a chain is written, with weights that are all positive.
def conv(kernel: Any = 3, **settings: Any) -> dict[str, Any]:
    return {"op": "conv2d", "kernel_size": kernel, "weight": 1, **settings}


def pool(kernel: Any = 2, **settings: Any) -> dict[str, Any]:
    return {"op": "max_pool2d", "kernel_size": kernel, **settings}


def up(kernel: Any, stride: Any, **settings: Any) -> dict[str, Any]:
    return {"op": "conv_transpose2d", "kernel_size": kernel, "stride": stride, "weight": 1, **settings}


def average(kernel: Any, **settings: Any) -> dict[str, Any]:
    return {"op": "avg_pool2d", "kernel_size": kernel, **settings}


CHAINS: dict[str, tuple[dict[str, Any], ...]] = {
    "conv": (conv(),),
    "even": (conv([2, 4], padding=[1, 0, 2, 1]),),
    "deep": (conv(), conv(), conv([3, 1])),
    "padded": (conv(padding=1), conv(5, padding=2)),
    "strided": (conv(3, stride=[2, 3]), conv(2)),
    "same": (conv(4, padding="same"), conv(3, stride=2, padding="same")),
    "full": (conv(3, padding="full"),),
    "dilated": (conv(3, dilation=2), conv([2, 3], dilation=[3, 1], padding=1)),
    "pooled": (conv(padding=1), pool(2), conv(2)),
    "overlapping": (pool(3, stride=2), average(2, stride=1)),
    "ceiling": (pool(2, ceil_mode=True), pool(3, stride=2, padding=1)),
    "pointwise": (conv(), {"op": "relu"}, {"op": "batch_norm2d", "running_mean": 0, "running_var": 1}),
    "unshared": ({"op": "tiled2d", "kernel_size": 3, "weight": 1}, {"op": "lp_pool2d", "stride": 1}),
}
BRANCHES: dict[str, tuple[dict[str, Any], ...]] = {
    "residual": (
        conv(name="a", padding=1),
        conv(name="b", padding=1),
        {"op": "add", "inputs": ["b", "input"]},
        conv(2),
    ),
    "inception": (
        conv(1, name="one", inputs=["input"]),
        conv(5, name="five", padding=2, inputs=["input"]),
        pool(3, name="pool", stride=1, padding=1, inputs=["input"]),
        {"op": "concat", "inputs": ["one", "five", "pool"]},
    ),
    "lopsided": (
        conv(3, name="left", padding=[1, 1, 2, 0], inputs=["input"]),
        conv(3, name="right", padding=[1, 1, 0, 2], inputs=["input"]),
        {"op": "add", "inputs": ["left", "right"]},
    ),
}
UPWARDS: dict[str, tuple[dict[str, Any], ...]] = {
    "transposed": (up(3, 2),),
    "cropped": (up([4, 3], [2, 1], padding=1, output_padding=[1, 0]),),
    "gaps": (up(2, 3),),
    "down and up": (conv(3, stride=2, padding=1), up(4, 2, padding=1)),
    "up and down": (up(1, 3), conv(2)),
    "gaps, then down": (up(2, 4), conv(2, stride=3)),
    "down, then gaps": (conv(3), up(1, 3)),
    "skipping": (
        conv(3, name="down", stride=2, padding=1),
        up(3, 2, name="up", padding=1, output_padding=[1, 0]),
        {"op": "add", "inputs": ["up", "input"]},
    ),
}
RESIZED: dict[str, tuple[dict[str, Any], ...]] = {
    "nearest": ({"op": "resize", "scales": [2, 2]},),
    "linear": (conv(), {"op": "resize", "scales": [2, 3], "mode": "linear"}),
    "by a fraction": ({"op": "resize", "sizes": [7, 9]},),
    "then a convolution": (pool(2), {"op": "resize", "scales": [2, 2]}, conv()),
    "depth to space": (conv(out_channels=4), {"op": "depth_to_space", "blocksize": 2}),
}


def influences(model: Model) -> Array:
    """(H, W, OH, OW): whether a cell of the picture moves an output; all weights are positive.

    A single 1 on a picture of zeros leaves a trace wherever it is used, and nothing can hide it.
    """
    channels, rows, columns = model.input_shape
    dots = np.eye(rows * columns).reshape(-1, 1, rows, columns).repeat(channels, axis=1)
    y = model.run(dots).output(model.nodes[-1].name)
    return y.any(axis=1).reshape(rows, columns, *y.shape[2:])


def box(cells: Array) -> Region | None:
    """The smallest rectangle that holds the cells marked in (H, W)."""
    rows, columns = np.nonzero(cells)
    if not len(rows):
        return None
    return Region((int(rows.min()), int(columns.min())), (int(rows.max()) + 1, int(columns.max()) + 1))


def within(inner: Region, outer: Region) -> bool:
    return inner.union(outer) == outer


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


def test_weights_of_linear_layers_are_checked() -> None:
    flat = node("flat", Flatten())
    linear = node("fc", Linear(out_features=2), "flat", weight=np.ones((2, 19), np.float32))
    assert refused(flat, linear)[:3] == ("shape-mismatch", "weight of fc", [2, 19])
