"""Curves, shares and spread from a log written by hand."""

import pytest

from scgan.comparison.losses import describe_losses


def test_a_log_by_hand() -> None:
    log = [{"step": 1, "stage": "segmentor", "images_seen": 0, "segmentor/segmentation": 2.0}]
    for step in range(2, 42):
        shake = 0.5 if step % 2 else -0.5
        line = {"step": step, "stage": "adversarial", "images_seen": step, "generator/adversarial": -3.0 + shake}
        line |= {"generator/segmentation": 1.0, "discriminator/adversarial": 1.0}
        if step % 4 == 0:
            line["discriminator/gradient_penalty"] = 8.0
        log.append(line)
    found = describe_losses(log)
    assert list(found) == ["segmentor", "generator", "discriminator"]
    assert found["segmentor"] == {"steps": [1], "total": [2], "spread": None, "shares": {"segmentation": 1}}
    generator = found["generator"]
    assert generator["steps"] == list(range(2, 42))
    assert generator["total"][:2] == [-2.5, -1.5]
    assert generator["spread"] == pytest.approx(0.5, abs=0.03)  # its moving average over eight lines is steady
    assert generator["shares"] == {"adversarial": 0.75, "segmentation": 0.25}
    # A penalty that comes lazily does not shake the loss; its share is that of the lines that have it.
    assert found["discriminator"]["spread"] == 0
    assert found["discriminator"]["shares"]["gradient_penalty"] == pytest.approx(8 / 9, abs=1e-6)


def test_long_curves_are_thinned() -> None:
    log = [{"step": step, "images_seen": step, "generator/adversarial": 1.0} for step in range(1, 2001)]
    assert len(describe_losses(log)["generator"]["total"]) == 300
    assert describe_losses([]) == {}
