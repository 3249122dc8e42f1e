"""The client that waits for its answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from . import calls, run_calls
from .arrays import Array
from .exchange import Api, Ask, Exchange, Outcome, Patience, Wait, like
from .run_results import RunDescription

P = ParamSpec("P")
T = TypeVar("T")


def _blocking(call: Callable[Concatenate[Any, P], Exchange[T]]) -> Callable[Concatenate[Any, P], T]:
    @like(call)
    def method(asker: Any, *args: P.args, **kwargs: P.kwargs) -> T:
        answer: T = asker.drive(call(asker, *args, **kwargs))
        return answer

    return method


def _opening(
    call: Callable[Concatenate[Any, P], Exchange[RunDescription]],
) -> Callable[Concatenate[Any, P], Run]:
    @like(call)
    def method(client: Client, *args: P.args, **kwargs: P.kwargs) -> Run:
        return Run(client, client.drive(call(client, *args, **kwargs)))

    return method


class Client(calls.Asker):
    """A server, asked by a script. Threads may share one.

    Args:
        url: of the server.
        timeout_s: for one answer.
        patience: when a request is repeated, and when it is given up.
        http: an ``httpx.Client`` of your own, with its timeouts, proxies, certificates, headers; closing
            it is then yours as well.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        timeout_s: float = 60.0,
        patience: Patience | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self.api = Api(url, patience or Patience())
        self._is_own = http is None
        # A proxy from the environment would look for this machine's server on its own.
        self._http = http or httpx.Client(timeout=timeout_s, trust_env=not self.api.is_here)

    def close(self) -> None:
        """Close the connections."""
        if self._is_own:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def drive(self, exchange: Exchange[T]) -> T:
        """Do what a generator of ``calls`` yields, until it returns."""
        outcome: Outcome = None
        while True:
            try:
                todo = exchange.send(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            outcome = self._done(todo)

    def _done(self, todo: Ask | Wait) -> Outcome:
        if isinstance(todo, Wait):
            time.sleep(todo.seconds)
            return None
        try:
            return self._http.send(self._http.build_request(todo.method, todo.url, **todo.options))
        except httpx.RequestError as error:
            return error

    run = _opening(calls.run)
    get_run = _opening(calls.get_run)
    upload = _blocking(calls.upload)
    delete_image = _blocking(calls.delete_image)
    pixels = _blocking(calls.pixels)
    samples = _blocking(calls.samples)
    models = _blocking(calls.models)
    model = _blocking(calls.model)
    upload_model = _blocking(calls.upload_model)
    make_model = _blocking(calls.make_model)
    weight = _blocking(calls.weight)
    filters = _blocking(calls.filters)
    predict = _blocking(calls.predict)
    output = _blocking(calls.output)
    operation = _blocking(calls.operation)
    operations = _blocking(calls.operations)
    curve = _blocking(calls.curve)
    kernels = _blocking(calls.kernels)
    kernel = _blocking(calls.kernel)
    geometry = _blocking(calls.geometry)


class Run(run_calls.Recorded, Mapping[str, Array]):
    """A recorded run: from the names of its nodes, and ``input``, to their outputs, fetched when wanted."""

    def __init__(self, client: Client, about: RunDescription) -> None:
        super().__init__(client.api, about)
        self.drive = client.drive

    __getitem__ = _blocking(run_calls.array)
    output = _blocking(run_calls.output)
    outputs = _blocking(run_calls.outputs)
    picture = _blocking(run_calls.picture)
    explain = _blocking(run_calls.explain)
    uses = _blocking(run_calls.uses)
    steps = _blocking(run_calls.steps)
    columns = _blocking(run_calls.columns)
    matrix = _blocking(run_calls.matrix)
    stages = _blocking(run_calls.stages)
    weight = _blocking(run_calls.weight)
    filters = _blocking(run_calls.filters)
