"""Lecture rooms: opened, found and ended by HTTP, and lived in over a WebSocket. See docs/rooms.md."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated

from fastapi import Header, Path, Query, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse

from app.budgets import Budget
from app.dependencies import RoomsDep, SettingsDep
from app.errors import problem_of
from app.problems import Problem
from app.rooms.assembly import Assembly
from app.rooms.joining import follower_address, is_loopback, origins, presenter_address, qr_svg
from app.rooms.listener import Ended
from app.rooms.session import Session, join
from app.routing import API, api_router
from app.schemas.rooms import NewRoom, RoomAnswer, RoomBody
from app.settings import Settings
from app.sockets import check_origin, compact, problem_message, refuse

log = logging.getLogger("convscope.rooms")

router = api_router("/rooms", tags=["rooms"])

Code = Annotated[
    str,
    Path(
        max_length=64,
        description="a room's code; small letters, spaces and hyphens are forgiven",
        examples=["K7M4PX"],
    ),
]

CLOSES = {
    "wrong-secret": 4401,
    "unknown-room": 4404,
    "no-hello": 4408,
    "too-many-messages": 4429,
    "room-full": 4503,
}
"""Problems that end a connection, and with which code; a first message that is no hello does so with 4400."""

NO_HELLO = 4400

BURST_S = 2.0
"""What a listener may say at once, in seconds' worth: telephones hold back and then send all together."""

STALLED_S = 60.0
"""A connection that has not taken a single text for so long has gone without a word."""


@router.post("", status_code=201, response_model=NewRoom, summary="Open a lecture room")
async def create(request: Request, body: RoomBody, rooms: RoomsDep, settings: SettingsDep) -> Response:
    """Gives its code, for everybody, and its secret, for whoever leads."""
    opened = await rooms.create(body.title, _address(request))
    code, own = opened.room.code, _origin(request)
    best = origins(settings, own)[0]
    answer = NewRoom(
        code=code,
        secret=opened.secret,
        title=opened.room.title,
        url=follower_address(best, code),
        # Where the presenter is already, unless that is an address which no other laptop can open.
        presenter_url=presenter_address(best if is_loopback(own) else own, code, opened.secret),
    )
    headers = {"Location": f"{API}/rooms/{code}", "Cache-Control": "no-store"}
    return JSONResponse(answer.model_dump(), 201, headers)


@router.get("/{code}/qr.svg", summary="A room's QR code", response_class=Response)
async def qr(
    request: Request,
    code: Code,
    rooms: RoomsDep,
    settings: SettingsDep,
    join: Annotated[int, Query(ge=0, description="which of the addresses", examples=[0])] = 0,
) -> Response:
    """One of the addresses that lead into the room, dark on light."""
    room = await rooms.find(code, _address(request))
    addresses = [follower_address(each, room.code) for each in origins(settings, _origin(request))]
    if join >= len(addresses):
        raise Problem("invalid-argument", "join", join, f"0 to {len(addresses) - 1}")
    headers = {"Cache-Control": "private, max-age=300"}
    return Response(qr_svg(addresses[join]), headers=headers, media_type="image/svg+xml")


@router.get("/{code}", response_model=RoomAnswer, summary="What is known of a room")
async def describe(request: Request, code: Code, rooms: RoomsDep, settings: SettingsDep) -> Response:
    """Whether there is such a room, how it is called, and who is in it."""
    room = await rooms.find(code, _address(request))
    attendance = await rooms.attendance(room.code)
    answer = RoomAnswer(
        code=room.code,
        title=room.title,
        present=attendance.leads > 0,
        followers=attendance.followers,
        join=[follower_address(each, room.code) for each in origins(settings, _origin(request))],
    )
    return JSONResponse(answer.model_dump(), headers={"Cache-Control": "no-store"})


@router.delete("/{code}", status_code=204, response_class=Response, summary="End a room")
async def delete(
    request: Request,
    code: Code,
    rooms: RoomsDep,
    authorization: Annotated[str, Header(description="Bearer, and the room's secret")] = "",
) -> Response:
    """All listeners are told, and disconnected."""
    scheme, _, secret = authorization.partition(" ")
    await rooms.close(code, secret.strip() if scheme.lower() == "bearer" else "", _address(request))
    return Response(status_code=204)


@router.websocket("/{code}")
async def listen(websocket: WebSocket, code: str, rooms: RoomsDep, settings: SettingsDep) -> None:
    """One listener, from the handshake on."""
    accepted = False
    try:
        check_origin(websocket.scope, settings.cors_origins)
        async with rooms.visit(code, _address(websocket)) as assembly:
            await websocket.accept()
            accepted = True
            await _Connection(websocket, assembly, settings).serve()
    except WebSocketDisconnect:
        pass  # it has gone while something was being sent
    except Problem as problem:
        if accepted:
            raise
        await refuse(websocket, problem)


class _Connection:
    """A connection that was let in: a task that listens, and one that tells."""

    def __init__(self, websocket: WebSocket, assembly: Assembly, settings: Settings) -> None:
        self._websocket = websocket
        self._assembly = assembly
        self._limits = settings.limits
        per_s = self._limits.room_messages_per_second
        self._messages = Budget(BURST_S * per_s, per_s)

    async def serve(self) -> None:
        """Serve until one of both sides has enough."""
        try:
            session = await self._hello()
        except Problem as problem:
            await self._websocket.send_text(compact(problem_message(problem)))
            await self._websocket.close(CLOSES.get(problem.code, NO_HELLO))
            return
        tasks = [asyncio.create_task(each) for each in (self._tell(session), self._hear(session))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            session.leave()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _hello(self) -> Session:
        limit_s = self._limits.room_hello_s
        try:
            async with asyncio.timeout(limit_s):
                text = await self._receive()
        except TimeoutError:
            raise Problem("no-hello", "message", allowed=f"hello within {limit_s:g} s") from None
        return join(self._assembly, text)

    async def _hear(self, session: Session) -> None:
        while True:
            try:
                text = await self._receive()
                if not self._messages.take():
                    allowed = f"{self._limits.room_messages_per_second} per second"
                    flood = Problem("too-many-messages", "messages", allowed=allowed)
                    session.listener.end(CLOSES[flood.code], compact(problem_message(flood)))
                    await asyncio.Event().wait()  # the other task ends the connection, and this one
                await session.hear(text)
            except WebSocketDisconnect:
                return
            # Whatever is wrong with one message, the next may be better.
            except Exception as error:
                problem = problem_of(error)
                if problem.code == "internal":
                    log.error("a message failed", exc_info=error)
                session.listener.reply(compact(problem_message(problem)))

    async def _tell(self, session: Session) -> None:
        try:
            while True:
                text = await session.listener.next()
                async with asyncio.timeout(STALLED_S):
                    await self._websocket.send_text(text)
        except Ended as ended:
            await self._websocket.close(ended.code)
        except (TimeoutError, WebSocketDisconnect):
            pass

    async def _receive(self) -> str:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        if text is None:
            raise Problem("invalid-argument", "message", "bytes", "a text")
        return str(text)


def _address(connection: Request | WebSocket) -> str:
    return connection.client.host if connection.client else ""


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")
