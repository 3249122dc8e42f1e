"""The way into a lecture room for people: a form, and the short address behind a QR code."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.dependencies import RoomsDep
from app.errors import STATUS
from app.pages import Pages
from app.problems import Problem
from app.rooms.codes import LENGTH

NO_STORE = {"Cache-Control": "no-store"}
FIRST_VIEW = "/operation"
"""Where followers wait until the presenter shows something."""

router = APIRouter(include_in_schema=False)


@router.get("/join")
def join(request: Request, code: str = "") -> Response:
    """One field for a code; with ``?code=`` the way into that room, so that it works without a script."""
    text = " ".join(code.split())
    if text:
        return RedirectResponse(f"/r/{quote(text[:64], safe='')}", 303, NO_STORE)
    return _page(request)


@router.get("/r/{code}")
async def enter(request: Request, code: str, rooms: RoomsDep) -> Response:
    """To what the room looks at; the page there goes on following."""
    try:
        room = await rooms.find(code[:64], request.client.host if request.client else "")
    except Problem as problem:
        return _page(request, code, problem)
    view = room.state["view"]
    address = FIRST_VIEW if view is None else str(view["address"])
    return RedirectResponse(f"{address}{'&' if '?' in address else '?'}room={room.code}", 307, NO_STORE)


def _page(request: Request, code: str = "", problem: Problem | None = None) -> Response:
    pages: Pages = request.app.state.pages
    answer = pages.render(
        request,
        "pages/join.html",
        page="join",
        code=code[: 2 * LENGTH],
        problem=None if problem is None else problem.code,
    )
    if problem is not None:
        answer.status_code = STATUS[problem.code]
        answer.headers.update(NO_STORE)
        if problem.retry_after_s is not None:
            answer.headers["Retry-After"] = str(int(problem.retry_after_s) + 1)
    return answer
