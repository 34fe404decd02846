"""Photos that are edited through the HTTP API: refinement, edits, full size, bounds."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from httpx import Response
from numpy.typing import NDArray
from PIL import Image
from starlette.testclient import TestClient

from scgan.inversion.invert import InversionSettings
from scgan.studio.addresses import Addresses
from scgan.studio.app import create_app
from scgan.studio.photos import MAX_ADDRESS_PHOTOS
from scgan.studio.server import load_models

ROUTE = "/api/models/street"
BYTES = {"content-type": "application/octet-stream"}


@pytest.fixture(scope="module")
def client(segmenting_model: Path, figure_model: Path) -> Iterator[TestClient]:
    settings = InversionSettings(steps=3, correction_steps=2, candidates=2)
    app = create_app(
        load_models([segmenting_model, figure_model], "cpu"), Addresses(["testserver"]), inversion=settings
    )
    with TestClient(app) as client:
        yield client


def photo_file(scale: int = 1) -> bytes:
    """A colored photo, 90×60, smooth so that its copies of other sizes look alike."""
    small = np.random.default_rng(0).integers(0, 256, (6, 9, 3), np.uint8)
    file = BytesIO()
    Image.fromarray(small).resize((90 * scale, 60 * scale), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


def invert(client: TestClient) -> list[dict[str, Any]]:
    answer = client.post(f"{ROUTE}/invert", content=photo_file(), headers=BYTES)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture(scope="module")
def lines(client: TestClient) -> list[dict[str, Any]]:
    return invert(client)


def edit(client: TestClient, line: dict[str, Any], **values: object) -> Response:
    body = {"segmentation": line["segmentation"], **values}
    return client.post(f"{ROUTE}/photos/{line['photo']}/edit", json=body)


def pixels(data: bytes) -> NDArray[np.int64]:
    return np.asarray(Image.open(BytesIO(data)).convert("RGB")).astype(np.int64)


def test_lines_show_the_photo_and_a_better_image(lines: list[dict[str, Any]]) -> None:
    first, *progress = lines
    assert first["total"] == 5 and pixels(b64decode(first["image"])).shape == (32, 32, 3)
    assert [line["step"] for line in progress] == [0, 0, 1, 2, 3, 3, 4, 5]
    assert progress[-1]["share"] <= progress[0]["share"] and progress[-1]["image"]


def test_without_an_edit_the_photo_stays(client: TestClient, lines: list[dict[str, Any]]) -> None:
    answer = edit(client, lines[0])
    assert answer.headers["content-type"] == "image/png" and b"Edited by scgan" in answer.content
    np.testing.assert_array_equal(pixels(answer.content), pixels(b64decode(lines[0]["image"])))


def test_a_painted_mask_changes_its_place_in_the_whole_photo(client: TestClient, lines: list[dict[str, Any]]) -> None:
    mask = np.frombuffer(b64decode(lines[0]["segmentation"]), np.uint8).reshape(32, 32).copy()
    mask[12:20, 12:20] = (mask[12:20, 12:20] + 1) % 4
    line = {**lines[0], "segmentation": b64encode(mask.tobytes()).decode()}
    part = pixels(edit(client, line, keep_background=True).content)
    photo = pixels(b64decode(lines[0]["image"]))
    changed = (part != photo).any(axis=2)
    assert changed[14:18, 14:18].any()
    whole = edit(client, line, into_photo=True)
    assert whole.headers["content-type"] == "image/jpeg"
    assert pixels(whole.content).shape == (60, 90, 3)
    saved = client.post(f"{ROUTE}/photos/{line['photo']}/save", content=photo_file(4), headers=BYTES)
    assert saved.headers["content-type"] == "image/jpeg" and b"Edited by scgan" in saved.content
    large, original = pixels(saved.content), pixels(photo_file(4))
    assert large.shape == (240, 360, 3)
    difference = np.abs(large - original).max(axis=2)
    assert difference[100:140, 160:200].max() > 40 and difference[:, :40].max() < 40


def test_errors_are_sentences(client: TestClient, lines: list[dict[str, Any]]) -> None:
    first = lines[0]
    other = BytesIO()
    Image.new("RGB", (90, 60), "white").save(other, "PNG")
    for answer, status, message in [
        (client.post(f"{ROUTE}/invert", content=b"none", headers=BYTES), 422, "not an image"),
        (client.post("/api/models/figures/invert", content=photo_file(), headers=BYTES), 422, "cannot edit them"),
        (edit(client, {**first, "photo": "x"}), 404, "The studio does not hold this photo any more: open it again."),
        (client.post(f"/api/models/figures/photos/{first['photo']}/edit", json={"segmentation": ""}), 404, "does not"),
        (edit(client, first, attributes={"Young": 1}), 422, "Unknown attribute"),
        (edit(client, {**first, "segmentation": "AAAA"}), 422, "Segmentation has 3 bytes"),
        (
            client.post(f"{ROUTE}/photos/{first['photo']}/save", content=other.getvalue(), headers=BYTES),
            422,
            "The file is not the photo of this project",
        ),
    ]:
        assert answer.status_code == status and message in answer.json()["error"], answer.text


def test_a_visitor_holds_few_photos(client: TestClient) -> None:
    opened = [invert(client)[0] for _ in range(MAX_ADDRESS_PHOTOS + 1)]
    statuses = [edit(client, line).status_code for line in opened]
    assert statuses == [404] + [200] * MAX_ADDRESS_PHOTOS
