"""Page in a real browser. Screenshots of the main states go to build/studio."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import BrowserContext, Request, Route
from running_studio import Studio

from patience import MAX_SECONDS

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "studio"
SIZE = 32

# Not requestIdleCallback: after a key that changes nothing on the screen, Chromium lets it wait for its timeout.
TWO_FRAMES = """new Promise((resolve) =>
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))))"""


class Visit:
    """One visitor with the page open.

    Attributes:
        requests: bodies of all requests for an image or an edited photo, in order.
        errors: uncaught exceptions of the page.
        hosts: hosts that the page sent requests to.
    """

    def __init__(self, context: BrowserContext, studio: Studio) -> None:
        self.hosts: set[str] = set()
        self.requests: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self._pending: set[Request] = set()
        context.set_default_timeout(1000 * MAX_SECONDS)
        context.on("request", self._begin)
        for end in ("requestfinished", "requestfailed"):
            context.on(end, lambda request: self._pending.discard(request))
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(studio.url)
        self.page.wait_for_selector("#loading", state="hidden")
        self.settle()

    def _begin(self, request: Request) -> None:
        if request.url.startswith(("blob:", "data:")):
            return
        self._pending.add(request)
        self.hosts.add(str(urlsplit(request.url).hostname))
        if request.url.endswith(("/image", "/edit")):
            self.requests.append(request.post_data_json)

    def settle(self) -> None:
        """Wait until no request has been pending for 200 ms in which the page drew ten frames."""
        quiet = 0
        while quiet < 5:
            self.page.wait_for_timeout(40)
            self.page.evaluate(TWO_FRAMES)  # a busy machine may keep the page from working for longer than that
            quiet = 0 if self._pending else quiet + 1

    def wait_for_request(self, count: int) -> None:
        """Wait for more than ``count`` requests for an image, as after a file was opened, and for their answers."""
        self.wait_until(lambda: len(self.requests) > count)
        self.settle()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that a request of the page changes here."""
        end = monotonic() + MAX_SECONDS
        while not condition():
            assert monotonic() < end
            self.page.wait_for_timeout(40)

    def stroke(self, *points: tuple[float, float]) -> None:
        """Press at the first point, move over the others, release. Points are in mask pixels."""
        mouse = self.page.mouse
        mouse.move(*self.to_screen(*points[0]))
        mouse.down()
        for point in points[1:]:
            mouse.move(*self.to_screen(*point))
        mouse.up()

    @property
    def mask(self) -> NDArray[np.uint8]:
        """Class indices of the last request, uint8 (H, W)."""
        return np.frombuffer(b64decode(self.requests[-1]["segmentation"]), np.uint8).reshape(SIZE, SIZE)

    @property
    def image(self) -> NDArray[np.int64]:
        """Image on the screen, (H, W, 3)."""
        code = "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        values = self.page.locator("#image").evaluate(code)
        return np.array(values).reshape(SIZE, SIZE, 4)[..., :3]

    @property
    def editor(self) -> NDArray[np.int64]:
        """Screenshot of the mask editor without its round corners."""
        with Image.open(BytesIO(self.page.locator("#mask").screenshot())) as image:
            return np.asarray(image.convert("RGB"), np.int64)[8:-8, 8:-8]

    def shows_points(self) -> bool:
        """Return True if points are drawn over the mask. They are white, unlike every class."""
        return bool((self.editor > 250).all(-1).any())

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """Convert mask pixels to screen coordinates."""
        box = self.page.locator("#mask").bounding_box()
        assert box is not None
        return box["x"] + x / SIZE * box["width"], box["y"] + y / SIZE * box["height"]

    def drag(self, *points: tuple[float, float]) -> None:
        """Draw a stroke and wait for its image."""
        self.stroke(*points)
        self.settle()

    @contextmanager
    def delayed(self, path: str) -> Iterator[None]:
        """Delay requests to a path of the API, at least one, until the block ends."""
        routes: list[Route] = []
        self.page.route(f"**/{path}", lambda route: routes.append(route))
        yield
        self.wait_until(lambda: bool(routes))
        self.page.wait_for_timeout(200)
        for route in routes:
            route.continue_()
        self.page.unroute(f"**/{path}")

    def choose(self, name: str, value: str) -> None:
        """Select a radio button."""
        self.page.check(f'input[name="{name}"][value="{value}"]', force=True)

    def tab(self, name: str) -> None:
        """Select a tab of the gallery."""
        self.page.get_by_role("tab", name=name).click()

    def drop(self, content: bytes, name: str, media_type: str) -> None:
        """Drop a file on the page."""
        self.page.evaluate(
            """([bytes, name, type]) => {
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
                for (const event of ["dragenter", "dragover", "drop"]) {
                    dispatchEvent(new DragEvent(event, { dataTransfer, bubbles: true, cancelable: true }));
                }
            }""",
            [list(content), name, media_type],
        )

    def pinch(self, x: float, y: float) -> None:
        """Put one finger down, then a second, and move them apart."""
        session = self.page.context.new_cdp_session(self.page)

        def touch(kind: str, *positions: tuple[float, float]) -> None:
            points = [{"id": finger, "x": x, "y": y} for finger, (x, y) in enumerate(positions)]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", (x, y))
        self.settle()
        touch("touchStart", (x, y), (x + 60, y + 60))
        touch("touchMove", (x, y), (x + 90, y + 90))
        touch("touchEnd")
        self.settle()

    def example_points(self) -> NDArray[np.float64]:
        """Landmarks of the first example, (68, 2)."""
        examples = self.page.evaluate("fetch('api/models/faces/examples').then((response) => response.json())")
        return np.array(examples[0]["landmarks"])

    def screenshot(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


def violations(visit: Visit) -> list[str]:
    """Rules of axe-core that the page breaks, with the first element that breaks each."""
    from axe_playwright_python.base import AXE_SCRIPT
    from axe_playwright_python.sync_playwright import Axe

    script = AXE_SCRIPT if visit.page.evaluate("!globalThis.axe") else ""
    results = Axe(script).run(visit.page).response
    assert len(results["passes"]) > 10
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:150]}" for rule in results["violations"]]


Open = Callable[..., Visit]
"""Opens the page of a studio with options of the browser context."""


def assert_different_images(actual: NDArray[Any], expected: NDArray[Any]) -> None:
    """Check that two images differ by more than rounding."""
    assert np.abs(actual.astype(np.int64) - expected).max() > 1
