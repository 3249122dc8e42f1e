"""The sample photographs, as a trained network wants them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from engine.types import Array

ROOT = Path(__file__).resolve().parents[2]
PHOTOGRAPHS = tuple(sorted(path.stem for path in (ROOT / "static" / "samples").glob("*.jpg")))


def card(name: str) -> dict[str, Any]:
    """What weights/NAME.json says."""
    read: dict[str, Any] = json.loads((ROOT / "weights" / f"{name}.json").read_text(encoding="utf-8"))
    return read


def photograph(name: str, preprocessing: Mapping[str, Any]) -> Array:
    """(1, 3, rows, columns), float32: the middle of a sample, (pixel - mean) / std with white at 255."""
    rows, columns = preprocessing["size"]
    with Image.open(ROOT / "static" / "samples" / f"{name}.jpg") as picture:
        fitted = ImageOps.fit(picture, (columns, rows), Image.Resampling.BICUBIC)
    pixels = np.asarray(fitted, dtype=np.float32)
    x = (pixels - np.float32(preprocessing["mean"])) / np.float32(preprocessing["std"])
    return np.ascontiguousarray(x.transpose(2, 0, 1)[np.newaxis])
