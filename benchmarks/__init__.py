"""Benchmarks of grading and of training, each beside its counterpart in the same run. See ``make bench``."""
