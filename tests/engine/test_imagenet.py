"""The network trained on ImageNet finds in the sample photographs what PyTorch finds, and what is there."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest

from engine.graph import Model
from engine.importers.packaged import load_weights
from engine.specification import build_model
from engine.trace import Trace
from engine.zoo.registry import ARCHITECTURES
from tests.engine.compare import assert_close
from tests.engine.photographs import PHOTOGRAPHS, ROOT, card, photograph

CARD = card("efficientnet-lite0")
LABELS: list[dict[str, str]] = json.loads((ROOT / "weights" / CARD["labels"]).read_text(encoding="utf-8"))
REFERENCE = ROOT / "tests" / "reference" / "zoo" / "efficientnet-lite0.npz"


@cache
def network() -> Model:
    architecture = ARCHITECTURES[CARD["architecture"]["name"]]
    return build_model(architecture.build(), weights=load_weights(CARD))


@cache
def run(name: str) -> Trace:
    return network().run(photograph(name, CARD["preprocessing"]))


def likeliest(name: str, count: int) -> list[str]:
    scores = run(name).output("softmax")[0]
    return [LABELS[index]["en"] for index in np.argsort(-scores)[:count]]


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_the_scores_are_those_of_pytorch(name: str) -> None:
    with np.load(REFERENCE) as reference:
        assert_close(run(name).output("output"), reference[name], 1e-5)


def test_the_reference_says_where_it_comes_from() -> None:
    with np.load(REFERENCE) as reference:
        assert str(reference["torch"]).startswith("2.13")
        assert set(reference) == {"torch", *PHOTOGRAPHS}


def test_the_cat_is_a_cat() -> None:
    assert set(likeliest("chelsea", 3)) == {"tabby cat", "tiger cat", "Egyptian cat"}


def test_the_coffee_is_an_espresso_in_a_cup() -> None:
    assert likeliest("coffee", 2) == ["espresso", "cup"]


def test_the_rocket_flies() -> None:
    assert {"missile", "projectile", "space shuttle"} <= set(likeliest("rocket", 5))


def test_the_network_costs_what_is_published() -> None:
    described = network().describe()
    assert sum(node.parameters for node in described) == CARD["parameters"] == 4_652_008
    # EfficientNet-B0 has 0.39 thousand million, of which squeeze-and-excitation takes hardly any.
    assert round(sum(node.multiply_adds for node in described), -7) == 390_000_000


def test_there_is_a_name_for_every_class_in_both_languages() -> None:
    assert len(LABELS) == 1000
    for language in ("en", "ja"):
        names = [label[language] for label in LABELS]
        assert all(name == name.strip() != "" for name in names)
        assert len(set(names)) == 1000
    assert all(set(label) == {"en", "ja"} for label in LABELS)


@pytest.mark.parametrize(
    ("index", "en", "ja"),
    [
        (0, "tench", "テンチ"),
        (207, "golden retriever", "ゴールデンレトリバー"),
        (281, "tabby cat", "キジトラ猫"),
        (620, "laptop", "ラップトップパソコン"),
        (967, "espresso", "エスプレッソ"),
        (999, "toilet paper", "トイレットペーパー"),
    ],
)
def test_the_names_stand_in_the_order_of_the_classes(index: int, en: str, ja: str) -> None:
    assert LABELS[index] == {"en": en, "ja": ja}
