"""Models that try how a plan joins nodes and lays out memory, and how near a plan comes to a plain run."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from engine.graph import Model
from engine.inference.plan import Plan
from engine.types import Array
from tests.engine.compare import assert_close
from tests.engine.nets import net, random_weight

Node = dict[str, Any]

ROUNDING = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-12}
"""Of a layer's range: Winograd's tiles, and normalisations folded into kernels, round otherwise."""


def conv(name: str, out_channels: int = 4, kernel_size: int = 3, *inputs: str, **settings: Any) -> Node:
    """A convolution that keeps the size unless told otherwise, with a bias."""
    about = {"padding": "same", "bias": random_weight(out_channels, seed=len(name)), **settings}
    return node(name, "conv2d", *inputs, out_channels=out_channels, kernel_size=kernel_size, **about)


def norm(name: str, channels: int = 4, *inputs: str, affine: bool = True, **settings: Any) -> Node:
    """Batch normalisation with statistics as of a trained network."""
    kept = {
        "running_mean": random_weight(channels, seed=1),
        "running_var": [0.5 + abs(one) for one in random_weight(channels, seed=2)],
    }
    learned = {"weight": random_weight(channels, seed=3), "bias": random_weight(channels, seed=4)}
    return node(name, "batch_norm2d", *inputs, **kept, **(learned if affine else {}), **settings)


def node(name: str, op: str, *inputs: str, **settings: Any) -> Node:
    return {"name": name, "op": op, **({"inputs": list(inputs)} if inputs else {}), **settings}


def relu(name: str = "relu", *inputs: str) -> Node:
    return node(name, "relu", *inputs)


def check(
    model: Model, x: Array, keep: Collection[str] | None = None, tolerance: float | None = None
) -> dict[str, Array]:
    """A plan gives what a plain run gives, twice; its outputs.

    Args:
        keep: of the plan.
        tolerance: of every output's range; None means rounding in the dtype of x.
    """
    plan, trace = Plan(model, keep), model.run(x)
    before = x.copy()
    first = plan.run(x)
    assert set(first) == set(keep or [model.nodes[-1].name])
    for name, y in first.items():
        expected = trace.output(name)
        assert y.dtype == expected.dtype
        assert_close(y, expected, ROUNDING[x.dtype] if tolerance is None else tolerance, name)
    second = plan.run(x)
    assert all(np.array_equal(second[name], y) for name, y in first.items())
    assert np.array_equal(x, before)
    return first


MODELS: dict[str, Model] = {
    # Joined: bounds, normalisations, sums.
    "normalised": net(conv("c"), norm("n"), relu()),
    "normalised-without-bias": net(conv("c", bias=None), norm("n", affine=False), relu()),
    "normalised-for-its-own-sake": net(norm("n", 1), conv("c"), relu(), norm("m"), norm("o")),
    "normalised-by-the-batch": net(conv("c"), node("n", "batch_norm2d")),
    "normalised-groups": net(conv("a"), conv("c", 6, groups=2), norm("n", 6)),
    "normalised-flipped": net(conv("c", flip=True, stride=2, padding=1), norm("n")),
    "connections": net(conv("a", 2), conv("c", 3, connections=[[1, 0], [0, 1], [1, 1]]), norm("n", 3)),
    "relu6": net(conv("c"), node("r", "clip", min=0, max=6), conv("d"), node("s", "clip", max=0.5)),
    "clip-without-bounds": net(conv("c"), node("r", "clip"), relu()),
    "bounds-that-cross": net(conv("c"), node("r", "clip", min=0, max=-1), node("p", "max_pool2d", padding=1)),
    "bound-twice": net(conv("c"), relu(), node("r", "clip", min=-1, max=0.3), relu("s")),
    "residual": net(conv("a"), conv("b"), node("s", "add", "b", "a"), relu()),
    "residual-other-way-round": net(conv("a"), conv("b"), node("s", "add", "a", "b"), relu()),
    "residual-of-the-input": net(conv("b"), node("s", "add", "input", "b"), channels=4),
    "residual-normalised": net(conv("a"), conv("b"), norm("n"), node("s", "add", "n", "a"), relu()),
    "residual-after-a-relu": net(conv("a"), relu(), conv("b"), relu("r"), node("s", "add", "r", "relu")),
    "residual-of-two-convolutions": net(conv("a"), conv("b", 4, 1, "input"), node("s", "add", "a", "b")),
    "two-residuals": net(
        conv("a"), conv("b"), node("s", "add", "b", "a"), node("t", "add", "s", "a"), relu()
    ),
    "added-to-itself": net(conv("a"), node("s", "add", "a", "a"), relu()),
    "three-added": net(conv("a"), conv("b"), conv("c"), node("s", "add", "a", "b", "c"), relu()),
    "added-and-repeated": net(
        conv("a"), node("g", "global_avg_pool2d"), conv("b", 4, 3, "a"), node("s", "add", "b", "g"), relu()
    ),
    "repeated-and-added": net(
        conv("a"), node("g", "global_avg_pool2d"), conv("b", 4, 1), node("s", "add", "a", "b"), relu()
    ),
    "one-channel-added-to-all": net(conv("a", 1), conv("b", 4), node("s", "add", "b", "a")),
    "own-operand": net(conv("a"), node("s", "add", operand=random_weight(4, 1, 1)), relu()),
    # Branches and merges.
    "branches": net(
        conv("a", 3),
        conv("b", 2, 1, "input"),
        conv("c", 5, 5, "a", padding=2),
        node("p", "max_pool2d", "input", kernel_size=3, stride=1, padding=1),
        node("j", "concat", "a", "b", "c", "p"),
        relu(),
        conv("d"),
        channels=2,
    ),
    "joined-by-rows": net(conv("a", 2), conv("b", 2, 1, "input"), node("j", "concat", "a", "b", axis=2)),
    "joined-by-columns": net(conv("a", 2), node("j", "concat", "a", "input", "a", axis=-1), channels=2),
    "joined-pictures": net(conv("a", 2), node("j", "concat", "a", "input", axis=0), conv("b"), channels=2),
    "joined-rows-of-numbers": net(
        node("f", "flatten"),
        node("a", "linear", out_features=3),
        node("b", "linear", "f", out_features=2),
        node("j", "concat", "a", "b"),
        node("s", "softmax"),
    ),
    # Readers that want other margins, and other orders.
    "margins": net(
        conv("a", 3, 5, padding=2),
        conv("b", 2, 3, "a", padding=(0, 1)),
        conv("c", 2, 3, "a", padding=(3, 0, 1, 2), stride=2),
        conv("d", 3, 7, "a", groups=3, padding=3, dilation=2, stride=3),
        conv("e", 40, 1, "a"),
        node("p", "max_pool2d", "a", kernel_size=3, stride=2, padding=1),
        node("q", "avg_pool2d", "a", kernel_size=2),
        node("g", "global_avg_pool2d", "a"),
    ),
    "orders": net(
        conv("a", 2),
        conv("b", 40),
        conv("c", 40, groups=40),
        conv("d", 3),
        conv("e", 33, 3, "b"),
        conv("f", 2, 1, "c"),
        node("j", "concat", "a", "b", "c", "d", "e", "f"),
        size=(25, 26),
    ),
    "shared-weights": net(
        conv("a", 4),
        conv("b", 4),
        conv("c", 4, weight={"node": "b"}, bias={"node": "b"}),
        norm("n"),
        channels=4,
    ),
    # Windows.
    "pooled-after-negative-numbers": net(
        conv("a"), node("p", "max_pool2d", kernel_size=3, stride=2, padding=1), node("q", "max_pool2d")
    ),
    "pooled-after-a-relu": net(conv("a"), relu(), node("p", "max_pool2d", kernel_size=3, padding=1)),
    "pooled-after-clip": net(
        conv("a"),
        node("r", "clip", min=-2, max=-1),
        node("p", "max_pool2d", kernel_size=3, padding=1, ceil_mode=True, stride=2),
    ),
    "pooled-beyond-the-end": net(
        conv("a"),
        relu(),
        node("p", "max_pool2d", kernel_size=2, ceil_mode=True),
        node("q", "avg_pool2d", kernel_size=3, stride=2, ceil_mode=True),
        node("r", "avg_pool2d", kernel_size=2, stride=1, padding=1, count_include_pad=False),
    ),
    "pooled-apart": net(node("p", "max_pool2d", kernel_size=(2, 3), stride=(1, 2), dilation=(3, 2))),
    "mean": net(conv("a"), node("p", "avg_pool2d", kernel_size=(3, 2), stride=(2, 1))),
    "uneven-padding": net(conv("a", 4, 4, stride=2), conv("b", 4, 2), conv("c", 4, 3, padding=(0, 2, 1, 3))),
    "padded-by-itself": net(conv("a", padding=1, padding_mode="reflect"), norm("n"), relu()),
    "scaled": net(conv("a"), conv("s", 4, 1, groups=4, padding=0), relu(), node("p", "max_pool2d")),
    "scaled-and-added": net(conv("a"), conv("s", 4, 1, groups=4, padding=0), node("t", "add", "s", "a")),
    "transposed": net(
        node("t", "conv_transpose2d", out_channels=3, kernel_size=3, stride=2), relu(), conv("c")
    ),
    # Not maps.
    "numbers": net(
        conv("a"),
        node("f", "flatten"),
        node("l", "linear", out_features=7, bias=random_weight(7)),
        relu(),
        node("m", "linear", out_features=7),
        node("s", "add", "m", "relu"),
        node("t", "tanh"),
        node("u", "softmax"),
    ),
    "vectors-of-a-map": net(conv("a"), node("l", "linear", out_features=5), relu(), conv("b")),
    "three-axes": net(
        conv("a"), node("r", "reshape", shape=[0, 4, -1]), node("l", "linear", out_features=5), relu()
    ),
    "five-axes": net(
        conv("a"),
        node("u", "unsqueeze", axes=[2]),
        node("t", "tanh"),
        node("s", "squeeze", axes=[2]),
        conv("b"),
    ),
    "back-to-a-map": net(
        node("f", "flatten"),
        node("l", "linear", out_features=24),
        node("r", "reshape", shape=[0, 2, 3, 4]),
        conv("c"),
    ),
    "pictures-as-channels": net(
        conv("a"), node("t", "transpose", perm=[1, 0, 2, 3]), node("f", "flatten", axis=2)
    ),
    "over-the-pictures": net(conv("a"), node("s", "softmax", axis=0), node("r", "reduce_mean", axes=[0])),
    "all-in-one-row": net(conv("a"), node("f", "flatten", axis=0)),
    # What has no way of its own.
    "unusual": net(
        conv("a"),
        node("x", "exp"),
        node("y", "sqrt"),
        node("z", "neg"),
        node("v", "abs"),
        node("g", "gelu"),
        node("l", "local_response_norm"),
        node("i", "instance_norm2d"),
        node("p", "prelu", weight=random_weight(4, 1, 1)),
        node("u", "resize", scales=[2, 2]),
        node("d", "depth_to_space", blocksize=2),
        node("q", "lp_pool2d", kernel_size=2),
        node("m", "mul", "q", "q"),
    ),
    "nothing-but-relu": net(relu(), relu("again")),
    "identity": net(node("i", "identity")),
}
"""By what is unusual about them."""
