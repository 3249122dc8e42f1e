"""What a route may ask for, by type.

All of them are coroutines: a plain function would be called in a thread of its own for every request, and
under load the way there and back takes longer than most answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends
from fastapi.requests import HTTPConnection

from app.container import Services
from app.rooms.service import Rooms
from app.services.answers import Answers
from app.services.images import Images
from app.services.imports import Imports
from app.services.inference import Inference
from app.services.lessons import Lessons
from app.services.live import Live
from app.services.models import Models
from app.services.operations import Operations
from app.services.predictions import Predictions
from app.services.runs import Runs
from app.settings import Settings


async def services_of(connection: HTTPConnection) -> Services:
    """The services of the server that answers a request, or holds a WebSocket."""
    services: Services = connection.app.state.services
    return services


def _service(name: str) -> Callable[[HTTPConnection], Awaitable[Any]]:
    """One of the services, by the name of its field."""

    async def service(connection: HTTPConnection) -> Any:
        return getattr(connection.app.state.services, name)

    return service


ServicesDep = Annotated[Services, Depends(services_of)]
SettingsDep = Annotated[Settings, Depends(_service("settings"))]
ImagesDep = Annotated[Images, Depends(_service("images"))]
ModelsDep = Annotated[Models, Depends(_service("models"))]
RunsDep = Annotated[Runs, Depends(_service("runs"))]
AnswersDep = Annotated[Answers, Depends(_service("answers"))]
OperationsDep = Annotated[Operations, Depends(_service("operations"))]
PredictionsDep = Annotated[Predictions, Depends(_service("predictions"))]
ImportsDep = Annotated[Imports, Depends(_service("imports"))]
InferenceDep = Annotated[Inference, Depends(_service("inference"))]
LiveDep = Annotated[Live, Depends(_service("live"))]
RoomsDep = Annotated[Rooms, Depends(_service("rooms"))]
LessonsDep = Annotated[Lessons, Depends(_service("lessons"))]
