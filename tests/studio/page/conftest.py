"""Browser and visits for the tests of the page."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from running_studio import Studio

from chromium import open_chromium
from patience import MAX_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext
    from visit import Open


# Not for the whole session: playwright runs an event loop, and other tests start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import expect

    expect.set_options(timeout=1000 * MAX_SECONDS)
    with open_chromium() as browser:
        yield browser


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
