"""Drawn pets: the same for the same seed, in the layout of the real set and much like it, all of them or none."""

import re

import numpy as np
import pytest
from PIL import Image

import pet_pictures
from drawn_pets import backgrounds, coats, poses, writing
from drawn_pets.canvas import Canvas
from segmentation.errors import DataError


def drawn(number, seed=0):
    return pet_pictures.draw_picture(np.random.default_rng([seed, number]))


@pytest.fixture(scope="module")
def pictures():
    return [drawn(number) for number in range(1, 26)]


def test_a_picture_depends_on_its_seed_and_number_alone(pictures):
    for again, first in zip(drawn(7), pictures[6]):
        assert np.array_equal(again, first)
    assert not np.array_equal(drawn(7, seed=1)[0], pictures[6][0])


def test_pictures_are_of_the_sizes_of_photographs(pictures):
    for picture, trimap, _ in pictures:
        assert picture.dtype == trimap.dtype == np.uint8
        assert picture.shape == (*trimap.shape, 3)
        assert 300 <= min(trimap.shape) <= max(trimap.shape) <= 500
    assert len({trimap.shape for _, trimap, _ in pictures}) > 4


def test_classes_are_as_frequent_as_in_the_real_set(pictures):
    shares = np.array([[(trimap == label).mean() for label in (1, 2, 3)] for _, trimap, _ in pictures])
    assert np.all(np.abs(shares.mean(0) - (0.30, 0.59, 0.11)) < 0.06)
    # Some pets fill their picture, others do not.
    assert shares[:, 0].std() > 0.05


def test_the_border_lies_between_pet_and_background(pictures):
    for _, trimap, _ in pictures[:10]:
        assert set(np.unique(trimap)) == {1, 2, 3}
        for one, other in ((trimap[1:], trimap[:-1]), (trimap[:, 1:], trimap[:, :-1])):
            assert not np.any((one == 1) & (other == 2) | (one == 2) & (other == 1))


def test_a_pet_differs_from_what_is_behind_it(pictures):
    """Its colours are told from those of its background, in most pictures."""
    distances = []
    for picture, trimap, _ in pictures:
        pet, background = picture[trimap == 1].astype(float), picture[trimap == 2].astype(float)
        distances.append(np.abs(pet.mean(0) - background.mean(0)).max())
        assert pet.std(0).max() > 5
    assert np.median(distances) > 25


@pytest.mark.parametrize("pose", poses.POSES)
@pytest.mark.parametrize("is_cat", [True, False], ids=["cat", "dog"])
def test_every_pose_lies_in_its_box(pose, is_cat):
    pose = poses.POSES[pose]
    left, top, right, bottom = pose.box
    for seed in range(4):
        rng = np.random.default_rng(seed)
        coat = list((coats.CATS if is_cat else coats.DOGS).values())[seed]
        canvas = Canvas(np.zeros((3, 300, 400), np.float32), rng, (0.5, -0.8))
        unit = 0.7 * min(300 / (bottom - top), 400 / (right - left))
        x = 200 - unit * (left + right) / 2
        poses.draw_pet(canvas, coats.Pet(is_cat, coat, rng), pose, x, 270, unit)
        rows, columns = np.nonzero(canvas.pet > 0.5)
        assert np.isfinite(canvas.rgb).all()
        assert len(rows) > 0.1 * canvas.pet.size / 2
        # Tails may stick out.
        slack = 0.25 * unit
        assert 270 + unit * (top - 1) - slack < rows.min() and (rows.max() < 270 + slack or pose.shadow[1] == 0)
        assert x + unit * left - slack < columns.min() and columns.max() < x + unit * right + slack


@pytest.mark.parametrize("breed", [*coats.CATS, *coats.DOGS])
def test_every_coat_can_be_drawn(breed):
    coat = (coats.CATS | coats.DOGS)[breed]
    canvas = Canvas(np.full((3, 120, 160), 128, np.float32), np.random.default_rng(1), (0.5, -0.8))
    pet = coats.Pet(breed in coats.CATS, coat, canvas.rng)
    poses.draw_pet(canvas, pet, poses.POSES["sitting"], 80, 115, 100)
    colour = canvas.rgb[:, canvas.pet > 0.9]
    assert np.isfinite(colour).all() and colour.min() >= 0
    assert breed[0].isupper() == (breed in coats.CATS)


def test_every_place_can_be_drawn():
    for seed in range(30):
        place = backgrounds.draw_background(np.random.default_rng(seed), 90, 120, 80)
        assert place.shape == (3, 90, 120) and place.dtype == np.float32 and np.isfinite(place).all()


# The layout ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pets")
    pet_pictures.write_pets(folder, 10, seed=3)
    return folder


def test_the_layout_is_that_of_the_real_set(folder):
    lists = {name: (folder / "annotations" / f"{name}.txt").read_text().splitlines() for name in ("trainval", "test")}
    assert {name: len(lines) for name, lines in lists.items()} == {"trainval": 8, "test": 2}
    listed = []
    for line in lists["trainval"] + lists["test"]:
        name, class_id, species, breed = re.fullmatch(r"(\w+_\d+) (\d+) ([12]) (\d+)", line).groups()
        assert name[0].isupper() == (species == "1")
        assert 1 <= int(breed) <= int(class_id) <= 37
        listed.append(name)
    assert sorted(path.stem for path in (folder / "images").glob("*.jpg")) == sorted(listed)
    assert sorted(path.stem for path in (folder / "annotations" / "trimaps").glob("*.png")) == sorted(listed)
    assert {int(name.rpartition("_")[2]) for name in listed} == set(range(1, 11))
    assert sorted(path.name for path in folder.iterdir()) == ["annotations", "images"]


def test_files_hold_what_was_drawn(folder):
    picture, trimap, breed = drawn(4, seed=3)
    assert np.array_equal(Image.open(folder / "annotations" / "trimaps" / f"{breed}_4.png"), trimap)
    saved = np.asarray(Image.open(folder / "images" / f"{breed}_4.jpg"), int)
    assert np.abs(saved - picture).mean() < 8


def test_few_pets_are_the_first_of_many(folder, tmp_path):
    pet_pictures.write_pets(tmp_path, 6, seed=3)
    for path in (tmp_path / "images").iterdir():
        assert path.read_bytes() == (folder / "images" / path.name).read_bytes()


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_nothing_stays_of_a_set_that_was_not_finished(tmp_path, monkeypatch, error):
    draw, calls = writing.draw_picture, []

    def interrupted(rng):
        calls.append(rng)
        if len(calls) == 4:
            raise error
        return draw(rng)

    monkeypatch.setattr(writing, "draw_picture", interrupted)
    with pytest.raises(type(error) if isinstance(error, Exception) else error):
        pet_pictures.write_pets(tmp_path / "data", 6)
    assert list((tmp_path / "data").iterdir()) == []


def test_nothing_stays_where_half_of_the_set_cannot_be_moved(tmp_path, monkeypatch):
    rename = writing.os.rename

    def refused(source, target):
        if target.name == "annotations":
            raise OSError(13, "Permission denied")
        rename(source, target)

    monkeypatch.setattr(writing.os, "rename", refused)
    with pytest.raises(OSError, match="Permission denied"):
        pet_pictures.write_pets(tmp_path, 5)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["images", "annotations"])
def test_what_is_there_is_left_alone(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match="is there already; nothing was written"):
        pet_pictures.write_pets(tmp_path, 5)
    assert [path.name for path in tmp_path.rglob("*")] == [name, "mine.txt"]


def test_too_few_pets_leave_none_for_the_test(tmp_path):
    with pytest.raises(ValueError, match="there must be 5 or more"):
        pet_pictures.write_pets(tmp_path, 4)


def test_command(tmp_path, capsys):
    assert pet_pictures.main([str(tmp_path / "data"), "--count", "5"]) == 0
    out = capsys.readouterr().out
    assert "Drew 5 of 5 pets" in out and "Wrote 5 pictures to" in out
    assert pet_pictures.main([str(tmp_path / "data"), "--count", "5"]) == 1
    assert "is there already" in capsys.readouterr().err
    (tmp_path / "file").touch()
    assert pet_pictures.main([str(tmp_path / "file"), "--count", "5"]) == 1
    assert "Cannot write to" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--count", "4"], ["--count", "many"], ["--seed", "-1"]])
def test_wrong_arguments(tmp_path, capsys, arguments):
    with pytest.raises(SystemExit):
        pet_pictures.main([str(tmp_path), *arguments])
    assert "is not a whole number" in capsys.readouterr().err


def test_ctrl_c_ends_the_command_without_a_traceback(tmp_path, capsys, monkeypatch):
    def interrupt(rng):
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "draw_picture", interrupt)
    assert pet_pictures.main([str(tmp_path), "--count", "5"]) == 130
    assert "nothing was written" in capsys.readouterr().err
