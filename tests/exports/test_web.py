"""Folder for static hosts: complete or absent, equal to Python in a real browser, with sentences for its limits."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

import scgan
from chromium import open_chromium
from patience import MAX_SECONDS
from same_images import assert_same_images
from scgan.cli import main
from scgan.faces.alignment import align_face
from scgan.faces.builtin import builtin_sequence
from scgan.faces.expression import Expression, express, measure
from scgan.faces.rasterize import rasterize
from scgan.inference.latents import Blend, latent_vector
from scgan.inference.manifest import read_manifest
from scgan.inference.mask_files import read_mask
from scgan.inference.synthesizer import Synthesizer
from scgan.interpolation.landmark_paths import landmark_path
from scgan.interpolation.mask_paths import interpolate_masks
from scgan.utils.random import generator_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "web"
MAX_BYTES = 12_000_000
"""Size of the folder of a shipped model."""


class Site(NamedTuple):
    folder: Path
    url: str


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Folder of the shipped faces, served as ``python -m http.server`` does."""
    folder = tmp_path_factory.mktemp("web") / "site"
    assert main(["export", "faces", "--format", "web", "--out", str(folder), "--title", "My faces"]) == 0
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Site(folder, f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def faces() -> Synthesizer:
    return scgan.load("faces", engine="torch")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


class Visit:
    """Page of an exported folder. At the end no script may have failed, and no request may have gone elsewhere."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.hosts: set[str | None] = set()
        self.errors: list[str] = []
        self.context = browser.new_context(viewport=options.pop("viewport", {"width": 1280, "height": 800}), **options)
        self.context.set_default_timeout(1000 * MAX_SECONDS)
        self.context.on("request", lambda request: self._note(request.url))
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, url: str) -> None:
        if not url.startswith(("blob:", "data:")):
            self.hosts.add(urlsplit(url).hostname)

    def open(self) -> Page:
        self.page.goto(self.url)
        self.page.wait_for_selector("#loading", state="hidden")
        return self.page

    def without_model(self) -> Page:
        """Open a page of the host on which the functions of the exported page can be imported."""
        self.page.goto(f"{self.url}onnxruntime/LICENSE.txt")
        return self.page

    def do(self, action: Any) -> None:
        """Make one step, and wait until its image is shown: the history then has one entry more."""
        entries = self.page.locator("#history-strip li")
        count = entries.count()
        action()
        entries.nth(count).wait_for(state="attached")

    def save(self, item: str, folder: Path) -> Path:
        """Save by the menu of the page."""
        self.page.click("#save summary")
        with self.page.expect_download() as download:
            self.page.click(f"#save-{item}")
        file = folder / download.value.suggested_filename
        download.value.save_as(file)
        return file

    def open_file(self, file: Path) -> None:
        self.page.set_input_files("#open-file-input", file)

    def problem(self) -> str:
        self.page.wait_for_selector("#problem", state="visible")
        return self.page.inner_text("#problem-text")

    def screenshot(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    visit = Visit(browser, site.url)
    yield visit
    assert visit.hosts == {"127.0.0.1"}
    assert not visit.errors
    visit.context.close()


def drag_on(canvas: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag from one place to another, in fractions of the canvas."""
    box = canvas.bounding_box()
    assert box is not None
    mouse = canvas.page.mouse
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    mouse.move(*places[0])
    mouse.down()
    mouse.move(*places[1])
    mouse.up()


def require_python_gives(visit: Visit, model: Synthesizer, folder: Path) -> dict[str, Any]:
    """Save all inputs and the image, and compare the image with Python's of these inputs; returns the inputs."""
    manifest = visit.save("manifest", folder)
    ((spec,), fingerprint, step) = read_manifest(manifest, model.schema)
    assert (fingerprint, step) == (model.fingerprint, model.step)
    with Image.open(visit.save("image", folder)) as image:
        saved = np.asarray(image)
    assert_same_images(saved, model.generate(spec.segmentation, spec.attributes, latent_vector(model, spec.latent)))
    np.testing.assert_array_equal(read_mask(visit.save("mask", folder), model.schema), spec.segmentation)
    if spec.landmarks is not None:
        np.testing.assert_array_equal(rasterize(spec.landmarks, model.schema.image_size), spec.segmentation)
    entry: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))["images"][0]
    return entry


def test_the_page_generates_what_python_generates(visit: Visit, faces: Synthesizer, tmp_path: Path) -> None:
    page = visit.open()
    canvas = page.locator("#mask")
    example = faces.examples.landmarks
    assert example is not None
    visit.do(lambda: page.locator("#seed").fill("7") or page.keyboard.press("Tab"))
    first = require_python_gives(visit, faces, tmp_path)
    assert first["seed"] == 7
    np.testing.assert_allclose(first["landmarks"], example[0], atol=1e-6)

    x, y = map(float, example[0][8])
    visit.do(lambda: drag_on(canvas, (x, y), (x + 0.05, y + 0.06)))
    moved = require_python_gives(visit, faces, tmp_path)
    assert np.abs(np.array(moved["landmarks"]) - first["landmarks"]).max() > 0.03

    visit.do(lambda: page.locator('input[name="Blond_Hair"]').check(force=True))
    visit.do(lambda: page.locator('input[name="yaw"]').fill("20"))
    turned = require_python_gives(visit, faces, tmp_path)
    assert turned["attributes"]["Blond_Hair"] == 1
    points = np.array(moved["landmarks"])
    expected = express(points, measure(points)._replace(yaw=20))
    np.testing.assert_allclose(turned["landmarks"], expected, atol=1e-5)
    visit.screenshot("wide")

    page.check('input[name="mode"][value="paint"]', force=True)
    visit.do(lambda: drag_on(canvas, (0.3, 0.2), (0.7, 0.2)))
    painted = require_python_gives(visit, faces, tmp_path)
    assert painted["mask"] != turned["mask"]

    visit.do(lambda: page.locator("#example-strip button").nth(1).click())
    visit.do(lambda: visit.open_file(tmp_path / "faces-seed-7.json"))  # the painted one
    assert require_python_gives(visit, faces, tmp_path) == painted


def test_variations_and_animation(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("tab", name="Variations").click()
    page.click("#generate-variations")
    page.wait_for_selector("#variation-strip li:nth-child(12)")
    page.get_by_role("tab", name="Animate").click()
    assert page.locator("#save-gif").is_hidden() and page.locator("#save-mp4").is_hidden()
    page.click("#set-start")
    visit.do(lambda: page.locator('input[name="smile"]').fill("2"))
    page.click("#set-end")
    page.select_option("#frames", "12")
    page.click("#play")
    page.wait_for_selector("#frame:enabled")
    assert page.inner_text("label:has(#frame)").endswith("of 12")
    assert page.locator("#open-photo").is_hidden()


def test_phone(browser: Browser, site: Site) -> None:
    visit = Visit(browser, site.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = visit.open()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    visit.screenshot("phone")
    page.tap("#help")
    assert "My faces. Licence: that of the data." in page.inner_text("#about")
    visit.context.close()


def test_functions_give_the_numbers_of_python(visit: Visit, faces: Synthesizer, site: Site) -> None:
    page = visit.without_model()
    points = np.stack([*builtin_sequence("left2right")[::3], *builtin_sequence("nosmile2smile")[:2]])
    model = json.loads((site.folder / "model" / "model.json").read_text(encoding="utf-8"))
    expression = Expression(20, 1.2, 0.5, 0.05)
    values = page.evaluate(
        """async ([seeds, sizes, faces, expression, model]) => {
            const { sampleLatent } = await import("/browser/random.js");
            const heads = await import("/browser/heads.js");
            const { latentVector } = await import("/browser/latents.js");
            const { drawFace } = await import("/browser/polygons.js");
            const face = model.face_model;
            const [first, last] = [faces[0], faces[2]].map((points) => heads.toHead(points, face));
            return {
                latents: seeds.map((seed) => sizes.map((size) => [...sampleLatent(seed, size)])),
                blend: [...latentVector({ seed_a: 3, seed_b: 4, t: 0.3 }, 64)],
                masks: faces.map((points) => [...drawFace(points, 128, model.description.model_schema.class_names)]),
                measured: faces.map((points) => heads.measure(points, face)),
                expressed: faces.map((points) => heads.express(points, expression, face)),
                aligned: faces.map((points) => heads.alignFace(points, faces[0], face)),
                path: [0, 0.25, 0.5, 0.75, 1].map((t) => heads.toPoints(heads.lerpHeads(first, last, t), face)),
            };
        }""",
        [[0, 7, 2**53 - 1], [3, 8, 15, 16, 20, 64], points.tolist(), expression._asdict(), model],
    )
    torch = pytest.importorskip("torch")
    for seed, rows in zip((0, 7, 2**53 - 1), values["latents"], strict=True):
        for row in rows:
            expected = torch.randn(len(row), generator=generator_for("latent", seed)).numpy()
            np.testing.assert_allclose(row, expected, atol=2e-6)
    np.testing.assert_allclose(values["blend"], latent_vector(faces, Blend(3, 4, 0.3)), atol=2e-6)
    for number, face in enumerate(points):
        np.testing.assert_array_equal(np.reshape(values["masks"][number], (128, 128)), rasterize(face, 128))
        assert values["measured"][number] == pytest.approx(measure(face)._asdict(), abs=1e-6)
        np.testing.assert_allclose(values["expressed"][number], express(face, expression), atol=1e-6)
        np.testing.assert_allclose(values["aligned"][number], align_face(face[None], points[0])[0], atol=1e-6)
    np.testing.assert_allclose(values["path"], landmark_path(points[[0, 2]], 5), atol=1e-6)


def test_paths_of_painted_masks_are_those_of_python(visit: Visit) -> None:
    """Pixels exactly on an outline may be rounded to either side."""
    page = visit.without_model()
    random = np.random.default_rng(0)
    size, t = 24, np.array([0, 0.3, 0.5, 0.9, 1])
    blocks = np.zeros((2, size, size), np.uint8)
    blocks[0, 2:9, 3:12], blocks[0, 12:20, 5:9], blocks[0, 4:6, 5:7] = 1, 2, 3
    blocks[1, 10:22, 8:20], blocks[1, 1:4, 1:22], blocks[1, 15:17, 10:12] = 1, 2, 4
    cases = [blocks, np.stack([blocks[0], 0 * blocks[0]]), np.stack([blocks[0], 0 * blocks[0] + 2])]
    cases.append(random.integers(0, 4, (2, size, size)).astype(np.uint8))
    code = """async ([start, end, size, at]) => {
        const { maskPath } = await import("/browser/mask-paths.js");
        const path = maskPath(Uint8Array.from(start), Uint8Array.from(end), size);
        return at.map((t) => [...path(t)]);
    }"""
    for start, end in cases:
        inputs = [start.ravel().tolist(), end.ravel().tolist(), size, t.tolist()]
        masks = np.reshape(page.evaluate(code, inputs), (len(t), size, size))
        assert (masks != interpolate_masks(start, end, t)).mean() < 0.005


def test_mask_files(visit: Visit, faces: Synthesizer, tmp_path: Path) -> None:
    page = visit.open()
    schema = faces.schema
    size = schema.image_size
    mask = np.zeros((size, size), np.uint8)
    mask[20:40, 10:30], mask[45:50, 12:60] = 1, 5
    colored = Image.fromarray(np.where(mask == 1, 9, np.where(mask == 5, 3, 0)).astype(np.uint8), "P")
    palette = np.full((256, 3), 255, np.uint8)
    palette[[0, 9, 3]] = np.array(schema.class_colors)[[0, 1, 5]]
    colored.putpalette(palette.tobytes())
    colored.save(tmp_path / "colors.png")
    Image.fromarray(mask).save(tmp_path / "indices.png")
    Image.fromarray(mask).resize((size // 2, size)).save(tmp_path / "small.png")
    Image.fromarray(mask + 3).save(tmp_path / "classes.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "indices.png").read_bytes()[:60])
    (tmp_path / "text.json").write_text("{", encoding="utf-8")
    for name in ("colors.png", "indices.png"):
        visit.do(lambda name=name: visit.open_file(tmp_path / name))
        np.testing.assert_array_equal(read_mask(visit.save("mask", tmp_path), schema), mask)
    for name, message in (
        ("small.png", f"The mask is {size // 2}×{size}; this page opens masks of {size}×{size}."),
        ("classes.png", "The mask has the value 8; the classes of this model are 0 to 6."),
        ("cut.png", "The file is not a PNG image, or damaged: open a mask that the studio saved."),
        ("text.json", "The file is not JSON of the studio, or damaged: open one that the studio saved."),
    ):
        visit.open_file(tmp_path / name)
        page.wait_for_function(
            "text => document.querySelector('#problem-text').textContent.startsWith(text)", arg=message
        )


def test_sentences_of_the_page(browser: Browser, site: Site) -> None:
    visit = Visit(browser, (site.folder / "index.html").as_uri())
    visit.page.goto(visit.url)
    assert "serve the folder, for example by “python -m http.server” in it" in visit.problem()
    visit.context.close()

    visit = Visit(browser, site.url)
    visit.context.add_init_script("delete globalThis.WebAssembly")
    visit.page.goto(visit.url)
    assert "This browser has no WebAssembly" in visit.problem()
    visit.context.close()

    visit = Visit(browser, site.url)
    visit.context.route("**/generator.onnx.gz", lambda route: route.fulfill(status=404))
    visit.page.goto(visit.url)
    assert "The file model/generator.onnx.gz could not be loaded (404): copy the whole folder" in visit.problem()
    visit.context.close()


def test_the_folder(site: Site) -> None:
    files = {file.relative_to(site.folder).as_posix(): file.stat().st_size for file in site.folder.rglob("*.*")}
    assert sum(files.values()) < MAX_BYTES
    assert {"index.html", "api.js", "model/model.json", "model/generator.onnx.gz", "onnxruntime/LICENSE.txt"} <= set(
        files
    )
    assert "default-src 'none'" in (site.folder / "index.html").read_text(encoding="utf-8")
    # The page is the studio's; only api.js is another file.
    page = Path(scgan.__file__).parent / "studio" / "page"
    for file in (file for file in page.rglob("*.*") if file.name not in ("api.js", "index.html")):
        assert (site.folder / file.relative_to(page)).read_bytes() == file.read_bytes()


def test_both_clients_have_the_same_functions() -> None:
    package = Path(scgan.__file__).parent
    names = []
    for file in (package / "studio" / "page" / "api.js", package / "exports" / "static" / "api.js"):
        words = [line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("export ")]
        names.append({next(word for word in line if word not in KEYWORDS).split("(")[0] for line in words})
    assert names[0] == names[1]


KEYWORDS = {"export", "async", "function", "function*", "const"}


def test_refusals(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["export", str(tiny_model), "--format", "web", "--out", "site"]
    for options, message in (
        (["--data", "toys"], "--data describes the data in a model card: leave it out with --format web."),
        (["--grader", "grader"], "a web page holds no graders: leave --grader and --attribute-grader out"),
    ):
        assert main([*command, *options]) == 2
        assert message in capsys.readouterr().err
    monkeypatch.setattr("scgan.engines.generator_file.MAX_DIFFERENCE", -1)
    assert main(command) == 2
    assert "onnxruntime generates images of this model that are up to" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "site").mkdir()
    assert main(command) == 2
    assert "site exists already" in capsys.readouterr().err
    (tmp_path / "site").rmdir()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert main(command) == 2
    assert "--format web needs onnxruntime: pip install 'scgan[onnx]'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
