"""The rooms that somebody follows at this process, each followed once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.limits import Limits
from app.rooms.assembly import Assembly
from app.rooms.backend import Backend


class Hub:
    """Brings connections together that are in the same room."""

    def __init__(self, backend: Backend, limits: Limits) -> None:
        self._backend = backend
        self._limits = limits
        self._assemblies: dict[str, Assembly] = {}

    @asynccontextmanager
    async def visit(self, code: str) -> AsyncIterator[Assembly]:
        """A room for as long as one connection lasts; the last one out closes it here.

        Raises:
            Problem: ``unknown-room``, ``busy``.
        """
        assembly = self._assemblies.get(code)
        if assembly is None:
            assembly = self._assemblies[code] = Assembly(self._backend, code, self._limits)
        assembly.visitors += 1
        try:
            await assembly.open()
            yield assembly
        finally:
            assembly.visitors -= 1
            if not assembly.visitors:
                if self._assemblies.get(code) is assembly:
                    del self._assemblies[code]
                await assembly.shut()
