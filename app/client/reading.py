"""From JSON to typed results: what must be there is checked, what is unknown is passed over."""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Mapping
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import httpx
import numpy as np

from .errors import expecting

T = TypeVar("T")

RAW = "raw"
"""A field of this name holds everything that the server said, also what is newer than this client."""


def result_of(kind: type[T], response: httpx.Response) -> T:
    """A JSON answer as a result of this kind.

    Raises:
        BadAnswer: where something is missing or of another type.
    """
    with expecting(response, f"JSON with the fields of {getattr(kind, '__name__', kind)}"):
        return read(kind, response.json())


def read(kind: type[T], value: object) -> T:
    """A value as JSON has it, as a dataclass, a tuple, a mapping or a plain number.

    Fields that the dataclass does not have are passed over: an API may grow. Numbers that JSON cannot write
    come as null, and are NaN.

    Raises:
        ValueError: with the place of what is wrong.

    >>> @dataclasses.dataclass
    ... class Point:
    ...     at: tuple[int, int]
    ...     name: str | None = None
    >>> read(Point, {"at": [1, 2], "new": True})
    Point(at=(1, 2), name=None)
    >>> read(Point, {"at": [1, "2"]})
    Traceback (most recent call last):
    ...
    ValueError: at.1 is '2', where int was expected
    """
    return cast(T, _read(kind, value, ""))


def _read(kind: Any, value: Any, place: str) -> Any:
    if kind is Any:
        return value
    if dataclasses.is_dataclass(kind):
        return _read_fields(kind, value, place)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _read_optional(kind, arguments, value, place)
    if origin is tuple:
        return _read_tuple(kind, arguments, value, place)
    if origin is np.ndarray:
        return _read_array(value, place)
    if kind is float and value is None:
        return float("nan")
    expected = (int, float) if kind is float else origin or kind
    if not isinstance(value, expected) or (isinstance(value, bool) and kind is not bool):
        raise _wrong(place, value, kind)
    return float(value) if kind is float else value


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, Any, bool], ...]:
    """Name, type, and whether it must be there, of each field."""
    hints = get_type_hints(kind)
    missing = dataclasses.MISSING
    return tuple(
        (each.name, hints[each.name], each.default is missing and each.default_factory is missing)
        for each in dataclasses.fields(kind)
    )


def _read_fields(kind: Any, value: Any, place: str) -> Any:
    if not isinstance(value, Mapping):
        raise _wrong(place, value, kind)
    found = {}
    for name, hint, is_required in _fields(kind):
        inside = f"{place}.{name}" if place else name
        if name == RAW:
            found[name] = value
        elif name in value:
            found[name] = _read(hint, value[name], inside)
        elif is_required:
            raise ValueError(f"{inside} is missing")
    return kind(**found)


def _read_optional(kind: Any, options: tuple[Any, ...], value: Any, place: str) -> Any:
    if value is None and type(None) in options:
        return None
    errors = []
    for option in options:
        if option is not type(None):
            try:
                return _read(option, value, place)
            except ValueError as error:
                errors.append(error)
    raise errors[0] if len(errors) == 1 else _wrong(place, value, kind)


def _read_tuple(kind: Any, items: tuple[Any, ...], value: Any, place: str) -> Any:
    if not isinstance(value, list):
        raise _wrong(place, value, kind)
    if items[-1] is Ellipsis:
        items = (items[0],) * len(value)
    if len(items) != len(value):
        raise _wrong(place, value, kind)
    return tuple(
        _read(item, each, f"{place}.{index}" if place else str(index))
        for index, (item, each) in enumerate(zip(items, value, strict=True))
    )


def _read_array(value: Any, place: str) -> Any:
    """Nested lists of numbers; integers stay such, null is NaN."""
    try:
        array = np.asarray(value)
        array = array.astype(np.float64) if array.dtype == object else array
    except (ValueError, TypeError):
        array = np.empty(0, object)
    if array.ndim == 0 or array.dtype.kind not in "iuf":
        raise _wrong(place, value, "lists of numbers, all of one length")
    return array


def _wrong(place: str, value: object, kind: Any) -> ValueError:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    expected = getattr(kind, "__name__", kind) if isinstance(kind, type) else kind
    return ValueError(f"{place or 'the answer'} is {shown}, where {expected} was expected")
