"""Lessons in JSON; what one holds is in ``app.rooms.messages``, since rooms take them too."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.rooms.messages import LocalLine

TITLE: dict[str, Any] = {"en": "What a convolution does", "ja": "畳み込みは何をしているか"}


class LessonEntry(BaseModel):
    """A lesson in the list of all."""

    name: str = Field(description="to ask for it by")
    title: str | LocalLine
    steps: int = Field(description="how many views it has")


class LessonList(BaseModel):
    """The lessons."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"lessons": [{"name": "what-a-convolution-does", "title": TITLE, "steps": 12}]}]
        }
    )

    lessons: list[LessonEntry]
