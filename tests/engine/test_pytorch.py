"""Reading PyTorch's checkpoints: tensors in any order of their storage, and what is no such file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.importers.pytorch import read_checkpoint
from tests.engine.pickles import END, call, name, number, table, text, together
from tests.engine.refusals import refusal

MAGIC = b"\x80\x02\x8a\n\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
VERSION = b"\x80\x02M\xe9\x03."
MACHINE = b"\x80\x02}."
REBUILD = name("torch._utils", "_rebuild_tensor_v2")
NO_HOOKS = call(name("collections", "OrderedDict"))


def counts(*values: int) -> bytes:
    return together(*map(number, values))


def tensor(
    key: str, size: int, shape: bytes, strides: bytes, *, offset: int = 0, kind: str = "FloatStorage"
) -> bytes:
    """As torch.save describes a tensor."""
    storage = together(text("storage"), name("torch", kind), text(key), text("cpu"), number(size), b"N")
    return call(REBUILD, storage + b"Q", number(offset), shape, strides, b"\x89", NO_HOOKS)


def checkpoint(tensors: dict[str, bytes], storages: dict[str, np.ndarray[Any, Any]]) -> bytes:
    keys = b"](" + b"".join(map(text, storages)) + b"e"
    numbers = b"".join(a.size.to_bytes(8, "little") + a.tobytes() for a in storages.values())
    return MAGIC + VERSION + MACHINE + table(**tensors) + END + keys + END + numbers


SIX = np.arange(6, dtype="<f4") / 7
STEPS = np.array([3], dtype="<i8")
TENSORS = {
    "rows": tensor("a", 6, counts(2, 3), counts(3, 1)),
    "turned": tensor("a", 6, counts(3, 2), counts(1, 3)),
    "part": tensor("a", 6, counts(2), counts(2), offset=1),
    "scalar": tensor("a", 6, b")", b")", offset=5),
    "steps": tensor("b", 1, b")", b")", kind="LongStorage"),
}
WHOLE = checkpoint(TENSORS, {"b": STEPS, "a": SIX})


def test_every_tensor_comes_back() -> None:
    found = read_checkpoint(WHOLE)
    expected = {
        "rows": SIX.reshape(2, 3),
        "turned": SIX.reshape(2, 3).T,
        "part": SIX[[1, 3]],
        "scalar": SIX[5],
    }
    assert list(found) == list(expected)
    for key, array in found.items():
        assert np.array_equal(array, expected[key])
        assert array.dtype == np.float32
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert not np.shares_memory(array, found["rows"]) or key == "rows"


@pytest.mark.parametrize(
    "wrong",
    [
        tensor("a", 6, counts(2, 3), counts(3, 2)),
        tensor("a", 6, counts(6), counts(1), offset=1),
        tensor("a", 6, counts(1 << 30, 1 << 30, 1 << 30), counts(0, 0, 0)),
        tensor("a", 6, counts(2), counts(-1), offset=1),
        tensor("a", 6, counts(2), counts(1), offset=-1),
        tensor("a", 6, counts(2, 3), counts(1)),
        tensor("a", 6, counts(*[1] * 65), counts(*[1] * 65)),
        tensor("a", 6, b"N", b"N"),
        tensor("a", 7, counts(2), counts(1)),
        tensor("c", 6, counts(2), counts(1)),
        tensor("a", 6, counts(*[2**31 - 1] * 100_000), counts(*[0] * 100_000)),
        call(REBUILD),
        call(REBUILD, b"NQ", number(0), b")", b")"),
        NO_HOOKS,
        number(1),
    ],
)
def test_descriptions_that_cannot_be(wrong: bytes) -> None:
    assert refusal(read_checkpoint, checkpoint({"w": wrong}, {"a": SIX})).code == "malformed-file"


@pytest.mark.parametrize("length", [0, 10, 21, 100, len(WHOLE) - 25, len(WHOLE) - 1])
def test_files_that_end_too_early(length: int) -> None:
    assert refusal(read_checkpoint, WHOLE[:length]).code == "malformed-file"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04" + bytes(100),
        VERSION + MAGIC + MACHINE,
        MAGIC + b"\x80\x02M\xea\x03." + MACHINE,
        MAGIC + VERSION + MACHINE + number(1) + END + b"]" + END,
        MAGIC + VERSION + MACHINE + table(w=TENSORS["rows"]) + END + number(1) + END,
    ],
)
def test_files_of_another_kind(data: bytes) -> None:
    assert refusal(read_checkpoint, data).code == "malformed-file"


@pytest.mark.parametrize("place", [2, 3, 4])
def test_a_command_in_any_of_the_pickles(place: int) -> None:
    parts = [MAGIC, VERSION, MACHINE, table(w=TENSORS["rows"]) + END, b"]" + END]
    parts[place] = call(name("os", "system"), text("exit 1")) + END
    error = refusal(read_checkpoint, b"".join(parts))
    assert (error.code, error.value) == ("unsafe-file", "os.system")


def test_a_key_that_would_take_for_ever_to_hash() -> None:
    doubled = together(number(1)) + b"".join(b"q%ch%c\x86" % (i, i) for i in range(60))
    whole = MAGIC + VERSION + MACHINE + table(w=TENSORS["rows"]) + END
    assert refusal(read_checkpoint, whole + b"](" + doubled + b"e" + END).code == "malformed-file"


def test_another_layer_than_a_tensor() -> None:
    layer = call(name("torch.nn.modules.linear", "Linear"))
    error = refusal(read_checkpoint, checkpoint({"w": layer}, {}))
    assert (error.code, error.value) == ("unsafe-file", "torch.nn.modules.linear.Linear")


@pytest.mark.parametrize("wrong", [np.nan, -np.inf])
def test_numbers_that_are_not_finite(wrong: float) -> None:
    numbers = np.where(SIX == 0, np.float32(wrong), SIX)
    error = refusal(read_checkpoint, checkpoint({"w": TENSORS["rows"]}, {"a": numbers}))
    assert (error.code, error.argument) == ("non-finite", "tensor w")


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_damage_is_refused_or_harmless(data: st.DataObject) -> None:
    damaged = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(WHOLE) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_checkpoint(bytes(damaged))
    except EngineError:
        return
    assert all(np.isfinite(array).all() for array in found.values())
