"""Live maps: pictures come from a camera, what a model makes of them goes back. See docs/live.md."""

from __future__ import annotations

import asyncio
import logging

from fastapi import WebSocket, WebSocketDisconnect

from app.dependencies import LiveDep, SettingsDep
from app.errors import problem_of
from app.limits import Limits
from app.newest import Newest
from app.problems import Problem
from app.routing import api_router
from app.schemas.live import MESSAGE
from app.services.live import Arrival, Session
from app.services.live_frames import read_frame
from app.sockets import check_origin, compact, problem_message, read_message, refuse

log = logging.getLogger("convscope")

router = api_router(tags=["live"])

TOO_LARGE = 1009
IDLE = 4408


@router.websocket("/live")
async def live_maps(websocket: WebSocket, live: LiveDep, settings: SettingsDep) -> None:
    """One camera, from the handshake on."""
    try:
        check_origin(websocket.scope, settings.cors_origins)
        session = live.connect()
    except Problem as problem:
        await refuse(websocket, problem)
        return
    try:
        await websocket.accept()
        await _Camera(websocket, session, settings.limits).serve()
    finally:
        live.disconnect(session)


class _Camera:
    """One connection: a task that listens, and one that answers the newest frame."""

    def __init__(self, websocket: WebSocket, session: Session, limits: Limits) -> None:
        self._websocket = websocket
        self._session = session
        self._limits = limits
        self._newest = Newest[Arrival]()

    async def serve(self) -> None:
        """Serve until the camera goes, or has to go."""
        try:
            async with asyncio.TaskGroup() as tasks:
                answering = tasks.create_task(self._answer())
                code = await self._listen()
                answering.cancel()
            if code is not None:
                await self._websocket.close(code)
        except* WebSocketDisconnect:
            pass  # it has gone while something was being sent

    async def _listen(self) -> int | None:
        """Take what comes; why no more is taken, as a code, or None where no more comes."""
        while True:
            try:
                async with asyncio.timeout(self._limits.live_idle_s):
                    message = await self._websocket.receive()
            except TimeoutError:
                return IDLE
            if message["type"] == "websocket.disconnect":
                return None
            text: str | None = message.get("text")
            content: str | bytes = message["bytes"] if text is None else text
            if len(content) > self._limits.live_frame_bytes:
                return TOO_LARGE
            await self._take(content)

    async def _take(self, content: str | bytes) -> None:
        number = None
        try:
            if isinstance(content, str):
                self._session.configure(read_message(MESSAGE, content).wanted())
            else:
                frame = read_frame(content)
                number = frame.number
                self._newest.put(self._session.arrived(frame))
        except Problem as problem:
            told = problem_message(problem, frame=number, configuration=None)
            await self._websocket.send_text(compact(told))

    async def _answer(self) -> None:
        """Answer one frame after the other, always the newest."""
        while True:
            arrival, skipped = await self._newest.take()
            try:
                answer = await self._session.answer(arrival, skipped)
            # Whatever it is, the next frame may be a better one.
            except Exception as error:
                await self._tell(error, arrival, skipped)
                continue
            if answer.configured is not None:
                await self._websocket.send_text(compact({"type": "configured", **answer.configured}))
            await self._websocket.send_bytes(answer.maps)

    async def _tell(self, error: Exception, arrival: Arrival, skipped: int) -> None:
        problem = problem_of(error)
        if problem.code == "internal":
            log.error("a frame failed", exc_info=error)
        about = {"frame": arrival.frame.number, "configuration": arrival.wanted.number, "skipped": skipped}
        await self._websocket.send_text(compact(problem_message(problem, **about)))
