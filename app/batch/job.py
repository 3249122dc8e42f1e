"""What determines every number of a batch: kept beside the numbers, and compared before one goes on."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from math import prod
from typing import Any, Literal, TypeAlias

import numpy as np
import PIL

from app.ids import canonical_json
from app.negotiation import Dtype
from app.representations import Part, select
from app.services.descriptions import Json
from app.services.edits import Edit
from app.services.preprocessing import Preprocessing, read_preprocessing
from app.services.running import shown
from engine.graph import Model
from engine.types import Shape

Layout: TypeAlias = Literal["npz", "zarr"]

SHARE_BYTES = 128 << 20
"""Of what one share writes, unless the number of pictures is asked for: it is held in memory till then."""

SHARE_PICTURES = 256

SHARES = 32
"""As many as there should be, if that leaves some pictures in each."""

FEW_PICTURES = 32


@dataclass(frozen=True)
class Job:
    """One batch.

    Args:
        model: its id.
        entry: how every picture enters; its size is decided.
        edits: to the model's weights.
        nodes: whose outputs are written.
        shapes: of what is written for one picture, by node.
        dtype: of what is written.
        channels: ``start:stop``, where a part of them is written.
        max_px: the longer side of what is written at most.
        layout: of the files.
        share: pictures in a share.
        pictures: their number.
        digest: of their list.
        versions: of what computes.
    """

    model: str
    entry: Preprocessing
    edits: tuple[Edit, ...]
    nodes: tuple[str, ...]
    shapes: dict[str, Shape]
    dtype: Dtype
    channels: str | None
    max_px: int | None
    layout: Layout
    share: int
    pictures: int
    digest: str
    versions: dict[str, str]

    @property
    def part(self) -> Part:
        """What is written of every output."""
        return Part("float32", self.channels, self.max_px)

    @cached_property
    def key(self) -> bytes:
        return canonical_json(self.json())

    def json(self) -> Json:
        """As the manifest keeps it."""
        fields = asdict(self)
        fields["entry"] = self.entry.describe()
        fields["edits"] = [edit.json() for edit in self.edits]
        listed = {name: list(shape) for name, shape in self.shapes.items()}
        return {**fields, "nodes": list(self.nodes), "shapes": listed}


def read_job(fields: Json) -> Job:
    """What ``Job.json`` made."""
    edits = tuple(Edit(**{**edit, "index": tuple(edit["index"])}) for edit in fields["edits"])
    color = fields["entry"]["color"]
    entry = read_preprocessing(fields["entry"], 1 if color == "gray" else 3)
    shapes = {name: tuple(shape) for name, shape in fields["shapes"].items()}
    read: dict[str, Any] = {"edits": edits, "entry": entry, "shapes": shapes, "nodes": tuple(fields["nodes"])}
    return Job(**{**fields, **read})


def written_shapes(model: Model, nodes: Sequence[str], part: Part) -> dict[str, Shape]:
    """What is written for one picture: (channels, rows, columns) or (features,), by node.

    Raises:
        EngineError: ``unknown-node``.
        Problem: ``invalid-argument`` for channels that are not there.
    """
    # Arrays that take no memory, whatever their shape.
    zero = np.zeros((), np.float32)
    outputs = {model.node(name).name: np.broadcast_to(zero, model.shapes[name]) for name in nodes}
    return {name: select(shown(y), part).shape for name, y in outputs.items()}


def share_size(shapes: dict[str, Shape], pictures: int) -> int:
    """Pictures in a share: 256, fewer where so many would write too much, or could not be shared out.

    >>> share_size({"fc": (1000,)}, 10_000), share_size({"conv": (64, 224, 224)}, 10_000)
    (256, 10)
    >>> share_size({"fc": (1000,)}, 1000)
    32
    """
    bytes_each = 4 * sum(map(prod, shapes.values()))
    # Whole stacks, and enough shares that no worker waits long for the last of another.
    spread = FEW_PICTURES * -(-pictures // (FEW_PICTURES * SHARES))
    return max(1, min(SHARE_PICTURES, pictures, spread, SHARE_BYTES // max(bytes_each, 1)))


def versions() -> dict[str, str]:
    """Of what computes; with another one a number may differ in its last digit."""
    return {"python": platform.python_version(), "numpy": np.__version__, "pillow": PIL.__version__}
