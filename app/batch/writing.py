"""How the numbers of a share lie on disk: in one .npz file, or as chunks of Zarr arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np

from app.batch.job import Job
from app.batch.npz import write_npz
from app.batch.pictures import Share
from app.batch.zarr import write_chunk, write_description, write_group
from app.problems import Problem
from app.representations import Numbers
from engine.types import Shape

VALID = "valid"
"""The array that says which pictures could be read; the numbers of the others are NaN, or 0."""

PICTURES = "pictures"
"""The array of the pictures' names, in an .npz file."""

Arrays: TypeAlias = Mapping[str, Numbers]
"""(pictures of a share, …) by name."""


class Described(NamedTuple):
    """An array of all pictures, before it is written."""

    name: str
    shape: Shape
    """For one picture."""
    dtype: str
    axes: tuple[str, ...]


def arrays_of(job: Job) -> list[Described]:
    """What is written: an array for each node, how its numbers were scaled, and which are there.

    Raises:
        Problem: ``invalid-argument`` for a node called as one of ours.
    """
    arrays = []
    for node, shape in job.shapes.items():
        axes = ("channel", "row", "column") if len(shape) == 3 else ("feature",)
        arrays.append(Described(node, shape, job.dtype, axes))
        if job.dtype != "float32":
            arrays += [Described(f"{node}.{name}", (), "float64", ()) for name in ("scale", "offset")]
    arrays.append(Described(VALID, (), "bool", ()))
    names = [PICTURES, *(array.name for array in arrays)]
    taken = next((name for name in names if names.count(name) > 1), None)
    if taken is not None:
        raise Problem(
            "invalid-argument", "node", taken, "each node once, and none called as what is told of them"
        )
    return arrays


def begin(job: Job, root: Path) -> None:
    """Write what comes before the first share."""
    described = arrays_of(job)
    if job.layout == "npz":
        return
    group = root / "features.zarr"
    write_group(group, {"model": job.model, "pictures": "../pictures.json"})
    for name, shape, dtype, axes in described:
        write_description(group / name, (job.pictures, *shape), job.share, dtype, ("picture", *axes))


def write_share(job: Job, root: Path, share: Share, arrays: Arrays) -> None:
    """Write one share; again, if need be: the same bytes to the same place."""
    if job.layout == "npz":
        write_npz(part_path(root, share.index), {**arrays, PICTURES: np.array(share.names)})
        return
    for name, numbers in arrays.items():
        write_chunk(root / "features.zarr" / name, share.index, numbers, job.share)


def part_path(root: Path, index: int) -> Path:
    """The file of a share."""
    return root / f"part-{index:05}.npz"
