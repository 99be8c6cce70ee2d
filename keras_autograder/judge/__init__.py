"""The judge: check cells run in a process of their own and see the student's functions through stand-ins."""

from keras_autograder.judge.client import Judge, JudgeFailed

__all__ = ["Judge", "JudgeFailed"]
