"""A share as one .npz file: always the same bytes for the same numbers."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from app.batch.files import whole_file
from app.representations import Numbers


def write_npz(path: Path, arrays: Mapping[str, Numbers]) -> None:
    """Write arrays, uncompressed, without a copy of any of them in memory."""
    with whole_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            # By itself an entry is dated today.
            entry = zipfile.ZipInfo(f"{name}.npy")
            with archive.open(entry, "w", force_zip64=True) as part:
                header = np.lib.format.header_data_from_array_1_0(array)
                np.lib.format.write_array_header_1_0(part, header)
                part.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
