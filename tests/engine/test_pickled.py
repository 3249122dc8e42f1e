"""Reading pickles: plain data comes back, everything else is refused, and nothing is ever run."""

from __future__ import annotations

import io
import os
import pickle
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.importers.pickled import Call, Name, Outside, read_pickle
from tests.engine.pickles import END, call, name, number, table, text, together
from tests.engine.refusals import refusal

PLAIN = {
    "numbers": [0, 1, 255, 256, 65535, 65536, -1, 2**31 - 1, -(2**31), 1 << 70],
    "constants": (None, True, False),
    "texts": ["", "日本語"],
    "nested": {"empty": [(), [], {}], "tuples": [(1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)]},
}

# An integer of more than 255 bytes has a step of its own, which no checkpoint needs.
scalars = st.none() | st.booleans() | st.integers(-(1 << 2000), 1 << 2000) | st.text()
plain = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def read(data: bytes, *names: str) -> Any:
    return read_pickle(io.BytesIO(data), names)


def test_plain_data_comes_back() -> None:
    assert read(pickle.dumps(PLAIN, protocol=2)) == PLAIN


@given(plain)
@settings(max_examples=200, deadline=None)
def test_any_plain_data_comes_back(value: Any) -> None:
    assert read(pickle.dumps(value, protocol=2)) == value


def test_what_is_shared_stays_shared() -> None:
    shared = [1]
    first, second = read(pickle.dumps([shared, shared], protocol=2))
    assert first is second


def test_the_stream_stands_behind_the_pickle() -> None:
    stream = io.BytesIO(pickle.dumps(1, protocol=2) + pickle.dumps("two", protocol=2) + b"rest")
    assert (read_pickle(stream), read_pickle(stream), stream.read()) == (1, "two", b"rest")


def test_a_call_is_noted_and_not_made() -> None:
    data = call(name("os", "system"), text("exit 1")) + END
    assert read(data, "os.system") == Call("os.system", ("exit 1",))
    assert read(name("os", "system") + END, "os.system") == Name("os.system")
    assert read(text("storage 7") + b"Q" + END) == Outside("storage 7")


class Command:
    """Unpickled by Python's own ``pickle.load``, it runs a command."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_command_is_not_run(protocol: int, tmp_path: Path) -> None:
    trace = tmp_path / "it-ran"
    data = pickle.dumps(Command(f"touch {trace}"), protocol=protocol)
    assert refusal(read, data).code == "unsafe-file"
    assert not trace.exists()
    # The same bytes do run it where nothing guards them.
    pickle.loads(data)
    assert trace.exists()


@pytest.mark.parametrize("attribute", ["eval", "getattr", "__import__"])
def test_names_beside_those_expected(attribute: str) -> None:
    data = call(name("builtins", attribute), text("1")) + END
    error = refusal(read, data, "torch.FloatStorage")
    assert (error.code, error.value, error.allowed) == (
        "unsafe-file",
        f"builtins.{attribute}",
        "torch.FloatStorage",
    )


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(1.5, protocol=2),
        pickle.dumps({1, 2}, protocol=4),
        pickle.dumps(b"bytes", protocol=3),
        b"\xff.",
        # An instance of a class (old form), an object by number from copyreg's register, a frame.
        b"(ios\nsystem\n.",
        b"\x82\x01.",
        b"\x95\xff\xff\xff\xff\xff\xff\xff\x7f.",
    ],
)
def test_steps_that_make_no_plain_data(data: bytes) -> None:
    assert refusal(read, data).code in ("unsafe-file", "malformed-file")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"]",
        b"(a.",
        b"K\x01K\x02s.",
        b"K\x01K\x02a.",
        b"h\x05.",
        b"t.",
        b"N(tR.",
        table(key=number(1))[:-3] + END,
        b"X\xff\xff\xff\x7fshort.",
        b"}(X\x01\x00\x00\x00ku.",
        b"}K\x01K\x02s.",
        b"}(NK\x02u.",
        call(name("collections", "OrderedDict"))[:-1] + b"NR.",
    ],
)
def test_bytes_that_are_no_pickle(data: bytes) -> None:
    assert refusal(read, data, "collections.OrderedDict").code == "malformed-file"


def test_a_memory_bomb_costs_nothing() -> None:
    # Python's own reader would reserve room for four thousand million entries here.
    assert read(b"Nr\xff\xff\xff\xff.") is None


def test_doubling_costs_nothing() -> None:
    # 2^60 ones: tuples of the same tuple twice, sixty times over.
    data = together(number(1)) + b"".join(b"q%ch%c\x86" % (i, i) for i in range(60)) + END
    start = time.process_time()
    assert len(read(data)) == 2
    # As a key it would have to be hashed.
    assert refusal(read, b"}" + data[:-1] + b"Ns" + END).code == "malformed-file"
    assert time.process_time() - start < 1


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_damage_is_refused_or_harmless(data: st.DataObject) -> None:
    whole = bytearray(pickle.dumps(PLAIN, protocol=2))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    # Anything but our own refusal comes through.
    with suppress(EngineError):
        read(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
