"""The grader's side of the judge: starts its process, and stops it if it does not come to an end."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import nbformat

from keras_autograder.judge.definitions import definitions_for
from keras_autograder.judge.memory import Memory
from keras_checks import SECRET_VARIABLE

# The module whose function ``main`` is the judge's process.
WORKER = "keras_autograder.judge.worker"
_PACKAGE = Path(__file__).resolve().parent.parent.parent


class JudgeFailed(Exception):
    """The judge did not finish a check cell; the message says why, for the student to read."""


class Judge:
    """The process in which check cells run. It is started when it is first needed and serves many notebooks.

    What it has answered once it is not asked again: see ``Memory``. The process is told of a check cell only where a
    notebook brings something new, and then all that went before. A cell that needs only definitions of the cells before
    it is a conversation of its own; any other goes on where these have ended.

    Args:
        seconds: float, how long one check cell may take, calls of the student's functions included.
        secret: str, from which hidden checks draw their numbers.
        folder: Path, with the modules that check cells import; None for the current one.
        start: function that starts the process, such as ``start_judge``.
        memory: Memory, or None for one that starts empty. It belongs to one secret and one version of the course.
    """

    def __init__(
        self,
        seconds: float = 180,
        secret: str = "",
        folder: Path | None = None,
        start: Callable[[dict[str, str], list[str]], subprocess.Popen] | None = None,
        memory: Memory | None = None,
    ):
        self.seconds = seconds
        self.secret = secret
        self.folder = folder or Path.cwd()
        self._start = start or start_judge
        self._memory = Memory() if memory is None else memory
        self._process: subprocess.Popen | None = None
        self._lines: queue.Queue = queue.Queue()
        self._functions: list[str] = []
        # Of the check cells of this notebook so far: the source, and what was said while it ran.
        self._cells: list[tuple[str, list[str]]] = []
        # The present conversation: all that was said, the digest of it, and what the process has heard last.
        self._said: list[str] = []
        self._conversation = b""
        self._heard: list[str] = []

    def start_notebook(self, functions: list[str]) -> None:
        """Forget the last notebook.

        Args:
            functions: list of str, the names that are to be stand-ins for the student's functions.
        """
        self._functions = functions
        self._cells = []

    async def run(
        self, source: str, call: Callable[[str, Callable[[str], str]], Awaitable[str]]
    ) -> list[nbformat.NotebookNode]:
        """Run one check cell.

        Args:
            source: str, its code.
            call: coroutine function that passes a request on to the student's kernel and returns the answer; its second
                argument answers what the kernel asks meanwhile.

        Returns:
            list of NotebookNode, the outputs.

        Raises:
            JudgeFailed: if the cell does not end in time, or the judge's process ends. Later cells are run as if this
                one had not been there.
        """
        deadline = time.monotonic() + self.seconds

        def ask(question: str) -> str:
            return self._told({"question": question}, deadline)["answer"]

        try:
            before = self._introduced(source, deadline)
            message = self._told({"source": source}, deadline)
            while "done" not in message:
                message = self._told({"answer": await call(message["request"], ask)}, deadline)
        except JudgeFailed:
            self.close()
            raise
        self._cells.append((source, self._said[before:]))
        return [nbformat.from_dict(output) for output in message["done"]]

    def _introduced(self, source: str, deadline: float) -> int:
        """Begin the conversation on a cell; how much is said before the cell itself."""
        self._said, self._conversation = [], Memory.after(b"", self.secret)
        self._say(json.dumps({"functions": self._functions}))
        definitions = definitions_for(source, [source for source, _ in self._cells], self._functions)
        if definitions is None:
            for _, said in self._cells:
                for words in said:
                    self._say(words)
        elif definitions:
            self._told({"source": definitions}, deadline)
        return len(self._said)

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._heard = []

    def _say(self, words: str) -> None:
        self._said.append(words)
        self._conversation = Memory.after(self._conversation, words)

    def _told(self, message: dict, deadline: float) -> dict:
        """What the judge answers to a message, from memory if it has answered it before."""
        self._say(json.dumps(message))
        answer = self._memory.get(self._conversation)
        if answer is None:
            answer = self._asked(deadline)
            self._memory.put(self._conversation, answer)
        return json.loads(answer)

    def _asked(self, deadline: float) -> str:
        """Have the process hear all that it has not heard yet; its last answer."""
        if self._process is None or self._process.poll() is not None:
            self._start_process()
        if self._said[: len(self._heard)] != self._heard:
            # The first thing said of each conversation makes it forget the one before.
            self._heard = []
        try:
            return self._recited(deadline)
        except JudgeFailed:
            if self._heard:
                raise
        # A judge that died over the last notebook is no reason against this one.
        self._start_process()
        return self._recited(deadline)

    def _recited(self, deadline: float) -> str:
        while len(self._heard) < len(self._said):
            words = self._said[len(self._heard)]
            self._send(words)
            answer = self._receive(deadline)
            if not self._heard and json.loads(answer) != {"ready": True}:
                raise JudgeFailed("the judge answered out of turn")
            self._heard.append(words)
        return answer

    def _start_process(self) -> None:
        self.close()
        # Nothing that a check builds needs a GPU, and the student's kernel may not have it either.
        variables = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", SECRET_VARIABLE: self.secret}
        path = [str(self.folder), str(_PACKAGE), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        self._process = self._start(variables, path)
        self._lines = queue.Queue()
        threading.Thread(target=_read, args=(self._process.stdout, self._lines), daemon=True).start()

    def _send(self, words: str) -> None:
        try:
            self._process.stdin.write(words + "\n")
            self._process.stdin.flush()
        except OSError:
            raise JudgeFailed("the judge's process ended") from None

    def _receive(self, deadline: float) -> str:
        try:
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise JudgeFailed(f"the check did not end within {self.seconds:g} seconds") from None
        if line is None:
            raise JudgeFailed("the judge's process ended")
        return line


def start_judge(variables: dict[str, str], path: list[str]) -> subprocess.Popen:
    """Start a judge as a new process.

    Args:
        variables: dict, for its environment.
        path: list of str, where it looks for modules first.

    Returns:
        subprocess.Popen, with text files for its standard input and output.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-m", WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path)} | variables,
    )


def _read(stream, lines: queue.Queue) -> None:
    # A thread, because a pipe cannot be read with a time limit on every system.
    for line in stream:
        lines.put(line)
    lines.put(None)
