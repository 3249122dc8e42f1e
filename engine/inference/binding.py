"""Stages bound to memory: for one shape of pictures, everything that is to be called, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.graph import INPUT
from engine.inference.arena import Need, arrange
from engine.inference.lowering import Lowering
from engine.inference.slots import Margin, Placed, Slot
from engine.inference.stages import Stage
from engine.inference.ways import lowering_of
from engine.ops.kernels.memory import Scratch
from engine.ops.parts import in_parts
from engine.threads import Program, run
from engine.types import Array, Shape

TURNING = 4
"""Passes over an array that take as long as copying it into another memory order."""


class Binding:
    """One thread at a time may run it.

    Args:
        stages: in order.
        shapes: of every output and of the input, with the batch.
        keep: whose outputs are wanted.
        dtype: of the picture.
        prepared: what routes made of the weights, shared by all bindings of a plan; it is added to.
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        shapes: Mapping[str, Shape],
        keep: Sequence[str],
        dtype: np.dtype[Any],
        prepared: dict[Any, Any],
    ) -> None:
        self.keep = keep
        # Where the bounds cross, the upper one counts.
        non_negative = {
            stage.name
            for stage in stages
            if stage.low is not None and stage.low >= 0 and (stage.high is None or stage.high >= 0)
        }
        lowerings = [lowering_of(stage, shapes, dtype, prepared, non_negative) for stage in stages]
        slots = _slots(lowerings, shapes)
        offsets, total = arrange(_needs(lowerings, slots, keep, dtype))
        memory = np.empty(total, np.uint8)
        self.placed = {name: Placed(slot, memory[offsets[name] :], dtype) for name, slot in slots.items()}
        scratch = Scratch()
        self.program: Program = [[self.placed[INPUT].clear_margin()]]
        for lowering in lowerings:
            out = self.placed[lowering.stage.name]
            if margin := out.clear_margin():
                self.program.append([margin])
            self.program += lowering.bind(self.placed, out, scratch)

    def run(self, x: Array) -> dict[str, Array]:
        """The outputs that are kept, copied."""
        in_parts(np.copyto, self.placed[INPUT].inside, x, passes=TURNING)
        run(self.program)
        return {name: _copy(self.placed[name].inside) for name in self.keep}


def _copy(numbers: Array) -> Array:
    """The same numbers in C order."""
    copied = np.empty(numbers.shape, numbers.dtype)
    in_parts(np.copyto, copied, numbers, passes=TURNING)
    return copied


def _slots(lowerings: Sequence[Lowering], shapes: Mapping[str, Shape]) -> dict[str, Slot]:
    """How every output lies: as most of its readers like, or else its writer, with room for all margins."""
    slots = {}
    writers = {lowering.stage.name: lowering for lowering in lowerings}
    for name in (INPUT, *writers):
        readers = [lowering for lowering in lowerings if name in lowering.stage.reads]
        liked = [reader.reads_in for reader in readers if reader.reads_in is not None]
        if not liked and name in writers and (own := writers[name].writes_in) is not None:
            liked = [own]
        margin = Margin()
        for reader in readers:
            if name in reader.stage.inputs:
                margin |= reader.margin
        order = max(liked, key=liked.count) if liked else "nchw"
        slots[name] = Slot(shapes[name], order, margin) if len(shapes[name]) == 4 else Slot(shapes[name])
    return slots


def _needs(
    lowerings: Sequence[Lowering], slots: Mapping[str, Slot], keep: Sequence[str], dtype: np.dtype[Any]
) -> dict[str, Need]:
    made = {INPUT: 0} | {lowering.stage.name: i for i, lowering in enumerate(lowerings)}
    last = dict(made)
    for i, lowering in enumerate(lowerings):
        last.update(dict.fromkeys(lowering.stage.reads, i))
    last.update(dict.fromkeys(keep, len(lowerings)))
    return {name: Need(slot.nbytes(dtype), made[name], last[name]) for name, slot in slots.items()}
