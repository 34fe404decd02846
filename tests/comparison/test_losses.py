"""Tests of curves, shares and spread, from a log written by hand."""

import pytest

from scgan.comparison.losses import describe_losses


def test_a_log_by_hand() -> None:
    log = [{"step": 1, "stage": "pretraining", "images_seen": 0, "segmentor/segmentation": 2.0}]
    for step in range(2, 42):
        oscillation = 0.5 if step % 2 else -0.5
        line = {"step": step, "stage": "adversarial", "images_seen": step, "generator/adversarial": -3.0 + oscillation}
        line |= {"generator/segmentation": 1.0, "discriminator/adversarial": 1.0}
        if step % 4 == 0:
            line["discriminator/penalty"] = 8.0
        log.append(line)
    described = describe_losses(log)
    assert list(described) == ["segmentor", "generator", "discriminator"]
    assert described["segmentor"] == {"steps": [1], "total": [2], "spread": None, "shares": {"segmentation": 1}}
    generator = described["generator"]
    assert generator["steps"] == list(range(2, 42))
    assert generator["total"][:2] == [-2.5, -1.5]
    assert generator["spread"] == pytest.approx(0.5, abs=0.03)  # its moving average over eight lines is steady
    assert generator["shares"] == {"adversarial": 0.75, "segmentation": 0.25}
    # A penalty that is computed only in some lines adds no spread; its share is that of the lines that have it.
    assert described["discriminator"]["spread"] == 0
    assert described["discriminator"]["shares"]["penalty"] == pytest.approx(8 / 9, abs=1e-6)


def test_long_curves_are_thinned() -> None:
    log = [{"step": step, "images_seen": step, "generator/adversarial": 1.0} for step in range(1, 2001)]
    assert len(describe_losses(log)["generator"]["total"]) == 300
    assert describe_losses([]) == {}
