"""OpenCV's filter2D: one kernel over one channel."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from bench.rivals.engines import Runner
from bench.rivals.given import read

VERSION = f"OpenCV {cv2.__version__}"


def build(folder: Path, engine: str) -> Runner:
    """The kernel of a model that is one convolution of one channel, its border padded with 0."""
    given = read(folder)
    (node,) = given.model.nodes
    kernel = node.weights["weight"][0, 0]
    picture = given.x[0, 0]
    return Runner(
        lambda: cv2.filter2D(picture, cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT),
        lambda output: np.asarray(output)[None, None],
    )
