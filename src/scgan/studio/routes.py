"""Routes of the HTTP API. They check messages, queue work for the models, and format responses."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Annotated, Any, TypeVar

import numpy as np
from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import ValidationError

from scgan.data.images import cut_photo
from scgan.inference import manifest
from scgan.inference.photo_placement import place_photo
from scgan.studio import messages
from scgan.studio.addresses import visitor_network
from scgan.studio.animation import animation_frames, animation_images
from scgan.studio.encoder import encode_video
from scgan.studio.errors import error_text
from scgan.studio.model import StudioModel, encode_mask, encode_png
from scgan.studio.placement import to_crop, to_square
from scgan.studio.worker import Client, Stopping, Superseded, TooBusy
from scgan.studio.workers import Workers
from scgan.utils.errors import UserError, describe_error
from scgan.utils.images import png

Result = TypeVar("Result")

router = APIRouter(prefix="/api/models")


class _PngResponse(Response):
    media_type = "image/png"


BINARY = {"schema": {"type": "string", "format": "binary"}}
_PNG: dict[int | str, dict[str, Any]] = {200: {"description": "a PNG file", "content": {"image/png": BINARY}}}
_LINES: dict[int | str, dict[str, Any]] = {
    200: {"description": "lines, each of which is a frame as JSON, or an error", "model": messages.AnimationFrame}
}
_VIDEO: dict[int | str, dict[str, Any]] = {
    200: {"description": "a file of the container", "content": {"video/mp4": BINARY, "image/gif": BINARY}}
}


class JsonLinesResponse(StreamingResponse):
    media_type = "application/x-ndjson"


class _VideoResponse(Response):
    media_type = "video/mp4"


def _find_model(model: str, request: Request) -> StudioModel:
    loaded: StudioModel | None = request.app.state.models.get(model)
    if loaded is None:
        raise HTTPException(404, f"no model is called {model[:80]!r}.")
    return loaded


def _identify_client(
    request: Request,
    studio_client: Annotated[
        str | None,
        Header(
            max_length=64,
            description="name of the client. A newer request of the same name and kind replaces an older one. "
            "Without a name every request is answered.",
        ),
    ] = None,
) -> Client:
    address = visitor_network(request.client.host) if request.client else ""
    return Client(studio_client or "", replaces=studio_client is not None, address=address)


async def _read_file(request: Request) -> bytes:
    """Read the body as it is. FastAPI would parse the files of some media types."""
    return await request.body()


def _read_crop(
    left: Annotated[
        float | None, Query(ge=-1, le=1, description="left edge of the part, in fractions of the longer side")
    ] = None,
    top: Annotated[float | None, Query(ge=-1, le=1, description="its upper edge")] = None,
    side: Annotated[float | None, Query(ge=0.02, le=1.5, description="its side; all three or none")] = None,
) -> messages.Crop | None:
    values = {"left": left, "top": top, "side": side}
    if all(value is None for value in values.values()):
        return None
    try:
        return messages.Crop.model_validate(values)
    except ValidationError as error:
        raise UserError(f"the part of the photo is invalid ({describe_error(error)}).") from error


Model = Annotated[StudioModel, Depends(_find_model)]
Caller = Annotated[Client, Depends(_identify_client)]
PhotoCrop = Annotated[messages.Crop | None, Depends(_read_crop)]
File = Annotated[bytes, Depends(_read_file)]

FILE_BODY = {
    "requestBody": {
        "required": True,
        "description": "content of the file",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("")
def models(request: Request) -> list[messages.ModelDescription]:
    """List the loaded models with their classes and attributes."""
    return [model.description() for model in request.app.state.models.values()]


@router.get("/{model}/examples")
def examples(model: Model) -> list[messages.Example]:
    """Return masks and attributes of the model's test split."""
    return model.examples()


@router.post("/{model}/image", response_class=_PngResponse, responses=_PNG)
async def image(model: Model, caller: Caller, request: Request, body: messages.ImageInputs) -> Response:
    """Generate one image as a PNG file."""
    spec = model.image_spec(body)

    def steps() -> Iterator[bytes]:
        yield png(model.generate(spec))

    return _PngResponse(
        await while_connected(request, workers_of(request).models.first_result(caller, "image", steps()))
    )


@router.post("/{model}/images")
async def images(model: Model, caller: Caller, request: Request, body: messages.VariationsRequest) -> messages.Images:
    """Generate several images of one mask."""
    mask = model.segmentation(body.segmentation)
    appearances = [model.appearance(appearance) for appearance in body.appearances]

    def steps() -> Iterator[str]:
        for attributes, latent in appearances:
            yield encode_png(model.generate(manifest.ImageSpec("", "", mask, attributes, latent)))

    results = workers_of(request).models.stream(caller, "images", steps())
    return messages.Images(images=await while_connected(request, _collect(results)))


@router.post("/{model}/rasterize")
async def rasterize(model: Model, caller: Caller, request: Request, body: messages.FaceRequest) -> messages.FaceMask:
    """Draw the mask of 68 points. On request, align or mirror the face or change its expression first."""
    return await _draw(request, caller, lambda: model.draw_face(body))


@router.post("/{model}/landmarks", openapi_extra=FILE_BODY)
async def landmarks(
    model: Model, caller: Caller, request: Request, file: File, crop: PhotoCrop = None
) -> messages.DetectedFace:
    """Detect the 68 points of the face in a part of a photo, by default in its central square."""
    model.require_landmarks()

    workers = workers_of(request)

    def steps() -> Iterator[messages.DetectedFace]:
        points, part = workers.files.read_face(file, crop)
        yield messages.DetectedFace(**model.face_mask(points).model_dump(), crop=part)

    return await while_connected(request, workers.photos.first_result(caller, "photo", steps()))


@router.post("/{model}/segment", openapi_extra=FILE_BODY)
async def segment(
    model: Model, caller: Caller, request: Request, file: File, crop: PhotoCrop = None
) -> messages.SegmentedPhoto:
    """Segment a part of a photo with the model's segmentor.

    By default the part is placed as the model's data were: the central square, a square around the foreground, or the
    whole photo.
    """
    if not model.synthesizer.can_segment:
        raise UserError("this model has no segmentor (segmentor.safetensors): it cannot segment photos.")

    workers = workers_of(request)

    def decode() -> Iterator[Any]:
        yield workers.files.read_photo(file)

    photo = await while_connected(request, workers.photos.first_result(caller, "photo", decode()))

    def steps() -> Iterator[messages.SegmentedPhoto]:
        square = place_photo(model.synthesizer, photo) if crop is None else to_square(crop, photo)
        mask = model.synthesizer.segment(cut_photo(photo, square, model.schema.image_size))
        yield messages.SegmentedPhoto(segmentation=encode_mask(mask), crop=to_crop(square, photo))

    return await while_connected(request, workers.models.first_result(caller, "segment", steps()))


@router.post("/{model}/animation", response_class=JsonLinesResponse, responses=_LINES)
async def animation(
    model: Model, caller: Caller, request: Request, body: messages.AnimationRequest
) -> StreamingResponse:
    """Generate the frames between two images. Each line of the response is an ``AnimationFrame`` as JSON.

    Lines are sent as soon as they are ready. If a frame fails, the last line is an ``ErrorResponse``.
    """
    images = animation_frames(model, body)

    def steps() -> Iterator[bytes]:
        for pixels, mask in images:
            frame = messages.AnimationFrame(image=encode_png(pixels), segmentation=encode_mask(mask))
            yield frame.model_dump_json().encode() + b"\n"

    frames = workers_of(request).models.stream(caller, "animation", steps())

    async def lines() -> AsyncIterator[bytes]:
        try:
            async for line in frames:
                yield line
        except (UserError, Superseded, TooBusy, Stopping) as error:
            yield json.dumps({"error": error_text(error)}).encode() + b"\n"

    return JsonLinesResponse(lines(), headers={"X-Accel-Buffering": "no"})  # nginx would hold the first lines back


@router.post("/{model}/video", response_class=_VideoResponse, responses=_VIDEO)
async def video(model: Model, caller: Caller, request: Request, body: messages.VideoRequest) -> Response:
    """Generate the animation between two images as a GIF or MP4 file."""
    images = workers_of(request).models.stream(caller, "video", animation_images(model, body))
    frames = await while_connected(request, _collect(images))

    def steps() -> Iterator[bytes]:
        yield encode_video(np.stack(frames), body.container, body.frame_rate, body.ping_pong)

    content = await while_connected(request, workers_of(request).videos.first_result(caller, "video", steps()))
    return _VideoResponse(content, media_type="image/gif" if body.container == "gif" else "video/mp4")


@router.post("/{model}/mask", response_class=_PngResponse, responses=_PNG)
async def mask(model: Model, caller: Caller, request: Request, body: messages.Mask) -> Response:
    """Encode a mask as a palette PNG. Its indices are the classes."""
    file = await _draw(request, caller, lambda: model.mask_file(model.segmentation(body.segmentation)))
    return _PngResponse(file)


@router.post("/{model}/manifest")
async def image_manifest(model: Model, caller: Caller, request: Request, body: messages.ImageInputs) -> dict[str, Any]:
    """Write the JSON from which ``scgan generate --from`` generates the image again."""

    def write() -> dict[str, Any]:
        spec = model.image_spec(body)
        mask_file = manifest.MASK_DATA_URI + b64encode(model.mask_file(spec.segmentation)).decode()
        return manifest.manifest(model.synthesizer, [(spec, mask_file)])

    return await _draw(request, caller, write)


@router.post("/{model}/open", openapi_extra=FILE_BODY)
async def open_file(model: Model, caller: Caller, request: Request, file: File) -> messages.OpenedFile:
    """Read a mask file (class indices, palette or class colours) or a JSON file that the studio saved."""

    workers = workers_of(request)

    def steps() -> Iterator[messages.OpenedFile]:
        yield model.open_file(file, workers.files)

    return await while_connected(request, workers.photos.first_result(caller, "open", steps()))


def workers_of(request: Request) -> Workers:
    workers: Workers = request.app.state.workers
    return workers


async def _draw(request: Request, caller: Client, work: Callable[[], Result]) -> Result:
    """Compute something short, in turn with other visitors."""

    def steps() -> Iterator[Result]:
        yield work()

    results = workers_of(request).drawings.first_result(caller.keeping_all(), "draw", steps())
    return await while_connected(request, results)


async def while_connected(request: Request, work: Awaitable[Result]) -> Result:
    """Wait for the result, and cancel the work when the client disconnects."""
    work_task = asyncio.ensure_future(work)
    disconnect_task = asyncio.ensure_future(_wait_for_disconnect(request))
    try:
        await asyncio.wait({work_task, disconnect_task}, return_when=asyncio.FIRST_COMPLETED)
        if work_task.done():
            return work_task.result()
        raise HTTPException(400, "the client disconnected.")
    finally:
        for task in (work_task, disconnect_task):
            task.cancel()
        await asyncio.gather(work_task, disconnect_task, return_exceptions=True)


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _collect(results: AsyncIterator[Result]) -> list[Result]:
    return [result async for result in results]
