"""Questions to a recorded run: what a cell was made of, what it feeds, how far it sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.explanation import Explanation
from engine.geometry.receptive_field import Region
from engine.graph import INPUT, Model
from engine.trace import Trace, check_cell, explain, explain_each, receptive_field, terms_about, uses
from engine.types import Cell, as_map, map_shape
from tests.engine.nets import INCEPTION, LENET_5, RESIDUAL, net, picture
from tests.engine.receptive_fields import BRANCHES, CHAINS, UPWARDS, box, conv, influences, up, within
from tests.engine.refusals import refusal

HEAD = ({"op": "flatten"}, {"op": "linear", "out_features": 3, "bias": 0.5}, {"op": "softmax"})

NETS: dict[str, tuple[dict[str, Any], ...]] = {
    "residual": RESIDUAL,
    "inception": INCEPTION,
    "three convolutions": (
        {"op": "conv2d", "out_channels": 3, "padding": 1, "padding_mode": "reflect", "bias": 0.1},
        {"op": "tanh"},
        {"op": "conv2d", "out_channels": 4, "kernel_size": [2, 3], "stride": 2, "flip": True},
        {"op": "conv2d", "out_channels": 2, "kernel_size": 2, "dilation": [1, 2]},
    ),
    "pooled": (
        {"op": "conv2d", "out_channels": 2, "padding": "same", "padding_mode": "circular"},
        {"op": "relu"},
        {"op": "max_pool2d", "ceil_mode": True},
        {"op": "local_response_norm", "size": 2, "alpha": 1},
        {"op": "avg_pool2d", "kernel_size": 3, "stride": 2, "padding": 1},
        *HEAD,
    ),
    "down and up": (
        {"op": "conv2d", "out_channels": 2, "stride": 2, "padding": 1},
        {"op": "gelu"},
        {"op": "conv_transpose2d", "stride": 2, "padding": 1, "out_channels": 2, "bias": -1},
        {"op": "batch_norm2d"},
    ),
    "unshared": (
        {"op": "local2d", "out_channels": 2, "stride": 2},
        {"op": "tiled2d", "kernel_size": 2},
        {"op": "lp_pool2d"},
        {"op": "global_max_pool2d"},
    ),
    "compared": (
        {"op": "conv2d", "name": "blur", "weight": "gaussian", "padding": 1},
        {"op": "squared_error", "inputs": ["blur", "input"]},
    ),
}


def run(name: str, size: tuple[int, int] = (7, 8)) -> Trace:
    model = net(*NETS[name], size=size)
    return model.run(picture(model))


def cells_of(trace: Trace, name: str) -> list[Cell]:
    return [(c, row, column) for c, row, column in np.ndindex(*map_shape(trace.output(name).shape))]


def cells_read(trace: Trace, name: str, cell: Cell) -> list[tuple[str, Cell]]:
    """The cells that an explanation names, by the node whose output they are of."""
    sources = trace.model.node(name).inputs
    terms = explain(trace, name, cell).terms
    which = [0] * len(terms.sources) if terms.inputs is None else terms.inputs.tolist()
    read = [
        (sources[i], (c, row, column))
        for i, (c, row, column) in zip(which, terms.sources.tolist(), strict=True)
        if c >= 0
    ]
    if trace.model.node(name).op.name == "squared_error":  # the second input stands where weights do
        read += [(sources[1], at) for _, at in read]
    return read


@pytest.mark.parametrize("name", NETS)
def test_an_explanation_has_no_more_terms_than_were_foreseen(name: str) -> None:
    trace = run(name)
    for node in trace.model:
        for made in explain_each(trace, node.name, cells_of(trace, node.name)):
            assert len(made.terms.values) <= terms_about(trace, node.name, made.cell), (node.name, made.cell)


class Recomputed:
    """Every number anew, from the pixels alone, by way of what the explanations say."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.known: dict[tuple[str, Cell], float] = {}

    def value(self, name: str, cell: Cell) -> float:
        if name == INPUT:
            return float(as_map(self.trace.output(INPUT))[0, *cell])
        if (name, cell) not in self.known:
            self.known[name, cell] = self._total(name, explain(self.trace, name, cell))
        return self.known[name, cell]

    def _total(self, name: str, explanation: Explanation) -> float:
        terms, sources = explanation.terms, self.trace.model.node(name).inputs
        which = [0] * len(terms.values) if terms.inputs is None else terms.inputs.tolist()
        values = terms.values.copy()
        for t, (channel, row, column) in enumerate(terms.sources.tolist()):
            if channel >= 0:
                values[t] = self.value(sources[which[t]], (channel, row, column))
        return replace(explanation, terms=replace(terms, values=values)).total


# The second input of "compared" stands where weights do, which are not computed anew.
@pytest.mark.parametrize("name", [name for name in NETS if name != "compared"])
def test_explanations_lead_down_to_the_pixels(name: str) -> None:
    trace = run(name)
    anew = Recomputed(trace)
    last = trace.model.nodes[-1].name
    for cell in cells_of(trace, last):
        assert anew.value(last, cell) == pytest.approx(
            float(as_map(trace.output(last))[0, *cell]), rel=1e-4, abs=1e-5
        )
    assert {each for each, _ in anew.known} == {each.name for each in trace.model}


@pytest.mark.parametrize("name", NETS)
def test_a_cell_feeds_those_that_name_it(name: str) -> None:
    trace = run(name)
    expected: dict[tuple[str, Cell], dict[str, list[list[int]]]] = {}
    for node in trace.model:
        for cell in cells_of(trace, node.name):
            for key in dict.fromkeys(cells_read(trace, node.name, cell)):
                expected.setdefault(key, {}).setdefault(node.name, []).append(list(cell))
    for name_of in trace.outputs:
        for cell in cells_of(trace, name_of):
            fed = {each: found.tolist() for each, found in uses(trace, name_of, cell).items()}
            named = expected.get((name_of, cell), {})
            assert {each: found for each, found in fed.items() if found} == named
            assert set(fed) == {each.name for each, _ in trace.model.consumers(name_of)}


def test_a_cell_that_one_node_takes_twice() -> None:
    model = net({"op": "concat", "inputs": ["input", "input"]}, size=(2, 3))
    found = uses(model.run(picture(model)), INPUT, (0, 1, 2))
    assert found["concat"].tolist() == [[0, 1, 2], [1, 1, 2]]
    model = net({"op": "add", "inputs": ["input", "input"]}, size=(2, 3))
    assert uses(model.run(picture(model)), INPUT, (0, 1, 2))["add"].tolist() == [[0, 1, 2]]


def test_the_first_picture_of_a_batch_is_explained() -> None:
    model = net(*RESIDUAL)
    x = picture(model, pictures=3)
    one, three = model.run(x[:1]), model.run(x)
    cell = (2, 4, 5)
    assert explain(three, "sum", cell).value == explain(one, "sum", cell).value
    assert np.array_equal(
        explain(three, "second", cell).terms.values, explain(one, "second", cell).terms.values
    )


class TestRefusals:
    def test_an_unknown_node(self) -> None:
        trace = run("compared")
        for ask in (trace.output, lambda name: explain(trace, name, (0, 0, 0))):
            error = refusal(ask, "conv9")
            assert (error.code, error.argument, error.value) == ("unknown-node", "node", "conv9")
            assert error.allowed == "input, blur, squared_error"
        assert refusal(uses, trace, "conv9", (0, 0, 0)).code == "unknown-node"

    def test_the_picture_was_not_made(self) -> None:
        error = refusal(explain, run("compared"), INPUT, (0, 0, 0))
        assert (error.code, error.value, error.allowed) == ("unknown-node", INPUT, "blur, squared_error")

    @pytest.mark.parametrize(
        "cell", [(1, 0, 0), (0, 7, 0), (0, 0, 8), (-1, 0, 0), (0, -1, 0), (0, 0, -1), (0, 10**30, 0)]
    )
    @pytest.mark.parametrize("ask", [explain, uses])
    def test_a_cell_that_is_not_there(self, cell: Cell, ask: Any) -> None:
        error = refusal(ask, run("compared"), "blur", cell)
        assert (error.code, error.argument, error.value) == ("cell-out-of-range", "cell", list(cell))
        assert error.allowed == "channel 0–0, row 0–6, column 0–7"

    @pytest.mark.parametrize("cell", [(0, 0), (0, 0, 0, 0), (0.0, 0, 0), ("0", 0, 0), (None, 0, 0)])
    def test_what_is_no_cell(self, cell: Any) -> None:
        assert refusal(check_cell, np.zeros((1, 2, 3, 4)), cell).code == "cell-out-of-range"

    def test_a_vector_is_channels_of_one_cell(self) -> None:
        y = np.zeros((1, 5))
        check_cell(y, (4, 0, 0))
        check_cell(y, tuple(np.array([4, 0, 0])))
        for cell in ((5, 0, 0), (0, 1, 0), (0, 0, 1)):
            assert refusal(check_cell, y, cell).allowed == "channel 0–4, row 0–0, column 0–0"


def field_of(trace: Trace, name: str, cell: Cell) -> Region:
    return receptive_field(trace, explain(trace, name, cell), name)


@pytest.mark.parametrize("name", [*CHAINS, *BRANCHES, *UPWARDS])
def test_the_field_of_a_cell_is_what_it_depends_on(name: str) -> None:
    size = (10, 11)
    model = net(*{**CHAINS, **BRANCHES, **UPWARDS}[name], size=size)
    moved, trace = influences(model), model.run(picture(model))
    last = model.nodes[-1].name
    picture_region = Region((0, 0), size)
    for cell in cells_of(trace, last):
        region = field_of(trace, last, cell)
        found = box(moved[:, :, *cell[1:]])
        if found is None:
            assert region.empty
            continue
        if last != "concat":  # whose cells come from one branch each
            assert within(found, region)
        if within(region, picture_region):
            assert found.union(region) == found


def test_the_field_of_a_corner_reaches_into_the_padding() -> None:
    model = net(conv(padding=1), conv(5, padding=2), size=(6, 7))
    trace = model.run(picture(model))
    assert field_of(trace, "conv2d", (0, 0, 0)) == Region((-1, -1), (2, 2))
    assert field_of(trace, "conv2d_2", (0, 0, 0)) == Region((-3, -3), (4, 4))
    assert field_of(trace, "conv2d_2", (0, 5, 6)) == Region((2, 3), (9, 10))


def test_channels_joined_come_from_one_branch_each() -> None:
    trace = run("inception")
    sizes = [field_of(trace, "joined", (channel, 3, 4)).size for channel in (0, 2, 5, 6)]
    assert sizes == [(1, 1), (3, 3), (5, 5), (3, 3)]


def test_a_flattened_cell_comes_from_one_place() -> None:
    model = net(conv(3, out_channels=2), {"op": "flatten"}, {"op": "linear"}, size=(4, 5))
    trace = model.run(picture(model))
    # 2 channels of 2 × 3: feature 6 + 3 + 2 is channel 1, row 1, column 2.
    assert field_of(trace, "flatten", (11, 0, 0)) == Region((1, 2), (4, 5))
    assert field_of(trace, "linear", (0, 0, 0)) == Region((0, 0), (4, 5))


def test_an_output_between_the_stamps_sees_nothing() -> None:
    model = net(up(2, 3), size=(3, 4))
    trace = model.run(picture(model))
    assert field_of(trace, "conv_transpose2d", (0, 3, 4)) == Region((1, 1), (2, 2))
    for cell in ((0, 2, 0), (0, 0, 2), (0, 5, 5)):
        explanation = explain(trace, "conv_transpose2d", cell)
        assert explanation.value == 0
        assert receptive_field(trace, explanation, "conv_transpose2d").empty
        row, column = cell[1:]
        region = Region((row, column), (row + 1, column + 1))
        assert model.receptive_field("conv_transpose2d", region).empty


def test_nothing_is_seen_through_a_window_on_nothing_either() -> None:
    # The 1×1 stamps stand 3 apart, so a window of 2 may cover none of them.
    model = net(up(1, 3), conv(2), size=(3, 3))
    trace = model.run(picture(model))
    assert field_of(trace, "conv2d", (0, 1, 1)).empty
    assert field_of(trace, "conv2d", (0, 2, 2)) == Region((1, 1), (2, 2))


def test_a_run_on_another_size_has_fields_of_its_own() -> None:
    model = net(conv(3, stride=2, padding="same"), {"op": "relu"}, {"op": "global_avg_pool2d"}, size=(8, 8))
    trace = model.run(np.ones((1, 1, 13, 20), np.float32))
    larger = Model((1, 13, 20), model.nodes)
    for name, cell in (("global_avg_pool2d", (0, 0, 0)), ("relu", (0, 6, 9))):
        own = field_of(trace, name, cell)
        assert own == field_of(larger.run(trace.output(INPUT)), name, cell)
    assert field_of(trace, "global_avg_pool2d", (0, 0, 0)) == Region((-1, 0), (14, 21))


def test_the_field_of_a_class_is_the_whole_picture() -> None:
    model = net(*LENET_5, size=(28, 28))
    trace = model.run(picture(model))
    assert within(Region((0, 0), (28, 28)), field_of(trace, "softmax", (9, 0, 0)))
