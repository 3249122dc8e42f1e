"""The address of a view as the request for its numbers: what the pages do, for settings that lessons use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.api.server import Api

OPERATION_NODE = "operation"
"""What the Operation page calls its node."""

WEIGHTED = ("conv2d", "conv_transpose2d", "depthwise", "pointwise")
SIZED = ("identity", "box", "gaussian", "gabor", "random")

# What the Operation page shows where its address says nothing.
IMAGE, SIZE, KERNEL, CELL = "chelsea", "44", "sobel_x", "0,19,14"
GABOR = ("orientation_deg", "wavelength_px", "phase_deg", "sigma_px", "aspect")


@dataclass(frozen=True)
class View:
    """An address taken apart.

    Args:
        page: ``operation`` or ``network``.
        params: of its query.
    """

    page: str
    params: dict[str, str]

    @property
    def cell(self) -> list[int]:
        """(channel, row, column)."""
        return numbers(self.params.get("cell", CELL if self.page == "operation" else "0,0,0"))

    @property
    def node(self) -> str:
        """The node under attention; "" while there is none."""
        return OPERATION_NODE if self.page == "operation" else self.params.get("node", "")


def view_of(address: str) -> View:
    """An address as a lesson has it."""
    parts = urlsplit(address)
    return View(parts.path.removeprefix("/"), dict(parse_qsl(parts.query, keep_blank_values=True)))


def run_body(view: View) -> dict[str, Any]:
    """The body of POST /runs for a view."""
    get = view.params.get
    if view.page == "network":
        body: dict[str, Any] = {"model": get("model", "cifar-net"), "image": get("image", "chelsea")}
        edits = [edit_of(text) for text in get("edits", "").split(";") if text]
        return body | ({"edits": edits} if edits else {})
    body = {"image": get("image", IMAGE), "color": get("color", "rgb")}
    size = pair(get("size", SIZE))
    if all(size):
        body["size"] = size
    return body | {"specification": {"nodes": nodes_of(view)}}


def nodes_of(view: View) -> list[dict[str, Any]]:
    """What is applied first, if anything, and the operation."""
    get = view.params.get
    op = get("op", "conv2d")
    if op not in ("conv2d", "max_pool2d", "avg_pool2d", "global_avg_pool2d", "relu"):
        raise ValueError(f"op is {op!r}; no lesson had it when this was written")
    node: dict[str, Any] = {"name": OPERATION_NODE, "op": op}
    if op in ("conv2d", "max_pool2d", "avg_pool2d"):
        node |= {"stride": pair(get("stride", "1")), "padding": padding(get("padding", "1"))}
        node |= {"dilation": pair(get("dilation", "1"))} if op != "avg_pool2d" else {}
    kernel = get("kernel", KERNEL)
    if op != "conv2d" or kernel in SIZED:
        node |= {} if op in ("global_avg_pool2d", "relu") else {"kernel_size": pair(get("kernel_size", "3"))}
    if op == "conv2d":
        node |= {"padding_mode": get("padding_mode", "zeros"), "out_channels": int(get("out_channels", "1"))}
        node |= {"flip": get("flip") == "1", "weight": weight_of(view, kernel)}
        node |= {"bias": float(get("bias", "0"))} if "bias" in view.params else {}
    before = get("before", "none")
    if before == "none":
        return [node]
    channels = 1 if get("color") == "gray" else 3
    first = {
        "name": "before",
        "op": "conv2d",
        "weight": before,
        "padding": "same",
        "padding_mode": "replicate",
    }
    return [first | {"groups": channels, "out_channels": channels}, node]


def weight_of(view: View, kernel: str) -> Any:
    """The kernel as the API reads it."""
    if kernel == "random":
        return {"init": "he", "seed": int(view.params.get("seed", "0"))}
    if kernel == "custom":
        return [numbers(row, float) for row in view.params["values"].split(";")]
    if kernel == "gabor":
        settings = numbers(view.params.get("gabor", "0,5,0,2,0.6"), float)
        return {"preset": "gabor"} | dict(zip(GABOR, settings, strict=True))
    if kernel == "gaussian":
        return {"preset": "gaussian", "sigma_px": float(view.params.get("sigma_px", "1"))}
    return kernel


def edit_of(text: str) -> dict[str, Any]:
    """``conv1:3!``: a channel switched off."""
    node, _, index = text.removesuffix("!").partition(":")
    if not text.endswith("!"):
        raise ValueError(f"edit is {text!r}; no lesson had other edits when this was written")
    return {"node": node, "index": [int(index)], "off": True}


def run(api: Api, view: View) -> dict[str, Any]:
    """The run of a view."""
    answer = api.post("/api/v1/runs", json=run_body(view))
    assert answer.status_code in (200, 201), f"{view}: {answer.text}"
    made: dict[str, Any] = answer.json()
    return made


def explanation(api: Api, view: View) -> dict[str, Any]:
    """How the number under attention was made."""
    place = "/".join(str(index) for index in view.cell)
    answer = api.get(f"/api/v1/runs/{run(api, view)['id']}/nodes/{view.node}/cells/{place}")
    assert answer.status_code == 200, f"{view}: {answer.text}"
    made: dict[str, Any] = answer.json()
    return made


def output_shape(api: Api, view: View) -> list[int]:
    """(channels, rows, columns) of the node under attention."""
    shape: list[int] = next(n["output_shape"] for n in run(api, view)["nodes"] if n["name"] == view.node)
    return shape


def padding(text: str) -> Any:
    """``same`` stays a word."""
    return text if text.isalpha() else numbers(text)[0] if "," not in text else numbers(text)


def pair(text: str) -> list[int]:
    """``3`` for 3 × 3, else ``3x5``."""
    parts = [int(part) for part in text.split("x")]
    return parts * 2 if len(parts) == 1 else parts


def numbers(text: str, kind: Any = int) -> list[Any]:
    """``1,0,-1``."""
    return [kind(part) for part in text.split(",")]
