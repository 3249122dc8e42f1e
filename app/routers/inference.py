"""The open inference protocol, version 2: our models for clients that other servers' models are used by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel

from app.dependencies import InferenceDep
from app.inference import PREFIX
from app.inference.messages import (
    InferenceAnswer,
    Live,
    ModelConfig,
    ModelMetadata,
    ModelReady,
    Ready,
    ServerMetadata,
)
from app.inference.wire import HEADER_LENGTH, Sent
from app.responses import plain_response, while_connected
from app.routers.health import readyz
from app.routers.models import ModelName
from app.routing import StrictRoute
from app.schemas.examples import MODEL_ID

router = APIRouter(prefix=PREFIX, tags=["inference"], route_class=StrictRoute)

Endpoint = TypeVar("Endpoint", bound=Callable[..., Awaitable[Response]])

JsonBytes = Annotated[
    int | None, Header(alias=HEADER_LENGTH, ge=0, description="where the JSON ends, if not with the body")
]

_EXTENSIONS = ["binary_tensor_data", "model_configuration"]
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}

_VERSION: dict[str, Any] = {
    "parameters": [
        {
            "name": "version",
            "in": "path",
            "required": True,
            "description": "the model's id, which is its one version",
            "schema": {"type": "string"},
            "example": MODEL_ID,
        }
    ]
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"JSON; or JSON whose length {HEADER_LENGTH} gives, and behind it the bytes of the "
        "tensors that are not in it; both may be packed (`Content-Encoding: gzip`, `deflate`)",
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/InferenceRequest"}},
            **_BYTES,
        },
    },
    "x-example": f"curl -d @request.json localhost:8000{PREFIX}/models/{MODEL_ID}/infer",
}


def _of_model(
    method: str,
    path: str,
    summary: str,
    answer: type[BaseModel],
    contents: dict[str, Any] | None = None,
    extra: dict[str, Any] | None = None,
) -> Callable[[Endpoint], Endpoint]:
    """Decorates a route so that it answers for a model, and for a version of it."""

    def decorate(endpoint: Endpoint) -> Endpoint:
        for start, described in (("/models/{model}", {}), ("/models/{model}/versions/{version}", _VERSION)):
            router.api_route(
                start + path,
                methods=[method],
                summary=summary,
                response_class=Response,
                responses={200: {"model": answer, "content": contents or {}}},
                openapi_extra={**described, **(extra or {})},
            )(endpoint)
        return endpoint

    return decorate


@router.get("/health/live", summary="Is the server alive?")
async def live() -> Live:
    """Answers while the server can answer at all."""
    return Live(live=True)


@router.get("/health/ready", summary="Can it work?", dependencies=[Depends(readyz)])
async def ready() -> Ready:
    """Answers once the services are assembled, and until the server is told to end."""
    return Ready(ready=True)


@router.get("", summary="What the server is")
async def server(request: Request) -> ServerMetadata:
    """Its name, its version, and what it knows beyond the protocol."""
    app = request.app
    return ServerMetadata(name=app.title, version=app.version, extensions=_EXTENSIONS)


@_of_model("GET", "", "What a model takes and gives", ModelMetadata)
async def model_metadata(request: Request, model: ModelName, inference: InferenceDep) -> Response:
    """The input, with how pixels enter it, and the last nodes; every other node may be asked for, too."""
    return plain_response(await while_connected(request, inference.metadata(model, _version(request))))


@_of_model("GET", "/config", "A model's configuration", ModelConfig)
async def model_config(request: Request, model: ModelName, inference: InferenceDep) -> Response:
    """The same in the words of Triton's model configuration."""
    return plain_response(await while_connected(request, inference.config(model, _version(request))))


@_of_model("GET", "/ready", "Can a model be asked?", ModelReady)
async def model_ready(request: Request, model: ModelName, inference: InferenceDep) -> Response:
    """Answers once the model is built."""
    return plain_response(await while_connected(request, inference.ready(model, _version(request))))


@_of_model("POST", "/infer", "Run a model on tensors", InferenceAnswer, _BYTES, _BODY)
async def infer(
    request: Request,
    model: ModelName,
    inference: InferenceDep,
    json_bytes: JsonBytes = None,
) -> Response:
    """Outputs of any nodes for pictures that enter as they are: nothing is resized or normalised here."""
    encoding = request.headers.get("content-encoding", "identity")
    sent = Sent(await request.body(), json_bytes, encoding)
    work = inference.infer(model, _version(request), sent)
    return plain_response(await while_connected(request, work))


def _version(request: Request) -> str | None:
    return request.path_params.get("version")
