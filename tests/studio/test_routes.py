"""HTTP API without a network: responses, and errors with one sentence."""

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

import scgan
from same_images import assert_same_images
from scgan.faces.expression import Expression
from scgan.faces.landmarks import mirror
from scgan.faces.rasterize import rasterize
from scgan.inference.mask_files import save_mask
from scgan.studio import uploads
from scgan.studio.addresses import Addresses
from scgan.studio.app import create_app
from scgan.studio.server import load_models

BYTES = {"content-type": "application/octet-stream"}


@pytest.fixture(scope="module")
def client(face_model: Path, figure_model: Path) -> Iterator[TestClient]:
    app = create_app(load_models([face_model, figure_model], "cpu"), Addresses(["testserver"]))
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="module")
def examples(client: TestClient) -> Any:
    return client.get("/api/models/faces/examples").json()


def encoded(mask: NDArray[np.uint8]) -> str:
    return b64encode(mask.tobytes()).decode()


def decoded(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(b64decode(text), np.uint8).reshape(32, 32)


def pixels(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(data)))


def png_of(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_models_describe_their_schema_and_features(client: TestClient) -> None:
    faces, figures = client.get("/api/models").json()
    assert (faces["id"], faces["step"]) == ("faces", 7)
    assert faces["model_schema"]["attribute_groups"] == [["hair=black", "hair=blond", "hair=grey"]]
    assert faces["can_segment"] and faces["model_schema"]["landmarks"]
    assert not figures["can_segment"] and not figures["can_detect"]
    names = [slider["name"] for slider in faces["expression_sliders"]]
    assert names == list(Expression._fields) and not figures["expression_sliders"]


def test_openapi_describes_every_route(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()
    for name in ("image", "images", "rasterize", "landmarks", "segment", "animation", "video", "mask", "open"):
        route = described["paths"][f"/api/models/{{model}}/{name}"]["post"]
        assert route["description"] and "422" in route["responses"]


def test_image_equals_the_librarys(client: TestClient, examples: Any, face_model: Path) -> None:
    mask = examples[1]["segmentation"]
    body = {"segmentation": mask, "attributes": {"Male": 1, "hair=grey": 0.25}, "latent": {"seed": 11}}
    answer = client.post("/api/models/faces/image", json=body)
    assert answer.headers["content-type"] == "image/png"
    expected = scgan.load(face_model).generate(decoded(mask), "Male,hair=grey=0.25", seed=11)
    assert_same_images(pixels(answer.content), expected)


def test_blend_starts_and_ends_at_its_seeds(client: TestClient, examples: Any) -> None:
    def image(latent: dict[str, float]) -> NDArray[np.int64]:
        body = {"segmentation": examples[0]["segmentation"], "latent": latent}
        return pixels(client.post("/api/models/faces/image", json=body).content).astype(int)

    first, second = image({"seed": 1}), image({"seed": 2})
    assert_same_images(image({"seed_a": 1, "seed_b": 2, "t": 0}), first)
    assert_same_images(image({"seed_a": 1, "seed_b": 2, "t": 1}), second)
    middle = image({"seed_a": 1, "seed_b": 2, "t": 0.5})
    assert np.abs(middle - first).mean() > 2 and np.abs(middle - second).mean() > 2


def test_images_of_one_mask_equal_single_images(client: TestClient, examples: Any) -> None:
    mask = examples[0]["segmentation"]
    appearances = [{"latent": {"seed": 3}}, {"attributes": {"Young": 1}, "latent": {"seed": 4}}]
    body = {"segmentation": mask, "appearances": appearances}
    images = client.post("/api/models/faces/images", json=body).json()["images"]
    for appearance, image in zip(appearances, images, strict=True):
        alone = client.post("/api/models/faces/image", json={"segmentation": mask, **appearance}).content
        assert_same_images(pixels(b64decode(image)), pixels(alone))


def test_rasterize_draws_the_librarys_mask(client: TestClient, examples: Any) -> None:
    points = np.array(examples[2]["landmarks"], np.float32)
    plain = client.post("/api/models/faces/rasterize", json={"landmarks": points.tolist()}).json()
    np.testing.assert_array_equal(decoded(plain["segmentation"]), rasterize(points, 32))
    assert plain["expression"]["yaw"] == pytest.approx(15, abs=1)

    flipped = client.post("/api/models/faces/rasterize", json={"landmarks": points.tolist(), "mirror": True}).json()
    np.testing.assert_allclose(flipped["landmarks"], mirror(points), atol=1e-6)

    target = {**plain["expression"], "yaw": -10.0}
    turned = client.post("/api/models/faces/rasterize", json={"landmarks": points.tolist(), "expression": target})
    assert turned.json()["expression"] == target
    assert (decoded(turned.json()["segmentation"]) != decoded(plain["segmentation"])).sum() > 20


def test_align_moves_a_face_to_the_position_of_the_examples(client: TestClient, examples: Any) -> None:
    points = np.array(examples[1]["landmarks"])
    far = (points * 0.3 + 0.6).tolist()
    aligned = client.post("/api/models/faces/rasterize", json={"landmarks": far, "align": True}).json()
    np.testing.assert_allclose(aligned["landmarks"], points, atol=0.01)


def test_animation_starts_and_ends_at_its_images(client: TestClient, examples: Any) -> None:
    start = {**condition(examples[0]), "latent": {"seed": 1}}
    end = {**condition(examples[2]), "latent": {"seed": 2}}
    answer = client.post("/api/models/faces/animation", json={"start": start, "end": end, "frames": 5})
    frames = [json.loads(line) for line in answer.text.splitlines()]
    assert len(frames) == 5
    for frame, body in ((frames[0], start), (frames[-1], end)):
        np.testing.assert_array_equal(decoded(frame["segmentation"]), decoded(body["segmentation"]))
        alone = pixels(client.post("/api/models/faces/image", json=body).content)
        assert_same_images(pixels(b64decode(frame["image"])), alone)
    between = [np.abs(np.diff(decoded(frame["segmentation"]).astype(int))).sum() for frame in frames]
    assert all(count > 0 for count in between)


def test_animation_of_masks_without_points(client: TestClient) -> None:
    masks = np.zeros((2, 32, 32), np.uint8)
    masks[0, 4:12, 4:12] = masks[1, 20:28, 20:28] = 1
    ends = [{"segmentation": encoded(mask)} for mask in masks]
    body = {"start": ends[0], "end": ends[1], "frames": 3}
    lines = client.post("/api/models/figures/animation", json=body).text.splitlines()
    middle = decoded(json.loads(lines[1])["segmentation"])
    assert set(np.unique(middle)) == {0, 1}  # class indices are not blended
    rows, columns = np.nonzero(middle)
    assert abs(rows.mean() - 15.5) < 1.5 and abs(columns.mean() - 15.5) < 1.5  # the shape is half-way


@pytest.mark.parametrize(("container", "kind"), [("gif", "GIF"), ("mp4", None)])
def test_video_is_a_file(client: TestClient, examples: Any, container: str, kind: str | None) -> None:
    if container == "mp4":
        pytest.importorskip("av")
    ends = {"start": condition(examples[0]), "end": condition(examples[2])}
    answer = client.post("/api/models/faces/video", json={**ends, "frames": 3, "container": container})
    assert answer.status_code == 200
    if kind:
        video = Image.open(BytesIO(answer.content))
        assert (video.format, video.n_frames, video.size) == (kind, 4, (256, 256))  # forwards and backwards
    else:
        assert answer.content[4:8] == b"ftyp"


def test_saved_manifest_can_be_opened_again(
    client: TestClient, examples: Any, face_model: Path, tmp_path: Path
) -> None:
    body = {
        **condition(examples[0]),
        "attributes": {"Male": 0.5, "hair=blond": 1},
        "latent": {"seed_a": 5, "seed_b": 6, "t": 0.3},
    }
    saved = client.post("/api/models/faces/manifest", json=body)
    opened = client.post("/api/models/faces/open", content=saved.content, headers=BYTES).json()
    assert opened["segmentation"] == body["segmentation"]
    assert opened["latent"] == body["latent"]
    assert {name: share for name, share in opened["attributes"].items() if share} == body["attributes"]
    np.testing.assert_allclose(opened["landmarks"], body["landmarks"], atol=1e-6)
    assert opened["has_appearance"] and opened["notice"] is None

    # The command line generates the same image from it.
    from scgan.cli import main

    file = tmp_path / "saved.json"
    file.write_bytes(saved.content)
    assert main(["generate", str(face_model), "--from", str(file), "--out", str(tmp_path / "again")]) == 0
    alone = client.post("/api/models/faces/image", json=body).content
    generated = tmp_path / "again" / json.loads(saved.content)["images"][0]["file"]
    assert_same_images(pixels(generated.read_bytes()), pixels(alone))


def test_open_reads_every_kind_of_mask(client: TestClient, examples: Any, face_model: Path) -> None:
    schema = scgan.load(face_model).schema
    mask = decoded(examples[0]["segmentation"])
    palette = client.post("/api/models/faces/mask", json={"segmentation": encoded(mask)}).content
    file = BytesIO()
    save_mask(file, mask, schema)
    assert palette == file.getvalue()
    colors = np.asarray(schema.class_colors, np.uint8)[mask]
    for content in (palette, png_of(Image.fromarray(mask)), png_of(Image.fromarray(colors))):
        opened = client.post("/api/models/faces/open", content=content, headers=BYTES).json()
        np.testing.assert_array_equal(decoded(opened["segmentation"]), mask)
        assert not opened["has_appearance"]
    larger = png_of(Image.fromarray(mask).resize((64, 64), Image.Resampling.NEAREST))
    opened = client.post("/api/models/faces/open", content=larger, headers=BYTES).json()
    np.testing.assert_array_equal(decoded(opened["segmentation"]), mask)
    assert "64×64" in opened["notice"]


def test_photo_gives_points_or_classes(client: TestClient, shared_data: Path) -> None:
    photo = (shared_data / "london" / "neutral" / "001.jpg").read_bytes()
    detected = client.post("/api/models/faces/landmarks", content=photo, headers=BYTES).json()
    points = np.array(detected["landmarks"])
    assert points.shape == (68, 2) and (points > 0.1).all() and (points < 0.9).all()
    np.testing.assert_array_equal(decoded(detected["segmentation"]), rasterize(points.astype(np.float32), 32))
    mask = client.post("/api/models/faces/segment", content=photo, headers={"content-type": "image/jpeg"}).json()
    assert decoded(mask["segmentation"]).max() < 7


def test_part_of_a_photo_is_segmented(client: TestClient) -> None:
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (40, 80, 3), np.uint8)
    whole = client.post("/api/models/faces/segment", content=png_of(Image.fromarray(photo)), headers=BYTES).json()
    assert whole["crop"] == {"left": 0.25, "top": 0, "side": 0.5}
    part = png_of(Image.fromarray(np.ascontiguousarray(photo[4:36, 46:78])))
    crop = {"left": 46 / 80, "top": 4 / 80, "side": 32 / 80}
    answer = client.post(
        "/api/models/faces/segment", content=png_of(Image.fromarray(photo)), headers=BYTES, params=crop
    )
    alone = client.post("/api/models/faces/segment", content=part, headers=BYTES)
    assert answer.json()["segmentation"] == alone.json()["segmentation"]
    for invalid in ({"left": 0.5}, {**crop, "side": 0}, {**crop, "top": "nan"}, {**crop, "left": "x"}):
        refused = client.post("/api/models/faces/segment", content=part, headers=BYTES, params=invalid)
        require_refused(refused, "")


def condition(example: Any) -> dict[str, Any]:
    return {"segmentation": example["segmentation"], "landmarks": example["landmarks"]}


GOOD = encoded(np.zeros((32, 32), np.uint8))
POINTS = [[0.5, 0.5]] * 68


@pytest.mark.parametrize(
    ("route", "body", "words"),
    [
        ("image", {}, "segmentation"),
        ("image", [], "dictionary"),
        ("image", {"segmentation": GOOD[:-8]}, "32×32"),
        ("image", {"segmentation": "ü"}, "base64"),
        ("image", {"segmentation": encoded(np.full((32, 32), 7, np.uint8))}, "class index 7"),
        ("image", {"segmentation": "A" * 100_000}, "at most"),
        ("image", {"segmentation": GOOD, "attributes": {"Bald": 1}}, "unknown attribute 'Bald'"),
        ("image", {"segmentation": GOOD, "attributes": {"Male": 1.5}}, "less than or equal to 1"),
        ("image", {"segmentation": GOOD, "attributes": {"Male": float("nan")}}, "finite"),
        ("image", {"segmentation": GOOD, "attributes": {"Male": "much"}}, "number"),
        ("image", {"segmentation": GOOD, "attributes": {"hair=black": 1, "hair=grey": 1}}, "exclude each other"),
        ("image", {"segmentation": GOOD, "latent": {"seed": -1}}, "greater than or equal to 0"),
        ("image", {"segmentation": GOOD, "latent": {"seed": 2**60}}, "less than"),
        ("image", {"segmentation": GOOD, "latent": {"seed": float("inf")}}, "finite"),
        ("image", {"segmentation": GOOD, "latent": {"seed_a": 1, "seed_b": 2, "t": 2}}, "less than or equal to 1"),
        ("image", {"segmentation": GOOD, "path": "/etc/passwd"}, "Extra inputs"),
        ("image", {"segmentation": GOOD, "attributes": {"\ud800": 1}}, "unicode"),
        ("image", {"segmentation": GOOD, "\udfff": 1}, "unicode"),
        ("image", {"segmentation": "\ud800"}, ""),
        ("image", {"segmentation": GOOD, "latent": {"seed": 2**53}}, "less than"),
        ("images", {"segmentation": GOOD, "appearances": [{}] * 17}, "at most 16"),
        ("images", {"segmentation": GOOD, "appearances": []}, "at least 1"),
        ("animation", {"start": {"segmentation": GOOD}, "end": {"segmentation": GOOD}, "frames": 10**9}, "96"),
        ("animation", {"start": {"segmentation": GOOD}, "end": {"segmentation": "AA=="}, "frames": 2}, "32×32"),
        (
            "video",
            {"start": {"segmentation": GOOD}, "end": {"segmentation": GOOD}, "container": "../x"},
            "'gif' or 'mp4'",
        ),
        ("video", {"start": {"segmentation": GOOD}, "end": {"segmentation": GOOD}, "frame_rate": 0}, "greater than"),
        ("rasterize", {"landmarks": POINTS[:67]}, "at least 68"),
        ("rasterize", {"landmarks": [[0.5, float("nan")]] * 68}, "finite"),
        ("rasterize", {"landmarks": [[0.5, 1e6]] * 68}, "less than or equal to 2"),
        ("rasterize", {"landmarks": POINTS, "align": True}, "not a face"),
        (
            "rasterize",
            {"landmarks": POINTS, "expression": {"yaw": 0, "smile": 1e9, "mouth_open": 0, "eyebrows": 0}},
            "less than or equal to 10",
        ),
    ],
)
def test_invalid_messages_get_one_sentence(client: TestClient, route: str, body: Any, words: str) -> None:
    content = json.dumps(body).encode()  # writes NaN and Infinity
    headers = {"content-type": "application/json"}
    require_refused(client.post(f"/api/models/faces/{route}", content=content, headers=headers), words)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_invalid_json_gets_one_sentence(client: TestClient, content: bytes) -> None:
    headers = {"content-type": "application/json"}
    require_refused(client.post("/api/models/faces/image", content=content, headers=headers), "")


def test_invalid_files_get_one_sentence(client: TestClient, examples: Any) -> None:
    grey = png_of(Image.fromarray(np.full((40, 40), 200, np.uint8)))
    for route in ("landmarks", "segment", "open"):
        for content in (b"no image", grey[:60], b"GIF89a", b"\x89PNG\r\n\x1a\n"):
            require_refused(client.post(f"/api/models/faces/{route}", content=content, headers=BYTES), "the file")
    require_refused(client.post("/api/models/faces/landmarks", content=grey, headers=BYTES), "no face")
    require_refused(client.post("/api/models/faces/open", content=grey, headers=BYTES), "class index 200")
    for content in (b"{", b"{}", b'{"schema": 5}', b'{"a":' * 50_000, b'{"x": "' + b"y" * 2**20 + b'"}'):
        require_refused(client.post("/api/models/faces/open", content=content, headers=BYTES), "")

    large = png_of(Image.new("1", (6000, 6000)))
    for route, limit in (("landmarks", uploads.MAX_PIXELS), ("open", uploads.MAX_MASK_PIXELS)):
        require_refused(client.post(f"/api/models/faces/{route}", content=large, headers=BYTES), f"more than {limit}")


def test_saved_file_cannot_name_other_files(client: TestClient, examples: Any, face_model: Path) -> None:
    saved = client.post("/api/models/faces/manifest", json=condition(examples[0])).json()
    for mask in ("masks/studio.png", "/etc/passwd", "../../secret.png", "file:///etc/passwd"):
        saved["images"][0]["mask"] = mask
        answer = client.post("/api/models/faces/open", content=json.dumps(saved), headers=BYTES)
        require_refused(answer, "another file")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed", -1),
        ("seed", 2**53),
        ("seed", 10**400),
        ("seed", 1.5),
        ("seed", "\ud800"),
        ("seed", None),
        ("landmarks", [[9.0, 9.0]] * 68),
        ("landmarks", [[float("nan"), 0.5]] * 68),
        ("attributes", {"\ud800": 1}),
        ("attributes", {"Male": float("inf")}),
        ("mask", "data:image/png;base64,\ud800"),
        ("mask", "\ud800"),
    ],
)
def test_saved_file_with_a_value_out_of_range(client: TestClient, examples: Any, key: str, value: Any) -> None:
    saved = client.post("/api/models/faces/manifest", json=condition(examples[0])).json()
    assert key in saved["images"][0]
    saved["images"][0][key] = value
    answer = client.post("/api/models/faces/open", content=json.dumps(saved), headers=BYTES)
    require_refused(answer, "")


def test_bodies_that_are_not_json_and_files_named_json(client: TestClient, examples: Any) -> None:
    image = "/api/models/faces/image"
    require_refused(client.post(image, content=b"{}", headers=BYTES), "Content-Type: application/json")
    require_refused(client.post(image, data={"segmentation": GOOD}), "Content-Type")
    saved = client.post("/api/models/faces/manifest", json=condition(examples[0])).content
    opened = client.post("/api/models/faces/open", content=saved, headers={"content-type": "application/json"})
    assert opened.status_code == 200


def test_features_that_a_model_lacks_are_refused(client: TestClient) -> None:
    require_refused(client.post("/api/models/figures/rasterize", json={"landmarks": POINTS}), "68 facial points")
    require_refused(client.post("/api/models/figures/landmarks", content=b"x", headers=BYTES), "68 facial points")
    photo = png_of(Image.fromarray(np.zeros((40, 40, 3), np.uint8)))
    require_refused(client.post("/api/models/figures/segment", content=photo, headers=BYTES), "no segmentor")
    assert client.post("/api/models/nobody/image", json={}).status_code == 404
    assert client.get("/api/models/faces/image").status_code in (404, 405)


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/%2e%2e/server.py", "/..%2fserver.py", "//etc/passwd", "/page"]
)
def test_paths_outside_of_the_page_are_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.get("/").text.startswith("<!DOCTYPE html>")
    assert client.get("/main.js").headers["content-type"].startswith("text/javascript")


def require_refused(answer: Response, words: str) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    sentence = answer.json()["error"]
    assert words.lower() in sentence.lower()
    assert sentence.endswith(".") and "Traceback" not in sentence and "0x" not in sentence
