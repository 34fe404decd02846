"""Registry of controls: a new control is one module and its name in a list."""

import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from running_studio import Studio

from extending_examples import apply_example, copy_package

pytest.importorskip("playwright")
from playwright.sync_api import expect
from visit import Open

CLEAR_MASK = """
// Button that fills the whole mask with the first class.

import { button } from "../dom.js";
import { maskPatch } from "../masks.js";

export default function clearMask({ store, keys }) {
  const onclick = () => store.change(maskPatch(new Uint8Array(store.present.mask.length)));
  keys.add("c", "Clear the mask", onclick);
  return button({ id: "clear-mask", text: "Clear the mask", onclick });
}
"""

NOTES = """
// Notes of the person.

import { element } from "../dom.js";

export const title = "Notes";

export default function notes() {
  return element("textarea", { ariaLabel: "Notes" });
}
"""


def test_control_and_tab_added_to_a_copy_of_the_page(open_page: Open, face_model: Path, tmp_path: Path) -> None:
    page_folder = tmp_path / "page"
    shutil.copytree(str(files("scgan.studio") / "page"), page_folder)
    (page_folder / "controls" / "clear-mask.js").write_text(CLEAR_MASK, encoding="utf-8")
    (page_folder / "tabs" / "notes.js").write_text(NOTES, encoding="utf-8")
    registry = page_folder / "controls.js"
    text = registry.read_text(encoding="utf-8")
    text = text.replace('["brush", "classes"]', '["brush", "classes", "clear-mask"]')
    registry.write_text(text.replace('"history"]', '"history", "notes"]'), encoding="utf-8")
    studio = Studio([face_model], page_folder=page_folder)
    studio.start()
    visit = open_page(studio)
    visit.choose("mode", "paint")
    before = visit.mask
    visit.page.click("#clear-mask")
    visit.settle()
    assert not visit.mask.any()
    visit.page.click("#undo")
    visit.settle()
    np.testing.assert_array_equal(visit.mask, before)
    visit.page.keyboard.press("c")
    visit.settle()
    assert not visit.mask.any()
    visit.tab("Notes")
    assert visit.page.get_by_label("Notes").last.is_visible()
    visit.page.keyboard.press("?")
    assert "Clear the mask" in visit.page.inner_text("#help-dialog")
    visit.page.context.close()
    studio.stop()


def test_example_of_the_docs(open_page: Open, face_model: Path, tmp_path: Path) -> None:
    copy_package(tmp_path)
    apply_example("A control of the studio", tmp_path)
    studio = Studio([face_model], page_folder=tmp_path / "src" / "scgan" / "studio" / "page")
    studio.start()
    page = open_page(studio).page
    clear, switch = page.locator("#clear-attributes"), page.get_by_role("switch", name="Male")
    switch.set_checked(True, force=True)
    clear.click()
    assert not switch.is_checked()
    expect(clear).to_be_disabled()
    studio.stop()
