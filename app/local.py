"""Settings and services for one who waits for nobody else: a command, or a worker of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from app.services.decoder import Decoder
from app.settings import Settings

if TYPE_CHECKING:
    from app.container import Services

_LONG_S = 7 * 86_400.0
_LARGE = 1 << 42

_OF_ONES_OWN: Mapping[str, Any] = {
    **dict.fromkeys(("request_s", "build_s", "import_s"), _LONG_S),
    **dict.fromkeys(("activation_numbers", "answer_numbers", "weight_numbers", "vector_numbers"), _LARGE),
}
"""Limits that are there for the sake of other visitors. Files are as little trusted as there."""

_STORES = ("model_memory_bytes", "model_disk_bytes", "run_memory_bytes", "recipe_disk_bytes")


def local_settings(data_dir: Path) -> Settings:
    """The settings of the environment, for one who waits for nobody else."""
    settings = Settings()
    limits = settings.limits.model_copy(update=_OF_ONES_OWN)
    stores: dict[str, Any] = dict.fromkeys(_STORES, _LARGE)
    return settings.model_copy(update={"data_dir": data_dir, "limits": limits, "redis_url": None, **stores})


@contextmanager
def local_services(data_dir: Path | None = None) -> Iterator[Services]:
    """Services that keep what they must in a folder; without one, in a folder that is removed afterwards."""
    from app.container import build_services  # workers of a batch need none of it

    with TemporaryDirectory(prefix="convscope-") as temporary:
        settings = local_settings(data_dir or Path(temporary))
        # Its process starts with the first picture, if there is any.
        decoder = Decoder(1, settings.limits.decode_memory_bytes)
        services = build_services(settings, decoder)
        try:
            yield services
        finally:
            services.close()
            decoder.close()
