"""OpenAPI description of the HTTP API, with what FastAPI cannot know: media types of errors, models, examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from scgan.studio.model import StudioModel

_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "the token, if the studio printed one"},
    "header": {"type": "apiKey", "in": "header", "name": "Studio-Token", "description": "the token as well"},
}


def describe_api(app: FastAPI, models: Sequence[StudioModel], has_token: bool) -> dict[str, Any]:
    """Describe the routes of the application.

    Args:
        app: its routes.
        models: their ids are the values of the path parameter; the first one gives examples of the messages.
        has_token: requests must send a token.
    """
    text = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    examples = _examples(models[0]) if models else {}
    for path, operations in text["paths"].items():
        for operation in operations.values():
            operation["operationId"] = path.rpartition("/")[2]
            for parameter in operation.get("parameters", []):
                if parameter["name"] == "model":
                    parameter["schema"] = {"type": "string", "enum": [model.id for model in models]}
            for status, response in operation["responses"].items():
                if status >= "400":
                    response["content"] = _ERROR
            _add_example(operation, examples)
    components = text["components"]
    components["examples"] = {name: {"value": value} for name, value in examples.items()}
    if has_token:
        components["securitySchemes"] = _SECURITY
        text["security"] = [{name: []} for name in _SECURITY]
    return text


def _add_example(operation: dict[str, Any], examples: dict[str, Any]) -> None:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is None:
        return
    name = body["schema"]["$ref"].rpartition("/")[2]
    if name in examples:
        body["examples"] = {name: {"$ref": f"#/components/examples/{name}"}}


def _examples(model: StudioModel) -> dict[str, Any]:
    """Messages about the first example of a model, by the names of their schemas."""
    stored = model.examples()
    if not stored:
        return {}
    example = stored[0].model_dump()
    spec = {**example, "latent": {"seed": 7}}
    animation = {"start": spec, "end": {**spec, "latent": {"seed": 8}}, "frames": 12}
    appearances = [{"attributes": example["attributes"], "latent": {"seed": seed}} for seed in (7, 8)]
    messages = {
        "ImageInputs": spec,
        "VariationsRequest": {"segmentation": example["segmentation"], "appearances": appearances},
        "AnimationRequest": animation,
        "VideoRequest": {**animation, "container": "gif"},
        "Mask": {"segmentation": example["segmentation"]},
    }
    if example["landmarks"] is not None:
        messages["FaceRequest"] = {"landmarks": example["landmarks"], "mirror": True}
    return messages
