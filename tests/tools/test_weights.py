"""The trained weights in weights/: files and cards belong together, and the networks do what they learnt."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine.graph import Model
from engine.importers.safetensors import read_safetensors
from engine.inspect.filters import describe_filters
from engine.specification import build_model
from engine.types import Array
from engine.zoo.cifar_net import CIFAR_NET
from engine.zoo.lenet5 import LENET_5, MAPS_READ_BY_C3
from engine.zoo.tiny_vgg import TINY_VGG

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "weights"
BUILDERS = {each.name: each.build for each in (CIFAR_NET, LENET_5, TINY_VGG)}
NAMES = ("cifar-net", "kmeans-bank", "lenet-5", "tiny-vgg")
CLASSIFIERS = tuple(BUILDERS)
LARGEST_TOTAL_BYTES = 25_000_000
FIELDS = {
    *("name", "architecture", "data", "preprocessing", "labels", "seed", "epochs", "trained_by", "date"),
    *("accuracy", "parameters", "sha256", "bytes"),
}


def card_of(name: str) -> dict[str, Any]:
    return json.loads((WEIGHTS / f"{name}.json").read_text(encoding="utf-8"))


def trained(name: str) -> Model:
    specification = BUILDERS[name]() if name in BUILDERS else card_of(name)["specification"]
    return build_model(specification, weights=read_safetensors(WEIGHTS / f"{name}.safetensors"))


def predicted(model: Model, picture: Array) -> int:
    """The likeliest class of one (rows, columns, channels) uint8 picture."""
    x = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32) / 255
    return int(model.run(x).output("softmax").argmax())


def test_every_file_of_weights_is_known_here() -> None:
    assert sorted(path.stem for path in WEIGHTS.glob("*.safetensors")) == sorted(NAMES)


def test_all_files_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) < LARGEST_TOTAL_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_complete_and_describes_its_file(name: str) -> None:
    card, data = card_of(name), (WEIGHTS / f"{name}.safetensors").read_bytes()
    assert card.keys() >= FIELDS
    assert card["name"] == card["architecture"]["name"] == name
    assert card["sha256"] == hashlib.sha256(data).hexdigest()
    assert card["bytes"] == len(data)
    assert card["data"].keys() == {"name", "licence", "source", "note"}
    assert all(card["data"].values())
    assert (ROOT / card["trained_by"]).is_file()


@pytest.mark.parametrize("name", NAMES)
def test_the_tensors_are_those_of_the_network(name: str) -> None:
    stored, card, model = read_safetensors(WEIGHTS / f"{name}.safetensors"), card_of(name), trained(name)
    assert {key: array.shape for key, array in stored.items()} == {
        key: array.shape for key, array in model.weights.items()
    }
    assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in stored.values())
    assert card["parameters"] == sum(node.parameters for node in model.describe())
    assert card["preprocessing"]["size"] == list(model.input_shape[1:])
    assert card["preprocessing"]["color"] == ("gray" if model.input_shape[0] == 1 else "rgb")


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_class_has_its_own_name_in_both_languages(name: str) -> None:
    labels = card_of(name)["labels"]
    assert len(labels) == trained(name).shapes["softmax"][1]
    for language in ("en", "ja"):
        assert len({label[language] for label in labels}) == len(labels)


@pytest.mark.parametrize(("name", "least"), [("lenet-5", 0.99), ("cifar-net", 0.85), ("tiny-vgg", 0.65)])
def test_the_accuracy_was_measured_on_the_whole_test_set(name: str, least: float) -> None:
    accuracy = card_of(name)["accuracy"]
    assert accuracy["pictures"] == 10_000
    assert least <= accuracy["held_out"] < 1


@pytest.mark.parametrize("name", ["cifar-net", "kmeans-bank"])
def test_the_first_layer_is_gabor_like_and_its_card_says_how_much(name: str) -> None:
    described = describe_filters(trained(name).weights["conv1.weight"])
    r2 = float(np.median([each.fit.r2 for each in described if each.fit is not None]))
    figures = card_of(name)["filters"]
    assert r2 >= 0.9
    assert figures["gabor_r2_median"] == pytest.approx(r2, abs=2e-3)
    assert sum(figures["kinds"].values()) == len(described)


def test_lenet_has_no_weights_where_the_papers_table_has_no_connection() -> None:
    weight = read_safetensors(WEIGHTS / "lenet-5.safetensors")["c3.weight"]
    used = np.abs(weight).sum(axis=(2, 3)) > 0
    assert [tuple(np.flatnonzero(row)) for row in used] == list(MAPS_READ_BY_C3)


STROKES = {
    0: [(14, 5), (9, 8), (8, 14), (9, 20), (14, 23), (19, 20), (20, 14), (19, 8), (14, 5)],
    1: [(14, 5), (14, 23)],
    2: [(9, 9), (13, 5), (18, 7), (18, 12), (9, 22), (20, 22)],
    3: [(9, 6), (18, 6), (13, 13), (18, 17), (16, 22), (9, 22)],
    4: [(10, 5), (9, 14), (19, 14), (18, 6), (18, 23)],
    5: [(19, 5), (11, 5), (10, 12), (17, 13), (18, 19), (13, 23), (9, 21)],
    6: [(17, 5), (11, 12), (9, 19), (14, 23), (18, 18), (14, 15), (10, 18)],
    7: [(8, 6), (19, 6), (12, 23)],
    8: [(14, 13), (9, 9), (14, 5), (18, 9), (9, 19), (14, 23), (18, 18), (14, 13)],
    9: [(18, 10), (13, 13), (9, 9), (13, 5), (18, 8), (17, 23)],
}


@pytest.mark.parametrize("digit", STROKES)
def test_lenet_reads_a_digit_drawn_in_a_few_strokes(digit: int) -> None:
    picture = Image.new("L", (28, 28))
    ImageDraw.Draw(picture).line(STROKES[digit], fill=255, width=2, joint="curve")
    assert predicted(trained("lenet-5"), np.asarray(picture)[:, :, None]) == digit
