"""List of all metrics. Evaluation, tables, model cards, reports and comparisons follow from it.

A new metric is a function and a line in the tuple of its family. The families differ in what their functions take:

- ``SPATIAL``: mean confusion matrices (…, C, C) of masks against what the grader sees; gives (…) or, per class, (…, C).
- ``LATENT``: two images of each mask with two latents, uint8 (N, H, W, 3) both, and the masks (N, H, W); gives sums and
  counts (N, 2), whose quotient is the score.
- ``ATTRIBUTES``: mean agreement (…, K) of attributes with what the grader sees; gives (…) or, per attribute, (…, K).
- ``LEAKAGE``: mean sums and counts (…, 2) of changes when one attribute is switched on; gives (…).
- ``FEATURES``: ``FeatureSets`` of generated and real images, and a seed; gives the model's value, that of real images,
  and the model's interval (2,).
- ``IMAGES``: images, uint8 (N, H, W, 3), and their masks (N, H, W); gives a value for each image, (N,), or sums and
  counts (N, 2). Real images are measured in the same way.
- ``LANDMARKS``: landmark errors of images (N,), infinite where no face is found; gives a number. Real images are
  measured in the same way.
"""

from __future__ import annotations

from scgan.evaluation import distances, manifolds, metrics
from scgan.evaluation.scores import Metric, Score, Scores, read_metric
from scgan.utils.tables import Table
from scgan.utils.text import counted

EXPLANATION = (
    "Floor: score of real images with shuffled masks or attributes. Ceiling: score of real images with their own; for "
    "distances, of training images in place of generated ones. Normalised: (model − floor) / (ceiling − floor). "
    "In brackets: 95 % intervals over redraws of the items."
)


def _trained_on(values: Scores) -> str:
    """Warn of features that the model was trained to please."""
    return "which the training used" if values.get("used_in_training") else ""


def _few_images(values: Scores) -> str:
    """Warn of singular covariances, too; ``images`` is the number of images that have features."""
    few = "fewer images than features" if values["images"] < values["feature_count"] else ""
    return ", ".join(reason for reason in (_trained_on(values), few) if reason)


SPATIAL = (
    Metric("spatial.pixel_accuracy", "mask accuracy", metrics.pixel_accuracy, key=True),
    Metric("spatial.mean_iou", "mean IoU", metrics.mean_iou),
    Metric("spatial.per_class_iou.*", "IoU of {}", metrics.per_class_iou, compared=False),
)
LATENT = (Metric("diversity.latent_background", "latent diversity", metrics.background_change, key=True),)
ATTRIBUTES = (
    Metric("attributes.accuracy", "attribute accuracy", metrics.mean_agreement, key=True),
    Metric("attributes.per_attribute.*", "accuracy of {}", metrics.each_agreement, compared=False),
)
LEAKAGE = (
    Metric("attributes.leakage.effect", "effect of an attribute", metrics.quotient),
    Metric("attributes.leakage.other_attributes", "leakage into other attributes", metrics.quotient, "lower"),
    Metric("attributes.leakage.background_pixels", "leakage into the background", metrics.quotient, "lower"),
    Metric("attributes.leakage.other_pixels", "change of the foreground", metrics.quotient, "", compared=False),
)
FEATURES = (
    Metric(
        "realism.*.kernel",
        "kernel distance ({})",
        distances.kernel_score,
        "lower",
        titles={"inception": "KID"},
        caveat=_trained_on,
    ),
    Metric(
        "realism.*.frechet",
        "Fréchet distance ({})",
        distances.frechet_score,
        "lower",
        titles={"inception": "FID"},
        caveat=_few_images,
    ),
    Metric("realism.*.precision", "precision ({})", manifolds.precision_score, caveat=_trained_on),
    Metric("realism.*.recall", "recall ({})", manifolds.recall_score, caveat=_trained_on),
    Metric("realism.*.pair_distance", "pair distance ({})", distances.pair_score, ""),
    Metric(
        "realism.*.nearest_training_image",
        "distance to the nearest training image ({})",
        distances.nearest_score,
        "",
        compared=False,
    ),
)
IMAGES = (Metric("realism.outline_step", "color step at the outline", metrics.outline_steps, ""),)
LANDMARKS = (
    Metric("landmarks.error", "landmark error", metrics.median_error, "lower"),
    Metric("landmarks.missed", "faces not found", metrics.missed_share, "lower"),
)

METRICS = (*SPATIAL, *LANDMARKS, *LATENT, *ATTRIBUTES, *LEAKAGE, *FEATURES, *IMAGES)
"""In the order of tables."""

PARTS = {
    "Spatial consistency": (*SPATIAL, *LANDMARKS),
    "Realism": (*FEATURES, *IMAGES),
    "Attributes and latent": (*LATENT, *ATTRIBUTES, *LEAKAGE),
}
"""Tables of a comparison by title."""


def read_all(scores: Scores) -> list[Score]:
    """Scores of all metrics that were measured."""
    return [score for metric in METRICS for score in read_metric(metric, scores)]


def score_table(scores: Scores) -> Table:
    """Table of all scores of one model, with floor and ceiling explained in the caption.

    The column of real images holds the ceiling or, for distances, training images in place of generated ones.
    """
    rows = [
        (
            score.heading,
            _without_interval(score, "floor"),
            score.text("model"),
            _without_interval(score, "real" if "real" in score.values else "ceiling"),
            score.text("normalised"),
        )
        for score in read_all(scores)
    ]
    spatial = scores["spatial"]
    caption = (
        f"{counted(spatial['images'], 'image')} of the {spatial['split']} split, judged by {spatial['grader']}, a "
        f"network that was trained on real images only. {EXPLANATION}"
    )
    return Table(("", "floor", "model", "real images", "normalised"), rows, caption=caption)


def key_scores(scores: Scores) -> list[tuple[str, str]]:
    """The few numbers that sum up a model, with their titles; normalised where there are floor and ceiling."""
    pairs = []
    for score in (score for metric in METRICS if metric.key for score in read_metric(metric, scores)):
        name = "normalised" if "normalised" in score.values else "model"
        if score.values.get(name) is not None:
            title = f"{score.title} (normalised)" if name == "normalised" else score.title
            pairs.append((title, score.short(score.values[name])))
    return pairs


def _without_interval(score: Score, name: str) -> str:
    return score._replace(intervals={}).text(name)
