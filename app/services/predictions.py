"""A model on a picture in one call: what it shows, or what a node makes of it; nothing is kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from app.jobs import Lanes, Ticket
from app.limits import Limits
from app.negotiation import Form
from app.pictures import Extents, Look
from app.problems import Problem
from app.representations import Content, Part, json_content
from app.services.answers import array_content
from app.services.entries import enter, entry_of, read_color
from app.services.fields import read_pair
from app.services.labels import classifies, top
from app.services.models import KnownModel, Models
from app.services.preprocessing import Preprocessing
from app.services.running import cost_of, shown, sized_for
from app.services.sent_pictures import SentPictures
from app.services.specifications import check_activations
from engine.trace import Trace

_FIELDS = ("size", "color", "range")


class Predictions:
    """Models on pictures that are not kept."""

    def __init__(self, pictures: SentPictures, models: Models, lanes: Lanes, limits: Limits) -> None:
        self._pictures = pictures
        self._models = models
        self._lanes = lanes
        self._limits = limits

    async def predict(self, model: str, image: bytes, fields: Mapping[str, str]) -> Content:
        """The likeliest classes.

        Args:
            model: its id or plain name.
            image: a file.
            fields: ``size``, ``color`` and ``range`` as texts, as for a run.

        Raises:
            Problem: ``no-classes`` for a model that tells none apart; whatever else cannot be.
        """
        known = await self._models.get(model)
        if not classifies(known.model, known.labels):
            allowed = "a model that ends in softmax, or in as many numbers as it has labels"
            raise Problem("no-classes", "model", model, allowed)

        def work(trace: Trace, entry: Preprocessing) -> Content:
            told = {"model": known.id, "name": known.name, "input": entry.describe()}
            return json_content({**told, **top(trace, known.labels)})

        return await self._run(known, image, fields, work)

    async def output(
        self,
        model: str,
        node: str,
        image: bytes,
        fields: Mapping[str, str],
        form: Form,
        part: Part,
        look: Look,
    ) -> Content:
        """The output of a node as array, picture or JSON.

        Raises:
            EngineError: ``unknown-node``.
            Problem: whatever cannot be.
        """
        known = await self._models.get(model)
        known.model.node(node)

        def work(trace: Trace, entry: Preprocessing) -> Content:
            y = shown(trace.output(node))
            extent = (float(y.min()), float(y.max()))
            return array_content(y, form, part, look, Extents(extent, extent), self._limits)

        return await self._run(known, image, fields, work)

    async def _run(
        self,
        known: KnownModel,
        image: bytes,
        fields: Mapping[str, str],
        work: Callable[[Trace, Preprocessing], Content],
    ) -> Content:
        for name in fields:
            if name not in _FIELDS:
                raise Problem("unknown-field", name, fields[name], ", ".join(["image", *_FIELDS]))
        size = read_pair("size", fields["size"]) if "size" in fields else None
        color, value_range = read_color(fields.get("color")), _range(fields.get("range"))
        pixels = await self._pictures.read(image)
        picture = (pixels.shape[1], pixels.shape[2])
        entry = entry_of(known.model, known.preprocessing, picture, size, color, value_range)
        sized = sized_for(known.model, entry)
        check_activations(sized.shapes, self._limits)

        def run(ticket: Ticket) -> Content:
            trace = sized.run(enter(pixels, entry), before_node=lambda node: ticket.check())
            return work(trace, entry)

        return await self._lanes.for_cost(cost_of(sized)).run(secrets.token_hex(8), run)


def _range(text: str | None) -> int | None:
    if text not in (None, "1", "255"):
        raise Problem("invalid-argument", "range", text, "1 or 255")
    return None if text is None else int(text)
