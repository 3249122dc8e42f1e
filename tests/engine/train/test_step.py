"""A step of training: PyTorch's numbers, weights of its own, and a net that learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.graph import Model
from engine.specification import build_model
from engine.train.loop import train
from engine.train.optimisers import SGD, Adam
from engine.train.step import StepReport, Training
from engine.types import Array, Integers
from tests.engine.compare import assert_close
from tests.engine.nets import net
from tests.engine.references import Reference
from tests.engine.refusals import refusal
from tests.engine.train.test_optimisers import CASES, OPTIMISERS

TINY: tuple[dict[str, Any], ...] = (
    {"op": "conv2d", "name": "conv", "out_channels": 4, "padding": 1, "bias": 0},
    {
        "op": "batch_norm2d",
        "name": "bn",
        "weight": 1,
        "bias": 0,
        "running_mean": 0,
        "running_var": 1,
    },
    {"op": "relu"},
    {"op": "max_pool2d", "kernel_size": 2},
    {"op": "flatten"},
    {"op": "linear", "name": "out", "out_features": 2, "bias": 0},
)


def bars(pictures: int, seed: int = 0) -> tuple[Array, Integers]:
    """Noise with a bar across: lying is class 0, standing is class 1."""
    rng = np.random.default_rng(seed)
    x = 0.3 * rng.standard_normal((pictures, 1, 6, 8)).astype(np.float32)
    target = rng.integers(0, 2, pictures)
    for picture, standing in zip(x[:, 0], target, strict=True):
        picture[:, rng.integers(8)] += standing
        picture[rng.integers(6)] += 1 - standing
    return x, target


def tiny(*more: dict[str, Any]) -> Model:
    return net(*TINY, *more, size=(6, 8))


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.op == "training"], ids=lambda case: case.label
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_weights_and_statistics_are_those_of_pytorch(case: Reference, dtype: type) -> None:
    model = build_model(case.config["specification"], weights=case.weights())
    training = Training(model, OPTIMISERS[case.config["optimiser"]](**case.config["settings"]))
    pictures, target = case.array("input0").astype(dtype), case.array("input1").astype(int)
    losses = [training.step(x, t).loss for x, t in zip(pictures, target, strict=True)]
    after = [training.model.weights[name].ravel() for name in case.names("weight.")]
    assert_close(np.concatenate([losses, *after]), case.array("output"), 2e-5)


def test_there_is_training_by_pytorch_for_every_optimiser() -> None:
    assert {case.config["optimiser"] for case in CASES if case.op == "training"} == set(OPTIMISERS)


@pytest.mark.parametrize("optimiser", [SGD(0.05, momentum=0.9), Adam(0.02)])
def test_a_tiny_net_learns(optimiser: SGD | Adam) -> None:
    training = Training(tiny(), optimiser)
    pictures, target = bars(64)
    reports = list(train(training, pictures, target, batch_size=16, epochs=20))
    assert len(reports) == 80
    first, last = (sum(report.loss for report in part) for part in (reports[:4], reports[-4:]))
    assert last < first / 4
    # What it has never seen, with the statistics that it kept.
    unseen, right = bars(64, seed=1)
    scores = training.model.run(unseen).output("out")
    assert np.count_nonzero(scores.argmax(axis=1) == right) > 56


def test_what_it_reports() -> None:
    training = Training(tiny(), SGD(0.1))
    pictures, target = bars(8)
    scores = training.model
    report = training.step(pictures, target)
    assert isinstance(report, StepReport)
    assert report.pictures == 8
    assert 0 <= report.correct <= 8
    assert report.loss > 0
    learned = {"conv.weight", "conv.bias", "bn.weight", "bn.bias", "out.weight", "out.bias"}
    assert set(report.gradient_norms) == learned
    moved = scores.weights["out.weight"] - training.model.weights["out.weight"]
    assert np.linalg.norm(moved) == pytest.approx(0.1 * report.gradient_norms["out.weight"], rel=1e-5)


def test_a_softmax_at_the_end_changes_nothing() -> None:
    plain, with_shares = Training(tiny(), SGD(0.1)), Training(tiny({"op": "softmax"}), SGD(0.1))
    batch = bars(8)
    for _ in range(3):
        assert plain.step(*batch) == with_shares.step(*batch)
    assert with_shares.model.nodes[-1].name == "softmax"


def test_no_model_is_changed_by_a_step() -> None:
    start = tiny()
    given = {name: array.copy() for name, array in start.weights.items()}
    training = Training(start, SGD(0.1))
    handed_out = training.model
    training.step(*bars(8))
    for name, array in given.items():
        assert np.array_equal(start.weights[name], array), name
        assert np.array_equal(handed_out.weights[name], array), name
        assert not np.array_equal(training.model.weights[name], array) or name == "conv.bias", name


def test_weights_that_are_locked_may_be_learned_from() -> None:
    start = tiny()
    for array in start.weights.values():
        array.flags.writeable = False
    assert Training(start, SGD(0.1)).step(*bars(8)).loss > 0


def test_a_shared_weight_stays_shared() -> None:
    model = net(
        {"op": "conv2d", "name": "a", "padding": 1},
        {"op": "conv2d", "name": "b", "padding": 1, "weight": {"node": "a"}},
        *TINY[-2:],
        size=(6, 8),
    )
    training = Training(model, SGD(0.1))
    training.step(*bars(8))
    after = training.model
    assert "b.weight" not in after.weights
    assert after.node("b").weights["weight"] is after.node("a").weights["weight"]


def test_running_statistics_near_those_of_the_batch() -> None:
    training = Training(tiny(), SGD(1e-12))
    pictures, target = bars(16)
    for _ in range(200):
        training.step(pictures, target)
    seen = training.model.run(pictures).output("conv")
    weights = training.model.weights
    assert_close(weights["bn.running_mean"], seen.mean(axis=(0, 2, 3)), 1e-4)
    assert_close(weights["bn.running_var"], seen.var(axis=(0, 2, 3), ddof=1), 1e-4)


class TestRefusals:
    def test_a_class_that_there_is_not(self) -> None:
        pictures, target = bars(8)
        error = refusal(Training(tiny(), SGD(0.1)).step, pictures, target + 1)
        assert (error.code, error.argument) == ("invalid-argument", "target")

    def test_one_number_of_a_channel_has_no_variance(self) -> None:
        nodes = (
            {"op": "global_avg_pool2d"},
            {"op": "batch_norm2d", "name": "bn", "running_mean": 0, "running_var": 1},
            *TINY[-2:],
        )
        training = Training(net(*nodes, size=(6, 8)), SGD(0.1))
        pictures, target = bars(2)
        error = refusal(training.step, pictures[:1], target[:1])
        assert (error.code, error.argument) == ("shape-mismatch", "input of bn")
        assert training.step(pictures, target).pictures == 2

    def test_a_gradient_that_is_not_finite_moves_nothing(self) -> None:
        model = net({"op": "flatten"}, {"op": "linear", "name": "out", "weight": [[0], [0]]}, size=(1, 1))
        training = Training(model, SGD(0.1))
        x = np.full((1, 1, 1, 1), 3e38, np.float32)
        error = refusal(training.step, x, np.array([0]))
        assert (error.code, error.value) == ("non-finite", "out.weight")
        assert not training.model.weights["out.weight"].any()


class TestTheLoop:
    def test_every_epoch_takes_every_picture_in_another_order(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[list[int]] = []
        training = Training(tiny(), SGD(0.1))
        monkeypatch.setattr(training, "step", lambda x, target: seen.append(target.tolist()))
        x = np.zeros((7, 1, 6, 8), np.float32)
        list(train(training, x, np.arange(7), batch_size=3, epochs=2))
        assert [len(batch) for batch in seen] == [3] * 4
        first, second = seen[0] + seen[1], seen[2] + seen[3]
        assert len(set(first)) == len(set(second)) == 6
        assert first != second

    def test_the_same_seed_is_the_same_run(self) -> None:
        runs = [
            [
                report.loss
                for report in train(Training(tiny(), SGD(0.1)), *bars(16), batch_size=5, epochs=2, seed=s)
            ]
            for s in (3, 3, 4)
        ]
        assert runs[0] == runs[1] != runs[2]

    @pytest.mark.parametrize("batch_size", [0, 17])
    def test_batches_of_no_size(self, batch_size: int) -> None:
        steps = train(Training(tiny(), SGD(0.1)), *bars(16), batch_size=batch_size, epochs=1)
        assert refusal(next, steps).argument == "batch_size"

    def test_a_class_for_every_picture(self) -> None:
        pictures, target = bars(16)
        steps = train(Training(tiny(), SGD(0.1)), pictures, target[:-1], batch_size=4, epochs=1)
        assert refusal(next, steps).code == "shape-mismatch"
