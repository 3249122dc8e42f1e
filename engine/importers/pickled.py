"""The data in a pickle, read without unpickling: nothing is imported, called or constructed.

A pickle is a program for a stack machine, and Python's own ``pickle.load`` runs whatever it says. This
machine knows only the steps that put numbers, texts and containers together. A name that the pickle asks
for stays a name, a call stays a note of the call, and both must be on a list of those expected.
"""

from __future__ import annotations

# Of this module, only the names of the steps are used.
import pickle
from collections.abc import Callable, Collection, Mapping
from typing import Any, BinaryIO, NamedTuple, TypeAlias

from engine.errors import EngineError

ORDERED_DICT = "collections.OrderedDict"
"""The one call that is known here: with no arguments it makes a dict, which Python keeps in order too."""

WHOLE = "a whole pickle of plain data"


class Name(NamedTuple):
    """Something of a module that the pickle would import."""

    name: str


class Call(NamedTuple):
    """A call that the pickle would make."""

    name: str
    arguments: tuple[Any, ...]


class Outside(NamedTuple):
    """What the pickle refers to without holding it (its persistent id)."""

    description: Any


_MARK = object()
"""Stands on the stack where a container's items begin."""


def read_pickle(stream: BinaryIO, names: Collection[str] = ()) -> Any:
    r"""The next pickle of a stream, as plain data.

    Time and memory follow the length of the pickle: nothing is copied or looked through.

    Args:
        stream: read to the end of that pickle.
        names: what it may name, ``module.name``; what they mean is the caller's affair.

    Returns:
        None, booleans, integers, texts, tuples, lists and dicts with texts as keys; ``Name``, ``Call`` and
        ``Outside`` where the pickle asks for more. Attributes set beside the data (BUILD) are left out.

    Raises:
        EngineError: ``unsafe-file`` for any other name or step, ``malformed-file`` for bytes that are no
            pickle.

    Source: Python's ``pickletools``, which describes the machine and its steps.

    >>> import io, pickle
    >>> read_pickle(io.BytesIO(pickle.dumps({"lines": [1, (True, None)]}, protocol=2)))
    {'lines': [1, (True, None)]}
    >>> read_pickle(io.BytesIO(b"cos\nsystem\n(X\x04\x00\x00\x00echotR."))
    Traceback (most recent call last):
    engine.errors.EngineError: name in the pickle is 'os.system'; allowed: none
    """
    machine = _Machine(names)
    try:
        while (code := _exactly(stream, 1)) != pickle.STOP:
            if code not in STEPS:
                raise EngineError("unsafe-file", "step in the pickle", code, "steps that make plain data")
            read_argument, step = STEPS[code]
            step(machine, read_argument(stream))
        return machine.stack.pop()
    except EngineError:
        raise
    except (ValueError, TypeError, LookupError) as error:
        raise EngineError("malformed-file", "pickle", str(error), WHOLE) from None


class _Machine:
    """A stack, a memo, and what the steps do with them."""

    def __init__(self, names: Collection[str]) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.names = names

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def last(self, count: int) -> list[Any]:
        """The last values, taken from the stack, in the order in which they came."""
        return [self.stack.pop() for _ in range(count)][::-1]

    def items(self) -> list[Any]:
        """The values since the last mark, taken from the stack with it."""
        values = list(iter(self.stack.pop, _MARK))
        return values[::-1]

    def name(self, name: str) -> None:
        if name not in self.names:
            allowed = ", ".join(sorted(self.names)) or "none"
            raise EngineError("unsafe-file", "name in the pickle", name, allowed)
        self.push(Name(name))

    def call(self) -> None:
        called, arguments = self.last(2)
        if not isinstance(called, Name) or not isinstance(arguments, tuple):
            raise TypeError("a call of something that is no name, or without a tuple of arguments")
        self.push({} if called.name == ORDERED_DICT and not arguments else Call(called.name, arguments))

    def append(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], list):
            raise TypeError("items are appended to something that is no list")
        self.stack[-1].extend(items)

    def set(self, items: list[Any]) -> None:
        keys, values = items[::2], items[1::2]
        # Texts only: to hash nested tuples can take time without end.
        if not isinstance(self.stack[-1], dict) or not all(isinstance(key, str) for key in keys):
            raise TypeError("an entry is set in something that is no dict, or under a key that is no text")
        self.stack[-1].update(zip(keys, values, strict=True))

    def keep(self, number: int) -> None:
        self.memo[number] = self.stack[-1]


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise ValueError("it ends too early")
    return data


def _nothing(stream: BinaryIO) -> None:
    """For the steps without an argument."""


def _unsigned(size: int) -> Callable[[BinaryIO], int]:
    return lambda stream: int.from_bytes(_exactly(stream, size), "little")


def _signed(stream: BinaryIO, size: int = 4) -> int:
    return int.from_bytes(_exactly(stream, size), "little", signed=True)


def _long(stream: BinaryIO) -> int:
    return _signed(stream, _exactly(stream, 1)[0])


def _text(stream: BinaryIO) -> str:
    return _exactly(stream, _unsigned(4)(stream)).decode("utf-8", "surrogatepass")


def _two_lines(stream: BinaryIO) -> str:
    """The module's name and the name in it, a line each."""
    lines = [stream.readline() for _ in range(2)]
    if not all(line.endswith(b"\n") for line in lines):
        raise ValueError("it ends too early")
    return ".".join(line[:-1].decode() for line in lines)


Step: TypeAlias = tuple[Callable[[BinaryIO], Any], Callable[[_Machine, Any], object]]
"""What reads the argument that stands in the file, and what the machine does with it."""

STEPS: Mapping[bytes, Step] = {
    pickle.PROTO: (_unsigned(1), lambda machine, version: None),
    pickle.NONE: (_nothing, lambda machine, _: machine.push(None)),
    pickle.NEWTRUE: (_nothing, lambda machine, _: machine.push(True)),
    pickle.NEWFALSE: (_nothing, lambda machine, _: machine.push(False)),
    pickle.BININT: (_signed, _Machine.push),
    pickle.BININT1: (_unsigned(1), _Machine.push),
    pickle.BININT2: (_unsigned(2), _Machine.push),
    pickle.LONG1: (_long, _Machine.push),
    pickle.BINUNICODE: (_text, _Machine.push),
    pickle.MARK: (_nothing, lambda machine, _: machine.push(_MARK)),
    pickle.EMPTY_TUPLE: (_nothing, lambda machine, _: machine.push(())),
    pickle.EMPTY_LIST: (_nothing, lambda machine, _: machine.push([])),
    pickle.EMPTY_DICT: (_nothing, lambda machine, _: machine.push({})),
    pickle.TUPLE: (_nothing, lambda machine, _: machine.push(tuple(machine.items()))),
    pickle.TUPLE1: (_nothing, lambda machine, _: machine.push(tuple(machine.last(1)))),
    pickle.TUPLE2: (_nothing, lambda machine, _: machine.push(tuple(machine.last(2)))),
    pickle.TUPLE3: (_nothing, lambda machine, _: machine.push(tuple(machine.last(3)))),
    pickle.APPEND: (_nothing, lambda machine, _: machine.append(machine.last(1))),
    pickle.APPENDS: (_nothing, lambda machine, _: machine.append(machine.items())),
    pickle.SETITEM: (_nothing, lambda machine, _: machine.set(machine.last(2))),
    pickle.SETITEMS: (_nothing, lambda machine, _: machine.set(machine.items())),
    pickle.BINPUT: (_unsigned(1), _Machine.keep),
    pickle.LONG_BINPUT: (_unsigned(4), _Machine.keep),
    pickle.BINGET: (_unsigned(1), lambda machine, number: machine.push(machine.memo[number])),
    pickle.LONG_BINGET: (_unsigned(4), lambda machine, number: machine.push(machine.memo[number])),
    pickle.GLOBAL: (_two_lines, _Machine.name),
    pickle.BINPERSID: (_nothing, lambda machine, _: machine.push(Outside(machine.stack.pop()))),
    pickle.REDUCE: (_nothing, lambda machine, _: machine.call()),
    pickle.BUILD: (_nothing, lambda machine, _: machine.stack.pop()),
}
