"""The engines that are compared, each a module beside this one whose import loads its library."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.types import Array


class Runner(NamedTuple):
    """A built case: ``step`` runs it once, ``numbers`` reads as an array what a step returned.

    After ``warm_calls`` at least it is as fast as it gets, and its answer is known.
    """

    step: Callable[[], Any]
    numbers: Callable[[Any], Array]
    warm_calls: int = 2


@dataclass(frozen=True)
class Engine:
    """One line of the results.

    Args:
        name: by which it is asked for.
        title: by which the results name it.
        module: in this package; its ``build(folder, name)`` returns a ``Runner``, its ``VERSION`` says
            what was measured.
    """

    name: str
    title: str
    module: str

    @property
    def python(self) -> str:
        """The interpreter with its library: ``CONVSCOPE_BENCH_PYTHON_<MODULE>``, else this one."""
        return os.environ.get(f"CONVSCOPE_BENCH_PYTHON_{self.module.upper()}", sys.executable)


ENGINES = {
    engine.name: engine
    for engine in (
        Engine("ours", "ConvScope", "ours"),
        Engine("ours-trace", "ConvScope, every node kept", "ours"),
        Engine("pytorch-nchw", "PyTorch, NCHW", "pytorch"),
        Engine("pytorch-channels-last", "PyTorch, channels last", "pytorch"),
        Engine("onnxruntime", "ONNX Runtime", "onnx_runtime"),
        Engine("opencv", "OpenCV", "opencv"),
    )
}

RIVALS = {
    "PyTorch": ("pytorch-nchw", "pytorch-channels-last"),
    "ONNX Runtime": ("onnxruntime",),
    "OpenCV": ("opencv",),
}
"""By library, its engines; against a library means against the better one of them."""
