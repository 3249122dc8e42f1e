"""A batch: the numbers of single runs, in order, whatever is broken, and whenever it is stopped."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import zarr

from app.batch import worker
from app.batch.zarr import write_chunk, write_description, write_group
from app.limits import Limits
from tests.api.batches import arrays_of, errors_of, files_of, marks_of, net_in, pictures_in
from tests.api.command_line import finished, started, typed
from tests.api.dying_process import DEADLY, ENDLESS, ONCE
from tests.api.pictures import noise, png
from tests.engine.compare import assert_close

SIZE = ("--size", "8,9")


@pytest.fixture
def net(tmp_path: Path) -> Path:
    return net_in(tmp_path)


def test_rows_are_single_runs(tmp_path: Path, net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures, to = pictures_in(tmp_path / "in", 12), tmp_path / "out"
    model = ("--specification", net, "--size", "8,9", "--color", "rgb")
    nodes = ("--node", "conv", "--node", "mean")
    said = typed(capsys, "batch", pictures, *model, *nodes, "--to", to, "--chunk", "5", "--json")
    assert said.status == 0, said.err
    told = json.loads(said.out)
    assert (told["pictures"], told["errors"], told["done_before"]) == (12, 0, 0)
    assert sorted(path.name for path in to.glob("part-*")) == [f"part-0000{i}.npz" for i in range(3)]
    arrays = arrays_of(to)
    assert arrays["conv"].shape == (12, 3, 8, 9)
    assert arrays["valid"].all()
    names = json.loads((to / "pictures.json").read_text())
    assert names == sorted(str(path) for path in pictures.iterdir()) == arrays["pictures"].tolist()
    for index in (0, 4, 5, 11):
        typed(capsys, "run", names[index], *model, "-o", tmp_path / "one.npz")
        with np.load(tmp_path / "one.npz") as one:
            for node in ("conv", "mean"):
                assert_close(arrays[node][index], one[node], 1e-6)


def test_a_trained_network_writes_its_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures, to = pictures_in(tmp_path / "in", 3), tmp_path / "out"
    assert typed(capsys, "batch", pictures, "--model", "lenet-5", "--to", to).status == 0
    scores = arrays_of(to)["softmax"]
    assert scores.shape == (3, 10)
    assert_close(scores.sum(axis=1), np.ones(3), 1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
def test_zarr_has_the_same_numbers(
    tmp_path: Path, net: Path, capsys: pytest.CaptureFixture[str], dtype: str
) -> None:
    pictures = pictures_in(tmp_path / "in", 7, broken=(2,))
    words = ("batch", pictures, "--specification", net, *SIZE, "--node", "act", "--node", "mean")
    part = ("--dtype", dtype, "--channels", "1:3", "--max-px", "4", "--chunk", "3")
    for layout in ("npz", "zarr"):
        said = typed(capsys, *words, *part, "--format", layout, "--to", tmp_path / layout)
        assert said.status == 0, said.err
    arrays = arrays_of(tmp_path / "npz")
    group = zarr.open_group(tmp_path / "zarr" / "features.zarr", mode="r")
    assert set(group.array_keys()) == set(arrays) - {"pictures"}
    for name in group.array_keys():
        array = group[name]
        assert array.dtype == arrays[name].dtype
        assert np.array_equal(array[:], arrays[name], equal_nan=dtype != "uint8" or name != "valid"), name
    assert group["act"].shape == (7, 2, 4, 4)
    assert group["act"].dtype == dtype
    assert group["act"].metadata.dimension_names == ("picture", "channel", "row", "column")
    assert (np.asarray(group["act"][2]) == 0).all() if dtype == "uint8" else np.isnan(group["act"][2]).all()


def test_a_type_is_that_of_the_api(tmp_path: Path, net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures, to = pictures_in(tmp_path / "in", 2), tmp_path / "out"
    model = ("--specification", net, "--size", "8,9", "--color", "rgb", "--range", "255")
    typed(capsys, "batch", pictures, *model, "--node", "act", "--dtype", "uint8", "--to", to)
    arrays, first = arrays_of(to), min(pictures.iterdir())
    typed(capsys, "run", first, *model, "--node", "act", "-o", tmp_path / "one.npy")
    scales = arrays["act.scale"], arrays["act.offset"]
    read = arrays["act"] * scales[0][:, None, None, None] + scales[1][:, None, None, None]
    assert np.abs(read[0] - np.load(tmp_path / "one.npy")).max() <= scales[0][0] * 0.51


def test_a_chunk_that_is_not_full(tmp_path: Path) -> None:
    write_group(tmp_path / "g", {"a": 1})
    write_description(tmp_path / "g" / "x", (5, 2), 3, "float16", ("picture", "feature"))
    numbers = np.arange(10, dtype=np.float16).reshape(5, 2)
    write_chunk(tmp_path / "g" / "x", 1, numbers[3:], 3)
    array = zarr.open_group(tmp_path / "g", mode="r")["x"]
    assert np.isnan(array[:3]).all()
    assert np.array_equal(array[3:], numbers[3:])
    write_chunk(tmp_path / "g" / "x", 0, numbers[:3], 3)
    assert np.array_equal(zarr.open_group(tmp_path / "g", mode="r")["x"][:], numbers)


def test_bad_pictures_keep_their_place(tmp_path: Path, net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures, to = pictures_in(tmp_path / "in", 8, broken=(0, 5)), tmp_path / "out"
    (pictures / "0003.png").write_text("no picture")
    listed = tmp_path / "list.txt"
    names = [str(path) for path in sorted(pictures.iterdir())]
    names[6] = str(tmp_path / "missing.png")
    names.append(str(tmp_path))
    listed.write_text("\n".join(names))
    words = ("batch", "--list", listed, "--specification", net, *SIZE, "--to", to)
    said = typed(capsys, *words, "--chunk", "4")
    assert said.status == 0, said.err
    assert "5 could not be read" in said.out
    assert [(error["position"], error["code"]) for error in errors_of(to)] == [
        (0, "truncated-picture"),
        (3, "not-a-picture"),
        (5, "truncated-picture"),
        (6, "unreadable-picture"),
        (8, "unreadable-picture"),
    ]
    arrays = arrays_of(to)
    assert np.flatnonzero(~arrays["valid"]).tolist() == [0, 3, 5, 6, 8]
    assert np.isnan(arrays["mean"][[0, 3, 5, 6, 8]]).all()
    assert np.isfinite(arrays["mean"][[1, 2, 4, 7]]).all()


def test_where_the_size_is_known_no_picture_is_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "0.png").write_text("no picture")
    said = typed(capsys, "batch", tmp_path / "0.png", "--model", "lenet-5", "--to", tmp_path / "out")
    assert said.status == 0, said.err
    assert [error["code"] for error in errors_of(tmp_path / "out")] == ["not-a-picture"]


def test_a_number_that_is_none_is_its_own_pictures_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net, to = net_in(tmp_path, [{"name": "log", "op": "log"}]), tmp_path / "out"
    (tmp_path / "in").mkdir()
    for index in range(4):
        pixels = np.full((1, 2, 2), 0 if index == 2 else 255, np.uint8)
        (tmp_path / "in" / f"{index}.png").write_bytes(png(pixels))
    typed(capsys, "batch", tmp_path / "in", "--specification", net, "--to", to)
    assert [(error["position"], error["code"]) for error in errors_of(to)] == [(2, "non-finite")]
    assert arrays_of(to)["valid"].tolist() == [True, True, False, True]


def test_a_picture_that_kills_its_process_costs_itself_alone(
    tmp_path: Path, net: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures, to = pictures_in(tmp_path / "in", 9), tmp_path / "out"
    names = sorted(pictures.iterdir())
    once = tmp_path / "once"
    once.touch()
    for index, ending in ((2, DEADLY), (4, ENDLESS), (7, ONCE + str(once).encode())):
        names[index].write_bytes(names[index].read_bytes() + ending)
    monkeypatch.setattr(worker, "PROCESS", "tests.api.dying_process")
    said = typed(capsys, "batch", pictures, "--specification", net, *SIZE, "--to", to, "--chunk", "5")
    assert said.status == 0, said.err
    assert [(error["position"], error["code"]) for error in errors_of(to)] == [
        (2, "broken-picture"),
        (4, "broken-picture"),
    ]
    assert not once.exists()
    assert np.flatnonzero(~arrays_of(to)["valid"]).tolist() == [2, 4]


def test_killed_and_started_again_it_is_as_if_it_never_was(
    tmp_path: Path, net: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = pictures_in(tmp_path / "in", 60, broken=(7, 31))
    words = ["batch", pictures, "--specification", net, "--size", "96,96", "--node", "act", "--chunk", "4"]
    assert typed(capsys, *words, "--to", tmp_path / "whole").status == 0
    to = tmp_path / "killed"
    process = started(*words, "--workers", "1", "--to", to)
    wait_for(lambda: marks_of(to) >= 3)
    process.kill()
    finished(process)
    before = marks_of(to)
    assert 3 <= before < 15
    said = typed(capsys, *words, "--workers", "2", "--to", to, "--json")
    assert said.status == 0, said.err
    assert json.loads(said.out)["done_before"] >= 4 * before
    assert files_of(to) == files_of(tmp_path / "whole")
    again = typed(capsys, *words, "--to", to, "--json")
    assert json.loads(again.out)["done_before"] == 60


def test_ctrl_c_leaves_no_process_and_no_trace(tmp_path: Path, net: Path) -> None:
    pictures, to = pictures_in(tmp_path / "in", 60), tmp_path / "out"
    size = ("--size", "96,96", "--node", "act", "--chunk", "2")
    process = started("batch", pictures, "--specification", net, *size, "--to", to)
    wait_for(lambda: marks_of(to) >= 2)
    process.send_signal(signal.SIGINT)
    said = finished(process, timeout_s=10)
    assert said.status == 130
    assert said.err.splitlines() == [
        "What is done stays done: the same command goes on from there.",
        "Stopped.",
    ]
    done = marks_of(to)
    time.sleep(0.5)
    assert marks_of(to) == done


def test_another_batch_does_not_go_on_here(
    tmp_path: Path, net: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures, to = pictures_in(tmp_path / "in", 3), tmp_path / "out"
    words = ("--specification", net, *SIZE, "--to", to)
    assert typed(capsys, "batch", pictures, *words).status == 0
    before = files_of(to)
    more_pictures = tmp_path / "list.txt"
    more_pictures.write_text(str(pictures / "0000.jpg"))
    for more, named in (
        (("--node", "act"), "node is"),
        (("--dtype", "float16"), "dtype is"),
        (("--chunk", "2"), "chunk is"),
        (("--format", "zarr"), "format is"),
        (("--range", "255"), "size, color or range is"),
        (("--edits", '[{"node": "conv", "index": 0, "off": true}]'), "edits is"),
        (("--list", more_pictures), "the list of pictures is"),
    ):
        said = typed(capsys, "batch", pictures, *words, *more)
        assert said.status == 1
        assert said.err.splitlines()[0].startswith(f"other-batch: {named}"), said.err
    assert files_of(to) == before
    said = typed(capsys, "batch", pictures, "--specification", net, "--to", pictures)
    assert said.err.startswith("other-batch: to is")
    assert not (pictures / ".batch").exists()


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (("--node", "nobody"), "unknown-node: "),
        (("--channels", "2:9"), "invalid-argument: channels is '2:9'"),
        (("--size", "0,0"), "invalid-argument: size is '0,0'"),
        (("--scheduler", "tcp://127.0.0.1:9"), "no-scheduler: scheduler is 'tcp://127.0.0.1:9'"),
    ],
)
def test_what_cannot_be_is_said_before_any_work(
    tmp_path: Path,
    net: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    more: tuple[str, ...],
    line: str,
) -> None:
    monkeypatch.setattr("app.batch.cluster.CONNECT_S", 0.3)
    pictures, to = pictures_in(tmp_path / "in", 2), tmp_path / "out"
    said = typed(capsys, "batch", pictures, "--specification", net, "--to", to, *more)
    assert said.status == 1
    assert any(each.startswith(line) for each in said.err.splitlines()), said.err
    assert not list(to.glob("part-*"))


def test_a_node_called_as_what_is_told_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = pictures_in(tmp_path / "in", 2)
    net = net_in(tmp_path, [{"name": "valid", "op": "relu"}])
    said = typed(capsys, "batch", pictures, "--specification", net, "--to", tmp_path / "out")
    assert said.err.startswith("invalid-argument: node is 'valid'")


def test_nothing_to_do(tmp_path: Path, net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = ("--specification", net, "--to", tmp_path / "out")
    assert typed(capsys, "batch", *to).err.startswith("no-pictures: ")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    assert typed(capsys, "batch", tmp_path / "in", *to).err.startswith("no-pictures: ")
    said = typed(capsys, "batch", tmp_path / "in" / "notes.txt", *to)
    assert "at least one that can be read" in said.err
    assert typed(capsys, "batch", tmp_path / "in", "--specification", net).status == 2


def test_a_picture_too_large_is_left_unread(
    tmp_path: Path, net: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures, to = tmp_path / "in", tmp_path / "out"
    pictures.mkdir()
    for index, rows in enumerate((6, 60)):
        (pictures / f"{index}.png").write_bytes(png(noise(rows, 60)))
    monkeypatch.setenv("CONVSCOPE_LIMITS__UPLOAD_BYTES", str(len(png(noise(6, 60)))))
    assert typed(capsys, "batch", pictures, "--specification", net, *SIZE, "--to", to).status == 0
    assert [error["code"] for error in errors_of(to)] == ["file-too-large"]
    assert Limits().upload_bytes > len(png(noise(60, 60)))


def wait_for(condition: object, seconds: float = 30) -> None:
    """Until it is so."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
