from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.ops.registry import OPERATIONS
from tests.api.nets import (
    CONV,
    OF_POSITIVE_NUMBERS,
    OF_VECTORS,
    assert_problem,
    get_array,
    get_json,
    node_of,
    post_run,
)
from tests.api.server import Api, MakeApi

LINEAR = (
    "conv2d",
    "conv_transpose2d",
    "local2d",
    "tiled2d",
    "linear",
    "avg_pool2d",
    "global_avg_pool2d",
)


def numbers(array: Any) -> Any:
    """(channels, rows, columns), a vector as channels."""
    return array if array.ndim == 3 else array.reshape(-1, 1, 1)


@pytest.mark.parametrize("op", OPERATIONS)
def test_every_operation_runs_and_opens(api: Api, op: str) -> None:
    run = post_run(api, node_of(op))
    url = f"{run['url']}/nodes/it"
    output = numbers(get_array(api, f"{url}/output.npy"))
    tolerance = 1e-5 * max(1e-3, float(np.abs(output).max()))
    steps = get_json(api, f"{url}/steps?start=0&count=1000&positions=true")
    assert steps["shape"] == list(output.shape)
    assert steps["value"] == output.ravel()[: steps["count"]].tolist()
    assert np.allclose(steps["total"], steps["value"], rtol=0, atol=tolerance)
    for index in {0, steps["count"] // 2, steps["count"] - 1}:
        c, r, q = steps["cells"][index]
        cell = get_json(api, f"{url}/cells/{c}/{r}/{q}")
        assert cell["value"] == output[c, r, q]
        assert abs(cell["total"] - cell["value"]) <= tolerance
        assert cell["value"] == steps["value"][index]
        assert cell["grid"] == steps["grid"] or steps["grid"] is None
        terms = steps["terms"]
        assert [term["value"] for term in cell["terms"]] == terms["values"][index]
        assert [term["padding"] for term in cell["terms"]] == [bool(p) for p in terms["padding"][index]]
        assert [term["position"] for term in cell["terms"]] == terms["positions"][index]
        if cell["combine"] == "sum":
            assert sum(t["product"] for t in cell["terms"]) + cell.get("bias", 0) == pytest.approx(
                cell["total"]
            )
            weights = terms["weights"][0 if len(terms["weights"]) == 1 else index]
            assert [term["weight"] for term in cell["terms"]] == weights


@pytest.mark.parametrize("op", OPERATIONS)
def test_uses_are_the_reverse_of_terms(api: Api, op: str) -> None:
    run = post_run(api, node_of(op), size=[3, 4])
    source, place = ("flat_signs", "18/0/0") if op in OF_VECTORS else ("signs", "1/1/2")
    if op in OF_POSITIVE_NUMBERS:
        source = "sure_signs"
    listed = get_json(api, f"{run['url']}/nodes/{source}/uses/{place}")
    (uses,) = [use for use in listed if use["node"] == "it"]
    assert uses["count"] == len(uses["cells"])
    steps = get_json(api, f"{run['url']}/nodes/it/steps?count=1000")
    feeding = []
    for c, r, q in steps["cells"]:
        cell = get_json(api, f"{run['url']}/nodes/it/cells/{c}/{r}/{q}")
        shown = [term["cell"] or term.get("source") for term in cell["terms"] if term["input"] == source]
        if [int(index) for index in place.split("/")] in shown:
            feeding.append([c, r, q])
    assert uses["cells"] == feeding


def test_a_cell_of_a_convolution_in_full(api: Api) -> None:
    run = post_run(api, [{**CONV, "weight": "sobel_x", "bias": [0.5, 0, 0]}])
    x = get_array(api, f"{run['url']}/nodes/input/output.npy")
    cell = get_json(api, f"{run['url']}/nodes/conv/cells/0/0/2")
    assert cell["grid"] == [1, 3, 3]
    assert cell["window"] == {"start": [-1, 0], "size": [3, 3], "dilation": [1, 1]}
    assert cell["receptive_field"] == {"start": [-1, 0], "size": [3, 3]}
    assert cell["formula"] == {"id": "cross_correlation", "params": {}}
    assert (cell["term_count"], cell["term_order"]) == (9, "grid")
    assert "remainder" not in cell
    first, fourth = cell["terms"][0], cell["terms"][3]
    assert first == {
        "input": "input",
        "cell": None,
        "padding": True,
        "value": 0.0,
        "position": [0, -1, 0],
        "weight": -1.0,
        "product": 0.0,
        "weight_index": [0, 0, 0, 0],
    }
    assert fourth["cell"] == fourth["position"] == [0, 0, 0]
    assert fourth["value"] == float(x[0, 0, 0])
    assert fourth["product"] == -2 * float(x[0, 0, 0])


def test_reflected_padding_names_its_source(api: Api) -> None:
    run = post_run(api, [{"name": "conv", "op": "conv2d", "padding": 2, "padding_mode": "reflect"}])
    term = get_json(api, f"{run['url']}/nodes/conv/cells/0/0/0")["terms"][0]
    assert (term["cell"], term["position"], term["source"]) == (None, [0, -2, -2], [0, 2, 2])


def test_terms_by_pages(api: Api) -> None:
    run = post_run(api)
    url = f"{run['url']}/nodes/conv/cells/1/3/4"
    every = get_json(api, url)
    first, second = get_json(api, f"{url}?limit=4"), get_json(api, f"{url}?limit=100&offset=4")
    ranked = first["terms"] + second["terms"]
    sizes = [abs(term["product"]) for term in ranked]
    assert sizes == sorted(sizes, reverse=True)
    assert sorted(map(str, ranked)) == sorted(map(str, every["terms"]))
    assert first["term_order"] == "rank"
    assert first["remainder"]["count"] == 5
    assert first["remainder"]["sum"] == pytest.approx(sum(term["product"] for term in second["terms"]))
    assert_problem(api.get(f"{url}?offset=9"), 422, "invalid-argument", "offset")
    assert_problem(api.get(f"{url}?limit=0"), 422, "invalid-argument", "limit")


def test_many_terms_are_ranked_beyond_the_limit(make_api: MakeApi) -> None:
    for terms, order in ((9, "grid"), (8, "rank")):
        api = make_api(limits={"terms": terms})
        cell = get_json(api, f"{post_run(api)['url']}/nodes/conv/cells/0/3/4")
        assert (len(cell["terms"]), cell["term_order"], cell["term_count"]) == (terms, order, 9)


def test_the_picture_opens_too(api: Api) -> None:
    run = post_run(api)
    x = get_array(api, f"{run['url']}/nodes/input/output.npy")
    cell = get_json(api, f"{run['url']}/nodes/input/cells/0/2/3")
    assert cell["value"] == cell["total"] == float(x[0, 2, 3])
    assert (cell["op"], cell["terms"]) == ("input", [])
    (uses,) = get_json(api, f"{run['url']}/nodes/input/uses/0/2/3")
    assert uses["node"] == "conv"
    assert uses["count"] == 27


def test_few_terms_wait_behind_nothing(make_api: MakeApi) -> None:
    """And many wait for a thread, so that they hold nobody else up."""
    api = make_api()
    wide = {**CONV, "out_channels": 64, "padding": 1}
    url = f"{post_run(api, [wide, {'name': 'next', 'op': 'conv2d'}])['url']}/nodes"
    for lane in api.app.state.services.lanes.gates:
        lane.accepted = lane.places
    assert get_json(api, f"{url}/conv/cells/0/1/2")["term_count"] == 9
    assert get_json(api, f"{url}/input/cells/0/1/2")["term_count"] == 0
    assert_problem(api.get(f"{url}/next/cells/0/1/2"), 503, "busy")


class TestSteps:
    def test_they_go_on_from_a_start_to_the_end(self, api: Api) -> None:
        url = f"{post_run(api)['url']}/nodes/conv/steps"
        steps = get_json(api, f"{url}?start=225&count=64")
        assert (steps["start"], steps["count"]) == (225, 6)
        assert steps["cells"][-1] == [2, 6, 10]
        assert len(steps["terms"]["weights"]) == 1
        assert steps["window"]["starts"][-1] == [5, 8]
        assert "positions" not in steps["terms"]

    def test_weights_by_step_where_they_differ(self, api: Api) -> None:
        url = f"{post_run(api)['url']}/nodes/conv/steps"
        assert len(get_json(api, f"{url}?start=76&count=2")["terms"]["weights"]) == 2

    def test_their_limits(self, make_api: MakeApi) -> None:
        api = make_api(limits={"steps": 10, "step_terms": 90})
        url = f"{post_run(api)['url']}/nodes/conv/steps"
        assert get_json(api, f"{url}?count=10")["count"] == 10
        assert_problem(api.get(f"{url}?count=11"), 422, "invalid-argument", "count")
        assert_problem(api.get(f"{url}?count=0"), 422, "invalid-argument", "count")
        assert_problem(api.get(f"{url}?start=231"), 422, "invalid-argument", "start")
        assert_problem(api.get(f"{url}?order=random"), 422, "invalid-argument", "order")
        api = make_api(limits={"step_terms": 89})
        assert_problem(
            api.get(f"{post_run(api)['url']}/nodes/conv/steps?count=10"), 422, "invalid-argument", "count"
        )


class TestMatrices:
    def test_columns_times_weights_are_the_output(self, api: Api) -> None:
        run = post_run(api, [{**CONV, "stride": [1, 2], "dilation": [2, 1]}])
        url = f"{run['url']}/nodes/conv"
        columns = get_array(api, f"{url}/columns.npy")
        weight = get_array(api, f"/api/v1/models/{run['model']}/nodes/conv/weight.npy")
        output = get_array(api, f"{url}/output.npy")
        assert np.allclose((columns @ weight.reshape(3, -1).T).T, output.reshape(3, -1), atol=1e-5)
        assert np.array_equal(get_array(api, f"{url}/columns.npy?rows=2:4"), columns[2:4])
        assert get_json(api, f"{url}/columns?rows=2:4")["data"] == columns[2:4].tolist()

    @pytest.mark.parametrize("op", [op for op in LINEAR if op in OPERATIONS])
    def test_the_sparse_map_gives_the_output(self, api: Api, op: str) -> None:
        run = post_run(api, node_of(op), size=[3, 4])
        source = "flat_signs" if op in OF_VECTORS else "signs"
        x = get_array(api, f"{run['url']}/nodes/{source}/output.npy").astype(np.float64).ravel()
        output = get_array(api, f"{run['url']}/nodes/it/output.npy").ravel()
        answer = get_json(api, f"{run['url']}/nodes/it/matrix?rows=0:{output.size}")
        assert answer["shape"] == [output.size, x.size]
        for row, value in zip(answer["rows"], output, strict=True):
            total = sum(entry["weight"] * x[entry["column"]] for entry in row["entries"]) + row["bias"]
            assert total == pytest.approx(float(value), abs=1e-5)

    def test_what_has_none(self, api: Api) -> None:
        url = post_run(api, [CONV, {"name": "act", "op": "relu"}])["url"]
        assert_problem(api.get(f"{url}/nodes/act/columns.npy"), 422, "no-windows", "node")
        assert_problem(api.get(f"{url}/nodes/act/matrix"), 422, "not-linear", "node")
        assert_problem(api.get(f"{url}/nodes/input/matrix"), 404, "unknown-node", "node")
        assert_problem(api.get(f"{url}/nodes/conv/matrix?rows=5:2"), 422, "invalid-argument", "rows")
        assert_problem(api.get(f"{url}/nodes/conv/columns?rows=0:78"), 422, "invalid-argument", "rows")


class TestStages:
    nodes = ({"name": "up", "op": "conv_transpose2d", "stride": 2, "padding": 1, "bias": [0.5]},)

    def test_they_lead_to_the_output(self, api: Api) -> None:
        url = f"{post_run(api, list(self.nodes), size=[3, 4])['url']}/nodes/up"
        stages = get_json(api, f"{url}/stages")["stages"]
        assert [stage["name"] for stage in stages] == ["spread", "frame", "crop", "convolve", "kernel"]
        arrays = {stage["name"]: get_array(api, f"{stage['url']}.npy") for stage in stages}
        for stage in stages:
            assert list(arrays[stage["name"]].shape) == stage["shape"]
        assert arrays["spread"].shape == (1, 5, 7)
        assert np.allclose(arrays["convolve"], get_array(api, f"{url}/output.npy"), atol=1e-5)
        assert api.get(f"{url}/stages/crop.png").headers["content-type"] == "image/png"

    def test_what_has_none(self, api: Api) -> None:
        url = post_run(api, [*self.nodes, {"name": "act", "op": "relu"}])["url"]
        assert_problem(api.get(f"{url}/nodes/act/stages"), 422, "no-stages", "node")
        assert_problem(api.get(f"{url}/nodes/up/stages/cut"), 404, "unknown-stage", "stage")
        assert_problem(api.get(f"{url}/nodes/up/columns"), 422, "no-windows", "node")


@pytest.mark.parametrize("what", ["cells", "uses"])
def test_cells_that_are_not_there(api: Api, what: str) -> None:
    url = f"{post_run(api)['url']}/nodes"
    for cell in ("3/0/0", "0/7/0", "0/0/11"):
        assert_problem(api.get(f"{url}/conv/{what}/{cell}"), 422, "cell-out-of-range", "cell")
    assert_problem(api.get(f"{url}/conv/{what}/-1/0/0"), 422, "invalid-argument", "channel")
    assert_problem(api.get(f"{url}/conv/{what}/x/0/0"), 422, "invalid-argument", "channel")
    assert_problem(api.get(f"{url}/nobody/{what}/0/0/0"), 404, "unknown-node", "node")
    assert_problem(api.get(f"{url}/input/{what}/0/9/0"), 422, "cell-out-of-range", "cell")


def test_an_operand_of_the_operations_own_is_read_of_no_input(api: Api) -> None:
    run = post_run(api, [{"name": "it", "op": "sub", "operand": 2, "reverse": True}])
    x = get_array(api, f"{run['url']}/nodes/input/output.npy")
    cell = get_json(api, f"{run['url']}/nodes/it/cells/0/1/2")
    own, read = cell["terms"]
    assert (own["input"], own["cell"], own["padding"], own["value"]) == (None, None, False, 2)
    assert (read["input"], read["cell"], read["value"]) == ("input", [0, 1, 2], float(x[0, 1, 2]))
    assert (cell["combine"], cell["total"]) == ("subtract", pytest.approx(2 - x[0, 1, 2]))


def test_a_factor_that_is_an_input_names_its_cell(api: Api) -> None:
    run = post_run(api, node_of("matmul"))
    url = f"{run['url']}/nodes"
    second = get_array(api, f"{url}/turned/output.npy")
    cell = get_json(api, f"{url}/it/cells/1/2/3")
    assert [term["weight_source"] for term in cell["terms"]] == [[1, k, 3] for k in range(9)]
    assert [term["weight"] for term in cell["terms"]] == second[1, :, 3].tolist()
    assert_problem(api.get(f"{url}/it/matrix"), 422, "not-linear", "node")
