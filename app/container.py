"""The services of one running server, assembled once and handed to the routers."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Thread

from app.jobs import Gate, Lanes
from app.services.answers import Answers
from app.services.catalogue import imagenet_labels, load_catalogue
from app.services.decoder import Decoder
from app.services.images import Images
from app.services.imports import Imports
from app.services.models import KnownModel, Models
from app.services.operations import Operations
from app.services.predictions import Predictions
from app.services.runs import Run, Runs
from app.services.sent_pictures import SentPictures
from app.services.trained import Trained
from app.settings import Settings
from app.stores.disk import DiskStore
from app.stores.memory import MemoryStore


@dataclass(frozen=True)
class Services:
    """What the routers may call. Add a service as a field, make it in ``build_services``."""

    settings: Settings
    images: Images
    models: Models
    runs: Runs
    answers: Answers
    operations: Operations
    predictions: Predictions
    imports: Imports
    lanes: Lanes
    closing: ExitStack = field(default_factory=ExitStack)
    """Closed when the server stops: ``closing.callback(pool.close)``."""

    def close(self) -> None:
        """Stop what runs in the background."""
        self.closing.close()


def build_services(settings: Settings, decoder: Decoder | None = None) -> Services:
    """Make the services of a server.

    Args:
        settings: as given to ``create_app``.
        decoder: one that the caller owns and closes; None makes one.
    """
    closing = ExitStack()
    if decoder is None:
        decoder = Decoder(settings.decode_workers, settings.limits.decode_memory_bytes)
        closing.callback(decoder.close)
        # In the background: the first visitor then waits for no process to start.
        Thread(target=decoder.warm, daemon=True).start()
    uploads = Gate(settings.decode_workers, 2 * settings.queue_length, settings.limits.request_s, "upload")
    closing.callback(uploads.close)
    images = Images(
        decoder=decoder,
        gate=uploads,
        memory=MemoryStore(settings.image_memory_bytes),
        disk=DiskStore(settings.data_dir / "images", settings.image_disk_bytes),
        limits=settings.limits,
        samples_dir=settings.static_dir / "samples",
    )
    lanes = build_lanes(settings)
    closing.callback(lanes.close)
    recipes = DiskStore(settings.data_dir / "recipes", settings.recipe_disk_bytes)
    uploads_of_models = DiskStore(settings.data_dir / "models", settings.model_disk_bytes)
    catalogue = load_catalogue(settings.weights_dir)
    trained = Trained(catalogue.readers(), uploads_of_models)
    run_memory: MemoryStore[Run] = MemoryStore(settings.run_memory_bytes)
    # A run holds its model's weights, which only the models' budget counts: both are forgotten together.
    model_memory: MemoryStore[KnownModel] = MemoryStore(
        settings.model_memory_bytes,
        on_drop=lambda model_id: run_memory.delete_where(lambda run: run.recipe.model == model_id),
    )
    models = Models(model_memory, recipes, catalogue, trained, lanes, settings.limits)
    runs = Runs(run_memory, recipes, images, models, lanes, settings.limits)
    # One after the other: each may take gigabytes for a moment.
    reading = Gate(1, settings.limits.model_uploads, 3 * settings.limits.import_s, "import")
    closing.callback(reading.close)
    imports = Imports(
        models, uploads_of_models, recipes, reading, settings.limits, imagenet_labels(settings.weights_dir)
    )
    pictures = SentPictures(decoder, lanes, settings.limits)
    return Services(
        settings=settings,
        images=images,
        models=models,
        runs=runs,
        answers=Answers(runs, models, lanes, settings.limits),
        operations=Operations(pictures, lanes, settings.limits),
        predictions=Predictions(pictures, models, lanes, settings.limits),
        imports=imports,
        lanes=lanes,
        closing=closing,
    )


def build_lanes(settings: Settings) -> Lanes:
    """The gates before computations: short ones have threads of their own, and a longer queue."""
    limits = settings.limits
    return Lanes(
        quick=Gate(settings.workers, 8 * settings.queue_length, limits.request_s, "quick"),
        heavy=Gate(settings.workers, settings.queue_length, limits.request_s, "heavy"),
        building=Gate(1, settings.queue_length, limits.build_s, "building"),
        quick_multiply_adds=settings.quick_multiply_adds,
    )
