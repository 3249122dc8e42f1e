"""Assembles the server and decides nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from app.admission import Admission
from app.container import build_services
from app.counting import Counting
from app.errors import install_handlers
from app.metrics import Metrics
from app.middleware import BodyGuard, Envelope
from app.openapi import describe
from app.pages import Pages
from app.routers import (
    health,
    images,
    inference,
    joining,
    lessons,
    live,
    models,
    nodes,
    operations,
    pages,
    rooms,
    runs,
)
from app.services.decoder import Decoder
from app.settings import Settings
from app.static_files import StaticFolder

VERSION = "0.1.0"

DESCRIPTION = """
Convolutional networks, opened: post a picture, run an operation or a network on it, and ask of any number
how it was made. Arrays are (channel, row, column); indices start at 0; sizes are [height, width];
convolution is cross-correlation unless `flip` is true.
"""


def create_app(settings: Settings | None = None, *, decoder: Decoder | None = None) -> FastAPI:
    """A server that is ready to be run.

    Args:
        settings: None reads the environment.
        decoder: one that the caller owns and closes, shared by several servers; None makes one.
    """
    settings = settings or Settings()

    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = await asyncio.to_thread(build_services, settings, decoder)
        app.state.services = services
        metrics.watch(services.gates, services.kept)
        try:
            yield
        finally:
            await services.rooms.stop()
            await asyncio.to_thread(services.close)

    app = FastAPI(
        title="ConvScope",
        version=VERSION,
        description=DESCRIPTION.strip(),
        lifespan=lifespan,
        docs_url=None,  # our own: FastAPI's loads a script from elsewhere
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
    )
    static = StaticFolder(settings.static_dir)
    app.state.static = static
    app.state.metrics = metrics
    app.state.stopping = False
    app.state.pages = Pages(settings.templates_dir, static)

    for router in (
        images.router,
        models.router,
        runs.router,
        nodes.router,
        operations.router,
        inference.router,
        live.router,
        rooms.router,
        lessons.router,
        health.router,
        joining.router,
        pages.router,
    ):
        app.include_router(router)
    describe(app)
    install_handlers(app)
    # The one added last is outermost.
    app.add_middleware(BodyGuard, limits=settings.limits)
    app.add_middleware(Admission, limits=settings.limits)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Content-Type", "If-None-Match"],
            expose_headers=["*"],
        )
    app.add_middleware(Counting, metrics=metrics)
    app.add_middleware(Envelope)
    logging.getLogger("convscope").setLevel(logging.INFO)
    return app
