"""One kernel over a large picture of one channel, against OpenCV's filter2D."""

from __future__ import annotations

from bench.rivals.case import Case
from bench.rivals.comparison import Comparison
from engine.zoo.layers import Specification, conv, specification

SIZE = (3000, 4000)
KERNEL_SIZES = (3, 7, 15, 31)


def one_kernel(kernel_size: int) -> Specification:
    """A convolution whose output is as large as the picture."""
    kernel = conv("kernel", 1, kernel_size, "input", padding="same", bias=False)
    return specification(1, SIZE, [kernel])


CASES = tuple(Case(f"{size}×{size}", one_kernel(size), task="function") for size in KERNEL_SIZES)

COMPARISON = Comparison(
    name="kernels",
    title="One kernel over twelve megapixels",
    about=f"{SIZE[0]} × {SIZE[1]} numbers of one channel, float32, padded with 0.",
    cases=CASES,
    engines=("ours", "opencv"),
    seconds=15,
    targets={(case.name, 1, "OpenCV"): 1.0 for case in CASES},
)
