"""Asking for what cannot be, and looking at the refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import EngineError


def refusal(function: Callable[..., Any], *args: Any, **kwargs: Any) -> EngineError:
    """The error that a call raises; its message names the argument and what would be allowed."""
    with pytest.raises(EngineError) as caught:
        function(*args, **kwargs)
    error = caught.value
    assert str(error).startswith(f"{error.argument} is ")
    assert str(error).endswith(f"; allowed: {error.allowed}")
    return error
