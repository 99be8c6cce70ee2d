"""Hook: the step of ``nbgrader generate_assignment`` that puts shared modules beside the released notebook.

nbgrader releases what lies in ``source/<assignment>/``, follows no links to folders, and has no notion of modules
that several assignments share. It copies those files before it converts the first notebook and removes none
afterwards, so a preprocessor may add to them. nbgrader would have to take a list of further files.
"""

from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from keras_autograder.authoring.release import refuse_unavailable_imports
from keras_autograder.authoring.shared_modules import copy_files, shared_modules
from keras_autograder.nbgrader_hooks.course_directory import course_directory_of


class BringSharedModules(NbGraderPreprocessor):
    """Copy what the assignment imports from the course's top and from the kit to where students will find it.

    It belongs last in ``c.GenerateAssignment.preprocessors``. The notebook itself stays as it is.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Copy the modules; see ``nbconvert.preprocessors.Preprocessor.preprocess``.

        Args:
            nb: NotebookNode, returned as it is.
            resources: dict, with the assignment's id under ``nbgrader``.

        Returns:
            tuple of the NotebookNode and the resources.

        Raises:
            keras_autograder.authoring.ImportUnavailable: if students could not import something.
        """
        course = course_directory_of(self)
        root, assignment = Path(course.root), resources["nbgrader"]["assignment"]
        refuse_unavailable_imports(root, assignment)
        released = root / course.format_path(course.release_directory, ".", assignment)
        copy_files(shared_modules(root, assignment, for_students=True), released)
        return nb, resources
