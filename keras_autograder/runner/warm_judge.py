"""A judge that starts warm: see ``keras_autograder.judge.Judge``, which takes ``start_judge`` for its process."""

import contextlib
import os
from typing import TextIO

from keras_autograder.judge.judge_process import WORKER
from keras_autograder.sandbox.fork_server.client import fork_server
from keras_autograder.sandbox.fork_server.process import ForkedProcess


class WarmJudgeProcess:
    """A judge that the fork server has forked, with as much of ``subprocess.Popen`` as the judge's client uses.

    Args:
        process: ForkedProcess.
        stdin, stdout: text files, the pipes to it.
    """

    def __init__(self, process: ForkedProcess, stdin: TextIO, stdout: TextIO):
        self.stdin, self.stdout = stdin, stdout
        self.poll, self.kill = process.poll, process.kill
        self._process = process

    def wait(self) -> int | None:
        """Wait a moment for the exit status."""
        with contextlib.suppress(OSError):
            self.stdin.close()
        return self._process.status()


def start_judge(variables: dict[str, str], path: list[str]) -> WarmJudgeProcess:
    """Start a judge.

    Args:
        variables: dict, for its environment.
        path: list of str, where it looks for modules first.

    Returns:
        WarmJudgeProcess.

    Raises:
        keras_autograder.sandbox.fork_server.client.ForkServerFailed: if it cannot be had.
    """
    its_input, our_output = os.pipe()
    our_input, its_output = os.pipe()
    stdin = os.fdopen(our_output, "w", encoding="utf-8")
    stdout = os.fdopen(our_input, "r", encoding="utf-8")
    try:
        process = fork_server().start_module(WORKER, variables, path, [its_input, its_output])
    except BaseException:
        stdin.close()
        stdout.close()
        raise
    finally:
        os.close(its_input)
        os.close(its_output)
    return WarmJudgeProcess(process, stdin, stdout)
