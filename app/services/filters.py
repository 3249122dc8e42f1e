"""What each filter of a convolution is, as JSON."""

from __future__ import annotations

from dataclasses import asdict

from app.problems import Problem
from app.services.descriptions import Json
from engine.graph import Model
from engine.inspect.filter_statistics import summarise_filters
from engine.inspect.filters import FilterDescription, describe_filters


def filters_of(model: Model, node_name: str) -> Json:
    """Kind and Gabor fit of every filter of a convolution.

    Returns:
        ``filters`` in the order of the output channels; ``order``, their indices by kind, orientation and
        wavelength; a ``summary``; and a ``reason`` where none of them could be fitted, always the same.

    Raises:
        EngineError: ``unknown-node``.
        Problem: ``no-filters`` for a node that is no convolution.
    """
    node = model.node(node_name)
    if node.op.name != "conv2d":
        allowed = ", ".join(each.name for each in model if each.op.name == "conv2d") or "none has any"
        raise Problem("no-filters", "node", node_name, allowed)
    described = describe_filters(node.weights["weight"])
    reasons = {each.reason for each in described}
    return {
        "node": node_name,
        "filters": [_filter(each) for each in described],
        "order": [each.index for each in sorted(described, key=lambda each: each.sort_key)],
        "summary": asdict(summarise_filters(described)),
        "reason": reasons.pop() if len(reasons) == 1 else None,
    }


def _filter(described: FilterDescription) -> Json:
    return {**asdict(described), "fit": None if described.fit is None else asdict(described.fit)}
