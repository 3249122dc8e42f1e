"""What a route may ask for, by type."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from app.container import Services
from app.services.answers import Answers
from app.services.images import Images
from app.services.imports import Imports
from app.services.models import Models
from app.services.operations import Operations
from app.services.predictions import Predictions
from app.services.runs import Runs
from app.settings import Settings


def services_of(request: Request) -> Services:
    """The services of the server that answers."""
    services: Services = request.app.state.services
    return services


def _images(request: Request) -> Images:
    return services_of(request).images


def _settings(request: Request) -> Settings:
    return services_of(request).settings


def _models(request: Request) -> Models:
    return services_of(request).models


def _runs(request: Request) -> Runs:
    return services_of(request).runs


def _answers(request: Request) -> Answers:
    return services_of(request).answers


def _operations(request: Request) -> Operations:
    return services_of(request).operations


def _predictions(request: Request) -> Predictions:
    return services_of(request).predictions


def _imports(request: Request) -> Imports:
    return services_of(request).imports


ServicesDep = Annotated[Services, Depends(services_of)]
ImagesDep = Annotated[Images, Depends(_images)]
SettingsDep = Annotated[Settings, Depends(_settings)]
ModelsDep = Annotated[Models, Depends(_models)]
RunsDep = Annotated[Runs, Depends(_runs)]
AnswersDep = Annotated[Answers, Depends(_answers)]
OperationsDep = Annotated[Operations, Depends(_operations)]
PredictionsDep = Annotated[Predictions, Depends(_predictions)]
ImportsDep = Annotated[Imports, Depends(_imports)]
