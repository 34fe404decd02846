"""Classes of the left and the right side."""

from __future__ import annotations

import pytest

from scgan.data.sides import find_sides


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("left arm", "right arm"),
        ("Left-arm", "Right-arm"),
        ("LEFT_ARM", "RIGHT_ARM"),
        ("arm_left", "arm_right"),
        ("arm (left)", "arm (right)"),
        ("l_eye", "r_eye"),
        ("eye_l", "eye_r"),
        ("L-brow", "R-brow"),
        ("l brow", "r brow"),
        ("LeftArm", "RightArm"),
        ("armLeft", "armRight"),
        ("leftArm", "rightArm"),
        ("leftarm", "rightarm"),
        ("eyeL", "eyeR"),
        ("LEye", "REye"),
        ("leye", "reye"),
        ("hand.L", "hand.R"),
        ("Lt. kidney", "Rt. kidney"),
        ("left", "right"),
        ("upper left leg", "upper right leg"),
        ("left_upper_arm_front", "right_upper_arm_front"),
        ("leg_L1", "leg_R1"),
        ("Left_Shoe", "right shoe"),
        ("Arm links", "Arm rechts"),
        ("bras gauche", "bras droit"),
        ("\u5de6\u76ee", "\u53f3\u76ee"),
    ],
)
def test_usual_spellings_are_paired(left: str, right: str) -> None:
    sides = find_sides(["background", right, "nose", left])
    assert sides.pairs == ((left, right),) and not sides.warnings


def test_classes_of_celebamask_hq() -> None:
    names = [
        "background",
        "skin",
        "nose",
        "eye_g",
        "l_eye",
        "r_eye",
        "l_brow",
        "r_brow",
        "l_ear",
        "r_ear",
        "mouth",
        "u_lip",
        "l_lip",
        "hair",
        "hat",
    ]
    sides = find_sides(names)
    assert sides.pairs == (("l_eye", "r_eye"), ("l_brow", "r_brow"), ("l_ear", "r_ear"))
    assert not sides.warnings


def test_words_that_are_no_sides() -> None:
    names = ["bright sky", "copyright", "leftover", "light", "wall", "roll", "ear", "l", "upright"]
    assert find_sides(names) == ((), ())


@pytest.mark.parametrize(
    ("names", "warning"),
    [
        (["left arm", "leg"], "left arm seems to be one side without the right one"),
        (["ear_r", "hair"], "ear_r seems to be one side without the left one"),
        (["lamp", "ramp"], "lamp and ramp look like the left and right of one part but are not paired"),
        (["left arm", "Left-arm", "right arm"], "are sides of one part, but not one pair: they are not paired"),
    ],
)
def test_doubtful_names_are_warned_of(names: list[str], warning: str) -> None:
    sides = find_sides(names)
    assert sides.pairs == () and len(sides.warnings) >= 1
    assert warning in sides.warnings[0]
