"""PyTorch, eager, in either layout of memory."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from bench.rivals.engines import Runner
from bench.rivals.engines.training import FIRST_LOSSES, LEARNING_RATE
from bench.rivals.given import read
from bench.rivals.torch_network import Network

# Weights of a model are read-only, and nothing here writes to them.
warnings.filterwarnings("ignore", "The given NumPy array is not writable")

VERSION = f"PyTorch {torch.__version__}"
LAYOUTS = {"pytorch-nchw": torch.contiguous_format, "pytorch-channels-last": torch.channels_last}


def build(folder: Path, engine: str) -> Runner:
    """The network and its input in the layout that ``engine`` names; input is turned beforehand."""
    given = read(folder)
    layout, target = LAYOUTS[engine], given.target
    network = Network(given.model, training=target is not None)
    x = torch.from_numpy(given.x).contiguous(memory_format=layout)
    # The arrays that were read are let go of one by one, as ``to`` replaces them.
    del given
    network.to(memory_format=layout)
    if target is not None:
        return _training(network, x, torch.from_numpy(target))

    @torch.inference_mode()
    def step() -> torch.Tensor:
        return network(x)

    return Runner(step, lambda output: output.numpy())


def _training(network: Network, x: torch.Tensor, target: torch.Tensor) -> Runner:
    optimiser = torch.optim.SGD(network.parameters(), lr=LEARNING_RATE)
    losses: list[float] = []

    def step() -> None:
        optimiser.zero_grad()
        loss = functional.cross_entropy(network(x), target)
        loss.backward()
        optimiser.step()
        if len(losses) < FIRST_LOSSES:
            losses.append(loss.item())

    return Runner(step, lambda _: np.array(losses, dtype=np.float32), FIRST_LOSSES)
