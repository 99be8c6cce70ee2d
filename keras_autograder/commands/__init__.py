"""The commands around nbgrader's own, one a file, each with a sentence, its arguments and what it runs.

A command imports what it needs when it runs: TensorFlow alone takes seconds, and ``--help`` needs nothing of it.
"""
