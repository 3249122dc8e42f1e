"""Epochs of stochastic gradient descent in PyTorch, with averaged weights and a checkpoint after each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

Batches = Callable[[np.random.Generator], Iterable[tuple[Tensor, Tensor]]]
"""Gives an epoch's pictures (N, C, H, W) in [0, 1] and labels (N,), drawn by the generator."""


def train(
    model: nn.Module,
    batches: Batches,
    optimiser: torch.optim.Optimizer,
    schedule: LRScheduler,
    *,
    epochs: int,
    seed: int,
    checkpoint: Path | None,
    average: float = 0.998,
    label_smoothing: float = 0.0,
    before_epoch: Callable[[int], None] = lambda epoch: None,
) -> nn.Module:
    """Train, going on from the checkpoint if there is one.

    Args:
        model: is changed in place.
        schedule: takes one step a batch.
        seed: epoch number ``e`` is drawn from (seed, e), so that a run taken up again is the same run.
        checkpoint: file written after each epoch, if any.
        average: how much of the exponential average of the weights a step keeps.
        label_smoothing: share of the target that is spread over all classes.
        before_epoch: called with the epoch's number, from 0.

    Returns:
        The model with averaged weights, ready to be evaluated.
    """
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(average), use_buffers=True)
    parts = {"model": model, "averaged": averaged, "optimiser": optimiser, "schedule": schedule}
    first = 0
    if checkpoint is not None and checkpoint.exists():
        saved = torch.load(checkpoint)
        first = saved["epochs"]
        for name, part in parts.items():
            part.load_state_dict(saved[name])
    loss_of = nn.CrossEntropyLoss(label_smoothing=label_smoothing)
    for epoch in range(first, epochs):
        before_epoch(epoch)
        model.train()
        start, seen, right, total = time.monotonic(), 0, 0, 0.0
        for pictures, labels in batches(np.random.default_rng((seed, epoch))):
            scores = model(pictures)
            loss = loss_of(scores, labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            averaged.update_parameters(model)
            seen += len(labels)
            right += int((scores.argmax(1) == labels).sum())
            total += float(loss.detach()) * len(labels)
        seconds = time.monotonic() - start
        print(
            f"epoch {epoch + 1}/{epochs}: loss {total / seen:.4f}, right {right / seen:.2%}, {seconds:.0f} s",
            flush=True,
        )
        if checkpoint is not None:
            states = {name: part.state_dict() for name, part in parts.items()}
            torch.save({"epochs": epoch + 1, **states}, checkpoint)
    return averaged.module.eval()
