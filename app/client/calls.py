"""What a client can ask a server, each request written once; see ``exchange``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias, TypeVar

import httpx

from .arrays import Array, array_of
from .errors import expecting
from .exchange import Api, Exchange, texts
from .pictures import Picture, file_bytes, file_or_name
from .reading import read, result_of
from .results import (
    Filters,
    Geometry,
    Image,
    Kernel,
    Model,
    ModelSummary,
    Operation,
    TopClass,
)
from .run_results import RunDescription

T = TypeVar("T")

Size: TypeAlias = tuple[int, int]
"""[height, width]."""

Dtype: TypeAlias = Literal["float32", "float16", "uint8"]


class Asker:
    """Whoever asks: a client, or a run of one."""

    api: Api


def run(
    asker: Asker,
    picture: Picture,
    *,
    model: str | None = None,
    specification: Mapping[str, Any] | None = None,
    size: Size | None = None,
    color: Literal["gray", "rgb"] | None = None,
    range: Literal[1, 255] | None = None,
    edits: Sequence[Mapping[str, Any]] | None = None,
) -> Exchange[RunDescription]:
    """Runs a model on a picture: ``run["conv1"]`` then is the output of a node.

    Args:
        picture: see ``Picture``; one that the server does not have is uploaded first.
        model: a built-in model's name or a model's id.
        specification: instead of it, such as ``{"nodes": [{"op": "conv2d", "weight": "sobel_x"}]}``;
            weights may be arrays.
        size: the picture is resized first, [height, width].
        color: what the picture is turned into first.
        range: what white becomes, where the model does not say: 1 if left out.
        edits: changes to weights for this run alone, such as ``{"node": "conv1", "index": 3, "off": True}``.

    Raises:
        ConvScopeError: what cannot be; ``NotFound`` for an unknown picture or model.
    """
    source = file_or_name(picture)
    if isinstance(source, bytes):
        source = (yield from upload(asker, source)).id
    body = {
        "image": source,
        "model": model,
        "specification": specification,
        "size": size,
        "color": color,
        "range": range,
        "edits": edits,
    }
    return result_of(RunDescription, (yield from asker.api.post_json("runs", body=body)))


def get_run(asker: Asker, run: str) -> Exchange[RunDescription]:
    """A run by its id, made earlier or by somebody else.

    Raises:
        NotFound: unknown.
    """
    return result_of(RunDescription, (yield from asker.api.get("runs", run)))


def upload(asker: Asker, picture: Picture) -> Exchange[Image]:
    """Uploads a picture, once for many runs: its ``id`` is as good as the picture.

    Raises:
        ConvScopeError: it is none, or too large.
    """
    source = file_or_name(picture)
    if isinstance(source, str):
        return result_of(Image, (yield from asker.api.get("images", source)))
    name = Path(picture).name if isinstance(picture, str | os.PathLike) else None
    headers = {"Content-Type": "application/octet-stream"}
    answer = yield from asker.api.post("images", query={"name": name}, content=source, headers=headers)
    return result_of(Image, answer)


def delete_image(asker: Asker, image: str) -> Exchange[None]:
    """Forgets an uploaded picture.

    Raises:
        NotFound: unknown, or forgotten already.
    """
    yield from asker.api.delete("images", image)


def pixels(asker: Asker, image: str) -> Exchange[Array]:
    """The pixels of a sample or an uploaded picture, uint8, (channels, rows, columns)."""
    return array_of((yield from asker.api.get("images", image, suffix=".npy")))


def samples(asker: Asker) -> Exchange[tuple[Image, ...]]:
    """The built-in pictures."""
    return _listed(tuple[Image, ...], "images", (yield from asker.api.get("images")))


def models(asker: Asker) -> Exchange[tuple[ModelSummary, ...]]:
    """The built-in models."""
    return _listed(tuple[ModelSummary, ...], "models", (yield from asker.api.get("models")))


def model(asker: Asker, name: str) -> Exchange[Model]:
    """A model by its id or a built-in one's name, with its nodes."""
    return result_of(Model, (yield from asker.api.get("models", name)))


def upload_model(
    asker: Asker,
    file: str | os.PathLike[str] | bytes | BinaryIO,
    *,
    name: str | None = None,
    size: Size | None = None,
    labels: Sequence[str | Mapping[str, str]] | None = None,
    preprocessing: Mapping[str, Any] | None = None,
) -> Exchange[Model]:
    """Uploads an ONNX file; ``report`` of the model says what was understood.

    Args:
        file: a path, the file's bytes, or a file opened for reading bytes.
        name: to be shown.
        size: [height, width] of its pictures, where the file leaves it open.
        labels: of the classes in order.
        preprocessing: how pictures enter, such as ``{"size": [224, 224], "range": 255, "mean": [127]}``.

    Raises:
        ConvScopeError: what cannot be read or is not understood, by name.
    """
    fields = {"name": name, "size": size, "labels": labels, "preprocessing": preprocessing}
    files = {"file": ("model.onnx", file_bytes(file))}
    return result_of(Model, (yield from asker.api.post("models", files=files, data=texts(fields))))


def make_model(asker: Asker, specification: Mapping[str, Any]) -> Exchange[Model]:
    """Makes a model from a specification, or a variant of another; weights may be arrays."""
    return result_of(Model, (yield from asker.api.post_json("models", body=specification)))


def weight(asker: Asker, model: str, node: str, name: str = "weight") -> Exchange[Array]:
    """A weight of a node, ``weight`` or ``bias`` or another; (out, in, rows, columns) of a convolution."""
    return array_of((yield from asker.api.get("models", model, "nodes", node, name, suffix=".npy")))


def filters(asker: Asker, model: str, node: str) -> Exchange[Filters]:
    """What each filter of a convolution is: edge, blob, Gabor function, with the fit."""
    return result_of(Filters, (yield from asker.api.get("models", model, "nodes", node, "filters")))


def predict(
    asker: Asker,
    picture: Picture,
    model: str,
    *,
    size: Size | None = None,
    color: Literal["gray", "rgb"] | None = None,
    range: Literal[1, 255] | None = None,
) -> Exchange[tuple[TopClass, ...]]:
    """The likeliest classes of a picture, in one call; nothing is kept. Arguments as for ``run``."""
    path = ("models", model, "predict")
    answer = yield from _apply(asker, picture, path, "", {"size": size, "color": color, "range": range})
    return _listed(tuple[TopClass, ...], "top", answer)


def output(
    asker: Asker,
    picture: Picture,
    model: str,
    node: str,
    *,
    size: Size | None = None,
    color: Literal["gray", "rgb"] | None = None,
    range: Literal[1, 255] | None = None,
    dtype: Dtype | None = None,
) -> Exchange[Array]:
    """What one node makes of a picture, in one call; nothing is kept. Arguments as for ``run``.

    Args:
        dtype: in which numbers travel; they arrive as float32, exact unless this says otherwise.
    """
    path = ("models", model, "nodes", node, "output")
    fields = {"size": size, "color": color, "range": range}
    return array_of((yield from _apply(asker, picture, path, ".npy", fields, {"dtype": dtype})))


def operation(asker: Asker, op: str, picture: Picture, /, **settings: Any) -> Exchange[Array]:
    """One operation on one picture, in one call; nothing is kept.

    Args:
        op: ``conv2d``, ``max_pool2d`` …; ``operations()`` lists them.
        picture: see ``Picture``.
        settings: the operation's own in PyTorch's words (``stride=2``, ``padding="same"``), its weights
            (``kernel="sobel_x"``, or an array), and ``size`` and ``color`` as for ``run``.

    Raises:
        ConvScopeError: what cannot be, with the setting at fault in ``params``.
    """
    return array_of((yield from _apply(asker, picture, ("operations", op), ".npy", settings)))


def operations(asker: Asker) -> Exchange[tuple[Operation, ...]]:
    """The operations with their settings."""
    return _listed(tuple[Operation, ...], "operations", (yield from asker.api.get("operations")))


def curve(
    asker: Asker, op: str, /, start: float = -6, stop: float = 6, count: int = 241, **settings: Any
) -> Exchange[Array]:
    """Points of an activation, float64, (count, 3): x, y and the slope; NaN where it is not defined."""
    query = {"start": start, "stop": stop, "count": count, **settings}
    return _listed(Array, "points", (yield from asker.api.get("operations", op, "curve", query=query)))


def kernels(asker: Asker) -> Exchange[tuple[Kernel, ...]]:
    """The kernels made by hand, with their numbers."""
    return _listed(tuple[Kernel, ...], "kernels", (yield from asker.api.get("kernels")))


def kernel(asker: Asker, name: str, /, size: Size | int | None = None, **settings: Any) -> Exchange[Array]:
    """A kernel's numbers, float32, (rows, columns), at a size and at its own settings."""
    query = {"size": size, **settings}
    return array_of((yield from asker.api.get("kernels", name, suffix=".npy", query=query)))


def geometry(
    asker: Asker, op: str, /, input: Size, channels: int = 1, bias: bool = False, **settings: Any
) -> Exchange[Geometry]:
    """Sizes and cost of an operation, and what each setting may be, before anything runs.

    Args:
        op: the operation.
        input: [rows, columns].
        channels: of the input.
        bias: whether one is counted.
        settings: the operation's own.
    """
    query = {"input": input, "channels": channels, **({"bias": True} if bias else {}), **settings}
    return result_of(Geometry, (yield from asker.api.get("geometry", op, query=query)))


def _apply(
    asker: Asker,
    picture: Picture,
    path: tuple[str, ...],
    suffix: str,
    fields: Mapping[str, Any],
    query: Mapping[str, Any] | None = None,
) -> Exchange[httpx.Response]:
    """POST a picture and fields to where neither is kept."""
    source = file_or_name(picture)
    if isinstance(source, str):
        # These take files alone; as PNG not a pixel changes.
        source = (yield from asker.api.get("images", source, suffix=".png")).content
    files = {"image": ("picture", source)}
    return (yield from asker.api.post(*path, suffix=suffix, query=query, files=files, data=texts(fields)))


def _listed(kind: type[T], name: str, response: httpx.Response) -> T:
    """One member of a JSON answer."""
    with expecting(response, f"JSON with {name!r}"):
        return read(kind, response.json()[name])
