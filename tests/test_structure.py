"""Who may import whom, in the engine, in the server and in the browser."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Each layer may import itself and those before it.
ENGINE_LAYERS = [
    ["engine.errors", "engine.types", "engine.threads", "engine.heap"],
    ["engine.geometry"],
    ["engine.explanation"],
    ["engine.ops"],
    ["engine.presets"],
    ["engine.weights"],
    ["engine.trace", "engine.wiring", "engine.graph"],
    ["engine.specification", "engine.gradients", "engine.inference"],
    ["engine.train"],
    ["engine.zoo"],
    ["engine.importers"],
    ["engine.inspect"],
    ["engine.patterns"],
]

# What parts of the engine may import beside the engine itself, NumPy and the standard library.
LIBRARIES = {
    "engine/importers/onnx": {"onnx", "google"},
    "engine/importers/safetensors.py": {"safetensors"},
    "engine/threads.py": {"threadpoolctl"},
}

# What a folder must never import.
FORBIDDEN = {
    "engine": ("app", "fastapi", "starlette", "PIL", "pydantic", "httpx"),
    "app/routers": ("engine", "numpy", "PIL", "app.stores", "app.jobs", "app.main"),
    "app/schemas": ("engine", "numpy", "PIL", "app.stores", "app.routers"),
    "app/services": (
        "fastapi",
        "starlette",
        "uvicorn",
        "app.routers",
        "app.schemas",
        "app.dependencies",
        "app.main",
    ),
    # May be copied beside a notebook.
    "app/client": ("app", "engine", "PIL", "fastapi", "starlette", "pydantic"),
    "app/inference": ("fastapi", "starlette", "engine", "app.routers", "app.services", "app.main"),
    "app/rooms": ("fastapi", "starlette", "engine", "numpy", "app.routers", "app.services", "app.main"),
    "app/stores": ("fastapi", "starlette", "engine", "app.services", "app.routers", "app.schemas"),
}

JS_MAY_IMPORT = {
    "core": {"core"},
    "api": {"core", "api"},
    "render": {"core", "render"},
    "i18n": {"core", "i18n"},
    "actions": {"core", "api", "actions"},
    "views": {"core", "render", "i18n", "views"},
    "pages": {"core", "api", "render", "i18n", "actions", "views", "pages"},
}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def layer_of(module: str) -> int | None:
    for depth, layer in enumerate(ENGINE_LAYERS):
        if any(is_within(module, package) for package in layer):
            return depth
    return None


def python_files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", python_files("engine"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_engine_imports_only_what_stands_below(path: Path) -> None:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    if module == "engine":
        return
    own = layer_of(module)
    assert own is not None, f"{module} has no layer in ENGINE_LAYERS"
    for name in imported(path):
        if is_within(name, "engine"):
            below = layer_of(name)
            assert below is not None, f"{name} has no layer in ENGINE_LAYERS"
            assert below <= own, f"{module} must not import {name}, a layer above it"


@pytest.mark.parametrize("path", python_files("engine"), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_importers_know_libraries_of_others(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    libraries = [names for part, names in LIBRARIES.items() if place.startswith(part)]
    allowed = {"engine", "numpy"}.union(sys.stdlib_module_names, *libraries)
    assert {name.split(".")[0] for name in imported(path)} <= allowed


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_a_folder_keeps_away_from_what_it_must_not_know(folder: str) -> None:
    for path in python_files(folder):
        for name in imported(path):
            for package in FORBIDDEN[folder]:
                assert not is_within(name, package), f"{path.relative_to(ROOT)} must not import {package}"


@pytest.mark.parametrize("folder", JS_MAY_IMPORT)
def test_the_browser_side_flows_one_way(folder: str) -> None:
    for path in sorted((ROOT / "static/js" / folder).rglob("*.js")):
        for line in re.findall(r'^import\s[^;]*?"(\.[^"]+)"', path.read_text(encoding="utf-8"), re.M | re.S):
            target = (path.parent / line).resolve().relative_to(ROOT / "static/js").parts[0]
            assert target in JS_MAY_IMPORT[folder], f"{path.name} ({folder}) must not import from {target}"


@pytest.mark.parametrize("folder", ["core", "render", "views", "i18n"])
def test_only_the_api_client_asks_the_server(folder: str) -> None:
    # Locale files are part of the page, not of the API.
    for path in sorted((ROOT / "static/js" / folder).rglob("*.js")):
        if path.name != "i18n.js":
            asks = re.search(r"\bfetch\(|XMLHttpRequest|new WebSocket", path.read_text(encoding="utf-8"))
            assert not asks, f"{path.name}: {asks}"


def test_a_wrong_import_would_be_noticed(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from engine.graph import Model\nimport numpy.linalg\n")
    assert list(imported(wrong)) == ["engine.graph", "numpy.linalg"]
    assert layer_of("engine.graph") > layer_of("engine.ops.conv2d")
    assert is_within("numpy.linalg", "numpy")
    assert not is_within("engineering", "engine")
