"""Running a model: its outputs, the memory that they take, and pictures that it refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import numpy as np
import pytest

from engine.graph import INPUT, Model, Node
from engine.ops.arithmetic import Add
from engine.ops.merge import Concat
from engine.trace import Trace
from engine.types import Array
from tests.engine.compare import assert_close
from tests.engine.memory import measured
from tests.engine.nets import INCEPTION, LENET_5, RESIDUAL, net, picture
from tests.engine.refusals import refusal


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
        twice = Node("sum", Add(), (INPUT, INPUT), {})
        model = Model((1, 4, 5), (twice, Node("both", Concat(), ("sum", INPUT), {})))
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
