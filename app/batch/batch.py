"""A batch from its first picture to its last: begun or gone on with, on this machine or on a cluster."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from app.batch.folder import Folder
from app.batch.job import Job, Layout, share_size, versions, written_shapes
from app.batch.model import ModelServices
from app.batch.pictures import Share, shares_of
from app.batch.share import model_of
from app.batch.writing import arrays_of, begin
from app.ids import canonical_json
from app.limits import Limits
from app.negotiation import Dtype
from app.problems import Problem
from app.representations import Part
from app.services.choices import ModelChoice, chosen_model
from app.services.decoder import Decoder
from app.services.descriptions import Json
from app.services.models import KnownModel, Models
from app.services.preprocessing import Preprocessing
from app.services.running import sized_for
from app.services.sent_pictures import decode_limits
from app.services.specifications import check_activations
from engine.types import Shape

Report: TypeAlias = Callable[[int], None]
"""Is told how many pictures are done."""

Do: TypeAlias = Callable[[Sequence[Share], Report], None]
"""Does shares, in any order."""


@dataclass(frozen=True)
class Wanted:
    """What is to be written: of which nodes, which part, how."""

    nodes: Sequence[str]
    dtype: Dtype = "float32"
    channels: str | None = None
    max_px: int | None = None
    layout: Layout = "npz"
    share: int | None = None
    """Pictures in a share; None: what suits their size."""


@dataclass(frozen=True)
class Summary:
    """What a batch came to."""

    folder: str
    pictures: int
    before: int
    """Pictures that were done before."""
    errors: list[Json]


def begin_batch(
    services: ModelServices, choice: ModelChoice, pictures: Sequence[str], wanted: Wanted, folder: Folder
) -> Job:
    """Decide everything about a batch, and begin it or go on with it.

    Args:
        services: which keep what they must where the folder's workers find it: in ``folder.data``.
        choice: the model; where neither it nor its preprocessing decides the size in which pictures
            enter, the first picture that can be read does, for all.
        pictures: their paths.
        wanted: what is written.
        folder: where.

    Raises:
        Problem, EngineError: whatever cannot be, before any work.
    """
    limits = services.settings.limits
    known, entry = asyncio.run(_chosen(services.models, choice, pictures, limits))
    check_activations(sized_for(known.model, entry).shapes, limits)
    nodes = tuple(dict.fromkeys(wanted.nodes)) or (known.model.nodes[-1].name,)
    part = Part("float32", wanted.channels, wanted.max_px)
    job = Job(
        model=known.id,
        entry=entry,
        edits=tuple(choice.edits),
        nodes=nodes,
        shapes={},
        dtype=wanted.dtype,
        channels=wanted.channels,
        max_px=wanted.max_px,
        layout=wanted.layout,
        share=1,
        pictures=len(pictures),
        digest=hashlib.sha256(canonical_json(list(pictures))).hexdigest(),
        versions=versions(),
    )
    shapes = written_shapes(model_of(job, known.model), nodes, part)
    job = replace(job, shapes=shapes, share=wanted.share or share_size(shapes, len(pictures)))
    arrays_of(job)
    folder.open(job, pictures)
    begin(job, folder.root)
    return job


def run_batch(folder: Folder, pictures: Sequence[str], do: Do, report: Report) -> Summary:
    """Do every share that is not done yet.

    Args:
        folder: of a batch that has begun.
        pictures: its list.
        do: does shares: a pool of processes, or a cluster.
        report: is called with the number of pictures that are done.

    Raises:
        Problem: what stands in the way of the whole. What is done stays done.
    """
    shares = shares_of(pictures, folder.job().share)
    done = folder.done()
    left = [share for share in shares if share.index not in done]
    before = len(pictures) - sum(len(share.names) for share in left)
    try:
        if left:
            do(left, lambda count: report(before + count))
    finally:
        errors = folder.list_errors()
    return Summary(str(folder.root), len(pictures), before, errors)


async def _chosen(
    models: Models, choice: ModelChoice, pictures: Sequence[str], limits: Limits
) -> tuple[KnownModel, Preprocessing]:
    """The model, and how all pictures enter it."""
    if choice.model is not None:
        known = await models.get(choice.model)
        if choice.size or (known.preprocessing and known.preprocessing.size):
            # Whatever the pictures are; a process that decodes one would have to be started first.
            return await chosen_model(models, choice, known.model.input_shape)
    return await chosen_model(models, choice, _first_shape(pictures, limits))


def _first_shape(pictures: Sequence[str], limits: Limits) -> Shape:
    """(channels, rows, columns) of the first picture that can be read."""
    reason: Exception | None = None
    with closing(Decoder(1, limits.decode_memory_bytes)) as decoder:
        for picture in pictures:
            try:
                data = Path(picture).read_bytes()
                return decoder.decode(data, decode_limits(limits), limits.decode_s).pixels.shape
            except (Problem, OSError) as error:
                reason = reason or error
    raise Problem("no-pictures", "pictures", pictures[0], f"at least one that can be read ({reason})")
