"""What the open inference protocol tells of a model: names, datatypes and shapes of its ends."""

from __future__ import annotations

from collections.abc import Mapping

from app.inference.messages import ModelConfig, ModelMetadata, TensorMetadata
from app.services.descriptions import Json
from app.services.models import KnownModel
from app.services.running import shown_shape
from app.services.specifications import fits
from engine.graph import INPUT, Model
from engine.types import Shape

PLATFORM = "convscope_numpy"
_ANY = -1


def metadata_of(name: str, known: KnownModel) -> Json:
    """A model as ``GET /v2/models/{model}`` tells it.

    Args:
        name: by which it was asked for; its one version is the id that determines every number.
    """
    shapes = _open_shapes(known)
    inputs = TensorMetadata(
        name=INPUT, datatype="FP32", shape=[_ANY, *shapes.pop(INPUT)], parameters=_entry_of(known)
    )
    outputs = [
        TensorMetadata(name=name, datatype="FP32", shape=[_ANY, *shape]) for name, shape in shapes.items()
    ]
    return ModelMetadata(
        name=name,
        versions=[known.id],
        platform=PLATFORM,
        inputs=[inputs],
        outputs=outputs,
        parameters={"nodes": f"/api/v1/models/{known.id}"},
    ).model_dump(exclude_none=True)


def config_of(name: str, known: KnownModel, pictures: int) -> Json:
    """A model as ``GET /v2/models/{model}/config`` tells it.

    Args:
        name: by which it was asked for.
        pictures: at most so many in one request.

    Source: Triton's model configuration, model_config.proto.
    """
    shapes = _open_shapes(known)
    first = {"name": INPUT, "data_type": "TYPE_FP32", "format": "FORMAT_NCHW", "dims": [*shapes.pop(INPUT)]}
    return ModelConfig(
        name=name,
        platform=PLATFORM,
        max_batch_size=pictures,
        input=[first],
        output=[{"name": node, "data_type": "TYPE_FP32", "dims": [*shape]} for node, shape in shapes.items()],
    ).model_dump()


def last_nodes(model: Model) -> list[str]:
    """The nodes that no other node reads, in order."""
    read = {source for node in model for source in node.inputs}
    return [node.name for node in model if node.name not in read]


def _open_shapes(known: KnownModel) -> dict[str, Shape]:
    """Shapes for one picture, without the axis of pictures, of the input and the last nodes.

    A size is open where pictures enter the model in their own, and it takes them so.
    """
    model = known.model
    channels, rows, columns = model.input_shape
    own = _ends(model, model.shapes)
    given = known.preprocessing
    twice = (channels, 2 * rows, 2 * columns)
    if (given is not None and given.size is not None) or not fits(model, twice):
        return own
    other = _ends(model, model.shapes_for(twice))
    return {
        name: tuple(a if a == b else _ANY for a, b in zip(shape, other[name], strict=True))
        for name, shape in own.items()
    }


def _ends(model: Model, shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    return {name: shown_shape(shapes[name]) for name in (INPUT, *last_nodes(model))}


def _entry_of(known: KnownModel) -> dict[str, str | int] | None:
    """How pixels become the input: the protocol's parameters are texts and numbers, so lists become texts."""
    if known.preprocessing is None:
        return None
    return {
        name: ",".join(map(str, value)) if isinstance(value, list) else value
        for name, value in known.preprocessing.describe().items()
        if value is not None
    }
