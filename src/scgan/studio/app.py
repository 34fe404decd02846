"""Studio as an ASGI application: guard, API and page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.resources.abc import Traversable

from fastapi import FastAPI, HTTPException
from fastapi.responses import Response
from starlette.types import ASGIApp

from scgan.inversion.invert import InversionSettings
from scgan.studio import errors, photo_routes
from scgan.studio.addresses import Addresses
from scgan.studio.description import describe_api
from scgan.studio.guard import Guard
from scgan.studio.model import StudioModel
from scgan.studio.page_files import read_page
from scgan.studio.photos import SETTINGS, Photos
from scgan.studio.routes import router
from scgan.studio.workers import Workers
from scgan.utils.memory import release_memory

_RELEASE_SECONDS = 10.0


def create_app(
    models: Sequence[StudioModel],
    addresses: Addresses,
    *,
    token: str | None = None,
    page_folder: Traversable | None = None,
    workers: Workers | None = None,
    inversion: InversionSettings = SETTINGS,
) -> ASGIApp:
    """Create the application.

    Args:
        models: at least one, each with its own id.
        addresses, token: as in ``Guard``.
        page_folder: as in ``read_page``.
        workers: threads that compute; the caller may close them early, which ends all responses.
        inversion: numbers of steps that refine a photo.
    """
    page = read_page(page_folder)

    workers = Workers() if workers is None else workers

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.models = {model.id: model for model in models}
        app.state.workers = workers
        app.state.photos = Photos(inversion)
        workers.start()
        regular = asyncio.create_task(_release_memory_regularly(app.state.photos))
        yield
        regular.cancel()
        workers.close()

    app = FastAPI(
        title="scgan studio",
        summary="Images from masks, landmarks, attributes and latents.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page would load scripts from other servers
        redoc_url=None,
        lifespan=lifespan,
    )
    errors.add_handlers(app)
    for part in (router, photo_routes.router):
        app.include_router(part, responses=errors.RESPONSES)
    description = describe_api(app, models, token is not None)
    app.openapi = lambda: description  # type: ignore[method-assign]

    @app.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def page_file(path: str) -> Response:
        file = page.get(f"/{path}")
        if file is None:
            raise HTTPException(404, "page not found.")
        return Response(file.content, media_type=file.media_type)

    size = max(model.schema.image_size for model in models)
    return Guard(app, addresses, token, max_json_bytes=2**17 + 3 * size**2)  # two masks as base64, and the rest


async def _release_memory_regularly(photos: Photos) -> None:
    """Forget idle photos; return the memory of uploads, videos and large responses to the system, in a thread."""
    while True:
        await asyncio.sleep(_RELEASE_SECONDS)
        photos.forget_idle()
        await asyncio.to_thread(release_memory)
