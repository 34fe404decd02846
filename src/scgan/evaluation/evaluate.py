"""Evaluation of a model: one pass over a split; all metrics see the same generated images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepared import PreparedDataset
from scgan.engines.names import AUTO
from scgan.evaluation.attributes import attribute_control
from scgan.evaluation.generation import BATCH, Generation
from scgan.evaluation.landmarks import FaceFinder, LandmarkErrors, require_landmarks
from scgan.evaluation.measures import IMAGES, LATENT, SPATIAL, score_table
from scgan.evaluation.metrics import (
    Floats,
    bootstrap_interval,
    confusion_matrices,
    derangement,
    quotient,
    sums_and_counts,
)
from scgan.evaluation.realism import FeatureCollector, reference_rows
from scgan.evaluation.scores import (
    Scores,
    compared_score,
    graded_scores,
    scalar_scores,
    subset,
)
from scgan.utils.batching import batches
from scgan.utils.cluster import open_workers
from scgan.utils.errors import UserError
from scgan.utils.json_files import read_json, unseal
from scgan.utils.progress import progress, say
from scgan.utils.seeds import require_seed
from scgan.utils.text import shell_path

if TYPE_CHECKING:
    from scgan.evaluation.features import Features
    from scgan.graders.grader import AttributeGrader, Grader
    from scgan.graders.kinds import GraderKind
    from scgan.inference.synthesizer import Synthesizer
    from scgan.utils.workers import WorkerPool

Pixels = NDArray[np.uint8]

_DIVERSITY_MASKS = 256


class EvaluationBatch(NamedTuple):
    """Generated images and their references.

    Attributes:
        masks: what was asked for, uint8 (N, H, W), ``IGNORED`` where the data have no class.
        rows: the items, int64 (N,).
        other_masks: those of other items, none its own.
        generated, real: images made from the masks and the items' attributes; the items' images: uint8 (N, H, W, 3).
        features: of the generated images, (N, D) for each set.
    """

    masks: Pixels
    rows: NDArray[np.int64]
    other_masks: Pixels
    generated: Pixels
    real: Pixels
    features: list[NDArray[np.float32]]


def evaluate(
    synthesizer: Synthesizer,
    dataset: PreparedDataset,
    grader: Grader,
    seed: int = 0,
    split: str = "test",
    *,
    attribute_grader: AttributeGrader | None = None,
    features: Sequence[Features] = (),
    detector: FaceFinder | None = None,
    workers: WorkerPool | None = None,
) -> Scores:
    """Measure all metrics of ``scgan.evaluation.measures`` on one split (section 5.8, Table 1).

    Args:
        synthesizer: the model.
        dataset: its masks and attributes are what the model is asked for.
        grader: judges masks.
        seed: of latents, shuffled pairs and intervals.
        split: of the data set.
        attribute_grader: judges attributes; without one they are not judged.
        features: sets of features by which generated and real images are compared.
        detector: finds the landmarks whose error is measured; without one it is not.
        workers: generate images and extract features; by default this process does.

    Returns:
        ``spatial.{pixel_accuracy,mean_iou}.{floor,model,ceiling,normalised}``, the same below
        ``spatial.per_class_iou.CLASS``, ``diversity.latent_background``, ``realism.outline_step``; beside each its 95 %
        ``interval``, and in every part ``images``, ``seed``, ``split`` and ``data`` (the fingerprint), in ``spatial``
        also ``grader``. ``attributes`` is laid out as by ``attribute_control``, ``landmarks`` and ``realism.NAME`` as
        by ``scores`` of their collectors. Undefined values are None: a class that does not occur, a ceiling not above
        the floor.

    Raises:
        UserError: model and data differ in size, classes or attributes; the split has fewer than 2 items; the seed is
            negative or too large.
        RunError: the cluster of the workers was lost.
    """
    require_seed(seed)
    synthesizer.schema.require_same(dataset.schema, "the model", str(dataset.path))
    rows = rows_to_judge(dataset, split)
    generation = Generation(synthesizer, dataset, features, workers)
    spatial, images, distances = _Spatial(grader, dataset.schema.class_names), _Images(), FeatureCollector(generation)
    landmarks = LandmarkErrors(detector, dataset)
    for batch in _generated(generation, rows, seed):
        spatial.add(batch)
        images.add(batch)
        distances.add(batch.features)
        landmarks.add(batch.rows, batch.generated, batch.real)
    parts = {
        "spatial": {**spatial.scores(seed), "images": len(rows)},
        "diversity": _diversity(generation, rows, seed),
    }
    if detector is not None:
        parts["landmarks"] = landmarks.scores(seed)
    if attribute_grader is not None:
        parts["attributes"] = attribute_control(generation, attribute_grader, rows, seed)
    parts["realism"] = {**images.scores(seed), **distances.scores(rows, seed), "images": len(rows)}
    about = {"seed": seed, "split": split, "data": dataset.fingerprint}
    return {name: {**part, **about} for name, part in parts.items()}


def evaluate_model(
    name: str,
    data: Path,
    *,
    grader: str | None = None,
    judge_attributes: bool = False,
    attribute_grader: str | None = None,
    judge_landmarks: bool = False,
    features: Sequence[str] = (),
    weights: Path | None = None,
    device: str = "cpu",
    engine: str = AUTO,
    seed: int = 0,
    cluster: str | None = None,
) -> Scores:
    """Evaluate a model on the test split of a prepared folder; graders are found, or trained once and cached.

    Args:
        name: the model, as ``scgan.models.find.find_model`` takes it.
        data: the prepared folder.
        grader, attribute_grader: as ``scgan.graders.find.find_grader`` takes them.
        judge_attributes, judge_landmarks: measure attribute accuracy and the landmark error, too.
        features: names of the features by which generated and real images are compared; the first one leads.
        weights: file with the weights of Inception, downloaded by default.
        device: for the model and the graders.
        engine: computes the generator, as ``scgan.load`` takes it; graders are always computed by PyTorch.
        seed: of latents, shuffled pairs and intervals.
        cluster: address or file of a Dask scheduler, whose workers generate images and extract features.

    Returns:
        As ``evaluate``, and ``step``, the step of the model.

    Raises:
        UserError: before a grader is trained, if model and data differ or cannot be used.
        RunError: the cluster was lost.
    """
    from scgan.evaluation.features import make_features
    from scgan.inference.synthesizer import load
    from scgan.models.find import find_model

    require_seed(seed)
    dataset = PreparedDataset.open(data)
    rows_to_judge(dataset)
    folder = find_model(name)
    synthesizer = load(folder, device, engine)
    _require_fitting(synthesizer, dataset, name)
    detector = _face_finder(dataset) if judge_landmarks else None
    used = _require_usable(features, weights, dataset, folder, name)
    paths = _find_graders(dataset, folder, grader, attribute_grader, judge_attributes)
    with open_workers(cluster) as workers:
        loaded = [make_features(each, device, weights) for each in features]
        judge, attribute_judge = _load_judges(dataset, paths, device)
        judges: dict[str, Any] = {"attribute_grader": attribute_judge, "features": loaded, "detector": detector}
        scores = evaluate(synthesizer, dataset, judge, seed, workers=workers, **judges)
    for each in used.keys() & set(features):
        scores["realism"][each]["used_in_training"] = used[each]
    return {**scores, "step": synthesizer.step}  # so that they are not taken for those of a later step


def _require_fitting(synthesizer: Synthesizer, dataset: PreparedDataset, name: str) -> None:
    """Check that a model has the data set's schema; warns if it was trained on other items."""
    synthesizer.schema.require_same(dataset.schema, name, str(dataset.path))
    if synthesizer.fingerprint != dataset.fingerprint:
        say(f"warning: {name} was trained on other data than {dataset.path}; it may know some test items.")


def _require_usable(
    features: Sequence[str], weights: Path | None, dataset: PreparedDataset, folder: Path, name: str
) -> dict[str, str]:
    """Check that sets of features can judge a model; gives those that its training used, and by what."""
    from scgan.evaluation.features import refuse_leading, require_features
    from scgan.models.description import read_description

    if features:
        reference_rows(dataset)
    used = read_description(folder).features_used()
    require_features(features, dataset, weights)
    refuse_leading(features, used, name)
    return used


def _find_graders(
    dataset: PreparedDataset, folder: Path, grader: str | None, attribute_grader: str | None, judge_attributes: bool
) -> dict[GraderKind, Path | None]:
    """Find the graders of a model folder, and check that they or new ones can judge the data set."""
    from scgan.graders.find import find_grader, require_grader
    from scgan.graders.kinds import ATTRIBUTES, MASKS

    given = {MASKS: grader, **({ATTRIBUTES: attribute_grader} if judge_attributes else {})}
    paths = {kind: find_grader(kind, path, folder, dataset.fingerprint) for kind, path in given.items()}
    for kind, path in paths.items():
        require_grader(kind, dataset, path)
    return paths


def _face_finder(dataset: PreparedDataset) -> FaceFinder:
    """The detector that found the landmarks of a data set; dlib where the data do not say which one that was."""
    from scgan.faces.detector import DETECTORS, shared_detector

    require_landmarks(dataset)
    name = dataset.source.get("detector")
    return shared_detector(name if name in DETECTORS else "dlib")


def _load_judges(
    dataset: PreparedDataset, paths: Mapping[GraderKind, Path | None], device: str
) -> tuple[Grader, AttributeGrader | None]:
    """Load or train the graders of masks and, if its kind is in ``paths``, of attributes."""
    from scgan.graders.find import load_or_train_attribute_grader, load_or_train_grader
    from scgan.graders.kinds import ATTRIBUTES, MASKS

    mask_judge = load_or_train_grader(dataset, grader=paths[MASKS], device=device)
    if ATTRIBUTES not in paths:
        return mask_judge, None
    return mask_judge, load_or_train_attribute_grader(dataset, grader=paths[ATTRIBUTES], device=device)


def rows_to_judge(dataset: PreparedDataset, split: str = "test") -> NDArray[np.int64]:
    """Rows of a split, which must be large enough for an evaluation.

    Raises:
        UserError: it has fewer than 2 items.
    """
    rows = dataset.split(split)
    if len(rows) < 2:
        raise UserError(f"{dataset.path} has 1 item in its {split} split: at least 2 are needed, to shuffle them.")
    return rows


def _generated(generation: Generation, rows: NDArray[np.int64], seed: int) -> Iterator[EvaluationBatch]:
    """Generate an image from mask and attributes of each row, with a latent of its own."""
    dataset, others = generation.dataset, rows[derangement(len(rows), seed)]
    results = generation.images_and_features(rows, dataset.attributes[rows], generation.latents(len(rows), seed))
    with progress("masks and images", len(rows)) as advance:
        for part, (generated, features) in zip(batches(len(rows), BATCH), results, strict=True):
            yield EvaluationBatch(
                masks=dataset.segmentations[rows[part]],
                rows=rows[part],
                other_masks=dataset.segmentations[others[part]],
                generated=generated,
                real=dataset.images[rows[part]],
                features=features,
            )
            advance(len(generated), "")


class _Spatial:
    """Spatial consistency (section 5.8): agreement of the masks asked for with the masks that the grader sees.

    The ceiling is what the grader sees in the items' real images; the floor compares this with masks of other items.
    """

    def __init__(self, grader: Grader, class_names: Sequence[str]) -> None:
        self.grader, self.class_names = grader, class_names
        self.matrices: list[NDArray[np.int64]] = []

    def add(self, batch: EvaluationBatch) -> None:
        in_generated, in_real = self.grader.segment(batch.generated), self.grader.segment(batch.real)
        pairs = ((batch.other_masks, in_real), (batch.masks, in_generated), (batch.masks, in_real))
        self.matrices.append(
            np.stack([confusion_matrices(true, seen, len(self.class_names)) for true, seen in pairs], axis=1)
        )

    def scores(self, seed: int) -> Scores:
        items = np.concatenate(self.matrices)  # (N, 3, C, C): floor, model, ceiling
        return {**graded_scores(SPATIAL, items, self.class_names, seed), "grader": self.grader.name}


class _Images:
    """Metrics of images and their masks, for generated and for real images."""

    def __init__(self) -> None:
        self.sums: dict[str, list[tuple[Floats, Floats]]] = {metric.path.split(".")[-1]: [] for metric in IMAGES}

    def add(self, batch: EvaluationBatch) -> None:
        for metric, sums in zip(IMAGES, self.sums.values(), strict=True):
            generated, real = (metric.function(images, batch.masks) for images in (batch.generated, batch.real))
            sums.append((sums_and_counts(generated), sums_and_counts(real)))

    def scores(self, seed: int) -> Scores:
        scores = {}
        for name, parts in self.sums.items():
            generated, real = (np.concatenate(sums) for sums in zip(*parts, strict=True))
            interval = bootstrap_interval(generated, quotient, seed)
            scores[name] = compared_score(quotient(generated.sum(0)), quotient(real.sum(0)), interval)
        return scores


def _diversity(generation: Generation, rows: NDArray[np.int64], seed: int) -> Scores:
    """Change of images by the latent, with mask and attributes fixed."""
    rows = subset(rows, _DIVERSITY_MASKS, seed)
    attributes = generation.dataset.attributes[rows]
    halves = (generation.images(rows, attributes, latents) for latents in generation.latent_pairs(len(rows), seed))
    sums: dict[str, list[Floats]] = {metric.path.split(".")[-1]: [] for metric in LATENT}
    with progress("latent diversity", len(rows)) as advance:
        for part, one, other in zip(batches(len(rows), BATCH), *halves, strict=True):
            masks = generation.dataset.segmentations[rows[part]]
            for metric, parts in zip(LATENT, sums.values(), strict=True):
                parts.append(sums_and_counts(metric.function(one, other, masks)))
            advance(len(masks), "")
    items = {name: np.concatenate(parts) for name, parts in sums.items()}
    values = {name: quotient(value.sum(0)) for name, value in items.items()}
    intervals = {name: bootstrap_interval(value, quotient, seed) for name, value in items.items()}
    return {**scalar_scores(values, intervals), "images": len(rows)}


def read_scores(run: Path, of_model: Scores | None) -> Scores | None:
    """Read the ``scores.json`` of a run, else take the model's own scores, else None.

    Raises:
        UserError: the file or the model's description does not hold scores.
    """
    file = run / "scores.json"
    if not file.is_file() and of_model is None:
        return None
    try:
        scores: Any = unseal(read_json(file), required=False) if file.is_file() else of_model
        if not score_table(scores).rows:
            raise ValueError("no metric")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        source = file if file.is_file() else f"the model.json of {run}"
        raise UserError(
            f"{source} does not hold scores: write new ones with `scgan evaluate --out {shell_path(file)}`."
        ) from error
    return {**scores}
