"""Models: specified by POST, then asked for their nodes and weights."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request, Response

from app.dependencies import AnswersDep, ModelsDep
from app.ids import is_id
from app.negotiation import Form
from app.representations import Content, json_content
from app.responses import immutable_response, plain_response, while_connected
from app.routers.forms import JSON, PICTURE, form_of, in_forms
from app.routing import api_router
from app.schemas.common import PictureQuery
from app.schemas.examples import MODEL_ID
from app.schemas.models import Specification

router = api_router("/models", tags=["models"])

ModelName = Annotated[
    str, Path(description="the id of a model, or a built-in one's name", examples=[MODEL_ID])
]
NodeName = Annotated[str, Path(description="the name of a node", examples=["conv"])]
WeightName = Annotated[str, Path(description="weight, bias, …", pattern="^[a-z_]+$", examples=["weight"])]


@router.post(
    "",
    status_code=201,
    summary="Make a model",
    response_class=Response,
    responses={201: {"content": {"application/json": {}}}, **JSON},
)
async def make_model(
    request: Request, specification: Specification, models: ModelsDep, answers: AnswersDep
) -> Response:
    """Makes a model from a specification: 201, or 200 where the same one was there already."""

    async def work() -> Response:
        known, is_new = await models.make(specification.model_dump())
        content = await answers.posted_model(known)
        return plain_response(
            content, 201 if is_new else 200, f"/api/v1/models/{known.id}" if is_new else None
        )

    return await while_connected(request, work())


@router.get("", summary="The built-in models", response_class=Response, responses=JSON)
async def list_models(models: ModelsDep) -> Response:
    """Models with plain names; never other visitors' models."""
    return plain_response(json_content({"models": models.catalogue()}))


@router.get("/{model}", summary="A model and its nodes", response_class=Response, responses=JSON)
async def get_model(request: Request, model: ModelName, models: ModelsDep, answers: AnswersDep) -> Response:
    """Shapes, settings, cost and receptive field of every node."""
    content = await while_connected(request, answers.model(str(request.url), model))
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
    """A weight in the order in which it is stored, as .npy, .png or JSON."""
    form = form_of(request, PICTURE)
    content = await while_connected(
        request,
        answers.weight(str(request.url) + form, model, node, weight, form, query.part(), query.look()),
    )
    return _response(request, content, model, form)


def _response(request: Request, content: Content, model: str, form: Form) -> Response:
    # A plain name may stand for another model in the next version; an id never does.
    return immutable_response(request, content, form) if is_id(model) else plain_response(content)
