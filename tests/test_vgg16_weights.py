"""VGG16 is built under every name, with its weights where they can be had, and without an error where not."""

import hashlib
import inspect
import os
import socket
import sys
import time

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf

import reachable
import vgg16_weights
from segmentation.errors import DataError

CLOSED = "http://127.0.0.1:9"
NAME = vgg16_weights.FILES[False][0]


@pytest.fixture(autouse=True)
def clean(tmp_path, monkeypatch):
    """An empty cache, and nothing in the environment."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    (tmp_path / "keras").mkdir()
    for name in ("VGG16_WEIGHTS_MIRROR", "VGG16_WEIGHTS_MD5", "NBGRADER_EXECUTION", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(vgg16_weights, "_noticed", False)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "keras" / "models"


def build():
    return vgg16_weights.VGG16(include_top=False, weights="imagenet", input_shape=(64, 32, 3))


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory):
    """A file in the format of Keras's own, small since each weight of a layer is the same."""
    path = tmp_path_factory.mktemp("weights") / NAME
    layers = [layer for layer in vgg16_weights.VGG16(False, None, None, (32, 32, 3)).layers if layer.weights]
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name for layer in layers]
        for number, layer in enumerate(layers):
            group = file.create_group(layer.name)
            group.attrs["weight_names"] = [f"{layer.name}_{part}_1:0" for part in "Wb"]
            for name, weight in zip(group.attrs["weight_names"], layer.weights):
                values = np.full(weight.shape, number, np.float32)
                group.create_dataset(name, data=values, compression="gzip")
    return path


def md5_of(path):
    return hashlib.md5(path.read_bytes()).hexdigest()


def values_of(model):
    return [float(np.mean(layer.kernel)) for layer in model.layers if layer.weights]


# The same function under every name, and the same network -----------------------------------------------------------


@pytest.fixture
def in_keras():
    """VGG16 in the place of Keras's own, for one test."""
    vgg16_weights.use_in_keras()
    yield
    for name, module in list(sys.modules.items()):
        if "keras" in name and "applications" in name and getattr(module, "VGG16", None) is vgg16_weights.VGG16:
            module.VGG16 = vgg16_weights._keras_vgg16


def test_importing_leaves_keras_as_it_is():
    assert keras.applications.VGG16 is vgg16_weights._keras_vgg16 is not vgg16_weights.VGG16
    assert tf.keras.applications.vgg16.VGG16 is vgg16_weights._keras_vgg16


def test_every_name_means_the_same_function(in_keras):
    import tensorflow.keras.applications.vgg16 as module
    from keras.applications import VGG16 as FromKeras
    from tensorflow.keras.applications import VGG16 as FromTensorFlow
    from tensorflow.keras.applications.vgg16 import VGG16 as FromItsModule

    functions = [FromKeras, FromTensorFlow, FromItsModule, module.VGG16, keras.applications.vgg16.VGG16]
    functions += [tf.keras.applications.VGG16, tf.keras.applications.vgg16.VGG16, keras.applications.VGG16]
    assert all(function is vgg16_weights.VGG16 for function in functions)


def test_using_it_in_keras_again_changes_nothing(in_keras):
    vgg16_weights.use_in_keras()
    assert vgg16_weights.VGG16.__wrapped__ is vgg16_weights._keras_vgg16
    assert not hasattr(vgg16_weights._keras_vgg16, "__wrapped__")


def test_signature_is_that_of_keras():
    assert list(inspect.signature(vgg16_weights.VGG16).parameters)[:4] == [
        "include_top",
        "weights",
        "input_tensor",
        "input_shape",
    ]
    with pytest.raises(TypeError, match="input_size"):
        vgg16_weights.VGG16(input_size=(64, 64, 3))


def test_the_network_is_that_of_keras(monkeypatch):
    monkeypatch.setenv("VGG16_WEIGHTS_MIRROR", CLOSED)
    ours, theirs = build(), vgg16_weights._keras_vgg16(include_top=False, weights=None, input_shape=(64, 32, 3))
    for one, other in zip(ours.layers, theirs.layers, strict=True):
        assert type(one) is type(other) and one.output.shape == other.output.shape
        if one.weights:
            assert one.get_config() == other.get_config()
    assert ours.name == theirs.name == "vgg16" and ours.count_params() == 14_714_688


@pytest.mark.parametrize("include_top", [True, False])
def test_files_are_those_that_keras_takes(include_top, monkeypatch):
    asked = {}

    def get_file(name, url, cache_subdir, file_hash):
        asked.update(name=name, url=url, file_hash=file_hash)
        raise InterruptedError

    monkeypatch.setattr(keras.src.applications.vgg16.file_utils, "get_file", get_file)
    with pytest.raises(InterruptedError), keras.StatelessScope(initialize_variables=False):
        vgg16_weights._keras_vgg16(include_top=include_top)
    name, md5 = vgg16_weights.FILES[include_top]
    assert asked == {"name": name, "url": vgg16_weights.ADDRESS + name, "file_hash": md5}


def test_other_arguments_are_passed_on(monkeypatch, weights_file):
    monkeypatch.setattr(vgg16_weights, "find_weights", None)
    tensor = keras.Input((32, 32, 3), name="pictures")
    model = vgg16_weights.VGG16(False, str(weights_file), tensor, pooling="avg", name="encoder")
    assert model.name == "encoder" and model.output.shape == (None, 512) and model.inputs[0] is tensor
    assert values_of(model) == list(range(13))
    with pytest.raises(ValueError, match="weights"):
        vgg16_weights.VGG16(False, "no/such/file.h5")


def test_classes_of_ones_own_need_weights_of_ones_own():
    with pytest.raises(ValueError, match="ImageNet has 1000 classes"):
        vgg16_weights.VGG16(classes=3)


# Without a network --------------------------------------------------------------------------------------------------


def test_notice_is_printed_once_and_says_what_to_do(cache, capsys, monkeypatch):
    monkeypatch.setenv("VGG16_WEIGHTS_MIRROR", CLOSED)
    begin = time.monotonic()
    models = build(), build()
    assert time.monotonic() - begin < 10
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("VGG16 has no ImageNet weights here") == 1
    for text in (str(cache / NAME), f"{CLOSED}/{NAME}", "VGG16_WEIGHTS_MIRROR", "random numbers", "much worse"):
        assert text in out
    assert np.std(models[0].get_layer("block3_conv2").kernel) > 0
    assert not cache.exists() or not list(cache.iterdir())


def test_a_server_that_never_answers_costs_seconds(monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("VGG16_WEIGHTS_MIRROR", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr(vgg16_weights, "SECONDS_TO_ANSWER", 0.3)
        begin = time.monotonic()
        assert vgg16_weights.find_weights() is None
        assert time.monotonic() - begin < 3


def test_a_name_that_nobody_looks_up_costs_seconds(monkeypatch):
    def look_up(*_, **__):
        time.sleep(2)
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    begin = time.monotonic()
    assert not reachable.is_reachable("http://example.invalid/file", 0.2)
    assert time.monotonic() - begin < 1


@pytest.mark.parametrize("url", ["ftp:/x", "file.h5", "http://[", ""])
def test_what_is_no_address_is_not_reachable(url):
    assert not reachable.is_reachable(url, 1)


def test_a_refusal_is_an_answer(server):
    assert reachable.is_reachable(f"{server.address}/missing")


# While a notebook is graded -----------------------------------------------------------------------------------------


def test_the_network_is_not_tried_while_a_notebook_is_graded(monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(vgg16_weights, "is_reachable", None)
    assert build().count_params() == 14_714_688
    assert capsys.readouterr().out == ""


def test_the_network_is_tried_while_a_student_validates(monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    monkeypatch.setenv("VGG16_WEIGHTS_MIRROR", CLOSED)
    assert vgg16_weights.find_weights() is None
    assert "no ImageNet weights" in capsys.readouterr().out


def test_no_weights_are_read_where_the_structure_is_asked_for(monkeypatch, capsys, in_keras):
    monkeypatch.setattr(vgg16_weights, "find_weights", None)
    with keras.StatelessScope(initialize_variables=False):
        model = tf.keras.applications.VGG16(include_top=False, weights="imagenet", input_shape=(128, 128, 3))
    assert model.get_layer("block5_conv3").output.shape == (None, 8, 8, 512)
    assert model.count_params() == 14_714_688
    assert capsys.readouterr().out == ""


# With a file --------------------------------------------------------------------------------------------------------


def test_a_file_in_the_cache_needs_no_network(cache, weights_file, monkeypatch):
    monkeypatch.setitem(vgg16_weights.FILES, False, (NAME, md5_of(weights_file)))
    monkeypatch.setattr(vgg16_weights, "is_reachable", None)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    cache.mkdir()
    (cache / NAME).write_bytes(weights_file.read_bytes())
    assert values_of(build()) == list(range(13))


def test_a_damaged_file_in_the_cache_is_not_used(cache, monkeypatch, capsys):
    monkeypatch.setenv("VGG16_WEIGHTS_MIRROR", CLOSED)
    cache.mkdir()
    (cache / NAME).write_bytes(b"half")
    build()
    assert "no ImageNet weights" in capsys.readouterr().out
    assert (cache / NAME).read_bytes() == b"half"


@pytest.mark.parametrize("ending", ["/", f"/{NAME}"])
def test_mirror(server, cache, weights_file, monkeypatch, capsys, ending):
    server.files[f"/vgg16/{NAME}"] = weights_file.read_bytes()
    monkeypatch.setitem(vgg16_weights.FILES, False, (NAME, md5_of(weights_file)))
    monkeypatch.setenv("VGG16_WEIGHTS_MIRROR", f"{server.address}/vgg16{ending}")
    assert values_of(build()) == list(range(13))
    assert [path.name for path in cache.iterdir()] == [NAME]
    out, err = capsys.readouterr()
    assert "Downloading data from" in out and err == ""
    monkeypatch.setattr(vgg16_weights, "is_reachable", None)
    assert values_of(build()) == list(range(13))
    assert capsys.readouterr().out == ""


def test_another_file_has_a_checksum_and_a_place_of_its_own(server, cache, weights_file, monkeypatch):
    server.files["/our_own.h5"] = weights_file.read_bytes()
    md5 = md5_of(weights_file)
    monkeypatch.setenv("VGG16_WEIGHTS_MIRROR", f"{server.address}/our_own.h5")
    monkeypatch.setenv("VGG16_WEIGHTS_MD5", md5.upper())
    assert values_of(build()) == list(range(13))
    assert [path.name for path in cache.iterdir()] == [f"{md5[:8]}_{NAME}"]


def test_another_file_than_expected_is_refused(server, cache, weights_file, monkeypatch):
    server.files[f"/{NAME}"] = weights_file.read_bytes()
    monkeypatch.setenv("VGG16_WEIGHTS_MIRROR", server.address)
    with pytest.raises(DataError, match=f"MD5 {md5_of(weights_file)}, not 6d6bbae1[^$]*VGG16_WEIGHTS_MIRROR"):
        build()
    assert list(cache.iterdir()) == []


def test_a_download_that_breaks_off_leaves_nothing(server, cache, weights_file, monkeypatch):
    server.files[f"/{NAME}"] = weights_file.read_bytes()
    server.breaks = [1000]
    monkeypatch.setitem(vgg16_weights.FILES, False, (NAME, md5_of(weights_file)))
    monkeypatch.setenv("VGG16_WEIGHTS_MIRROR", server.address)
    with pytest.raises(DataError, match="could not be downloaded"):
        build()
    assert list(cache.iterdir()) == []
    assert socket.getdefaulttimeout() is None
    assert values_of(build()) == list(range(13))


def test_a_server_without_the_file(server, cache, monkeypatch):
    monkeypatch.setenv("VGG16_WEIGHTS_MIRROR", server.address)
    with pytest.raises(DataError, match=r"could not be downloaded[^$]*404[^$]*VGG16\(weights=None\)"):
        build()
    assert list(cache.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs the permissions of POSIX")
def test_a_cache_that_nobody_may_write_to(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert [folder.parent.name for folder in vgg16_weights.cache_folders()] == ["keras", ".keras"]


# Pictures -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("convert", [np.asarray, tf.constant], ids=["numpy", "tensor"])
def test_preprocessing_and_back(convert):
    pictures = np.random.default_rng(0).random((2, 4, 5, 3), np.float32)
    before = pictures.copy()
    values = vgg16_weights.preprocess(convert(pictures))
    assert np.allclose(values, 255 * pictures[..., ::-1] - np.array([103.939, 116.779, 123.68]), atol=1e-3)
    assert np.array_equal(pictures, before)
    assert np.allclose(vgg16_weights.to_pictures(values), pictures, atol=1e-5)


def test_preprocessing_in_a_pipeline():
    dataset = tf.data.Dataset.from_tensors(tf.ones((4, 4, 3))).map(vgg16_weights.preprocess)
    assert dataset.element_spec == tf.TensorSpec((4, 4, 3), tf.float32)
    assert np.allclose(next(iter(dataset))[0, 0], 255 - np.array([103.939, 116.779, 123.68]))
