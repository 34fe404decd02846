"""What travels between the page and the server, as JSON. Everything is bounded here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

MAX_VARIATIONS = 16
MAX_FRAMES = 96
MAX_FILE_BYTES = 2**20  # of a JSON file that the studio saved
MAX_SEED = 2**53 - 1  # the largest that JavaScript counts to

Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Coordinate = Annotated[float, Field(ge=-1, le=2, allow_inf_nan=False)]
Landmarks = Annotated[
    list[tuple[Coordinate, Coordinate]],
    Field(min_length=68, max_length=68, description="68 points [x, y], fractions of the picture's width and height"),
]
Segmentation = Annotated[
    str,
    Field(
        max_length=4 * 256 * 256 // 3 + 4,
        description="class indices, one byte for each pixel, row by row from the top left, as base64",
    ),
]
Picture = Annotated[str, Field(description="a PNG file, RGB, as base64")]
Attributes = Annotated[
    dict[Annotated[str, Field(max_length=200)], Share],
    Field(max_length=1000, description="attributes by name; what is not named is 0"),
]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SeedLatent(_Message):
    """The latent that ``scgan generate --seed`` draws."""

    seed: Seed


class BlendLatent(_Message):
    """A latent on the arc between those of two seeds."""

    seed_a: Seed
    seed_b: Seed
    t: Share


def _latent_kind(value: Any) -> str:
    """Which of the two is meant, so that an error is about that one."""
    return "blend" if isinstance(value, BlendLatent) or (isinstance(value, dict) and "seed" not in value) else "seed"


Latent = Annotated[
    Annotated[SeedLatent, Tag("seed")] | Annotated[BlendLatent, Tag("blend")], Discriminator(_latent_kind)
]


class Look(_Message):
    """What a mask leaves open."""

    attributes: Attributes = {}
    latent: Latent = SeedLatent(seed=0)


class Condition(Look):
    """All that decides a picture."""

    segmentation: Segmentation
    landmarks: Landmarks | None = Field(None, description="the points that the segmentation was drawn from, if any")


class Variations(_Message):
    """One mask, several looks."""

    segmentation: Segmentation
    looks: Annotated[list[Look], Field(min_length=1, max_length=MAX_VARIATIONS)]


class Pictures(_Message):
    pictures: list[Picture]


class Way(_Message):
    """From one picture to another: points or shapes move, attributes change, the latent turns."""

    start: Condition
    end: Condition
    frames: Annotated[int, Field(ge=2, le=MAX_FRAMES)] = 24


class Film(Way):
    """A way as a file."""

    container: Literal["gif", "mp4"] = "mp4"
    frame_rate: Annotated[float, Field(ge=1, le=50, allow_inf_nan=False)] = 12
    ping_pong: bool = Field(True, description="there and back, so that it can repeat without a jump")


class Frame(_Message):
    """One line of a way's answer."""

    picture: Picture
    segmentation: Segmentation


class Expression(_Message):
    """How a face looks: yaw in degrees (to the right of the image), the others in the units of the face model.

    Smile 0 is neutral and 1 a friendly smile; mouth_open 1 is wide open; eyebrows are heights in distances of the outer
    corners of the eyes.
    """

    yaw: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    smile: Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)]
    mouth_open: Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)]
    eyebrows: Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)]


class Face(_Message):
    """68 points to draw a mask from; changed first, where that is asked."""

    landmarks: Landmarks
    expression: Expression | None = Field(None, description="what the points are changed to; null leaves them")
    mirror: bool = False
    place: bool = Field(False, description="move, scale and tilt the face to where the model's examples have theirs")


class DrawnFace(_Message):
    """Points and the mask that they give."""

    landmarks: list[tuple[float, float]]
    segmentation: Segmentation
    expression: Expression | None = Field(description="as measured; null when the points are no face any more")


class Mask(_Message):
    segmentation: Segmentation


class Opened(Condition):
    """What a file held: a mask alone has no look."""

    has_look: bool
    remark: str | None = Field(None, description="what a person should know about it")


class Example(_Message):
    """A mask of the model's own test split, with its label."""

    segmentation: Segmentation
    attributes: Attributes
    landmarks: list[tuple[float, float]] | None


class ModelSchema(_Message):
    """The meaning of every channel."""

    image_size: int
    class_names: list[str]
    class_colors: list[tuple[int, int, int]]
    attribute_names: list[str]
    attribute_groups: list[list[str]] = Field(description="attributes that exclude each other")
    mirrored_classes: list[tuple[str, str]]
    landmarks: bool = Field(description="whether masks are drawn from 68 facial points")


class ModelDescription(_Message):
    """A model and what it can do here."""

    id: str
    name: str
    step: int
    can_detect: bool = Field(description="whether it finds landmarks in photos")
    can_segment: bool = Field(description="whether it finds its classes in photos")
    can_film: bool = Field(description="whether MP4 can be written, besides GIF")
    model_schema: ModelSchema


class Problem(_Message):
    """Every answer that is not 2xx."""

    error: str = Field(description="one sentence: what was wrong and what to do")
