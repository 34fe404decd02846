"""Routes of photos that are edited: inversion in the background, edits, the photo at its full size."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response, StreamingResponse

from scgan.studio import messages
from scgan.studio.errors import error_text
from scgan.studio.photos import MAX_SAVED_SIDE, EditedPhoto, Photos, place_classes, place_landmarks
from scgan.studio.routes import (
    BINARY,
    FILE_BODY,
    Caller,
    File,
    JsonLinesResponse,
    Model,
    PhotoCrop,
    while_connected,
    workers_of,
)
from scgan.studio.worker import Stopping, Superseded, TooBusy
from scgan.utils.errors import UserError

router = APIRouter(prefix="/api/models")

_LINES: dict[int | str, dict[str, Any]] = {
    200: {"description": "a line with the photo, then lines of progress", "model": messages.InversionProgress}
}
_IMAGE: dict[int | str, dict[str, Any]] = {
    200: {"description": "a PNG or JPEG file", "content": {"image/png": BINARY, "image/jpeg": BINARY}}
}


def _photos_of(request: Request) -> Photos:
    photos: Photos = request.app.state.photos
    return photos


def _find_photo(model: Model, photo: str, request: Request) -> EditedPhoto:
    try:
        return _photos_of(request).get(photo, model)
    except KeyError as error:
        raise HTTPException(404, "the studio does not hold this photo any more: open it again.") from error


Photo = Annotated[EditedPhoto, Depends(_find_photo)]


class _PhotoResponse(Response):
    media_type = "image/jpeg"


@router.post("/{model}/invert", response_class=JsonLinesResponse, responses=_LINES, openapi_extra=FILE_BODY)
async def invert(
    model: Model, caller: Caller, request: Request, file: File, crop: PhotoCrop = None
) -> StreamingResponse:
    """Find the inputs that make a photo again, step by step.

    The first line of the response is an ``InvertedPhoto``, the others are ``InversionProgress``. Edits are possible
    from the first line on. A client that closes the connection stops the refinement; the photo stays as it is then. If
    a step fails, the last line is an ``ErrorResponse``.
    """
    if not model.can_detect and not model.synthesizer.can_segment:
        raise UserError("this model can neither detect landmarks nor segment photos: it cannot edit them.")
    workers = workers_of(request)

    def decode() -> Iterator[Any]:
        face = workers.files.read_face(file, crop) if model.can_detect else None
        yield workers.files.read_photo(file), face

    photo, face = await while_connected(request, workers.photos.first_result(caller, "invert", decode()))

    def place() -> Iterator[EditedPhoto]:
        placed = place_classes(model, photo, crop) if face is None else place_landmarks(model, photo, *face)
        yield EditedPhoto(model, photo, placed)

    edited = await while_connected(request, workers.models.first_result(caller, "invert", place()))
    photos = _photos_of(request)
    photos.add(caller.id.address, edited)
    results = workers.inversions.stream(caller, "invert", edited.refine(photos.settings))

    async def lines() -> AsyncIterator[bytes]:
        try:
            async for line in results:
                yield line.model_dump_json().encode() + b"\n"
        except (UserError, Superseded, TooBusy, Stopping) as error:
            yield json.dumps({"error": error_text(error)}).encode() + b"\n"

    return JsonLinesResponse(lines(), headers={"X-Accel-Buffering": "no"})


@router.post("/{model}/photos/{photo}/edit", response_class=_PhotoResponse, responses=_IMAGE)
async def edit(photo: Photo, caller: Caller, request: Request, body: messages.PhotoEdit) -> Response:
    """Edit a photo: a PNG of the part that the model sees, or a JPEG of the whole photo, reduced to a preview."""

    def steps() -> Iterator[bytes]:
        yield photo.edit(body)

    content = await while_connected(request, workers_of(request).models.first_result(caller, "image", steps()))
    return _PhotoResponse(content, media_type="image/jpeg" if body.into_photo else "image/png")


@router.post("/{model}/photos/{photo}/save", response_class=_PhotoResponse, responses=_IMAGE, openapi_extra=FILE_BODY)
async def save(photo: Photo, caller: Caller, request: Request, file: File) -> Response:
    """Put the last edit into the photo, which is sent once more: a JPEG with a longer side of at most 4096 pixels."""
    workers = workers_of(request)

    def decode() -> Iterator[Any]:
        yield workers.files.read_photo(file, MAX_SAVED_SIDE)

    pixels = await while_connected(request, workers.photos.first_result(caller, "save", decode()))
    draw, blend = photo.save_steps(pixels)
    await while_connected(request, workers.models.first_result(caller, "save", draw))
    return _PhotoResponse(await while_connected(request, workers.videos.first_result(caller, "save", blend)))
