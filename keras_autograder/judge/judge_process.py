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
from typing import IO, Any, Protocol

import nbformat

from keras_autograder.judge.definitions import definitions_for
from keras_autograder.judge.transcript_cache import TranscriptCache
from keras_checks import SECRET_VARIABLE

# The module whose function ``main`` is the judge's process.
WORKER = "keras_autograder.judge.worker"
_PACKAGE = Path(__file__).resolve().parent.parent.parent


class JudgeProcess(Protocol):
    """As much of ``subprocess.Popen`` as is used here."""

    @property
    def stdin(self) -> IO[str] | None:
        """Where messages go."""

    @property
    def stdout(self) -> IO[str] | None:
        """Where answers come from."""

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""

    def kill(self) -> None:
        """End it."""

    def wait(self) -> int | None:
        """Wait for its end."""


class JudgeFailed(Exception):
    """The judge did not finish a check cell; the message says why, for the student to read."""


class Judge:
    """The process in which check cells run. It is started when it is first needed and serves many notebooks.

    What it has answered once it is not asked again: see ``TranscriptCache``. The process is told of a check cell only
    where a notebook brings something new, and then all that went before. A cell that needs only definitions of the
    cells before it is a conversation of its own; any other goes on where these have ended.

    Args:
        seconds: float, how long one check cell may take, calls of the student's functions included.
        secret: str, from which hidden checks draw their numbers.
        folder: Path, with the modules that check cells import; None for the current one.
        start: function that starts the process, such as ``start_judge``.
        cache: TranscriptCache, or None for one that starts empty. It belongs to one secret and
            one version of the course.
    """

    def __init__(
        self,
        seconds: float = 180,
        secret: str = "",
        folder: Path | None = None,
        start: Callable[[dict[str, str], list[str]], JudgeProcess] | None = None,
        cache: TranscriptCache | None = None,
    ):
        self.seconds = seconds
        self.secret = secret
        self.folder = folder or Path.cwd()
        self._start = start or start_judge
        self._cache = TranscriptCache() if cache is None else cache
        self._process: JudgeProcess | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._functions: list[str] = []
        # Of the check cells of this notebook so far: the source, and the messages that were sent while it ran.
        self._cells: list[tuple[str, list[str]]] = []
        # The present conversation: all messages to the judge, their digest, and those that the process has got.
        self._log: list[str] = []
        self._digest = b""
        self._sent: list[str] = []

    def start_notebook(self, functions: list[str]) -> None:
        """Forget the last notebook.

        Args:
            functions: list of str, the names of the student's functions.
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
            answer: str = self._request({"question": question}, deadline)["answer"]
            return answer

        try:
            begin = self._begin_conversation(source, deadline)
            message = self._request({"source": source}, deadline)
            while "done" not in message:
                message = self._request({"answer": await call(message["request"], ask)}, deadline)
        except JudgeFailed:
            self.close()
            raise
        self._cells.append((source, self._log[begin:]))
        return [nbformat.from_dict(output) for output in message["done"]]

    def _begin_conversation(self, source: str, deadline: float) -> int:
        """Log what goes before a cell; the position in the log at which the cell itself begins."""
        self._log, self._digest = [], TranscriptCache.digest_after(b"", self.secret)
        self._append(json.dumps({"functions": self._functions}))
        definitions = definitions_for(source, [source for source, _ in self._cells], self._functions)
        if definitions is None:
            for _, messages in self._cells:
                for message in messages:
                    self._append(message)
        elif definitions:
            self._request({"source": definitions}, deadline)
        return len(self._log)

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._sent = []

    def _append(self, message: str) -> None:
        self._log.append(message)
        self._digest = TranscriptCache.digest_after(self._digest, message)

    def _request(self, message: dict[str, Any], deadline: float) -> dict[str, Any]:
        """What the judge answers to a message, from the cache if it has answered it before."""
        self._append(json.dumps(message))
        answer = self._cache.get(self._digest)
        if answer is None:
            answer = self._ask_process(deadline)
            self._cache.put(self._digest, answer)
        parsed: dict[str, Any] = json.loads(answer)
        return parsed

    def _ask_process(self, deadline: float) -> str:
        """Send the process all of the log that it has not got yet; its last answer."""
        if self._process is None or self._process.poll() is not None:
            self._start_process()
        if self._log[: len(self._sent)] != self._sent:
            # The first message of each conversation makes it forget the one before.
            self._sent = []
        try:
            return self._replay(deadline)
        except JudgeFailed:
            if self._sent:
                raise
        # A judge that died over the last notebook is no reason against this one.
        self._start_process()
        return self._replay(deadline)

    def _replay(self, deadline: float) -> str:
        answer = ""
        while (cursor := len(self._sent)) < len(self._log):
            message = self._log[cursor]
            self._send(message)
            answer = self._receive(deadline)
            if not cursor and json.loads(answer) != {"ready": True}:
                raise JudgeFailed("the judge answered out of turn")
            self._sent.append(message)
        return answer

    def _start_process(self) -> None:
        self.close()
        # Nothing that a check builds needs a GPU, and the student's kernel may not have it either.
        variables = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", SECRET_VARIABLE: self.secret}
        path = [str(self.folder), str(_PACKAGE), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        self._process = self._start(variables, path)
        self._lines = queue.Queue()
        threading.Thread(target=_read, args=(self._process.stdout, self._lines), daemon=True).start()

    def _send(self, message: str) -> None:
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(message + "\n")
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


def start_judge(variables: dict[str, str], path: list[str]) -> JudgeProcess:
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


def _read(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    # A thread, because a pipe cannot be read with a time limit on every system.
    for line in stream:
        lines.put(line)
    lines.put(None)
