"""The battery over every registered operation."""

from __future__ import annotations

import numpy as np
import pytest

from engine.ops.registry import OPERATIONS
from tests.engine import battery
from tests.engine.examples import EXAMPLES, Example

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=str)
each_batch = pytest.mark.parametrize("pictures", [1, 2])
each_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def test_every_operation_has_an_example() -> None:
    assert {example.op for example in EXAMPLES} == set(OPERATIONS)


def test_every_name_is_the_operations_own() -> None:
    assert all(operation.name == name for name, operation in OPERATIONS.items())


def test_no_example_is_square() -> None:
    maps = [shape for example in EXAMPLES for shape in example.shapes if len(shape) == 3]
    # A single cell, such as a bias for every channel, cannot be turned by mistake.
    assert all(rows != columns or rows == 1 for _, rows, columns in maps)


@each_example
@each_batch
def test_arguments_stay_as_they_are(example: Example, pictures: int) -> None:
    battery.check_arguments_unchanged(example.operation(), *example.arguments(pictures, np.float32))


@each_example
@each_dtype
def test_dtype_is_kept(example: Example, dtype: type) -> None:
    battery.check_dtype_kept(example.operation(), *example.arguments(2, dtype))


@each_example
@each_batch
def test_shapes_are_as_announced(example: Example, pictures: int) -> None:
    battery.check_shapes(example.operation(), *example.arguments(pictures, np.float32))


@each_example
def test_two_threads_share_an_operation(example: Example) -> None:
    runs = [example.arguments(2, np.float32, seed) for seed in (0, 1)]
    battery.check_threads(example.operation(), runs)


@each_example
@each_batch
@each_dtype
def test_every_cell_is_explained(example: Example, pictures: int, dtype: type) -> None:
    battery.check_explanations(example.operation(), *example.arguments(pictures, dtype))


@each_example
@each_dtype
def test_cells_are_explained_together_as_alone(example: Example, dtype: type) -> None:
    battery.check_explained_together(example.operation(), *example.arguments(1, dtype))


@each_example
def test_uses_are_the_inverse_of_sources(example: Example) -> None:
    battery.check_uses(example.operation(), *example.arguments(1, np.float32))


@each_example
def test_input_region_holds_what_is_read(example: Example) -> None:
    battery.check_input_region(example.operation(), *example.arguments(1, np.float32))


# Statistics of the numbers themselves carry every change to the whole channel or group.
DIRECT = [example for example in EXAMPLES if not example.own_statistics]


@pytest.mark.parametrize("example", DIRECT, ids=str)
@each_batch
def test_a_change_reaches_only_what_uses_the_cell(example: Example, pictures: int) -> None:
    battery.check_perturbation(example.operation(), *example.arguments(pictures, np.float64))


@each_example
@each_batch
def test_gradients_agree_with_small_steps(example: Example, pictures: int) -> None:
    battery.check_gradients(example.operation(), *example.arguments(pictures, np.float64))
