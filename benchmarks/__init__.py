"""Benchmarks: what grading costs, beside stock nbgrader, in one run on one machine. See ``make bench``."""
