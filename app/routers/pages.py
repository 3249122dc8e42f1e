"""The pages, the static files and the description of the API."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from app.caching import ASK_AGAIN, IMMUTABLE
from app.errors import STATUS
from app.limits import limit_rows
from app.openapi import reference
from app.pages import Pages
from app.problems import Problem
from app.static_files import StaticFolder

# Without the strictness of the API: a page's address carries its view, which the page itself reads.
router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(request: Request) -> Response:
    """The Operation page is where a visit begins."""
    query = request.url.query
    return RedirectResponse("/operation" + (f"?{query}" if query else ""), 307, {"Cache-Control": ASK_AGAIN})


@router.get("/operation")
def operation(request: Request) -> Response:
    """One operation on one picture."""
    return _pages(request).render(request, "pages/operation.html", page="operation")


@router.get("/network")
def network(request: Request) -> Response:
    """One model on one picture."""
    return _pages(request).render(request, "pages/network.html", page="network")


@router.get("/lecture")
def lecture(request: Request) -> Response:
    """Rooms: opened, and led. Which room it is, only the page reads: with it may come the secret."""
    return _pages(request).render(request, "pages/lecture.html", page="lecture")


@router.get("/docs")
def docs(request: Request) -> Response:
    """The API for people; ``/openapi.json`` is the same for programs."""
    return _pages(request).render(
        request,
        "pages/docs.html",
        page="docs",
        api=reference(request.app.openapi()),
        limits=list(limit_rows(request.app.state.services.settings.limits)),
        codes=STATUS,
    )


@router.get("/favicon.ico")
def favicon(request: Request) -> Response:
    """Browsers ask for it whatever a page says."""
    file = _static(request).find("icon.svg")
    return FileResponse(file.path, media_type=file.media_type) if file else Response(status_code=204)


@router.get("/static/{digest}/{path:path}")
def static_file(request: Request, digest: str, path: str) -> Response:
    """A file of the page. Under an older digest it is the file of today, which nobody may keep."""
    folder = _static(request)
    file = folder.find(path)
    if file is None:
        raise Problem("not-found", "path", path, "a file of the page")
    caching = IMMUTABLE if digest == folder.digest else ASK_AGAIN
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
    compressed = file.compressed(request.headers.get("accept-encoding", ""))
    if compressed is None and not file.is_text:
        return FileResponse(file.path, headers=headers, media_type=file.media_type)
    if compressed is None:
        return Response(file.content(), headers=headers, media_type=file.media_type)
    content, encoding = compressed
    return Response(content, headers={**headers, "Content-Encoding": encoding}, media_type=file.media_type)


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def _static(request: Request) -> StaticFolder:
    static: StaticFolder = request.app.state.static
    return static
