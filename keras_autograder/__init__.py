"""The instructor's side of the course: authoring, demonstration class, reports. Students never need it."""

from keras_autograder.nbgrader_hooks.schema_formats import leave_out_slow_formats

# Before anything imports jsonschema.
leave_out_slow_formats()
