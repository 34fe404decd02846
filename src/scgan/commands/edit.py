"""Edit the photo of a project: turn the head, make it smile, change attributes or the mask.

The rest of the image stays the photo's. --into puts the edited part back into the full-size photo. A note in the
metadata of the image says that it was edited by scgan.
"""

from __future__ import annotations

from argparse import BooleanOptionalAction
from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import add_device, add_overwrite
from scgan.utils.errors import UserError


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("project", type=Path, help="a project that `scgan invert` wrote")
    parser.add_argument("--out", type=Path, required=True, help="the image to write (.png, .jpg)")
    parser.add_argument("--turn", type=float, default=0.0, help="turn the head to the right of the image, in degrees")
    parser.add_argument("--smile", type=float, default=0.0, help="add to the smile; 1 is a friendly one")
    parser.add_argument("--open-mouth", type=float, default=0.0, help="open the mouth; 1 is wide open")
    parser.add_argument(
        "--raise-eyebrows", type=float, default=0.0, help="in distances of the outer corners of the eyes, like 0.05"
    )
    parser.add_argument("--set", nargs="+", default=[], help="attributes, like Blond_Hair=1 Male=0")
    parser.add_argument(
        "--strength", type=float, default=1.5, help="how far --set goes: 1 to these values, 1.5 half as far again"
    )
    parser.add_argument("--mask", type=Path, help="new mask of the part that the model sees (--write-mask)")
    parser.add_argument(
        "--keep-background",
        action=BooleanOptionalAction,
        help="keep each pixel of the background, or generate it (default: kept, but attributes may change hair in it)",
    )
    parser.add_argument("--into", type=Path, help="the project's photo: put the edited part back into it")
    parser.add_argument("--no-blend", action="store_true", help="write the generated image alone")
    parser.add_argument("--write-mask", type=Path, help="also write the mask, to paint on (.png)")
    parser.add_argument("--model", help="the project's model, if it is no longer where it was")
    add_device(parser)
    add_overwrite(parser)


def run(arguments: Namespace) -> None:
    from scgan.editing.edits import Edit, Editor, open_project
    from scgan.editing.notes import SUFFIXES, edit_note, save_with_note
    from scgan.editing.photo_inversion import shipped_name
    from scgan.editing.photos import open_project_photo
    from scgan.inference.mask_files import save_mask
    from scgan.utils.files import atomic_file, claimed_file, refuse_overwriting_inputs

    if arguments.out.suffix.lower() not in SUFFIXES:
        raise UserError(f"--out {arguments.out}: the image is a PNG or JPEG; choose {', '.join(SUFFIXES)}.")
    if arguments.into is not None and arguments.no_blend:
        raise UserError("--no-blend writes the generated image alone, which cannot go --into a photo: leave out one.")
    inputs = [path for path in (arguments.project, arguments.mask, arguments.into) if path is not None]
    refuse_overwriting_inputs(arguments.out, inputs)
    if arguments.write_mask is not None:
        refuse_overwriting_inputs(arguments.write_mask, inputs, "--write-mask")
        if arguments.write_mask.resolve() == arguments.out.resolve():
            raise UserError(f"--write-mask and --out are both {arguments.out}: choose another name for the mask.")
    with (
        claimed_file(arguments.out, arguments.overwrite),
        claimed_file(arguments.write_mask, arguments.overwrite, [".png"]),
    ):
        editor: Editor = open_project(arguments.project, arguments.model, arguments.device)
        edit = Edit(
            turn=arguments.turn,
            smile=arguments.smile,
            open_mouth=arguments.open_mouth,
            raise_eyebrows=arguments.raise_eyebrows,
            attributes=editor.synthesizer.schema.attribute_values(",".join(arguments.set)),
            mask=None if arguments.mask is None else editor.read_mask(arguments.mask),
            keep_background=arguments.keep_background,
            strength=arguments.strength,
        )
        if (
            not (any(edit.expression) or edit.attributes or arguments.no_blend or arguments.write_mask)
            and edit.mask is None
        ):
            raise UserError("nothing to change: give --turn, --smile, --set or --mask for example.")
        if arguments.no_blend:
            image = editor.generated(edit)
        elif arguments.into is None:
            image = editor.edited(edit)
        else:
            image = editor.edited_photo(edit, open_project_photo(arguments.into), str(arguments.into))
        save_with_note(arguments.out, image, edit_note(shipped_name(editor.project.model)))
        if arguments.write_mask is not None:
            with atomic_file(arguments.write_mask) as partial:
                save_mask(partial, editor.mask(edit), editor.synthesizer.schema)
    print(arguments.out)
