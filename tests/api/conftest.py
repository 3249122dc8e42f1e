"""A fresh server for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.limits import Limits
from app.services.decoder import Decoder
from app.settings import Settings
from tests.api.server import Api, MakeApi


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    """One pool of decoding processes for all the servers of a test session."""
    decoder = Decoder(workers=2, memory_bytes=Limits().decode_memory_bytes)
    yield decoder
    decoder.close()


@pytest.fixture
def make_api(tmp_path: Path, decoder: Decoder) -> Iterator[MakeApi]:
    """``make_api(limits={"upload_bytes": 10})``: a server with other settings, on the same folder of data."""
    made: list[Api] = []

    def make(*, own_decoder: bool = False, limits: dict[str, Any] | None = None, **settings: Any) -> Api:
        settings.setdefault("data_dir", tmp_path / "data")
        api = Api(
            Settings(_env_file=None, limits=Limits(**(limits or {})), **settings),
            None if own_decoder else decoder,
        )
        made.append(api)
        return api

    yield make
    for api in made:
        api.close()


@pytest.fixture
def api(make_api: MakeApi) -> Api:
    """A server with the default settings and an empty folder of data."""
    return make_api()
