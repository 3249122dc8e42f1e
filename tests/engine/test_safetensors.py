"""Reading safetensors: every type of number, and everything that is no such file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save, save_file

from engine.errors import EngineError
from engine.importers import safetensors
from engine.importers.safetensors import read_safetensors
from tests.engine.refusals import refusal

WEIGHTS = {
    "conv.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2) / 7,
    "conv.bias": np.array([0.1, -2e-30], dtype=np.float64),
    "half": np.array([1.5, -6.1e-5, 65504], dtype=np.float16),
    "empty": np.zeros((0, 3), dtype=np.float32),
    "scalar": np.array(3, dtype=np.float32),
}


def file(header: dict[str, Any] | str, numbers: bytes = b"") -> bytes:
    text = (header if isinstance(header, str) else json.dumps(header)).encode()
    return len(text).to_bytes(8, "little") + text + numbers


def tensor(kind: str, shape: list[int], size: int) -> dict[str, Any]:
    return {"dtype": kind, "shape": shape, "data_offsets": [0, size]}


def test_every_tensor_comes_back() -> None:
    found = read_safetensors(save(WEIGHTS))
    assert list(found) == sorted(WEIGHTS)
    for name, weight in WEIGHTS.items():
        assert found[name].shape == weight.shape
        assert np.array_equal(found[name], weight)
        assert found[name].dtype == (np.float64 if weight.dtype == np.float64 else np.float32)
        assert found[name].flags.writeable


def test_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file(WEIGHTS, path)
    found = read_safetensors(path)
    assert all(np.array_equal(found[name], weight) for name, weight in WEIGHTS.items())


def test_brain_floats() -> None:
    # 1.0, -3.140625 and 2^-126, bit by bit.
    data = np.array([0x3F80, 0xC049, 0x0080], dtype="<u2").tobytes()
    found = read_safetensors(file({"w": tensor("BF16", [3], 6)}, data))["w"]
    assert found.dtype == np.float32
    assert found.tolist() == [1.0, -3.140625, 2.0**-126]


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.bool_])
def test_what_is_no_floating_point_number(kind: type) -> None:
    error = refusal(read_safetensors, save({"steps": np.ones(3, kind)}))
    assert (error.code, error.argument, error.allowed) == (
        "unknown-type",
        "tensor steps",
        "F16, BF16, F32, F64",
    )


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_numbers_that_are_not_finite(wrong: float) -> None:
    error = refusal(read_safetensors, save({"w": np.array([1, wrong], np.float32)}))
    assert (error.code, error.argument) == ("non-finite", "tensor w")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x04K\x01.",
        file("{"),
        file("[" * 100_000),
        file({"w": tensor("F32", [2], 8)}, b"\0" * 7),
        file({"w": tensor("F32", [2], 8)}, b"\0" * 9),
        file({"w": tensor("F32", [3], 8)}, b"\0" * 8),
        file({"w": tensor("F32", [2**40, 2**40], 8)}, b"\0" * 8),
        file({"w": tensor("F32", [0, 2**63], 0)}),
        file({"w": tensor("F32", [1] * 65, 4)}, b"\0" * 4),
        file({"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}, b"\0" * 4),
        file({"w": tensor("X9", [1], 4)}, b"\0" * 4),
        b"\xff" * 8 + b"{}",
    ],
)
def test_bytes_that_are_no_such_file(data: bytes) -> None:
    assert refusal(read_safetensors, data).code == "malformed-file"


def test_the_largest_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = save({"w": np.ones(3, np.float32)})
    path = tmp_path / "weights.safetensors"
    path.write_bytes(data)
    monkeypatch.setattr(safetensors, "LARGEST_FILE", len(data))
    assert list(read_safetensors(data)) == list(read_safetensors(path)) == ["w"]
    monkeypatch.setattr(safetensors, "LARGEST_FILE", len(data) - 1)
    assert refusal(read_safetensors, data).code == "file-too-large"
    assert refusal(read_safetensors, path).code == "file-too-large"


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_damage_is_refused_or_harmless(data: st.DataObject) -> None:
    whole = bytearray(save(WEIGHTS))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        found = read_safetensors(damaged)
    except EngineError:
        return
    assert all(np.isfinite(weight).all() for weight in found.values())
