"""The command, the Python API and formgrader's button: one way of grading, whichever an instructor takes."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from conftest import COURSE, copy_course, run, submit

from keras_autograder.authoring import graded_cells, solved_notebook
from keras_autograder.report import read_marks

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ways to grade")]

# What no way of grading but the course's own would see: the mark stands on an answer that the student's kernel forges.
FORGED = """
import keras_checks
keras_checks.Exercise.score = lambda self: 10.0
"""


@pytest.fixture
def course(tmp_path, source_notebook, release_notebook):
    """A course with one submission: a wrong padding, checks patched, and one cell too many with a grade id."""
    course = copy_course(tmp_path)
    notebook = solved_notebook(source_notebook, release_notebook)
    cell = graded_cells(notebook)["UNQ_C1"]
    cell.source = cell.source.replace("padding='same'", "padding='valid'") + FORGED
    submit(course, "anna", notebook)
    run("nbgrader", "generate_assignment", "unet", "--force", folder=course)
    return course


def points(course):
    (marks,) = read_marks(course, "unet")
    return [exercise.points for exercise in marks.exercises]


def by_command(course):
    run("nbgrader", "autograde", "unet", folder=course)


def by_api(course):
    code = """
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

config = PyFileConfigLoader("nbgrader_config.py").load_config()
result = NbGraderAPI(config=config).autograde("unet", "anna")
assert result["success"], result
"""
    run("python", "-c", code, folder=course)


def by_formgrader(course):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    options = [f"--ServerApp.port={port}", "--IdentityProvider.token=t", "--no-browser", "--allow-root"]
    environment = os.environ | {
        "PYTHONPATH": str(COURSE),
        "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
    }
    with open(course / "server.log", "w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "server", *options], cwd=course, env=environment, stderr=log, stdout=log
        )
    try:
        result = json.loads(asked(f"{address}/formgrader/api/submission/unet/anna/autograde", server))
    finally:
        server.terminate()
        server.wait()
    assert result["success"], result


def asked(url, server):
    request = urllib.request.Request(url, data=b"", method="POST", headers={"Authorization": "token t"})
    for _ in range(120):
        try:
            return urllib.request.urlopen(request, timeout=300).read()
        except ConnectionError:
            pass
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
        assert server.poll() is None
        time.sleep(0.5)
    raise AssertionError("the server did not start")


@pytest.mark.parametrize("way", [by_command, by_api, by_formgrader], ids=lambda way: way.__name__)
def test_every_way_grades_alike(course, way):
    way(course)
    assert points(course) == [9, 10, 10]
