"""Which model is to be run, and how pictures enter it; the picture comes by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.services.descriptions import Json
from app.services.edits import Edit
from app.services.entries import Color, entry_of
from app.services.models import KnownModel, Models
from app.services.preprocessing import Preprocessing
from app.services.specifications import with_input
from engine.types import Pair, Shape


@dataclass(frozen=True)
class ModelChoice:
    """``model`` or ``specification``, and None for what follows from them and from the picture."""

    model: str | None = None
    specification: Mapping[str, Any] | None = None
    size: Pair | None = None
    color: Color | None = None
    value_range: int | None = None
    edits: Sequence[Edit] = ()


async def chosen_model(
    models: Models, choice: ModelChoice, picture: Shape
) -> tuple[KnownModel, Preprocessing]:
    """The model chosen for a picture, and how the picture enters it.

    Args:
        picture: (channels, rows, columns) of its pixels.

    Raises:
        Problem, EngineError: whatever cannot be.
    """
    specification = specified(choice, picture)
    if specification is None:
        known = await models.get(choice.model or "")
    else:
        known, _ = await models.make(specification)
    size = (picture[1], picture[2])
    entry = entry_of(known.model, known.preprocessing, size, choice.size, choice.color, choice.value_range)
    return known, entry


def specified(choice: ModelChoice, picture: Shape) -> Json | None:
    """The specification chosen for a picture, (channels, rows, columns); None for a model that has a name."""
    if choice.specification is None:
        return None
    channels, rows, columns = picture
    channels = {"gray": 1, "rgb": 3, None: channels}[choice.color]
    return with_input(choice.specification, channels, choice.size or (rows, columns))
