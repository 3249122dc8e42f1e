"""Pictures: upload, samples, and each as description, PNG or array."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from fastapi.responses import JSONResponse

from app.caching import cache_headers, not_modified
from app.dependencies import ImagesDep, SettingsDep
from app.negotiation import MEDIA_TYPES, Form, choose_form
from app.routing import api_router
from app.schemas.images import ImageAnswer, ImageList
from app.services.images import Images, display_name
from app.uploads import read_upload

router = api_router("/images", tags=["images"])

ImageName = Annotated[str, Path(description="a sample's name or the id of a picture", examples=["chelsea"])]
MaxPx = Annotated[
    int | None,
    Query(
        ge=1,
        le=16_384,
        description="the longer side of a PNG; the picture is averaged over areas, never enlarged",
    ),
]

_FILE = {"type": "string", "format": "binary"}
_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "a JPEG, PNG, GIF, WebP or BMP file: as the form's field `file`, or as the whole body",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": _FILE},
                    "required": ["file"],
                    "additionalProperties": False,
                }
            },
            "image/*": {"schema": _FILE},
        },
    },
    "x-example": "curl -F file=@cat.jpg localhost:8000/api/v1/images",
}


@router.post(
    "",
    status_code=201,
    response_model=ImageAnswer,
    summary="Upload a picture",
    responses={200: {"model": ImageAnswer, "description": "the same file is here already"}},
    openapi_extra=_UPLOAD,
)
async def upload(
    request: Request,
    images: ImagesDep,
    settings: SettingsDep,
    name: Annotated[
        str | None, Query(max_length=255, description="a name to be shown", examples=["cat.jpg"])
    ] = None,
) -> Response:
    """Keeps a picture and gives its id; 201 where it is new, 200 where the same file is here already.

    Of an animation the first frame is taken; EXIF's orientation is applied; what is transparent is laid over
    white; grey stays grey; 16 bits become 8; colour profiles are not applied.
    """
    file = await read_upload(request, settings.limits)
    record, created = await images.add(file.data)
    answer = ImageAnswer.of(record, display_name(name or file.filename))
    headers = {"Location": answer.url} if created else {}
    return JSONResponse(answer.model_dump(), 201 if created else 200, headers)


@router.get("", summary="The samples")
def samples(images: ImagesDep) -> ImageList:
    """The built-in pictures; never what visitors have uploaded."""
    return ImageList(images=[ImageAnswer.of(record) for record in images.samples()])


@router.get(
    "/{image}.png",
    summary="A picture as PNG",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
def as_png(request: Request, image: ImageName, images: ImagesDep, max_px: MaxPx = None) -> Response:
    """The picture, encoded anew: it holds pixels and nothing else of the file."""
    return _content(request, images, image, "png", max_px)


@router.get(
    "/{image}.npy",
    summary="A picture as an array",
    response_class=Response,
    responses={200: {"content": {"application/x-npy": {}}}},
)
def as_npy(request: Request, image: ImageName, images: ImagesDep) -> Response:
    """uint8, (channels, rows, columns)."""
    return _content(request, images, image, "npy")


@router.get("/{image}", response_model=ImageAnswer, summary="What is known of a picture")
def describe(request: Request, image: ImageName, images: ImagesDep) -> Response:
    """Its size and format; as PNG or array where the header Accept asks for it."""
    return _content(
        request, images, image, choose_form(None, request.headers.get("accept"), ("json", "png", "npy"))
    )


@router.delete("/{image}", status_code=204, response_class=Response, summary="Forget an upload")
def delete(image: ImageName, images: ImagesDep) -> Response:
    """Forgets a picture; the samples stay."""
    images.delete(image)
    return Response(status_code=204)


def _content(request: Request, images: Images, image: str, form: Form, max_px: int | None = None) -> Response:
    record = images.get(image).record
    # A sample's name may stand for another picture in the next version; an id never does.
    immutable = image == record.id
    tag = f"{record.id}-{form}{max_px or ''}"
    known = not_modified(request, tag, immutable=immutable)
    if known is not None:
        return known
    headers = cache_headers(tag, immutable=immutable) | {"Vary": "Accept"}
    if form == "json":
        return JSONResponse(ImageAnswer.of(record).model_dump(), headers=headers)
    content = images.png(image, max_px) if form == "png" else images.npy(image)
    return Response(content, headers=headers, media_type=MEDIA_TYPES[form])
