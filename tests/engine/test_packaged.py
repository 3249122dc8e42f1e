"""Trained weights out of an installed package: found without importing it, checked before being read."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from engine.importers import packaged
from engine.importers.efficientnet_lite import node_weight
from engine.importers.packaged import load_weights, read_package_file
from engine.specification import build_model
from engine.types import Array
from engine.zoo.efficientnet_lite import efficientnet_lite0
from tests.engine.photographs import ROOT, card
from tests.engine.refusals import refusal

CARD = card("efficientnet-lite0")


def changed(**package: str) -> dict[str, Any]:
    return {**CARD, "package": {**CARD["package"], **package}}


def correlation(first: Array, second: Array) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def test_the_file_is_the_one_that_the_card_describes() -> None:
    data = read_package_file(CARD["package"])
    assert len(data) == CARD["package"]["bytes"]
    assert sha256(data).hexdigest() == CARD["package"]["sha256"]


def test_every_weight_of_the_network_is_there_and_no_other() -> None:
    found, drawn = load_weights(CARD), build_model(efficientnet_lite0()).weights
    assert {name: array.shape for name, array in found.items()} == {
        name: array.shape for name, array in drawn.items()
    }
    assert all(array.dtype == np.float32 for array in found.values())


def test_the_weights_are_trained_ones() -> None:
    weights = load_weights(CARD)
    kernels = weights["stem_conv.weight"]
    # In noise, neither the channels nor the neighbours would agree by more than 0.2.
    assert correlation(kernels[:, 0], kernels[:, 1]) > 0.3
    assert correlation(kernels[..., :-1], kernels[..., 1:]) > 0.4
    assert weights["stem_bn.running_var"].std() > 1


def test_nothing_of_the_package_is_imported() -> None:
    code = """
import sys
from engine.importers.packaged import load_weights
from tests.engine.photographs import card
load_weights(card("efficientnet-lite0"))
print(*sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    modules = {name.split(".")[0] for name in ran.stdout.split()}
    assert "engine" in modules
    assert not modules & {CARD["package"]["file"].split("/")[0], "torch"}


def test_a_package_that_is_not_installed() -> None:
    error = refusal(load_weights, changed(name="no-such-package"))
    assert (error.code, error.value, error.allowed) == (
        "missing-package",
        "no-such-package",
        "no-such-package 0.1.0, installed",
    )


def test_a_package_without_the_file() -> None:
    assert refusal(load_weights, changed(file="no/such/file.pth")).code == "missing-package"


def test_another_file_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "READERS", {"efficientnet-lite0": lambda data: pytest.fail("was read")})
    error = refusal(load_weights, changed(sha256="0" * 64))
    assert (error.code, error.value, error.allowed) == ("wrong-digest", CARD["package"]["sha256"], "0" * 64)


def test_an_architecture_without_a_reader() -> None:
    error = refusal(load_weights, {**CARD, "architecture": {"name": "lenet-5"}})
    assert (error.code, error.allowed) == ("unknown-architecture", "efficientnet-lite0")


@pytest.mark.parametrize("name", ["_blocks.0._fc.weight", "_expand_conv.weight", "fc.weight", "_fc", ""])
def test_a_tensor_of_another_network(name: str) -> None:
    assert refusal(node_weight, name).code == "malformed-file"
