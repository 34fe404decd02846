"""The page in a real browser, as a person uses it. Screenshots of the main states go to build/studio."""

import os
import shutil
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from running_studio import Studio

pytest.importorskip("playwright")
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, Route, expect, sync_playwright

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "studio"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE = 32


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        reason = "there is no chromium: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """One person with the page open."""

    def __init__(self, context: BrowserContext, studio: Studio) -> None:
        self.hosts: set[str] = set()
        self.asked: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self.under_way: set[Request] = set()
        context.set_default_timeout(60_000)
        context.on("request", self._begin)
        for end in ("requestfinished", "requestfailed"):
            context.on(end, lambda request: self.under_way.discard(request))
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(studio.url)
        self.page.wait_for_selector("#waiting", state="hidden")
        self.settle()

    def _begin(self, request: Request) -> None:
        if request.url.startswith(("blob:", "data:")):
            return
        self.under_way.add(request)
        self.hosts.add(str(urlsplit(request.url).hostname))
        if request.url.endswith("/picture"):
            self.asked.append(request.post_data_json)

    def settle(self) -> None:
        """Wait until nothing is under way any more."""
        quiet = 0
        while quiet < 5:
            self.page.wait_for_timeout(40)
            quiet = 0 if self.under_way else quiet + 1

    @property
    def mask(self) -> NDArray[np.uint8]:
        """The class indices that were sent last."""
        return np.frombuffer(b64decode(self.asked[-1]["segmentation"]), np.uint8).reshape(SIZE, SIZE)

    @property
    def picture(self) -> NDArray[np.int64]:
        """What is on the screen."""
        code = "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        values = self.page.locator("#picture").evaluate(code)
        return np.array(values).reshape(SIZE, SIZE, 4)[..., :3]

    @property
    def editor(self) -> NDArray[np.int64]:
        """The mask with what lies over it, as it is on the screen, without the round corners."""
        with Image.open(BytesIO(self.page.locator("#mask").screenshot())) as image:
            return np.asarray(image.convert("RGB"), np.int64)[8:-8, 8:-8]

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where pixel (x, y) of the mask is on the screen."""
        box = self.page.locator("#mask").bounding_box()
        assert box is not None
        return box["x"] + x / SIZE * box["width"], box["y"] + y / SIZE * box["height"]

    def drag(self, *points: tuple[float, float]) -> None:
        """Press at the first point, go over all others, release."""
        mouse = self.page.mouse
        mouse.move(*self.place(*points[0]))
        mouse.down()
        for point in points[1:]:
            mouse.move(*self.place(*point))
        mouse.up()
        self.settle()

    @contextmanager
    def held(self, path: str) -> Iterator[None]:
        """Requests to a path of the API are held back until the block ends."""
        waiting: list[Route] = []
        self.page.route(f"**/{path}", lambda route: waiting.append(route))
        yield
        self.page.wait_for_timeout(200)
        for route in waiting:
            route.continue_()
        self.page.unroute(f"**/{path}")

    def choose(self, name: str, value: str) -> None:
        self.page.check(f'input[name="{name}"][value="{value}"]', force=True)

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def shoot(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


Open = Callable[..., Visit]


@pytest.fixture
def open_page(browser: Browser, studio: Studio) -> Iterator[Open]:
    """Opens the page; at the end nothing may have gone wrong, and no request may have left the machine."""
    visits: list[Visit] = []
    contexts: list[BrowserContext] = []

    def open_it(studio: Studio = studio, **options: Any) -> Visit:
        context = browser.new_context(viewport=options.pop("viewport", {"width": 1280, "height": 800}), **options)
        contexts.append(context)
        visits.append(Visit(context, studio))
        return visits[-1]

    yield open_it
    for visit in visits:
        assert visit.hosts == {"127.0.0.1"}
        assert not visit.errors
    for context in contexts:
        context.close()


def stroke(mask: NDArray[np.uint8], points: list[tuple[float, float]], size: float, index: int) -> NDArray[np.uint8]:
    """The pixels whose centres are at most half the brush from the line, worked out without the page's code."""
    painted = mask.copy()
    rows, columns = np.mgrid[:SIZE, :SIZE] + 0.5
    for (x0, y0), (x1, y1) in pairwise(points):
        for share in np.linspace(0, 1, 2001):
            near = np.hypot(columns - x0 - share * (x1 - x0), rows - y0 - share * (y1 - y0)) <= size / 2
            painted[near] = index
    return painted


def test_painting_sends_exactly_these_indices_and_changes_the_picture_there(open_page: Open) -> None:
    visit = open_page()
    before, picture = visit.mask, visit.picture
    visit.choose("mode", "paint")
    visit.choose("class", "5")
    visit.page.locator("#brush-size").fill("4")
    points = [(3.3, 4.2), (9.2, 4.7), (9.4, 8.1)]
    visit.drag(*points)
    np.testing.assert_array_equal(visit.mask, stroke(before, points, 4, 5))
    changed = np.abs(visit.picture - picture).mean(axis=-1)
    assert changed[2:10, 2:11].mean() > 3 * changed[20:, 16:].mean()
    visit.shoot("paint-light")

    visit.choose("tool", "fill")
    visit.choose("class", "6")
    visit.drag((25.5, 28.5), (25.5, 28.5))
    filled = stroke(before, points, 4, 5)
    filled[filled == 0] = 6  # the background is one area
    np.testing.assert_array_equal(visit.mask, filled)

    visit.choose("tool", "pick")
    visit.drag((4.5, 4.5), (4.5, 4.5))
    assert visit.page.locator('input[name="class"]:checked').get_attribute("value") == "5"


def test_dragging_the_mouth_corners_changes_mask_and_picture(open_page: Open) -> None:
    visit = open_page()
    mask, picture = visit.mask, visit.picture
    points = example_points(visit)
    for corner, way in ((48, -2.0), (54, 2.0)):
        x, y = points[corner] * SIZE
        visit.drag((x, y), (x + way / 2, y - 1), (x + way, y - 2))
    changed = visit.mask != mask
    assert changed.sum() > 3
    rows = np.nonzero(changed)[0]
    assert rows.min() > 0.55 * SIZE  # only around the mouth
    assert np.isin(visit.mask[changed], [1, 5, 6]).all()
    assert np.abs(visit.picture - picture).max() > 30
    visit.shoot("points-light")


def test_sliders_turn_the_head_and_undo_takes_it_back(open_page: Open) -> None:
    visit = open_page(color_scheme="dark")
    mask, picture = visit.mask, visit.picture
    visit.page.locator('input[name="yaw"]').fill("25")
    visit.settle()
    nose = lambda mask: np.nonzero(mask == 4)[1].mean()  # noqa: E731
    assert nose(visit.mask) > nose(mask) + 0.4
    turned = visit.mask
    visit.shoot("points-dark")
    visit.page.keyboard.press("Control+z")
    visit.settle()
    np.testing.assert_array_equal(visit.mask, mask)
    np.testing.assert_array_equal(visit.picture, picture)
    visit.page.click("#redo")
    visit.settle()
    np.testing.assert_array_equal(visit.mask, turned)
    visit.page.click("#mirror")
    visit.settle()
    assert nose(visit.mask) < SIZE / 2


def test_a_step_followed_at_once_by_another_gets_its_mask_and_its_slider(open_page: Open) -> None:
    visit = open_page()
    mask = visit.mask
    turn = visit.page.locator('input[name="yaw"]')
    start = turn.input_value()
    with visit.held("rasterize"):
        turn.fill("25")
        visit.page.keyboard.press("r")
    visit.settle()
    turned = visit.mask
    assert (turned != mask).any()
    visit.page.keyboard.press("Control+z")  # the latent, but not the turn
    visit.settle()
    np.testing.assert_array_equal(visit.mask, turned)
    assert turn.input_value() == "25"
    visit.page.keyboard.press("Control+z")
    visit.settle()
    np.testing.assert_array_equal(visit.mask, mask)
    assert turn.input_value() == start

    with visit.held("rasterize"):
        turn.fill("25")
        visit.page.keyboard.press("m")
    visit.settle()
    visit.page.keyboard.press("Control+z")
    visit.settle()
    np.testing.assert_array_equal(visit.mask, turned)


def test_an_example_chosen_twice_keeps_its_sliders(open_page: Open) -> None:
    visit = open_page()
    smile = visit.page.locator('input[name="smile"]')
    first = smile.input_value()
    for example in (0, 0, 1, 0):
        visit.page.locator("#example-strip button").nth(example).click()
        visit.settle()
        assert smile.is_enabled()
    assert smile.input_value() == first


def test_attributes_switch_choose_and_mix(open_page: Open) -> None:
    visit = open_page()
    mask, picture = visit.mask, visit.picture
    visit.page.get_by_role("switch", name="Young").check()
    visit.settle()
    assert visit.asked[-1]["attributes"]["Young"] == 1
    assert (visit.picture != picture).any()
    np.testing.assert_array_equal(visit.mask, mask)
    visit.page.get_by_label("How much Young").fill("0.4")
    visit.page.get_by_label("hair", exact=True).select_option("blond")
    visit.page.get_by_label("hair, mixed with").select_option("grey")
    visit.page.get_by_label("hair: how much of the second").fill("0.25")
    visit.settle()
    sent = visit.asked[-1]["attributes"]
    assert (sent["Young"], sent["hair=blond"], sent["hair=grey"], sent["hair=black"]) == (0.4, 0.75, 0.25, 0)

    visit.page.get_by_label("hair, mixed with").focus()
    visit.page.keyboard.press("Control+z")
    visit.settle()
    assert visit.asked[-1]["attributes"]["hair=grey"] == 0.5
    visit.page.keyboard.press("Control+z")
    assert visit.page.get_by_label("hair", exact=True).input_value() == "hair=blond"
    assert visit.page.get_by_label("hair, mixed with").input_value() == ""


def test_the_latent_is_shuffled_locked_kept_and_blended(open_page: Open) -> None:
    visit = open_page()
    page = visit.page
    page.fill("#seed", "5")
    page.press("#seed", "Enter")
    page.click("#keep-first")
    page.click("#shuffle")
    visit.settle()
    second = visit.asked[-1]["latent"]["seed"]
    page.click("#keep-second")
    page.locator("#blend").fill("30")
    visit.settle()
    assert visit.asked[-1]["latent"] == {"seed_a": 5, "seed_b": second, "t": 0.3}
    page.click("#lock")
    assert page.locator("#shuffle").is_disabled()
    page.keyboard.press("r")
    visit.settle()
    assert visit.asked[-1]["latent"] == {"seed_a": 5, "seed_b": second, "t": 0.3}
    page.keyboard.press("v")
    assert "The latent is locked" in page.inner_text("#problem-text")
    assert page.locator("#variation-strip img").count() == 0


def test_what_was_saved_gives_the_same_picture_when_it_is_opened(open_page: Open, tmp_path: Path) -> None:
    visit = open_page()
    page = visit.page
    visit.choose("mode", "paint")
    visit.drag((4, 20), (12, 25))
    mask, picture = visit.mask, visit.picture

    def save(item: str) -> Path:
        page.click("#save summary")
        with page.expect_download() as download:
            page.click(item)
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        return file

    saved, mask_file, picture_file = save("#save-manifest"), save("#save-mask"), save("#save-picture")
    np.testing.assert_array_equal(np.asarray(Image.open(mask_file)), mask)
    np.testing.assert_array_equal(np.asarray(Image.open(picture_file)), picture)
    page.locator("#example-strip button").nth(2).click()
    with visit.held("picture"):
        page.click("#shuffle")  # the picture that is saved is still the one before
        assert save("#save-picture").name == picture_file.name
    visit.settle()
    assert (visit.picture != picture).any()
    page.set_input_files("#file-input", saved)
    visit.settle()
    np.testing.assert_array_equal(visit.picture, picture)
    page.locator("#example-strip button").nth(1).click()
    page.set_input_files("#file-input", mask_file)
    visit.settle()
    np.testing.assert_array_equal(visit.mask, mask)


def test_a_dropped_photo_becomes_the_start(open_page: Open, shared_data: Path) -> None:
    visit = open_page()
    photo = (shared_data / "london" / "smiling" / "001.jpg").read_bytes()
    before = visit.mask
    drop(visit.page, photo, "face.jpg", "image/jpeg")
    visit.page.wait_for_selector("#photo-slider", state="visible")
    visit.settle()
    assert (visit.mask != before).sum() > 10
    assert set(np.unique(visit.mask)) >= {0, 1, 2, 4, 5}  # eyes may be smaller than a pixel
    assert visit.page.locator("#problem").is_hidden()

    visit.choose("mode", "paint")  # no points over the mask
    visit.page.locator("#photo-amount").fill("100")
    visit.settle()
    straight = visit.editor
    visit.page.keyboard.press("m")
    visit.settle()
    mirrored = visit.editor
    assert 2 * np.abs(mirrored[:, ::-1] - straight).mean() < np.abs(mirrored - straight).mean()
    for _ in range(2):
        visit.page.keyboard.press("Control+z")
    assert visit.page.locator("#photo-slider").is_hidden()
    visit.page.keyboard.press("Control+y")
    assert visit.page.locator("#photo-slider").is_visible()
    # The person of the photo is shown here only; not in a screenshot.


def test_a_file_that_cannot_be_read_is_answered_with_a_sentence(open_page: Open) -> None:
    visit = open_page()
    drop(visit.page, b"no picture at all", "face.jpg", "image/jpeg")
    visit.page.wait_for_selector("#problem", state="visible")
    assert "not an image" in visit.page.inner_text("#problem-text")
    visit.shoot("problem-light")
    visit.page.click("#problem-close")
    assert visit.page.locator("#problem").is_hidden()
    drop(visit.page, b"", "face.jpg", "image/jpeg")
    visit.page.wait_for_selector("#problem", state="visible")
    assert visit.page.inner_text("#problem-text") == "face.jpg is empty."


def test_that_a_mask_was_resized_is_said_until_it_is_closed(open_page: Open) -> None:
    visit = open_page()
    file = BytesIO()
    Image.new("L", (60, 40)).save(file, "PNG")
    drop(visit.page, file.getvalue(), "mask.png", "image/png")
    visit.page.wait_for_selector("#problem", state="visible")
    visit.settle()  # its picture is there
    assert "resized" in visit.page.inner_text("#problem")
    visit.page.click("#problem-close")
    assert visit.page.locator("#problem").is_hidden()


def test_when_the_server_stops_the_page_says_so_and_goes_on_when_it_is_back(open_page: Open, face_model: Path) -> None:
    studio = Studio([face_model])
    studio.start()
    visit = open_page(studio, color_scheme="dark")
    studio.stop()
    visit.choose("mode", "paint")
    visit.drag((4, 4), (10, 4))
    visit.page.wait_for_selector("#offline", state="visible")
    assert "does not answer" in visit.page.inner_text("#offline")
    visit.shoot("offline-dark")
    picture, count = visit.picture, len(visit.asked)
    visit.choose("mode", "points")
    visit.page.locator('input[name="yaw"]').fill("25")
    studio.start()
    visit.page.wait_for_selector("#offline", state="hidden")
    visit.settle()
    assert len(visit.asked) > count
    assert visit.mask[4, 7] == 0  # a face drawn anew
    visit.page.keyboard.press("Control+z")
    visit.settle()
    assert visit.mask[4, 7] == 1  # the stroke made without a server
    assert (visit.picture != picture).any()
    visit.page.context.close()
    studio.stop()


def test_a_stroke_never_queues_stale_requests(open_page: Open) -> None:
    visit = open_page()
    visit.choose("mode", "paint")
    under_way: list[int] = []
    most = 0

    def begin(request: Any) -> None:
        nonlocal most
        if request.url.endswith("/picture"):
            under_way.append(1)
            most = max(most, len(under_way))

    def end(request: Any) -> None:
        if request.url.endswith("/picture"):
            under_way.pop()

    visit.page.on("request", begin)
    visit.page.on("requestfinished", end)
    count = len(visit.asked)
    visit.drag(*((4 + step / 4, 6 + 3 * (step % 2)) for step in range(80)))
    assert most == 1
    assert 1 <= len(visit.asked) - count < 80
    visit.page.keyboard.press("Control+z")  # the whole stroke is one step
    visit.settle()
    assert visit.page.locator("#undo").is_disabled()


def has_points(visit: Visit) -> bool:
    """Whether points are drawn over the mask: white as no class is."""
    return bool((visit.editor > 250).all(-1).any())


def test_twelve_variations_history_and_the_way_from_a_to_b(open_page: Open, tmp_path: Path) -> None:
    visit = open_page()
    page = visit.page
    assert has_points(visit)
    visit.tab("From A to B")
    page.click("#keep-a")
    visit.tab("Variations")
    visit.choose("vary", "both")
    page.click("#make-variations")
    page.wait_for_selector("#variation-strip img")
    assert page.locator("#variation-strip img").count() == 12
    first = visit.picture
    page.locator("#variation-strip button").nth(3).click()
    visit.settle()
    assert (visit.picture != first).any()
    visit.shoot("variations-light")
    page.locator('input[name="yaw"]').fill("-20")
    visit.settle()

    visit.tab("From A to B")
    page.click("#keep-b")
    last = visit.picture
    page.select_option("#frames", "12")
    page.click("#play")
    page.wait_for_selector("#along:not([disabled])")
    page.locator("#along").fill("0")
    np.testing.assert_allclose(visit.picture, first, atol=1)
    visit.settle()
    assert not has_points(visit)  # those of B would lie over the mask of A
    page.locator("#along").fill("11")
    np.testing.assert_allclose(visit.picture, last, atol=1)
    visit.shoot("way-light")
    with page.expect_download() as download:
        page.click("#save-gif")
    download.value.save_as(tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as film:
        assert getattr(film, "n_frames", 0) >= 12

    visit.tab("History")
    page.locator("#history-strip button").last.click()
    visit.settle()
    np.testing.assert_array_equal(visit.picture, first)


def test_everything_works_by_keyboard(open_page: Open) -> None:
    visit = open_page()
    page = visit.page
    mask = visit.mask
    page.locator("#mask").focus()
    for key in (".", "Shift+ArrowLeft", "Shift+ArrowUp"):
        page.keyboard.press(key)
    visit.settle()
    page.locator("#announcement", has_text="left mouth corner").wait_for(state="attached")
    assert (visit.mask != mask).any()

    page.keyboard.press("b")
    page.keyboard.press("7")
    for key in ("Shift+ArrowLeft", "Shift+ArrowLeft", "ArrowUp", " "):
        page.keyboard.press(key)
    visit.settle()
    assert visit.mask[15, 6] == 6
    page.locator("#announcement", has_text="row 16: mouth").wait_for(state="attached")

    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('button, input:not([type=file]), select, canvas:not([aria-hidden])')]
            .filter((e) => e.checkVisibility() && !e.closest('#example-strip canvas, .strip canvas'))
            .filter((e) => !(e.ariaLabel || e.innerText?.trim() || e.labels?.[0]?.innerText.trim()))
            .map((e) => e.outerHTML)"""
    )
    assert not [text for text in unnamed if "<canvas" not in text]
    page.keyboard.press("?")
    page.wait_for_selector("#help-dialog[open]")
    visit.shoot("help-light")
    page.keyboard.press("Escape")


def test_zooming_keeps_strokes_where_the_pointer_is(open_page: Open) -> None:
    visit = open_page()
    visit.choose("mode", "paint")
    visit.choose("class", "3")
    visit.page.locator("#brush-size").fill("1")
    before = visit.mask
    visit.page.mouse.move(*visit.place(24, 24))
    visit.page.keyboard.down("Control")
    visit.page.mouse.wheel(0, -208)  # e^(208/300) = 2: what is under the pointer stays there
    visit.page.keyboard.up("Control")
    assert visit.page.inner_text("#zoom") == "200 %"
    visit.drag((21, 27), (21, 27))  # twice as near to the pointer as it looks
    changed = visit.mask != before
    assert list(zip(*np.nonzero(changed), strict=True)) == [(25, 22)]

    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    visit.page.on("dialog", leave)
    visit.page.reload()
    assert asked == ["beforeunload"]  # there was something to lose


def test_on_a_phone(open_page: Open) -> None:
    phone = {"width": 390, "height": 844}
    visit = open_page(viewport=phone, has_touch=True, is_mobile=True, device_scale_factor=2, color_scheme="dark")
    page = visit.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    visit.shoot("phone-dark")
    page.locator("label:has(input[value=paint])").tap()
    before = visit.mask
    page.touchscreen.tap(*visit.place(6, 6))
    visit.settle()
    assert (visit.mask != before).any()
    visit.shoot("phone-paint-dark")

    painted = visit.mask
    page.locator("label:has(input[value=fill])").tap()
    pinch(visit, *visit.place(20, 4))  # fills, until the second finger comes
    assert page.inner_text("#zoom") != "100 %"
    np.testing.assert_array_equal(visit.mask, painted)
    page.keyboard.press("0")
    page.locator("label:has(input[value=points])").tap()
    nose = example_points(visit)[30] * SIZE
    pinch(visit, *visit.place(*nose))  # takes a point, but does not move it
    np.testing.assert_array_equal(visit.mask, painted)


def test_another_model_brings_its_own_classes(open_page: Open) -> None:
    visit = open_page()
    visit.page.select_option("#model", "figures")
    visit.settle()
    names = visit.page.locator("#classes span").all_inner_texts()
    assert names == ["background", "body", "left arm", "right arm"]
    assert visit.page.locator("#modes").is_hidden() and visit.page.locator("#attributes-part").is_hidden()
    before = visit.mask
    visit.page.click("#mirror")
    visit.settle()
    partner = np.array([0, 1, 3, 2], np.uint8)
    np.testing.assert_array_equal(visit.mask, partner[before[:, ::-1]])
    assert visit.page.locator("#open-photo").is_hidden()
    visit.shoot("figures-light")


def test_what_comes_late_does_not_mix_two_models(open_page: Open) -> None:
    visit = open_page()
    page = visit.page
    with visit.held("figures/examples"):
        page.select_option("#model", "figures")
        page.select_option("#model", "faces")
    visit.settle()
    assert page.locator("#example-strip button").count() == 3

    visit.tab("From A to B")
    page.click("#keep-a")
    page.click("#keep-b")
    page.select_option("#frames", "12")
    with page.expect_download() as film, visit.held("film"):
        page.click("#save-gif")
        assert page.locator("#save-mp4").is_disabled()  # one film after the other
        page.select_option("#model", "figures")
    visit.settle()
    assert film.value.suggested_filename == "faces-from-a-to-b.gif"
    assert page.locator("#save-gif").is_disabled()  # nothing of this model is kept

    with visit.held("pictures"):
        page.keyboard.press("v")
        page.select_option("#model", "faces")
    visit.settle()
    assert page.locator("#variation-strip img").count() == 0


def test_a_token_is_asked_for_unless_the_address_has_it(browser: Browser, figure_model: Path) -> None:
    studio = Studio([figure_model], token="open sesame")
    studio.start()
    context = browser.new_context()
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(studio.url)
    page.wait_for_selector("#token-dialog[open]")
    page.fill("#token", "wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#token")).to_have_value("", timeout=60_000)  # asked again
    page.fill("#token", "open sesame")
    page.keyboard.press("Enter")
    page.wait_for_selector("#waiting", state="hidden")
    other = browser.new_context().new_page()
    other.goto(f"{studio.url}#token=open%20sesame")
    other.wait_for_selector("#waiting", state="hidden", timeout=60_000)
    assert "token" not in other.url
    other.context.close()
    context.close()
    studio.stop()


def example_points(visit: Visit) -> NDArray[np.float64]:
    found = visit.page.evaluate("fetch('api/models/faces/examples').then((answer) => answer.json())")
    return np.array(found[0]["landmarks"])


def pinch(visit: Visit, x: float, y: float) -> None:
    """Put one finger down, then a second, and move them apart."""
    session = visit.page.context.new_cdp_session(visit.page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"id": finger, "x": x, "y": y} for finger, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (x, y))
    visit.settle()
    touch("touchStart", (x, y), (x + 60, y + 60))
    touch("touchMove", (x, y), (x + 90, y + 90))
    touch("touchEnd")
    visit.settle()


def drop(page: Page, content: bytes, name: str, kind: str) -> None:
    """Drop a file on the page as from a folder."""
    page.evaluate(
        """([bytes, name, type]) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
            for (const event of ["dragenter", "dragover", "drop"]) {
                dispatchEvent(new DragEvent(event, { dataTransfer, bubbles: true, cancelable: true }));
            }
        }""",
        [list(content), name, kind],
    )
