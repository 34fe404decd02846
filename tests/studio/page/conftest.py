"""Browser and visits for the tests of the page."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from running_studio import Studio

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext
    from visit import Open

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Not for the whole session: playwright runs an event loop, and other tests start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    path = shutil.which("chromium")
    if path is None:
        reason = "there is no chromium: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: "Browser", studio: Studio) -> Iterator["Open"]:
    """Open the page. At the end no script may have failed, and no request may have left the machine."""
    from visit import Visit

    visits: list[Visit] = []
    contexts: list[BrowserContext] = []

    def open_visit(studio: Studio = studio, **options: Any) -> Visit:
        context = browser.new_context(viewport=options.pop("viewport", {"width": 1280, "height": 800}), **options)
        contexts.append(context)
        visits.append(Visit(context, studio))
        return visits[-1]

    yield open_visit
    for visit in visits:
        assert visit.hosts == {"127.0.0.1"}
        assert not visit.errors
    for context in contexts:
        context.close()
