"""The grader's side of the judge: starts its process, and stops it if it does not come to an end."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import nbformat

from exercise import SECRET_VARIABLE

_PACKAGE = Path(__file__).resolve().parent.parent.parent


class JudgeFailed(Exception):
    """The judge did not finish a check cell; the message says why, for the student to read."""


class Judge:
    """The process in which check cells run. It is started when it is first needed and serves many notebooks.

    Args:
        seconds: float, how long one check cell may take, calls of the student's functions included.
        secret: str, from which hidden checks draw their numbers.
    """

    def __init__(self, seconds: float = 180, secret: str = ""):
        self.seconds = seconds
        self.secret = secret
        self._process: subprocess.Popen | None = None
        self._lines: queue.Queue = queue.Queue()

    def start_notebook(self, functions: list[str]) -> None:
        """Forget the last notebook.

        Args:
            functions: list of str, the names that are to be stand-ins for the student's functions.

        Raises:
            JudgeFailed: if the judge does not start.
        """
        if self._process is None or self._process.poll() is not None:
            self._start_process()
        try:
            self._send({"functions": functions})
            self._receive(time.monotonic() + self.seconds)
        except JudgeFailed:
            # A judge that died over the last notebook is no reason against this one.
            self._start_process()
            self._send({"functions": functions})
            self._receive(time.monotonic() + self.seconds)

    def run(self, source: str, call: Callable[[str, Callable[[str], str]], str]) -> list[nbformat.NotebookNode]:
        """Run one check cell.

        Args:
            source: str, its code.
            call: function that passes a request on to the student's kernel and returns the answer; its second argument
                answers what the kernel asks meanwhile.

        Returns:
            list of NotebookNode, the outputs.

        Raises:
            JudgeFailed: if the cell does not end in time, or the judge's process ends.
        """
        deadline = time.monotonic() + self.seconds

        def ask(question: str) -> str:
            self._send({"question": question})
            return self._receive(deadline)["answer"]

        try:
            self._send({"source": source})
            while "done" not in (message := self._receive(deadline)):
                self._send({"answer": call(message["request"], ask)})
            return [nbformat.from_dict(output) for output in message["done"]]
        except JudgeFailed:
            self.close()
            raise

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _start_process(self) -> None:
        self.close()
        path = os.pathsep.join(filter(None, [str(_PACKAGE), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "keras_autograder.judge.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            # Nothing that a check builds needs a GPU, and the student's kernel may not have it either.
            env=os.environ
            | {"PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
            | {SECRET_VARIABLE: self.secret},
        )
        self._lines = queue.Queue()
        threading.Thread(target=_read, args=(self._process.stdout, self._lines), daemon=True).start()

    def _send(self, message: dict) -> None:
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except (OSError, AttributeError):
            raise JudgeFailed("the judge's process ended") from None

    def _receive(self, deadline: float) -> dict:
        try:
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise JudgeFailed(f"the check did not end within {self.seconds:g} seconds") from None
        if line is None:
            raise JudgeFailed("the judge's process ended")
        return json.loads(line)


def _read(stream, lines: queue.Queue) -> None:
    # A thread, because a pipe cannot be read with a time limit on every system.
    for line in stream:
        lines.put(line)
    lines.put(None)
