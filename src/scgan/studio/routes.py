"""The routes of the HTTP API: messages in, work for the models, messages out."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Body, Depends, Header, HTTPException, Request
from fastapi.responses import Response, StreamingResponse

from scgan.inference import manifest
from scgan.studio import messages, photos, ways
from scgan.studio.model import StudioModel, encoded, encoded_png
from scgan.studio.problems import sentence
from scgan.studio.worker import Client, Superseded, TooBusy, Worker
from scgan.utils.errors import UserError
from scgan.utils.images import png

Result = TypeVar("Result")

router = APIRouter(prefix="/api/models")


class _Png(Response):
    media_type = "image/png"


class _Lines(StreamingResponse):
    media_type = "application/x-ndjson"


class _FilmFile(Response):
    media_type = "video/mp4"


def _find_model(model: str, request: Request) -> StudioModel:
    found: StudioModel | None = request.app.state.models.get(model)
    if found is None:
        raise HTTPException(404, f"there is no model {model[:80]!r} here.")
    return found


def _name_client(
    request: Request,
    studio_client: Annotated[
        str | None,
        Header(
            max_length=64,
            description="a name that the caller makes up: clients take turns, and a newer request of one client takes "
            "the place of its older one of the same kind; without it every request is served",
        ),
    ] = None,
) -> Client:
    if studio_client is not None:
        return Client(f"client {studio_client}", replaces=True)
    return Client(f"address {request.client.host if request.client else ''}", replaces=False)


Model = Annotated[StudioModel, Depends(_find_model)]
Caller = Annotated[Client, Depends(_name_client)]
File = Annotated[bytes, Body(media_type="application/octet-stream", description="the file's bytes")]


@router.get("")
def list_models(request: Request) -> list[messages.ModelDescription]:
    """What is loaded, and what the channels of each model mean."""
    return [model.description() for model in request.app.state.models.values()]


@router.get("/{model}/examples")
def examples(model: Model) -> list[messages.Example]:
    """Masks and labels of the model's own test split."""
    return model.examples()


@router.post("/{model}/picture", response_class=_Png)
async def picture(model: Model, caller: Caller, request: Request, condition: messages.Condition) -> Response:
    """Make one picture, a PNG file."""
    recipe = model.recipe(condition)

    def steps() -> Iterator[bytes]:
        yield png(model.picture(recipe))

    return _Png(await _answer(request, _models(request).first(caller, "picture", steps())))


@router.post("/{model}/pictures")
async def pictures(
    model: Model, caller: Caller, request: Request, variations: messages.Variations
) -> messages.Pictures:
    """Make several pictures of one mask."""
    mask = model.segmentation(variations.segmentation)
    looks = [model.look(look) for look in variations.looks]

    def steps() -> Iterator[str]:
        for attributes, latent in looks:
            yield encoded_png(model.picture(manifest.ImageSpec("", "", mask, attributes, latent)))

    made = _models(request).stream(caller, "pictures", steps())
    return messages.Pictures(pictures=await _answer(request, _all(made)))


@router.post("/{model}/rasterize")
def rasterize(model: Model, face: messages.Face) -> messages.DrawnFace:
    """Draw the mask of 68 points; first turn the head, change its expression or mirror it, where that is asked."""
    return model.draw(face)


@router.post("/{model}/landmarks")
async def landmarks(model: Model, caller: Caller, request: Request, file: File) -> messages.DrawnFace:
    """Find the 68 points of the face in a photo (its central square)."""
    model.require_landmarks()

    def steps() -> Iterator[messages.DrawnFace]:
        yield model.drawn(photos.landmarks_in(photos.photo_from(file)))

    return await _answer(request, _photos(request).first(caller, "photo", steps()))


@router.post("/{model}/segment")
async def segment(model: Model, caller: Caller, request: Request, file: File) -> messages.Mask:
    """Find the model's classes in a photo (its central square), by the model's own segmentor."""

    def decode() -> Iterator[Any]:
        yield photos.square_of(photos.photo_from(file), model.schema.image_size)

    square = await _answer(request, _photos(request).first(caller, "photo", decode()))

    def steps() -> Iterator[str]:
        yield encoded(model.synthesizer.segment(square))

    return messages.Mask(segmentation=await _answer(request, _models(request).first(caller, "segment", steps())))


@router.post("/{model}/interpolate", response_class=_Lines)
async def interpolate(model: Model, caller: Caller, request: Request, way: messages.Way) -> StreamingResponse:
    """Go from one picture to another; each line of the answer is a frame (JSON), sent when it is made.

    When it fails half-way, the last line is an error like those of other answers.
    """
    made = _models(request).stream(caller, "interpolate", ways.frames(model, way))

    async def lines() -> AsyncIterator[bytes]:
        try:
            async for image, mask in made:
                frame = messages.Frame(picture=encoded_png(image), segmentation=encoded(mask))
                yield frame.model_dump_json().encode() + b"\n"
        except (UserError, Superseded, TooBusy) as error:
            yield json.dumps({"error": sentence(error)}).encode() + b"\n"

    return _Lines(lines())


@router.post("/{model}/film", response_class=_FilmFile)
async def film(model: Model, caller: Caller, request: Request, message: messages.Film) -> Response:
    """The way from one picture to another as a GIF or MP4 file."""
    made = _models(request).stream(caller, "film", ways.film(model, message))
    content = (await _answer(request, _all(made)))[-1]
    return _FilmFile(content, media_type="image/gif" if message.container == "gif" else "video/mp4")


@router.post("/{model}/mask", response_class=_Png)
def mask_file(model: Model, mask: messages.Mask) -> Response:
    """A mask as a palette PNG: its indices are the classes."""
    return _Png(model.mask_file(model.segmentation(mask.segmentation)))


@router.post("/{model}/manifest")
def manifest_file(model: Model, condition: messages.Condition) -> dict[str, Any]:
    """The JSON from which ``scgan generate --from`` makes the picture again."""
    recipe = model.recipe(condition)
    mask = manifest.MASK_DATA_URI + b64encode(model.mask_file(recipe.segmentation)).decode()
    return manifest.manifest(model.synthesizer, [(recipe, mask)])


@router.post("/{model}/open")
async def open_file(model: Model, caller: Caller, request: Request, file: File) -> messages.Opened:
    """Read a mask file (index, palette or class colours), or a JSON file that the studio saved."""

    def steps() -> Iterator[messages.Opened]:
        yield model.opened(file)

    return await _answer(request, _photos(request).first(caller, "open", steps()))


def _models(request: Request) -> Worker:
    worker: Worker = request.app.state.model_worker
    return worker


def _photos(request: Request) -> Worker:
    worker: Worker = request.app.state.photo_worker
    return worker


async def _answer(request: Request, work: Awaitable[Result]) -> Result:
    """Wait for work, but not longer than the client does."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnect(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise HTTPException(400, "the client has gone.")
    finally:
        for waiting in (task, gone):
            waiting.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _all(results: AsyncIterator[Result]) -> list[Result]:
    return [result async for result in results]
