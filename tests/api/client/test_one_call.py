"""One call for a picture, and lists of what may be called."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.api.client.faces import PIXELS, Face, load


def test_an_operation(face: Face, get: Any) -> None:
    settings = {"kernel": np.float32([[1, 0, -1]]), "stride": (2, 1), "padding": "same"}
    y = face(face.client.operation("conv2d", PIXELS, **settings))
    node = {
        "op": "conv2d",
        "name": "it",
        "weight": settings["kernel"],
        "stride": [2, 1],
        "padding": "same",
    }
    run = face(face.client.run(PIXELS, specification={"nodes": [node]}))
    assert np.array_equal(y, face(run["it"]))
    assert face(face.client.operation("relu", PIXELS, size=(4, 5), color="gray")).shape == (1, 4, 5)


def test_a_name_stands_for_its_pixels(face: Face) -> None:
    run = face(face.client.run("chelsea", specification={"nodes": [{"op": "relu"}]}))
    assert np.array_equal(face(face.client.operation("relu", "chelsea")), face(run["relu"]))


def test_a_model(face: Face) -> None:
    run = face(face.client.run(PIXELS, model="lenet-5"))
    assert face(face.client.predict(PIXELS, "lenet-5")) == run.top
    assert np.array_equal(face(face.client.output(PIXELS, "lenet-5", "c1")), face(run["c1"]))
    rounded = face(face.client.output(PIXELS, "lenet-5", "c1", dtype="uint8"))
    assert 0 < np.abs(rounded - face(run["c1"])).max() < np.ptp(rounded) / 500


def test_what_there_is(face: Face, get: Any) -> None:
    assert [each.name for each in face(face.client.samples())][:2] == ["chelsea", "coffee"]
    operations = face(face.client.operations())
    assert len(operations) == len(get("operations").json()["operations"])
    assert operations[0].parameters[2].name == "stride"
    kernels = {each.name: each for each in face(face.client.kernels())}
    assert np.array_equal(kernels["sobel_x"].values, face(face.client.kernel("sobel_x")))
    gabor = face(face.client.kernel("gabor", (5, 7), orientation_deg=30))
    assert np.array_equal(gabor, load(get("kernels/gabor.npy?size=5,7&orientation_deg=30")))
    curve = face(face.client.curve("leaky_relu", -2, 2, 5, negative_slope=0.25))
    assert curve.tolist() == [[-2, -0.5, 0.25], [-1, -0.25, 0.25], [0, 0, 0.25], [1, 1, 1], [2, 2, 1]]
    assert np.isnan(face(face.client.curve("log", -1, 1, 3))[0, 1])


def test_geometry(face: Face) -> None:
    geometry = face(
        face.client.geometry("conv2d", (28, 20), channels=2, bias=True, kernel_size=(3, 5), stride=2)
    )
    assert (geometry.output.channels, geometry.output.size) == (1, (13, 8))
    assert geometry.cost.parameters == 31
    assert geometry.ranges["stride"]["rows"]["maximum"] == 28
    assert face(face.client.geometry("max_pool2d", (4, 4), kernel_size=2)).positions == 4
