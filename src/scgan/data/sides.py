"""Classes of the left and the right side, which a horizontal flip exchanges."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from scgan.utils.text import join_names

# Words for the two sides: English with its short forms, and what other languages write in class names.
_SIDES = (
    ("left", "right"),
    ("l", "r"),
    ("lt", "rt"),
    ("lft", "rgt"),
    ("lhs", "rhs"),
    ("lh", "rh"),
    ("lefthand", "righthand"),
    ("links", "rechts"),
    ("linker", "rechter"),
    ("linke", "rechte"),
    ("linkes", "rechtes"),
    ("gauche", "droite"),
    ("gauche", "droit"),
    ("izquierdo", "derecho"),
    ("izquierda", "derecha"),
    ("sinistro", "destro"),
    ("sinistra", "destra"),
    ("esquerdo", "direito"),
    ("esquerda", "direita"),
    ("левый", "правый"),
    ("левая", "правая"),
    ("левое", "правое"),
    ("左", "右"),
)
_WORD_OF = {word: (left, right) for left, right in reversed(_SIDES) for word in (left, right)}
# Parts of a body or of clothing that a single letter may stand before or after: "leye", "lbrow", "legr".
_PARTS = frozenset(
    {"eye", "eyes", "brow", "brows", "eyebrow", "ear", "ears", "earring", "iris", "pupil", "lid", "cheek", "arm"}
    | {"arms", "forearm", "upperarm", "lowerarm", "hand", "hands", "wrist", "elbow", "shoulder", "leg", "legs"}
    | {"thigh", "calf", "knee", "ankle", "foot", "feet", "hip", "shoe", "shoes", "sock", "sleeve", "glove", "lung"}
    | {"kidney", "breast"}
)
_GLUED = re.compile(r"^(left|right)(.+)$|^(.+?)(left|right)$|^([左右])(.+)$|^(.+)([左右])$")
_SHORT = re.compile(r"([lr])([a-z]{2,})|([a-z]{2,})([lr])")
# Parts of a name: words in camel case, capitals, other letters, numbers.
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^\W\d_]+|\d+")


class Sides(NamedTuple):
    """Pairs of classes, and sentences about names that may be a side but were not paired.

    Attributes:
        pairs: (left, right) names.
        warnings: one-sided names, likely and ambiguous pairs.
    """

    pairs: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def find_sides(names: Sequence[str]) -> Sides:
    """Find the pairs of classes that a horizontal flip exchanges.

    A name has one word for a side: "left arm", "Left-arm", "arm_left", "l_eye", "eye (L)", "LeftArm", "leftarm". Two
    names that differ in this word only are a pair.
    """
    templates: dict[tuple[str, ...], dict[bool, list[str]]] = {}
    for name in names:
        for template, is_right in _templates(name)[:1]:
            templates.setdefault(template, {False: [], True: []})[is_right].append(name)
    pairs, warnings = [], []
    for sides in templates.values():
        left, right = sides[False], sides[True]
        if len(left) == len(right) == 1:
            pairs.append((left[0], right[0]))
        elif left and right:
            warnings.append(f"{join_names(left + right)} are sides of one part, but not one pair: they are not paired")
        elif _is_word_of_its_own((left + right)[0], names):
            other = "left" if right else "right"
            warnings.append(
                f"{join_names(left + right)} seems to be one side without the {other} one: a flip exchanges nothing"
            )
    paired = {name for pair in pairs for name in pair}
    warnings += _likely_pairs([name for name in names if name not in paired])
    return Sides(tuple(sorted(pairs, key=lambda pair: names.index(pair[0]))), tuple(warnings))


def _templates(name: str) -> list[tuple[tuple[str, ...], bool]]:
    """The name with its word for a side replaced, and true for the right side; empty if there is not exactly one."""
    parts = [part.lower() for part in _PART.findall(name)]
    found = [index for index, part in enumerate(parts) if part in _WORD_OF]
    if len(found) == 1 and (len(parts) > 1 or len(parts[0]) > 3):
        pair = _WORD_OF[parts[found[0]]]
        language = next(side for side in _SIDES if set(side) == set(pair))
        # The French words share the left one; both right ones belong to it.
        marker = f"<{language[0]}>"
        is_right = parts[found[0]] == pair[1]
        return [((*parts[: found[0]], marker, *parts[found[0] + 1 :]), is_right)]
    if found:
        return []
    for index, part in enumerate(parts):
        if match := _GLUED.match(part):
            pieces = [piece for piece in match.groups() if piece]
            side = next(piece for piece in pieces if piece in _WORD_OF)
            pieces[pieces.index(side)] = f"<{_WORD_OF[side][0]}>"
            return [((*parts[:index], *pieces, *parts[index + 1 :]), side == _WORD_OF[side][1])]
        match = _SHORT.fullmatch(part)
        if match and (match[2] or match[3]) in _PARTS:
            side = match[1] or match[4]
            pieces = ["<l>", match[2]] if match[1] else [match[3], "<l>"]
            return [((*parts[:index], *pieces, *parts[index + 1 :]), side == "r")]
    return []


def _is_word_of_its_own(name: str, names: Sequence[str]) -> bool:
    """True if a side stands apart in a name: not in "bright", and not "l" for "lower" beside "u" for "upper"."""
    if not any(part.lower() in _WORD_OF for part in _PART.findall(name)):
        return False
    lower = {other.lower() for other in names}
    return re.sub(r"(?<![^\W_])l(?![^\W_])", "u", name.lower()) not in lower - {name.lower()}


def _likely_pairs(names: Sequence[str]) -> list[str]:
    """Warnings about names such as "leye" and "reye", which may be sides or different things ("lamp" and "ramp")."""
    lower = {name.lower(): name for name in names}
    warnings = []
    for text, name in lower.items():
        for other in _opposites(text):
            if other in lower:
                warnings.append(
                    f"{name} and {lower[other]} look like the left and right of one part but are not paired: name "
                    "them with a word for the side, such as left_… and right_…, if they are"
                )
    return warnings


def _opposites(text: str) -> list[str]:
    """Names of the right side for a name whose first or last letter may mean the left side."""
    match = _SHORT.fullmatch(text)
    if not match:
        return []
    return ["r" + text[1:]] * (match[1] == "l") + [text[:-1] + "r"] * (match[4] == "l")
