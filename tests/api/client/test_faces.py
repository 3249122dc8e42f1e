"""The two kinds of client are one; and what README and a notebook show."""

from __future__ import annotations

import asyncio
import doctest
import importlib
import inspect
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

import app.client
from app.client import AsyncClient, AsyncRun, Client, Run
from app.settings import ROOT
from tests.api.client.faces import NET


@pytest.mark.parametrize(("one", "other"), [(Client, AsyncClient), (Run, AsyncRun)])
def test_both_have_the_same_methods(one: type, other: type) -> None:
    def methods(face: type) -> dict[str, str]:
        own = {name: each for name, each in vars(face).items() if callable(each) and name[0] != "_"}
        return {
            name: f"{inspect.signature(each)} {inspect.getdoc(each)}".replace("Async", "")
            for name, each in own.items()
            if name not in ("drive", "close")
        }

    assert methods(one) == methods(other)
    assert len(methods(one)) >= 11
    assert all("None" not in text.split(" ")[-1] for text in methods(one).values())


def test_a_method_looks_like_one() -> None:
    signature = inspect.signature(Client("http://x").kernel)
    assert (
        str(signature) == "(name: 'str', /, size: 'Size | int | None' = None, **settings: 'Any') -> 'Array'"
    )


def test_context_managers_close_what_is_theirs(address: str) -> None:
    with Client(address) as client:
        client.samples()
    with pytest.raises(RuntimeError, match="closed"):
        client.samples()
    own = httpx.Client(trust_env=False)
    with Client(address, http=own) as client:
        client.samples()
    assert not own.is_closed
    own.close()

    async def use() -> None:
        async with AsyncClient(address) as client:
            runs = [client.run(name, specification=NET, size=(8, 8)) for name in ("chelsea", "coffee")]
            first, second = await asyncio.gather(*runs)
            assert first != second
            assert (await first["conv"]).shape == (3, 8, 8)
        with pytest.raises(RuntimeError, match="closed"):
            await client.samples()

    asyncio.run(use())


def test_a_copy_of_the_folder_stands_alone(address: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "app" / "client", tmp_path / "convscope")
    script = (
        "import sys\nfrom convscope import Client\n"
        f"run = Client({address!r}).run('chelsea', model='lenet-5')\n"
        "print(run['c1'].shape, sorted({'app', 'engine', 'PIL', 'fastapi'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "(6, 28, 28) []\n"


def test_the_notebook(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "client.py").read_text(encoding="utf-8").replace("http://127.0.0.1:8000", address)
    cells = [cell for cell in text.split("# %%") if not cell.startswith(" [markdown]")]
    names: dict[str, Any] = {}
    told = []
    for cell in cells:
        exec(compile(cell, "docs/client.py", "exec"), names)
        told.append(capsys.readouterr().out)
    assert len([each for each in told if each]) == 7
    assert "tiny-vgg" in told[1]
    assert told[2].startswith("(10, 60, 60) float32 ['frog'")
    value, products = re.match(r"(\S+) ≈ (\S+) from 90 products", told[3]).groups()
    assert float(value) == pytest.approx(float(products), abs=1e-5)
    assert told[5].startswith("(1, 40, 60) -1.0 1.0")
    assert "'gabor': 48" in told[6]
    assert "unknown-image" in told[7]


@pytest.mark.parametrize("module", [each.name for each in pkgutil.iter_modules(app.client.__path__)])
def test_examples_in_the_descriptions(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"app.client.{module}")).failed == 0
