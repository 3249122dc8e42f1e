"""A batch on a real cluster of Dask's, one of whose two workers is killed half-way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from app.settings import ROOT
from tests.api.batches import arrays_of, errors_of, files_of, marks_of, net_in, pictures_in
from tests.api.command_line import finished, started, typed
from tests.api.test_batch import wait_for


class Cluster(NamedTuple):
    """A scheduler's address and two workers."""

    address: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    def start(name: str, *words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{name}", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        return process

    with ExitStack() as stack:
        told = tmp_path / "scheduler.json"
        here = ("--host", "127.0.0.1")
        start("dask_scheduler", *here, "--port", "0", "--no-dashboard", "--scheduler-file", str(told))
        wait_for(lambda: told.exists() and told.stat().st_size > 0)
        address = json.loads(told.read_text())["address"]
        alone = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
        options = (*here, *alone, "--local-directory", str(tmp_path))
        yield Cluster(address, [start("dask_worker", address, *options) for _ in range(2)])


@pytest.mark.timeout(180)
def test_nothing_is_lost_and_nothing_twice(
    tmp_path: Path, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures, net = pictures_in(tmp_path / "in", 120, broken=(3, 64)), net_in(tmp_path)
    words = ["batch", pictures, "--specification", net, "--size", "160,160", "--chunk", "4", "--node", "mean"]
    assert typed(capsys, *words, "--to", tmp_path / "pool").status == 0

    to = tmp_path / "cluster"
    process = started(*words, "--scheduler", cluster.address, "--to", to, "--json")
    wait_for(lambda: marks_of(to) >= 8 or process.poll() is not None, seconds=60)
    cluster.workers[0].send_signal(signal.SIGKILL)
    done = marks_of(to)
    said = finished(process, timeout_s=90)
    assert said.status == 0, said.err
    assert 8 <= done < 26, "killed half-way"
    assert cluster.workers[0].wait() == -signal.SIGKILL

    assert files_of(to) == files_of(tmp_path / "pool")
    assert marks_of(to) == 30
    arrays = arrays_of(to)
    assert len(set(arrays["pictures"])) == len(arrays["pictures"]) == 120
    assert [error["position"] for error in errors_of(to)] == [3, 64]
    told = json.loads(said.out)
    assert (told["pictures"], told["errors"], told["done_before"]) == (120, 2, 0)


def test_without_dask_it_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    pictures, net = pictures_in(tmp_path / "in", 2), net_in(tmp_path)
    words = ("--specification", net, "--to", tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9")
    said = typed(capsys, "batch", pictures, *words)
    assert said.status == 1
    assert "python -m pip install 'dask[distributed]'" in said.err
