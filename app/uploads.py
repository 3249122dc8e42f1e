"""Reads a file from a request: the whole body, or one field of a form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from fastapi import HTTPException, Request, UploadFile
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect

from app.limits import Limits
from app.problems import Problem


@dataclass(frozen=True)
class Upload:
    """A file, and the other fields of its form."""

    data: bytes
    filename: str | None = None
    """As the client sent it: to be shown, after ``services.images.display_name``, and for nothing else."""
    fields: Mapping[str, str] = field(default_factory=dict)


async def read_upload(
    request: Request, limits: Limits, *, file_field: str = "file", fields: Collection[str] | None = ()
) -> Upload:
    """The file of a request.

    Args:
        request: ``multipart/form-data`` with one file, or any other type, whose body is then the file.
        limits: of the server; the body's size is bounded before this.
        file_field: name of the form's field with the file.
        fields: names that the other fields may have; None lets the caller check them.

    Raises:
        Problem: ``missing-field``, ``unknown-field``, ``invalid-argument``, ``malformed-body``.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return Upload(await request.body())
    try:
        form = await request.form(
            max_files=8, max_fields=limits.form_fields, max_part_size=limits.form_field_bytes
        )
    except (HTTPException, ClientDisconnect):
        raise
    # Whatever the parser stumbles over was sent by the client.
    except Exception as error:
        raise Problem("malformed-body", "body", allowed="multipart/form-data with its boundary") from error
    try:
        return await _one_file(form, file_field, fields)
    finally:
        await form.close()


async def _one_file(form: FormData, file_field: str, allowed: Collection[str] | None) -> Upload:
    fields: dict[str, str] = {}
    file: UploadFile | None = None
    for name, value in form.multi_items():
        if name == file_field:
            if not hasattr(value, "read"):
                raise Problem("invalid-argument", name, value, f"a file (curl: -F {name}=@picture.jpg)")
            if file is not None:
                raise Problem("invalid-argument", name, "several files", "one file")
            file = value  # type: ignore[assignment]
        elif allowed is not None and name not in allowed:
            known = ", ".join([file_field, *allowed])
            raise Problem("unknown-field", name, None if hasattr(value, "read") else value, known)
        elif not isinstance(value, str):
            raise Problem("invalid-argument", name, value.filename, f"text; the file is called {file_field}")
        elif name in fields:
            raise Problem("invalid-argument", name, "several values", "one value")
        else:
            fields[name] = value
    if file is None:
        raise Problem("missing-field", file_field, allowed="a file; this field is required")
    return Upload(await file.read(), file.filename, fields)
