"""Backward through whole models: small steps agree, branches and shared weights add up, nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import numpy as np
import pytest

from engine.gradients import Gradients, backward, gradients, record
from engine.graph import INPUT, Model
from engine.ops.correlation_gradients import input_gradient
from engine.specification import build_model
from engine.types import Array
from tests.engine.compare import assert_close
from tests.engine.nets import INCEPTION, LENET_5, RESIDUAL, net, picture
from tests.engine.references import NETWORKS, Reference
from tests.engine.refusals import refusal

STEP = 1e-5

SHARED: tuple[dict[str, Any], ...] = (
    {"op": "conv2d", "name": "first", "padding": 1, "bias": 0.5},
    {"op": "tanh"},
    {
        "op": "conv2d",
        "name": "again",
        "padding": 1,
        "weight": {"node": "first"},
        "bias": {"node": "first"},
    },
    {"op": "tanh", "name": "tanh_again"},
    {"op": "conv2d", "name": "third", "padding": 1, "weight": {"node": "again"}, "bias": 0.1},
)
"""One kernel, three times."""

NORMALISED: tuple[dict[str, Any], ...] = (
    {"op": "conv2d", "name": "conv1", "out_channels": 3, "padding": 1, "stride": 2},
    {"op": "batch_norm2d", "name": "bn1", "weight": 1.5, "bias": 0.1, "running_mean": 0.2, "running_var": 2},
    {"op": "tanh", "name": "bent"},
    {"op": "conv2d", "name": "conv2", "out_channels": 3, "padding": 1},
    {"op": "batch_norm2d", "name": "bn2"},
    {"op": "conv2d", "name": "down", "out_channels": 3, "kernel_size": 1, "stride": 2, "inputs": ["input"]},
    {"op": "add", "name": "sum", "inputs": ["bn2", "down"]},
    {"op": "tanh", "name": "out"},
    {"op": "add", "name": "twice", "inputs": ["out", "out"]},
    {"op": "flatten"},
    {"op": "linear", "out_features": 4, "bias": 0},
)
"""A residual block with normalisation and a strided shortcut; one output is taken twice by the same node."""

NETS = {"inception": INCEPTION, "residual": RESIDUAL, "shared": SHARED, "normalised": NORMALISED}


def upstream(model: Model, *names: str, pictures: int = 1) -> dict[str, Array]:
    """Random gradients by the outputs of some nodes."""
    shapes = {name: (pictures, *model.shapes[name][1:]) for name in names}
    return {
        name: np.random.default_rng([i, *shape]).standard_normal(shape)
        for i, (name, shape) in enumerate(shapes.items())
    }


def against(model: Model, x: Array, grads: Mapping[str, Array]) -> float:
    """The number L whose gradients by some outputs are ``grads``."""
    trace = model.run(x)
    return sum(float(np.vdot(grad, trace.output(name))) for name, grad in grads.items())


def check(model: Model, x: Array, grads: Mapping[str, Array], found: Gradients) -> None:
    """Each gradient agrees, along a random direction, with what a small step there does to L."""

    def agrees(name: str, found: Array, low: float, high: float, direction: Array) -> None:
        expected, actual = (high - low) / (2 * STEP), float(np.vdot(found, direction))
        scale = max(abs(expected), float(np.linalg.norm(found)), 1e-3)
        assert abs(actual - expected) <= 1e-6 * scale, f"{name}: {actual}, not {expected}"

    rng = np.random.default_rng(1)
    direction = rng.standard_normal(x.shape)
    ends = [against(model, x + step * direction, grads) for step in (-STEP, STEP)]
    agrees(INPUT, found.input, *ends, direction)
    for name, grad in found.by_weight.items():
        weight = model.weights[name].astype(np.float64)
        direction = rng.standard_normal(weight.shape)
        ends = [
            against(model.with_weights({name: weight + step * direction}), x, grads) for step in (-STEP, STEP)
        ]
        agrees(name, grad, *ends, direction)


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("pictures", [1, 3])
def test_they_agree_with_small_steps(name: str, pictures: int) -> None:
    model = net(*NETS[name], channels=1)
    x = picture(model, pictures).astype(np.float64)
    grads = upstream(model, model.nodes[-1].name, pictures=pictures)
    found = gradients(model, x, grads)
    learned = {name for name in model.weights if "running" not in name}
    assert set(found.by_weight) == learned
    assert set(found.by_output) == {INPUT, *(node.name for node in model)}
    check(model, x, grads, found)


@pytest.mark.parametrize("reference", NETWORKS, ids=lambda reference: reference.label)
def test_they_are_those_of_pytorch(reference: Reference) -> None:
    model = build_model(reference.config, weights=reference.weights())
    (x,), last = reference.inputs(), model.nodes[-1].name
    run = record(model, x)
    assert_close(run.trace.output(last), reference.array("output"), 1e-5)
    found = backward(run, {last: reference.array("upstream")})
    assert_close(found.input, reference.array("grad.input0"), 1e-5, "gradient of the picture")
    learned = reference.names("grad.weight.")
    assert set(learned) == set(found.by_weight)
    for name in learned:
        assert_close(
            found.by_weight[name], reference.array(f"grad.weight.{name}"), 1e-5, f"gradient of {name}"
        )


def test_there_are_networks_of_pytorch() -> None:
    assert len(NETWORKS) >= 4


def test_a_wrong_gradient_is_noticed() -> None:
    model = net(*RESIDUAL)
    x = picture(model).astype(np.float64)
    grads = upstream(model, "out")
    found = gradients(model, x, grads)
    for name in ("second.weight", "shortcut.weight"):
        wrong = Gradients(found.by_output, {**found.by_weight, name: found.by_weight[name] * 1.001})
        with pytest.raises(AssertionError, match=name):
            check(model, x, grads, wrong)
    with pytest.raises(AssertionError, match=INPUT):
        check(model, x, grads, Gradients({INPUT: found.input + 1e-3}, {}))


def test_several_outputs_add_up() -> None:
    model = net(*INCEPTION, channels=2)
    x = picture(model).astype(np.float64)
    grads = upstream(model, "joined", "squeeze", "three")
    found = gradients(model, x, grads)
    check(model, x, grads, found)
    parts = [gradients(model, x, {name: grad}) for name, grad in grads.items()]
    assert np.allclose(found.input, sum(part.input for part in parts), rtol=1e-12)
    # What is given for a node in the middle joins what flows back to it.
    flowing = parts[0].by_output["squeeze"] + parts[2].by_output["squeeze"]
    assert np.allclose(found.by_output["squeeze"], grads["squeeze"] + flowing, rtol=1e-12)


def test_an_output_taken_by_many_gets_the_sum_of_all() -> None:
    takers = [{"op": "tanh", "name": f"taker{i}", "inputs": ["source"]} for i in range(4)]
    joined = {"op": "concat", "name": "joined", "inputs": [taker["name"] for taker in takers]}
    model = net({"op": "relu", "name": "source"}, *takers, joined)
    x = np.abs(picture(model).astype(np.float64))
    grads = upstream(model, "joined", "source", "taker1")
    before = {name: grad.copy() for name, grad in grads.items()}
    found = gradients(model, x, grads)
    check(model, x, grads, found)
    assert all(np.array_equal(grads[name], grad) for name, grad in before.items())
    assert np.allclose(found.by_output["taker1"], grads["joined"][:, 1:2] + grads["taker1"], rtol=1e-12)


def test_a_shared_weight_stands_once_with_the_sum() -> None:
    model = net(*SHARED)
    x = picture(model).astype(np.float64)
    grads = upstream(model, "third")
    found = gradients(model, x, grads)
    assert set(found.by_weight) == {"first.weight", "first.bias", "third.bias"}
    # The same numbers in arrays of their own.
    kernel = model.node("first").weights["weight"].tolist()
    apart = net(
        *({**each, "weight": kernel} if each["op"] == "conv2d" else each for each in SHARED[:2]),
        *(
            {**each, "weight": kernel, "bias": 0.5 if each["name"] == "again" else 0.1}
            if each["op"] == "conv2d"
            else each
            for each in SHARED[2:]
        ),
    )
    alone = gradients(apart, x, grads).by_weight
    expected = alone["first.weight"] + alone["again.weight"] + alone["third.weight"]
    assert np.allclose(found.by_weight["first.weight"], expected, rtol=1e-12)
    assert np.allclose(found.by_weight["first.bias"], alone["first.bias"] + alone["again.bias"], rtol=1e-12)


class TestWhatIsLeftOut:
    def test_nodes_that_nothing_depends_on(self) -> None:
        model = net(*RESIDUAL)
        found = gradients(model, picture(model), upstream(model, "bent"))
        assert set(found.by_output) == {INPUT, "first", "bent"}
        assert set(found.by_weight) == {"first.weight"}

    def test_without_any_gradient_the_picture_gets_zeros(self) -> None:
        model = net(*RESIDUAL)
        found = gradients(model, picture(model, 2), {})
        assert not found.by_weight
        assert found.input.shape == (2, *model.input_shape)
        assert not found.input.any()

    def test_only_what_is_asked_for_is_kept(self) -> None:
        model = net(*LENET_5, size=(28, 28))
        run = record(model, picture(model))
        grads = upstream(model, "softmax")
        everything, some = backward(run, grads), backward(run, grads, keep=[INPUT, "conv_3"])
        assert set(some.by_output) == {INPUT, "conv_3"}
        assert np.array_equal(some.by_output["conv_3"], everything.by_output["conv_3"])
        assert all(np.array_equal(some.by_weight[name], grad) for name, grad in everything.by_weight.items())

    def test_what_leads_to_nothing_asked_for_is_not_computed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        model = net({"op": "relu", "name": "before"}, *LENET_5, size=(28, 28))
        run = record(model, picture(model))
        grads = upstream(model, "softmax")
        everything = backward(run, grads)
        asked: list[int] = []

        def counted(grad_output: Array, *rest: Any) -> Array:
            asked.append(grad_output.shape[1])
            return input_gradient(grad_output, *rest)

        monkeypatch.setattr("engine.ops.conv2d.input_gradient", counted)
        some = backward(run, grads, keep=())
        # Of the second convolution, to reach the first one's weight; of the first, nobody asks.
        assert asked == [16]
        assert not some.by_output
        assert set(some.by_weight) == set(everything.by_weight)
        assert all(np.array_equal(some.by_weight[name], grad) for name, grad in everything.by_weight.items())
        assert set(backward(run, grads, keep=["before"]).by_output) == {"before"}
        assert asked == [16, 16, 6]

    def test_the_picture_itself_may_be_asked_about(self) -> None:
        model = net(*RESIDUAL)
        grads = upstream(model, "out", INPUT)
        x = picture(model).astype(np.float64)
        through = gradients(model, x, {"out": grads["out"]}).input
        assert np.allclose(gradients(model, x, grads).input, through + grads[INPUT], rtol=1e-12)


class TestBelongings:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_dtype_is_that_of_the_picture(self, dtype: type) -> None:
        model = net(*NORMALISED)
        found = gradients(model, picture(model).astype(dtype), upstream(model, "linear"))
        for grad in (*found.by_output.values(), *found.by_weight.values()):
            assert grad.dtype == dtype

    def test_nothing_given_is_written_to(self) -> None:
        model = net(*NORMALISED)
        x = picture(model)
        grads = {name: grad.astype(np.float32) for name, grad in upstream(model, "linear", "sum").items()}
        for array in (x, *grads.values(), *model.weights.values()):
            array.flags.writeable = False
        run = record(model, x)
        for output in run.trace.outputs.values():
            output.flags.writeable = False
        first, second = backward(run, grads), backward(run, grads)
        assert all(np.array_equal(first.by_weight[name], grad) for name, grad in second.by_weight.items())

    def test_two_threads_share_a_model(self) -> None:
        model = net(*NORMALISED, size=(17, 23))
        grads = upstream(model, "linear")
        pictures = [picture(model, seed=seed) for seed in range(2)]
        expected = [gradients(model, x, grads) for x in pictures]
        start = Barrier(2)

        def work(x: Array) -> list[Gradients]:
            start.wait(timeout=10)
            return [gradients(model, x, grads) for _ in range(10)]

        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(work, pictures))
        for each, alone in zip(found, expected, strict=True):
            for one in each:
                assert np.array_equal(one.input, alone.input)
                assert all(
                    np.array_equal(one.by_weight[name], grad) for name, grad in alone.by_weight.items()
                )

    def test_a_run_is_stopped_between_nodes(self) -> None:
        class StopError(Exception):
            pass

        def stop(node: Any) -> None:
            if node.name == "second":
                raise StopError

        model = net(*RESIDUAL)
        with pytest.raises(StopError):
            record(model, picture(model), stop)


class TestRefusals:
    def test_an_unknown_node(self) -> None:
        model = net(*RESIDUAL)
        error = refusal(gradients, model, picture(model), {"last": np.zeros((1, 4, 9, 11))})
        assert (error.code, error.argument, error.value) == ("unknown-node", "node", "last")

    def test_another_shape(self) -> None:
        model = net(*RESIDUAL)
        error = refusal(gradients, model, picture(model), {"out": np.zeros((1, 4, 9, 1))})
        assert (error.code, error.argument, error.value) == (
            "shape-mismatch",
            "gradient of out",
            [1, 4, 9, 1],
        )

    @pytest.mark.parametrize(("scale", "named"), [(np.nan, "too"), (3e38, "large")])
    def test_numbers_that_are_not_finite(self, scale: float, named: str) -> None:
        model = net(
            {"op": "conv2d", "name": "large", "weight": [[1e20]]},
            {"op": "conv2d", "name": "too", "weight": [[1e20]]},
        )
        x = np.zeros((1, 1, 9, 11), np.float32)
        error = refusal(gradients, model, x, {"too": np.full((1, 1, 9, 11), scale, np.float32)})
        assert (error.code, error.argument, error.value) == ("non-finite", "gradient of node", named)
