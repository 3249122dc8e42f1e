"""The model of a batch, by its id or as it is chosen: the services that find it, not those of a server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.jobs import Gate, Lanes
from app.local import local_settings
from app.services.catalogue import imagenet_labels, load_catalogue
from app.services.models import KnownModel, Models
from app.services.trained import Trained
from app.settings import Settings
from app.stores.disk import DiskStore
from app.stores.memory import MemoryStore
from engine.graph import Model

if TYPE_CHECKING:
    from app.services.imports import Imports


class ModelServices:
    """Finds models; the libraries of all services would take a second to read.

    Args:
        settings: for one who waits for nobody else.
        gate: before whatever takes long.
    """

    def __init__(self, settings: Settings, gate: Gate) -> None:
        self.settings = settings
        self._gate = gate
        catalogue = load_catalogue(settings.weights_dir)
        self._uploads = DiskStore(settings.data_dir / "models", settings.model_disk_bytes)
        self._recipes = DiskStore(settings.data_dir / "recipes", settings.recipe_disk_bytes)
        memory: MemoryStore[KnownModel] = MemoryStore(settings.model_memory_bytes)
        lanes = Lanes(instant=gate, quick=gate, heavy=gate, building=gate, quick_multiply_adds=0)
        trained = Trained(catalogue.readers(), self._uploads)
        self.models = Models(memory, self._recipes, catalogue, trained, lanes, settings.limits)

    @cached_property
    def imports(self) -> Imports:
        """Reads files of models."""
        from app.services.imports import Imports  # few batches need it

        labels = imagenet_labels(self.settings.weights_dir)
        return Imports(self.models, self._uploads, self._recipes, self._gate, self.settings.limits, labels)


@contextmanager
def model_services(data_dir: Path) -> Iterator[ModelServices]:
    """Services that keep what they must in a folder, where other processes find it."""
    settings = local_settings(data_dir)
    gate = Gate(1, 1, settings.limits.build_s)
    try:
        yield ModelServices(settings, gate)
    finally:
        gate.close()


def load_model(model_id: str, data_dir: Path) -> tuple[Model, Settings]:
    """A model by its id, and the settings that hold here.

    Args:
        model_id: of a built-in one, or of one whose recipe was kept in the folder.
        data_dir: of the services that kept it.

    Raises:
        Problem: ``unknown-model``.
    """
    with model_services(data_dir) as services:
        return asyncio.run(services.models.get(model_id)).model, services.settings
