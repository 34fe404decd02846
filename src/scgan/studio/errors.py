"""Exception handlers. Every error becomes a response with one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from scgan.studio.messages import ErrorResponse
from scgan.studio.worker import Stopping, Superseded, TooBusy
from scgan.utils.errors import UserError

RESPONSES: dict[int | str, dict[str, object]] = {
    status: {"model": ErrorResponse, "description": text}
    for status, text in {
        400: "the client disconnected, or sent no valid HTTP",
        401: "the token is missing or wrong",
        403: "the request comes from another website or names another host",
        404: "no such model, or a photo that the studio does not hold any more",
        408: "the body took too long to arrive",
        409: "replaced by a newer request of the same client",
        413: "the body is too large",
        415: "the body is not JSON",
        422: "the request is invalid",
        429: "too many requests of this visitor at once",
        503: "the server is too busy, or is being stopped",
    }.items()
}


def error_text(error: Exception) -> str:
    """Format an error as one sentence for a person."""
    if isinstance(error, Superseded):
        return "A newer request replaced this one."
    if isinstance(error, TooBusy):
        return "The studio is too busy: try again in a moment."
    if isinstance(error, Stopping):
        return "The studio is being stopped."
    text = str(error.detail if isinstance(error, HTTPException) else error)
    return text[:1].upper() + text[1:].rstrip(".") + "."


def error_response(sentence: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Create the response of an error. Lone surrogates, which JSON can hold and UTF-8 cannot, become question marks."""
    return JSONResponse({"error": sentence.encode("utf-8", "replace").decode()}, status, headers)


def add_handlers(app: FastAPI) -> None:
    """Make the application answer every error with an ``ErrorResponse``."""

    def handler(status: int) -> Callable[[Request, Exception], Response]:
        return lambda request, error: error_response(error_text(error), status)

    for kind, status in ((UserError, 422), (Superseded, 409), (TooBusy, 503), (Stopping, 503)):
        app.add_exception_handler(kind, handler(status))

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        sentence = error_text(error)
        if error.detail in (HTTPStatus.NOT_FOUND.phrase, HTTPStatus.METHOD_NOT_ALLOWED.phrase):
            sentence = f"The studio has no {request.method} {request.url.path[:200]}: /api/openapi.json lists its API."
        return error_response(sentence, error.status_code, error.headers)

    @app.exception_handler(RequestValidationError)
    def validation_error(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return error_response("The request's body is not JSON.", 422)
        location = " → ".join(str(part)[:80] for part in first["loc"] if part != "body") or "the request"
        return error_response(f"{location}: {first['msg'][:300]}.", 422)

    @app.exception_handler(Exception)
    def internal_error(request: Request, error: Exception) -> Response:
        return error_response("Internal error: see the studio's terminal.", 500)
