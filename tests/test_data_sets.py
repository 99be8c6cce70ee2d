"""Real sets: every layout is converted, every fault named, a download goes on where it broke off."""

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from conftest import SHARED
from PIL import Image

import carla
import data_sets
import driving_scenes
from carla_sets import recognise_table
from segmentation import download

REAL_SET = SHARED / "carla"
CLASS_ID = {name: class_id for class_id, name in enumerate(carla.CLASS_NAMES)}

# A scene of each table: sky or nothing above, the road below.
COURSE = np.full((12, 16), CLASS_ID["sky"], np.uint8)
COURSE[6:] = CLASS_ID["road"]
COURSE[4:8, 2:5] = CLASS_ID["vehicle"]
COURSE[5, 8:] = CLASS_ID["terrain"]
LYFT = np.where(COURSE > 12, 0, COURSE).astype(np.uint8)
NEWER = np.full((12, 16), 11, np.uint8)
NEWER[6:] = 1
NEWER[4:8, 2:5] = 14
NEWER[5, 8:] = 10
UNDECIDED = np.full((12, 16), 9, np.uint8)


def rgba(red):
    zeros = np.zeros_like(red)
    return np.dstack([red, zeros, zeros, np.full_like(red, 255)])


def painted(class_ids, **other_colours):
    colours = carla.PALETTE.copy()
    for name, colour in other_colours.items():
        colours[CLASS_ID[name.replace("_", " ")]] = colour
    return colours[class_ids]


def with_palette(class_ids):
    picture = Image.fromarray(class_ids)
    picture.putpalette(carla.PALETTE.tobytes())
    return picture


def objects(class_ids):
    """Masks of single objects: green and blue tell which object of its class it is."""
    return np.dstack([class_ids, np.arange(192, dtype=np.uint8).reshape(12, 16), np.full_like(class_ids, 77)])


def image_of(seed, shape=(12, 16)):
    return np.random.default_rng(seed).integers(0, 256, (*shape, 3), np.uint8)


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    picture.save(path)


def write_set(folder, mask, masks="CameraMask", names=("000001", "000002"), seed=0, ending=".png"):
    for number, name in enumerate(names):
        save(folder / "CameraRGB" / f"{name}{ending}", image_of([seed, number]))
        save(folder / masks / f"{name}.png", mask)
    return folder


def tree(folder):
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


def mask_in(data, name="000001"):
    return np.asarray(Image.open(data / "CameraMask" / f"{name}.png"))


def message_of(function, *arguments, **options):
    with pytest.raises(carla.DataError) as caught:
        function(*arguments, **options)
    return str(caught.value)


@pytest.fixture
def source(tmp_path):
    return tmp_path / "source"


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


# --- tables -------------------------------------------------------------------------------------------------

# The sensors reference of CARLA 0.9.14 and later, value by value, and the course's class.
TAGS_OF_0_9_14 = {
    0: "unlabeled", 1: "road", 2: "sidewalk", 3: "building", 4: "wall", 5: "fence", 6: "pole", 7: "traffic light",
    8: "traffic sign", 9: "vegetation", 10: "terrain", 11: "sky", 12: "pedestrian", 13: "pedestrian",
    14: "vehicle", 15: "vehicle", 16: "vehicle", 17: "vehicle", 18: "vehicle", 19: "vehicle", 20: "static",
    21: "dynamic", 22: "other", 23: "water", 24: "road line", 25: "ground", 26: "bridge", 27: "rail track",
    28: "guard rail",
}  # fmt: skip
# Colours of the same reference for the same values.
COLOURS_OF_0_9_14 = [
    (0, 0, 0), (128, 64, 128), (244, 35, 232), (70, 70, 70), (102, 102, 156), (190, 153, 153), (153, 153, 153),
    (250, 170, 30), (220, 220, 0), (107, 142, 35), (152, 251, 152), (70, 130, 180), (220, 20, 60), (255, 0, 0),
    (0, 0, 142), (0, 0, 70), (0, 60, 100), (0, 80, 100), (0, 0, 230), (119, 11, 32), (110, 190, 160), (170, 120, 50),
    (55, 90, 80), (45, 60, 150), (157, 234, 50), (81, 0, 81), (150, 100, 100), (230, 150, 140), (180, 165, 180),
]  # fmt: skip
EXPECTED = np.array([CLASS_ID[TAGS_OF_0_9_14[value]] for value in range(29)], np.uint8)


@pytest.mark.parametrize(
    ("table", "mask", "expected"),
    [
        ("course", rgba(np.arange(23, dtype=np.uint8)[None]), np.arange(23)),
        ("carla-0.9.14", rgba(np.arange(29, dtype=np.uint8)[None]), EXPECTED),
        ("palette", carla.PALETTE[None], np.arange(23)),
        ("palette", np.array(COLOURS_OF_0_9_14, np.uint8)[None], EXPECTED),
    ],
)
def test_each_value_of_each_table(source, data, table, mask, expected):
    save(source / "CameraRGB" / "1.png", image_of(0, mask.shape[:2]))
    save(source / "CameraMask" / "1.png", mask)
    assert data_sets.import_set(source, data, table) == []
    assert (mask_in(data, "1") == rgba(np.array(expected, np.uint8)[None])).all()


KINDS = [
    ("course", rgba(COURSE), "CameraMask", COURSE),
    ("course", COURSE, "CameraMask", COURSE),
    ("course", rgba(COURSE)[..., :3], "CameraMask", COURSE),
    ("course", rgba(LYFT)[..., :3], "CameraSeg", LYFT),
    ("palette", painted(COURSE), "CameraMask", COURSE),
    ("palette", painted(COURSE, terrain=(152, 251, 152), vehicle=(0, 0, 70)), "CameraSeg", COURSE),
    ("palette", with_palette(COURSE), "CameraMask", COURSE),
    ("carla-0.9.14", rgba(NEWER), "CameraMask", COURSE),
]


@pytest.mark.parametrize(("table", "mask", "folder", "expected"), KINDS)
def test_layouts_are_recognised_and_converted(source, data, table, mask, folder, expected, capsys):
    write_set(source, mask, folder)
    assert data_sets.import_set(source, data) == []
    out = capsys.readouterr().out
    assert f"Found 2 pairs in {source}, with masks of the table {table!r}." in out
    assert "\rImported 2 of 2 pairs\n" in out and f"Wrote 2 pairs to {data}." in out
    assert tree(data) == [
        "CameraMask/000001.png", "CameraMask/000002.png", "CameraRGB/000001.png", "CameraRGB/000002.png",
    ]  # fmt: skip
    assert (mask_in(data) == rgba(expected)).all()
    for name in ("000001.png", "000002.png"):
        original = source / "CameraRGB" / name
        assert (data / "CameraRGB" / name).read_bytes() == original.read_bytes()
    carla.check_pairs(*carla.find_pairs(data / "CameraRGB", data / "CameraMask"))


@pytest.mark.parametrize("ids_above_22", [23, 24, 28])
def test_ids_that_only_the_newer_table_has(source, data, ids_above_22):
    mask = NEWER.copy()
    mask[7, 8:] = ids_above_22
    write_set(source, rgba(mask))
    data_sets.import_set(source, data)
    assert mask_in(data)[7, 8, 0] == CLASS_ID[TAGS_OF_0_9_14[ids_above_22]]


def half(upper, lower):
    return rgba(np.repeat(np.array([upper, lower], np.uint8), 6)[:, None].repeat(16, axis=1))


AMBIGUOUS = [
    (rgba(UNDECIDED), ["Cannot tell what the ids mean", "up to 9", "0 % of the pixels have id 7", "0 % id 1"]),
    (half(13, 28), ["Cannot tell", "up to 28"]),
    (half(23, 7), ["Cannot tell", "up to 23", "100 % of the pixels have id 7"]),
    (half(29, 1), ["Cannot tell", "up to 29", "100 % id 1"]),
    (np.hstack([half(0, 1), half(0, 7)]), ["Cannot tell", "50 % of the pixels have id 7", "50 % id 1"]),
    (objects(COURSE), ["The masks hold colours", "red channel holds class ids"]),
    (
        painted(COURSE, road=(1, 2, 3)),
        ["The masks hold colours", "have a colour that is not in CARLA's palette"],
    ),
]


@pytest.mark.parametrize(("mask", "expected"), AMBIGUOUS)
def test_asks_for_the_table_instead_of_guessing(source, data, mask, expected):
    write_set(source, mask, names=["1"])
    message = message_of(recognise_table, [source / "CameraMask" / "1.png"])
    for text in [*expected, "--table course | carla-0.9.14 | palette"]:
        assert text in message
    if mask.shape[1] == 16:
        assert "--table" in message_of(data_sets.import_set, source, data)
    assert not data.exists()


def test_painted_masks_among_masks_of_ids(source, data):
    write_set(source, rgba(COURSE))
    save(source / "CameraMask" / "000002.png", painted(COURSE))
    message = message_of(data_sets.import_set, source, data)
    assert "Of 2 masks 1 are painted and 1 hold class ids" in message and "--table" in message


@pytest.mark.parametrize(
    ("mask", "table", "expected"),
    [
        (rgba(UNDECIDED), "course", UNDECIDED),
        (rgba(NEWER), "course", NEWER),
        (rgba(COURSE), "carla-0.9.14", EXPECTED[COURSE]),
        (objects(COURSE), "course", COURSE),
        (objects(NEWER), "carla-0.9.14", COURSE),
    ],
)
def test_a_named_table_overrides_the_recognition(source, data, mask, table, expected):
    write_set(source, mask)
    assert data_sets.import_set(source, data, table) == []
    assert (mask_in(data) == rgba(expected)).all()


# --- folders and names --------------------------------------------------------------------------------------


def test_lyft_udacity_folders_with_colliding_names(source, data):
    write_set(source / "dataA" / "dataA", rgba(LYFT)[..., :3], "CameraSeg", ["F1-1", "F1-2"], seed=1)
    write_set(source / "dataB" / "dataB", rgba(LYFT)[..., :3], "CameraSeg", ["f1-2", "F1-3"], seed=2)
    assert data_sets.import_set(source, data) == []
    names = ["F1-1.png", "F1-3.png", "dataA_F1-2.png", "dataB_f1-2.png"]
    assert tree(data) == [f"{folder}/{name}" for folder in ("CameraMask", "CameraRGB") for name in names]
    for name, origin in zip(names, ("dataA/dataA", "dataB/dataB", "dataA/dataA", "dataB/dataB"), strict=True):
        original = source / origin / "CameraRGB" / name.rpartition("_")[2]
        assert (data / "CameraRGB" / name).read_bytes() == original.read_bytes()


def test_a_name_made_unique_does_not_meet_another(source, data):
    write_set(source / "dataA", rgba(LYFT), "CameraSeg", ["1", "dataB_1"], seed=1)
    write_set(source / "dataB", rgba(LYFT), "CameraSeg", ["1"], seed=2)
    data_sets.import_set(source, data)
    assert tree(data / "CameraRGB") == ["dataA_1.png", "dataB_1.png", "dataB_1_2.png"]
    assert (data / "CameraRGB/dataB_1_2.png").read_bytes() == (source / "dataB/CameraRGB/1.png").read_bytes()


def test_jpeg_images_become_png(source, data):
    write_set(source, rgba(COURSE), ending=".jpg")
    (source / "CameraRGB" / "000002.jpg").write_bytes(b"\xff\xd8 no picture")
    faults = data_sets.import_set(source, data)
    assert [Path(fault.path).name for fault in faults] == ["000002.jpg"] and "cannot be read" in faults[0].what
    assert tree(data) == ["CameraMask/000001.png", "CameraRGB/000001.png"]
    original = np.asarray(Image.open(source / "CameraRGB" / "000001.jpg"))
    assert (np.asarray(Image.open(data / "CameraRGB" / "000001.png")) == original).all()


def test_source_inside_the_target(source):
    """Somebody unpacked the archive in data and imports it from there: what is written is no source."""
    write_set(source / "dataA", rgba(LYFT), "CameraSeg")
    for _ in range(2):
        assert data_sets.import_set(source, source) == []
        assert tree(source / "CameraRGB") == ["000001.png", "000002.png"]


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (lambda folder: None, ["There is no folder"]),
        (lambda folder: folder.mkdir(), ["Found no pairs", "CameraRGB beside CameraMask or CameraSeg"]),
        (lambda folder: (folder / "CameraRGB").mkdir(parents=True), ["Found no pairs"]),
        (
            lambda folder: [write_set(folder, rgba(COURSE), kind) for kind in ("CameraMask", "CameraSeg")],
            ["holds both CameraMask and CameraSeg", "move the one"],
        ),
    ],
)
def test_folders_that_hold_no_set(source, data, prepare, expected):
    prepare(source)
    message = message_of(data_sets.import_set, source, data)
    assert all(text in message for text in expected) and str(source) in message
    assert not data.exists()


def test_a_set_is_not_imported_onto_itself(source):
    write_set(source, rgba(COURSE))
    message = message_of(data_sets.import_set, source, source)
    assert "move the set to another folder" in message and f"data_sets.py check {source}" in message


# --- faults in an import, and going on ----------------------------------------------------------------------


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-30])


FAULTY = [
    ("CameraRGB", cut_short, "is cut short or damaged"),
    ("CameraMask", cut_short, "is cut short or damaged"),
    ("CameraMask", lambda path: path.write_bytes(b""), "is empty"),
    (
        "CameraMask",
        lambda path: save(path, rgba(COURSE[:8])),
        "is 8 x 16 pixels (height x width), and its image is 12 x 16",
    ),
    ("CameraMask", lambda path: save(path, COURSE.astype(np.uint16)), "has 16 bits per channel"),
    ("CameraMask", lambda path: save(path, rgba(COURSE + 20)), "unknown ids in 192 of 192 pixels: 27, 33"),
    ("CameraRGB", Path.unlink, "has no partner of the same name"),
    ("CameraMask", Path.unlink, "has no partner of the same name"),
]


@pytest.mark.parametrize(("folder", "spoil", "what"), FAULTY)
def test_an_import_names_faulty_files_and_goes_on(source, data, folder, spoil, what, capsys):
    names = [f"{number:06d}" for number in range(1, 6)]
    write_set(source, rgba(COURSE), names=names)
    spoil(source / folder / "000002.png")
    status = data_sets.main(["import", str(source), str(data)])
    out, err = capsys.readouterr()
    assert (status, err) == (1, "")
    line = next(line for line in out.splitlines() if line.startswith(str(source)) and "000002.png: " in line)
    assert what in line
    assert "What to do:" in out and "Wrote 4 pairs" in out and "faulty files left out: 1." in out
    assert tree(data / "CameraRGB") == tree(data / "CameraMask") == [
        f"{name}.png" for name in names if name != "000002"
    ]  # fmt: skip


def test_unknown_colours_are_named(source, data):
    names = [f"{number:03d}" for number in range(60)]
    write_set(source, painted(COURSE), names=names)
    mask = painted(COURSE)
    mask[0, :3], mask[1, 0] = (1, 2, 3), (9, 9, 9)
    save(source / "CameraMask" / "007.png", mask)
    (fault,) = data_sets.import_set(source, data)
    assert fault.what == "holds 2 unknown colours in 4 of 192 pixels: (1, 2, 3), (9, 9, 9)"
    assert len(tree(data / "CameraMask")) == 59


def test_an_interrupted_import_goes_on(source, data, monkeypatch, capsys):
    write_set(source, rgba(COURSE), names=["1", "2", "3", "4"])
    replace, calls = os.replace, []

    def stop_at_the_fourth_file(old, new):
        calls.append(new)
        if len(calls) == 4:
            raise KeyboardInterrupt
        replace(old, new)

    monkeypatch.setattr(os, "replace", stop_at_the_fourth_file)
    assert data_sets.main(["import", str(source), str(data)]) == 130
    assert "Stopped" in capsys.readouterr().err
    monkeypatch.undo()
    assert tree(data) == ["CameraMask/1.png", "CameraRGB/1.png", "CameraRGB/2.png"]
    before = (data / "CameraMask/1.png").stat().st_mtime_ns
    assert data_sets.main(["import", str(source), str(data)]) == 0
    assert "Wrote 3 pairs" in (out := capsys.readouterr().out) and "1 were there already" in out
    assert (data / "CameraMask/1.png").stat().st_mtime_ns == before
    assert len(tree(data)) == 8


def test_another_set_is_not_mixed_in(source, data, tmp_path):
    write_set(source, rgba(COURSE))
    data_sets.import_set(source, data)
    other = write_set(tmp_path / "other", rgba(COURSE), seed=5)
    before = {name: (data / name).read_bytes() for name in tree(data)}
    message = message_of(data_sets.import_set, other, data)
    assert "CameraRGB/000001.png is there already and differs" in message and "Name an empty folder" in message
    assert {name: (data / name).read_bytes() for name in tree(data)} == before


def test_another_table_is_not_mixed_in(source, data):
    write_set(source, rgba(COURSE))
    data_sets.import_set(source, data, "course")
    message = message_of(data_sets.import_set, source, data, "carla-0.9.14")
    assert "CameraMask/000001.png is there already and differs" in message
    assert (mask_in(data) == rgba(COURSE)).all()


def test_a_mask_packed_otherwise_is_the_same(source, data, capsys):
    write_set(source, rgba(COURSE))
    data_sets.import_set(source, data)
    path = data / "CameraMask" / "000001.png"
    Image.open(path).save(path, compress_level=0)
    before = path.read_bytes()
    assert data_sets.import_set(source, data) == [] and "2 were there already" in capsys.readouterr().out
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [["fetch", "--sha256", "0" * 64], ["import"], ["import", "x", "--table", "lyft"], ["check", "a", "b"], []],
)
def test_command_lines_that_are_none(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        data_sets.main(arguments)
    assert caught.value.code == 2 and "usage: " in capsys.readouterr().err


# --- check --------------------------------------------------------------------------------------------------


def test_check_names_every_fault_and_writes_the_list(data, tmp_path, capsys):
    write_set(data, rgba(COURSE), names=[str(number) for number in range(1, 10)])
    (data / "CameraRGB" / "1.png").unlink()
    (data / "CameraMask" / "2.png").unlink()
    (data / "CameraRGB" / "3.png").write_bytes(b"")
    cut_short(data / "CameraMask" / "4.png")
    save(data / "CameraMask" / "5.png", rgba(COURSE[:8]))
    save(data / "CameraMask" / "6.png", rgba(COURSE + 10))
    listed = tmp_path / "faulty.txt"
    assert data_sets.main(["check", str(data), "--write-list", str(listed)]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    for path, what in {
        "CameraMask/1.png": "has no image",
        "CameraRGB/2.png": "has no mask",
        "CameraRGB/3.png": "is empty",
        "CameraMask/4.png": "is cut short",
        "CameraMask/5.png": "is 8 x 16 pixels",
        "CameraMask/6.png": "holds ids outside 0..22: 23, 32",
    }.items():
        assert f"{data / path}: {what}" in out
    assert "6 faults, 7 pairs." in out and f'leave_out="{listed}"' in out
    assert listed.read_text().split("\n") == ["1.png", "2.png", "3.png", "4.png", "5.png", "6.png", ""]
    pairs = carla.find_pairs(data / "CameraRGB", data / "CameraMask", leave_out=listed)
    assert [Path(path).name for path in pairs[0]] == ["7.png", "8.png", "9.png"]
    carla.check_pairs(*pairs)


def test_check_of_a_sound_set(data, tmp_path, capsys):
    write_set(data, rgba(COURSE))
    listed = tmp_path / "faulty.txt"
    assert data_sets.main(["check", str(data), "--write-list", str(listed)]) == 0
    assert capsys.readouterr().out == f"No faults in 2 pairs in {data}.\n"
    assert listed.read_text() == ""
    assert len(carla.find_pairs(data / "CameraRGB", data / "CameraMask", leave_out=listed)[0]) == 2


def test_check_of_nothing(data, capsys):
    assert data_sets.main(["check", str(data)]) == 1
    assert "CameraRGB" in (err := capsys.readouterr().err) and "driving_scenes.py" in err


def test_check_finds_masks_of_another_place(data, capsys):
    driving_scenes.write_scenes(data, 4)
    one, two = [data / "CameraMask" / f"00000{number}.png" for number in (1, 2)]
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    assert data_sets.main(["check", str(data)]) == 1
    out = capsys.readouterr().out
    assert out.count("may not show the same place as its image") == 2 and "this is a suspicion" in out
    assert f"{one}: " in out and f"{two}: " in out and "000003" not in out


@pytest.mark.skipif(not REAL_SET.is_dir(), reason="no real CARLA frames here")
def test_masks_of_other_real_frames(data):
    images, masks = carla.find_pairs(REAL_SET / "CameraRGB", REAL_SET / "CameraMask")
    # These ten show ten places.
    chosen = [0, 3, 8, 12, 22, 52, 58, 68, 83, 99]
    for here, there in pairwise([*chosen, chosen[0]]):
        for path, kind in ((images[here], "CameraRGB"), (masks[there], "CameraMask")):
            (data / kind).mkdir(parents=True, exist_ok=True)
            (data / kind / Path(images[here]).name).write_bytes(Path(path).read_bytes())
    n_pairs, faults = data_sets.check_set(data)
    assert n_pairs == 10 and len(faults) >= 9 and all(fault.is_suspicion for fault in faults)


# --- fetch --------------------------------------------------------------------------------------------------


def zip_of(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return buffer.getvalue()


def tar_of(files, mode="w:gz"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as file:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                member.size = len(content)
                file.addfile(member, io.BytesIO(content))
            else:
                member.type, member.linkname = content
                file.addfile(member)
    return buffer.getvalue()


@pytest.fixture
def files(tmp_path):
    """The files of a set, as they lie in an archive."""
    folder = write_set(tmp_path / "packed", rgba(LYFT)[..., :3], "CameraSeg")
    return {f"set/{name}": (folder / name).read_bytes() for name in tree(folder)} | {"set/readme.txt": b"x"}


IMPORTED = ["CameraMask/000001.png", "CameraMask/000002.png", "CameraRGB/000001.png", "CameraRGB/000002.png"]


@pytest.mark.parametrize("pack", [zip_of, tar_of], ids=["zip", "tar"])
def test_fetch_from_a_server(server, files, data, pack, capsys):
    body = server.files["/a/set.zip"] = pack(files)
    digest = hashlib.sha256(body).hexdigest()
    assert data_sets.main(["fetch", str(data), "--url", f"{server.address}/a/set.zip", "--sha256", digest.upper()]) == 0
    out, err = capsys.readouterr()
    assert (
        err == "" and f"Downloaded {len(body) / 1e6:.1f} of {len(body) / 1e6:.1f} MB" in out and "Wrote 2 pairs" in out
    )
    assert tree(data) == IMPORTED and (mask_in(data) == rgba(LYFT)).all()
    assert sorted(path.name for path in data.iterdir()) == ["CameraMask", "CameraRGB"]


@pytest.mark.parametrize("tagged", [True, False], ids=["with ETag", "without"])
def test_a_broken_download_goes_on_by_itself(server, files, data, tagged):
    server.tagged = tagged
    body = server.files["/set.zip"] = zip_of(files)
    server.breaks = [400, 500, 0, 300]
    assert data_sets.fetch_url(f"{server.address}/set.zip", data) == []
    assert server.ranges == [None, "bytes=400-", "bytes=900-", "bytes=900-", "bytes=1200-"]
    assert tree(data) == IMPORTED and len(body) > 1200


def test_a_download_that_broke_off_goes_on_when_called_again(server, files, tmp_path):
    body = server.files["/set.zip"] = zip_of(files)
    server.breaks = [700, 0, 0, 0]
    url, digest = f"{server.address}/set.zip", hashlib.sha256(body).hexdigest()
    message = message_of(download.download, url, tmp_path / "d", digest)
    assert "broke off after 0.0 of 0.0 MB" in message and "Run the same command again" in message
    assert [path.suffix for path in sorted((tmp_path / "d").iterdir())] == [".part", ".version"]
    server.ranges.clear()
    path = download.download(url, tmp_path / "d", digest)
    assert path.read_bytes() == body and server.ranges == ["bytes=700-"]
    assert list((tmp_path / "d").iterdir()) == [path]
    assert download.download(url, tmp_path / "d", digest) == path and server.requests["/set.zip"] == 5


@pytest.mark.parametrize("name", ["/set.zip", "/no-range.zip", "/odd-range.zip"])
def test_a_file_that_changed_or_cannot_go_on_begins_anew(server, files, tmp_path, name):
    server.files[name] = zip_of(files)
    server.breaks = [700, 0, 0, 0]
    url = f"{server.address}{name}"
    message_of(download.download, url, tmp_path / "d")
    body = server.files[name] = zip_of(files | {"set/new.txt": b"another version"})
    assert download.download(url, tmp_path / "d").read_bytes() == body


@pytest.mark.parametrize("longer", [0, 50])
def test_a_part_that_needs_nothing_more(server, files, tmp_path, longer):
    """The whole file had arrived when the program was stopped; or a longer one, which is none of this."""
    body = server.files["/set.zip"] = zip_of(files)
    url = f"{server.address}/set.zip"
    path = download.download(url, tmp_path / "d")
    path.rename(path.with_name(path.name + ".part")).open("ab").write(b"x" * longer)
    assert download.download(url, tmp_path / "d").read_bytes() == body


def test_wrong_checksum(server, files, data, capsys):
    body = server.files["/set.zip"] = zip_of(files)
    arguments = ["fetch", str(data), "--url", f"{server.address}/set.zip", "--sha256"]
    assert data_sets.main([*arguments, "0" * 64]) == 1
    err = capsys.readouterr().err
    assert "is not the one expected; it was deleted" in err and hashlib.sha256(body).hexdigest() in err
    assert not data.exists()
    assert data_sets.main([*arguments, "12ab"]) == 1
    assert "12ab is not a SHA-256" in capsys.readouterr().err


def test_without_a_checksum_it_is_told(server, files, data, capsys):
    body = server.files["/set.zip"] = zip_of(files)
    data_sets.fetch_url(f"{server.address}/set.zip", data)
    assert f"SHA-256 {hashlib.sha256(body).hexdigest()}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "http://127.0.0.1:9/set.zip",
            ["Nothing came from", "Are you online", "driving_scenes.py data --count 100"],
        ),
        ("{address}/missing.zip", ["404", "Check the address", "driving_scenes.py data --count 100"]),
        ("file:///etc/passwd", ["is not a web address"]),
        ("set.zip", ["is not a web address"]),
    ],
)
def test_addresses_that_give_nothing(server, data, url, expected, capsys):
    assert data_sets.main(["fetch", str(data), "--url", url.format(address=server.address)]) == 1
    err = capsys.readouterr().err
    assert all(text in err for text in expected) and not data.exists()


OUTSIDE = [
    zip_of({"set/1.png": b"x", "../evil.png": b"x"}),
    zip_of({"set/../../evil.png": b"x"}),
    zip_of({"/evil.png": b"x"}),
    zip_of({"..\\evil.png": b"x"}),
    zip_of({"C:\\evil.png": b"x"}),
    tar_of({"set/1.png": b"x", "../evil.png": b"x"}),
    tar_of({"/evil.png": b"x"}),
    tar_of({"set/link": (tarfile.SYMTYPE, "/etc"), "set/link/evil.png": b"x"}),
    tar_of({"set/evil.png": (tarfile.LNKTYPE, "../../evil.png")}),
]


@pytest.mark.parametrize("body", OUTSIDE, ids=range(len(OUTSIDE)))
def test_archives_that_lead_outside_are_refused(tmp_path, body):
    archive = tmp_path / "archive"
    archive.write_bytes(body)
    message = message_of(download.unpack, archive, tmp_path / "a" / "unpacked")
    assert "was not unpacked" in message and "outside" in message
    assert tree(tmp_path) == ["archive"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html>not here</html>", "neither a zip nor a tar"),
        (zip_of({"readme.txt": b"x"}), "holds no PNG or JPEG files"),
        (zip_of({"1.png": b"0123456789"}).replace(b"0123456789", b"0123456780"), "is damaged"),
        (tar_of({"1.png": bytes(100_000)}, "w")[:20_000], "is damaged"),
    ],
    # Archives hold the time; names made of them would differ between processes.
    ids=["a page", "no pictures", "a damaged zip", "a damaged tar"],
)
def test_archives_that_cannot_be_used(tmp_path, body, expected):
    archive = tmp_path / "archive"
    archive.write_bytes(body)
    assert expected in message_of(download.unpack, archive, tmp_path / "unpacked")


def test_the_download_is_kept_until_the_table_is_named(server, files, data):
    undecided = io.BytesIO()
    Image.fromarray(rgba(UNDECIDED)).save(undecided, format="PNG")
    masks = {name: undecided.getvalue() for name in files if "CameraSeg" in name}
    server.files["/set.zip"] = zip_of(files | masks)
    assert "--table" in message_of(data_sets.fetch_url, f"{server.address}/set.zip", data)
    assert data_sets.fetch_url(f"{server.address}/set.zip", data, table="course") == []
    assert server.requests["/set.zip"] == 1 and tree(data) == IMPORTED


KAGGLEHUB = """
def dataset_download(handle):
    if handle != "kumaresanmanickavelu/lyft-udacity-challenge":
        raise ValueError(handle)
    {body}
"""


def run_fetch(folder, data, library):
    """Run the command with a kagglehub of our own in place of the one that needs Kaggle."""
    (folder / "kagglehub.py").write_text(library)
    command = [sys.executable, data_sets.__file__, "fetch", str(data)]
    return subprocess.run(command, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False)


def test_fetch_from_kaggle(tmp_path, data):
    write_set(tmp_path / "cache" / "dataA" / "dataA", rgba(LYFT)[..., :3], "CameraSeg", ["F1", "F2"])
    result = run_fetch(tmp_path, data, KAGGLEHUB.format(body=f"return {str(tmp_path / 'cache')!r}"))
    assert (result.returncode, result.stderr) == (0, "")
    assert tree(data / "CameraMask") == ["F1.png", "F2.png"] and (mask_in(data, "F1") == rgba(LYFT)).all()


@pytest.mark.parametrize(
    ("library", "expected"),
    [
        ("raise ImportError", "pip install kagglehub"),
        (KAGGLEHUB.format(body="raise ConnectionError('no route')"), "Kaggle cannot be reached: are you online?"),
        (KAGGLEHUB.format(body="raise ValueError('gone')"), "The download from Kaggle failed (ValueError: gone)"),
    ],
)
def test_kaggle_out_of_reach(tmp_path, data, library, expected):
    result = run_fetch(tmp_path, data, library)
    assert result.returncode == 1 and expected in result.stderr and "Traceback" not in result.stderr
    assert "python driving_scenes.py data --count 100" in result.stderr
    assert not data.exists()
