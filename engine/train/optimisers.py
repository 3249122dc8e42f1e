"""Rules by which weights follow their gradients downhill."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np

from engine.errors import EngineError
from engine.types import Array


class Optimiser(ABC):
    """Moves weights in place, and keeps by their names what its rule remembers of them.

    Args:
        learning_rate: how far a step goes, above 0; a schedule may set it between steps.
        weight_decay: share of the weight that is added to its gradient, at least 0: an L2 penalty.

    Raises:
        EngineError: ``invalid-argument``.
    """

    def __init__(self, learning_rate: float, weight_decay: float) -> None:
        _require("learning_rate", learning_rate, learning_rate > 0, "above 0")
        _require("weight_decay", weight_decay, weight_decay >= 0, "at least 0")
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay

    def step(self, weights: Mapping[str, Array], gradients: Mapping[str, Array]) -> None:
        """Move each weight that has a gradient; gradients are not written to."""
        for name, gradient in gradients.items():
            weight = weights[name]
            if self.weight_decay:
                gradient = gradient + self.weight_decay * weight
            weight -= self._move(name, gradient)

    @abstractmethod
    def _move(self, name: str, gradient: Array) -> Array:
        """What is taken off a weight; always a new array."""


class SGD(Optimiser):
    """Gradient descent with momentum: each step goes along the gradient and, a share less, all before it.

    Args:
        momentum: the share of the velocity that is kept, from 0 (none) to below 1.
        learning_rate, weight_decay: see ``Optimiser``.

    Source: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964), in PyTorch's
    form: v = momentum * v + gradient, weight -= learning_rate * v. Book: v takes the learning rate in.

    >>> sgd, weights = SGD(0.5, momentum=0.5), {"w": np.array([8.0])}
    >>> for _ in range(2):
    ...     sgd.step(weights, {"w": np.array([4.0])})
    ...     print(weights["w"])
    [6.]
    [3.]
    """

    def __init__(self, learning_rate: float, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        super().__init__(learning_rate, weight_decay)
        _require("momentum", momentum, 0 <= momentum < 1, "from 0 to below 1")
        self.momentum = momentum
        self._velocities: dict[str, Array] = {}

    def _move(self, name: str, gradient: Array) -> Array:
        if not self.momentum:
            return self.learning_rate * gradient
        velocity = self._velocities.setdefault(name, np.zeros_like(gradient))
        velocity *= self.momentum
        velocity += gradient
        return self.learning_rate * velocity


class Adam(Optimiser):
    """Steps of about ``learning_rate`` each, whatever the size of a weight's gradients.

    Args:
        beta1, beta2: shares of the running mean, and of the running mean square, that are kept.
        eps: added to the root of the mean square.
        learning_rate, weight_decay: see ``Optimiser``.

    Source: Kingma & Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.

    >>> adam, weights = Adam(0.1), {"w": np.array([1.0, 1.0])}
    >>> adam.step(weights, {"w": np.array([3.0, -0.002])})
    >>> weights["w"].round(4)
    array([0.9, 1.1])
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(learning_rate, weight_decay)
        _require("beta1", beta1, 0 <= beta1 < 1, "from 0 to below 1")
        _require("beta2", beta2, 0 <= beta2 < 1, "from 0 to below 1")
        _require("eps", eps, eps > 0, "above 0")
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self._steps: dict[str, int] = {}
        self._means: dict[str, Array] = {}
        self._squares: dict[str, Array] = {}

    def _move(self, name: str, gradient: Array) -> Array:
        steps = self._steps[name] = self._steps.get(name, 0) + 1
        mean = self._means.setdefault(name, np.zeros_like(gradient))
        square = self._squares.setdefault(name, np.zeros_like(gradient))
        mean += (1 - self.beta1) * (gradient - mean)
        square += (1 - self.beta2) * (np.square(gradient) - square)
        # Both began at 0, and are that much too small.
        root = np.sqrt(square) * (1 - self.beta2**steps) ** -0.5
        root += self.eps
        move: Array = mean / root
        move *= self.learning_rate / (1 - self.beta1**steps)
        return move


def _require(argument: str, value: float, holds: bool, allowed: str) -> None:
    if not holds:
        raise EngineError("invalid-argument", argument, value, allowed)
