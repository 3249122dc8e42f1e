"""More is asked for than can be done: what is heavy is refused at once, what is light goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from app.jobs import Gate, Ticket
from tests.api.nets import IMAGE, assert_problem, post_run
from tests.api.pictures import noise, png
from tests.api.server import Api, MakeApi
from tests.engine.onnx_files import onnx_file, step

HEAVY: dict[str, Any] = {
    "image": IMAGE,
    "size": [200, 200],
    "specification": {"nodes": [{"op": "conv2d", "out_channels": 16, "padding": 1}, {"op": "relu"}]},
}
"""Six million multiply-adds."""

MODEL = onnx_file([step("Relu", "x", "y")], inputs={"x": (1, 3, 8, 9)})


@contextmanager
def filled(api: Api, gate: Gate) -> Iterator[None]:
    """A lane of which every place is taken, by work that goes on until the end."""
    over = threading.Event()

    def work(ticket: Ticket) -> None:
        while not over.wait(0.005):
            ticket.check()

    tasks = [
        api._portal.start_task_soon(gate.run, f"{gate.name} {each}", work) for each in range(gate.places)
    ]
    try:
        deadline = time.monotonic() + 5
        while gate.accepted < gate.places and time.monotonic() < deadline:
            time.sleep(0.005)
        assert gate.accepted == gate.places
        yield
    finally:
        over.set()
        for task in tasks:
            task.result(10)


@pytest.fixture
def small(make_api: MakeApi) -> Api:
    """A server of few places, to which a little work is much already."""
    return make_api(workers=1, queue_length=2, decode_workers=1, quick_multiply_adds=1_000_000)


def test_heavy_runs_are_refused_while_all_else_goes_on(small: Api) -> None:
    run = post_run(small)
    cell = f"{run['url']}/nodes/conv/cells/0/3/3"
    services = small.app.state.services
    with filled(small, services.lanes.heavy), ThreadPoolExecutor(8) as threads:
        start = time.perf_counter()
        refused = list(threads.map(lambda _: small.post("/api/v1/runs", json=HEAVY), range(24)))
        # Promised is 0.05 s for each; the tests share their cores.
        assert time.perf_counter() - start < 5
        for answer in refused:
            assert_problem(answer, 503, "busy")
            assert int(answer.headers["retry-after"]) >= 1
        for path in ("/healthz", "/api/v1/kernels", run["url"], cell, f"{run['url']}/nodes/conv/output.png"):
            assert small.get(path).status_code == 200, path
        assert small.upload(png(noise())).status_code == 201
        # Another small run is quick, and has a lane of its own.
        assert post_run(small, size=[8, 9])["id"] != run["id"]
    # There is room again.
    assert small.post("/api/v1/runs", json=HEAVY).status_code == 201


LANES: dict[str, tuple[str, Callable[[Api], Any]]] = {
    "upload": ("upload", lambda api: api.upload(png(noise(seed=1)))),
    "a picture in a form": (
        "heavy",
        lambda api: api.post("/api/v1/operations/relu.json", files={"image": ("a.png", png(noise()))}),
    ),
    "a model": ("import", lambda api: api.post("/api/v1/models", content=MODEL)),
    "a quick run": ("quick", lambda api: api.post("/api/v1/runs", json={**HEAVY, "size": [7, 9]})),
}


@pytest.mark.parametrize("what", LANES)
def test_whatever_finds_its_lane_full_is_told_to_come_back(small: Api, what: str) -> None:
    name, ask = LANES[what]
    (gate,) = (gate for gate in small.app.state.services.gates if gate.name == name)
    with filled(small, gate):
        refused_before, start = gate.refused, time.perf_counter()
        answer = ask(small)
        assert time.perf_counter() - start < 2
        assert_problem(answer, 503, "busy")
        assert int(answer.headers["retry-after"]) >= 1
        assert gate.refused == refused_before + 1
        assert small.get("/healthz").status_code == 200
    assert ask(small).status_code in (200, 201)


def test_no_model_is_built_for_a_run_that_would_find_no_place(small: Api) -> None:
    built = small.app.state.services.models._memory
    with filled(small, small.app.state.services.lanes.heavy):
        before = len(built)
        for side in range(200, 210):
            assert_problem(small.post("/api/v1/runs", json={**HEAVY, "size": [side, 200]}), 503, "busy")
        assert len(built) == before
