"""Whether the server lives and is ready."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.dependencies import ServicesDep
from app.metrics import CONTENT_TYPE, Metrics

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is it alive?")
async def healthz() -> dict[str, str]:
    """Answers while the server can answer at all."""
    return {"status": "ok"}


@router.get("/readyz", summary="Can it work?")
async def readyz(_services: ServicesDep) -> dict[str, str]:
    """Answers once the services are assembled."""
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
