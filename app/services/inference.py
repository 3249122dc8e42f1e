"""Models asked by the open inference protocol: tensors in, tensors out, and nothing is kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from app.inference.messages import InferenceRequest, RequestInput, RequestOutput
from app.inference.wire import Output, Sent, pack, read_request, read_tensors, unpacked
from app.jobs import Lanes, Ticket
from app.limits import Limits
from app.problems import Problem
from app.representations import Content, Numbers, json_content
from app.services.answers import check_answer
from app.services.inference_models import config_of, last_nodes, metadata_of
from app.services.models import KnownModel, Models
from app.services.preprocessing import Preprocessing
from app.services.running import cost_of, shown, shown_shape, sized_for
from app.services.specifications import check_activations, fits
from engine.graph import INPUT, Model
from engine.types import Shape

READ_AT_ONCE = 1 << 18
"""Bytes of a body that are read within a few milliseconds."""


@dataclass(frozen=True)
class _Job:
    """What is to be run, all of it checked."""

    asked: InferenceRequest
    model: Model
    """Of the pictures' size."""
    pictures: Numbers
    """(N, C, H, W), in the datatype in which they came."""
    wanted: Sequence[RequestOutput]
    cost: int
    """As ``cost_of`` measures it, of all pictures."""


class Inference:
    """The models of one server, for clients of other servers."""

    def __init__(self, models: Models, lanes: Lanes, limits: Limits) -> None:
        self._models = models
        self._lanes = lanes
        self._limits = limits

    async def metadata(self, model: str, version: str | None) -> Content:
        """What a model takes and gives.

        Raises:
            Problem: ``unknown-model``, also for a version that is not there.
        """
        known = await self._known(model, version)
        return await self._told(lambda ticket: json_content(metadata_of(model, known)))

    async def config(self, model: str, version: str | None) -> Content:
        """The same as the model configuration extension tells it."""
        known = await self._known(model, version)
        most = self._limits.inference_pictures
        return await self._told(lambda ticket: json_content(config_of(model, known, most)))

    async def ready(self, model: str, version: str | None) -> Content:
        """Whether a model can be asked: it is built, if it has not been."""
        await self._known(model, version)
        return json_content({"name": model, "ready": True})

    async def infer(self, model: str, version: str | None, sent: Sent) -> Content:
        """Outputs of a model's nodes for pictures that enter it as they are sent.

        Raises:
            Problem: whatever cannot be.
            EngineError: ``non-finite``.
        """
        known = await self._known(model, version)
        lane = self._lanes.quick if len(sent.body) <= READ_AT_ONCE else self._lanes.heavy
        job = await lane.run(secrets.token_hex(8), lambda ticket: self._read(known, sent))
        told = {"model_name": model, "model_version": known.id}
        if job.asked.id is not None:
            told["id"] = job.asked.id
        return await self._lanes.for_cost(job.cost).run(
            secrets.token_hex(8), lambda ticket: pack(told, _outputs(job, ticket))
        )

    async def _known(self, model: str, version: str | None) -> KnownModel:
        known = await self._models.get(model)
        if version not in (None, known.id):
            raise Problem("unknown-model", "version", version, f"{known.id}, or none")
        return known

    def _read(self, known: KnownModel, sent: Sent) -> _Job:
        limits = self._limits
        body = unpacked(sent, limits.upload_bytes)
        asked, rest = read_request(body, sent.json_bytes, limits.json_body_bytes)
        shape = self._checked_shape(known.model, asked.inputs)
        model = sized_for(known.model, Preprocessing(size=(shape[2], shape[3])))
        check_activations(model.shapes, limits)
        wanted = self._checked_outputs(model, asked, shape[0])
        (pictures,) = read_tensors(asked.inputs, rest)
        return _Job(asked, model, pictures, wanted, shape[0] * cost_of(model))

    def _checked_shape(self, model: Model, inputs: Sequence[RequestInput]) -> Shape:
        """(N, C, H, W) of the one input that a model has."""
        if len(inputs) != 1:
            raise Problem("invalid-argument", "inputs", len(inputs), f"one tensor, {INPUT}")
        name, shape = inputs[0].name, tuple(inputs[0].shape)
        if name != INPUT:
            raise Problem("invalid-argument", "inputs.0.name", name, INPUT)
        if len(shape) != 4 or not fits(model, (shape[1], shape[2], shape[3])):
            allowed = f"[pictures, channels, rows, columns], such as {[1, *model.input_shape]}"
            raise Problem("shape-mismatch", "inputs.0.shape", list(shape), allowed)
        if shape[0] > self._limits.inference_pictures:
            allowed = f"up to {self._limits.inference_pictures} pictures"
            raise Problem("run-too-large", "inputs.0.shape", list(shape), allowed)
        return shape

    def _checked_outputs(self, model: Model, asked: InferenceRequest, pictures: int) -> list[RequestOutput]:
        wanted = asked.outputs or [RequestOutput(name=name) for name in last_nodes(model)]
        names = [output.name for output in wanted]
        for index, name in enumerate(names):
            if name not in model.shapes:
                raise Problem("unknown-node", f"outputs.{index}.name", name, ", ".join(model.shapes))
            if name in names[:index]:
                raise Problem("invalid-argument", f"outputs.{index}.name", name, "each output once")
        numbers = {name: pictures * prod(shown_shape(model.shapes[name])) for name in names}
        check_answer("outputs", sum(numbers.values()), self._limits, "ask for fewer outputs or pictures")
        written = sum(numbers[output.name] for output in wanted if not asked.binary(output))
        if written > self._limits.json_numbers:
            allowed = f"up to {self._limits.json_numbers} numbers as JSON; ask for binary_data"
            raise Problem("too-many-numbers", "outputs", written, allowed)
        return wanted

    async def _told(self, work: Callable[[Ticket], Content]) -> Content:
        return await self._lanes.quick.run(secrets.token_hex(8), work)


def _outputs(job: _Job, ticket: Ticket) -> list[Output]:
    """Run the pictures one by one: each has the numbers that it has alone, to the last bit."""
    n, shapes = len(job.pictures), job.model.shapes
    made = {
        output.name: np.empty((n, *shown_shape(shapes[output.name])), np.float32) for output in job.wanted
    }
    for i in range(n):
        picture = np.array(job.pictures[i : i + 1], np.float32)
        trace = job.model.run(picture, lambda node: ticket.check())
        for name, numbers in made.items():
            numbers[i] = shown(trace.output(name))
    return [Output(output.name, made[output.name], job.asked.binary(output)) for output in job.wanted]
