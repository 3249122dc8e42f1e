"""What is typed gives the numbers of the API, and its words; what is wrong is one line."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.settings import ROOT
from engine.ops.registry import OPERATIONS
from tests.api.command_line import COMMAND, finished, started, typed
from tests.api.nets import get_array, get_json
from tests.api.pictures import noise, png
from tests.api.server import Api
from tests.engine.onnx_files import onnx_file, step

FILE = png(noise(30, 40))
NET = ("--model", "tiny-vgg")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(FILE)
    return path


def posted(api: Api, **fields: Any) -> Any:
    image = api.upload(FILE).json()["id"]
    return api.post("/api/v1/runs", json={"image": image, "model": "tiny-vgg", **fields}).json()


def test_a_run_is_the_one_of_the_api(api: Api, picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edits = [{"node": "conv_1_2", "index": 3, "off": True}]
    for options, fields in (
        ((), {}),
        (("--size", "64,64", "--color", "rgb"), {"size": [64, 64], "color": "rgb"}),
        (("--range", "1"), {"range": 1}),
        (("--edits", json.dumps(edits)), {"edits": edits}),
    ):
        said = typed(capsys, "run", picture, *NET, *options, "--json")
        assert said.status == 0, said.err
        assert json.loads(said.out) == get_json(api, posted(api, **fields)["url"])


def test_a_run_is_told_in_lines(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = typed(capsys, "run", picture, *NET)
    nodes, classes = said.out.split("\n\n")
    assert re.fullmatch(r"node +op +shape +min +max", nodes.splitlines()[0])
    assert re.match(r"conv_1_1 +conv2d +10 × 62 × 62 +-", nodes.splitlines()[2])
    assert len(classes.splitlines()) == 11
    chosen = typed(capsys, "run", picture, *NET, "--node", "relu_2_1")
    assert [line.split()[0] for line in chosen.out.split("\n\n")[0].splitlines()] == ["node", "relu_2_1"]


def test_outputs_are_those_of_the_api(
    api: Api, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"{posted(api)['url']}/nodes/conv_1_1/output"
    one = ("run", picture, *NET, "--node", "conv_1_1")
    for name, options, query in (
        ("a.npy", (), ""),
        ("b.npy", ("--dtype", "uint8", "--max-px", "7"), "?dtype=uint8&max_px=7"),
        ("c.png", ("--channel", "2", "--scale", "map", "--theme", "dark"), "?channel=2&scale=map&theme=dark"),
        ("d.json", ("--channels", "0:1"), "?channels=0:1"),
    ):
        path = tmp_path / "made" / name
        said = typed(capsys, *one, *options, "-o", path)
        assert said.status == 0, said.err
        assert path.read_bytes() == api.get(f"{url}{path.suffix}{query}").content, name
        assert ("stored ×" in said.err) == ("uint8" in options)


def test_several_outputs(api: Api, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = posted(api)
    assert typed(capsys, "run", picture, *NET, "-o", tmp_path / "all.npz").status == 0
    assert (tmp_path / "all.npz").read_bytes() == api.get(f"{run['url']}/outputs.npz").content
    typed(capsys, "run", picture, *NET, "--node", "flatten", "--node", "softmax", "-o", tmp_path / "two")
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == ["flatten.npy", "softmax.npy"]
    softmax = np.load(tmp_path / "two" / "softmax.npy")
    assert np.array_equal(softmax, get_array(api, f"{run['url']}/nodes/softmax/output.npy"))
    assert typed(capsys, "run", picture, *NET, "-o", tmp_path / "last.npy").status == 0
    assert np.array_equal(softmax, np.load(tmp_path / "last.npy"))


def test_an_operation_is_the_one_of_the_api(
    api: Api, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--op", "conv2d", "--kernel", "sobel_x", "--stride", "2", "--padding", "same", "--size", "20,24")
    fields = {"kernel": "sobel_x", "stride": "2", "padding": "same", "size": "20,24"}
    said = typed(capsys, "run", picture, *words, "-o", tmp_path / "edges.npy")
    assert said.status == 0, said.err
    assert re.search(r"^conv2d +1 × 10 × 12 +-\d", said.out, re.M)
    url = "/api/v1/operations/conv2d"
    expected = api.post(f"{url}.npy", files={"image": FILE}, data=fields).content
    assert (tmp_path / "edges.npy").read_bytes() == expected
    in_json = typed(capsys, "run", *words, "--json", picture)
    assert in_json.out.strip() == api.post(f"{url}.json", files={"image": FILE}, data=fields).text


def test_every_operation_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for name in OPERATIONS:
        assert typed(capsys, "run", "chelsea", "--op", name, "--help").status == 0


def test_an_explanation_is_the_one_of_the_api(
    api: Api, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"{posted(api)['url']}/nodes/conv_1_1/cells/3/4/7"
    words = ("explain", picture, *NET, "--node", "conv_1_1", "--cell", "3,4,7")
    assert json.loads(typed(capsys, *words, "--json").out) == get_json(api, url)
    few = typed(capsys, *words, "--limit", "2", "--offset", "1", "--json")
    assert json.loads(few.out) == get_json(api, f"{url}?limit=2&offset=1")


def test_a_sum_is_written_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = tmp_path / "net.json"
    nodes = [
        {"name": "c", "op": "conv2d", "weight": [[0.5, 2]], "bias": [1]},
        {"name": "p", "op": "max_pool2d", "kernel_size": [1, 2]},
    ]
    net.write_text(json.dumps({"nodes": nodes}))
    pixels = np.array([[[51, 102, 204, 255]]], np.uint8)
    (tmp_path / "row.png").write_bytes(png(pixels))
    words = ("explain", tmp_path / "row.png", "--specification", net, "--range", "255")
    said = typed(capsys, *words, "--node", "c", "--cell", "0,0,1")
    assert said.out.splitlines() == [
        "c [0, 0, 1]: conv2d",
        "",
        "of               value  weight  product",
        "input [0, 0, 1]    102     0.5       51",
        "input [0, 0, 2]    204       2      408",
        "",
        "sum of 2 terms, and the bias 1 = 460",
    ]
    said = typed(capsys, *words, "--node", "p", "--cell", "0,0,0")
    assert said.out.splitlines()[3:5] == ["c [0, 0, 0]  230.5", "c [0, 0, 1]    460  ←"]
    assert said.out.splitlines()[-1] == "max of 2 value(s) = 460"


def test_digits_that_do_not_add_up_are_not_called_equal(
    picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = typed(capsys, "explain", picture, *NET, "--node", "conv_1_1", "--cell", "0,1,1", "--limit", "3")
    assert re.search(
        r"sum of 3 terms, and of 24 smaller ones, \S+, and the bias \S+ ≈ \S+$", said.out.strip()
    )


def test_filters_and_models(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    filters = typed(capsys, "filters", "tiny-vgg", "conv_1_1", "--json")
    assert json.loads(filters.out) == get_json(api, "/api/v1/models/tiny-vgg/nodes/conv_1_1/filters")
    assert len(typed(capsys, "filters", "tiny-vgg", "conv_1_1").out.split("\n\n")[0].splitlines()) == 11
    listed = json.loads(typed(capsys, "models", "--json").out)
    assert listed == get_json(api, "/api/v1/models")
    table = typed(capsys, "models").out.splitlines()
    assert [line.split()[0] for line in table[1:]] == [model["name"] for model in listed["models"]]
    one = typed(capsys, "models", "tiny-vgg", "--json")
    assert json.loads(one.out) == get_json(api, "/api/v1/models/tiny-vgg")
    assert "conv_1_1" in typed(capsys, "models", "tiny-vgg").out


def test_weights_are_exported(api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = "/api/v1/models/tiny-vgg/nodes/conv_1_1"
    for name, options, asked in (
        ("w.npy", (), "weight.npy"),
        ("b.npy", ("--weight", "bias"), "bias.npy"),
        ("w.png", (), "weight.png"),
    ):
        said = typed(capsys, "export", "tiny-vgg", "--node", "conv_1_1", *options, "-o", tmp_path / name)
        assert said.status == 0, said.err
        assert (tmp_path / name).read_bytes() == api.get(f"{url}/{asked}").content
    typed(capsys, "export", "tiny-vgg", "-o", tmp_path / "all.npz")
    with np.load(tmp_path / "all.npz") as weights:
        assert len(weights.files) == 10
        assert np.array_equal(weights["conv_1_1.weight"], get_array(api, f"{url}/weight.npy"))


def test_a_network_of_ones_own(picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(onnx_file([step("Relu", "x", "y", "steep")], inputs={"x": (1, 3, 8, 9)}))
    said = typed(capsys, "run", picture, "--model", path)
    assert said.status == 0, said.err
    assert re.search(r"^steep +relu +3 × 8 × 9 ", said.out, re.M)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("run", "nobody.png", *NET), "unknown-image: picture is 'nobody.png'; allowed: a file, "),
        (("run", "chelsea", "--model", "nobody"), "unknown-model: model is 'nobody'; allowed: cifar-net, "),
        (("run", "chelsea", *NET, "--node", "conv"), "unknown-node: "),
        (("run", "chelsea", *NET, "--size", "3,3"), "kernel-too-large: "),
        (("run", "chelsea", *NET, "--size", "many"), "invalid-argument: size is 'many'; allowed: "),
        (("run", "chelsea", *NET, "--edits", "{"), "malformed-json: edits is '{'; allowed: JSON"),
        (("run", "chelsea", *NET, "--edits", '[{"node": "c"}]'), "missing-field: edits.0.index; "),
        (("run", "chelsea", *NET, "-o", "x.tiff"), "not-acceptable: output is 'x.tiff'; allowed: .npy, "),
        (("run", "chelsea", *NET, "--channels", "9:12", "-o", "/tmp/x.npy"), "invalid-argument: channels "),
        (("run", "chelsea", "--op", "add"), "wrong-inputs: "),
        (("run", "chelsea", "--specification", "nobody.json"), "nobody.json: No such file or directory"),
        (("run", "chelsea", "--model", "nobody.onnx"), "nobody.onnx: No such file or directory"),
        (("explain", "chelsea", *NET, "--node", "conv_1_1", "--cell", "10,0,0"), "cell-out-of-range: "),
        (("filters", "tiny-vgg", "relu_1_1"), "no-filters: "),
        (("export", "tiny-vgg", "--node", "relu_1_1", "-o", "/tmp/x.npy"), "unknown-weight: "),
        (("export", "tiny-vgg", "-o", "/tmp/x.npy"), "invalid-argument: output "),
        (("models", "nobody"), "unknown-model: "),
    ],
)
def test_a_problem_is_one_line(words: tuple[str, ...], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = typed(capsys, *words)
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(line)
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "COMMAND"),
        (("fly",), "invalid choice: 'fly'"),
        (("run", "chelsea"), "--model --specification is required"),
        (("run", "chelsea", "--model", "a", "--specification", "b"), "not allowed with"),
        (("run", "chelsea", *NET, "--sizes", "3,3"), "unrecognized arguments: --sizes"),
        (("run", "chelsea", *NET, "--dtype", "int8"), "invalid choice: 'int8'"),
        (("run", "chelsea", *NET, "--max-px", "0"), "'0' is not an integer of at least 1"),
        (("run", "chelsea", "--op", "conv3d"), "'conv3d' is none"),
        (("run", "chelsea", "--op", "relu", "--kernel", "sobel_x"), "unrecognized arguments"),
        (("explain", "chelsea", *NET, "--node", "a", "--cell", "1,2"), "is not channel,row,column"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = typed(capsys, *words)
    assert said.status == 2
    assert told in said.err


def test_a_picture_from_standard_input(api: Api) -> None:
    words = [*COMMAND, "run", "-", *NET, "--json"]
    done = subprocess.run(words, cwd=ROOT, input=FILE, capture_output=True, timeout=60, check=True)
    assert json.loads(done.stdout) == get_json(api, posted(api)["url"])


def test_a_reader_who_has_seen_enough() -> None:
    process = started("models", "--json")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    assert finished(process).err == ""


def test_ctrl_c_is_one_line() -> None:
    process = started("filters", "vgg-16", "conv_1_1")
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    said = finished(process)
    assert (said.status, said.out, said.err) == (130, "", "Stopped.\n")
