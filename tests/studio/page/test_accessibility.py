"""Rules of axe-core in the main states of the page, and the layout of a small screen."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from running_studio import Studio

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from visit import Open, violations

from patience import MAX_SECONDS


def jpeg() -> dict[str, object]:
    file = BytesIO()
    Image.linear_gradient("L").resize((40, 60)).save(file, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(1280, 800, "light"), (1024, 700, "dark"), (390, 844, "light")]
)
def test_main_states_break_no_rule(open_page: Open, width: int, height: int, scheme: str) -> None:
    visit = open_page(viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")
    page = visit.page
    found = {"points": violations(visit)}
    visit.choose("mode", "paint")
    found["paint"] = violations(visit)
    page.click("#save summary")
    found["menu"] = violations(visit)
    menu = page.locator("#save .menu-items").bounding_box()
    assert menu is not None and menu["x"] >= 0 and menu["x"] + menu["width"] <= width
    page.keyboard.press("Escape")
    assert page.locator("#save-image").is_hidden()
    seed = page.locator("#seed")
    seed.fill("888888")  # the widest digits are not cut off
    assert seed.evaluate("(input) => input.scrollWidth <= input.clientWidth")
    seed.fill("7")
    page.get_by_role("switch", name="Young").set_checked(True, force=True)
    for tab in ("Variations", "Animate", "History"):
        visit.tab(tab)
        found[tab] = violations(visit)
    page.select_option("#model", "figures")
    page.wait_for_selector("#model-dialog[open]")
    found["model"] = violations(visit)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    found["help"] = violations(visit)
    page.keyboard.press("Escape")
    visit.drop(b"no image at all", "face.jpg", "image/jpeg")
    page.wait_for_selector("#problem", state="visible")
    found["problem"] = violations(visit)
    assert {state: rules for state, rules in found.items() if rules} == {}
    small = page.evaluate(
        """() => [...document.querySelectorAll('input[type=checkbox]')].filter((e) => e.checkVisibility())
            .filter((e) => e.clientWidth < 24 || e.clientHeight < 24).length"""
    )
    assert small == 0


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 800, "dark"), (390, 844, "dark")])
def test_results_and_dialogs_break_no_rule(
    open_page: Open, segmenting_model: Path, width: int, height: int, scheme: str
) -> None:
    studio = Studio([segmenting_model])
    studio.start()
    viewport = {"width": width, "height": height}
    visit = open_page(studio, viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    page = visit.page
    visit.tab("Variations")
    page.click("#generate-variations")
    page.wait_for_selector("#variation-strip button")
    found = {"variations": violations(visit)}
    visit.tab("Animate")
    for end in ("start", "end"):
        page.click(f"#set-{end}")
        page.keyboard.press("r")
        visit.settle()
    page.click("#play")
    page.wait_for_selector("#frame:enabled")
    found["playing"] = violations(visit)
    page.set_input_files("#open-photo-input", jpeg())
    page.wait_for_selector("#crop-dialog[open]")
    found["crop"] = violations(visit)
    page.get_by_role("button", name="Use this part").click()
    page.wait_for_selector("#crop-photo", state="visible")
    found["photo"] = violations(visit)
    studio.stop()
    page.keyboard.press("r")
    page.wait_for_selector("#offline", state="visible")
    found["offline"] = violations(visit)
    assert {state: rules for state, rules in found.items() if rules} == {}


def test_question_for_the_token_breaks_no_rule(browser: Browser, figure_model: Path) -> None:
    studio = Studio([figure_model], token="open sesame")
    studio.start()
    context = browser.new_context()
    context.set_default_timeout(1000 * MAX_SECONDS)
    page = context.new_page()
    page.goto(studio.url)
    page.wait_for_selector("#token-dialog[open]")
    assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
    context.close()
    studio.stop()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1024, 700)])
def test_image_stays_in_sight_of_all_controls(open_page: Open, width: int, height: int) -> None:
    visit = open_page(viewport={"width": width, "height": height})
    visit.tab("Variations")
    visit.page.locator("#generate-variations").scroll_into_view_if_needed()
    visit.page.locator("#blend").scroll_into_view_if_needed()
    for name in ("#mask", "#image", "#generate-variations"):
        box = visit.page.locator(name).bounding_box()
        assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= height and box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert (visit.page.locator("#image").bounding_box() or {})["width"] > 200
