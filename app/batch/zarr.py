"""A Zarr group (version 3) whose chunks are the shares: each a file of bare numbers, written by one process.

Uncompressed arrays are simple enough to be written without Zarr's library, which nobody then needs to
install in order to write them; any library of Zarr reads them.
Source: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.batch.files import whole_file, write_json
from app.representations import Numbers
from app.services.descriptions import Json

_FILL: dict[str, Any] = {"bool": False, "uint8": 0}


def write_group(folder: Path, attributes: Json) -> None:
    """The group itself."""
    write_json(folder / "zarr.json", {"zarr_format": 3, "node_type": "group", "attributes": attributes})


def write_description(
    folder: Path, shape: Sequence[int], chunk: int, dtype: npt.DTypeLike, axes: Sequence[str]
) -> None:
    """An array without its numbers.

    Args:
        folder: of the array.
        shape: of all of it.
        chunk: how many of the first axis lie in one file.
        dtype: bool, uint8, float16 or float32.
        axes: their names.
    """
    name = np.dtype(dtype).name
    codec: Json = {"name": "bytes"}
    if np.dtype(dtype).itemsize > 1:
        codec["configuration"] = {"endian": "little"}
    described = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(shape),
        "data_type": name,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [chunk, *shape[1:]]}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": _FILL.get(name, "NaN"),
        "codecs": [codec],
        "attributes": {},
        "dimension_names": list(axes),
    }
    write_json(folder / "zarr.json", described)


def write_chunk(folder: Path, index: int, numbers: Numbers, chunk: int) -> None:
    """The numbers of one chunk; the last one is filled up, as every chunk has the same size."""
    path = folder.joinpath("c", str(index), *["0"] * (numbers.ndim - 1))
    little = numbers.astype(numbers.dtype.newbyteorder("<"), order="C", copy=False)
    with whole_file(path) as file:
        file.write(little.reshape(-1).view(np.uint8).data)
        missing = chunk - len(numbers)
        if missing:
            filling = np.full(
                (missing, *numbers.shape[1:]), _FILL.get(numbers.dtype.name, np.nan), little.dtype
            )
            file.write(filling.tobytes())
