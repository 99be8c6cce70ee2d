"""Pets are read from wherever they come; what is missing or broken is said in one message, with the way out."""

import dataclasses
import hashlib
import io
import shutil
import sys
import tarfile
import time

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import pet_pictures
import pets
from segmentation.errors import DataError

CLOSED = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Ten drawn pets in the layout of the real set, with what else its archives hold."""
    folder = tmp_path_factory.mktemp("original")
    pet_pictures.write_pets(folder, 10)
    (folder / "annotations" / "README").write_text("CC BY-SA 4.0")
    # The archives were made on a Mac.
    (folder / "annotations" / "trimaps" / "._Abyssinian_1.png").write_bytes(b"no picture")
    (folder / "annotations" / "xmls").mkdir()
    return folder


@pytest.fixture
def folder(original, tmp_path):
    shutil.copytree(original, tmp_path / "set")
    return tmp_path / "set"


def checked(datasets, sizes):
    """Make sure that datasets are what `load` promises; return their examples."""
    assert [dataset.cardinality().numpy() for dataset in datasets] == list(sizes)
    examples = []
    for dataset in datasets:
        image, trimap = dataset.element_spec
        assert image == tf.TensorSpec((None, None, 3), tf.uint8) and trimap == tf.TensorSpec((None, None, 1), tf.uint8)
        examples.append([(image.numpy(), trimap.numpy()) for image, trimap in dataset])
        for image, trimap in examples[-1]:
            assert image.shape[:2] == trimap.shape[:2]
            assert set(np.unique(trimap)) == {0, 1, 2}
    return examples


def names_in(folder, split):
    return [line.split()[0] for line in (folder / "annotations" / f"{split}.txt").read_text().splitlines()]


# Classes ------------------------------------------------------------------------------------------------------------


def test_classes():
    assert pets.CLASSES.names == ("pet", "background", "border")


def test_colours_differ_in_lightness():
    """Whoever sees no colours at all can tell the classes apart: CIELAB, L*."""
    linear = (pets.CLASSES.palette().colours / 255) ** 2.2
    lightness = np.sort(116 * np.cbrt(linear @ (0.2126, 0.7152, 0.0722)) - 16)
    assert np.diff(lightness).min() > 20


# Drawn pets ---------------------------------------------------------------------------------------------------------


def test_pets_are_drawn_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train, test = checked(pets.load(count=5), (4, 1))
    assert all(image.shape[0] >= 300 for image, _ in train + test)
    monkeypatch.setattr(pets, "write_pets", None)
    again, _ = checked(pets.load("drawn", "data", count=5), (4, 1))
    assert all(np.array_equal(one[0], other[0]) for one, other in zip(train, again))


def test_another_count_is_another_set(tmp_path):
    pets.load(folder=tmp_path, count=5)
    before = sorted(tmp_path.rglob("*.jpg"))
    checked(pets.load(folder=tmp_path, count=6), (5, 1))
    assert set(before) < set(tmp_path.rglob("*.jpg"))


def test_labels_are_shifted_to_class_ids(original):
    train, _ = checked(pets.load("folder", original), (8, 2))
    for name, (_, trimap) in zip(names_in(original, "trainval"), train):
        drawn = np.asarray(Image.open(original / "annotations" / "trimaps" / f"{name}.png"))
        assert np.array_equal(trimap[..., 0] + 1, drawn)


@pytest.mark.parametrize("source", ["real", "Oxford", "", None])
def test_unknown_source(source, tmp_path):
    with pytest.raises(ValueError, match="source must be one of 'drawn', 'oxford', 'folder'"):
        pets.load(source, tmp_path)


def test_too_few_pets(tmp_path):
    with pytest.raises(ValueError, match="5 or more"):
        pets.load("drawn", tmp_path, count=2)


# A set that lies unpacked -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "format"), [("RGBA", "PNG"), ("L", "JPEG"), ("P", "GIF"), ("RGB", "BMP"), ("LA", "PNG")]
)
def test_pictures_of_other_kinds_are_read(folder, mode, format):
    """A dozen of the real set's .jpg files are PNG, GIF or BMP."""
    path = folder / "images" / f"{names_in(folder, 'test')[0]}.jpg"
    size = Image.open(path).size
    Image.new(mode, size, 77).save(path, format)
    _, test = checked(pets.load("folder", folder), (8, 2))
    assert test[0][0].shape == (*size[::-1], 3)


def test_comments_and_empty_lines_in_lists(folder):
    path = folder / "annotations" / "test.txt"
    path.write_text("#Image CLASS-ID SPECIES BREED ID\n\n" + path.read_text())
    checked(pets.load("folder", str(folder)), (8, 2))


def damage_image(folder, name):
    path = folder / "images" / f"{name}.jpg"
    path.write_bytes(path.read_bytes()[:500])


def damage_trimap(folder, name):
    (folder / "annotations" / "trimaps" / f"{name}.png").write_bytes(b"<html>404</html>")


def class_ids_in_trimap(folder, name):
    path = folder / "annotations" / "trimaps" / f"{name}.png"
    Image.fromarray(np.asarray(Image.open(path)) - 1).save(path)


def other_size(folder, name):
    Image.new("L", (20, 30), 1).save(folder / "annotations" / "trimaps" / f"{name}.png")


def no_trimap(folder, name):
    (folder / "annotations" / "trimaps" / f"{name}.png").unlink()


def no_list(folder, name):
    (folder / "annotations" / "test.txt").unlink()


def empty_list(folder, name):
    (folder / "annotations" / "test.txt").write_text("# nothing\n")


def list_is_a_picture(folder, name):
    (folder / "annotations" / "test.txt").write_bytes(b"\x89PNG\xff\xfe")


def no_images(folder, name):
    shutil.rmtree(folder / "images")


def one_folder_too_deep(folder, name):
    (folder / "oxford").mkdir()
    for part in ("images", "annotations"):
        (folder / part).rename(folder / "oxford" / part)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_image, r"1 of 10 pets in .* is faulty:\n.*NAME\.jpg cannot be read: it is damaged, or not a picture"),
        (damage_trimap, r"NAME\.png cannot be read: it is damaged"),
        (class_ids_in_trimap, r"NAME\.png holds 0, 1, 2: a trimap holds 1 \(pet\), 2 \(background\) and 3 \(border\)"),
        (other_size, r"NAME\.png differs in size from its picture \(\d+ x \d+ and 30 x 20\)"),
        (no_trimap, r"1 listed file is missing in .*: annotations/trimaps/NAME\.png"),
        (no_list, r"test\.txt cannot be read \(No such file or directory\)"),
        (empty_list, r"test\.txt names no pictures"),
        (list_is_a_picture, r"test\.txt cannot be read \(it is not a text file\)"),
        (no_images, r"does not hold the folder images; it holds annotations"),
        (one_folder_too_deep, r"does not hold the folder images; it holds oxford"),
    ],
)
def test_faults_are_named(folder, damage, message):
    name = names_in(folder, "test")[0]
    damage(folder, name)
    with pytest.raises(DataError, match=message.replace("NAME", name)):
        pets.load("folder", folder)


def test_missing_folder(tmp_path):
    with pytest.raises(DataError, match=r'there is no such folder[^$]*pets\.load\("drawn"\)'):
        pets.load("folder", tmp_path / "nowhere")


def test_all_faults_are_named_together(folder):
    for name in names_in(folder, "test"):
        damage_trimap(folder, name)
    with pytest.raises(DataError, match=r"2 of 10 pets in .* are faulty"):
        pets.load("folder", folder)


# The Oxford-IIIT set ------------------------------------------------------------------------------------------------


def archive_of(folder, name):
    buffer = io.BytesIO()
    # As the real ones: no compression, whatever the name says.
    with tarfile.open(fileobj=buffer, mode="w") as file:
        file.add(folder / name, name)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def archives(original):
    return {name: archive_of(original, name) for name in ("images", "annotations")}


@pytest.fixture
def mirror(server, archives, monkeypatch):
    """The two archives on a server; tensorflow_datasets takes their checksums for the registered ones."""
    server.files = {f"/pets/{name}.tar.gz": data for name, data in archives.items()}
    register(server, monkeypatch)
    return server


def register(server, monkeypatch):
    import tensorflow_datasets as tfds

    builder_class = tfds.builder_cls("oxford_iiit_pet")
    infos = {}
    for url, info in builder_class.url_infos.items():
        data = server.files[f"/pets/{info.filename}"]
        infos[url] = dataclasses.replace(
            info, size=type(info.size)(len(data)), checksum=hashlib.sha256(data).hexdigest()
        )
    monkeypatch.setattr(builder_class, "url_infos", infos)


def test_real_set_from_a_mirror(mirror, original, tmp_path, capsys, monkeypatch):
    datasets = pets.load("oxford", tmp_path, mirror=f"{mirror.address}/pets/")
    out, _ = capsys.readouterr()
    assert "Converted 10 pets" in out and "images.tar.gz from http://127.0.0.1" in out
    # What tensorflow_datasets itself prints and draws knows no sizes.
    assert "nknown" not in out and "Dl Size" not in out
    examples = checked(datasets, (8, 2))
    for split, found in zip(("trainval", "test"), examples):
        expected = sorted(hash_of(original, name) for name in names_in(original, split))
        assert sorted(hashlib.sha256(trimap.tobytes()).hexdigest() for _, trimap in found) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["oxford_iiit_pet"]
    requests = mirror.requests.total()
    monkeypatch.setattr(pets, "is_reachable", None)
    checked(pets.load("oxford", tmp_path), (8, 2))
    assert mirror.requests.total() == requests
    assert capsys.readouterr().out == ""


def hash_of(folder, name):
    trimap = np.asarray(Image.open(folder / "annotations" / "trimaps" / f"{name}.png"))
    return hashlib.sha256((trimap - 1).tobytes()).hexdigest()


def test_mirror_from_the_environment(mirror, tmp_path, monkeypatch):
    monkeypatch.setenv("PETS_MIRROR", f"{mirror.address}/pets")
    checked(pets.load("oxford", tmp_path), (8, 2))


def test_newest_registered_version():
    import tensorflow_datasets as tfds

    assert tfds.builder_cls("oxford_iiit_pet").VERSION.major == 4
    infos = tfds.builder_cls("oxford_iiit_pet").url_infos
    assert sorted(info.filename for info in infos.values()) == ["annotations.tar.gz", "images.tar.gz"]


def test_another_file_than_the_registered_one(server, archives, tmp_path):
    server.files = {f"/pets/{name}.tar.gz": data for name, data in archives.items()}
    with pytest.raises(DataError, match="is not the one expected; it was deleted"):
        pets.load("oxford", tmp_path, mirror=f"{server.address}/pets")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_file_that_is_no_archive(mirror, tmp_path, monkeypatch):
    mirror.files["/pets/images.tar.gz"] = b"no archive"
    register(mirror, monkeypatch)
    with pytest.raises(DataError, match=r"cannot use the archives in [^$]*\nDelete that folder and call again"):
        pets.load("oxford", tmp_path, mirror=f"{mirror.address}/pets")
    assert not list(tmp_path.rglob("*.tfrecord*"))


def test_download_that_breaks_off_goes_on_from_there(mirror, archives, tmp_path):
    mirror.breaks = [5000] + [0] * 3
    with pytest.raises(DataError, match=r"broke off after 0\.0 of .* MB"):
        pets.load("oxford", tmp_path, mirror=f"{mirror.address}/pets")
    assert not list(tmp_path.rglob("*.gz"))
    checked(pets.load("oxford", tmp_path, mirror=f"{mirror.address}/pets"), (8, 2))
    assert "bytes=5000-" in mirror.ranges


def test_no_network(tmp_path):
    begin = time.monotonic()
    with pytest.raises(DataError, match=r'cannot be reached\.\n[^$]*PETS_MIRROR[^$]*pets\.load\("drawn"\)'):
        pets.load("oxford", tmp_path, mirror=CLOSED)
    assert time.monotonic() - begin < 15


def test_server_without_the_files(server, tmp_path):
    with pytest.raises(DataError, match=r'404 Not Found[^$]*pets\.load\("drawn"\)'):
        pets.load("oxford", tmp_path, mirror=server.address)


def test_no_tensorflow_datasets(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(DataError, match=r'pip install -r requirements\.txt[^$]*pets\.load\("drawn"\)'):
        pets.load("oxford", tmp_path)


def test_no_room(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1000))
    with pytest.raises(DataError, match=r"for a while, then .* MB; only 0 MB are free"):
        pets.load("oxford", tmp_path, mirror=f"{mirror.address}/pets")


def test_interrupted_conversion_begins_again_without_a_download(mirror, tmp_path, monkeypatch):
    def interrupted(folder):
        raise KeyboardInterrupt

    line = pets.ProgressLine.show
    monkeypatch.setattr(pets.ProgressLine, "show", lambda *_, **__: interrupted(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        pets._convert(*prepared(mirror, tmp_path))
    assert not list(tmp_path.rglob("dataset_info.json"))
    monkeypatch.setattr(pets.ProgressLine, "show", line)
    requests = mirror.requests.total()
    checked(pets.load("oxford", tmp_path, mirror=f"{mirror.address}/pets"), (8, 2))
    assert mirror.requests.total() == requests


def prepared(mirror, folder):
    """Put the archives where they are downloaded to; return what `_convert` takes."""
    import tensorflow_datasets as tfds

    downloads = folder / pets.DOWNLOAD_FOLDER
    downloads.mkdir()
    for path, data in mirror.files.items():
        (downloads / path.rpartition("/")[2]).write_bytes(data)
    return tfds, tfds.builder("oxford_iiit_pet", data_dir=str(folder)), downloads
