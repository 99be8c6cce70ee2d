"""The assignment that ``new`` makes: small and complete, so that it can be released and graded as it is."""

from importlib.metadata import PackageNotFoundError, version

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

_TITLE = """\
# {assignment}

A first network: it looks at a small picture and says which class it shows.

`pip install -r requirements.txt` installs what this notebook needs.

Write your code between the lines `### START CODE HERE` and `### END CODE HERE`: replace every `None`. The check below
the exercise gives partial points and says what differs from the expected network; run it as often as you like. When
your notebook is graded, your function is called with other sizes and numbers of classes than in the visible check."""

_PACKAGES = """\
import os

# TensorFlow's start-up log is long and of no use here; it reads the variable while it is imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Dense, Flatten, Input"""

_TASK = """\
## Exercise 1 - classifier

Write `classifier(input_shape, n_classes)`:

1. **`Flatten`** turns the picture into one row of numbers.
2. A **`Dense`** layer with 32 units and ReLU.
3. A **`Dense`** layer with one unit for each class and softmax: its outputs are probabilities."""

_ANSWER = """\
# UNQ_C1
# GRADED FUNCTION: classifier
def classifier(input_shape, n_classes):
    \"\"\"
    Build a network that maps a picture to the probabilities of its classes.

    Args:
        input_shape: tuple of int, the shape of one picture: (height, width, channels)
        n_classes: int, the number of classes

    Returns:
        tf.keras.Model
    \"\"\"
    inputs = Input(input_shape)
    ### START CODE HERE
    ### BEGIN SOLUTION
    tensor = Flatten()(inputs)
    tensor = Dense(32, activation='relu')(tensor)
    probabilities = Dense(n_classes, activation='softmax')(tensor)
    ### BLANK
    # tensor = None  # Flatten, applied to inputs
    # tensor = Dense(None, activation=None)(tensor)
    # probabilities = Dense(None, activation=None)(tensor)
    ### END SOLUTION
    ### END CODE HERE
    return tf.keras.Model(inputs, probabilities)"""

_CHECK = """\
# Check of exercise 1: run it as often as you like.
import tensorflow as tf
from tensorflow.keras.layers import Dense, Flatten, Input

import outputs_{assignment}
from keras_checks import Criterion, Exercise, comparator, summary

exercise1 = Exercise("classifier", [
    # points, the requirement, and the differences that cost these points
    Criterion(3, "a Flatten and two Dense layers, one after the other, and no other layers", "layer", "inputs", "*"),
    Criterion(2, "the first Dense layer has 32 units", "units"),
    Criterion(2, "its activation is ReLU", "activation"),
    Criterion(3, "the last Dense layer has a unit for each class, and softmax", -1),
])

with exercise1.check("Ten classes"):
    model = classifier((28, 28, 1), 10)
    for layer in summary(model):
        print(layer)
    comparator(summary(model), outputs_{assignment}.classifier_output)

### BEGIN HIDDEN TESTS
# The same function with a size and a number of classes drawn from the course's secret, compared with the network that
# it should build.
from keras_checks import Draws

def expected_classifier(input_shape, n_classes):
    inputs = Input(input_shape)
    tensor = Dense(32, activation="relu")(Flatten()(inputs))
    return tf.keras.Model(inputs, Dense(n_classes, activation="softmax")(tensor))

draw = Draws("classifier")
arguments = dict(input_shape=draw.size(4, draw.whole(1, 4)), n_classes=draw.whole(3, 20, 10))
with exercise1.check("another size, and other classes", hidden=True):
    comparator(summary(classifier(**arguments)), summary(expected_classifier(**arguments)))
### END HIDDEN TESTS
exercise1.score()"""

_TRIAL = """\
## Try it

There is nothing to learn in random pictures, but a network that can be trained on them can be trained on others. This
cell is not run when your notebook is graded."""

_TRAINING = """\
model = classifier((28, 28, 1), 10)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
pictures = np.random.default_rng(0).random((64, 28, 28, 1))
model.fit(pictures, np.arange(64) % 10, epochs=2);"""

_OUTPUTS = '''\
"""What the visible checks of the assignment ``{assignment}`` expect. Students get this file.

``connections`` says which rows feed a row, ``outputs`` which rows are returned, and ``others`` holds the arguments that
a row does not show and that are not the usual ones. ``keras-autograder expected`` prints such rows for any solution.
"""

from keras_checks import ExpectedSummary

classifier_output = ExpectedSummary(
    [
        ["InputLayer", [(None, 28, 28, 1)], 0],
        ["Flatten", (None, 784), 0],
        ["Dense", (None, 32), 25120],
        ["Dense", (None, 10), 330],
    ],
    connections=[[], [1], [2], [3]],
    outputs=[4],
    others={{
        3: {{"units": 32, "activation": "relu", "use_bias": True, "kernel_initializer": "GlorotUniform"}},
        4: {{"units": 10, "activation": "softmax", "use_bias": True, "kernel_initializer": "GlorotUniform"}},
    }},
)
'''

_CONFIGURATION = '''\
"""How nbgrader releases, grades and reports this course. Run its commands in this folder."""

from pathlib import Path

from keras_autograder.configuration import configure

c = get_config()  # noqa: F821 (nbgrader provides it)
configure(c, Path(__file__).resolve().parent)

# What you set from here on takes precedence. "keras-autograder settings" lists all settings of grading.
c.CourseDirectory.course_id = "{course_id}"
# Students get what lies beside a source notebook, except the folder "author" and these:
c.CourseDirectory.ignore += ["data"]

# Seconds for one cell of a student's notebook, and for one check cell with all the calls that it makes.
c.Execute.timeout = 120
c.JudgedExecute.judge_timeout = 180
# Without a sandbox (macOS, Windows), submissions are graded only if you allow it.
# c.JudgedExecute.isolation = "none"
'''

_REQUIREMENTS = """\
# What students install for this assignment: the versions that it was made with.
{pins}
"""
# What the example's notebook imports, and what opens it.
_PACKAGES_OF_STUDENTS = ("tensorflow", "keras", "numpy", "jupyterlab", "ipykernel")

_IGNORED = """\
# students' work and marks, and the secret from which hidden tests draw their numbers
/submitted/
/autograded/
/feedback/
/gradebook.db*
/.course_secret
# what tools leave behind
.nbgrader.log
.ipynb_checkpoints/
__pycache__/
*.partial
# data sets
data/
"""


def example_notebook(assignment: str) -> NotebookNode:
    """A source notebook with one exercise.

    Args:
        assignment: str, the assignment's id.

    Returns:
        NotebookNode, with solution, hidden tests and what nbgrader needs to know of the cells.
    """
    cells = [
        new_markdown_cell(_TITLE.format(assignment=assignment)),
        new_code_cell(_PACKAGES),
        new_markdown_cell(_TASK),
        new_code_cell(_ANSWER, metadata={"nbgrader": _metadata("exercise1-code", solution=True)}),
        new_code_cell(
            _CHECK.format(assignment=assignment),
            metadata={"nbgrader": _metadata("exercise1", grade=True, locked=True, points=10)},
        ),
        new_markdown_cell(_TRIAL),
        new_code_cell(_TRAINING, metadata={"tags": ["not-graded"]}),
    ]
    for number, cell in enumerate(cells, 1):
        cell.id = f"cell-{number}"
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    nbformat.validate(notebook)
    return notebook


def _metadata(grade_id: str, **kind: bool | int) -> dict[str, object]:
    plain = {"grade": False, "locked": False, "schema_version": 3, "solution": False, "task": False}
    return {"grade_id": grade_id, **plain, **kind}


def example_outputs(assignment: str) -> str:
    """The module with the rows that the example's visible check expects.

    Args:
        assignment: str, the assignment's id.

    Returns:
        str, Python code.
    """
    return _OUTPUTS.format(assignment=assignment)


def example_configuration(course_id: str) -> str:
    """The ``nbgrader_config.py`` of a course.

    Args:
        course_id: str, without quotes and the like.

    Returns:
        str, Python code.
    """
    return _CONFIGURATION.format(course_id=course_id)


def example_requirements() -> str:
    """The ``requirements.txt`` that students get, with the versions of this environment.

    Returns:
        str, for ``pip install -r``.
    """
    return _REQUIREMENTS.format(pins="\n".join(map(_pin, _PACKAGES_OF_STUDENTS)))


def _pin(package: str) -> str:
    try:
        return f"{package}=={version(package)}"
    except PackageNotFoundError:
        # There under another name, as tensorflow-cpu is.
        return package


def ignored_files() -> str:
    """The ``.gitignore`` of a course.

    Returns:
        str.
    """
    return _IGNORED
