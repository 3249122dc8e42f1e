"""The power fails: whatever picture was acknowledged before is there afterwards, as it was."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest

from app.settings import ROOT
from tests.api.pictures import noise, png

CUTS = 3
UPLOADERS = 4


@contextmanager
def server(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--host", "127.0.0.1", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "CONVSCOPE_DATA_DIR": str(data)},
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def upload_until_it_dies(address: str, first_seed: int, acknowledged: dict[str, int]) -> None:
    """Post ever new pictures; note under which id each was acknowledged, and what it was made from."""
    with httpx.Client(base_url=address, timeout=10) as client:
        for seed in range(first_seed, first_seed + 10_000):
            try:
                answer = client.post("/api/v1/images", content=png(noise(40, 30, seed=seed)))
            except httpx.HTTPError:
                return
            if answer.status_code == 201:
                acknowledged[answer.json()["id"]] = seed


def test_every_acknowledged_picture_outlives_a_kill(tmp_path: Path) -> None:
    acknowledged: dict[str, int] = {}
    for cut in range(CUTS):
        with server(tmp_path) as (process, address):
            before = len(acknowledged)
            threads = [
                threading.Thread(
                    target=upload_until_it_dies,
                    args=(address, 1_000_000 * cut + 100_000 * each, acknowledged),
                )
                for each in range(UPLOADERS)
            ]
            for thread in threads:
                thread.start()
            deadline = time.monotonic() + 30
            # In the midst of it: never at the same place of a write twice.
            while len(acknowledged) < before + 20 + 7 * cut and time.monotonic() < deadline:
                time.sleep(0.003)
            process.send_signal(signal.SIGKILL)
            for thread in threads:
                thread.join()
    assert len(acknowledged) >= 20 * CUTS
    with server(tmp_path) as (_, address), httpx.Client(base_url=address) as client:
        for image, seed in acknowledged.items():
            pixels = np.load(io.BytesIO(client.get(f"/api/v1/images/{image}.npy").content))
            np.testing.assert_array_equal(pixels, noise(40, 30, seed=seed))
    leftovers = [path.name for path in (tmp_path / "images").iterdir() if path.name.startswith(".new-")]
    assert leftovers == []


@pytest.mark.parametrize("damage", [b"", b"\0" * 10])
def test_a_damaged_entry_is_as_if_it_had_never_been(tmp_path: Path, damage: bytes) -> None:
    file = png(noise())
    with server(tmp_path) as (_, address):
        image = httpx.post(f"{address}/api/v1/images", content=file).json()["id"]
    (tmp_path / "images" / image / "pixels").write_bytes(damage)
    with server(tmp_path) as (_, address):
        assert httpx.get(f"{address}/api/v1/images/{image}").status_code == 404
        assert httpx.post(f"{address}/api/v1/images", content=file).status_code == 201
        assert httpx.get(f"{address}/api/v1/images/{image}").status_code == 200
