"""Practice scenes: the real layout, masks that fit their images, no file half written or overwritten."""

import builtins
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import carla
import driving_scenes
from benchmarks import scene_transfer
from practice_scenes import writing
from practice_scenes.camera import Scene

# Share of pixels in the real set in per cent, and how far practice scenes may be from it.
REAL_SHARES = {"road": (44, 5), "sky": (34, 6), "vegetation": (6, 3), "building": (6, 4), "terrain": (3, 2),
               "sidewalk": (2, 1.5), "road line": (1.2, 0.8), "wall": (1.6, 1.2), "guard rail": (1.2, 0.8),
               "fence": (0.4, 0.4), "pole": (0.4, 0.3), "vehicle": (0.3, 0.3)}  # fmt: skip
# Mean grey of the road in the real frames differs by this standard deviation between frames.
REAL_ROAD_SPREAD = 24


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


def test_every_class_occurs(scenes):
    drawn = set(np.unique([class_ids for _, class_ids in scenes]).tolist())
    assert [name for k, name in enumerate(carla.CLASS_NAMES) if k not in drawn] == ["unlabeled"]


def test_light_varies_no_less_than_in_the_real_set(scenes):
    road = carla.CLASS_NAMES.index("road")
    assert np.std([image[class_ids == road].mean() for image, class_ids in scenes]) >= REAL_ROAD_SPREAD


def share_of_outline_with_an_edge(image, class_ids):
    """The share of neighbours of different classes that differ in colour too."""
    found = total = 0
    for axis in (0, 1):
        outline = np.diff(class_ids.astype(int), axis=axis) != 0
        edges = (np.diff(image.astype(int), axis=axis) != 0).any(axis=2)
        found, total = found + (outline & edges).sum(), total + outline.sum()
    return found / total


def test_outlines_of_the_mask_are_edges_of_the_image(monkeypatch):
    def as_drawn(self):
        return np.array(self.image), np.array(self.mask)

    monkeypatch.setattr(Scene, "finish", as_drawn)
    for number in range(3):
        image, class_ids = scene(0, number)
        assert share_of_outline_with_an_edge(image, class_ids) > 0.98
        moved = np.roll(class_ids, 3, axis=1)
        assert share_of_outline_with_an_edge(image, moved) < 0.8


@pytest.mark.parametrize("thickness", [None, 0.3])
def test_image_and_mask_change_at_the_same_pixels(thickness):
    canvas = Scene(np.random.default_rng(0))
    before = np.array(canvas.image)
    canvas.draw([(-2, 0, 9), (2.3, 0.4, 7), (0.7, 3.1, 11)], "vehicle", (255, 0, 0), thickness)
    changed = (np.array(canvas.image) != before).any(axis=2)
    assert (changed == (np.array(canvas.mask) == carla.CLASS_NAMES.index("vehicle"))).all()
    assert changed.any()


def test_surface_details_leave_the_mask_as_it_is():
    canvas = Scene(np.random.default_rng(0))
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
    save = Path.write_bytes

    def save_or_fail(path, data):
        nonlocal saves
        saves += 1
        if saves == failing_save:
            save(path, b"half")
            raise error
        save(path, data)

    monkeypatch.setattr(Path, "write_bytes", save_or_fail)
    status = driving_scenes.main([str(tmp_path), "--count", "5"])
    assert tree(tmp_path) == ["CameraMask/000001.png", "CameraRGB/000001.png"]
    expected = (130, "Stopped.") if error is KeyboardInterrupt else (1, "No space left on device")
    assert (status, expected[1] in capsys.readouterr().err) == (expected[0], True)


@pytest.fixture
def in_processes(monkeypatch):
    """Have even a few scenes drawn by two processes."""
    monkeypatch.setattr(writing, "SCENES_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(writing, "usable_processors", lambda: 2)


def contents(folder):
    return {name: (folder / name).read_bytes() for name in tree(folder)}


def test_processes_write_what_one_writes(tmp_path, in_processes, monkeypatch, capfd):
    driving_scenes.write_scenes(tmp_path / "two", 3, seed=2)
    assert capfd.readouterr().out.endswith("Drew 3 of 3 scenes\n")
    monkeypatch.setattr(writing, "usable_processors", lambda: 1)
    driving_scenes.write_scenes(tmp_path / "one", 3, seed=2)
    assert contents(tmp_path / "two") == contents(tmp_path / "one")


def test_scenes_are_drawn_where_no_process_may_be_started(tmp_path, in_processes, monkeypatch, capfd):
    def refuse(*arguments, **options):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    driving_scenes.write_scenes(tmp_path, 2)
    assert len(tree(tmp_path)) == 4
    assert capfd.readouterr().err == ""


def assert_whole_pairs_only(folder, fewer_than):
    images, masks = [{path.name for path in (folder / kind).iterdir()} for kind in ("CameraRGB", "CameraMask")]
    assert images == masks and len(images) < fewer_than
    assert all(name.endswith(".png") for name in images)
    if images:
        carla.check_pairs(*carla.find_pairs(folder / "CameraRGB", folder / "CameraMask"))


def test_interrupted_processes_end_and_leave_whole_pairs(tmp_path, in_processes, monkeypatch):
    started = []
    popen, show = subprocess.Popen, builtins.print

    def remember(*arguments, **options):
        started.append(popen(*arguments, **options))
        return started[-1]

    def interrupt(*text, **options):
        if text and text[0].startswith("\rDrew 2"):
            raise KeyboardInterrupt
        show(*text, **options)

    monkeypatch.setattr(subprocess, "Popen", remember)
    monkeypatch.setattr(builtins, "print", interrupt)
    with pytest.raises(KeyboardInterrupt):
        driving_scenes.write_scenes(tmp_path, 60)
    assert len(started) == 2 and all(worker.returncode is not None for worker in started)
    assert_whole_pairs_only(tmp_path, fewer_than=30)
    assert tree(tmp_path), "the scenes that were done by then should stay"


def test_what_killed_processes_left_half_done_is_removed_and_nothing_else(tmp_path):
    left = ["CameraRGB/000001.png", "CameraMask/000001.png", "CameraRGB/000002.png", "CameraMask/000003.png.part"]
    others = ["CameraRGB/notes.part", "CameraRGB/._1.png"]
    for name in left + others:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    writing.stop_workers([], tmp_path)
    assert tree(tmp_path) == sorted(left[:2] + others)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_full_disk_stops_the_processes(tmp_path, in_processes, capsys):
    (tmp_path / "CameraMask").mkdir()
    (tmp_path / "CameraMask" / "000003.png.part").symlink_to("/dev/full")
    assert driving_scenes.main([str(tmp_path), "--count", "40"]) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert_whole_pairs_only(tmp_path, fewer_than=40)


def test_process_that_fails_says_why(tmp_path, in_processes, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(RuntimeError, match="a process that draws scenes ended with 1"):
        driving_scenes.write_scenes(tmp_path, 4)


def run(folder, *arguments):
    command = [sys.executable, "driving_scenes.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_command_line_works_alone_in_a_downloaded_folder(tmp_path):
    folder = Path(driving_scenes.__file__).parent
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("data", "*.ipynb"))
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
        (["data", "--count", "0"], "0 is not a whole number of at least 1"),
        (["data", "--count", "many"], "many is not a whole number of at least 1"),
        (["data", "--seed", "-1"], "-1 is not a whole number of at least 0"),
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


def test_benchmark_scores_a_confusion_matrix():
    counts = np.zeros((23, 23), np.int64)
    counts[7] = np.eye(23, dtype=np.int64)[7] * 6 + np.eye(23, dtype=np.int64)[8] * 2
    counts[8, 8], counts[8, 4] = 1, 1
    score = scene_transfer.score(counts, steps=3, seconds=1.0)
    assert score.accuracy == pytest.approx(7 / 10)
    assert np.flatnonzero(~np.isnan(score.iou)).tolist() == [7, 8]
    assert score.iou[[7, 8]] == pytest.approx([6 / 8, 1 / 4])
    # Pedestrians were predicted and are in no true mask: they do not count.
    assert score.mean_iou == pytest.approx(0.5)


def test_benchmark_reads_at_the_size_of_the_network(tmp_path):
    driving_scenes.write_scenes(tmp_path, 1)
    images, class_ids = scene_transfer.read_pairs(tmp_path)
    image, full_size_ids = scene(0, 1)
    blocks = image.reshape(96, 5, 128, 5, 3).mean(axis=(1, 3)) / 255
    assert images.shape == (1, 96, 128, 3) and np.abs(images[0] - blocks).max() < 1.01 / 255
    assert (class_ids[0] == full_size_ids[2::5, 2::5]).all()


def test_benchmark_learns_each_pair_once_before_any_twice():
    chosen = np.concatenate([pairs for pairs, _ in scene_transfer.batches(20, 5, np.random.default_rng(0))])
    assert sorted(chosen[:20].tolist()) == list(range(20)) and len(chosen) == 40


def test_benchmark_refuses_a_folder_without_frames(tmp_path, capsys):
    assert scene_transfer.main(["--real", str(tmp_path / "nowhere")]) == 1
    assert "nowhere" in capsys.readouterr().err
