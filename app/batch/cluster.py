"""Shares on a cluster of Dask's: each is a pure task, so whichever worker dies, another does it again."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.batch.pictures import Share
from app.batch.worker import ShareWorker
from app.problems import Problem
from engine.errors import EngineError

if TYPE_CHECKING:
    from distributed import Client

CONNECT_S = 10
RETRIES = 3
"""Of a share whose task failed by itself; those of a worker that died count with Dask."""

_own = threading.local()


def run_cluster(folder: Path, scheduler: str, shares: Sequence[Share], report: Callable[[int], None]) -> None:
    """Do all shares on the workers of a scheduler, which reach folder and pictures under the same paths.

    Args:
        folder: of the batch, which has begun.
        scheduler: its address, ``tcp://host:port``.
        shares: in the order in which they are begun.
        report: is called after every share with the number of pictures done so far.

    Raises:
        Problem: ``missing-library``, ``no-scheduler``, ``cluster-failed``, and what stops the whole.
    """
    try:
        from distributed import Client
    except ImportError:
        allowed = "with Dask installed: python -m pip install 'dask[distributed]'"
        raise Problem("missing-library", "scheduler", scheduler, allowed) from None
    try:
        client = Client(scheduler, timeout=CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        allowed = "the address of a Dask scheduler, such as tcp://10.0.0.1:8786"
        raise Problem("no-scheduler", "scheduler", scheduler, f"{allowed} ({error})") from None
    try:
        with client:
            _run(client, folder, shares, report)
    except (Problem, EngineError):
        raise
    except Exception as error:  # whatever Dask, or Python on a worker, has to say
        allowed = f"workers that can import this app, and stay ({type(error).__name__}: {error})"
        raise Problem("cluster-failed", "scheduler", scheduler, allowed) from None


def _run(client: Client, folder: Path, shares: Sequence[Share], report: Callable[[int], None]) -> None:
    from distributed import as_completed

    futures = {
        client.submit(do_share, str(folder), share, pure=False, retries=RETRIES): share for share in shares
    }
    done = 0
    for future in as_completed(futures, loop=client.loop):  # type: ignore[no-untyped-call]
        future.result()
        done += len(futures[future].names)
        report(done)


def do_share(folder: str, share: Share) -> None:
    """What a worker of the cluster does: it has a process of ours do the share, one for each of its threads.

    A picture that kills its decoder then kills that process, and not a worker that others share.
    """
    worker: ShareWorker | None = getattr(_own, "worker", None)
    if worker is None or getattr(_own, "folder", None) != folder:
        if worker is not None:
            worker.close()
        worker, _own.folder = ShareWorker(Path(folder)), folder
        _own.worker = worker
        atexit.register(worker.close)
    worker.run(share)
