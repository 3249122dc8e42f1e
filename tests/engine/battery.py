"""What must hold for every operation. Each check raises AssertionError for an operation that breaks it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from threading import Barrier

import numpy as np

from engine.explanation import OWN, Explanation, Terms
from engine.geometry.receptive_field import Region
from engine.ops.operation import Operation, cell_index
from engine.types import Array, Cell, as_map, map_shape
from tests.engine.compare import extent

Inputs = Sequence[Array]
Weights = Mapping[str, Array]

CONSTANTS = ("running_mean", "running_var")
"""Weights that are never learned: there is no gradient of them."""

MOST_CELLS = 60
STEP = 1e-6


def named(inputs: Inputs, weights: Weights) -> dict[str, Array]:
    return {**{f"input{i}": x for i, x in enumerate(inputs)}, **weights}


def gradients(op: Operation, upstream: Array, cache: object) -> dict[str, Array]:
    return named(*op.backward(upstream, cache))


def random_like(array: Array, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(array.shape).astype(array.dtype)


def all_cells(array: Array) -> list[Cell]:
    channels, rows, columns = map_shape(array.shape)
    return list(np.ndindex(channels, rows, columns))  # type: ignore[arg-type]


def some_cells(array: Array) -> list[Cell]:
    """Every cell of the first picture, or 60 at random where there are more."""
    found = all_cells(array)
    if len(found) <= MOST_CELLS:
        return found
    chosen = np.random.default_rng(0).choice(len(found), MOST_CELLS, replace=False)
    return [found[i] for i in sorted(chosen)]


def check_arguments_unchanged(op: Operation, inputs: Inputs, weights: Weights) -> None:
    """Nothing writes to what it was given; a write to a locked array raises at once."""
    given = named(inputs, weights)
    before = {name: array.tobytes() for name, array in given.items()}
    for array in given.values():
        array.flags.writeable = False
    try:
        output, cache = op.forward(inputs, weights)
        upstream = random_like(output)
        kept = upstream.tobytes()
        upstream.flags.writeable = False
        op.backward(upstream, cache)
        op.explain(inputs, weights, output, (0, 0, 0))
    except ValueError as error:
        raise AssertionError(f"writes to an argument: {error}") from error
    assert upstream.tobytes() == kept, "the upstream gradient changed"
    for name, array in given.items():
        assert array.tobytes() == before[name], f"{name} changed"


def check_dtype_kept(op: Operation, inputs: Inputs, weights: Weights) -> None:
    """The output and every gradient have the dtype of the inputs."""
    output, cache = op.forward(inputs, weights)
    assert output.dtype == inputs[0].dtype, f"output is {output.dtype}"
    for name, gradient in gradients(op, random_like(output), cache).items():
        assert gradient.dtype == inputs[0].dtype, f"gradient of {name} is {gradient.dtype}"


def check_shapes(op: Operation, inputs: Inputs, weights: Weights) -> None:
    """Shapes are what was announced, and there is a gradient of the right shape for every argument."""
    shapes = [x.shape for x in inputs]
    output, cache = op.forward(inputs, weights)
    assert op.output_shape(*shapes) == output.shape
    announced = op.weight_shapes(*shapes)
    assert tuple(announced) == (op.weight_names if len(inputs) == 1 or not op.own_operand else ())
    assert set(announced) - set(weights) <= set(op.optional_weights)
    for name, weight in weights.items():
        assert weight.shape == announced[name], name
    found = gradients(op, random_like(output), cache)
    given = named(inputs, weights)
    assert set(given) - set(found) <= set(CONSTANTS), "a gradient is missing"
    assert set(found) <= set(given), "a gradient of nothing"
    for name, gradient in found.items():
        assert gradient.shape == given[name].shape, f"gradient of {name}"


def check_threads(op: Operation, runs: Sequence[tuple[Inputs, Weights]]) -> None:
    """Runs side by side on one operation give what they give alone: it keeps nothing of a run."""
    upstreams = [random_like(op.forward(*run)[0], seed) for seed, run in enumerate(runs)]

    def answer(i: int, between: Callable[[], object]) -> dict[str, Array]:
        output, cache = op.forward(*runs[i])
        between()  # every run has gone forward before any goes back
        return {"output": output, **gradients(op, upstreams[i], cache)}

    alone = [answer(i, lambda: None) for i in range(len(runs))]
    meeting = Barrier(len(runs))
    with ThreadPoolExecutor(len(runs)) as pool:
        together = list(pool.map(lambda i: answer(i, lambda: meeting.wait(10)), range(len(runs))))
    for i, expected in enumerate(alone):
        for name, array in expected.items():
            assert np.array_equal(together[i][name], array), f"{name} of run {i} differs between threads"


def check_explanations(op: Operation, inputs: Inputs, weights: Weights) -> None:
    """The explanation of a cell is made of the numbers that are there, and adds up to the cell."""
    output, _ = op.forward(inputs, weights)
    allowed = 1e-5 * extent(output)
    for cell in some_cells(output):
        explanation = op.explain(inputs, weights, output, cell)
        where = f"{op.name}{cell}"
        assert explanation.op == op.name
        assert explanation.cell == cell
        assert explanation.value == float(output[cell_index(output.shape, cell)]), where
        assert abs(explanation.total - explanation.value) <= allowed, (
            f"{where}: total {explanation.total}, value {explanation.value}"
        )
        _check_terms(explanation, op, inputs, weights)


def check_explained_together(op: Operation, inputs: Inputs, weights: Weights) -> None:
    """Explained together, in scan order or not, cells are explained as each is by itself."""
    output, _ = op.forward(inputs, weights)
    found = some_cells(output)
    mixed = [found[i] for i in np.random.default_rng(1).permutation(len(found))]
    for cells in (found, mixed):
        together = op.explain_each(inputs, weights, output, cells)
        assert [explanation.cell for explanation in together] == cells, op.name
        for explanation in together:
            _check_same(explanation, op.explain(inputs, weights, output, explanation.cell))
    assert op.explain_each(inputs, weights, output, []) == []


def _check_same(one: Explanation, other: Explanation) -> None:
    for field in fields(Explanation):
        if field.name not in ("terms", "function"):
            assert getattr(one, field.name) == getattr(other, field.name), f"{field.name} of {one.cell}"
    assert one.total == other.total or np.isnan([one.total, other.total]).all(), f"total of {one.cell}"
    assert one.terms.grid == other.terms.grid, f"grid of {one.cell}"
    for field in fields(Terms)[1:]:
        parts = getattr(one.terms, field.name), getattr(other.terms, field.name)
        assert (parts[0] is None) is (parts[1] is None), f"{field.name} of {one.cell}"
        assert parts[0] is None or np.array_equal(*parts, equal_nan=parts[0].dtype.kind == "f"), (
            f"{field.name} of {one.cell}"
        )


def _check_terms(explanation: Explanation, op: Operation, inputs: Inputs, weights: Weights) -> None:
    terms, where = explanation.terms, f"{explanation.op}{explanation.cell}"
    n = int(np.prod(terms.grid))
    assert terms.positions.shape == terms.sources.shape == (n, 3), where
    assert terms.values.shape == (n,), where
    assert terms.values.dtype == np.float64, where
    for part in (terms.inputs, terms.weights, terms.selected):
        assert part is None or part.shape == (n,), where
    which = np.zeros(n, dtype=np.int64) if terms.inputs is None else terms.inputs
    assert np.all((which >= 0) & (which < len(inputs)) | (which == OWN)), where
    assert np.all(terms.sources[which == OWN] == -1), where
    for t, (position, source) in enumerate(zip(terms.positions, terms.sources, strict=True)):
        if which[t] == OWN:
            assert not terms.padding[t], where
            continue
        x = as_map(inputs[which[t]])[0]
        inside = all(0 <= at < size for at, size in zip(position, x.shape, strict=True))
        assert bool(terms.padding[t]) is not inside, f"{where}: term {t} at {position} from {source}"
        if np.all(source == -1):
            continue
        assert all(0 <= at < size for at, size in zip(source, x.shape, strict=True)), (
            f"{where}: source {source}"
        )
        assert terms.values[t] == float(x[tuple(source)]), f"{where}: value of term {t}"
    if terms.weights is None:
        assert terms.weight_indices is None, where
        return
    assert terms.products is not None
    assert np.array_equal(terms.products, terms.values * terms.weights, equal_nan=True), where
    if terms.weight_sources is not None:
        second = as_map(inputs[1])[0][tuple(terms.weight_sources.T)]
        assert np.array_equal(second.astype(np.float64), terms.weights), where
    if terms.weight_indices is not None:
        stored = weights[op.weight_names[0]]
        assert terms.weight_indices.shape == (n, stored.ndim), where
        assert np.array_equal(stored[tuple(terms.weight_indices.T)].astype(np.float64), terms.weights), where


def uses_by_explaining(op: Operation, inputs: Inputs, weights: Weights) -> dict[tuple[int, Cell], list[Cell]]:
    """For every cell of every input, the outputs whose explanation reads it, in scan order."""
    output, _ = op.forward(inputs, weights)
    found: dict[tuple[int, Cell], list[Cell]] = defaultdict(list)
    for cell in all_cells(output):
        terms = op.explain(inputs, weights, output, cell).terms
        which = [0] * len(terms.sources) if terms.inputs is None else terms.inputs.tolist()
        read = {
            (i, tuple(source))
            for i, source in zip(which, terms.sources.tolist(), strict=True)
            if source[0] >= 0
        }
        if terms.weight_sources is not None:
            read |= {(1, tuple(source)) for source in terms.weight_sources.tolist()}
        for key in read:
            found[key].append(cell)
    return found


def check_uses(op: Operation, inputs: Inputs, weights: Weights) -> None:
    """``uses`` is exactly the inverse of what the explanations read."""
    expected = uses_by_explaining(op, inputs, weights)
    shapes = [x.shape for x in inputs]
    for index, x in enumerate(inputs):
        for cell in all_cells(x):
            answer = op.uses(shapes, index, cell)
            assert answer.shape[1:] == (3,), f"uses of {cell}: shape {answer.shape}"
            assert [tuple(c) for c in answer.tolist()] == expected[index, cell], f"uses of {index}{cell}"


def check_input_region(op: Operation, inputs: Inputs, weights: Weights) -> None:
    """The region behind a rectangle of outputs holds every cell that they read where it stands."""
    output, _ = op.forward(inputs, weights)
    shapes = [x.shape for x in inputs]
    for cell in some_cells(output):
        _, row, column = cell
        terms = op.explain(inputs, weights, output, cell).terms
        which = np.zeros(len(terms.sources), dtype=np.int64) if terms.inputs is None else terms.inputs
        for index in range(len(inputs)):
            # A copy in the padding (reflected, wrapped, …) lies in the region as padding, not as its source.
            read = terms.sources[(which == index) & ~terms.padding]
            alone = op.input_region(shapes, index, Region((row, column), (row + 1, column + 1)))
            larger = op.input_region(shapes, index, Region((max(row - 1, 0), 0), (row + 1, column + 1)))
            for region in (alone, larger):
                for source in read:
                    assert _holds(region, source[1], source[2]), f"{region} of {cell} lacks {source}"


def _holds(region: Region, row: int, column: int) -> bool:
    rows, columns = zip(region.start, region.stop, strict=True)
    return bool(rows[0] <= row < rows[1] and columns[0] <= column < columns[1])


def check_perturbation(op: Operation, inputs: Inputs, weights: Weights) -> None:
    """Changing one cell of the first picture changes no output that the cell is not said to feed."""
    output, _ = op.forward(inputs, weights)
    shapes = [x.shape for x in inputs]
    for index, x in enumerate(inputs):
        for cell in some_cells(x)[::4]:
            nudged = list(inputs)
            nudged[index] = x.copy()
            nudged[index][cell_index(x.shape, cell)] += 3
            after, _ = op.forward(nudged, weights)
            assert np.array_equal(after[1:], output[1:]), f"{cell} reaches another picture"
            changed = np.argwhere(as_map(after)[0] != as_map(output)[0]).tolist()
            fed = op.uses(shapes, index, cell).tolist()
            assert all(place in fed for place in changed), f"input {index} {cell} also changes {changed}"


def check_gradients(op: Operation, inputs: Inputs, weights: Weights, tolerance: float = 1e-6) -> None:
    """Each gradient agrees, along random directions, with the change that a small step makes.

    The upstream gradient is random: one of ones lets errors cancel.
    """
    given = {name: array.astype(np.float64) for name, array in named(inputs, weights).items()}
    output, cache = op.forward(*_parted(given, len(inputs)))
    upstream = random_like(output, seed=1)
    found = gradients(op, upstream, cache)
    for seed, name in enumerate(given):
        if name in CONSTANTS:
            continue
        direction = random_like(given[name], seed=seed + 2)
        change = [
            _against(upstream, op, _parted({**given, name: given[name] + step * direction}, len(inputs)))
            for step in (-STEP, STEP)
        ]
        expected = (change[1] - change[0]) / (2 * STEP)
        actual = float(np.vdot(found[name], direction))
        # Along one direction a gradient may happen to be near 0: its length says what is small.
        scale = max(abs(expected), float(np.linalg.norm(found[name])), 1e-3)
        assert abs(actual - expected) <= tolerance * scale, f"gradient of {name}: {actual}, not {expected}"


def _against(upstream: Array, op: Operation, arguments: tuple[Inputs, Weights]) -> float:
    return float(np.vdot(upstream, op.forward(*arguments)[0]))


def _parted(given: Mapping[str, Array], count: int) -> tuple[list[Array], dict[str, Array]]:
    inputs = [given[f"input{i}"] for i in range(count)]
    return inputs, {name: array for name, array in given.items() if not name.startswith("input")}
