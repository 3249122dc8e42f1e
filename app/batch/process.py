"""A worker process of a batch: does the shares that it is given, one after the other."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from app.batch.folder import Folder
from app.batch.model import load_model
from app.batch.pictures import Share
from app.batch.share import Shares
from app.batch.watch import NOTHING, Watch
from app.batch.writing import write_share
from app.problems import Problem
from app.services.workers import Answer, Header, serve
from engine import threads
from engine.errors import EngineError

KEPT_BYTES = 31 << 20
"""Beyond 32 MiB, glibc learns nothing from an array."""


def answer(asked: Header, content: bytes) -> Answer:
    """Do one share and mark it as done; what could not be done at all is a code."""
    try:
        root, told = Path(asked["folder"]), asked["share"]
        share = Share(told["index"], told["start"], tuple(told["names"]), told["base"])
        watch = _watch(Path(asked["watch"]))
        watch.tell(NOTHING, 0)
        folder, shares = _prepared(root)
        arrays, errors = shares.run(share, dict(asked["given_up"]), watch)
        write_share(folder.job(), root, share, arrays)
        folder.mark(share.index, errors)
        # The next share is counted from its own start.
        watch.tell(NOTHING, 0)
    except (Problem, EngineError) as error:
        fields = ("code", "argument", "value", "allowed")
        return {name: getattr(error, name) for name in fields}, b""
    except OSError as error:
        return {
            "code": "unwritable",
            "argument": error.filename,
            "value": None,
            "allowed": error.strerror,
        }, b""
    return {"errors": len(errors)}, b""


def settle() -> None:
    """Make this process one that computes on one core, for good."""
    # Other processes have the other cores; and numbers must not depend on how many there are.
    threads.hold_blas()
    threads.TEAM.size = 1
    # The system takes a while over every page of memory, and allocators give it back after every array;
    # having once freed one as large as this, that of Linux keeps what it has.
    np.empty(KEPT_BYTES, np.uint8)


@lru_cache(1)
def _prepared(root: Path) -> tuple[Folder, Shares]:
    settle()
    folder = Folder(root)
    job = folder.job()
    model, settings = load_model(job.model, folder.data)
    return folder, Shares(job, model, settings.limits)


@lru_cache(1)
def _watch(path: Path) -> Watch:
    return Watch(path)


if __name__ == "__main__":
    serve(answer)
