"""The judge's own process: runs check cells, with remote functions in the place of the student's.

It speaks JSON, a message a line, with ``judge_process.py`` on its standard input and on a copy of its standard output:

    <- {"functions": [...]}     forget the last notebook; these names are remote        -> {"ready": true}
                                (at any time: a check cell that waits for an answer is given up)
    <- {"source": ...}          run a check cell                                        -> {"done": [outputs]}
    -> {"request": ...}         while it runs: call a function of the student's         <- {"answer": ...}
    <- {"question": ...}        while that runs: what does one of your blocks return?   -> {"answer": ...}
"""

import gc
import json
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets.config import Config


class Recorder:
    """Collects what a cell puts out, in the order in which it comes, as a notebook keeps it."""

    def __init__(self) -> None:
        self.outputs: list[NotebookNode] = []

    def write(self, text: str) -> None:
        """Take text as a stream; it is how ``print`` sees this object.

        Args:
            text: str.
        """
        if self.outputs and self.outputs[-1].output_type == "stream":
            self.outputs[-1].text += text
        elif text:
            self.outputs.append(new_output("stream", name="stdout", text=text))

    def flush(self) -> None:
        """Do nothing: all is kept in order anyway."""


class _Publisher(DisplayPublisher):
    def publish(self, data: dict[str, Any], metadata: dict[str, Any] | None = None, **kwargs: Any) -> None:
        self.shell.recorder.outputs.append(new_output("display_data", data=data, metadata=metadata or {}))


class _Hook(DisplayHook):
    def __call__(self, result: Any = None) -> None:
        if result is not None:
            data, metadata = self.shell.display_formatter.format(result)
            output = new_output("execute_result", data=data, metadata=metadata)
            self.shell.recorder.outputs.append(output)


class JudgeShell(InteractiveShell):
    """An IPython that keeps outputs instead of showing them, and remembers nothing."""

    def __init__(self) -> None:
        self.recorder = Recorder()
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.cache_size = 0
        super().__init__(config=config, displayhook_class=_Hook, display_pub_class=_Publisher)

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.recorder.outputs.append(
            new_output("error", ename=etype.__name__, evalue=str(evalue), traceback=[str(line) for line in stb])
        )

    def run(self, source: str) -> list[NotebookNode]:
        """Run a cell.

        Args:
            source: str.

        Returns:
            list of NotebookNode, its outputs.
        """
        self.recorder.outputs = []
        kept = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = self.recorder
        try:
            self.run_cell(source, store_history=False)
        finally:
            sys.stdout, sys.stderr = kept
        return self.recorder.outputs


class Abandoned(SystemExit):
    """The client has turned to another notebook, or is gone: it knew how this check cell goes on."""


class Worker:
    """Answers the messages of ``judge_process.py`` until there are no more.

    Args:
        messages: text file to read from.
        answers: text file to write to.
    """

    def __init__(self, messages: TextIO, answers: TextIO):
        self._messages = messages
        self._answers = answers
        self._shell = JudgeShell.instance()
        self._next: dict[str, Any] | None = None

    def work(self) -> None:
        """Take messages until the client hangs up."""
        while (message := self._next or self._receive()) is not None:
            self._next = None
            if "functions" in message:
                self._start(message["functions"])
                self._send({"ready": True})
                continue
            outputs = self._run(message["source"])
            if self._next is None:
                self._send({"done": outputs})

    def _start(self, functions: list[str]) -> None:
        import keras

        from keras_autograder.judge.remote_function import RemoteFunction

        keras.backend.clear_session()
        self._shell.reset(new_session=False)
        self._shell.user_ns.update({name: RemoteFunction(name, self._exchange) for name in functions})

    def _run(self, source: str) -> list[NotebookNode]:
        import keras

        # Networks are compared here and never run: to draw their weights would be most of the work of building them.
        with keras.StatelessScope(initialize_variables=False):
            outputs: list[NotebookNode] = self._shell.run(source)
        return outputs

    def _exchange(self, request: str, answer: Callable[[str], str]) -> str:
        if self._next is None:
            self._send({"request": request})
        while self._next is None and (message := self._receive()) is not None:
            if "answer" in message:
                reply: str = message["answer"]
                return reply
            if "functions" in message:
                self._next = message
            else:
                self._send({"answer": answer(message["question"])})
        # Whatever the check cell makes of this, nobody will hear of it.
        raise Abandoned("the grader has gone on without an answer")

    def _receive(self) -> dict[str, Any] | None:
        line = self._messages.readline()
        return json.loads(line) if line else None

    def _send(self, message: dict[str, Any]) -> None:
        self._answers.write(json.dumps(message) + "\n")
        self._answers.flush()


def main() -> None:
    """Speak with the client on standard input and output; nothing else may write there."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    import keras  # noqa: F401

    # A session is cleared for each notebook, which collects garbage: not all of TensorFlow needs to be looked through.
    gc.collect()
    gc.freeze()
    Worker(sys.stdin, answers).work()


if __name__ == "__main__":
    main()
