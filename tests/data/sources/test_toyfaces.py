"""Toy faces: deterministic, and every attribute is visible in the image."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scgan.data.prepare.prepare import prepare
from scgan.data.prepare.source import Item
from scgan.data.sources.toyface_drawing import draw
from scgan.data.sources.toyfaces import TOY_ATTRIBUTES, Person, ToyFaces, random_person
from scgan.faces.landmarks import FACE_CLASSES, LEFT_EYE
from scgan.faces.mean_face import Proportions, face_points, project_face, toy_landmarks
from scgan.faces.pose import Pose
from scgan.faces.rasterize import forehead, rasterize
from scgan.faces.scores import smile_score, yaw_score
from scgan.utils.errors import UserError


@pytest.fixture(scope="module")
def faces() -> list[Item]:
    source = ToyFaces(240, 64)
    return [source.read(index) for index in range(240)]


def person(number: int) -> Person:
    return random_person(np.random.default_rng(number))


def with_attribute(faces: list[Item], **values: int) -> list[Item]:
    return [
        face
        for face in faces
        if all(face.attributes[TOY_ATTRIBUTES.index(name)] == value for name, value in values.items())
    ]


class TestSource:
    def test_shapes_and_dtypes(self, faces: list[Item]) -> None:
        schema = ToyFaces(240, 64).schema
        assert schema.class_names == FACE_CLASSES
        assert schema.attribute_names == ("Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young")
        assert schema.landmarks
        for image, segmentation, attributes, landmarks, _ in faces:
            assert (image.shape, image.dtype) == ((64, 64, 3), np.uint8)
            assert (segmentation.shape, segmentation.dtype) == ((64, 64), np.uint8)
            assert (attributes.shape, attributes.dtype) == ((5,), np.float32)
            assert landmarks is not None
            np.testing.assert_array_equal(segmentation, rasterize(landmarks, 64))

    def test_a_face_depends_on_seed_and_index_alone(self, faces: list[Item]) -> None:
        again = ToyFaces(7, 64).read(5)
        for ours, theirs in zip(faces[5], again, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert not np.array_equal(ToyFaces(7, 64, seed=1).read(5).image, again.image)

    def test_one_face_at_two_sizes_is_the_same_face(self, faces: list[Item]) -> None:
        large = ToyFaces(1, 128).read(0)
        np.testing.assert_array_equal(large.landmarks, faces[0].landmarks)
        halved = large.image.reshape(64, 2, 64, 2, 3).mean(axis=(1, 3))
        assert np.abs(halved - faces[0].image).mean() < 4

    def test_splits_are_interleaved(self) -> None:
        splits = ToyFaces(40, 64).splits
        assert [splits.count(name) for name in ("train", "validation", "test")] == [32, 4, 4]
        assert splits[8:10] == ["validation", "test"]

    def test_preparing_with_two_processes_gives_the_same(self, tmp_path: Path) -> None:
        source = ToyFaces(20, 32, seed=4)
        one, two = (prepare(source, tmp_path / str(count), processes=count) for count in (1, 2))
        assert one.fingerprint == two.fingerprint
        np.testing.assert_array_equal(one.images[13], source.read(13).image)

    def test_bad_options(self) -> None:
        with pytest.raises(UserError, match="--count 0"):
            ToyFaces(0, 64)
        with pytest.raises(UserError, match="--seed is -1"):
            ToyFaces(1, 64, seed=-1)
        with pytest.raises(UserError, match="image size 60"):
            ToyFaces(1, 60)


class TestAttributesAreVisible:
    def test_all_attributes_vary_and_hair_excludes(self, faces: list[Item]) -> None:
        attributes = np.stack([face.attributes for face in faces])
        assert (attributes.mean(axis=0) > 0.15).all()
        assert (attributes.mean(axis=0) < 0.75).all()
        hairs = attributes[:, :3].sum(axis=1)
        assert hairs.max() == 1
        assert 0.05 < (hairs == 0).mean() < 0.4

    def test_hair_colours(self, faces: list[Item]) -> None:
        def hair(face: Item) -> np.ndarray:
            """Colour a little above the hairline."""
            assert face.landmarks is not None
            top = forehead(face.landmarks)[7]
            column, row = ((top + 0.12 * (top - face.landmarks[27])) * 64).astype(int)
            return face.image[row - 1 : row + 2, column - 2 : column + 3].mean(axis=(0, 1))

        colors = {
            name: np.array([hair(face) for face in with_attribute(faces, **{name: 1})]) for name in TOY_ATTRIBUTES
        }
        black, blond, brown = (colors[name] for name in TOY_ATTRIBUTES[:3])
        assert black.mean() < 60 < brown.mean() < 130 < blond.mean()
        # Not only on average: hardly one is on the wrong side.
        assert np.quantile(blond.mean(axis=1), 0.03) > np.quantile(brown.mean(axis=1), 0.97)
        assert np.quantile(brown[:, 0], 0.03) > np.quantile(black[:, 0], 0.97)

    def test_men_have_short_hair(self, faces: list[Item]) -> None:
        def distance_from_hair(face: Item) -> float:
            """Difference between pixels left and right of the mouth and pixels above the forehead."""
            assert face.landmarks is not None
            row = int(face.landmarks[51, 1] * 64)
            column = int(face.landmarks[[4, 12], 0].mean() * 64)
            outline = np.flatnonzero(face.segmentation[row])
            cheeks = face.image[row, [max(outline[0] - 2, 0), min(outline[-1] + 2, 63)]].astype(float)
            hair = face.image[max(int(forehead(face.landmarks)[7, 1] * 64) - 3, 0), column].astype(float)
            return float(np.abs(cheeks - hair).mean())

        men, women = (with_attribute(faces, Male=value) for value in (1, 0))
        distance = [np.mean([distance_from_hair(face) for face in group]) for group in (men, women)]
        assert distance[0] > 1.5 * distance[1]

    def test_age_shows_in_lines_on_the_forehead(self, faces: list[Item]) -> None:
        def roughness(face: Item) -> float:
            assert face.landmarks is not None
            top, bottom = forehead(face.landmarks)[7], face.landmarks[[21, 22]].mean(axis=0)
            column = int((top[0] + bottom[0]) / 2 * 64)
            rows = slice(int(top[1] * 64) + 2, int(bottom[1] * 64) - 1)
            strip = face.image[rows, column - 1 : column + 2].mean(axis=(1, 2))
            return float(np.abs(np.diff(strip)).mean() / strip.mean())

        young, old = ([roughness(face) for face in with_attribute(faces, Young=value)] for value in (1, 0))
        assert np.median(old) > 3 * np.median(young)

    @pytest.mark.parametrize(("field", "name"), [("lips", "lips"), ("eyebrows", "eyebrows"), ("iris", "eyes")])
    def test_a_part_is_painted_where_its_class_is(self, field: str, name: str) -> None:
        drawn = person(3)
        # A beard has the colour of the eyebrows.
        appearance = replace(drawn.appearance, beard=0.0, eyebrow_opacity=1.0, lash_opacity=0.0)
        images = [
            draw(replace(appearance, **{field: color}), drawn.points, 128).astype(int)
            for color in ((1, 0, 0), (0, 1, 1))
        ]
        changed = np.abs(images[0] - images[1]).max(axis=2)
        inside = rasterize(drawn.points, 128) == FACE_CLASSES.index(name)
        # Half-covered pixels have about half the change.
        clearly, hardly = changed > 0.6 * changed.max(), changed > 0.4 * changed.max()
        assert (clearly & ~inside).sum() <= 0.02 * inside.sum() + 1
        if field != "iris":  # the white is not iris
            assert (inside & ~hardly).sum() <= 0.02 * inside.sum() + 1

    def test_the_whole_face_is_skin_and_hair_does_not_cover_it(self) -> None:
        for number in range(10):
            drawn = person(number)
            inside = rasterize(drawn.points, 128) > 0
            images = [
                draw(replace(drawn.appearance, hair=color, cloth=color), drawn.points, 128).astype(int)
                for color in ((0, 0, 0), (1, 1, 1))
            ]
            changed = np.abs(images[0] - images[1]).max(axis=2)
            assert (inside & (changed > 0.5 * changed.max())).sum() <= 0.005 * inside.sum()

    def test_light_comes_from_its_side(self) -> None:
        drawn = person(6)
        pose = Pose(scale=0.3)
        points = project_face(face_points(), pose)
        appearance = replace(drawn.appearance, pose=pose, blush=0.0)
        left, right = (draw(replace(appearance, light=(x, 0.0, 0.6)), points, 64).astype(int) for x in (-0.8, 0.8))
        (row, column) = int(points[30, 1] * 64), int(points[3, 0] * 64) + 3
        assert left[row, column].mean() > right[row, column].mean() + 20
        assert left[row, 63 - column].mean() < right[row, 63 - column].mean() - 20


class TestFaceModel:
    def test_far_parts_stay_inside_the_outline(self) -> None:
        for yaw in (-30, 30):
            points = toy_landmarks(yaw=yaw)
            mask = rasterize(points, 128)
            assert set(FACE_CLASSES[1:6]) <= {FACE_CLASSES[value] for value in np.unique(mask)}
            for corner in (points[36], points[45]):
                column, row = (corner * 128).astype(int)
                assert mask[row, column] != 0

    def test_turning_smiling_and_opening(self) -> None:
        assert yaw_score(toy_landmarks(yaw=20)) > 0.3 > -0.3 > yaw_score(toy_landmarks(yaw=-20))
        assert smile_score(toy_landmarks(smile=1)) > smile_score(toy_landmarks()) + 0.1
        gap = [np.linalg.norm(np.subtract(*toy_landmarks(mouth_open=wide)[[66, 62]])) for wide in (0, 0.5, 1)]
        assert gap == sorted(gap)

    def test_place_and_scale(self) -> None:
        points = toy_landmarks(center=(0.4, 0.3), scale=0.2)
        np.testing.assert_allclose(points[27], (0.4, 0.3), atol=1e-6)
        assert np.linalg.norm(points[45] - points[36]) == pytest.approx(0.2, rel=1e-3)

    def test_proportions(self) -> None:
        plain, wide = toy_landmarks(), toy_landmarks(proportions=Proportions(jaw_width=1.2, eye_size=1.5))
        assert np.ptp(wide[[4, 12], 0]) > 1.1 * np.ptp(plain[[4, 12], 0])
        assert np.ptp(wide[LEFT_EYE, 1]) == pytest.approx(1.5 * np.ptp(plain[LEFT_EYE, 1]), rel=1e-3)
        np.testing.assert_allclose(wide[[0, 16], 1], plain[[0, 16], 1], atol=1e-6)
