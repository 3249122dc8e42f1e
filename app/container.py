"""The services of one running server, assembled once and handed to the routers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Thread

from app.jobs import Gate, Lanes
from app.metrics import Keeps
from app.rooms.backend import Backend
from app.rooms.memory import MemoryBackend
from app.rooms.redis_backend import RedisBackend
from app.rooms.service import Rooms
from app.services.answers import Answers
from app.services.catalogue import imagenet_labels, load_catalogue
from app.services.decoder import Decoder
from app.services.descriptions import Descriptions
from app.services.images import Images, StoredImage
from app.services.imports import Imports
from app.services.inference import Inference
from app.services.lessons import Lessons
from app.services.live import Live
from app.services.models import KnownModel, Models
from app.services.operations import Operations
from app.services.predictions import Predictions
from app.services.runs import Run, Runs
from app.services.sent_pictures import SentPictures
from app.services.trained import Trained
from app.settings import Settings
from app.stores.disk import DiskStore
from app.stores.memory import MemoryStore
from app.stores.redis import RedisStore
from app.stores.redis_link import RedisLink
from app.stores.store import Store
from engine.threads import hold_blas


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
    inference: Inference
    live: Live
    rooms: Rooms
    lessons: Lessons
    lanes: Lanes
    gates: Sequence[Gate]
    """All that computations have to pass; the metrics tell how full they are."""
    kept: Mapping[str, Keeps]
    """All stores and caches by name, likewise."""
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
    # Requests run side by side, and the engine shares large ones among cores itself.
    hold_blas()
    closing = ExitStack()
    store = _stores(settings, closing)
    if decoder is None:
        decoder = Decoder(settings.decode_workers, settings.limits.decode_memory_bytes)
        closing.callback(decoder.close)
        # In the background: the first visitor then waits for no process to start.
        Thread(target=decoder.warm, daemon=True).start()
    uploads = Gate(settings.decode_workers, 2 * settings.queue_length, settings.limits.request_s, "upload")
    closing.callback(uploads.close)
    image_memory: MemoryStore[StoredImage] = MemoryStore(settings.image_memory_bytes)
    image_store = store("images", settings.image_disk_bytes)
    images = Images(
        decoder=decoder,
        gate=uploads,
        memory=image_memory,
        store=image_store,
        limits=settings.limits,
        samples_dir=settings.static_dir / "samples",
    )
    lanes = build_lanes(settings)
    closing.callback(lanes.close)
    recipes = store("recipes", settings.recipe_disk_bytes)
    uploads_of_models = store("models", settings.model_disk_bytes)
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
    descriptions = Descriptions()
    frames = Gate(
        settings.decode_workers, settings.limits.live_connections, settings.limits.request_s, "frame"
    )
    closing.callback(frames.close)
    pictures = SentPictures(decoder, lanes, settings.limits)
    return Services(
        settings=settings,
        images=images,
        models=models,
        runs=runs,
        answers=Answers(runs, models, descriptions, lanes, settings.limits),
        operations=Operations(pictures, lanes, settings.limits),
        predictions=Predictions(pictures, models, lanes, settings.limits),
        imports=imports,
        inference=Inference(models, lanes, settings.limits),
        live=Live(decoder, frames, models, descriptions, lanes, settings.limits),
        rooms=build_rooms(settings),
        lessons=Lessons(settings.static_dir / "lessons"),
        lanes=lanes,
        gates=(uploads, reading, frames, *lanes.gates),
        kept={
            "image memory": image_memory,
            "model memory": model_memory,
            "run memory": run_memory,
            "images": image_store,
            "models": uploads_of_models,
            "recipes": recipes,
        },
        closing=closing,
    )


def _stores(settings: Settings, closing: ExitStack) -> Callable[[str, int], Store]:
    """Makes stores by name and budget: on this machine, or shared with all servers of one Redis."""
    if settings.redis_url is None:
        return lambda name, budget_bytes: DiskStore(settings.data_dir / name, budget_bytes)
    link = RedisLink(settings.redis_url)
    closing.callback(link.close)
    return lambda name, budget_bytes: RedisStore(link, name, budget_bytes)


def build_rooms(settings: Settings) -> Rooms:
    """Lecture rooms: in this process, or in Redis for any number of processes."""
    idle_s = settings.limits.room_idle_s
    url = settings.redis_url
    backend: Backend = MemoryBackend(idle_s) if url is None else RedisBackend(url, idle_s)
    return Rooms(backend, settings.limits)


def build_lanes(settings: Settings) -> Lanes:
    """The gates before computations: short ones have threads of their own, and a longer queue."""
    limits = settings.limits
    return Lanes(
        instant=Gate(1, 8 * settings.queue_length, limits.request_s, "instant"),
        quick=Gate(settings.workers, 8 * settings.queue_length, limits.request_s, "quick"),
        heavy=Gate(settings.workers, settings.queue_length, limits.request_s, "heavy"),
        building=Gate(1, settings.queue_length, limits.build_s, "building"),
        quick_multiply_adds=settings.quick_multiply_adds,
    )
