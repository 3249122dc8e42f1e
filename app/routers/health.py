"""Whether the server lives and is ready."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.dependencies import ServicesDep
from app.metrics import CONTENT_TYPE, Metrics
from app.problems import Problem

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is it alive?")
async def healthz() -> dict[str, str]:
    """Answers while the server can answer at all."""
    return {"status": "ok"}


@router.get("/readyz", summary="Can it work?")
async def readyz(request: Request, _services: ServicesDep) -> dict[str, str]:
    """Answers once the services are assembled, and until the server is told to end."""
    if request.app.state.stopping:
        raise Problem("stopping", detail="This server is about to end.", retry_after_s=1)
    return {"status": "ready"}


@router.get(
    "/metrics",
    summary="What does it do?",
    response_class=Response,
    responses={200: {"content": {CONTENT_TYPE: {}}}},
)
async def metrics(request: Request) -> Response:
    """Counts for Prometheus; docs/metrics.md says what each of them means."""
    counted: Metrics = request.app.state.metrics
    return Response(counted.text(), media_type=CONTENT_TYPE)
