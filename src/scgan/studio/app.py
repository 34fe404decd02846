"""The studio as an ASGI application: guard, API and page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from fastapi.responses import Response
from starlette.types import ASGIApp

from scgan.studio import problems
from scgan.studio.guard import Guard
from scgan.studio.model import StudioModel
from scgan.studio.routes import router
from scgan.studio.site import read_site
from scgan.studio.worker import Worker


def create_app(
    models: Sequence[StudioModel], hosts: Collection[str], any_address: bool = False, token: str | None = None
) -> ASGIApp:
    """Put the parts together.

    Args:
        models: at least one, each with an id of its own.
        hosts, any_address, token: as in ``Guard``.
    """
    site = read_site()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.models = {model.id: model for model in models}
        # Two threads: a photo in which a face is looked for holds up no picture.
        app.state.model_worker, app.state.photo_worker = Worker("models"), Worker("photos")
        yield
        app.state.model_worker.close()
        app.state.photo_worker.close()

    app = FastAPI(
        title="scgan studio",
        summary="Pictures from masks, points, attributes and latents.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    problems.add_handlers(app)
    app.include_router(router, responses=problems.RESPONSES)

    @app.get("/{path:path}", include_in_schema=False)
    def page(path: str) -> Response:
        found = site.get(f"/{path}")
        if found is None:
            raise HTTPException(404, "there is nothing here.")
        return Response(found.content, media_type=found.media_type)

    return Guard(app, hosts, any_address, token)
