"""Live maps: that they are those of a run, whatever is wanted of them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.api.camera import Camera, Maps
from tests.api.nets import CONV
from tests.api.pictures import encode, noise, pil, png
from tests.api.threaded_server import ThreadedServer

EDITS = [{"node": "conv_1_1", "index": 2, "off": True}, {"node": "conv_1_2", "index": [1], "scale": -2}]
RUNS: dict[str, dict[str, Any]] = {
    "a net": {"model": "tiny-vgg"},
    "a net of grey pictures": {"model": "lenet-5"},
    "a net with many nodes": {"model": "cifar-net"},
    "an operation at the picture's size": {"specification": {"nodes": [CONV, {"op": "relu"}]}},
    "an operation at a size": {
        "specification": {"nodes": [CONV]},
        "size": [20, 30],
        "color": "gray",
        "range": 255,
    },
    "edits": {"model": "tiny-vgg", "edits": EDITS},
}


def photograph(rows: int = 48, columns: int = 64, seed: int = 0) -> bytes:
    """A JPEG as a camera sends it."""
    return encode(pil(noise(rows, columns, seed=seed)), "JPEG", quality=80)


def posted(live_server: ThreadedServer, file: bytes, run: dict[str, Any]) -> Any:
    """The run of the same picture, by POST."""
    image = live_server.client.post("/api/v1/images", files={"file": ("frame", file)}).json()["id"]
    answer = live_server.client.post("/api/v1/runs", json={"image": image, **run})
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def output(live_server: ThreadedServer, run: Any, node: str, query: str = "") -> npt.NDArray[Any]:
    answer = live_server.client.get(f"{run['url']}/nodes/{node}/output.npy{query}")
    assert answer.status_code == 200, answer.text
    array: npt.NDArray[Any] = np.load(io.BytesIO(answer.content))
    return array


@pytest.mark.parametrize("name", RUNS)
class TestNumbersAreThoseOfARun:
    def nodes(self, live_server: ThreadedServer, run: Any) -> list[str]:
        return ["input", *(node["name"] for node in run["nodes"])]

    def test_float32_to_the_bit(self, live_server: ThreadedServer, camera: Camera, name: str) -> None:
        file = photograph()
        run = posted(live_server, file, RUNS[name])
        nodes = self.nodes(live_server, run)
        camera.configure(RUNS[name], *nodes, dtype="float32")
        maps = camera.seen(file)
        assert [each["node"] for each in maps.header["outputs"]] == nodes
        for node, array in zip(nodes, maps.arrays, strict=True):
            expected = output(live_server, run, node)
            assert array.dtype == np.dtype("<f4")
            assert np.array_equal(array, expected)

    def test_uint8_within_half_a_step(self, live_server: ThreadedServer, camera: Camera, name: str) -> None:
        file = photograph()
        run = posted(live_server, file, RUNS[name])
        nodes = self.nodes(live_server, run)
        camera.configure(RUNS[name], *nodes)
        maps = camera.seen(file)
        for index, node in enumerate(nodes):
            told = maps.header["outputs"][index]
            assert (told["dtype"], maps.arrays[index].dtype) == ("uint8", np.uint8)
            off = np.abs(maps.values(index) - output(live_server, run, node))
            assert off.max() <= told["scale"] * 0.501

    def test_what_is_told_of_it(self, live_server: ThreadedServer, camera: Camera, name: str) -> None:
        file = photograph()
        run = posted(live_server, file, RUNS[name])
        configuration = camera.configure(RUNS[name], run["nodes"][0]["name"])
        header = camera.seen(file).header
        extents = {"input": [run["input"].pop("min"), run["input"].pop("max")]}
        extents |= {node["name"]: [node.pop("min"), node.pop("max")] for node in run["nodes"]}
        assert header["extents"] == extents
        assert header.get("top") == run.get("top")
        told = {name: run[name] for name in ("model", "input", "edits", "nodes")}
        assert camera.configured == {"type": "configured", "configuration": configuration, **told}
        assert header["configuration"] == configuration

    def test_the_making_of_a_number(self, live_server: ThreadedServer, camera: Camera, name: str) -> None:
        file = photograph()
        run = posted(live_server, file, RUNS[name])
        node, (_, rows, columns) = run["nodes"][0]["name"], run["nodes"][0]["output_shape"]
        start = rows * columns + 5 * columns + 7
        steps = live_server.client.get(
            f"{run['url']}/nodes/{node}/steps?start={start}&count=1&positions=true"
        )
        camera.configure(RUNS[name], cell={"node": node, "cell": [1, 5, 7]})
        maps = camera.seen(file)
        assert maps.header["step"] == steps.json()
        assert maps.arrays == []


class TestParts:
    def seen(self, camera: Camera, chosen: dict[str, Any], dtype: str = "float32") -> Maps:
        camera.configure({"model": "tiny-vgg"}, {"node": "conv_1_2", **chosen}, dtype=dtype)
        return camera.seen(photograph())

    def whole(self, live_server: ThreadedServer) -> npt.NDArray[Any]:
        return output(live_server, posted(live_server, photograph(), {"model": "tiny-vgg"}), "conv_1_2")

    def test_channels(self, live_server: ThreadedServer, camera: Camera) -> None:
        maps, whole = self.seen(camera, {"channels": "3:5"}), self.whole(live_server)
        assert np.array_equal(maps.arrays[0], whole[3:5])
        told = maps.header["outputs"][0]
        assert (told["min"], told["max"]) == (float(whole.min()), float(whole.max()))

    def test_fold_and_blocks(self, live_server: ThreadedServer, camera: Camera) -> None:
        run = posted(live_server, photograph(), {"model": "tiny-vgg"})
        answer = live_server.client.get(f"{run['url']}/outputs.npz?nodes=conv_1_2&fold=4&max_px=16")
        expected = np.load(io.BytesIO(answer.content))["conv_1_2"]
        maps = self.seen(camera, {"fold": 4, "max_px": 16})
        assert np.array_equal(maps.arrays[0], expected)
        assert maps.header["outputs"][0]["shape"] == [4, 15, 15]
        told, whole = maps.header["outputs"][0], self.whole(live_server)
        assert (told["min"], told["max"]) == (float(whole.min()), float(whole.max()))

    def test_float16(self, live_server: ThreadedServer, camera: Camera) -> None:
        maps = self.seen(camera, {}, "float16")
        assert maps.arrays[0].dtype == np.dtype("<f2")
        assert np.array_equal(maps.arrays[0], self.whole(live_server).astype("<f2"))

    def test_one_node_twice(self, camera: Camera) -> None:
        small = {"node": "conv_1_1", "max_px": 8}
        camera.configure({"model": "tiny-vgg"}, small, {"node": "conv_1_1", "channels": "9:10"})
        shapes = [array.shape for array in camera.seen(photograph()).arrays]
        assert shapes == [(10, 8, 8), (1, 62, 62)]


class TestChanges:
    def test_the_model_changes_between_frames(self, camera: Camera) -> None:
        camera.configure({"model": "tiny-vgg"}, "conv_1_1")
        assert camera.seen(photograph()).header["outputs"][0]["shape"] == [10, 62, 62]
        number = camera.configure({"model": "lenet-5"}, "input")
        assert camera.seen(photograph()).header["outputs"][0]["shape"] == [1, 28, 28]
        assert (camera.configured["configuration"], camera.configured["input"]["color"]) == (number, "gray")

    def test_edits_change_between_frames(self, camera: Camera) -> None:
        camera.configure({"model": "tiny-vgg"}, "conv_1_1")
        assert camera.seen(photograph()).values().any()
        camera.configure(
            {
                "model": "tiny-vgg",
                "edits": [{"node": "conv_1_1", "index": i, "off": True} for i in range(10)],
            },
            "conv_1_1",
        )
        assert not camera.seen(photograph()).values().any()

    def test_the_pictures_change_their_size(self, camera: Camera) -> None:
        camera.configure({"specification": {"nodes": [CONV]}}, "conv")
        assert camera.seen(photograph(30, 40)).arrays[0].shape == (3, 30, 42)
        first = camera.configured
        assert camera.seen(photograph(30, 40, seed=1)).arrays[0].shape == (3, 30, 42)
        assert camera.configured is first
        assert camera.seen(photograph(40, 30)).arrays[0].shape == (3, 40, 32)
        assert camera.configured["input"]["shape"] == [3, 40, 30]
        assert camera.configured["configuration"] == first["configuration"]

    def test_a_grey_picture_is_another_one(self, camera: Camera) -> None:
        camera.configure({"specification": {"nodes": [CONV]}}, "input")
        assert camera.seen(png(noise(6, 9))).arrays[0].shape == (3, 6, 9)
        assert camera.seen(png(noise(6, 9, 1))).arrays[0].shape == (1, 6, 9)

    def test_every_configuration_is_answered(self, camera: Camera) -> None:
        for cell in ([0, 0, 0], [0, 0, 1]):
            number = camera.configure({"model": "tiny-vgg"}, cell={"node": "conv_1_1", "cell": cell})
            assert camera.seen(photograph()).header["step"]["cells"] == [cell]
            assert camera.configured["configuration"] == number


def test_times_are_told(camera: Camera) -> None:
    camera.configure({"model": "tiny-vgg"}, "conv_1_1")
    spent = camera.seen(photograph()).header["ms"]
    assert set(spent) == {"waited", "decoded", "computed", "packed"}
    assert all(ms > 0 for ms in spent.values())
    assert sum(spent.values()) < 10_000
