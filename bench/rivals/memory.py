"""How much memory this process holds, and held at most."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
MIB = 1 << 20


def resident_mib() -> float:
    """Resident now; where the system does not tell, the most so far."""
    return _status("VmRSS") if STATUS.exists() else peak_mib()


def peak_mib() -> float:
    """The most since the start, or since ``forget_peak``."""
    if STATUS.exists():
        return _status("VmHWM")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / MIB if sys.platform == "darwin" else most / 1024


def forget_peak() -> bool:
    """Let the peak begin anew at what is resident now; False where the system does not allow it."""
    try:
        CLEAR.write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def _status(field: str) -> float:
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field + ":")) / 1024
