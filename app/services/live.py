"""A model at work on pictures as they come from a camera."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.jobs import Gate, Lanes, Ticket
from app.limits import Limits
from app.negotiation import Dtype
from app.problems import Problem
from app.services.choices import ModelChoice, chosen_model
from app.services.decode import DecodeLimits, Pixels
from app.services.decoder import Decoder
from app.services.descriptions import Descriptions, Json
from app.services.edits import edited
from app.services.entries import describe_entry, enter
from app.services.labels import top
from app.services.live_frames import Frame, pack
from app.services.live_views import OutputChoice, View, explain_place, shown_arrays, views_of
from app.services.models import KnownModel, Models
from app.services.preprocessing import Preprocessing
from app.services.running import cost_of, extent_of, sized_for
from app.services.specifications import check_activations
from engine.graph import Model
from engine.types import Cell, Shape

_SCANS = 10
"""Of a frame, at most: browsers write one, and a progressive file hardly needs more."""


@dataclass(frozen=True)
class Configuration:
    """What a client wants to see of the frames behind it.

    Args:
        number: of the client's own.
        outputs: what is shown.
        place: node and cell of the number whose making is told.
    """

    number: int
    choice: ModelChoice
    outputs: Sequence[OutputChoice] = ()
    dtype: Dtype = "uint8"
    place: tuple[str, Cell] | None = None


class Arrival(NamedTuple):
    """A frame, the configuration in force when it came, and when that was."""

    frame: Frame
    wanted: Configuration
    at: float


class Answer(NamedTuple):
    """What is said about a frame: first of the model, where that is news, then the maps."""

    configured: Json | None
    maps: bytes


@dataclass(frozen=True)
class _Ready:
    """A model made ready for pictures of one size."""

    choice: ModelChoice
    picture: Shape
    """(channels, rows, columns) of the pictures themselves."""
    known: KnownModel
    entry: Preprocessing
    model: Model
    gate: Gate
    described: Json


class Live:
    """What all cameras share.

    Args:
        decoder: turns files into pixels.
        decoding: before the decoder, with a place for every camera.
    """

    def __init__(
        self,
        decoder: Decoder,
        decoding: Gate,
        models: Models,
        descriptions: Descriptions,
        lanes: Lanes,
        limits: Limits,
    ) -> None:
        self._decoder = decoder
        self._decoding = decoding
        self._models = models
        self._descriptions = descriptions
        self._lanes = lanes
        self.limits = limits
        self._sessions: set[Session] = set()

    @property
    def cameras(self) -> int:
        """How many there are now."""
        return len(self._sessions)

    def connect(self) -> Session:
        """A place for one more camera, until ``disconnect``.

        Raises:
            Problem: ``busy``.
        """
        if self.cameras >= self.limits.live_connections:
            allowed = f"{self.limits.live_connections} cameras at once"
            raise Problem("busy", "cameras", allowed=allowed, retry_after_s=5)
        session = Session(self)
        self._sessions.add(session)
        return session

    def disconnect(self, session: Session) -> None:
        """That camera has gone."""
        self._sessions.discard(session)

    async def pixels(self, file: bytes) -> tuple[Pixels, float]:
        """The pixels of a frame, and the milliseconds that they took.

        Raises:
            Problem: as ``Decoder.decode``.
        """
        limits = self.limits
        most = limits.live_frame_pixels
        bounds = DecodeLimits(most, limits.image_side_px, min(_SCANS, limits.jpeg_scans), _SCANS * most)

        def work(ticket: Ticket) -> tuple[Pixels, float]:
            start = time.perf_counter()
            pixels = self._decoder.decode(file, bounds, limits.decode_s).pixels
            return pixels, _ms_since(start)

        return await self._decoding.run(f"decode {secrets.token_hex(8)}", work)

    async def ready(self, choice: ModelChoice, picture: Shape, last: _Ready | None) -> _Ready:
        """The model of a choice for pictures of some size.

        Args:
            last: what was ready for the frame before; mostly it still is.

        Raises:
            Problem, EngineError: whatever cannot be, as for a run.
        """
        if last is not None and (last.choice, last.picture) == (choice, picture):
            # Asked for again, so that the models' memory knows that it is in use.
            known, entry = await self._models.get(last.known.id), last.entry
            if known is last.known:
                return last
        else:
            known, entry = await chosen_model(self._models, choice, picture)
        return await self._lanes.quick.run(
            f"prepare {secrets.token_hex(8)}", lambda ticket: self._ready(choice, picture, known, entry)
        )

    def _ready(self, choice: ModelChoice, picture: Shape, known: KnownModel, entry: Preprocessing) -> _Ready:
        sized = sized_for(known.model, entry)
        check_activations(sized.shapes, self.limits)
        model = edited(sized, choice.edits) if choice.edits else sized
        described = {
            "model": known.id,
            "input": describe_entry(entry, sized.input_shape, (picture[1], picture[2])),
            "edits": [edit.describe() for edit in choice.edits],
            "nodes": self._descriptions.of(known.id, sized),
        }
        return _Ready(choice, picture, known, entry, model, self._lanes.for_cost(cost_of(sized)), described)


class Session:
    """One camera: what is wanted of its frames, and the model that is ready for them."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._wanted: Configuration | None = None
        self._last_frame = -1
        self._ready: _Ready | None = None
        self._told: tuple[int, Json] | None = None
        """The configuration that was last answered, and what was said of its model."""

    def configure(self, wanted: Configuration) -> None:
        """What is wanted of the frames from here on.

        Raises:
            Problem: ``invalid-argument``.
        """
        if self._wanted is not None and wanted.number <= self._wanted.number:
            allowed = f"more than {self._wanted.number}, that of the last one"
            raise Problem("invalid-argument", "configuration", wanted.number, allowed)
        limit = self._live.limits.live_outputs
        if len(wanted.outputs) > limit:
            raise Problem("invalid-argument", "outputs", len(wanted.outputs), f"up to {limit} outputs")
        self._wanted = wanted

    def arrived(self, frame: Frame) -> Arrival:
        """A frame that has come, as it has to be answered.

        Raises:
            Problem: ``missing-field`` before the first configuration, ``invalid-argument``.
        """
        if self._wanted is None:
            raise Problem("missing-field", "configure", allowed="this message before the first frame")
        if frame.number <= self._last_frame:
            allowed = f"more than {self._last_frame}, that of the last one"
            raise Problem("invalid-argument", "frame", frame.number, allowed)
        self._last_frame = frame.number
        return Arrival(frame, self._wanted, time.perf_counter())

    async def answer(self, arrival: Arrival, skipped: int) -> Answer:
        """What is to be said of a frame; to be awaited for one after the other.

        Args:
            skipped: frames that it has overtaken.

        Raises:
            Problem, EngineError: whatever cannot be.
            Busy, TooSlow: too much else is going on.
        """
        wanted = arrival.wanted
        pixels, decoded_ms = await self._live.pixels(arrival.frame.file)
        ready = self._ready = await self._live.ready(wanted.choice, pixels.shape, self._ready)
        views = views_of(wanted.outputs, ready.model, self._live.limits)
        maps = await ready.gate.run(
            f"live {secrets.token_hex(8)}",
            lambda ticket: self._maps(arrival, skipped, ready, views, pixels, decoded_ms, ticket),
        )
        news = (wanted.number, ready.described)
        configured = None if news == self._told else {"configuration": wanted.number, **ready.described}
        self._told = news
        return Answer(configured, maps)

    def _maps(
        self,
        arrival: Arrival,
        skipped: int,
        ready: _Ready,
        views: Sequence[View],
        pixels: Pixels,
        decoded_ms: float,
        ticket: Ticket,
    ) -> bytes:
        start = time.perf_counter()
        # The same calls as for a run that is kept, so that its numbers are the same.
        trace = ready.model.run(enter(pixels, ready.entry), lambda node: ticket.check())
        extents = {name: extent_of(y) for name, y in trace.outputs.items()}
        wanted, limits = arrival.wanted, self._live.limits
        header = {
            "type": "frame",
            "frame": arrival.frame.number,
            "configuration": wanted.number,
            "extents": extents,
            **top(trace, ready.known.labels),
            "step": None if wanted.place is None else explain_place(trace, *wanted.place, limits),
            "skipped": skipped,
        }
        computed_ms = _ms_since(start)
        start = time.perf_counter()
        told, arrays = shown_arrays(views, trace, extents, wanted.dtype)
        packed_ms = _ms_since(start)
        spent = {"decoded": decoded_ms, "computed": computed_ms, "packed": packed_ms}
        spent["waited"] = _ms_since(arrival.at) - sum(spent.values())
        return pack(
            {**header, "outputs": told, "ms": {name: round(ms, 3) for name, ms in spent.items()}}, arrays
        )


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
