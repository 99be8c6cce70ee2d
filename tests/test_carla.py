"""The CARLA set on disk: every fault of a set is named with what to do, and a sound set passes in silence."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import SHARED
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image

import carla
import data_check
import driving_scenes
from segmentation.classes import legend_handles

REAL_SET = SHARED / "carla"
IDS = np.arange(6 * 8, dtype=np.uint8).reshape(6, 8) % carla.N_CLASSES


def rgba(red, green=0, blue=0):
    """Return (height, width, 4) uint8 from a red channel and values for green and blue."""
    channels = [red, np.full_like(red, green), np.full_like(red, blue), np.full_like(red, 255)]
    return np.stack(channels, axis=-1)


def palette_mask():
    picture = Image.fromarray(IDS)
    picture.putpalette(carla.PALETTE.tobytes())
    return picture


@pytest.fixture
def pair(tmp_path):
    """One sound pair: the paths of its image and its mask."""
    paths = tmp_path / "CameraRGB" / "000001.png", tmp_path / "CameraMask" / "000001.png"
    for path in paths:
        path.parent.mkdir()
        Image.fromarray(rgba(IDS)).save(path)
    return paths


def folders_of(pair):
    return [path.parent for path in pair]


def message_of(function, *arguments):
    with pytest.raises(carla.DataError) as caught:
        function(*arguments)
    return str(caught.value)


def test_class_table():
    assert len(carla.CLASS_NAMES) == len(set(carla.CLASS_NAMES)) == carla.N_CLASSES == 23
    assert [carla.CLASS_NAMES[k] for k in (0, 6, 7, 13, 17, 22)] == [
        "unlabeled", "road line", "road", "sky", "guard rail", "terrain",
    ]  # fmt: skip
    assert carla.PALETTE.shape == (23, 3) and carla.PALETTE.dtype == np.uint8
    assert len(np.unique(carla.PALETTE, axis=0)) == 23


def test_colormap_gives_each_class_its_colour():
    from matplotlib.colors import Normalize

    colours = carla.mask_colormap()(Normalize(vmin=0, vmax=22)(np.arange(23)), bytes=True)
    assert (colours[:, :3] == carla.PALETTE).all()


@pytest.mark.parametrize(
    ("class_ids", "labels"),
    [
        ([7], ["7 road"]),
        (np.array([[13, 7], [7, 13]], np.uint8), ["7 road", "13 sky"]),
        ([22.0, 0], ["0 unlabeled", "22 terrain"]),
        ([], []),
    ],
)
def test_legend(class_ids, labels):
    handles = legend_handles(class_ids, carla.CLASSES)
    assert [handle.get_label() for handle in handles] == labels
    for handle in handles:
        expected = carla.PALETTE[int(handle.get_label().split()[0])]
        assert np.allclose(handle.get_facecolor()[:3], expected / 255)


@pytest.mark.parametrize("class_ids", [[23], [-1, 7], [7.5]])
def test_legend_refuses_other_ids(class_ids):
    with pytest.raises(ValueError, match=r"holds (23|-1|7\.5): class ids are whole numbers from 0 to 22"):
        legend_handles(class_ids, carla.CLASSES)


def test_needs_no_tensorflow():
    code = "import sys, carla, driving_scenes; sys.exit('tensorflow' in sys.modules)"
    folder = Path(carla.__file__).parent
    assert subprocess.run([sys.executable, "-c", code], cwd=folder, check=False).returncode == 0


def test_notebook_shows_the_message_alone(capsys):
    shell = InteractiveShell.instance()
    try:
        result = shell.run_cell("import carla\nraise carla.DataError('first line\\nsecond line')")
    finally:
        InteractiveShell.clear_instance()
    assert isinstance(result.error_in_exec, carla.DataError)
    shown = capsys.readouterr().out
    assert shown.strip() == "DataError: first line\nsecond line"


# --- find_pairs ---------------------------------------------------------------------------------------------


def test_pairs_are_sorted_and_paired_by_name(pair):
    for name in ("000010.png", "000002.PNG", "000003.png"):
        for path in pair:
            path.with_name(name).write_bytes(path.read_bytes())
    images, masks = carla.find_pairs(*folders_of(pair))
    assert all(isinstance(path, str) for path in images + masks)
    assert [Path(path).name for path in images] == ["000001.png", "000002.PNG", "000003.png", "000010.png"]
    assert [Path(path).name for path in masks] == [Path(path).name for path in images]
    assert {Path(path).parent for path in masks} == {pair[1].parent}


def test_default_folders(pair, monkeypatch):
    data = pair[0].parents[1].rename(pair[0].parents[1].with_name("data"))
    monkeypatch.chdir(data.parent)
    images, masks = carla.find_pairs()
    assert [Path(path).as_posix() for path in images + masks] == [
        "data/CameraRGB/000001.png", "data/CameraMask/000001.png",
    ]  # fmt: skip
    carla.check_pairs(images, masks)


OTHER_FILES = [".DS_Store", "Thumbs.db", "._000001.png", "notes.txt", ".ipynb_checkpoints/", "old.png/"]


@pytest.mark.parametrize("name", OTHER_FILES)
def test_other_files_are_ignored(pair, name):
    for folder in folders_of(pair)[:1]:
        (folder / name).mkdir() if name.endswith("/") else (folder / name).write_bytes(b"x")
    images, masks = carla.find_pairs(*folders_of(pair))
    assert (len(images), len(masks)) == (1, 1)


def remove_mask_folder(image, mask):
    mask.unlink()
    mask.parent.rmdir()


def put_one_folder_too_deep(image, mask):
    (image.parent / "CameraRGB").mkdir()
    image.rename(image.parent / "CameraRGB" / image.name)


def make_mask_folder_a_file(image, mask):
    remove_mask_folder(image, mask)
    mask.parent.write_bytes(b"")


def add_seven_images(image, mask):
    for number in range(2, 9):
        image.with_name(f"{number:06d}.png").write_bytes(image.read_bytes())


MOVE = "move the PNG files there to another folder, and make practice scenes"


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (
            remove_mask_folder,
            ["mask folder", "does not exist", "it holds: CameraRGB", "Put the CARLA set", MOVE],
        ),
        (make_mask_folder_a_file, ["CameraMask is a file, but should be the mask folder"]),
        (lambda image, mask: mask.unlink(), ["mask folder", "holds no PNG files, it is empty", MOVE]),
        (put_one_folder_too_deep, ["image folder", "holds no PNG files, it holds: CameraRGB"]),
        (
            add_seven_images,
            ["7 images in", "without its mask", "000002.png, 000003.png, ", "000006.png and 2 more", MOVE],
        ),
        (
            lambda image, mask: mask.rename(mask.with_name("1.png")),
            [
                "1 image in",
                "without its mask",
                "1 mask in",
                "without its image",
                ": 1.png.",
                "Add the missing",
            ],
        ),
    ],
)
def test_find_pairs_names_what_is_wrong(pair, spoil, expected):
    spoil(*pair)
    message = message_of(carla.find_pairs, *folders_of(pair))
    for text in expected:
        assert text in message
    command = f"python driving_scenes.py {pair[0].parents[1]} --count 100"
    assert f"!{command}    in a notebook cell" in message and f"  {command}     in a terminal" in message


def test_nothing_there_at_all(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    message = message_of(carla.find_pairs)
    assert "data/CameraRGB" in message and "data/CameraMask" in message and str(tmp_path) in message
    assert "!python driving_scenes.py data --count 100" in message
    assert MOVE not in message


# --- leave_out ----------------------------------------------------------------------------------------------


@pytest.fixture
def ten_pairs(pair):
    for number in range(2, 11):
        for path in pair:
            path.with_name(f"{number:06d}.png").write_bytes(path.read_bytes())
    return pair


def write_list(folder, text):
    path = folder / "faulty.txt"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("leave_out", "left_out"),
    [
        ((), []),
        ([], []),
        ("000003.png", [3]),
        (["000003.png", "000010.png"], [3, 10]),
        ({"000003.png"}, [3]),
        ("data/CameraMask/000003.png", [3]),
        ([Path("data") / "CameraRGB" / "000003.png"], [3]),
        ("faulty.txt", [3, 5]),
        (Path("faulty.txt"), [3, 5]),
    ],
)
def test_leave_out(ten_pairs, monkeypatch, leave_out, left_out):
    monkeypatch.chdir(ten_pairs[0].parents[1])
    write_list(Path(), "\ufeff# faulty files\r\n000003.png\r\n\r\ndata\\CameraMask\\000005.png\r\n")
    images, masks = carla.find_pairs("CameraRGB", "CameraMask", leave_out=leave_out)
    expected = [f"{number:06d}.png" for number in range(1, 11) if number not in left_out]
    assert [Path(path).name for path in images] == [Path(path).name for path in masks] == expected


@pytest.mark.parametrize("which", [0, 1], ids=["no image", "no mask"])
def test_a_file_without_partner_can_be_left_out(ten_pairs, which):
    ten_pairs[which].unlink()
    message = message_of(carla.find_pairs, *folders_of(ten_pairs))
    assert "Or leave them out:\n  find_pairs(image_path, mask_path, leave_out=['000001.png'])" in message
    assert len(carla.find_pairs(*folders_of(ten_pairs), leave_out=["000001.png"])[0]) == 9


@pytest.mark.parametrize(
    ("leave_out", "expected"),
    [
        (["000011.png", "1.png"], ["names 2 files that are neither in", "000011.png, 1.png", "Correct the names"]),
        ("000011.png", ["names 1 file that is neither in", "000011.png"]),
        ("missing.txt", ["missing.txt", "cannot be read (No such file", "data_sets.py check data --write-list"]),
        (".", ["cannot be read (Is a directory)"]),
        ("CameraRGB/000001.PNG.txt", ["cannot be read (it is not a text file)"]),
        ([f"{number:06d}.png" for number in range(1, 11)], ["names every file", "nothing is left"]),
    ],
)
def test_leave_out_that_cannot_be_meant(ten_pairs, monkeypatch, leave_out, expected):
    monkeypatch.chdir(ten_pairs[0].parents[1])
    Path("CameraRGB/000001.PNG.txt").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(carla.DataError) as caught:
        carla.find_pairs("CameraRGB", "CameraMask", leave_out=leave_out)
    assert all(text in str(caught.value) for text in expected)


@pytest.mark.parametrize(
    ("n_faulty", "advice"),
    [
        (2, "find_pairs(image_path, mask_path, leave_out=['000001.png', '000002.png'])"),
        (6, "  !python data_sets.py check {data} --write-list faulty.txt\n  find_pairs(image_path, mask_path, leave_o"),
    ],
)
def test_check_pairs_says_how_to_leave_files_out(ten_pairs, n_faulty, advice):
    images, masks = carla.find_pairs(*folders_of(ten_pairs))
    for path in masks[:n_faulty]:
        Path(path).write_bytes(b"")
    message = message_of(carla.check_pairs, images, masks)
    assert "Or leave them out:\n" in message and advice.format(data=ten_pairs[0].parents[1]) in message
    names = [Path(path).name for path in masks[:n_faulty]]
    carla.check_pairs(*carla.find_pairs(*folders_of(ten_pairs), leave_out=names))


# --- masks of another place ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scenes():
    drawn = [driving_scenes.draw_scene(np.random.default_rng([0, number])) for number in range(8)]
    return [(Image.fromarray(image), Image.fromarray(class_ids)) for image, class_ids in drawn]


def is_low(image, class_ids):
    return data_check.outline_match(image, class_ids) < data_check.LOWEST_OUTLINE_MATCH


def test_outlines_of_drawn_scenes(scenes):
    assert [is_low(*scene) for scene in scenes] == [False] * 8
    assert [is_low(scene[0], scenes[k - 1][1]) for k, scene in enumerate(scenes)] == [True] * 8
    mirrored = [is_low(image, mask.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) for image, mask in scenes]
    assert mirrored == [True] * 8


@pytest.mark.parametrize("size", [(960, 1280), (600, 800), (241, 321), (192, 256)], ids=str)
def test_outlines_at_other_sizes(scenes, size):
    images = [image.resize(size[::-1], Image.Resampling.BILINEAR) for image, _ in scenes[:4]]
    masks = [class_ids.resize(size[::-1], Image.Resampling.NEAREST) for _, class_ids in scenes[:4]]
    assert [is_low(image, mask) for image, mask in zip(images, masks, strict=True)] == [False] * 4
    assert [is_low(image, mask) for image, mask in zip(images, masks[1:] + masks[:1], strict=True)] == [True] * 4


@pytest.mark.parametrize("size", [(6, 8), (20, 20), (480, 640)], ids=str)
def test_too_few_outlines_are_not_judged(size):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, size, np.uint8))
    assert data_check.outline_match(image, Image.fromarray(np.full(size, 7, np.uint8))) is None


def test_masks_of_another_place_are_told_and_not_refused(scenes, pair, capsys):
    for number, (image, _) in enumerate(scenes[:4]):
        paths = [path.with_name(f"00000{number}.png") for path in pair]
        image.save(paths[0])
        scenes[number ^ 1 if number < 2 else number][1].save(paths[1])
    images, masks = carla.find_pairs(*folders_of(pair), leave_out="000001.png")
    carla.check_pairs(images, masks)
    out = capsys.readouterr().out
    assert "1 mask of 3 seems to show a different place from the image: 000000.png." in out and "a suspicion" in out
    assert "leave_out=['000000.png']" in out
    carla.check_pairs(*carla.find_pairs(*folders_of(pair), leave_out=["000000.png", "000001.png"]))
    assert capsys.readouterr().out == ""


# --- check_pairs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mask",
    [
        Image.fromarray(rgba(IDS)),
        Image.fromarray(rgba(IDS)[..., :3]),
        Image.fromarray(rgba(np.zeros_like(IDS), green=22)),
        Image.fromarray(IDS),
        Image.fromarray(np.stack([IDS, np.full_like(IDS, 255)], axis=-1)),
    ],
    ids=["RGBA", "RGB", "id in green", "grey", "grey and alpha"],
)
def test_sound_masks_pass_in_silence(pair, mask, capsys):
    mask.save(pair[1])
    carla.check_pairs(*[[str(path)] for path in pair])
    assert capsys.readouterr().out == ""


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-30])


def flip_a_byte(path):
    data = bytearray(path.read_bytes())
    data[data.index(b"IDAT") + 8] ^= 0xFF
    path.write_bytes(data)


UNREADABLE = "copy or download them again"


@pytest.mark.parametrize("which", [0, 1], ids=["image", "mask"])
@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (cut_short, "is cut short or damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:-12]), "is cut short or damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "is cut short or damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:20]), "is cut short or damaged"),
        (flip_a_byte, "is cut short or damaged"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_text("version https://git-lfs"), "is not a PNG file"),
        (lambda path: Image.fromarray(IDS).save(path, format="JPEG"), "is not a PNG file"),
        (Path.unlink, "cannot be opened (No such file or directory)"),
    ],
)
def test_unreadable_files(pair, which, spoil, what):
    spoil(pair[which])
    message = message_of(carla.check_pairs, *[[str(path)] for path in pair])
    assert f"{pair[which]}: {what}" in message and UNREADABLE in message
    assert str(pair[1 - which]) not in message and "1 fault in 1 pair:" in message


@pytest.mark.parametrize(
    ("mask", "what", "remedy"),
    [
        (
            Image.fromarray(rgba(IDS[:, :6])),
            "is 6 x 6 pixels (height x width), and its image is 6 x 8",
            "same frame",
        ),
        (Image.fromarray(rgba(IDS + 1)), "ids outside 0..22: 23 (red channel)", "CARLA 0.9.14 or newer"),
        (Image.fromarray(IDS * 5), "0..22: 25, 30, 35, 40, 45 and 13 more (grey values)", "from 0 to 22"),
        (Image.fromarray(carla.PALETTE[IDS]), "(largest of red, green and blue)", "Painted masks"),
        (palette_mask(), "(largest of red, green and blue)", "Painted masks"),
        (Image.fromarray(rgba(IDS, 200)), "200 (largest of red, green and blue)", "set green and blue to 0"),
        (Image.fromarray(IDS.astype(np.uint16)), "has 16 bits per channel, not 8", "not 8-bit"),
        (Image.fromarray(IDS % 2 == 0), "has 1 bits per channel, not 8", "not 8-bit"),
    ],
)
def test_faulty_masks(pair, mask, what, remedy):
    mask.save(pair[1])
    message = message_of(carla.check_pairs, *[[str(path)] for path in pair])
    assert f"{pair[1]}: " in message and what in message
    assert remedy in message.split("What to do:")[1]


def test_all_faults_in_one_message(pair):
    images, masks = [], []
    for number in range(1, 21):
        for path, paths in zip(pair, (images, masks), strict=True):
            copy = path.with_name(f"{number:06d}.png")
            copy.write_bytes(path.read_bytes())
            paths.append(str(copy))
    for number in range(12):
        Path(images[number]).write_bytes(b"")
    cut_short(Path(masks[0]))
    message = message_of(carla.check_pairs, images, masks)
    assert message.startswith("13 faults in 20 pairs:") and "and 3 more" in message
    assert message.count("is empty") == 9 and message.count(UNREADABLE) == 1


def test_lists_of_different_length(pair):
    message = message_of(carla.check_pairs, [str(pair[0])] * 2, [str(pair[1])])
    assert "2 images and 1 mask do not make pairs" in message and "find_pairs()" in message


@pytest.mark.parametrize(("n_pairs", "seconds", "shown"), [(50, 0, True), (49, 0, False), (50, 60, False)])
def test_progress_line(pair, monkeypatch, capsys, n_pairs, seconds, shown):
    monkeypatch.setattr(data_check, "PROGRESS_AFTER_SECONDS", seconds)
    carla.check_pairs(*[[str(path)] * n_pairs for path in pair])
    out = capsys.readouterr().out
    assert out.endswith("\rChecked 50 of 50 pairs\n") if shown else out == ""


def test_real_frames():
    if not REAL_SET.is_dir():
        pytest.skip(f"no real CARLA frames in {REAL_SET}")
    images, masks = carla.find_pairs(REAL_SET / "CameraRGB", REAL_SET / "CameraMask")
    assert len(images) == len(masks) == 100
    assert data_check.find_faults(images, masks) == []
