"""Keeping freed memory: asked for in a process of its own, since it holds for a whole process."""

from __future__ import annotations

import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from engine.heap import keep_freed_memory

kept = keep_freed_memory() if sys.argv[1] == "keep" else False

def work():
    return [np.ones(1 << 20) for _ in range(4)]

work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    work()
print(int(kept), resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> tuple[int, int]:
    made = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True)
    kept, count = map(int, made.stdout.split())
    return kept, count


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the system about page faults")
def test_memory_that_was_freed_needs_no_clearing() -> None:
    _, before = faults("leave")
    kept, after = faults("keep")
    if not kept:
        pytest.skip("this C library cannot be asked")
    assert after < before / 4
