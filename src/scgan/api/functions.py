"""Python functions with the names of the commands: keywords are the commands' options, paths may be text.

Commands call them where they do more than one call, so that both do the same. Heavy modules are imported when a
function is called.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scgan.config import Config
from scgan.engines.names import AUTO
from scgan.recipes import RECIPES, as_config, require_used, with_settings
from scgan.recipes import recipe as make_recipe
from scgan.utils.errors import UserError
from scgan.utils.files import user_path
from scgan.utils.text import did_you_mean, join_or

if TYPE_CHECKING:
    from scgan.data.inspect.inspect import Inspection
    from scgan.data.prepare.source import Source
    from scgan.data.prepared import PreparedDataset
    from scgan.evaluation.scores import Scores

FORMATS = ("folder", "onnx", "web")
"""Formats of ``export``."""


def prepare(
    source: Source | str,
    out: Path | str,
    processes: int | None = None,
    max_skipped: float | None = None,
    overwrite: bool = False,
    save_every: int = 512,
    *,
    cluster: str | None = None,
    **options: Any,
) -> PreparedDataset:
    """Write a prepared folder: ``scgan.prepare("folder", "mine", images="photos", masks="masks", size=64)``.

    Args:
        source: name of a source (celeba, celebamask-hq, deepfashion, earth, folder, toyfaces), or an opened one.
        out: folder to write; an unfinished one is resumed.
        processes, max_skipped, overwrite, save_every, cluster: as for ``scgan.data.prepare.prepare.prepare``.
        **options: those of ``scgan prepare SOURCE``, with underscores: ``split_column="fold"``. Names may be a list.

    Raises:
        UserError: a name or an option is unknown, or the data cannot be used.
        RunError: the disk is full, or the cluster was lost.
    """
    from scgan.data.prepare.prepare import prepare
    from scgan.data.sources import open_source

    if isinstance(source, str):
        opened = open_source(source, **options)
    elif options:
        raise TypeError(f"an opened source takes no options ({', '.join(options)}): name the source instead.")
    else:
        opened = source
    return prepare(opened, out, processes, max_skipped, overwrite, save_every, cluster=cluster)


def inspect(data: Path | str, sheet: Path | str | None = None, *, count: int = 36, seed: int = 0) -> Inspection:
    """Check a prepared folder for problems; with ``sheet``, draw a contact sheet.

    Args:
        data: prepared folder.
        sheet: PNG file to write.
        count: number of items on the sheet.
        seed: of their choice.

    Returns:
        Statistics and ``findings``.

    Raises:
        UserError: the folder is damaged or is none, or the sheet cannot be written.
    """
    from scgan.data.inspect.contact_sheet import contact_sheet
    from scgan.data.inspect.inspect import inspect
    from scgan.data.prepared import PreparedDataset
    from scgan.utils.files import atomic_file, refuse_other_suffix
    from scgan.utils.images import png

    if count < 1:
        raise UserError(f"count {count}: at least 1 item is needed.")
    file = None if sheet is None else user_path(sheet)
    if file:
        refuse_other_suffix(file, ".png")
    dataset = PreparedDataset.open(user_path(data), recheck=True)
    inspection = inspect(dataset)
    if file:
        with atomic_file(file) as partial:
            partial.write_bytes(png(contact_sheet(dataset, count, seed)))
    return inspection


def train(
    data: Path | str | None,
    out: Path | str,
    recipe: Config | str | None = None,
    *,
    method: str | None = None,
    resume: bool = False,
    overwrite: bool = False,
    init_from: str | None = None,
    **settings: Any,
) -> bool:
    """Train a model: ``scgan.train("mine", "run", "cpu", training={"minutes": 30}, loss={"segmentation": 3})``.

    Args:
        data: a prepared folder; None with ``resume`` takes the run's.
        out: the run folder.
        recipe: paper, cpu, or all settings as a ``Config``. None with ``resume``: the run's.
        method: scgan, wgan-gp, pix2pix, …; with the settings of its paper.
        resume: continue from the newest checkpoint in ``out``.
        overwrite: remove ``out`` first if it exists.
        init_from: model for a warm start.
        **settings: changes of settings: a dict for each group, or dotted names: ``**{"training.minutes": 30}``.

    Returns:
        True when the training is complete, false when a signal stopped it after saving.

    Raises:
        UserError: an argument, the data, the run folder or the model cannot be used.
        RunError: a loss became NaN, or another process of the training ended.
        TypeError: an argument has another type.
    """
    from scgan.runs.folder import load_config, load_data_description
    from scgan.runs.train import train

    if resume and init_from:
        raise UserError("--init-from starts a new run, --resume continues one: leave one of them out.")
    changes = dict(_dotted(settings)) | ({"method": method} if method else {})
    if resume:
        config = load_config(user_path(out))
        if recipe is not None and getattr(recipe, "recipe", recipe) != config.recipe:
            raise UserError(f"{out} was begun with --recipe {config.recipe}: leave --recipe out with --resume.")
        data = data or load_data_description(user_path(out))["path"]
    elif recipe is None:
        raise UserError(f"--recipe is missing: choose {join_or(RECIPES)}.")
    elif data is None:
        raise UserError("--data is missing: name a prepared folder.")
    else:
        if method and not isinstance(recipe, str):
            raise UserError("method is for a recipe's name: a Config holds its own (scgan.recipe(name, method)).")
        config = make_recipe(recipe, method or "scgan") if isinstance(recipe, str) else as_config(recipe)
    before, config = config, with_settings(config, changes)
    require_used(before, config)
    return train(data, out, config, resume=resume, overwrite=overwrite, init_from=init_from)


def _dotted(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Settings by their dotted names, those in dicts too."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _dotted(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def evaluate(
    model: Path | str,
    data: Path | str,
    out: Path | str | None = None,
    *,
    grader: str | None = None,
    judge_attributes: bool = False,
    attribute_grader: str | None = None,
    judge_landmarks: bool = False,
    features: Sequence[str] = (),
    weights: Path | str | None = None,
    device: str = "cpu",
    engine: str = AUTO,
    seed: int = 0,
    cluster: str | None = None,
    overwrite: bool = False,
) -> Scores:
    """Evaluate a model on the test split of a prepared folder; graders are found, or trained once and cached.

    Args:
        model: a run folder, a model folder, the name of a shipped model, or owner/name on the Hub.
        data: the prepared folder.
        out: JSON file for the scores.
        overwrite: replace ``out``.
        grader, judge_attributes, attribute_grader, judge_landmarks, features, weights, device, engine, seed, cluster:
            as for ``scgan.evaluation.evaluate.evaluate_model``.

    Returns:
        As ``scgan.evaluation.evaluate.evaluate``, and ``step``.

    Raises:
        UserError: model and data differ or cannot be used, or ``out`` cannot be written.
    """
    from scgan.evaluation.evaluate import evaluate_model
    from scgan.utils.files import atomic_file, claimed_file
    from scgan.utils.json_files import seal

    file = None if out is None else user_path(out)
    with claimed_file(file, overwrite, [".json"]):
        scores = evaluate_model(
            str(model),
            user_path(data),
            grader=grader,
            judge_attributes=judge_attributes,
            attribute_grader=attribute_grader,
            judge_landmarks=judge_landmarks,
            features=[features] if isinstance(features, str) else features,
            weights=None if weights is None else user_path(weights),
            device=device,
            engine=engine,
            seed=seed,
            cluster=cluster,
        )
        if file:
            with atomic_file(file) as partial:
                partial.write_text(json.dumps(seal(scores), indent=1), encoding="utf-8")
    return scores


def compare(
    data: Path | str,
    out: Path | str,
    budget: str,
    *,
    recipe: str = "cpu",
    methods: Sequence[str] | None = None,
    seeds: Sequence[int] = (0,),
    features: Sequence[str] = ("efficientnet-lite0",),
    weights: Path | str | None = None,
    photos: bool = True,
    cluster: str | None = None,
    cluster_resources: Mapping[str, float] | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Train and evaluate methods under equal conditions; finished results in ``out`` are used again.

    Args:
        data: the prepared folder.
        out: the folder of the comparison, with ``table.md`` and ``page.html``.
        budget: length of each training: "64000images" or "20minutes".
        recipe: source of the settings of all methods.
        methods: names of variants; by default all.
        seeds: one training of each method for each.
        features: names of the features that measure realism, the one that counts first.
        weights: file with the weights of Inception.
        photos: whether figures may show images of the data set.
        cluster: address or file of a Dask scheduler, whose workers train and evaluate.
        cluster_resources: that such a worker needs for a run: {"GPU": 1}.
        **settings: changes of settings for all, as for ``train``.

    Returns:
        By variant ``title``, ``runs``, ``failures`` and ``results``, as in ``results.json``.

    Raises:
        UserError: before anything is trained, if an input cannot be used or another command writes ``out``.
    """
    from scgan.comparison.compare import compare
    from scgan.comparison.variants import VARIANTS, Budget
    from scgan.utils.json_files import read_json

    out = user_path(out)
    compare(
        user_path(data),
        out,
        names=list(VARIANTS) if methods is None else methods,
        seeds=seeds,
        recipe=recipe,
        settings=dict(_dotted(settings)),
        budget=Budget.parse(budget),
        features=features,
        weights=None if weights is None else user_path(weights),
        photos=photos,
        cluster=cluster,
        resources=cluster_resources,
    )
    variants: dict[str, Any] = read_json(out / "results.json")["variants"]
    return variants


def export_data(data: Path | str, out: Path | str, *, format: str, overwrite: bool = False) -> PreparedDataset:
    """Export a prepared folder as a data set of another library, as ``scgan.exports.data_formats.export_data`` does.

    Args:
        data: the prepared folder.
        out: the new folder.
        format: datasets (Hugging Face) or webdataset.
        overwrite: replace ``out``.

    Returns:
        The prepared folder.

    Raises:
        UserError: the format is unknown, its library is not installed, or ``out`` exists.
    """
    from scgan.data.prepared import PreparedDataset
    from scgan.exports.data_formats import DATA_FORMATS, export_data

    if format not in DATA_FORMATS:
        hint = did_you_mean(format, DATA_FORMATS, f"choose {join_or(DATA_FORMATS)}.")
        raise UserError(f"unknown format {format!r}: {hint}")
    dataset = PreparedDataset.open(user_path(data))
    export_data(dataset, user_path(out), format, overwrite)
    return dataset


def export(
    model: Path | str,
    out: Path | str,
    *,
    format: str = "folder",
    title: str | None = None,
    data: Path | str | None = None,
    data_note: str | None = None,
    license: str | None = None,
    grader: str | None = None,
    attribute_grader: str | None = None,
    overwrite: bool = False,
) -> dict[str, int]:
    """Export a model to a folder: for the Hub, as ONNX files, or as a web page that needs no server program.

    Args:
        model: a run folder, a model folder, the name of a shipped model, or owner/name on the Hub.
        out: the new folder.
        format: folder, onnx or web.
        title: one line that describes the model's images.
        data: the prepared folder it was trained on, for the card of a folder.
        data_note: owner and license of the training images.
        license: identifier of the Hub's, like mit.
        grader, attribute_grader: of the folder or the ONNX files; by default the model's or those in the cache.
        overwrite: replace ``out``.

    Returns:
        By file its size in bytes.

    Raises:
        UserError: the model cannot be exported, an argument does not belong to the format, or ``out`` exists.
    """
    name, out = str(model), user_path(out)
    options: dict[str, Any] = {"title": title, "data_note": data_note, "license": license, "overwrite": overwrite}
    graders: dict[str, Any] = {"grader": grader, "attribute_grader": attribute_grader}
    if format not in FORMATS:
        raise UserError(f"unknown format {format!r}: {did_you_mean(format, FORMATS, f'choose {join_or(FORMATS)}.')}")
    if data and format != "folder":
        raise UserError(f"--data describes the data in a model card: leave it out with --format {format}.")
    if format == "web":
        from scgan.exports.web import export_web

        if any(graders.values()):
            raise UserError("a web page holds no graders: leave --grader and --attribute-grader out with --format web.")
        return dict(export_web(name, out, **options))
    if format == "onnx":
        from scgan.exports.onnx_files import export_onnx

        return dict(export_onnx(name, out, **options, **graders))
    from scgan.exports.folder import export_model

    return dict(export_model(name, out, data=user_path(data) if data else None, **options, **graders))
