"""Which nodes are computed at once, and which are not."""

from __future__ import annotations

import numpy as np
import pytest

from engine.inference.stages import Stage, stages
from tests.engine.compare import assert_close
from tests.engine.inference.plans import MODELS, conv, node, norm, relu
from tests.engine.nets import net

Wanted = list[tuple[str, str, str | None, float | None, float | None]]
"""(name, operation, residual, low, high) of every stage."""


def told(found: list[Stage]) -> Wanted:
    return [(stage.name, stage.op.name, stage.residual, stage.low, stage.high) for stage in found]


JOINED: dict[str, Wanted] = {
    "normalised": [("relu", "conv2d", None, 0, None)],
    "normalised-for-its-own-sake": [
        ("n", "batch_norm2d", None, None, None),
        ("relu", "conv2d", None, 0, None),
        # A normalisation is folded into kernels, and nothing else.
        ("m", "batch_norm2d", None, None, None),
        ("o", "batch_norm2d", None, None, None),
    ],
    "normalised-by-the-batch": [("c", "conv2d", None, None, None), ("n", "batch_norm2d", None, None, None)],
    "relu6": [("r", "conv2d", None, 0, 6), ("s", "conv2d", None, None, 0.5)],
    "clip-without-bounds": [("relu", "conv2d", None, 0, None)],
    "bound-twice": [
        ("relu", "conv2d", None, 0, None),
        ("r", "clip", None, None, None),
        ("s", "relu", None, None, None),
    ],
    "residual": [("a", "conv2d", None, None, None), ("relu", "conv2d", "a", 0, None)],
    "residual-other-way-round": [("a", "conv2d", None, None, None), ("relu", "conv2d", "a", 0, None)],
    "residual-of-the-input": [("s", "conv2d", "input", None, None)],
    "residual-normalised": [("a", "conv2d", None, None, None), ("relu", "conv2d", "a", 0, None)],
    "residual-after-a-relu": [
        ("relu", "conv2d", None, 0, None),
        ("r", "conv2d", None, 0, None),
        # What is bounded already takes in no sum.
        ("s", "add", None, None, None),
    ],
    "residual-of-two-convolutions": [("a", "conv2d", None, None, None), ("s", "conv2d", "a", None, None)],
    "two-residuals": [
        ("a", "conv2d", None, None, None),
        ("s", "conv2d", "a", None, None),
        ("relu", "add", None, 0, None),
    ],
    "added-to-itself": [("a", "conv2d", None, None, None), ("relu", "add", None, 0, None)],
    "added-and-repeated": [
        ("a", "conv2d", None, None, None),
        ("g", "global_avg_pool2d", None, None, None),
        ("b", "conv2d", None, None, None),
        ("relu", "add", None, 0, None),
    ],
    "one-channel-added-to-all": [
        ("a", "conv2d", None, None, None),
        ("b", "conv2d", None, None, None),
        ("s", "add", None, None, None),
    ],
    "own-operand": [("a", "conv2d", None, None, None), ("relu", "add", None, 0, None)],
    "vectors-of-a-map": [
        ("a", "conv2d", None, None, None),
        ("relu", "linear", None, 0, None),
        ("b", "conv2d", None, None, None),
    ],
    "nothing-but-relu": [("relu", "relu", None, None, None), ("again", "relu", None, None, None)],
}


@pytest.mark.parametrize("name", JOINED)
def test_what_is_joined(name: str) -> None:
    model = MODELS[name]
    assert told(stages(model, [model.nodes[-1].name])) == JOINED[name]


def test_what_is_kept_ends_a_stage() -> None:
    model = net(conv("c"), norm("n"), relu())
    for keep, names in (
        (["relu"], ["relu"]),
        (["c", "relu"], ["c", "n", "relu"]),
        (["n", "relu"], ["n", "relu"]),
        (["n"], ["n", "relu"]),
    ):
        assert [stage.name for stage in stages(model, keep)] == names


def test_what_somebody_else_reads_ends_a_stage() -> None:
    model = net(conv("c"), relu(), conv("d"), node("s", "add", "d", "c"))
    assert told(stages(model, ["s"])) == [
        ("c", "conv2d", None, None, None),
        ("relu", "relu", None, None, None),
        ("s", "conv2d", "c", None, None),
    ]


@pytest.mark.parametrize("name", MODELS)
def test_every_stage_follows_those_that_it_reads(name: str) -> None:
    model = MODELS[name]
    for keep in ([model.nodes[-1].name], [each.name for each in model]):
        there = {"input"}
        for stage in stages(model, keep):
            assert set(stage.reads) <= there
            there.add(stage.name)
        assert set(keep) <= there


def test_a_sum_is_taken_in_by_the_later_of_two_convolutions() -> None:
    # The earlier one would have to wait for a map that is not there yet.
    model = net(conv("a"), conv("b", 4, 1, "input"), node("s", "add", "a", "b"))
    first, second = stages(model, ["s"])
    assert (first.name, second.inputs, second.residual) == ("a", ("input",), "a")


def test_a_folded_normalisation_is_that_of_the_definition() -> None:
    model = net(conv("c", 4, bias=None), norm("n", eps=0.1))
    (stage,) = stages(model, ["n"])
    kernels, (mean, variance, scale, shift) = (
        model.node("c").weights["weight"],
        (model.node("n").weights[name] for name in ("running_mean", "running_var", "weight", "bias")),
    )
    factor = scale.astype(np.float64) / np.sqrt(variance.astype(np.float64) + 0.1)
    assert_close(stage.weights["weight"], kernels * factor[:, None, None, None], 1e-6)
    assert_close(stage.weights["bias"], shift - mean * factor, 1e-6)
    # The model keeps its own.
    assert set(model.node("c").weights) == {"weight"}
    assert stage.weights["weight"] is not kernels
