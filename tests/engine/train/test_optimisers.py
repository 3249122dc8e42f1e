"""Optimisers by hand, and step for step what PyTorch computes."""

from __future__ import annotations

import numpy as np
import pytest

from engine.train.optimisers import SGD, Adam, Optimiser
from engine.types import Array
from tests.engine.compare import assert_close
from tests.engine.references import FOLDER, Reference, ReferenceFile
from tests.engine.refusals import refusal

STORED = ReferenceFile(FOLDER / "train" / "steps.npz")
CASES = [Reference(STORED, number) for number in range(len(STORED.about["cases"]))]
OPTIMISERS: dict[str, type[Optimiser]] = {"sgd": SGD, "adam": Adam}


def path(optimiser: Optimiser, start: Array, gradients: Array) -> list[Array]:
    """The weight after each step."""
    weights = {"w": start.copy()}
    after = []
    for gradient in gradients:
        optimiser.step(weights, {"w": gradient})
        after.append(weights["w"].copy())
    return after


def test_plain_descent_by_hand() -> None:
    after = path(SGD(0.5), np.array([1.0, 2.0]), np.array([[2.0, 0.0], [-4.0, 1.0]]))
    assert np.array_equal(after, [[0.0, 2.0], [2.0, 1.5]])


def test_momentum_by_hand() -> None:
    # Velocities 1, then ½ + 1, then ¾ + 0.
    after = path(SGD(1.0, momentum=0.5), np.array([10.0]), np.array([[1.0], [1.0], [0.0]]))
    assert np.array_equal(after, [[9.0], [7.5], [6.75]])


def test_decay_pulls_towards_zero() -> None:
    after = path(SGD(0.5, weight_decay=0.5), np.array([8.0, -8.0]), np.zeros((2, 2)))
    assert np.array_equal(after, [[6.0, -6.0], [4.5, -4.5]])


def test_adam_by_hand() -> None:
    # Both corrected means are the gradient's own at first: a step of the rate, less what eps takes.
    assert path(Adam(0.1), np.array([1.0]), np.array([[5.0]]))[0] == pytest.approx(0.9, abs=1e-8)
    # Means ½·1 and ½·0 + ¼·1, corrected by ½ and ¾, and squares likewise: (1/3) / √(1/3).
    second = path(Adam(0.1, beta1=0.5, beta2=0.5), np.array([1.0]), np.array([[1.0], [0.0]]))[1]
    assert second == pytest.approx(0.9 - 0.1 * (1 / 3) / np.sqrt(1 / 3), abs=1e-8)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.op in OPTIMISERS], ids=lambda case: case.label
)
def test_every_step_is_that_of_pytorch(case: Reference) -> None:
    start, gradients, expected = case.array("weight.w"), case.array("input0"), case.array("output")
    for dtype, tolerance in ((np.float32, 1e-6), (np.float64, 1e-7)):
        after = path(OPTIMISERS[case.op](**case.config), start.astype(dtype), gradients.astype(dtype))
        assert after[0].dtype == dtype
        assert_close(np.stack(after), expected, tolerance)


def test_there_are_steps_of_pytorch_for_every_optimiser() -> None:
    assert {case.op for case in CASES} >= set(OPTIMISERS)


@pytest.mark.parametrize("optimiser", [SGD(0.1, 0.9, 0.1), Adam(0.1, weight_decay=0.1)])
def test_gradients_are_not_written_to(optimiser: Optimiser) -> None:
    gradients = np.ones((3, 2))
    gradients.flags.writeable = False
    after = path(optimiser, np.ones(2), gradients)
    assert (after[0] > after[1]).all()
    assert (after[1] > after[2]).all()


def test_weights_without_a_gradient_stay() -> None:
    weights = {"a": np.ones(1), "b": np.ones(1)}
    SGD(0.5).step(weights, {"b": np.ones(1)})
    assert weights["a"] == 1
    assert weights["b"] == 0.5


def test_the_rate_may_be_changed_between_steps() -> None:
    sgd, weights = SGD(1.0), {"w": np.zeros(1)}
    sgd.step(weights, {"w": np.ones(1)})
    sgd.learning_rate = 0.25
    sgd.step(weights, {"w": np.ones(1)})
    assert weights["w"] == -1.25


@pytest.mark.parametrize(
    ("make", "argument", "value"),
    [
        (SGD, "learning_rate", 0.0),
        (SGD, "learning_rate", float("nan")),
        (SGD, "momentum", 1.0),
        (SGD, "momentum", -0.1),
        (SGD, "weight_decay", -1.0),
        (Adam, "beta1", 1.0),
        (Adam, "beta2", 1.5),
        (Adam, "eps", 0.0),
    ],
)
def test_settings_that_lead_nowhere(make: type[Optimiser], argument: str, value: float) -> None:
    error = refusal(make, **{"learning_rate": 0.1, argument: value})
    assert (error.code, error.argument) == ("invalid-argument", argument)
