"""What may be said in a room, as types; anything else is refused by name before it reaches a room."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StrictStr, TypeAdapter, model_validator

from app.rooms.questions import checked
from app.schemas.common import Strict

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_ADDRESS = re.compile(r"/(operation|network)(\?[!$-;=?-\[\]-~]*)?")
"""Visible ASCII; no fragment, and none of the signs that browsers write with a percent sign."""


def _printable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("text without control characters")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("one line of text")
    return _printable(text)


def _our_address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("/operation or /network, and its query as browsers write it")
    return text


Address = Annotated[StrictStr, Field(max_length=60_000), AfterValidator(_our_address)]
Line = Annotated[StrictStr, Field(max_length=200), AfterValidator(_one_line)]
Notes = Annotated[StrictStr, Field(max_length=10_000), AfterValidator(_printable)]
Title = Annotated[StrictStr, Field(max_length=120), AfterValidator(_one_line)]
NodeName = Annotated[StrictStr, Field(min_length=1, max_length=255), AfterValidator(_one_line)]
Participant = Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9_-]{16,64}\z")]
Index = Annotated[StrictInt, Field(ge=0, le=(1 << 31) - 1)]
Cell = Annotated[list[Index], Field(min_length=3, max_length=3, description="[channel, row, column]")]
Kind = Literal["cell", "size", "argmax", "class"]


class LocalLine(Strict):
    """A short text in both languages."""

    en: Line
    ja: Line


class LocalNotes(Strict):
    """A long text in both languages."""

    en: Notes
    ja: Notes


class View(Strict):
    """A page and its state."""

    address: Address


class Pointer(Strict):
    """The cell under attention."""

    side: Literal["input", "output"]
    node: NodeName
    cell: Cell


class Place(Strict):
    """What a question is about."""

    node: NodeName
    cell: Cell | None = None


class HelloFollower(Strict):
    """A telephone in the hall."""

    type: Literal["hello"]
    role: Literal["follower"]
    participant: Participant


class HelloScreen(Strict):
    """A projector."""

    type: Literal["hello"]
    role: Literal["screen"]


class HelloLead(Strict):
    """The presenter."""

    type: Literal["hello"]
    role: Literal["lead"]
    secret: Annotated[StrictStr, Field(max_length=200)]


class SetView(Strict):
    """Show this."""

    type: Literal["set"]
    slice: Literal["view"]
    value: View | None


class SetPointer(Strict):
    """Look here."""

    type: Literal["set"]
    slice: Literal["pointer"]
    value: Pointer | None


class SetCurtain(Strict):
    """Cover the projector, or do not."""

    type: Literal["set"]
    slice: Literal["curtain"]
    value: Literal["none", "code", "blank"]


class SetLive(Strict):
    """The camera runs, or does not."""

    type: Literal["set"]
    slice: Literal["live"]
    value: StrictBool


class Ask(Strict):
    """A question to the room."""

    type: Literal["ask"]
    kind: Kind
    place: Place | None
    options: Annotated[list[Line | LocalLine], Field(min_length=2, max_length=1024)] | None = None
    answer: Any

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Ask:
        chosen = self.kind in ("argmax", "class")
        if chosen != (self.options is not None):
            raise ValueError("options for argmax and class, null for cell and size")
        return self

    def as_question(self, question_id: str) -> dict[str, Any]:
        """The slice that it makes.

        Raises:
            Problem: ``invalid-argument`` where the answer is none of its kind.
        """
        told = self.model_dump(exclude={"type"})
        answer = checked(self.kind, told["options"], self.answer, "answer")
        return {"id": question_id, **told, "answer": answer, "revealed": None}


class Reveal(Strict):
    """Tell the answer."""

    type: Literal["reveal"]


class Withdraw(Strict):
    """Ask no more, whether told or not."""

    type: Literal["withdraw"]


class Answer(Strict):
    """A follower's answer; the last one holds."""

    type: Literal["answer"]
    question: Annotated[StrictStr, Field(max_length=64)]
    value: Any


class Step(Strict):
    """A view of a lesson."""

    address: Address
    title: Line | LocalLine | None = None
    notes: Notes | LocalNotes | None = None
    question: Kind | None = None


class Lesson(Strict):
    """A prepared sequence of views."""

    format: Literal["convscope-lesson"]
    version: Literal[1]
    title: Line | LocalLine
    steps: Annotated[list[Step], Field(min_length=1, max_length=500)]


class KeepLesson(Strict):
    """A lesson to be left in the room, and where it stands; null takes it away."""

    type: Literal["lesson"]
    lesson: Lesson | None
    at: Annotated[StrictInt, Field(ge=0, le=499)] = 0

    @model_validator(mode="after")
    def _at_a_step(self) -> KeepLesson:
        if self.at >= max(1, len(self.lesson.steps) if self.lesson else 1):
            raise ValueError("at: the index of a step")
        return self


class Close(Strict):
    """The lecture is over."""

    type: Literal["close"]


Hello = Annotated[HelloFollower | HelloScreen | HelloLead, Field(discriminator="role")]

Set = Annotated[SetView | SetPointer | SetCurtain | SetLive, Field(discriminator="slice")]

Said = Annotated[Set | Ask | Reveal | Withdraw | Answer | KeepLesson | Close, Field(discriminator="type")]

HELLO: TypeAdapter[Hello] = TypeAdapter(Hello)

SAID: TypeAdapter[Said] = TypeAdapter(Said)
