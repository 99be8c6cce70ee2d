"""Where notebooks, and nbconvert's resources, hold what is this package's."""

METADATA_KEY = "keras_autograder"
