"""The one shape of an error."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ProblemParams(BaseModel):
    """What the sentence about a problem is built from, in any language."""

    argument: str | None = Field(None, description="the parameter, field or thing at fault")
    value: Any = Field(None, description="what was given, shortened")
    allowed: str | None = Field(None, description="what would have been accepted, in English")


class ProblemAnswer(BaseModel):
    """An error as RFC 9457 problem details, `application/problem+json`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/docs#unknown-image",
                    "title": "Unknown image",
                    "status": 404,
                    "detail": "image is 'img_00000000000000000000'; allowed: the id of an upload, …",
                    "code": "unknown-image",
                    "params": {"argument": "image", "value": "img_00000000000000000000", "allowed": "…"},
                    "request_id": "1f0c5d2a9be34c77",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="kebab-case kind of problem, stable across versions")
    params: ProblemParams
    request_id: str = Field(description="also in the header X-Request-Id and in the server's log")
    error: str = Field("", description="of the open inference protocol: detail, as its clients call it")
