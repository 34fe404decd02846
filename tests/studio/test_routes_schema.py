"""Requests that schemathesis derives from the OpenAPI text: no answer contradicts it, none is a server error."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from running_studio import Studio

from patience import MAX_SECONDS

schemathesis = pytest.importorskip("schemathesis")

POSTS = (
    *("image", "images", "rasterize", "landmarks", "segment", "animation", "video", "mask", "manifest", "open"),
    *("invert", "photos/{photo}/edit", "photos/{photo}/save"),
)
ROUTES = ["", "/{model}/examples", *(f"/{{model}}/{name}" for name in POSTS)]


@pytest.fixture(scope="module")
def described(studio: Studio) -> Any:
    return schemathesis.openapi.from_url(f"{studio.url}api/openapi.json")


def test_every_route_is_tried(described: Any) -> None:
    assert sorted(described) == sorted(f"/api/models{route}" for route in ROUTES)


@pytest.mark.parametrize(
    ("route", "mode"),
    # The list of models takes nothing that could be wrong.
    [(route, mode) for route in ROUTES for mode in ("positive", "negative") if route or mode == "positive"],
)
def test_answers_are_as_described(described: Any, route: str, mode: str) -> None:
    (operation,) = described[f"/api/models{route}"].values()
    strategy = operation.as_strategy(generation_mode=schemathesis.GenerationMode(mode))

    @given(case=strategy)
    @settings(
        max_examples=12,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    def check(case: Any) -> None:
        response = case.call(timeout=MAX_SECONDS)
        if response.status_code != 413:  # counts as accepted
            # A mask of the right size cannot be described: requests which fit the description may be refused.
            case.validate_response(response, excluded_checks=[schemathesis.checks.positive_data_acceptance])

    check()
