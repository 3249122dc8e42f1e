"""Who may import whom; a rule that is broken is named with the line that breaks it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

RULES = {
    # folder: what nothing in it may import
    "engine": ("app", "fastapi", "starlette", "PIL", "pydantic", "httpx"),
    "app/routers": ("engine", "numpy", "PIL", "app.stores", "app.jobs"),
    "app/schemas": ("engine", "numpy", "PIL", "app.stores", "app.routers"),
    "app/services": (
        "fastapi",
        "starlette",
        "uvicorn",
        "app.routers",
        "app.schemas",
        "app.main",
        "app.dependencies",
    ),
    "app/stores": ("fastapi", "starlette", "engine", "app.services", "app.routers", "app.schemas"),
}


def imports(source: str) -> Iterator[tuple[int, str]]:
    """(line, module) of every import."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def broken(source: str, forbidden: tuple[str, ...]) -> list[tuple[int, str]]:
    return [
        (line, module)
        for line, module in imports(source)
        if any(module == name or module.startswith(name + ".") for name in forbidden)
    ]


@pytest.mark.parametrize("folder", RULES)
def test_who_may_import_whom(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in files
        for line, module in broken(path.read_text("utf-8"), RULES[folder])
    ]
    assert found == []


def test_the_engine_needs_numpy_alone() -> None:
    import sys

    allowed = {"numpy", "engine", *sys.stdlib_module_names}
    for path in (ROOT / "engine").rglob("*.py"):
        for line, module in imports(path.read_text("utf-8")):
            assert module.split(".")[0] in allowed, f"{path.relative_to(ROOT)}:{line} imports {module}"


def test_a_broken_rule_is_found() -> None:
    assert broken("import os\nfrom app import jobs\n", ("app.jobs",)) == [(2, "app.jobs")]
    assert broken("def f():\n    import numpy.linalg as n\n", ("numpy",)) == [(2, "numpy.linalg")]
    assert broken("import numpydoc\n", ("numpy",)) == []
