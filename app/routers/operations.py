"""Operations: what there is, one call on one picture, curves; kernels; geometry."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from app.dependencies import OperationsDep, SettingsDep
from app.problems import Problem
from app.representations import Part, encode, json_content
from app.responses import plain_response, while_connected
from app.routers.forms import ARRAY, JSON, PICTURE, form_of, in_forms
from app.routing import api_router
from app.schemas.common import PictureQuery
from app.services.geometry import geometry
from app.services.kernels import kernel, list_kernels
from app.services.operations import describe_operation, list_operations, operation_named
from app.uploads import read_upload

router = api_router(tags=["operations"])

OpName = Annotated[str, Path(description="the name of an operation", examples=["conv2d"])]
ActivationName = Annotated[str, Path(description="the name of an activation", examples=["tanh"])]
KernelName = Annotated[str, Path(description="the name of a preset", examples=["gaussian"])]


def _any_query(*shown: tuple[str, str, str]) -> dict[str, Any]:
    """Any parameter is taken; these, as (name, description, example), are shown."""
    parameters = [
        {
            "name": name,
            "in": "query",
            "description": description,
            "schema": {"type": "string"},
            "example": example,
        }
        for name, description, example in shown
    ]
    return {"x-any-query": True, "parameters": parameters}


KERNEL_QUERY = _any_query(("size", "rows,columns or one number for both", "5"))
GEOMETRY_QUERY = _any_query(
    ("input", "rows,columns; required", "28,28"),
    ("channels", "of the input", "3"),
    ("bias", "true counts a bias", "false"),
    ("kernel_size", "and so on: the settings of the operation", "3"),
)

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "image": {"type": "string", "format": "binary"},
                        "color": {"type": "string", "enum": ["gray", "rgb"]},
                        "size": {"type": "string", "description": "height,width"},
                        "kernel": {
                            "type": "string",
                            "description": "a preset's name or JSON; another name for weight",
                        },
                    },
                    "required": ["image"],
                    "additionalProperties": {"type": "string", "description": "a setting of the operation"},
                }
            }
        },
    },
    "x-example": "curl -F image=@cat.jpg -F kernel=sobel_x -F stride=2 -F padding=same "
    "localhost:8000/api/v1/operations/conv2d.npy -o out.npy",
}


@router.get("/operations", summary="The operations", response_class=Response, responses=JSON)
def get_operations() -> Response:
    """Every operation with its family, weights and settings."""
    return plain_response(json_content(list_operations()))


@router.get("/operations/{op}", summary="An operation", response_class=Response, responses=JSON)
def get_operation(op: OpName) -> Response:
    """One operation with its family, weights and settings."""
    return plain_response(json_content(describe_operation(operation_named(op))))


@router.get(
    "/operations/{op}/curve",
    summary="An activation's curve",
    response_class=Response,
    responses=JSON,
    openapi_extra=_any_query(),
)
async def get_curve(
    request: Request,
    op: ActivationName,
    operations: OperationsDep,
    start: Annotated[float, Query(ge=-1e6, le=1e6)] = -6.0,
    stop: Annotated[float, Query(ge=-1e6, le=1e6)] = 6.0,
    count: Annotated[int, Query(ge=2, le=3000)] = 241,
) -> Response:
    """Points (x, y, slope) as the engine computes them; the activation's own settings are parameters too."""
    if not start < stop:
        raise Problem("invalid-argument", "start", start, f"less than stop, {stop}")
    fields = _fields(request, "start", "stop", "count")
    return plain_response(await operations.curve(op, fields, start, stop, count))


@in_forms(router, "POST", "/operations/{op}", PICTURE, "One operation on one picture", _FORM)
async def apply_operation(
    request: Request,
    op: OpName,
    operations: OperationsDep,
    settings: SettingsDep,
    query: Annotated[PictureQuery, Query()],
) -> Response:
    """The result as .npy, .png or JSON; neither the picture nor the result is kept."""
    form = form_of(request, PICTURE)
    upload = await read_upload(request, settings.limits, file_field="image", fields=None)
    work = operations.apply(op, upload.data, upload.fields, form, query.part(), query.look())
    return plain_response(await while_connected(request, work))


@router.get("/kernels", summary="The kernels", response_class=Response, responses=JSON)
def get_kernels() -> Response:
    """The kernels made by hand, with their numbers."""
    return plain_response(json_content(list_kernels()))


@in_forms(router, "GET", "/kernels/{name}", ARRAY, "A kernel", KERNEL_QUERY)
def get_kernel(request: Request, settings: SettingsDep, name: KernelName) -> Response:
    """A kernel's numbers at a ``size`` and at its own settings, which are parameters too."""
    form = form_of(request, ARRAY)
    values, about = kernel(name, _fields(request))
    limit = settings.limits.json_numbers
    content = encode(values, form, Part(), limit)
    if form == "json":
        content = json_content({**about, "values": values.tolist()})
    return plain_response(content)


@router.get(
    "/geometry/{op}",
    summary="Sizes, cost and the room of every setting",
    response_class=Response,
    responses=JSON,
    openapi_extra=GEOMETRY_QUERY,
)
def get_geometry(request: Request, op: OpName) -> Response:
    """``input=28,28``, ``channels=``, ``bias=`` and the operation's settings as parameters."""
    return plain_response(json_content(geometry(op, _fields(request))))


def _fields(request: Request, *known: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, text in request.query_params.multi_items():
        if name in fields:
            raise Problem("invalid-argument", name, "several values", "one value")
        if name not in known:
            fields[name] = text
    return fields
