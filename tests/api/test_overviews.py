"""Many outputs in one request: a few maps of each layer, a few pixels of each map."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest

from app.overviews import Overview, block_means
from tests.api.nets import assert_problem, get_array, post_run
from tests.api.server import Api, MakeApi

NODES: list[dict[str, Any]] = [
    {"name": "conv", "op": "conv2d", "out_channels": 12, "padding": 1},
    {"name": "few", "op": "conv2d", "out_channels": 3, "padding": 1},
    {"name": "flat", "op": "flatten"},
]


@pytest.fixture
def run(api: Api) -> str:
    return str(post_run(api, NODES, size=[10, 23])["url"])


def outputs(api: Api, url: str) -> dict[str, Any]:
    answer = api.get(url)
    assert answer.status_code == 200, answer.text
    with np.load(io.BytesIO(answer.content)) as file:
        return dict(file)


def means(array: Any, n: int) -> Any:
    """By loops."""
    rows, columns = (-(-side // n) for side in array.shape[1:])
    made = np.empty((len(array), rows, columns))
    for r in range(rows):
        for q in range(columns):
            block = array[:, r * n : (r + 1) * n, q * n : (q + 1) * n].astype(np.float64)
            made[:, r, q] = block.mean(axis=(1, 2))
    return made


def test_wide_layers_are_folded(api: Api, run: str) -> None:
    every = get_array(api, f"{run}/nodes/conv/output.npy")
    folded = outputs(api, f"{run}/outputs.npz?nodes=conv,few&fold=4")
    assert np.array_equal(folded["conv"], every[[0, 1, 2, 11]])
    assert folded["few"].shape[0] == 3
    assert outputs(api, f"{run}/outputs.npz?nodes=conv&fold=12")["conv"].shape[0] == 12
    assert outputs(api, f"{run}/outputs.npz?nodes=conv&fold=11")["conv"].shape[0] == 11


@pytest.mark.parametrize(("max_px", "n"), [(23, 1), (22, 2), (12, 2), (11, 3), (8, 3), (1, 23)])
def test_maps_are_averaged_over_whole_blocks(api: Api, run: str, max_px: int, n: int) -> None:
    every = get_array(api, f"{run}/nodes/conv/output.npy")
    small = outputs(api, f"{run}/outputs.npz?nodes=conv&max_px={max_px}")["conv"]
    assert max(small.shape[1:]) <= max_px
    assert np.allclose(small, means(every, n), atol=1e-6)


def test_block_means_leave_the_array_alone() -> None:
    x = np.arange(30, dtype=np.float32).reshape(1, 5, 6)
    x.flags.writeable = False
    assert np.allclose(block_means(x, 4), means(x, 4))
    assert block_means(x, 4).dtype == np.float32


def test_the_input_may_be_among_them(api: Api, run: str) -> None:
    file = outputs(api, f"{run}/outputs.npz?nodes=input,few&max_px=5")
    assert list(file) == ["input", "few"]
    assert file["input"].shape == (1, 2, 5)
    assert "input" not in outputs(api, f"{run}/outputs.npz")


def test_vectors_are_whole_up_to_a_limit(make_api: MakeApi) -> None:
    api = make_api(limits={"vector_numbers": 690})
    run = post_run(api, NODES, size=[10, 23])["url"]
    every = get_array(api, f"{run}/nodes/flat/output.npy")
    assert len(every) == 690
    assert np.array_equal(outputs(api, f"{run}/outputs.npz?nodes=flat&fold=2&max_px=1")["flat"], every)
    api = make_api(limits={"vector_numbers": 689})
    run = post_run(api, NODES, size=[10, 23])["url"]
    cut = outputs(api, f"{run}/outputs.npz?nodes=flat")["flat"]
    assert np.array_equal(cut, np.append(every[:688], every[-1]))


def test_an_answer_too_large_is_refused_by_its_shapes(make_api: MakeApi) -> None:
    numbers = 12 * 230 + 3 * 230 + 690
    api = make_api(limits={"answer_numbers": numbers})
    url = post_run(api, NODES, size=[10, 23])["url"]
    assert api.get(f"{url}/outputs.npz").status_code == 200
    api = make_api(limits={"answer_numbers": numbers - 1})
    problem = assert_problem(api.get(f"{url}/outputs.npz"), 413, "answer-too-large", "nodes")
    assert problem["params"]["value"] == numbers
    assert api.get(f"{url}/outputs.npz?fold=2").status_code == 200


def test_so_is_one_output(make_api: MakeApi) -> None:
    api = make_api(limits={"answer_numbers": 3 * 230})
    url = post_run(api, NODES, size=[10, 23])["url"]
    assert api.get(f"{url}/nodes/few/output.npy").status_code == 200
    assert_problem(api.get(f"{url}/nodes/conv/output.npy"), 413, "answer-too-large", "channels")
    assert api.get(f"{url}/nodes/conv/output.npy?channels=0:3").status_code == 200


def test_entries_are_stored_and_always_the_same_bytes(api: Api, run: str) -> None:
    url = f"{run}/outputs.npz?fold=4&dtype=float16"
    content = api.get(url).content
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert [entry.filename for entry in file.infolist()] == ["conv.npy", "few.npy", "flat.npy"]
        for entry in file.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            # Where the local header says so, with nothing extra in it: a page can read it with a DataView.
            start = entry.header_offset + 30 + len(entry.filename)
            assert content[start : start + 6] == b"\x93NUMPY"
            assert not entry.flag_bits & 8
    assert api.get(url).content == content


def test_a_node_may_have_any_name(api: Api) -> None:
    run = post_run(api, [{"name": "file", "op": "relu"}, {"name": "allow_pickle", "op": "relu"}])
    assert list(outputs(api, f"{run['url']}/outputs.npz")) == ["file", "allow_pickle"]


def test_large_numbers_are_scaled(api: Api) -> None:
    nodes = [{"name": "big", "op": "conv2d", "weight": [[1e6]]}, {"name": "small", "op": "tanh"}]
    run = post_run(api, nodes)
    answer = api.get(f"{run['url']}/outputs.npz?dtype=float16&max_px=3")
    name, _, scale = answer.headers["x-scale"].partition("=")
    assert name == "big"
    with np.load(io.BytesIO(answer.content)) as file:
        assert np.isfinite(file["big"]).all()
        whole = get_array(api, f"{run['url']}/nodes/big/output.npy")
        assert np.allclose(
            file["big"].astype(np.float64) * float(scale.split("+")[0]), means(whole, 3), rtol=1e-3
        )


@pytest.mark.parametrize("query", ["fold=1", "fold=a", "max_px=0", "dtype=int8", "depth=3"])
def test_what_cannot_be(api: Api, run: str, query: str) -> None:
    assert api.get(f"{run}/outputs.npz?{query}").status_code == 422


def test_a_node_that_is_not_there(api: Api, run: str) -> None:
    assert_problem(api.get(f"{run}/outputs.npz?nodes=conv,nobody"), 422, "unknown-node", "node")


def test_the_shape_is_known_beforehand() -> None:
    overview = Overview(fold=8, max_px=64, vector=100)
    for shape in ((64, 224, 200), (3, 65, 1), (8, 64, 64), (99,), (101,)):
        assert overview.of(np.zeros(shape, np.float32)).shape == overview.shape(shape)
