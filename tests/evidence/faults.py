"""What happens to notebooks on their way from a student to a grader, and what each such submission must earn.

The list ``FAULTS`` holds what happens to a notebook, ``FILE_FAULTS`` what happens to files. To add one, write a
function that does it and an entry in the list.
"""

import copy
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass

import nbformat
from conftest import COURSE, NOTEBOOK
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

EXERCISES = ["conv_block", "upsampling_block", "unet_model"]
MARKERS = dict(zip(EXERCISES, ["UNQ_C1", "UNQ_C2", "UNQ_C3"]))
FULL = (10, 10, 10)
SIZE_LIMIT = 2_000_000


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong with notebooks.

    Attributes:
        student: str, who hands it in.
        change: function from the solved notebook, which it may change, to the notebook that is handed in.
        says: str, what the notes must contain; empty for no notes at all.
        points: tuple of float, one for each exercise.
    """

    student: str
    change: Callable
    says: str = ""
    points: tuple = FULL


@dataclass(frozen=True)
class FileFault:
    """One thing that goes wrong with files.

    Attributes:
        student: str, who hands it in.
        write: function of a folder and the solved notebook as text, which puts a submission into the folder.
        says: str, what the notes must contain; empty for no notes at all.
        points: tuple of float, one for each exercise.
    """

    student: str
    write: Callable
    says: str = ""
    points: tuple = FULL


def place(notebook, grade_id):
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    return ids.index(grade_id)


def answer(notebook, name):
    return notebook.cells[place(notebook, f"{name}-code")]


def check(notebook, name):
    return notebook.cells[place(notebook, name)]


def blank(notebook, name):
    """Put the author's blank back into a cell, and return the answer that stood there."""
    release = nbformat.read(COURSE / "release" / "unet" / NOTEBOOK, as_version=4)
    cell = answer(notebook, name)
    written, cell.source = cell.source, answer(release, name).source
    return written


def insert(notebook, index, source):
    notebook.cells.insert(index, new_code_cell(source))
    return notebook


def nothing(notebook):
    return notebook


def strip_metadata(notebook):
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


def strip_everything(notebook):
    strip_metadata(notebook)
    notebook.metadata = {}
    for number, cell in enumerate(notebook.cells):
        cell.id = f"vscode-{number}"
        cell.source = re.sub(r"^# (UNQ_C\d|GRADED FUNCTION).*\n", "", cell.source, flags=re.MULTILINE)
    return notebook


def foreign_grade_ids(notebook):
    for number, cell in enumerate(notebook.cells):
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.grade_id = f"cell-{number:012x}"
            cell.id = f"other-{number}"
    return notebook


def grade_ids_swapped(notebook):
    answers = [answer(notebook, name) for name in EXERCISES]
    ids = [cell.metadata.nbgrader.grade_id for cell in answers]
    for cell, grade_id in zip(answers, ids[1:] + ids[:1]):
        cell.metadata.nbgrader.grade_id = grade_id
    return notebook


def check_id_on_the_answer(notebook):
    """As in courses where the answer itself carries the exercise's name."""
    del notebook.cells[place(notebook, "conv_block")]
    answer(notebook, "conv_block").metadata.nbgrader.grade_id = "conv_block"
    return notebook


def empty_nbgrader_key(notebook):
    insert(notebook, 5, "x = 1").cells[5].metadata["nbgrader"] = {}
    return notebook


def nbgrader_key_is_a_list(notebook):
    answer(notebook, "unet_model").metadata["nbgrader"] = ["grade_id"]
    notebook.cells[4].metadata["nbgrader"] = "yes"
    return notebook


def old_schema(notebook):
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.schema_version = 1
            del cell.metadata.nbgrader["task"]
    return notebook


def schema_of_the_future(notebook):
    check(notebook, "conv_block").metadata.nbgrader.schema_version = 9
    return notebook


def points_raised(notebook):
    check(notebook, "conv_block").metadata.nbgrader.points = 1000
    return notebook


def split_at(notebook, name, text, metadata):
    index = place(notebook, f"{name}-code")
    cell = notebook.cells[index]
    head, tail = cell.source.split(text, 1)
    cell.source = head
    insert(notebook, index + 1, text + tail).cells[index + 1].metadata = metadata
    return notebook


def split_in_the_body(notebook):
    metadata = {"nbgrader": {}}
    return split_at(notebook, "conv_block", "    # If max_pooling is True", metadata)


def split_with_the_metadata_copied(notebook):
    metadata = copy.deepcopy(answer(notebook, "conv_block").metadata)
    return split_at(notebook, "conv_block", "    # If dropout_prob > 0", metadata)


def split_within_a_call(notebook):
    return split_at(notebook, "upsampling_block", "                         3,  # kernel size", {})


def split_in_three(notebook):
    split_at(notebook, "unet_model", "    # Expanding path", {})
    index = place(notebook, "unet_model-code") + 1
    head, tail = notebook.cells[index].source.split("    conv9 =")
    notebook.cells[index].source = head
    insert(notebook, index + 1, "")
    return insert(notebook, index + 2, "    conv9 =" + tail)


def marker_cut_off(notebook):
    index = place(notebook, "conv_block-code")
    head, tail = notebook.cells[index].source.split("def conv_block", 1)
    notebook.cells[index].source = head
    return insert(notebook, index + 1, "def conv_block" + tail)


def last_attempt_below(notebook):
    cell = answer(notebook, "conv_block")
    final = cell.source
    cell.source = final.replace("padding='same'", "padding='valid'")
    return insert(notebook, place(notebook, "conv_block-code") + 1, final)


def last_attempt_at_the_end(notebook):
    cell = answer(notebook, "conv_block")
    notebook.cells.append(copy.deepcopy(cell))
    cell.source = cell.source.replace("padding='same'", "padding='valid'")
    return notebook


def last_attempt_is_broken(notebook):
    return insert(notebook, len(notebook.cells), "def conv_block(inputs:\n    return None, None")


def last_attempt_is_worse(notebook):
    worse = answer(notebook, "conv_block").source.replace("padding='same'", "padding='valid'")
    return insert(notebook, place(notebook, "conv_block") + 1, worse)


def answer_above_the_blank(notebook):
    written = blank(notebook, "upsampling_block")
    return insert(notebook, place(notebook, "upsampling_block-code"), written)


def answer_below_the_check(notebook):
    written = blank(notebook, "conv_block").replace("# UNQ_C1\n", "")
    return insert(notebook, place(notebook, "conv_block") + 2, written)


def answer_deleted(notebook):
    del notebook.cells[place(notebook, "conv_block-code")]
    return notebook


def all_answers_deleted(notebook):
    notebook.cells = [cell for cell in notebook.cells if "def " not in cell.source]
    return notebook


def blank_only(notebook):
    for name in EXERCISES:
        blank(notebook, name)
    return notebook


def emptied_notebook(notebook):
    return new_notebook(metadata=notebook.metadata)


def checks_deleted(notebook):
    for name in EXERCISES:
        del notebook.cells[place(notebook, name)]
    return notebook


def check_edited(notebook):
    cell = answer(notebook, "conv_block")
    cell.source = cell.source.replace("padding='same'", "padding='valid'")
    check(notebook, "conv_block").source = "10"
    return notebook


def check_not_to_be_run(notebook):
    """nbgrader gives all points to a check without output."""
    check(notebook, "conv_block").metadata["tags"] = ["not-graded"]
    return check_edited(notebook)


def check_split(notebook):
    index = place(notebook, "conv_block")
    head, tail = notebook.cells[index].source.split('with exercise1.check("Block 2"')
    notebook.cells[index].source = head
    return insert(notebook, index + 1, 'with exercise1.check("Block 2"' + tail)


def check_copied(notebook):
    notebook.cells.insert(3, copy.deepcopy(check(notebook, "upsampling_block")))
    return notebook


def checks_first(notebook):
    checks = [check(notebook, name) for name in EXERCISES]
    notebook.cells = checks + [cell for cell in notebook.cells if all(cell is not one for one in checks)]
    return notebook


def check_turned_into_text(notebook):
    index = place(notebook, "unet_model")
    cell = notebook.cells[index]
    notebook.cells[index] = new_markdown_cell(cell.source, metadata=cell.metadata)
    return notebook


def order_reversed(notebook):
    moved = [answer(notebook, name) for name in EXERCISES]
    places = [place(notebook, f"{name}-code") for name in EXERCISES]
    for index, cell in zip(places, reversed(moved)):
        notebook.cells[index] = cell
    return notebook


def all_in_the_first_cell(notebook):
    sources = [blank(notebook, name) for name in EXERCISES]
    answer(notebook, "conv_block").source = "\n\n\n".join(sources)
    return notebook


def all_in_a_cell_at_the_end(notebook):
    sources = [blank(notebook, name) for name in EXERCISES]
    return strip_everything(insert(notebook, len(notebook.cells), "\n\n\n".join(sources)))


HELPER = "def two_convolutions(tensor, n):\n    for _ in range(2):\n" + (
    "        tensor = Conv2D(n, 3, activation='relu', padding='same', kernel_initializer='he_normal')(tensor)\n"
    "    return tensor"
)


def with_helper(notebook):
    answer(notebook, "conv_block").source = (
        "def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):\n"
        "    conv = two_convolutions(inputs, n_filters)\n"
        "    if dropout_prob > 0:\n        conv = Dropout(dropout_prob)(conv)\n"
        "    return (MaxPooling2D(2)(conv) if max_pooling else conv), conv"
    )
    return notebook


def helper_above(notebook):
    return insert(strip_metadata(with_helper(notebook)), 4, HELPER)


def helper_below_the_check(notebook):
    return insert(with_helper(notebook), place(notebook, "conv_block") + 1, HELPER)


def helper_in_a_cell_that_is_not_run(notebook):
    cell = next(cell for cell in with_helper(notebook).cells if "def process_path" in cell.source)
    cell.source = f"{HELPER}\n\n{cell.source}"
    return notebook


def tags_stripped(notebook):
    for cell in notebook.cells:
        cell.metadata.pop("tags", None)
        cell.id = f"new-{cell.id}"
        cell.source = cell.source.replace("# 40 epochs unless", "# as many epochs as you like unless")
    insert(notebook, len(notebook.cells), "history = unet.fit(processed_image_ds, epochs=40)\nraise SystemExit")
    return notebook


def notebook_of_somebody_else(notebook):
    answers = [re.sub(r"^# .*\n", "", answer(notebook, name).source, flags=re.MULTILINE) for name in EXERCISES]
    imports = (
        "!pip install --quiet --disable-pip-version-check pip\n"
        "import tensorflow as tf\nfrom tensorflow.keras.layers import *\n%matplotlib inline"
    )
    cells = ["# U-Net", imports, *answers, "model = unet_model()", "model.fit(dataset, epochs=100)"]
    new = new_notebook(cells=[new_code_cell(source) for source in cells])
    new.metadata["kernelspec"] = {"name": "conda-env-tf", "display_name": "Python [conda env:tf]", "language": "python"}
    return new


def written_to_a_file(notebook):
    cell = answer(notebook, "conv_block")
    cell.source = "%%writefile blocks.py\n" + cell.source
    return notebook


def magics_in_the_answer(notebook):
    cell = answer(notebook, "unet_model")
    cell.source = f"%%time\n!echo hello\nprevious = %pwd\n{cell.source}\n%matplotlib inline"
    return strip_metadata(notebook)


def indented_as_a_whole(notebook):
    cell = answer(notebook, "conv_block")
    cell.source = "\n".join(f"  {line}" for line in cell.source.splitlines())
    return notebook


def answer_turned_into_text(notebook):
    index = place(notebook, "conv_block-code")
    cell = notebook.cells[index]
    notebook.cells[index] = new_markdown_cell(cell.source, metadata=cell.metadata)
    return notebook


def name_given_to_a_model(notebook):
    return insert(notebook, place(notebook, "unet_model"), "unet_model = unet_model((96, 128, 3))")


def syntax_error(notebook):
    cell = answer(notebook, "conv_block")
    cell.source = cell.source.replace("n_filters=32,", "n_filters=32,,")
    return strip_metadata(notebook)


def other_language(notebook):
    notebook.metadata["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    notebook.metadata["language_info"] = {"name": "R"}
    return notebook


def no_kernelspec(notebook):
    notebook.metadata = {"colab": {"provenance": []}, "widgets": {"application/vnd.jupyter.widget-state+json": {}}}
    return notebook


def ids_twice(notebook):
    for cell in notebook.cells:
        cell.id = "same"
    return notebook


FAULTS = [
    Fault("nothing-wrong", nothing),
    Fault("strip-metadata", strip_metadata, "recognised by its cell id"),
    Fault("strip-everything", strip_everything, "recognised by what it defines"),
    Fault("foreign-grade-ids", foreign_grade_ids, "recognised by its marker"),
    Fault("grade-ids-swapped", grade_ids_swapped, "had lost its grade id"),
    Fault("check-id-on-the-answer", check_id_on_the_answer, "The check conv_block was missing"),
    Fault("empty-nbgrader-key", empty_nbgrader_key, "1 cell carried nbgrader metadata"),
    Fault("nbgrader-key-is-a-list", nbgrader_key_is_a_list, "unet_model had lost its grade id"),
    Fault("old-schema", old_schema, "had been changed; it was restored"),
    Fault("schema-of-the-future", schema_of_the_future),
    Fault("points-raised", points_raised),
    Fault("split-in-the-body", split_in_the_body, "conv_block had been split; its 2 pieces"),
    Fault("split-metadata-copied", split_with_the_metadata_copied, "conv_block had been split; its 2 pieces"),
    Fault("split-within-a-call", split_within_a_call, "upsampling_block had been split; its 2 pieces"),
    Fault("split-in-three", split_in_three, "unet_model had been split; its 3 pieces"),
    Fault("marker-cut-off", marker_cut_off, "conv_block had been split; its 2 pieces"),
    Fault("last-attempt-below", last_attempt_below, "conv_block is defined in 2 cells; the last one counts"),
    Fault("last-attempt-at-the-end", last_attempt_at_the_end, "conv_block is defined in 2 cells; the last one counts"),
    Fault("last-attempt-is-broken", last_attempt_is_broken, "the last one that is valid Python counts"),
    Fault("last-attempt-is-worse", last_attempt_is_worse, "the last one counts", (9, 10, 10)),
    Fault("answer-above-the-blank", answer_above_the_blank, "upsampling_block was written outside its own cell"),
    Fault("answer-below-the-check", answer_below_the_check, "conv_block was written outside its own cell"),
    Fault("answer-deleted", answer_deleted, "conv_block was not found in the notebook", (0, 10, 10)),
    Fault("all-answers-deleted", all_answers_deleted, "unet_model was not found in the notebook", (0, 0, 0)),
    Fault("blank-only", blank_only, "", (0, 0, 0)),
    Fault("emptied-notebook", emptied_notebook, "conv_block was not found in the notebook", (0, 0, 0)),
    Fault("checks-deleted", checks_deleted, "The check unet_model was missing; it was put back"),
    Fault("check-edited", check_edited, "The check conv_block had been changed", (9, 10, 10)),
    Fault("check-not-to-be-run", check_not_to_be_run, "was tagged not to be run; it is run", (9, 10, 10)),
    Fault("check-split", check_split, "The check conv_block had been changed"),
    Fault("check-copied", check_copied, "copy of a check cell is kept, but not run"),
    Fault("checks-first", checks_first, "The check conv_block was moved to where it belongs"),
    Fault("check-turned-into-text", check_turned_into_text),
    Fault("order-reversed", order_reversed, "was moved to where it belongs"),
    Fault("all-in-the-first-cell", all_in_the_first_cell, "unet_model was written into the cell of conv_block"),
    Fault("all-in-a-cell-at-the-end", all_in_a_cell_at_the_end, "unet_model was written into the cell of conv_block"),
    Fault("helper-above", helper_above, "conv_block had lost its grade id"),
    Fault("helper-below-the-check", helper_below_the_check, "The check conv_block was moved"),
    Fault("helper-not-run", helper_in_a_cell_that_is_not_run, "The cell that defines two_convolutions is run"),
    Fault("tags-stripped", tags_stripped),
    Fault("notebook-of-somebody-else", notebook_of_somebody_else, "recognised by what it defines"),
    Fault("written-to-a-file", written_to_a_file, "its lines were taken as code"),
    Fault("magics-in-the-answer", magics_in_the_answer, "unet_model had lost its grade id"),
    Fault("indented-as-a-whole", indented_as_a_whole),
    Fault("answer-turned-into-text", answer_turned_into_text, "was no longer a code cell"),
    Fault("name-given-to-a-model", name_given_to_a_model, "The check unet_model was moved"),
    Fault("syntax-error", syntax_error, "recognised by its cell id", (0, 10, 10)),
    Fault("other-language", other_language, "set to a language other than python"),
    Fault("no-kernelspec", no_kernelspec),
    Fault("ids-twice", ids_twice),
]


def as_it_is(convert):
    """A file of the right name, with the content that ``convert`` makes of the solved notebook's text."""

    def write(folder, text):
        content = convert(text)
        (folder / NOTEBOOK).write_bytes(content if isinstance(content, bytes) else content.encode())

    return write


def under(*names):
    """The solved notebook under other names."""

    def write(folder, text):
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)

    return write


def edited(text, **changes):
    return json.dumps(json.loads(text) | changes)


def as_format_3(text):
    return nbformat.writes(nbformat.convert(nbformat.reads(text, as_version=4), 3), version=3)


def as_format_4_0(text):
    notebook = json.loads(text) | {"nbformat_minor": 0}
    for cell in notebook["cells"]:
        del cell["id"]
        cell["metadata"].pop("nbgrader", None)
    return json.dumps(notebook)


def cut_off(text):
    return text[: text.index("unet-model-code") - 40]


def conflict_in_a_cell(text):
    """What git leaves of two versions: one cell is no JSON any more."""
    begin = text.index('"# UNQ_C2')
    return text[:begin] + "<<<<<<< HEAD\n" + text[begin:]


def commas(text):
    return re.sub(r"\}(\s*)\]", r"},\1]", text)


def invalid_outputs(text):
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "text": 3}, 7, {"output_type": "surprise"}]
            cell["execution_count"] = "seven"
    return json.dumps(notebook)


def half_a_surrogate(text):
    return text.replace("# UNQ_C1", "# UNQ_C1 \\ud83d")


def source_is_a_number(text):
    notebook = json.loads(text)
    notebook["cells"][0] = {"cell_type": "heading", "source": 7}
    notebook["cells"][1] = None
    return json.dumps(notebook)


def latin_1(text):
    return text.replace("# UNQ_C1", "# Réseau à convolution, UNQ_C1").encode("latin-1", errors="replace")


def several(folder, text):
    under("first.ipynb")(folder, text)
    under("second.ipynb")(folder, text.replace("padding='same'", "padding='valid'"))


def several_and_one_with_answers(folder, text):
    under("work.ipynb")(folder, text)
    nbformat.write(new_notebook(), folder / "Untitled.ipynb")


def page_and_copy(folder, text):
    under("Image_segmentation_Unet (1).ipynb")(folder, text)
    (folder / NOTEBOOK).write_text("<!DOCTYPE html><title>Log in</title>")


def link_to_another(folder, text):
    (folder / NOTEBOOK).symlink_to(folder.parent.parent / "nothing-wrong" / "unet" / NOTEBOOK)


def folder_is_a_link(folder, text):
    folder.rmdir()
    folder.symlink_to(folder.parent.parent / "nothing-wrong" / "unet")


def link_to_a_secret(folder, text):
    under(NOTEBOOK)(folder, text)
    (folder / "loot.db").symlink_to(folder.parent.parent.parent / "gradebook.db")
    (folder / "source").symlink_to(folder.parent.parent.parent / "source")


def large_file_beside(folder, text):
    under(NOTEBOOK)(folder, text)
    (folder / "weights.h5").write_bytes(bytes(SIZE_LIMIT + 1))


def pipe(folder, text):
    os.mkfifo(folder / NOTEBOOK)


def in_the_way(folder, text):
    under(NOTEBOOK, "test_utils.py/notes.txt", "images")(folder, text)
    (folder / "timestamp.txt").write_text("soon")


def helper_module(folder, text):
    under("blocks.py")(folder, HELPER.replace("def", "from tensorflow.keras.layers import Conv2D\n\n\ndef", 1))
    notebook = insert(with_helper(nbformat.reads(text, as_version=4)), 3, "from blocks import two_convolutions")
    nbformat.write(notebook, folder / NOTEBOOK)


def no_file(folder, text):
    pass


def padded(text):
    return text + " " * SIZE_LIMIT


def cells_without_end(text):
    cell = {"cell_type": "code", "source": "", "metadata": {}, "outputs": [], "execution_count": None}
    return edited(text, cells=[cell] * 6000)


NONE = (0, 0, 0)
FILE_FAULTS = [
    FileFault("byte-order-mark", as_it_is(lambda text: b"\xef\xbb\xbf" + text.encode())),
    FileFault("utf-16", as_it_is(lambda text: text.encode("utf-16"))),
    FileFault("latin-1", as_it_is(latin_1), "not saved as UTF-8"),
    FileFault("commas-too-many", as_it_is(commas), "too many commas"),
    FileFault("cut-off", as_it_is(cut_off), "damaged or cut off", (10, 10, 0)),
    FileFault("conflict-in-a-cell", as_it_is(conflict_in_a_cell), "damaged or cut off", (10, 0, 10)),
    FileFault("format-3", as_it_is(as_format_3), "a format from before 2015"),
    FileFault("format-4-0", as_it_is(as_format_4_0), "recognised by its marker"),
    FileFault("no-format", as_it_is(lambda text: edited(text, nbformat=None, nbformat_minor=None))),
    FileFault("format-of-the-future", as_it_is(lambda text: edited(text, nbformat=4, nbformat_minor=99))),
    FileFault("metadata-is-a-list", as_it_is(lambda text: edited(text, metadata=[]))),
    FileFault("language-is-a-number", as_it_is(lambda text: edited(text, metadata={"language": 3, "kernelspec": 3}))),
    FileFault("answer-of-a-server", as_it_is(lambda text: json.dumps({"content": json.loads(text)}))),
    FileFault("invalid-outputs", as_it_is(invalid_outputs)),
    FileFault("half-a-surrogate", as_it_is(half_a_surrogate)),
    FileFault("source-is-a-number", as_it_is(source_is_a_number)),
    FileFault("web-page", as_it_is(lambda text: "\n<!DOCTYPE html><title>Log in</title>"), "it is a web page", NONE),
    FileFault("empty-file", as_it_is(lambda text: b" \n"), "the file is empty", NONE),
    FileFault("archive", as_it_is(lambda text: b"PK\x03\x04rest"), "it is an archive", NONE),
    FileFault("pdf", as_it_is(lambda text: b"%PDF-1.7"), "a PDF document", NONE),
    FileFault("list", as_it_is(lambda text: "[1, 2]"), "it is not a notebook", NONE),
    FileFault("nested-deeply", as_it_is(lambda text: "[" * 100_000), "it is not a notebook", NONE),
    FileFault("python-file", as_it_is(lambda text: "def conv_block(): pass"), "it is not a notebook", NONE),
    FileFault("too-large", as_it_is(padded), "the file is too large", NONE),
    FileFault("cells-without-end", as_it_is(cells_without_end), "it is too large", NONE),
    FileFault("foreign-name", under("Kopie von Image_segmentation_Unet.ipynb"), "was graded in place of"),
    FileFault("in-a-folder", under(f"unet/{NOTEBOOK}"), "was graded in place of"),
    FileFault("text-suffix", under(f"{NOTEBOOK}.txt"), "was graded in place of"),
    FileFault("page-and-copy", page_and_copy, "it is a web page"),
    FileFault("several", several, "Several notebooks were handed in", NONE),
    FileFault("several-equal", under("a/one.ipynb", "b/two.ipynb"), "was graded in place of"),
    FileFault("several-one-answer", several_and_one_with_answers, '"work.ipynb" was graded in place of'),
    FileFault("own-and-others", under(NOTEBOOK, "old.ipynb", f".ipynb_checkpoints/{NOTEBOOK}")),
    FileFault("link-to-another", link_to_another, "is a link", NONE),
    FileFault("folder-is-a-link", folder_is_a_link, "is a link to another folder", NONE),
    FileFault("link-to-a-secret", link_to_a_secret, '"loot.db" is a link'),
    FileFault("large-file-beside", large_file_beside, '"weights.h5" is too large'),
    FileFault("pipe", pipe, "is not a regular file", NONE),
    FileFault("in-the-way", in_the_way, '"images" is in the way of a file of the course'),
    FileFault("helper-module", helper_module),
    FileFault("no-file", no_file, "No notebook was handed in", NONE),
]
