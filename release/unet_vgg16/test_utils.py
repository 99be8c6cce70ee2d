"""Check a Keras model layer by layer: what it is made of, and how it is wired.

    from test_utils import summary, comparator

    comparator(summary(my_model), expected_rows)

``summary`` turns a model into rows that can be printed and compared; ``comparator`` compares two summaries and either
prints ``All tests passed!`` or raises an AssertionError that says which layer differs, in which argument, what was
expected and what was found. The work is done by the package ``keras_checks``, which lies beside this file.
"""

from keras_checks import Comparison, Difference, Summary, SummaryMismatch, comparator, compare, summary

__all__ = ["Comparison", "Difference", "Summary", "SummaryMismatch", "comparator", "compare", "summary"]
