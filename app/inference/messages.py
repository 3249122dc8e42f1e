"""The JSON objects of the protocol: requests checked, answers as they are described.

Source: Open Inference Protocol, version 2, REST; its binary tensor data extension.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, model_validator

from app.schemas.common import Strict
from app.schemas.examples import INFERENCE

_ELSEWHERE = ("classification", "shared_memory_region")
"""Parameters of an output that ask for something else than its numbers in the answer."""

Dimension = Annotated[StrictInt, Field(ge=1, lt=1 << 31)]
Name = Annotated[StrictStr, Field(max_length=255)]


class _Parameters(BaseModel):
    """What is not known here is passed over: parameters are where the protocol is extended."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class InputParameters(_Parameters):
    """How the numbers of an input travel."""

    binary_data_size: Annotated[
        StrictInt | None, Field(ge=0, description="they are so many bytes behind the JSON")
    ] = None


class OutputParameters(_Parameters):
    """How the numbers of an output are to travel."""

    binary_data: Annotated[
        StrictBool | None, Field(description="true: as bytes behind the JSON; overrides binary_data_output")
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _numbers_in_the_answer(cls, value: Any) -> Any:
        for name in _ELSEWHERE if isinstance(value, Mapping) else ():
            if name in value:
                raise ValueError(f"parameters without {name}; outputs are numbers in the answer itself")
        return value


class RequestParameters(_Parameters):
    """What holds for all outputs."""

    binary_data_output: Annotated[
        StrictBool | None, Field(description="true: all outputs as bytes behind the JSON")
    ] = None


class RequestInput(Strict):
    """A tensor that comes: its numbers as JSON, or as bytes behind it."""

    name: Name
    shape: Annotated[list[Dimension], Field(max_length=16)]
    datatype: Annotated[Name, Field(description="FP32, or one whose every number FP32 holds")]
    parameters: InputParameters | None = None
    data: Annotated[
        list[Any] | None, Field(description="numbers in row-major order, flat or nested as the shape says")
    ] = None

    @model_validator(mode="after")
    def _numbers_once(self) -> RequestInput:
        if (self.data is None) == (self.binary_data_size is None):
            raise ValueError("exactly one of data and parameters.binary_data_size")
        return self

    @property
    def binary_data_size(self) -> int | None:
        """Bytes behind the JSON; None where the numbers stand in it."""
        return None if self.parameters is None else self.parameters.binary_data_size


class RequestOutput(Strict):
    """A tensor that is wanted."""

    name: Name
    parameters: OutputParameters | None = None


class InferenceRequest(Strict):
    """Pictures, and what is wanted of them."""

    model_config = ConfigDict(protected_namespaces=(), json_schema_extra={"examples": [INFERENCE]})

    id: Annotated[StrictStr | None, Field(max_length=1000, description="repeated in the answer")] = None
    model_name: Annotated[StrictStr | None, Field(description="the path decides")] = None
    model_version: Annotated[StrictStr | None, Field(description="the path decides")] = None
    parameters: RequestParameters | None = None
    inputs: Annotated[list[RequestInput], Field(min_length=1, max_length=16)]
    outputs: Annotated[
        list[RequestOutput] | None, Field(max_length=1024, description="left out: the last nodes")
    ] = None

    def binary(self, output: RequestOutput) -> bool:
        """Whether an output is to travel as bytes."""
        own = None if output.parameters is None else output.parameters.binary_data
        if own is not None:
            return own
        return self.parameters is not None and bool(self.parameters.binary_data_output)


class Live(BaseModel):
    """Whether the server answers."""

    live: bool


class Ready(BaseModel):
    """Whether the server can work."""

    ready: bool


class ServerMetadata(BaseModel):
    """What the server is."""

    name: str
    version: str
    extensions: list[str]


class ModelReady(BaseModel):
    """Whether a model can be asked."""

    name: str
    ready: bool


class TensorMetadata(BaseModel):
    """An input or output; a size that may be any is -1."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, str | int] | None = None


class ModelMetadata(BaseModel):
    """What a model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]
    parameters: dict[str, str]


class ModelConfig(BaseModel):
    """The same as the model configuration extension tells it, without the axis of the pictures."""

    name: str
    platform: str
    max_batch_size: int
    input: list[dict[str, Any]]
    output: list[dict[str, Any]]


class AnswerOutput(BaseModel):
    """A tensor that goes."""

    name: str
    datatype: str
    shape: list[int]
    parameters: Annotated[
        dict[str, int] | None, Field(description="binary_data_size: bytes behind the JSON")
    ] = None
    data: Annotated[list[float] | None, Field(description="in row-major order, flat")] = None


class InferenceAnswer(BaseModel):
    """What became of the pictures."""

    model_config = ConfigDict(protected_namespaces=())

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[AnswerOutput]
