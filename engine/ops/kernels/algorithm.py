"""What a route to a convolution is: which ones it can take, what it makes of the weights, how it runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np

from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.memory import Order, Scratch
from engine.threads import Part, Program, run
from engine.types import Array, Pair


@dataclass(frozen=True)
class Finish:
    """What happens to outputs while they are still in the cache.

    Args:
        residual: (N, OC, OH, OW), added to the outputs, in any memory order; None adds nothing.
        low, high: outputs are kept between them; a ReLU is low 0.
    """

    residual: Array | None = None
    low: float | None = None
    high: float | None = None

    def place(self, outputs: Array, target: Array) -> Part:
        """Write outputs where they belong, in one pass with what needs nothing but themselves.

        With a ``residual`` this only copies: ``steps`` must follow.
        """
        if self.residual is not None or not self.is_bounded:
            return [partial(np.copyto, target, outputs)]
        # With two bounds clip is vectorised; maximum with a number is not, and takes twice as long.
        low = -np.inf if self.low is None else self.low
        return [partial(np.clip, outputs, low, np.inf if self.high is None else self.high, out=target)]

    @property
    def is_bounded(self) -> bool:
        """Whether outputs are kept between bounds."""
        return self.low is not None or self.high is not None

    def steps(self, y: Array, pictures: slice, rows: slice) -> Part:
        """Finish some rows of some pictures in place.

        Args:
            y: (N, OC, OH, OW), all of the outputs.
        """
        residual = None if self.residual is None else self.residual[pictures, :, rows]
        return Finish(residual, self.low, self.high).all_steps(y[pictures, :, rows])

    def all_steps(self, y: Array) -> Part:
        """Finish all of an array, of any shape, in place."""
        steps: Part = []
        if self.residual is not None:
            steps.append(partial(np.add, y, self.residual, out=y))
        if self.is_bounded:
            steps += Finish(None, self.low, self.high).place(y, y)
        return steps

    def __call__(self, y: Array, pictures: slice, rows: slice) -> None:
        """Make the ``steps`` at once."""
        for step in self.steps(y, pictures, rows):
            step()


NOTHING_MORE = Finish()


class Algorithm(ABC):
    """One route. It keeps no state: what it makes of the weights belongs to the caller.

    A route defines ``bind`` or, where there is nothing to prepare, ``run``.
    """

    name: ClassVar[str]
    order: ClassVar[Order]
    """In which the padded input lies, and the output."""
    takes_unpadded: ClassVar[bool] = False
    """Whether x may also come as it is, and the zeros around it are thought of."""

    @abstractmethod
    def suits(self, task: Convolution) -> bool:
        """Whether this route can compute it at all."""

    def reach(self, task: Convolution) -> Pair:
        """(rows, columns) of the padded input that it reads; what lies beyond the padding must be 0."""
        return task.reach

    @abstractmethod
    def prepare(self, weight: Array, bias: Array | None, task: Convolution) -> Any:
        """What ``run`` wants of the weights: computed once, used for every picture.

        Args:
            weight: (OC, C / groups, KH, KW), as applied.
            bias: (OC,) or None.
        """

    def prepared_for(self, task: Convolution) -> Hashable:
        """What of the task, beside the weights, ``prepare`` depends on."""
        return task.groups, task.rows, task.columns

    def bind(
        self, x: Array, prepared: Any, task: Convolution, y: Array, finish: Finish, scratch: Scratch
    ) -> Program:
        """All calls that compute the outputs, ready to be made again whenever x has changed.

        Args:
            x: (N, C, rows, columns) of ``reach``, padded, its numbers in ``order``.
            prepared: what ``prepare`` made.
            y: (N, OC, OH, OW), written to; rows lie in ``order`` without gaps, so it may be the inside
                of a padded map.
            finish: applied to every part of the output as soon as it is there.
            scratch: memory for intermediate numbers.
        """
        return [[[partial(self.run, x, prepared, task, y, finish)]]]

    def run(
        self, x: Array, prepared: Any, task: Convolution, y: Array, finish: Finish = NOTHING_MORE
    ) -> None:
        """Compute all outputs once; arguments as for ``bind``."""
        run(self.bind(x, prepared, task, y, finish, Scratch.of_this_thread()))
