"""How numbers of a run were made, and what its layers are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.api.client.faces import EDIT, NET, PIXELS, Face, load


@pytest.fixture
def run(face: Face) -> Any:
    return face(face.client.run(PIXELS, specification=NET))


def test_a_number_and_its_terms(face: Face, run: Any, get: Any) -> None:
    cell = face(run.explain("conv", np.array([2, 0, 4])))
    raw = get(f"runs/{run.id}/nodes/conv/cells/2/0/4").json()
    assert cell.raw == raw
    assert (cell.cell, cell.combine, cell.bias) == ((2, 0, 4), "sum", -0.5)
    assert cell.value == float(face(run["conv"])[2, 0, 4])
    assert cell.products.sum() + cell.bias == pytest.approx(cell.total, abs=1e-12)
    assert np.array_equal(cell.products, cell.values * cell.weights)
    assert (cell.window.start, cell.window.size) == ((-1, 3), (3, 3))
    assert cell.receptive_field.size == (3, 3)
    outside = [term for term in cell.terms if term.padding]
    assert {term.cell for term in outside} == {None}
    assert len(outside) == 9
    assert cell.terms[-1].weight_index == (2, 2, 2, 2)


def test_terms_by_page(face: Face, run: Any) -> None:
    page = face(run.explain("conv", (0, 3, 3), limit=5, offset=2))
    assert (len(page.terms), page.term_count, page.term_order) == (5, 27, "rank")
    assert page.remainder.count == 22
    assert page.products.sum() + page.remainder.sum + page.bias == pytest.approx(page.total, abs=1e-12)


def test_of_a_vector_the_index_is_enough(face: Face, run: Any) -> None:
    cell = face(run.explain("flat", np.int64(5)))
    assert cell.cell == (5, 0, 0)
    assert cell.value == face(run["flat"])[5]
    assert face(run.explain("input", (1, 2, 3))).combine == "copy"
    with pytest.raises(ValueError, match=r"cell is \(1, 2\); allowed: \(channel, row, column\)"):
        face(run.explain("conv", (1, 2)))
    with pytest.raises(TypeError):
        face(run.explain("conv", (1, 2, 0.5)))


def test_uses(face: Face, run: Any) -> None:
    (use,) = face(run.uses("input", (0, 0, 0)))
    assert (use.node, use.count) == ("conv", 12)
    assert use.cells.shape == (12, 3)


def test_steps(face: Face, run: Any) -> None:
    steps = face(run.steps("conv", start=53, count=4, positions=True))
    assert steps.cells.tolist() == [[0, 5, 8], [1, 0, 0], [1, 0, 1], [1, 0, 2]]
    assert np.array_equal(steps.value, face(run["conv"])[tuple(steps.cells.T)])
    assert steps.bias.tolist() == [0.5, 0, 0, 0]
    assert len(steps.terms.weights) == 4
    one = face(run.explain("conv", (1, 0, 1)))
    assert np.array_equal(steps.terms.products[2], one.products)
    assert np.array_equal(steps.terms.positions[2], [term.position for term in one.terms])
    pooled = {"nodes": [{"name": "pool", "op": "max_pool2d", "kernel_size": 2}]}
    steps = face(face(face.client.run(PIXELS, specification=pooled)).steps("pool", count=2))
    assert steps.bias is None
    assert steps.terms.values[1][steps.terms.selected[1]] == steps.value[1]


def test_the_map_as_a_matrix(face: Face, run: Any) -> None:
    matrix = face(run.matrix("conv", "20:24"))
    assert matrix.shape == (3 * 54, 3 * 54)
    x, y = face(run["input"]).ravel(), face(run["conv"]).ravel()
    for row in matrix.rows:
        assert row.weights @ x[row.columns] + row.bias == pytest.approx(y[row.row], abs=1e-5)
    assert face(run.columns("conv")).shape == (54, 27)
    assert np.array_equal(face(run.columns("conv", "3:5")), face(run.columns("conv"))[3:5])


def test_stages(face: Face) -> None:
    nodes = [{"name": "up", "op": "conv_transpose2d", "stride": 2, "weight": "box"}]
    run = face(face.client.run(PIXELS, specification={"nodes": nodes}))
    stages = face(run.stages("up"))
    assert list(stages) == ["spread", "frame", "crop", "convolve", "kernel"]
    assert np.allclose(stages["convolve"], face(run["up"]), atol=1e-6)


def test_filters_and_weights(face: Face, get: Any) -> None:
    run = face(face.client.run("chelsea", model="lenet-5", edits=[EDIT]))
    raw = get("models/lenet-5/nodes/c1/filters").json()
    filters = face(run.filters("c1"))
    assert len(filters) == len(raw["filters"])
    assert filters.order == tuple(raw["order"])
    assert filters[0].kind == raw["filters"][0]["kind"]
    fitted = next(each for each in filters if each.fit)
    assert fitted.fit.center == tuple(raw["filters"][fitted.index]["fit"]["center"])
    assert filters == face(face.client.filters("lenet-5", "c1"))
    weight = face(run.weight("c1"))
    assert weight[1].any()
    assert np.array_equal(weight, load(get("models/lenet-5/nodes/c1/weight.npy")))
    assert face(run.weight("c1", "bias")).shape == (len(weight),)
