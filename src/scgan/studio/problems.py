"""Everything that goes wrong becomes an answer with one sentence."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from scgan.studio.messages import Problem
from scgan.studio.worker import Superseded, TooBusy
from scgan.utils.errors import UserError

RESPONSES: dict[int | str, dict[str, object]] = {
    status: {"model": Problem, "description": text}
    for status, text in {
        401: "the token is missing",
        403: "not the studio's own page",
        404: "no such model",
        409: "a newer request of the same client took this one's place",
        413: "too many bytes",
        422: "something in the request is wrong",
        503: "too many requests wait",
    }.items()
}


def sentence(error: Exception) -> str:
    """What a person reads."""
    if isinstance(error, Superseded):
        return "A newer request took this one's place."
    if isinstance(error, TooBusy):
        return "Too many people wait for this studio: try again in a moment."
    text = str(error.detail if isinstance(error, HTTPException) else error)
    return text[:1].upper() + text[1:].rstrip(".") + "."


def add_handlers(app: FastAPI) -> None:
    """Have the application answer every error with a ``Problem``."""

    def answer(status: int) -> Callable[[Request, Exception], Response]:
        return lambda request, error: JSONResponse({"error": sentence(error)}, status)

    for kind, status in ((UserError, 422), (Superseded, 409), (TooBusy, 503)):
        app.add_exception_handler(kind, answer(status))

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        return JSONResponse({"error": sentence(error)}, error.status_code)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return JSONResponse({"error": "The request's body is not JSON."}, 422)
        where = " → ".join(str(part)[:80] for part in first["loc"] if part != "body") or "the request"
        return JSONResponse({"error": f"{where}: {first['msg'][:300]}."}, 422)

    @app.exception_handler(Exception)
    def bug(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": "Something went wrong that should not: see the studio's terminal."}, 500)
