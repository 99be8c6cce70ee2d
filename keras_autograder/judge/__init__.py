"""The judge: check cells run in a process of their own and see the student's functions through stand-ins."""

from keras_autograder.judge.client import Judge, JudgeFailed, start_judge
from keras_autograder.judge.memory import Memory

__all__ = ["Judge", "JudgeFailed", "Memory", "start_judge"]
