"""What README.md shows runs as pasted: its commands, its scripts, and its pictures."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.lecture_page import POOLING, STEPS, LecturePage, at
from tests.browser.network_page import NetworkPage
from tests.browser.server_process import ROOT, ServerProcess
from tests.browser.test_snippets import run

ADDRESS = "http://127.0.0.1:8000"
BLOCKS = re.findall(r"```(sh|python)\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
# Other blocks build, start or pack the whole.
EXAMPLES = [(kind, text) for kind, text in BLOCKS if f"{ADDRESS}/api" in text or f'"{ADDRESS}"' in text]
SHELL = [text for kind, text in EXAMPLES if kind == "sh"]
PYTHON = [text for kind, text in EXAMPLES if kind == "python"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what the examples take as given: a photograph, and somebody's network."""
    shutil.copy(ROOT / "static" / "samples" / "chelsea.jpg", tmp_path / "cat.jpg")
    kernel = np.full((2, 3, 5, 5), 0.01, np.float32)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"]), helper.make_node("Relu", ["y"], ["z"])],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 32, 32])],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(kernel, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.save(model, str(tmp_path / "net.onnx"))
    return tmp_path


def pasted(text: str, server: ServerProcess) -> str:
    return text.replace(ADDRESS, server.url)


def test_every_example_was_found() -> None:
    assert len(SHELL) == 2
    assert len(PYTHON) == 2


def test_an_operation_by_curl(folder: Path, server: ServerProcess) -> None:
    run(["sh", "-e", "-c", pasted(SHELL[0], server)], folder)
    assert np.load(folder / "out.npy").ndim == 3


def test_networks_by_curl(folder: Path, server: ServerProcess) -> None:
    lines = pasted(SHELL[1], server).splitlines()
    # One answer after the other, each on a line of its own.
    script = "\n".join(line + "; echo" if line.startswith("curl") else line for line in lines)
    output = run(["sh", "-e", "-c", script], folder)
    named, filters, model = (json.loads(line) for line in output.splitlines() if line)
    assert {"tabby cat", "tiger cat", "Egyptian cat"} >= {each["label"]["en"] for each in named["top"][:3]}
    assert np.load(folder / "maps.npy").shape == (10, 62, 62)
    assert len(filters["filters"]) == 96
    assert [node["op"] for node in model["nodes"]] == ["conv2d", "relu"]
    assert model["report"]


def test_the_client(folder: Path, server: ServerProcess) -> None:
    command = ["env", f"PYTHONPATH={ROOT}", sys.executable, "-c", pasted(PYTHON[0], server)]
    sum_line, kinds = run(command, folder).splitlines()
    value, total = re.fullmatch(r"\(10, 62, 62\) (\S+) ≈ (\S+)", sum_line).groups()
    assert float(value) == pytest.approx(float(total), abs=1e-5)
    assert kinds.count("gabor") > 10


def test_commands_without_a_server(folder: Path) -> None:
    text = next(text for kind, text in BLOCKS if "python -m app batch" in text)
    (folder / "photos").mkdir()
    shutil.copy(folder / "cat.jpg", folder / "photos" / "cat.jpg")
    # The environment of the tests stands in for the one of `make run`.
    script = text.replace(". .venv/bin/activate\n", "")
    assert script != text
    script = script.replace("python -m app", f"PYTHONPATH={ROOT} {sys.executable} -m app")
    output = run(["sh", "-e", "-c", script], folder)
    assert "efficientnet-lite0" in output
    assert np.load(folder / "maps.npz")["conv_1_1"].shape == (10, 62, 62)
    assert (folder / "edges.png").stat().st_size > 1000
    assert (folder / "maps" / "manifest.json").is_file()


def test_a_channel_off_by_python(folder: Path, server: ServerProcess) -> None:
    before, after = run([sys.executable, "-c", pasted(PYTHON[1], server)], folder).splitlines()
    assert before.count(",") == after.count(",") == 2
    assert before != after


def test_the_picture_of_the_network_page(page: Page, screenshot: Callable[..., Path]) -> None:
    shown = NetworkPage(page, "?model=efficientnet-lite0&image=coffee&node=stem_conv&open=1&cell=1,50,56")
    expect(page.locator(".class-bars li").first).to_contain_text("espresso")
    expect(shown.panel.locator("h3")).to_contain_text("channel 1")
    # The kinds of the filters come last.
    expect(shown.panel.locator(".focus-head .note")).not_to_be_empty()
    shown.settle()
    taken = screenshot(page, "network")
    assert taken.stat().st_size > 50_000
    if os.environ.get("CONVSCOPE_RENEW_DOCS"):
        shutil.copy(taken, ROOT / "docs" / "network.png")


def test_the_picture_of_the_lecture_page(
    page: Page, new_context: Callable[..., BrowserContext], screenshot: Callable[..., Path]
) -> None:
    lecture = LecturePage(page)
    code = lecture.open_room()
    lecture.choose(POOLING)
    page.keyboard.press("PageDown")
    # What a hall answers: some right, some as if there were no padding.
    phones = [new_context(viewport={"width": 360, "height": 740}).new_page() for _ in range(3)]
    for phone in phones:
        phone.goto(f"/r/{code}")
        expect(phone).to_have_url(at(STEPS["padding-stride-pooling"][1]["address"]))
    lecture.press("How large")
    for phone, side in zip(phones, ("28", "26", "28"), strict=True):
        fields = phone.locator("cs-question-card input")
        fields.nth(0).fill(side)
        fields.nth(1).fill(side)
        phone.keyboard.press("Enter")
    page.bring_to_front()
    expect(lecture.card).to_contain_text("3 answers")
    taken = screenshot(page, "lecture")
    assert taken.stat().st_size > 50_000
    if os.environ.get("CONVSCOPE_RENEW_DOCS"):
        shutil.copy(taken, ROOT / "docs" / "lecture.png")


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[(.+?)\]\((.+?)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(pictures) == 3
    for words, path in pictures:
        assert len(words) > 40
        assert (ROOT / path).is_file()
