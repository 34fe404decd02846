"""Tests of counts, choices and suggestions."""

from __future__ import annotations

from pathlib import Path

import pytest

from scgan.utils.text import counted, did_you_mean, join_names, join_or, shell_path


def test_counts_have_their_plural() -> None:
    assert [counted(count, "image") for count in (0, 1, 2, 12000)] == [
        "0 images",
        "1 image",
        "2 images",
        "12,000 images",
    ]
    assert counted(2, "class", "classes") == "2 classes" and counted(1, "class", "classes") == "1 class"
    assert [counted(minutes, "minute") for minutes in (1.0, 1.5, 20.0)] == ["1 minute", "1.5 minutes", "20 minutes"]


def test_choices() -> None:
    assert join_or(["a"]) == "a" and join_or("ab") == "a or b" and join_or([1, 2, 3]) == "1, 2 or 3"
    assert join_names([]) == "none" and join_names(range(21)).endswith("19, … (21 in all)")


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("trian", "did you mean train? Choose one."),
        ("TRAIN", "did you mean train? Choose one."),
        ("mask_accuracy", "did you mean mask-accuracy? Choose one."),
        ("xyz", "choose one."),
    ],
)
def test_suggestions(word: str, sentence: str) -> None:
    assert did_you_mean(word, ["train", "mask-accuracy"], "choose one.") == sentence


@pytest.mark.parametrize(
    ("path", "word"),
    [("run", "run"), ("my run", "'my run'"), ("-run", "./-run"), ("a\nb", "'a\nb'"), ("/x/-y", "/x/-y")],
)
def test_paths_in_commands(path: str, word: str) -> None:
    assert shell_path(Path(path)) == word
