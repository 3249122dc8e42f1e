"""The server's settings, from environment variables that begin with ``CONVSCOPE_``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.limits import MIB, Limits

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds app/, static/ and templates/."""


class Settings(BaseSettings):
    """How one server runs; ``CONVSCOPE_DATA_DIR=/srv/convscope`` and so on."""

    model_config = SettingsConfigDict(
        env_prefix="CONVSCOPE_", env_nested_delimiter="__", env_file=".env", extra="ignore", frozen=True
    )

    host: str = Field(default="127.0.0.1", description="address to listen at; 0.0.0.0 for a lecture hall")
    port: int = Field(default=8000, ge=0, le=65535)
    data_dir: Path = Field(default=Path("data"), description="folder of the stores; made when missing")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="pages of other origins that may call the API, separated by commas; none by default",
    )

    public_url: str | None = Field(
        default=None,
        description="where visitors reach the server, such as https://convscope.example; found out by itself",
    )
    redis_url: str | None = Field(
        default=None,
        description="redis://host:6379/0: rooms and stores live there, for any number of servers",
    )

    image_memory_bytes: int = Field(default=256 * MIB, ge=0)
    image_disk_bytes: int = Field(default=2048 * MIB, ge=0)
    model_memory_bytes: int = Field(default=1024 * MIB, ge=0, description="built models; VGG-16 takes 789 MB")
    model_disk_bytes: int = Field(default=4096 * MIB, ge=0, description="models that visitors brought")
    run_memory_bytes: int = Field(
        default=1024 * MIB, ge=0, description="numbers of runs; VGG-16 on one picture makes 120 MB"
    )
    recipe_disk_bytes: int = Field(
        default=256 * MIB, ge=0, description="models and runs, as what makes them again"
    )

    workers: int = Field(default=2, ge=1, description="computations side by side")
    queue_length: int = Field(default=32, ge=0, description="computations that may wait; beyond, 503 at once")
    quick_multiply_adds: int = Field(
        default=20_000_000, ge=0, description="runs of at most so many never wait behind longer ones"
    )
    decode_workers: int = Field(default=2, ge=1, description="processes that decode pictures")

    static_dir: Path = ROOT / "static"
    weights_dir: Path = ROOT / "weights"
    templates_dir: Path = ROOT / "templates"

    limits: Limits = Limits()

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(filter(None, (part.strip() for part in value.split(","))))
            if isinstance(value, str)
            else value
        )
