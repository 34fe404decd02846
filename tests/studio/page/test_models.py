"""Switching between models."""

import numpy as np
import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect
from visit import Open


def test_another_model_has_its_own_classes(open_page: Open) -> None:
    visit = open_page()
    visit.page.select_option("#model", "figures")
    visit.settle()
    names = visit.page.locator("#classes span").all_inner_texts()
    assert names == ["background", "body", "left arm", "right arm"]
    assert visit.page.locator("#modes").is_hidden() and visit.page.locator("#attributes-section").is_hidden()
    before = visit.mask
    visit.page.click("#mirror")
    visit.settle()
    partner = np.array([0, 1, 3, 2], np.uint8)
    np.testing.assert_array_equal(visit.mask, partner[before[:, ::-1]])
    assert visit.page.locator("#open-photo").is_hidden()
    visit.screenshot("figures-light")


def test_late_responses_do_not_mix_two_models(open_page: Open) -> None:
    visit = open_page()
    page = visit.page
    with visit.delayed("figures/examples"):
        page.select_option("#model", "figures")
        page.select_option("#model", "faces")
    visit.settle()
    assert page.locator("#example-strip button").count() == 3

    visit.tab("Animate")
    page.click("#set-start")
    page.click("#set-end")
    page.select_option("#frames", "12")
    with page.expect_download() as video, visit.delayed("video"):
        page.click("#save-gif")
        assert page.locator("#save-mp4").is_disabled()  # one video at a time
        page.select_option("#model", "figures")
    visit.settle()
    assert video.value.suggested_filename == "faces-animation.gif"
    assert page.locator("#save-gif").is_disabled()  # start and end of another model are not kept

    with visit.delayed("images"):
        page.keyboard.press("v")
        page.select_option("#model", "faces")
    visit.settle()
    assert page.locator("#variation-strip img").count() == 0


def test_change_of_the_model_asks_before_it_discards_the_mask(open_page: Open) -> None:
    visit = open_page()
    page = visit.page
    visit.choose("mode", "paint")
    visit.drag((4, 4), (10, 4))
    mask = visit.mask
    page.select_option("#model", "figures")
    page.get_by_role("button", name="Keep working").click()
    expect(page.locator("#model")).to_have_value("faces")  # the dialog closes a moment after the click
    page.select_option("#model", "figures")
    page.get_by_role("button", name="Change the model").click()
    visit.settle()
    assert page.locator("#modes").is_hidden() and (visit.mask != mask).any()
