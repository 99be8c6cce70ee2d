"""Practice scenes: the real layout, masks that fit their images, no file half written or overwritten."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import carla
import driving_scenes

# Share of pixels in the real set in per cent, and how far practice scenes may be from it.
REAL_SHARES = {"road": (44, 5), "sky": (34, 6), "vegetation": (6, 3), "building": (6, 4), "terrain": (3, 2),
               "sidewalk": (2, 1.5), "road line": (1.2, 0.8)}  # fmt: skip


def scene(*seed):
    return driving_scenes.draw_scene(np.random.default_rng(seed))


def tree(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def read(folder, kind, number):
    return np.asarray(Image.open(folder / kind / f"{number:06d}.png"))


@pytest.fixture(scope="module")
def scenes():
    return [scene(0, number) for number in range(40)]


def test_shapes_and_ids(scenes):
    for image, class_ids in scenes:
        assert (image.shape, image.dtype) == ((480, 640, 3), np.uint8)
        assert (class_ids.shape, class_ids.dtype) == ((480, 640), np.uint8)
        assert class_ids.min() >= 1 and class_ids.max() < carla.N_CLASSES


def test_same_seed_same_scene_other_seed_other_scene(scenes):
    again, other = scene(0, 3), scene(1, 3)
    for k in (0, 1):
        assert (again[k] == scenes[3][k]).all()
        assert (other[k] != scenes[3][k]).any()


def test_class_shares_are_about_the_real_ones(scenes):
    counts = np.bincount(np.concatenate([class_ids.ravel() for _, class_ids in scenes]), minlength=23)
    shares = 100 * counts / counts.sum()
    for name, (real, tolerance) in REAL_SHARES.items():
        assert shares[carla.CLASS_NAMES.index(name)] == pytest.approx(real, abs=tolerance), name
    drawn = {carla.CLASS_NAMES[k] for k in np.flatnonzero(counts)}
    assert drawn >= {
        "pole",
        "traffic sign",
        "traffic light",
        "fence",
        "wall",
        "guard rail",
        "vehicle",
        "pedestrian",
    }


@pytest.mark.parametrize("thickness", [None, 0.3])
def test_image_and_mask_change_at_the_same_pixels(thickness):
    canvas = driving_scenes.Scene(np.random.default_rng(0))
    before = np.array(canvas.image)
    canvas.draw([(-2, 0, 9), (2.3, 0.4, 7), (0.7, 3.1, 11)], "vehicle", (255, 0, 0), thickness)
    changed = (np.array(canvas.image) != before).any(axis=2)
    assert (changed == (np.array(canvas.mask) == carla.CLASS_NAMES.index("vehicle"))).all()
    assert changed.any()


def test_surface_details_leave_the_mask_as_it_is():
    canvas = driving_scenes.Scene(np.random.default_rng(0))
    canvas.draw([(-2, 0, 9), (2.3, 0.4, 7), (0.7, 3.1, 11)], None, (255, 0, 0))
    assert np.unique(canvas.mask).tolist() == [carla.CLASS_NAMES.index("sky")]


def test_layout_is_that_of_the_real_set(tmp_path):
    driving_scenes.write_scenes(tmp_path / "data", 3, seed=5)
    assert tree(tmp_path / "data") == [
        f"{kind}/00000{k}.png" for kind in ("CameraMask", "CameraRGB") for k in (1, 2, 3)
    ]
    image, class_ids = scene(5, 2)
    written, mask = (read(tmp_path / "data", kind, 2) for kind in ("CameraRGB", "CameraMask"))
    for pixels in (written, mask):
        assert (pixels.shape, pixels.dtype) == ((480, 640, 4), np.uint8)
        assert (pixels[..., 3] == 255).all()
    assert (written[..., :3] == image).all()
    assert (mask[..., 0] == class_ids).all() and not mask[..., 1:3].any()
    pairs = carla.find_pairs(tmp_path / "data/CameraRGB", tmp_path / "data/CameraMask")
    carla.check_pairs(*pairs)


def test_few_scenes_are_the_first_of_many(tmp_path):
    for count in (1, 2):
        driving_scenes.write_scenes(tmp_path / str(count), count)
    for kind in ("CameraRGB", "CameraMask"):
        assert (read(tmp_path / "1", kind, 1) == read(tmp_path / "2", kind, 1)).all()


@pytest.mark.parametrize("kind", ["CameraRGB", "CameraMask"])
def test_scenes_are_never_overwritten(tmp_path, kind):
    (tmp_path / kind).mkdir()
    (tmp_path / kind / "049286.png").write_bytes(b"the student's own")
    with pytest.raises(
        carla.DataError, match=rf"{kind} holds 1 PNG file already; nothing was written.*\n.*another folder"
    ):
        driving_scenes.write_scenes(tmp_path, 1)
    assert tree(tmp_path) == [f"{kind}/049286.png"]


@pytest.mark.parametrize("name", [".DS_Store", "._1.png", "notes.txt"])
def test_other_files_are_no_obstacle(tmp_path, name):
    (tmp_path / "CameraRGB").mkdir()
    (tmp_path / "CameraRGB" / name).write_bytes(b"x")
    driving_scenes.write_scenes(tmp_path, 1)
    assert len(tree(tmp_path)) == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
@pytest.mark.parametrize("failing_save", [3, 4], ids=["image", "mask"])
def test_nothing_half_written_stays(tmp_path, monkeypatch, capsys, error, failing_save):
    saves = 0
    save = Image.Image.save

    def save_or_fail(picture, path, **options):
        nonlocal saves
        saves += 1
        if saves == failing_save:
            Path(path).write_bytes(b"half")
            raise error
        save(picture, path, **options)

    monkeypatch.setattr(Image.Image, "save", save_or_fail)
    status = driving_scenes.main([str(tmp_path), "--count", "5"])
    assert tree(tmp_path) == ["CameraMask/000001.png", "CameraRGB/000001.png"]
    expected = (130, "Stopped.") if error is KeyboardInterrupt else (1, "No space left on device")
    assert (status, expected[1] in capsys.readouterr().err) == (expected[0], True)


def run(folder, *arguments):
    command = [sys.executable, "driving_scenes.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_command_line_works_alone_in_a_downloaded_folder(tmp_path):
    for name in ("carla.py", "driving_scenes.py"):
        shutil.copy(Path(driving_scenes.__file__).with_name(name), tmp_path)
    first = run(tmp_path, "data", "--count", "2", "--seed", "7")
    assert (first.returncode, first.stderr) == (0, "")
    assert "Drew 2 of 2 scenes" in first.stdout
    last_line = first.stdout.splitlines()[-1]
    assert last_line.startswith("Wrote 2 images to ") and str(tmp_path / "data" / "CameraMask") in last_line
    assert (read(tmp_path / "data", "CameraMask", 1)[..., 0] == scene(7, 1)[1]).all()
    again = run(tmp_path, "data", "--count", "2")
    assert again.returncode == 1
    assert "holds 2 PNG files already" in again.stderr and "Traceback" not in again.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "required: folder"),
        (["data", "--count", "0"], "0 is not a whole number from 1 up"),
        (["data", "--count", "many"], "many is not a whole number from 1 up"),
        (["data", "--seed", "-1"], "-1 is not a whole number from 0 up"),
    ],
)
def test_command_line_refuses(arguments, expected, capsys):
    with pytest.raises(SystemExit) as stopped:
        driving_scenes.main(arguments)
    assert stopped.value.code == 2 and expected in capsys.readouterr().err


def test_folder_that_is_a_file(tmp_path, capsys):
    (tmp_path / "data").write_bytes(b"")
    assert driving_scenes.main([str(tmp_path / "data"), "--count", "1"]) == 1
    assert "Cannot write to" in capsys.readouterr().err
