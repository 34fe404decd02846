"""The card of a model: README.md as the Hugging Face Hub reads it, made of the model's own records."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from scgan.config import flat
from scgan.evaluation.evaluate import table
from scgan.models.description import Description
from scgan.recipes import recipe

# By the command that prepared the data: what is true of them whoever did it.
_SOURCES = {
    "toyfaces": "Faces drawn by `scgan prepare toyfaces`: of nobody, and free of anybody's rights.",
    "celeba": (
        "Photos of faces in the layout of CelebA. CelebA is available for non-commercial research only, and so are "
        "other sets that were brought into its layout, like Labeled Faces in the Wild. The people in them were not "
        "asked."
    ),
    "deepfashion": (
        "Photos in the layout of DeepFashion's fashion synthesis benchmark, which is available for non-commercial "
        "research only."
    ),
    "folder": (
        "Photos and masks of somebody's own folder: scgan does not know whose they are, nor what one may do with them."
    ),
}
_UNKNOWN_SOURCE = "Nothing is recorded about the data but their fingerprint."
_FREE = {"toyfaces": "mit"}


def model_card(name: str, description: Description, files: Sequence[tuple[str, int]], license: str | None) -> str:
    """Markdown with the Hub's YAML before it.

    Args:
        name: how the model is called in the examples.
        description: of the model, its scores and ``about`` complete.
        files: names and sizes in bytes.
        license: an identifier of the Hub's; by default "mit" for drawn data, "other" for all else.
    """
    sections = [
        (description.about.title or name, _what_it_is(description, files)),
        ("How to use it", _usage(name, description)),
        ("Training", _training(description)),
        ("Data", _data(description)),
        ("Scores", _scores(description)),
        ("Limits and fair use", _limits(description)),
    ]
    (first, lead), *rest = sections
    body = "\n\n".join([f"# {first}", lead, *(f"## {title}\n\n{text}" for title, text in rest)])
    return f"---\n{_front_matter(description, license)}---\n\n{body}\n"


def _front_matter(description: Description, license: str | None) -> str:
    license = license or _FREE.get(str(description.about.data.get("source")), "other")
    values: dict[str, Any] = {"license": license}
    if license == "other":
        values |= {"license_name": "that-of-the-data", "license_link": "README.md"}
    values |= {
        "library_name": "scgan",
        "pipeline_tag": "image-to-image",
        "tags": ["scgan", "gan", "semantic-image-synthesis", "conditional-image-generation"],
    }
    return yaml.safe_dump(values, sort_keys=False)


def _what_it_is(description: Description, files: Sequence[tuple[str, int]]) -> str:
    schema = description.schema
    label = f"a label ({', '.join(schema.attribute_names)}), which says what they are" if schema.attribute_names else ""
    inputs = [
        f"a mask of {schema.class_count} classes ({', '.join(schema.class_names)}), which says where things are",
        *([label] if label else []),
        f"a latent vector of {description.config.generator.latent_size} numbers, which decides everything else",
    ]
    pixels = f"{schema.image_size}×{schema.image_size}"
    return "\n".join(
        [
            f"It makes pictures of {pixels} pixels from",
            "",
            *(f"- {text}{'.' if text is inputs[-1] else ','}" for text in inputs),
            "",
            *_markdown(("file", "bytes"), ((f"`{file}`", f"{size:,}") for file, size in files)),
        ]
    )


def _usage(name: str, description: Description) -> str:
    schema = description.schema
    shape = (schema.image_size, schema.image_size, 3)
    chosen = schema.attribute_names[0] if schema.attribute_names else ""
    option = f" --attributes {shlex.quote(chosen)}" if chosen else ""
    called = shlex.quote(name)
    commands = [
        f"scgan generate {called}{option} --count 4 --seed 1 --out pictures",
        *([f"scgan interpolate {called} --along left2right --out turn.png"] if schema.landmarks else []),
        f"scgan studio {called}",
    ]
    python = [
        "import scgan",
        "",
        f"model = scgan.load({json.dumps(name)})",
        "mask = model.examples.segmentations[0]  # class indices, or a mask of your own",
        f"image = model.generate(mask, {json.dumps(chosen)}, seed=3)  # uint8 {shape}",
    ]
    return "\n".join(
        [
            f"`{name}` stands for the folder of these files, or for `owner/name` of a Hugging Face repository.",
            "",
            *("```sh", *commands, "```", ""),
            *("```python", *python, "```", ""),
            "Nothing in the folder is executed: the weights are safetensors, in half precision.",
        ]
    )


def _training(description: Description) -> str:
    config, about = description.config, description.about
    mine, theirs = flat(config), flat(recipe(config.recipe, config.method))
    changed = {name: value for name, value in mine.items() if value != theirs[name]}
    words = ["scgan", "train", "--data", "DATA", "--out", "RUN", "--recipe", config.recipe]
    words += ["--method", config.method] if config.method != "scgan" else []
    words += ["--init-from", about.started_from[-1].model] if about.started_from else []
    words += [word for name, value in changed.items() for word in (f"--{name}", _text(value))]
    alone = (
        f", {config.segmentor.pretrain_steps:,} of them of the segmentor alone"
        if config.segmentor.pretrain_steps
        else ""
    )
    lines = [
        *("```sh", shlex.join(words), "```", ""),
        f"{description.step:,} steps{alone}; batches of {config.training.batch_size}; seed {config.training.seed}; "
        f"{_minutes(about.seconds)}.",
    ]
    if changed:
        lines += ["", "What differs from the recipe:", ""]
        lines += _markdown(
            ("setting", "here", "recipe"), ((f"`{name}`", _text(v), _text(theirs[name])) for name, v in changed.items())
        )
    if about.started_from:
        lines += ["", "It began with the networks of another model, which goes back to these, the oldest first:", ""]
        lines += _markdown(
            ("model", "steps", "time", "data", "digest of its weights"),
            ((o.model, f"{o.step:,}", _minutes(o.seconds), o.data_fingerprint, o.digest) for o in about.started_from),
        )
    return "\n".join(lines)


def _data(description: Description) -> str:
    about = description.about
    note = about.data_note or _SOURCES.get(str(about.data.get("source")), _UNKNOWN_SOURCE)
    lines = [note, "", f"Fingerprint of the prepared data: `{description.fingerprint}`."]
    if about.data:
        lines += [
            "",
            *_markdown(("prepared with", ""), ((name, f"`{_text(value)}`") for name, value in about.data.items())),
        ]
    return "\n".join(lines)


def _scores(description: Description) -> str:
    scores = description.scores
    if scores is None:
        return "None were measured: `scgan evaluate` does it."
    header, rows = table(scores)
    spatial = scores["spatial"]
    data = "" if spatial["data"] == description.fingerprint else f" Measured on other data, `{spatial['data']}`."
    return "\n".join(
        [
            f"On {spatial['images']:,} items of the {spatial['split']} split, judged by {spatial['grader']}, a network "
            "that saw real images only. Floor: real images against the masks of others; ceiling: against their own; "
            f"normalised: (model − floor) / (ceiling − floor). In brackets the 95 % interval.{data}",
            "",
            *_markdown(header, rows),
        ]
    )


def _limits(description: Description) -> str:
    schema = description.schema
    lines = [
        f"- It knows pictures of {schema.image_size}×{schema.image_size} pixels and what its data showed; masks and "
        "labels that were rare there come out worse.",
        *_least_obeyed(description),
        "- It has learned the prejudices of its data along with their labels. A label says how a picture looks, never "
        "what a person is.",
        "- Say of its pictures that a model made them. Do not pass them off as photos, and do not use them to deceive, "
        "to harass or to identify anybody.",
    ]
    if schema.landmarks:
        lines.append(
            "- Its masks are drawn from facial landmarks. The model that finds them in photos (dlib's, trained on iBUG "
            "300-W) excludes commercial use."
        )
    return "\n".join(lines)


def _least_obeyed(description: Description) -> list[str]:
    classes = (description.scores or {}).get("spatial", {}).get("per_class_iou", {})
    known = {name: values for name, values in classes.items() if values["normalised"] is not None}
    if not known:
        return []
    name = min(known, key=lambda name: known[name]["normalised"])
    return [
        f"- It obeys its masks least for {name}: IoU {known[name]['model']:.2f}, where real images reach "
        f"{known[name]['ceiling']:.2f}."
    ]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _minutes(seconds: float | None) -> str:
    return "time unknown" if seconds is None else f"{seconds / 60:.0f} minutes"


def _markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table."""
    lines = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines]
