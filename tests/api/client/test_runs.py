"""Runs: their outputs, whole and in part, and what they tell of themselves."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.client import Client, NotFound
from engine.specification import build_model
from tests.api.client.faces import EDIT, NET, PIXELS, Face, counting, load


def test_outputs_are_those_of_plain_http_and_of_the_engine(face: Face, get: Any) -> None:
    run = face(face.client.run(PIXELS, specification=NET))
    assert list(run) == ["input", "conv", "act", "flat"]
    assert len(run) == 4
    specification = {"input": {"channels": 3, "size": [6, 9]}, **NET}
    trace = build_model(specification).run(face(run["input"])[np.newaxis])
    for name in run:
        y = face(run[name])
        assert y.dtype == np.float32
        assert np.array_equal(y, load(get(f"runs/{run.id}/nodes/{name}/output.npy")))
        assert np.array_equal(y, trace.output(name)[0])


def test_a_run_is_described(face: Face, get: Any) -> None:
    run = face(face.client.run("chelsea", model="lenet-5"))
    raw = get(f"runs/{run.id}").json()
    assert run.about.raw == raw
    assert (run.model, run.nodes[0].name) == (raw["model"], raw["nodes"][0]["name"])
    assert run.nodes[0].max == raw["nodes"][0]["max"]
    assert run.top[0].probability == raw["top"][0]["probability"]
    assert run.top[0].name == raw["top"][0]["label"]["en"]
    again = face(face.client.get_run(run.id))
    assert again == run
    assert hash(again) == hash(run)
    assert "lenet" not in repr(run)
    assert run.id in repr(run)
    assert run != face(face.client.run("chelsea", model="lenet-5", edits=[EDIT]))


def test_every_argument_arrives(face: Face) -> None:
    about = face(
        face.client.run(
            "coffee",
            specification=NET,
            size=(7, 5),
            color="gray",
            range=255,
            edits=[{**EDIT, "node": "conv"}],
        )
    ).about
    assert about.input.shape == (1, 7, 5)
    assert (about.input.range, about.input.color) == (255, "gray")
    assert about.raw["edits"]


def test_an_output_is_fetched_once_and_cannot_be_spoilt(kind: str, address: str) -> None:
    asked: list[str] = []
    face = counting(kind, address, asked)
    run = face(face.client.run(PIXELS, specification=NET))
    asked.clear()
    first = face(run["act"])
    assert face(run["act"]) is first
    assert len(asked) == 1
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1
    both = face(run.outputs(["act", "conv"]))
    assert list(both) == ["act", "conv"]
    assert both["act"] is first
    assert asked[1].endswith("outputs.npz?nodes=conv")
    assert face(run["conv"]) is both["conv"]
    assert len(asked) == 2
    face.close()


def test_an_unknown_node_is_a_key_error(face: Face) -> None:
    run = face(face.client.run(PIXELS, specification=NET))
    assert "conv" in run
    assert "nobody" not in run
    with pytest.raises(KeyError, match="there are input, conv, act, flat"):
        face(run["nobody"])
    with pytest.raises(NotFound) as refused:
        face(run.explain("nobody", (0, 0, 0)))
    assert refused.value.code == "unknown-node"


def test_the_blocking_one_is_a_mapping(address: str) -> None:
    with Client(address) as client:
        run = client.run(PIXELS, specification=NET)
        assert [name for name, y in run.items() if y.any()] == ["input", "conv", "act", "flat"]
        assert run.get("nobody") is None


def test_outputs_in_part(face: Face) -> None:
    run = face(face.client.run("zone-plate", specification=NET))
    whole = face(run["conv"])
    assert np.array_equal(face(run.output("conv", channels="1:3")), whole[1:3])
    assert max(face(run.output("conv", max_px=50)).shape) == 50
    folded = face(run.outputs(["conv"], fold=2, max_px=64))
    assert folded["conv"].shape[0] == 2
    assert max(folded["conv"].shape) <= 64
    # Nothing of it is taken for the whole afterwards.
    assert np.array_equal(face(run["conv"]), whole)


def test_a_vector_longer_than_an_archive_takes_is_whole(face: Face) -> None:
    run = face(face.client.run("zone-plate", specification=NET, size=(200, 201)))
    outputs = face(run.outputs())
    assert list(outputs) == ["conv", "act", "flat"]
    assert outputs["flat"].shape == (3 * 200 * 201,)
    assert np.array_equal(outputs["flat"], outputs["act"].ravel())


@pytest.mark.parametrize("dtype", ["uint8", "float16"])
def test_smaller_types_come_back_to_scale(face: Face, dtype: Any) -> None:
    huge = {"nodes": [{"op": "conv2d", "name": "conv", "weight": [[1e5, -3e5]], "bias": [7]}]}
    run = face(face.client.run(PIXELS, specification=huge))
    exact = face(run["conv"])
    step = (exact.max() - exact.min()) / 255 if dtype == "uint8" else np.abs(exact).max() / 1024
    several = face(run.outputs(dtype=dtype))["conv"]
    for y in (face(run.output("conv", dtype=dtype)), several):
        assert y.dtype == np.float32
        assert 0 < np.abs(y - exact).max() <= 0.51 * step
    # In between, nothing was kept.
    assert np.array_equal(face(run.outputs())["conv"], exact)


def test_pictures(face: Face) -> None:
    run = face(face.client.run("zone-plate", specification=NET, size=(20, 30)))
    single, mosaic = (
        face(run.picture("conv", 1)),
        face(run.picture("conv", colormap="gray", theme="dark")),
    )
    assert Image.open(io.BytesIO(single)).size == (30, 20)
    assert Image.open(io.BytesIO(mosaic)).size == (61, 41)
