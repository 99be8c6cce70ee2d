"""The judge of each thread that grades: starting one costs as much as grading a notebook, so it is kept."""

import threading
from pathlib import Path

from keras_autograder.judge import Judge, TranscriptCache, start_judge
from keras_autograder.judge.judge_process import JudgeProcess
from keras_autograder.runner.warm_judge import start_judge as fork_judge
from keras_autograder.sandbox.fork_server.client import ForkServerFailed

_of_thread = threading.local()
_shared: dict[str, Path | None] = {"folder": None}


def share_transcripts(folder: Path | None) -> None:
    """Have the judges that are made from now on share their transcript cache with those of other processes.

    Args:
        folder: Path, where nobody but the grader can read and write; None to end it.
    """
    _shared["folder"] = folder


def judge_for(secret: str, seconds: float, folder: Path, is_warm: bool) -> Judge:
    """The judge of this thread.

    Args:
        secret: str, from which hidden checks draw their numbers.
        seconds: float, how long one check cell may take.
        folder: Path, with the modules that check cells import.
        is_warm: bool, whether its process is forked from one that has imported Keras.

    Returns:
        Judge: the same one as long as nothing changes, else a new one.
    """
    wanted = secret, folder, is_warm, _shared["folder"]
    if getattr(_of_thread, "made_for", None) != wanted:
        end_judge()
        cache = TranscriptCache(folder=_shared["folder"])
        _of_thread.judge = Judge(seconds, secret, folder, _warm_or_cold if is_warm else start_judge, cache)
        _of_thread.made_for = wanted
    judge: Judge = _of_thread.judge
    judge.seconds = seconds
    return judge


def end_judge() -> None:
    """End the judge of this thread, if there is one. Its transcript cache goes with it."""
    if getattr(_of_thread, "made_for", None) is not None:
        _of_thread.judge.close()
        _of_thread.made_for = None


def _warm_or_cold(variables: dict[str, str], path: list[str]) -> JudgeProcess:
    try:
        return fork_judge(variables, path)
    except ForkServerFailed:
        return start_judge(variables, path)
