"""ConvScope from Python: pictures in, NumPy arrays out, over the public API.

``Client`` waits for its answers, ``AsyncClient`` is awaited for them; otherwise they are the same::

    with Client("http://127.0.0.1:8000") as client:
        run = client.run("photo.jpg", model="tiny-vgg")
        run["conv_1_1"]                          # float32, (channels, rows, columns)
        run.explain("conv_1_1", (0, 3, 4))       # the terms behind one of these numbers

This folder needs httpx and NumPy, and nothing else of ConvScope: it may be copied to stand beside a notebook.
"""

from .awaiting import AsyncClient, AsyncRun
from .blocking import Client, Run
from .errors import BadAnswer, Busy, ConvScopeError, NotFound, Unreachable
from .exchange import Patience
from .pictures import Picture

__all__ = [
    "AsyncClient",
    "AsyncRun",
    "BadAnswer",
    "Busy",
    "Client",
    "ConvScopeError",
    "NotFound",
    "Patience",
    "Picture",
    "Run",
    "Unreachable",
]
