"""The CARLA set on disk: every fault of a set is named with what to do, and a sound set passes in silence."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image

import carla

REAL_SET = Path(__file__).resolve().parents[2] / "shared" / "carla"
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
    handles = carla.legend_handles(class_ids)
    assert [handle.get_label() for handle in handles] == labels
    for handle in handles:
        expected = carla.PALETTE[int(handle.get_label().split()[0])]
        assert np.allclose(handle.get_facecolor()[:3], expected / 255)


@pytest.mark.parametrize("class_ids", [[23], [-1, 7], [7.5]])
def test_legend_refuses_other_ids(class_ids):
    with pytest.raises(ValueError, match=r"integers from 0 to 22.*(23|-1|7\.5)"):
        carla.legend_handles(class_ids)


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


MOVE = "move the PNG files there away and make practice scenes"


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (
            remove_mask_folder,
            ["mask folder", "does not exist", "it holds: CameraRGB", "Put the CARLA set", MOVE],
        ),
        (make_mask_folder_a_file, ["CameraMask is a file, and should be the mask folder"]),
        (lambda image, mask: mask.unlink(), ["mask folder", "holds no PNG file, it is empty", MOVE]),
        (put_one_folder_too_deep, ["image folder", "holds no PNG file, it holds: CameraRGB"]),
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
        (lambda path: path.write_text("version https://git-lfs"), "is no PNG file"),
        (lambda path: Image.fromarray(IDS).save(path, format="JPEG"), "is no PNG file"),
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
            "is 6 x 6 pixels (height x width), and its image 6 x 8",
            "same frame",
        ),
        (Image.fromarray(rgba(IDS + 1)), "ids outside 0..22: 23 (red channel)", "CARLA 0.9.14 or newer"),
        (Image.fromarray(IDS * 5), "0..22: 25, 30, 35, 40, 45 and 13 more (grey values)", "from 0 to 22"),
        (Image.fromarray(carla.PALETTE[IDS]), "(largest of red, green and blue)", "Painted masks"),
        (palette_mask(), "(largest of red, green and blue)", "Painted masks"),
        (Image.fromarray(rgba(IDS, 200)), "200 (largest of red, green and blue)", "set green and blue to 0"),
        (Image.fromarray(IDS.astype(np.uint16)), "has 16 bit a channel, not 8", "not 8 bit"),
        (Image.fromarray(IDS % 2 == 0), "has 1 bit a channel, not 8", "not 8 bit"),
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
    assert "2 images and 1 mask are no pairs" in message and "find_pairs()" in message


@pytest.mark.parametrize(("n_pairs", "seconds", "shown"), [(50, 0, True), (49, 0, False), (50, 60, False)])
def test_progress_line(pair, monkeypatch, capsys, n_pairs, seconds, shown):
    monkeypatch.setattr(carla, "PROGRESS_AFTER_SECONDS", seconds)
    carla.check_pairs(*[[str(path)] * n_pairs for path in pair])
    out = capsys.readouterr().out
    assert out.endswith("\rChecked 50 of 50 pairs\n") if shown else out == ""


def test_real_frames():
    if not REAL_SET.is_dir():
        pytest.skip(f"no real CARLA frames in {REAL_SET}")
    images, masks = carla.find_pairs(REAL_SET / "CameraRGB", REAL_SET / "CameraMask")
    assert len(images) == len(masks) == 100
    carla.check_pairs(images, masks)
