"""Lecture rooms in JSON; what is said in one is in ``app.rooms.messages``."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from app.rooms.messages import Title
from app.schemas.common import Strict


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [value]})


class RoomBody(Strict):
    """What a new room is called."""

    model_config = _example({"title": "CNN, third lecture"})

    title: Annotated[Title, Field(description="followers read it")] = ""


class NewRoom(BaseModel):
    """A room just opened."""

    model_config = _example(
        {
            "code": "K7M4PX",
            "secret": "q2v8Yc0n5mXeT1uH9bWfKzLrJ3sAdG6i",
            "title": "CNN, third lecture",
            "url": "http://192.168.1.20:8000/r/K7M4PX",
            "presenter_url": "http://192.168.1.20:8000/lecture#room=K7M4PX&secret=q2v8Yc0n5mXeT1uH9bWfKzLrJ3sAdG6i",
        }
    )

    code: str = Field(description="six signs; it is all that followers need")
    secret: str = Field(description="who has it leads; told this once, and kept by nobody but you")
    title: str
    url: str = Field(description="leads followers into the room")
    presenter_url: str = Field(description="the secret stands behind #, which browsers send to nobody")


class RoomAnswer(BaseModel):
    """What anybody may know who knows the code."""

    model_config = _example(
        {
            "code": "K7M4PX",
            "title": "CNN, third lecture",
            "present": True,
            "followers": 42,
            "join": ["http://192.168.1.20:8000/r/K7M4PX"],
        }
    )

    code: str
    title: str
    present: bool = Field(description="a presenter is connected")
    followers: int = Field(description="connected now, screens not counted")
    join: list[str] = Field(description="addresses that lead followers into the room, the best one first")
