"""Models: built-in, specified or brought; their nodes, their weights, and one call for a picture."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from app.dependencies import AnswersDep, ImportsDep, ModelsDep, PredictionsDep, SettingsDep
from app.ids import is_id
from app.negotiation import Form
from app.representations import Content, json_content
from app.responses import immutable_response, plain_response, while_connected
from app.routers.forms import JSON, PICTURE, form_of, in_forms
from app.routing import API, api_router, is_json
from app.schemas.common import PictureQuery
from app.schemas.examples import MODEL_ID
from app.schemas.models import Specification, Variant, read_model_body
from app.services.answers import Answers
from app.services.imports import Imports
from app.services.models import Models
from app.uploads import Upload, read_upload

router = api_router("/models", tags=["models"])

ModelName = Annotated[
    str, Path(description="the id of a model, or a built-in one's name", examples=[MODEL_ID])
]
NodeName = Annotated[str, Path(description="the name of a node", examples=["conv"])]
WeightName = Annotated[str, Path(description="weight, bias, …", pattern="^[a-z_]+$", examples=["weight"])]

_FILE = {"type": "string", "format": "binary"}
_IMPORT_FIELDS = ("preprocessing", "labels", "size", "name")
_MODEL: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "a specification; or a variant of a model; or an ONNX file, as the form's field "
        "`file` or as the whole body",
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/ModelBody"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": _FILE,
                        "preprocessing": {"type": "string", "description": "JSON, as a variant has it"},
                        "labels": {"type": "string", "description": "a JSON list, or a label a line"},
                        "size": {
                            "type": "string",
                            "description": "height,width if the file leaves it open",
                        },
                        "name": {"type": "string", "description": "to be shown"},
                    },
                    "required": ["file"],
                    "additionalProperties": False,
                }
            },
            "application/octet-stream": {"schema": _FILE},
        },
    },
}


@router.post(
    "",
    status_code=201,
    summary="Make a model",
    response_class=Response,
    responses={201: {"content": {"application/json": {}}}, **JSON},
    openapi_extra=_MODEL,
)
async def make_model(
    request: Request, models: ModelsDep, imports: ImportsDep, answers: AnswersDep, settings: SettingsDep
) -> Response:
    """Makes a model: 201, or 200 where the same one was there already.

    From a specification; from an ONNX file, with a `report` of what was understood; or from a model that
    is there already (`{"model": …, "preprocessing": …, "labels": …}`), whose weights it shares.
    """
    # The body first: what waits for the client to hang up would read it as well.
    if is_json(request):
        body = read_model_body(await request.json())
        return await while_connected(request, _made(body, models, answers))
    with imports.place():
        upload = await read_upload(request, settings.limits, fields=_IMPORT_FIELDS)
        return await while_connected(request, _imported(upload, imports, answers))


async def _made(body: Specification | Variant, models: Models, answers: Answers) -> Response:
    if isinstance(body, Variant):
        known, is_new = await models.variant(body.model, **body.changes())
    else:
        known, is_new = await models.make(body.model_dump())
    return _posted(await answers.posted_model(known), known.id, is_new)


async def _imported(upload: Upload, imports: Imports, answers: Answers) -> Response:
    known, is_new, report = await imports.add(upload.data, upload.fields)
    return _posted(await answers.posted_model(known, report), known.id, is_new)


def _posted(content: Content, model_id: str, is_new: bool) -> Response:
    return plain_response(content, 201 if is_new else 200, f"{API}/models/{model_id}" if is_new else None)


@router.get("", summary="The built-in models", response_class=Response, responses=JSON)
async def list_models(models: ModelsDep) -> Response:
    """Models with plain names, trained and untrained; never other visitors' models."""
    return plain_response(json_content({"models": await models.catalogue()}))


@router.get("/{model}", summary="A model and its nodes", response_class=Response, responses=JSON)
async def get_model(request: Request, model: ModelName, models: ModelsDep, answers: AnswersDep) -> Response:
    """Shapes, settings, cost and receptive field of every node."""
    content = await while_connected(request, answers.model(str(request.url), model))
    return _response(request, content, model, "json")


@router.get(
    "/{model}/nodes/{node}/filters",
    summary="What each filter is",
    response_class=Response,
    responses=JSON,
)
async def get_filters(request: Request, model: ModelName, node: NodeName, answers: AnswersDep) -> Response:
    """Edge, blob or Gabor function, with the fit; `order` sorts them, `reason` says why none was fitted."""
    content = await while_connected(request, answers.filters(model, node))
    return _response(request, content, model, "json")


@in_forms(router, "GET", "/{model}/nodes/{node}/{weight}", PICTURE, "A weight")
async def get_weight(
    request: Request,
    model: ModelName,
    node: NodeName,
    weight: WeightName,
    models: ModelsDep,
    answers: AnswersDep,
    query: Annotated[PictureQuery, Query()],
) -> Response:
    """A weight in the order in which it is stored, as .npy, .png or JSON.

    Kernels over three channels are drawn in colour unless a `colormap` is given: zero is the grey in the
    middle, and each filter reaches an end of the scale.
    """
    form = form_of(request, PICTURE)
    content = await while_connected(
        request,
        answers.weight(str(request.url) + form, model, node, weight, form, query.part(), query.look()),
    )
    return _response(request, content, model, form)


_PICTURE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "image": _FILE,
                        "size": {"type": "string", "description": "height,width"},
                        "color": {"type": "string", "enum": ["gray", "rgb"]},
                        "range": {"type": "string", "enum": ["1", "255"]},
                    },
                    "required": ["image"],
                    "additionalProperties": False,
                }
            },
            "image/*": {"schema": _FILE},
        },
    },
}


@router.post(
    "/{model}/predict",
    summary="What a picture shows",
    response_class=Response,
    responses=JSON,
    openapi_extra={
        **_PICTURE,
        "x-example": "curl -F image=@cat.jpg localhost:8000/api/v1/models/lenet-5/predict",
    },
)
async def predict(
    request: Request, model: ModelName, predictions: PredictionsDep, settings: SettingsDep
) -> Response:
    """The likeliest classes, `top`; neither the picture nor the result is kept."""
    upload = await read_upload(request, settings.limits, file_field="image", fields=None)
    work = predictions.predict(model, upload.data, upload.fields)
    return plain_response(await while_connected(request, work))


@in_forms(
    router,
    "POST",
    "/{model}/nodes/{node}/output",
    PICTURE,
    "What a node makes of a picture",
    {
        **_PICTURE,
        "x-example": "curl -F image=@cat.jpg -o c1.npy "
        "localhost:8000/api/v1/models/lenet-5/nodes/c1/output.npy",
    },
)
async def node_output(
    request: Request,
    model: ModelName,
    node: NodeName,
    predictions: PredictionsDep,
    settings: SettingsDep,
    query: Annotated[PictureQuery, Query()],
) -> Response:
    """The output of a node as .npy, .png or JSON; neither the picture nor the result is kept."""
    form = form_of(request, PICTURE)
    upload = await read_upload(request, settings.limits, file_field="image", fields=None)
    part, look = query.part(), query.look()
    work = predictions.output(model, node, upload.data, upload.fields, form, part, look)
    return plain_response(await while_connected(request, work))


def _response(request: Request, content: Content, model: str, form: Form) -> Response:
    # A plain name may stand for another model in the next version; an id never does.
    return immutable_response(request, content, form) if is_id(model) else plain_response(content)
