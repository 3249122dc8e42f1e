"""Folders of small pictures, some of them broken, and what a batch made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.api.pictures import encode, noise, pil, png

NODES = [
    {"name": "conv", "op": "conv2d", "out_channels": 3, "padding": 1},
    {"name": "act", "op": "relu"},
    {"name": "mean", "op": "global_avg_pool2d"},
]


def pictures_in(folder: Path, count: int, broken: tuple[int, ...] = ()) -> Path:
    """A folder of pictures of several sizes and kinds; those named are cut short."""
    folder.mkdir(parents=True)
    for index in range(count):
        pixels = noise(6 + index % 3, 9, 1 if index % 5 == 0 else 3, seed=index)
        data = png(pixels) if index % 2 else encode(pil(pixels), "JPEG")
        (folder / f"{index:04}.{'png' if index % 2 else 'jpg'}").write_bytes(
            data[: len(data) // 2] if index in broken else data
        )
    return folder


def net_in(folder: Path, nodes: list[dict[str, Any]] | None = None) -> Path:
    """A specification of a small network in a file."""
    path = folder / "net.json"
    path.write_text(json.dumps({"nodes": nodes or NODES}))
    return path


def arrays_of(folder: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of all parts, one after the other."""
    parts = [np.load(path) for path in sorted(folder.glob("part-*.npz"))]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0].files}


def errors_of(folder: Path) -> list[dict[str, Any]]:
    """What could not be read."""
    return [json.loads(line) for line in (folder / "errors.jsonl").read_text().splitlines()]


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a batch that is there to be read, by its name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".batch" not in path.parts
    }


def marks_of(folder: Path) -> int:
    """How many shares are done."""
    return len(list((folder / ".batch" / "done").glob("*.json")))
