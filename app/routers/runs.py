"""Runs: made by POST, then asked for every number."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request, Response

from app.dependencies import AnswersDep, RunsDep
from app.responses import immutable_response, kept_by_client, plain_response, while_connected
from app.routers.forms import JSON
from app.routing import api_router
from app.schemas.examples import RUN_ID
from app.schemas.runs import RunBody

router = api_router("/runs", tags=["runs"])

RunId = Annotated[str, Path(description="the id of a run", examples=[RUN_ID])]


@router.post(
    "",
    status_code=201,
    summary="Run a model on a picture",
    response_class=Response,
    responses={201: {"content": {"application/json": {}}}, **JSON},
)
async def make_run(request: Request, body: RunBody, runs: RunsDep, answers: AnswersDep) -> Response:
    """Runs it and names the run: 201, or 200 where the same run was there already."""

    async def work() -> Response:
        run, is_new = await runs.make(body.image, body.choice())
        content = await answers.described(run)
        return plain_response(content, 201 if is_new else 200, f"/api/v1/runs/{run.id}" if is_new else None)

    return await while_connected(request, work())


@router.get("/{run}", summary="A run and its nodes", response_class=Response, responses=JSON)
async def get_run(request: Request, run: RunId, runs: RunsDep, answers: AnswersDep) -> Response:
    """The run as POST answered it."""
    kept = kept_by_client(request, "json")
    if kept is not None and await runs.knows(run):
        return kept
    content = await while_connected(request, answers.run(str(request.url), run))
    return immutable_response(request, content, "json")
