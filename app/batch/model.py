"""The model of a batch in a worker process: what a server's service of models finds by its id."""

from __future__ import annotations

import asyncio
from pathlib import Path

from app.jobs import Gate, Lanes
from app.local import local_settings
from app.services.catalogue import load_catalogue
from app.services.models import KnownModel, Models
from app.services.trained import Trained
from app.settings import Settings
from app.stores.disk import DiskStore
from app.stores.memory import MemoryStore
from engine.graph import Model


def load_model(model_id: str, data_dir: Path) -> tuple[Model, Settings]:
    """A model by its id, and the settings that hold here.

    Args:
        model_id: of a built-in one, or of one whose recipe was kept in the folder.
        data_dir: of the services that kept it.

    Raises:
        Problem: ``unknown-model``.
    """
    settings = local_settings(data_dir)
    gate = Gate(1, 1, settings.limits.build_s)
    catalogue = load_catalogue(settings.weights_dir)
    uploads = DiskStore(data_dir / "models", settings.model_disk_bytes)
    recipes = DiskStore(data_dir / "recipes", settings.recipe_disk_bytes)
    memory: MemoryStore[KnownModel] = MemoryStore(settings.model_memory_bytes)
    # Not all the services: the libraries of the others would take half a second of every process.
    lanes = Lanes(instant=gate, quick=gate, heavy=gate, building=gate, quick_multiply_adds=0)
    trained = Trained(catalogue.readers(), uploads)
    models = Models(memory, recipes, catalogue, trained, lanes, settings.limits)
    try:
        return asyncio.run(models.get(model_id)).model, settings
    finally:
        gate.close()
