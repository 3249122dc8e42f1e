"""Trained weights out of an installed package, of which nothing is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from engine.errors import EngineError
from engine.importers.efficientnet_lite import read_efficientnet_lite
from engine.types import Array

READERS: dict[str, Callable[[bytes], dict[str, Array]]] = {"efficientnet-lite0": read_efficientnet_lite}
"""By the name of the architecture: from the package's file to weights by ``node.weight``."""


def load_weights(card: Mapping[str, Any]) -> dict[str, Array]:
    """The weights that a card names, by ``node.weight``.

    Args:
        card: with ``architecture: {name}`` and ``package: {name, version, file, sha256}``, as in
            ``weights/efficientnet-lite0.json``.

    Returns:
        float32 arrays, in the order of the file.

    Raises:
        EngineError: ``unknown-architecture``; as ``read_package_file`` and the reader.
    """
    name = card["architecture"]["name"]
    if name not in READERS:
        raise EngineError("unknown-architecture", "architecture", name, ", ".join(READERS))
    return READERS[name](read_package_file(card["package"]))


def read_package_file(package: Mapping[str, str]) -> bytes:
    """A file of an installed package, found by what the installer recorded.

    Args:
        package: ``name`` and ``version`` as installed, ``file`` within it, its ``sha256`` in hexadecimal.

    Returns:
        The file's bytes, checked before anybody reads what is in them.

    Raises:
        EngineError: ``missing-package``; ``wrong-digest`` for a file that is not the one meant.

    >>> read_package_file({"name": "no-such-package", "version": "1.0", "file": "a.bin", "sha256": ""})
    Traceback (most recent call last):
    engine.errors.EngineError: package is 'no-such-package'; allowed: no-such-package 1.0, installed
    """
    try:
        data = bytes(distribution(package["name"]).locate_file(package["file"]).read_bytes())  # type: ignore[attr-defined]
    except (PackageNotFoundError, OSError):
        allowed = f"{package['name']} {package['version']}, installed"
        raise EngineError("missing-package", "package", package["name"], allowed) from None
    digest = sha256(data).hexdigest()
    if digest != package["sha256"]:
        raise EngineError("wrong-digest", package["file"], digest, package["sha256"])
    return data
