"""The judge: check cells run in a process of their own and see the student's as remote functions."""

from keras_autograder.judge.judge_process import Judge, JudgeFailed, start_judge
from keras_autograder.judge.transcript_cache import TranscriptCache
from keras_checks import SECRET_VARIABLE

__all__ = ["SECRET_VARIABLE", "Judge", "JudgeFailed", "TranscriptCache", "start_judge"]
