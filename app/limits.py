"""Every limit of the server in one table: its name, default, unit and reason.

Each is set by an environment variable, ``CONVSCOPE_LIMITS__UPLOAD_BYTES`` for instance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field


def _limit(default: float, unit: str, why: str) -> Any:
    return Field(default, gt=0, description=why, json_schema_extra={"unit": unit})


MIB = 1 << 20


class Limits(BaseModel):
    """What one request may ask for; checked from headers and shapes, before any work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests_in_flight: int = _limit(1024, "at once", "those waiting take memory, too")
    requests_per_second: float = _limit(
        1000.0, "requests per second and address", "a whole hall may share an address, and a script is quick"
    )
    request_burst: int = _limit(10_000, "requests at one blow", "three hundred who open the page together")
    upload_bytes: int = _limit(20 * MIB, "bytes", "a photograph of any telephone")
    image_pixels: int = _limit(40_000_000, "pixels", "decoded, 120 MB of memory")
    image_side_px: int = _limit(16_384, "pixels", "no browser shows a longer side")
    jpeg_scans: int = _limit(100, "scans", "with thousands, 58 KB hold a decoder for 19 s")
    jpeg_scan_pixels: int = _limit(400_000_000, "scans × pixels", "ten scans of the largest picture")
    decode_s: float = _limit(5.0, "seconds", "the largest picture takes two")
    decode_memory_bytes: int = _limit(2048 * MIB, "bytes", "twice what the largest picture needs")
    request_s: float = _limit(10.0, "seconds", "nobody waits longer for a click")
    build_s: float = _limit(30.0, "seconds", "VGG-16 is drawn in three, on a busy machine in ten")
    body_s: float = _limit(30.0, "seconds", "sent by drops, a body would hold its connection for ever")
    uploads_per_address: int = _limit(8, "uploads at once", "one visitor leaves room for others")
    uploads_waiting: int = _limit(64, "uploads of one address", "a class that sends its pictures together")
    json_body_bytes: int = _limit(4 * MIB, "bytes", "a specification with 200,000 weights as text")
    json_numbers: int = _limit(10_000, "numbers", "more travel as .npy, a hundred times quicker")
    form_fields: int = _limit(64, "fields", "no operation has as many parameters")
    form_field_bytes: int = _limit(MIB // 4, "bytes", "a kernel of 10,000 numbers as text")
    model_upload_bytes: int = _limit(256 * MIB, "bytes", "AlexNet takes 244 MB")
    model_uploads: int = _limit(4, "files at once", "each is held in memory while it is read")
    import_nodes: int = _limit(1000, "nodes of a file", "DenseNet-201 has 700")
    import_numbers: int = _limit(67_000_000, "numbers in the weights of a file", "268 MB of memory")
    import_s: float = _limit(20.0, "seconds", "the largest file takes four, on a busy machine more")
    import_memory_bytes: int = _limit(3072 * MIB, "bytes", "address space of the process that reads a file")
    model_nodes: int = _limit(256, "nodes", "the deepest networks that the page can show")
    weight_numbers: int = _limit(20_000_000, "numbers", "80 MB of memory")
    activation_numbers: int = _limit(64_000_000, "numbers per run", "256 MB of memory")
    answer_numbers: int = _limit(32_000_000, "numbers per answer", "128 MB; more is asked for in parts")
    inference_pictures: int = _limit(256, "pictures per inference", "a batch; more are asked for in several")
    vector_numbers: int = _limit(32_768, "numbers of an overview's vector", "more than most layers have")
    weight_sources: int = _limit(4, "models whose weights one takes", "each of them is held in memory")
    steps: int = _limit(1024, "steps per request", "an animation asks again before it has shown them")
    step_terms: int = _limit(100_000, "terms per request for steps", "5 MB of JSON")
    live_connections: int = _limit(8, "cameras at once", "each keeps a core busy for a third of its time")
    live_frame_bytes: int = _limit(MIB, "bytes", "a frame of 1280 × 720 as JPEG takes 200 KB")
    live_frame_pixels: int = _limit(2_100_000, "pixels", "1920 × 1080; a net sees far fewer")
    live_outputs: int = _limit(256, "outputs of a frame", "as many as a model may have nodes")
    live_idle_s: float = _limit(300.0, "seconds", "a camera that sends nothing gives its place to others")
    rooms: int = _limit(128, "rooms at once", "each keeps its state, some 100 KB at most")
    rooms_per_address: int = _limit(8, "rooms opened per hour", "nobody lectures in more")
    room_listeners: int = _limit(600, "listeners of one room", "the largest hall, and two devices for some")
    room_idle_s: float = _limit(12 * 3600.0, "seconds", "a lecture, its break, and the next one")
    room_hello_s: float = _limit(10.0, "seconds", "a connection that does not say who it is makes room")
    room_codes_per_minute: int = _limit(
        30,
        "wrong codes per minute and address",
        "a hall behind one address mistypes; guessing takes years",
    )
    room_message_bytes: int = _limit(64 << 10, "bytes", "an address with a kernel of 4096 numbers")
    room_messages_per_second: int = _limit(60, "messages per second and listener", "a drag sends twenty")
    room_queue: int = _limit(64, "messages", "a listener further behind gets the latest state alone")
    lesson_bytes: int = _limit(256 << 10, "bytes", "a hundred views with their notes")
    terms: int = _limit(4096, "terms per answer", "nobody reads more; the sum of the others is given")


class LimitRow(NamedTuple):
    """One line of the table."""

    name: str
    value: float
    unit: str
    why: str


def limit_rows(limits: Limits) -> Iterator[LimitRow]:
    """The table with the values in force.

    >>> next(limit_rows(Limits()))
    LimitRow(name='requests_in_flight', value=1024, unit='at once', why='those waiting take memory, too')
    """
    for name, field in Limits.model_fields.items():
        extra = field.json_schema_extra
        unit = str(extra["unit"]) if isinstance(extra, dict) else ""
        yield LimitRow(name, getattr(limits, name), unit, field.description or "")
