"""Pictures in JSON."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from app.routing import API
from app.services.images import ImageRecord


class ImageAnswer(BaseModel):
    """A picture that the server holds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "img_0f3a9c1d2b4e5f60718a",
                    "name": "cat.jpg",
                    "sample": False,
                    "height": 300,
                    "width": 451,
                    "channels": 3,
                    "format": "jpeg",
                    "bytes": 42020,
                    "url": "/api/v1/images/img_0f3a9c1d2b4e5f60718a",
                }
            ]
        }
    )

    id: str = Field(description="digest of the file: the same file has the same id")
    name: str | None = Field(
        description="a sample's plain name; of an upload only in the answer to it, to be shown"
    )
    sample: bool = Field(description="built in, and as good under its name as under its id")
    height: int = Field(description="pixels, after turning as EXIF says")
    width: int
    channels: int = Field(description="1: grey, 3: red, green, blue")
    format: str = Field(description="jpeg, png, gif, webp, bmp; npy for a sample drawn by formula")
    bytes: int = Field(description="size of the file")
    url: str

    @classmethod
    def of(cls, record: ImageRecord, name: str | None = None) -> ImageAnswer:
        """The answer for a record; ``name`` is that of the file just sent."""
        return cls(
            id=record.id,
            name=record.sample or name,
            sample=record.sample is not None,
            height=record.height,
            width=record.width,
            channels=record.channels,
            format=record.format,
            bytes=record.bytes,
            url=f"{API}/images/{record.id}",
        )


class ImageList(BaseModel):
    """The samples."""

    images: list[ImageAnswer]
