"""JSON messages between clients and the server. Every value is bounded here."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from scgan.utils.seeds import MAX_SEED

MAX_VARIATIONS = 16
MAX_FRAMES = 96
MAX_FILE_BYTES = 2**20  # of a JSON file that the studio saved

Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Coordinate = Annotated[float, Field(ge=-1, le=2, allow_inf_nan=False)]
Landmarks = Annotated[
    list[tuple[Coordinate, Coordinate]],
    Field(min_length=68, max_length=68, description="68 points [x, y] as fractions of the image's width and height"),
]
Segmentation = Annotated[
    str,
    Field(
        max_length=4 * 256 * 256 // 3 + 4,
        description="class indices as base64: one byte per pixel, row by row, from the top left",
    ),
]
Image = Annotated[str, Field(description="an RGB PNG file as base64")]
Attributes = Annotated[
    dict[Annotated[str, Field(max_length=200)], Fraction],
    Field(
        max_length=1000,
        description="attribute names and their values from 0 to 1; missing attributes are 0, except "
        "where the training data always have one of a group: there the most frequent one is 1",
    ),
]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SeedLatent(_Message):
    """Latent drawn from a seed, as by ``scgan generate --seed``."""

    seed: Seed


class BlendLatent(_Message):
    """Latent on the arc between the latents of two seeds."""

    seed_a: Seed
    seed_b: Seed
    t: Fraction = Field(description="0 is seed_a, 1 is seed_b")


def _latent_kind(value: Any) -> str:
    """Choose the message that a value is checked against, so that error messages name its fields."""
    return "blend" if isinstance(value, BlendLatent) or (isinstance(value, dict) and "seed" not in value) else "seed"


Latent = Annotated[
    Annotated[SeedLatent, Tag("seed")] | Annotated[BlendLatent, Tag("blend")], Discriminator(_latent_kind)
]


class Appearance(_Message):
    """Inputs of the generator besides the mask."""

    attributes: Attributes = {}
    latent: Latent = SeedLatent(seed=0)


class ImageInputs(Appearance):
    """Full specification of one image: mask, attributes and latent."""

    segmentation: Segmentation
    landmarks: Landmarks | None = Field(None, description="points that the mask was drawn from, if any")


class VariationsRequest(_Message):
    """One mask with several appearances."""

    segmentation: Segmentation
    appearances: Annotated[list[Appearance], Field(min_length=1, max_length=MAX_VARIATIONS)]


class Images(_Message):
    """Generated images in the order of the request."""

    images: list[Image]


class AnimationRequest(_Message):
    """Two images. Points or shapes move, attributes change linearly, and the latent follows the arc between them."""

    start: ImageInputs
    end: ImageInputs
    frames: Annotated[int, Field(ge=2, le=MAX_FRAMES)] = 24


class VideoRequest(AnimationRequest):
    """Animation to write as a file."""

    container: Literal["gif", "mp4"] = "mp4"
    frame_rate: Annotated[float, Field(ge=1, le=50, allow_inf_nan=False)] = 12
    ping_pong: bool = Field(True, description="play forwards, then backwards, so that the video loops without a jump")


class AnimationFrame(_Message):
    """One line of the response to an animation request."""

    image: Image
    segmentation: Segmentation


class Slider(NamedTuple):
    """Range that a page offers for a value. The range that is accepted may be wider."""

    title: str
    minimum: float
    maximum: float
    step: float


class ExpressionValues(_Message):
    """Head pose and facial expression, measured in the face model.

    Each field becomes a slider on the page, in this order.
    """

    yaw: Annotated[
        float,
        Slider("Turn", -40, 40, 0.5),
        Field(ge=-90, le=90, allow_inf_nan=False, description="degrees, positive to the right of the image"),
    ]
    smile: Annotated[
        float,
        Slider("Smile", -1, 3, 0.02),
        Field(ge=-10, le=10, allow_inf_nan=False, description="0 is neutral, 1 a friendly smile"),
    ]
    mouth_open: Annotated[
        float,
        Slider("Mouth open", -0.6, 1.2, 0.02),
        Field(ge=-10, le=10, allow_inf_nan=False, description="0 is closed, 1 wide open"),
    ]
    eyebrows: Annotated[
        float,
        Slider("Eyebrows", -0.15, 0.2, 0.005),
        Field(
            ge=-10,
            le=10,
            allow_inf_nan=False,
            description="height above the mean face's, in units of the distance between the outer corners of the eyes",
        ),
    ]


class FaceRequest(_Message):
    """68 points to draw a mask from, and changes to make to them first."""

    landmarks: Landmarks
    expression: ExpressionValues | None = Field(None, description="expression to give the face; null keeps its own")
    mirror: bool = Field(False, description="flip the face horizontally")
    align: bool = Field(False, description="move, scale and tilt the face to the position of the training faces")


class FaceMask(_Message):
    """Points and the mask that is drawn from them."""

    landmarks: list[tuple[float, float]]
    segmentation: Segmentation
    expression: ExpressionValues | None = Field(
        description="measured expression; null if the points do not form a face"
    )


class Crop(_Message):
    """Square part of a photo, in fractions of its longer side. It may reach beyond the edges."""

    left: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
    top: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
    side: Annotated[float, Field(ge=0.02, le=1.5, allow_inf_nan=False)]


class DetectedFace(FaceMask):
    """Face in a photo. Its points are fractions of the crop."""

    crop: Crop


class InvertedPhoto(_Message):
    """First line of the response to a photo: the photo as the model sees it, to be edited by its id."""

    photo: str = Field(description="id for the routes of photos; the studio forgets it when others come")
    image: Image
    segmentation: Segmentation
    landmarks: list[tuple[float, float]] | None
    attributes: Attributes = Field(description="estimated from the photo")
    total: int = Field(description="number of steps that will refine the image")


class InversionProgress(_Message):
    """Further line of that response."""

    step: int
    share: float = Field(description="distance to the photo, as a share of that of a random latent")
    image: Image | None = Field(description="best image so far, in some of the lines")


class PhotoEdit(_Message):
    """Mask, or points, and attributes that a photo is changed to."""

    segmentation: Segmentation
    landmarks: Landmarks | None = Field(None, description="points that the mask was drawn from, if any")
    attributes: Attributes = {}
    keep_background: bool = Field(False, description="keep each pixel that was and stays background")
    into_photo: bool = Field(False, description="show the whole photo in place of the part that the model sees")


class Mask(_Message):
    """Segmentation mask."""

    segmentation: Segmentation


class SegmentedPhoto(Mask):
    """Classes that the model's segmentor finds in a part of a photo."""

    crop: Crop


class OpenedFile(ImageInputs):
    """Content of a file. A mask file has no attributes and no latent: ``has_appearance`` is false."""

    has_appearance: bool
    notice: str | None = Field(None, description="a sentence to show, for example that the mask was resized")


class Example(_Message):
    """Mask of the model's test split, with its attributes."""

    segmentation: Segmentation
    attributes: Attributes
    landmarks: list[tuple[float, float]] | None


class ModelSchema(_Message):
    """Image size, classes and attributes of a model."""

    image_size: int
    class_names: list[str]
    class_colors: list[tuple[int, int, int]]
    attribute_names: list[str]
    attribute_groups: list[list[str]] = Field(description="attributes that exclude each other")
    mirrored_classes: list[tuple[str, str]] = Field(description="classes that swap when an image is flipped")
    landmarks: bool = Field(description="masks are drawn from 68 facial points")


class ExpressionSlider(_Message):
    """Range of one field of ``ExpressionValues`` on a page."""

    name: str
    title: str
    minimum: float
    maximum: float
    step: float


class ModelDescription(_Message):
    """Loaded model and the features that this server offers for it."""

    id: str
    name: str
    step: int = Field(description="training step of the weights")
    can_detect: bool = Field(description="finds landmarks in photos")
    can_segment: bool = Field(description="finds its classes in photos")
    can_invert: bool = Field(description="edits photos")
    can_write_gif: bool = Field(description="writes GIF files")
    can_write_mp4: bool = Field(description="writes MP4 files")
    expression_sliders: list[ExpressionSlider] = Field(description="empty if masks are not drawn from landmarks")
    model_schema: ModelSchema


class ErrorResponse(_Message):
    """Body of every response whose status is not 2xx."""

    error: str = Field(description="one sentence that says what is wrong and what to do")


def expression_sliders() -> list[ExpressionSlider]:
    """Return the sliders of ``ExpressionValues``, one for each field."""
    return [
        ExpressionSlider(name=name, **part._asdict())
        for name, field in ExpressionValues.model_fields.items()
        for part in field.metadata
        if isinstance(part, Slider)
    ]
