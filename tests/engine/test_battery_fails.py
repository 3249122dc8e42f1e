"""The battery finds what it is there to find: every check is shown an operation that breaks its rule."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.geometry.receptive_field import Region
from engine.ops.conv2d import Conv2d
from engine.ops.operation import Operation
from engine.types import Array
from tests.engine import battery

CONV = Conv2d(out_channels=3, kernel_size=(2, 3), padding=(1, 1))


class Altered:
    """An operation with some methods replaced."""

    def __init__(self, op: Operation, **methods: Callable[..., Any]) -> None:
        self._op = op
        for name, method in methods.items():
            setattr(self, name, method)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._op, name)


def arguments(dtype: type = np.float64, seed: int = 0) -> tuple[list[Array], dict[str, Array]]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2, 2, 4, 5)).astype(dtype)
    shapes = CONV.weight_shapes(x.shape)
    return [x], {name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}


def first_row_lost(x: Array) -> Array:
    kept = x.copy()
    kept[:, :, 0] = 0
    return kept


def first_picture_only(upstream: Array) -> Array:
    kept = np.zeros_like(upstream)
    kept[:1] = upstream[:1]
    return kept


SPOILED_GRADIENTS: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "weight gradient doubled": ("weight", lambda g: 2 * g),
    "weight gradient flipped": ("weight", lambda g: g[:, :, ::-1, ::-1]),
    "weight gradient of swapped input channels": ("weight", lambda g: g[:, ::-1]),
    "bias gradient of the wrong sign": ("bias", lambda g: -g),
    "bias gradient averaged over the batch": ("bias", lambda g: g / 2),
    "input gradient lost at the border": ("x", first_row_lost),
    "input gradient one column off": ("x", lambda g: np.roll(g, 1, axis=3)),
    "input gradient of swapped channels": ("x", lambda g: g[:, ::-1]),
    "input gradient off by a ten-thousandth": ("x", lambda g: g - 1e-4 * g.mean(axis=1, keepdims=True)),
}

SPOILED_UPSTREAMS: dict[str, Callable[[Array], Array]] = {
    "upstream gradient ignored": np.ones_like,
    "only the first picture counted": first_picture_only,
    "upstream gradient averaged over places": lambda g: np.broadcast_to(
        g.mean((2, 3), keepdims=True), g.shape
    ),
}


@pytest.mark.parametrize("bug", SPOILED_GRADIENTS)
def test_a_spoiled_gradient_is_found(bug: str) -> None:
    name, spoil = SPOILED_GRADIENTS[bug]

    def backward(upstream: Array, cache: object) -> Any:
        (x,), weights = CONV.backward(upstream, cache)
        return (spoil(x),) if name == "x" else (x,), {
            n: spoil(w) if n == name else w for n, w in weights.items()
        }

    with pytest.raises(AssertionError, match="gradient of"):
        battery.check_gradients(Altered(CONV, backward=backward), *arguments())


@pytest.mark.parametrize("bug", SPOILED_UPSTREAMS)
def test_a_spoiled_upstream_gradient_is_found(bug: str) -> None:
    spoil = SPOILED_UPSTREAMS[bug]
    altered = Altered(CONV, backward=lambda upstream, cache: CONV.backward(spoil(upstream), cache))
    with pytest.raises(AssertionError, match="gradient of"):
        battery.check_gradients(altered, *arguments())


def test_a_correct_gradient_passes() -> None:
    battery.check_gradients(Altered(CONV), *arguments())


def test_writing_to_an_argument_is_found() -> None:
    def forward(inputs: Any, weights: Any) -> Any:
        inputs[0] += 0
        return CONV.forward(inputs, weights)

    with pytest.raises(AssertionError, match="writes to an argument"):
        battery.check_arguments_unchanged(Altered(CONV, forward=forward), *arguments())


def test_writing_through_a_lock_is_found() -> None:
    (x,), weights = arguments()
    base = x
    x = base.view()

    def forward(inputs: Any, weights: Any) -> Any:
        base[0, 0, 0, 0] += 1
        return CONV.forward(inputs, weights)

    with pytest.raises(AssertionError, match="input0 changed"):
        battery.check_arguments_unchanged(Altered(CONV, forward=forward), [x], weights)


def test_another_dtype_is_found() -> None:
    def forward(inputs: Any, weights: Any) -> Any:
        output, cache = CONV.forward(inputs, weights)
        return output.astype(np.float64), cache

    with pytest.raises(AssertionError, match="output is float64"):
        battery.check_dtype_kept(Altered(CONV, forward=forward), *arguments(np.float32))


def test_another_shape_is_found() -> None:
    with pytest.raises(AssertionError):
        battery.check_shapes(Altered(CONV, output_shape=lambda *_: (2, 3, 5, 4)), *arguments())


def test_a_missing_gradient_is_found() -> None:
    altered = Altered(CONV, backward=lambda upstream, cache: (CONV.backward(upstream, cache)[0], {}))
    with pytest.raises(AssertionError, match="missing"):
        battery.check_shapes(altered, *arguments())


def test_state_kept_between_forward_and_backward_is_found() -> None:
    kept: dict[str, Any] = {}

    def forward(inputs: Any, weights: Any) -> Any:
        output, kept["cache"] = CONV.forward(inputs, weights)
        time.sleep(0.01)
        return output, None

    altered = Altered(
        CONV, forward=forward, backward=lambda upstream, _: CONV.backward(upstream, kept["cache"])
    )
    with pytest.raises(AssertionError, match="differs between threads"):
        battery.check_threads(altered, [arguments(seed=0), arguments(seed=1)])


SPOILED_EXPLANATIONS: dict[str, Callable[[Any], Any]] = {
    "a value that is not the output's": lambda e: replace(e, value=e.value + 1e-12 + abs(e.value) * 1e-12),
    "a forgotten bias": lambda e: replace(e, bias=None),
    "a wrong weight": lambda e: replace(e, terms=replace(e.terms, weights=e.terms.weights[::-1])),
    "a wrong place of the weights": lambda e: replace(
        e, terms=replace(e.terms, weight_indices=e.terms.weight_indices[::-1])
    ),
    "a wrong source": lambda e: replace(
        e, terms=replace(e.terms, sources=np.roll(e.terms.sources, 1, axis=0))
    ),
    "a wrong grid": lambda e: replace(e, terms=replace(e.terms, grid=(1, 1, 1))),
    "a source beyond the input": lambda e: replace(
        e, terms=replace(e.terms, sources=np.full_like(e.terms.sources, 99))
    ),
}


@pytest.mark.parametrize("bug", SPOILED_EXPLANATIONS)
def test_a_spoiled_explanation_is_found(bug: str) -> None:
    spoil = SPOILED_EXPLANATIONS[bug]
    altered = Altered(CONV, explain=lambda *given: spoil(CONV.explain(*given)))
    with pytest.raises(AssertionError):
        battery.check_explanations(altered, *arguments())


@pytest.mark.parametrize("bug", SPOILED_EXPLANATIONS)
def test_an_explanation_that_is_spoiled_among_others_is_found(bug: str) -> None:
    spoil = SPOILED_EXPLANATIONS[bug]

    def explain_each(*given: Any) -> Any:
        explanations = CONV.explain_each(*given)
        return [*explanations[:-1], *map(spoil, explanations[-1:])]

    with pytest.raises(AssertionError):
        battery.check_explained_together(Altered(CONV, explain_each=explain_each), *arguments())


def test_explanations_out_of_order_are_found() -> None:
    altered = Altered(CONV, explain_each=lambda *given: CONV.explain_each(*given)[::-1])
    with pytest.raises(AssertionError):
        battery.check_explained_together(altered, *arguments())


@pytest.mark.parametrize(
    "spoil",
    [lambda found: found[1:], lambda found: found[::-1], lambda found: np.vstack([found, found[-1:]])],
    ids=["too few", "out of order", "twice"],
)
def test_wrong_uses_are_found(spoil: Callable[[Array], Array]) -> None:
    altered = Altered(CONV, uses=lambda *given: spoil(CONV.uses(*given)))
    with pytest.raises(AssertionError, match="uses of"):
        battery.check_uses(altered, *arguments())


def test_a_region_that_is_too_small_is_found() -> None:
    def input_region(*given: Any) -> Region:
        region = CONV.input_region(*given)
        return Region(region.start, (region.stop[0] - 1, region.stop[1]))

    with pytest.raises(AssertionError, match="lacks"):
        battery.check_input_region(Altered(CONV, input_region=input_region), *arguments())


def test_a_reach_beyond_the_uses_is_found() -> None:
    altered = Altered(CONV, uses=lambda *given: CONV.uses(*given)[:-1])
    with pytest.raises(AssertionError, match="also changes"):
        battery.check_perturbation(altered, *arguments())


def test_a_reach_into_another_picture_is_found() -> None:
    def forward(inputs: Any, weights: Any) -> Any:
        output, cache = CONV.forward(inputs, weights)
        return output - output.mean(axis=0), cache

    with pytest.raises(AssertionError, match="another picture"):
        battery.check_perturbation(Altered(CONV, forward=forward), *arguments())
