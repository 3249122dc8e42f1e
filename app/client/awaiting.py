"""The client that is awaited for its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeAlias, TypeVar

import httpx

from . import calls, run_calls
from .exchange import Api, Ask, Exchange, Outcome, Patience, Wait, like
from .run_results import RunDescription

P = ParamSpec("P")
T = TypeVar("T")
Awaited: TypeAlias = Coroutine[Any, Any, T]


def _awaited(call: Callable[Concatenate[Any, P], Exchange[T]]) -> Callable[Concatenate[Any, P], Awaited[T]]:
    @like(call)
    async def method(asker: Any, *args: P.args, **kwargs: P.kwargs) -> T:
        answer: T = await asker.drive(call(asker, *args, **kwargs))
        return answer

    return method


def _opening(
    call: Callable[Concatenate[Any, P], Exchange[RunDescription]],
) -> Callable[Concatenate[Any, P], Awaited[AsyncRun]]:
    @like(call)
    async def method(client: AsyncClient, *args: P.args, **kwargs: P.kwargs) -> AsyncRun:
        return AsyncRun(client, await client.drive(call(client, *args, **kwargs)))

    return method


class AsyncClient(calls.Asker):
    """A server, asked from asyncio; everything as in ``Client``, awaited.

    Args:
        url: of the server.
        timeout_s: for one answer.
        patience: when a request is repeated, and when it is given up.
        http: an ``httpx.AsyncClient`` of your own, with its timeouts, proxies, certificates, headers;
            closing it is then yours as well.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        timeout_s: float = 60.0,
        patience: Patience | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self.api = Api(url, patience or Patience())
        self._is_own = http is None
        # A proxy from the environment would look for this machine's server on its own.
        self._http = http or httpx.AsyncClient(timeout=timeout_s, trust_env=not self.api.is_here)

    async def close(self) -> None:
        """Close the connections."""
        if self._is_own:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def drive(self, exchange: Exchange[T]) -> T:
        """Do what a generator of ``calls`` yields, until it returns."""
        outcome: Outcome = None
        while True:
            try:
                todo = exchange.send(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            outcome = await self._done(todo)

    async def _done(self, todo: Ask | Wait) -> Outcome:
        if isinstance(todo, Wait):
            await asyncio.sleep(todo.seconds)
            return None
        try:
            return await self._http.send(self._http.build_request(todo.method, todo.url, **todo.options))
        except httpx.RequestError as error:
            return error

    run = _opening(calls.run)
    get_run = _opening(calls.get_run)
    upload = _awaited(calls.upload)
    delete_image = _awaited(calls.delete_image)
    pixels = _awaited(calls.pixels)
    samples = _awaited(calls.samples)
    models = _awaited(calls.models)
    model = _awaited(calls.model)
    upload_model = _awaited(calls.upload_model)
    make_model = _awaited(calls.make_model)
    weight = _awaited(calls.weight)
    filters = _awaited(calls.filters)
    predict = _awaited(calls.predict)
    output = _awaited(calls.output)
    operation = _awaited(calls.operation)
    operations = _awaited(calls.operations)
    curve = _awaited(calls.curve)
    kernels = _awaited(calls.kernels)
    kernel = _awaited(calls.kernel)
    geometry = _awaited(calls.geometry)


class AsyncRun(run_calls.Recorded):
    """A recorded run, as ``Run``: ``await run["conv1"]`` is the output of a node."""

    def __init__(self, client: AsyncClient, about: RunDescription) -> None:
        super().__init__(client.api, about)
        self.drive = client.drive

    __getitem__ = _awaited(run_calls.array)
    output = _awaited(run_calls.output)
    outputs = _awaited(run_calls.outputs)
    picture = _awaited(run_calls.picture)
    explain = _awaited(run_calls.explain)
    uses = _awaited(run_calls.uses)
    steps = _awaited(run_calls.steps)
    columns = _awaited(run_calls.columns)
    matrix = _awaited(run_calls.matrix)
    stages = _awaited(run_calls.stages)
    weight = _awaited(run_calls.weight)
    filters = _awaited(run_calls.filters)
