"""List the models that come with scgan, or show the card of one.

Each name in the list can be used wherever a command takes a MODEL.
"""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL
from scgan.utils.errors import UserError

_CARD = "README.md"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", nargs="?", help=f"show the card of this model: {MODEL}")


def run(arguments: Namespace) -> None:
    """Print the list, or one card."""
    from scgan.models.description import files_of
    from scgan.models.find import find_model, shipped_models

    if arguments.model is not None:
        card = files_of(find_model(arguments.model)) / _CARD
        if not card.is_file():
            raise UserError(f"{arguments.model} has no model card ({_CARD}): `scgan export` writes a folder with one.")
        print(card.read_text(encoding="utf-8"), end="")
        return
    shipped = shipped_models()
    if not shipped:
        print(
            "No model comes with this version of scgan. Train one (scgan train), or name one of the Hugging Face Hub."
        )
        return
    print("\n\n".join(_entry(name, folder) for name, folder in shipped.items()))


def _entry(name: str, folder: Path) -> str:
    from scgan.evaluation.measures import key_scores
    from scgan.models.description import read_description

    description = read_description(folder)
    schema = description.schema
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    facts = {
        "size": f"{schema.image_size}×{schema.image_size} pixels; {size / 1e6:.1f} MB in all",
        "classes": ", ".join(schema.class_names),
        "attributes": ", ".join(schema.attribute_names) or "none",
        "scores": ", ".join(f"{title} {value}" for title, value in key_scores(description.scores or {})) or "none",
    }
    return "\n".join(
        [f"{name}: {description.about.title or 'no title'}", *(f"  {fact:<10}  {text}" for fact, text in facts.items())]
    )
