"""The lessons that come with the server. See docs/rooms.md."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from app.dependencies import LessonsDep
from app.rooms.messages import Lesson
from app.routing import api_router
from app.schemas.lessons import TITLE, LessonEntry, LessonList

router = api_router("/lessons", tags=["rooms"])

_EXAMPLE: dict[str, Any] = {
    "format": "convscope-lesson",
    "version": 1,
    "title": TITLE,
    "steps": [
        {
            "address": "/operation?color=gray&cell=0,19,20",
            "title": {"en": "Right minus left: an edge", "ja": "右引く左：エッジを見つける"},
            "notes": {"en": "Say: …", "ja": "話す：…"},
            "question": "cell",
        }
    ],
}


@router.get("", summary="The lessons")
def every(lessons: LessonsDep) -> LessonList:
    """Prepared sequences of views, each with notes for whoever teaches."""
    entries = [(name, lessons.get(name)) for name in lessons.names()]
    return LessonList(
        lessons=[LessonEntry(name=name, title=each.title, steps=len(each.steps)) for name, each in entries]
    )


@router.get(
    "/{lesson}",
    response_model=Lesson,
    response_model_exclude_none=True,
    summary="A lesson",
    responses={200: {"content": {"application/json": {"example": _EXAMPLE}}}},
)
def one(
    lesson: Annotated[
        str, Path(max_length=80, description="a lesson's name", examples=["what-a-convolution-does"])
    ],
    lessons: LessonsDep,
) -> Lesson:
    """All its views and notes: a file that can be changed, and opened again on the Lecture page."""
    return lessons.get(lesson)
