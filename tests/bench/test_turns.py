"""Workers, their turns, and the refusal to compare what differs. Our own engine stands on both sides."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from bench.rivals import given, turns
from bench.rivals.case import Case
from bench.rivals.process import WorkerProcess
from bench.training import scores_of
from engine.zoo.registry import ARCHITECTURES

LENET = Case("lenet-5", ARCHITECTURES["lenet-5"].build(), 2)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    model = given.write(LENET, tmp_path)
    back = given.read(tmp_path)
    assert back.x.shape == (2, 1, 28, 28)
    assert back.target is None
    for name, array in model.weights.items():
        np.testing.assert_array_equal(back.model.weights[name], array)


def test_answers_tell_classes_apart(tmp_path: Path) -> None:
    model = given.write(Case("cifar-net", ARCHITECTURES["cifar-net"].build()), tmp_path)
    shares = model.run(given.read(tmp_path).x).output("softmax")
    assert 0.2 < shares.max() < 0.9
    variances = [array for name, array in model.weights.items() if name.endswith("running_var")]
    assert min(array.std() for array in variances) > 0.1


def test_training_has_right_answers(tmp_path: Path) -> None:
    given.write(Case("lenet-5", scores_of("lenet-5"), 64, "training"), tmp_path)
    target = given.read(tmp_path).target
    assert target is not None
    assert target.shape == (64,)
    assert set(target) == set(range(10))


def test_engines_take_turns_on_a_case() -> None:
    result = turns.measure(LENET, ["ours", "ours-trace"], 0)
    for measured in result.engines.values():
        assert len(measured.turns_ms) == turns.LEAST_TURNS
        assert 0 < measured.least_ms <= measured.median_ms
        assert 0 < measured.memory_mib["running"] <= measured.memory_mib["peak"]
        assert measured.memory_mib["library"] > 10


def test_losses_of_training_go_down(tmp_path: Path) -> None:
    given.write(Case("lenet-5", scores_of("lenet-5"), 16, "training"), tmp_path)
    worker = WorkerProcess("ours", tmp_path)
    try:
        losses = np.load(worker.ask("build", seconds=0)["answer"])
    finally:
        worker.close()
    assert losses.shape == (3,)
    assert losses[2] < losses[1] < losses[0]


def test_a_worker_that_fails_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    worker = WorkerProcess("ours", tmp_path)
    try:
        with pytest.raises(RuntimeError, match="ours ended in 'build'"):
            worker.ask("build", seconds=0)
    finally:
        worker.close()
    assert "weights.npz" in capfd.readouterr().err


def test_every_round_another_one_begins() -> None:
    assert "".join(islice(turns.rounds(["a", "b", "c"], 0), 9)) == "abcbcacab"


@pytest.mark.parametrize(("call_ms", "calls"), [(500.0, 1), (8.0, 10), (0.01, turns.MOST_CALLS)])
def test_a_turn_is_about_as_long_for_all(call_ms: float, calls: int) -> None:
    assert turns.calls_in_a_turn(call_ms) == calls


def test_answers_that_agree_pass() -> None:
    answer = np.array([0.0, 1.0])
    turns.require_agreement({"ours": answer, "onnxruntime": answer + 0.0009}, "net")


@pytest.mark.parametrize(
    "other", [np.array([0.0, 1.002]), np.array([0.0, np.nan]), np.array([[0.0, 1.0]])], ids=str
)
def test_answers_that_differ_stop_the_benchmark(other: np.ndarray) -> None:
    with pytest.raises(RuntimeError, match=r"net: .*ours|net: ConvScope and ONNX Runtime differ"):
        turns.require_agreement({"ours": np.array([0.0, 1.0]), "onnxruntime": other}, "net")
