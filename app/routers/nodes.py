"""The nodes of a run: outputs, explanations, steps, and the operation as a matrix."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response

from app.dependencies import SettingsDep, services_of
from app.negotiation import Form
from app.overviews import Overview
from app.representations import Content
from app.responses import immutable_response, kept_by_client, while_connected
from app.routers.forms import ARRAY, JSON, PICTURE, form_of, in_forms
from app.routers.runs import RunId
from app.routing import api_router
from app.schemas.common import ArrayQuery, PictureQuery
from app.services.answers import Answers
from app.services.explanations import Page

router = api_router("/runs/{run}", tags=["runs"])

NodeName = Annotated[
    str, Path(description="the name of a node; `input` is the picture as it entered", examples=["conv"])
]
Transposed = Annotated[str, Path(description="the name of a node", examples=["up"])]
StageName = Annotated[str, Path(description="spread, frame, crop, convolve or kernel", examples=["crop"])]
Index = Annotated[int, Path(ge=0, le=1 << 31, examples=[0])]
Rows = Annotated[str | None, Query(description="start:stop", max_length=24, examples=["0:16"])]


async def _answer(
    request: Request, run: str, form: Form, work: Callable[[Answers, str], Coroutine[Any, Any, Content]]
) -> Response:
    # Asked for here and not by the routes: to be handed two services takes longer than to explain a number.
    services = await services_of(request)
    kept = kept_by_client(request, form)
    if kept is not None and await services.runs.knows(run):
        return kept
    content = await while_connected(request, work(services.answers, f"{request.url} {form}"))
    return immutable_response(request, content, form)


@router.get("/outputs.npz", summary="Several outputs", response_class=Response)
async def get_outputs(
    request: Request,
    run: RunId,
    settings: SettingsDep,
    nodes: Annotated[
        str | None,
        Query(description="names, separated by commas, `input` among them; left out: all nodes"),
    ] = None,
    fold: Annotated[
        int | None,
        Query(ge=2, description="of more channels than these, the first fold − 1 and the last", examples=[8]),
    ] = None,
    max_px: Annotated[
        int | None,
        Query(
            ge=1,
            description="maps whose longer side is greater are averaged over blocks of n × n cells, "
            "n = ⌈side / max_px⌉; the last block averages the cells that it has",
            examples=[64],
        ),
    ] = None,
    dtype: Literal["float32", "float16", "uint8"] = "float32",
) -> Response:
    """The outputs of nodes as one .npz file of uncompressed entries, or what an overview shows of them.

    Maps are (channels, rows, columns), vectors (features,): of vectors longer than the limit
    `vector_numbers` the first so many less one and the last. Where numbers were scaled to fit their type,
    the header `X-Scale: name=scale+offset, …` says so: value = stored × scale + offset.
    """
    names = None if nodes is None else nodes.split(",")
    overview = Overview(fold, max_px, settings.limits.vector_numbers)
    return await _answer(
        request, run, "npz", lambda answers, key: answers.outputs(key, run, names, overview, dtype)
    )


@in_forms(router, "GET", "/nodes/{node}/output", PICTURE, "A node's output")
async def get_output(
    request: Request,
    run: RunId,
    node: NodeName,
    query: Annotated[PictureQuery, Query()],
) -> Response:
    """(channels, rows, columns), or (features,), as .npy, .png or JSON."""
    form = form_of(request, PICTURE)
    return await _answer(
        request,
        run,
        form,
        lambda answers, key: answers.output(key, run, node, form, query.part(), query.look()),
    )


@router.get(
    "/nodes/{node}/cells/{channel}/{row}/{column}",
    summary="How one number was made",
    response_class=Response,
    responses=JSON,
)
async def get_cell(
    request: Request,
    run: RunId,
    node: NodeName,
    channel: Index,
    row: Index,
    column: Index,
    limit: Annotated[int | None, Query(ge=1, description="list so many terms, the largest first")] = None,
    offset: Annotated[int, Query(ge=0, description="pass over so many of the ranked terms")] = 0,
) -> Response:
    """The terms, the weights, how they combine, and the total: the explanation."""
    page = Page(limit, offset)
    cell = (channel, row, column)
    return await _answer(request, run, "json", lambda answers, key: answers.cell(key, run, node, cell, page))


@router.get(
    "/nodes/{node}/uses/{channel}/{row}/{column}",
    summary="What one number goes into",
    response_class=Response,
    responses=JSON,
)
async def get_uses(
    request: Request,
    run: RunId,
    node: NodeName,
    channel: Index,
    row: Index,
    column: Index,
) -> Response:
    """The output cells that the cell feeds directly, by consuming node."""
    cell = (channel, row, column)
    return await _answer(request, run, "json", lambda answers, key: answers.uses(key, run, node, cell))


@router.get("/nodes/{node}/steps", summary="Many numbers in turn", response_class=Response, responses=JSON)
async def get_steps(
    request: Request,
    run: RunId,
    node: NodeName,
    start: Annotated[int, Query(ge=0, description="number of the first cell in scan order")] = 0,
    count: Annotated[int, Query(ge=1)] = 64,
    order: Annotated[Literal["scan"], Query(description="channel by channel, row by row")] = "scan",
    positions: Annotated[bool, Query(description="with each term's position on the input")] = False,
) -> Response:
    """The explanations of consecutive cells as parallel lists."""
    return await _answer(
        request,
        run,
        "json",
        lambda answers, key: answers.steps(key, run, node, start, count, positions=positions),
    )


@in_forms(router, "GET", "/nodes/{node}/columns", ARRAY, "im2col")
async def get_columns(
    request: Request,
    run: RunId,
    node: NodeName,
    rows: Rows = None,
    dtype: Literal["float32", "float16", "uint8"] = "float32",
) -> Response:
    """Every window of the input as a row, (windows, channels × kernel rows × kernel columns)."""
    form = form_of(request, ARRAY)
    part = ArrayQuery(dtype=dtype).part()
    return await _answer(
        request, run, form, lambda answers, key: answers.columns(key, run, node, rows, form, part)
    )


@router.get("/nodes/{node}/matrix", summary="The linear map", response_class=Response, responses=JSON)
async def get_matrix(request: Request, run: RunId, node: NodeName, rows: Rows = "0:1") -> Response:
    """Rows of the sparse matrix from the input to the output, both in scan order; the bias apart."""
    return await _answer(
        request, run, "json", lambda answers, key: answers.matrix(key, run, node, rows or "0:1")
    )


@router.get(
    "/nodes/{node}/stages",
    summary="Stages of a transposed convolution",
    response_class=Response,
    responses=JSON,
)
async def get_stages(request: Request, run: RunId, node: Transposed) -> Response:
    """Their names, shapes and addresses: spread, frame, crop, convolve, and the kernel as applied."""
    return await _answer(request, run, "json", lambda answers, key: answers.stages(key, run, node))


@in_forms(router, "GET", "/nodes/{node}/stages/{stage}", PICTURE, "A stage")
async def get_stage(
    request: Request,
    run: RunId,
    node: Transposed,
    stage: StageName,
    query: Annotated[PictureQuery, Query()],
) -> Response:
    """A stage as .npy, .png or JSON."""
    form = form_of(request, PICTURE)
    part, look = query.part(), query.look()
    return await _answer(
        request, run, form, lambda answers, key: answers.stage(key, run, node, stage, form, part, look)
    )
