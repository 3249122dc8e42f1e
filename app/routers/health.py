"""Whether the server lives and is ready."""

from __future__ import annotations

from fastapi import APIRouter

from app.dependencies import ServicesDep

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is it alive?")
async def healthz() -> dict[str, str]:
    """Answers while the server can answer at all."""
    return {"status": "ok"}


@router.get("/readyz", summary="Can it work?")
async def readyz(_services: ServicesDep) -> dict[str, str]:
    """Answers once the services are assembled."""
    return {"status": "ready"}
