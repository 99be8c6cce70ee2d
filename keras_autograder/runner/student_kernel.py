"""Calls into a student's running kernel, on the judge's behalf."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient

import keras_autograder.judge

_AGENT = "_keras_autograder_agent"
_SOURCE = (Path(keras_autograder.judge.__file__).parent / "agent.py").read_text(encoding="utf-8")
# In names of its own, so that a student's variable called json or exec is in nobody's way. Short, because a kernel
# takes long over long cells: the agent's source comes through the input channel, once for each kernel.
_START = f"""\
import sys, types
if {_AGENT!r} not in sys.modules:
    module = types.ModuleType({_AGENT!r})
    module.__file__ = '<judge>'
    module.get_ipython = __import__('IPython').get_ipython
    source = module.get_ipython().kernel.raw_input('agent')
    exec(compile(source, '<judge>', 'exec'), module.__dict__)
    sys.modules[{_AGENT!r}] = module
sys.modules[{_AGENT!r}].serve()
"""
_CODE = f"__import__('builtins').exec({_START!r}, {{}})"

# What reading a message raises that is not what the protocol asks for.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
_SECONDS_TO_END = 5


class CallFailed(Exception):
    """The student's kernel did not answer; the message says why, for the student to read.

    Attributes:
        is_stuck: bool, whether it is still busy with the call.
    """

    def __init__(self, reason: str, is_stuck: bool = False):
        super().__init__(reason)
        self.is_stuck = is_stuck


class Conversation:
    """The calls into a student's kernel that one check cell makes, as an asynchronous context.

    The agent speaks through the kernel's input channel, which waits for an answer each time: that is how it can ask
    something back while the student's function runs, and wait for the next request when it has answered one.

    Args:
        client: AsyncKernelClient of the student's kernel.
        seconds: float, time limit for each call.
        is_alive: coroutine function that tells whether the kernel still runs.
    """

    def __init__(self, client: AsyncKernelClient, seconds: float, is_alive: Callable[[], Awaitable[bool]]):
        self._client = client
        self._seconds = seconds
        self._is_alive = is_alive
        self._reply: asyncio.Future[Any] | None = None
        self._drained: asyncio.Future[Any] | None = None

    async def __aenter__(self) -> "Conversation":
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._reply is None:
            return
        try:
            if not self._reply.done():
                # The agent ends when there is no request, and with it the cell that it runs in.
                self._client.input("")
                await asyncio.wait({self._reply}, timeout=_SECONDS_TO_END)
        finally:
            self._stop()

    async def call(self, request: str, ask: Callable[[str], str]) -> str:
        """Ask the kernel to call one of the student's functions.

        Args:
            request: str, JSON for ``agent.answer``.
            ask: function that answers what the agent asks meanwhile.

        Returns:
            str, the agent's answer: whatever the student's process chose to send.

        Raises:
            CallFailed: if there is none. The kernel may be called again all the same, unless it is stuck.
        """
        deadline = time.monotonic() + self._seconds
        if self._reply is None:
            self._start()
        else:
            self._client.input(request)
        try:
            while True:
                prompt = await self._prompt(deadline)
                if prompt.startswith("answer "):
                    return prompt.removeprefix("answer ")
                if prompt.startswith("question "):
                    self._client.input(ask(prompt.removeprefix("question ")))
                else:
                    self._client.input(_SOURCE if prompt == "agent" else request)
        except CallFailed:
            self._stop()
            raise

    def _start(self) -> None:
        message = self._client.execute(_CODE, silent=True, store_history=False, allow_stdin=True, stop_on_error=False)
        self._drained = asyncio.ensure_future(_drain(self._client))
        self._reply = asyncio.ensure_future(_reply(self._client, message))

    def _stop(self) -> None:
        for task in filter(None, (self._reply, self._drained)):
            task.cancel()
        self._reply = None

    async def _prompt(self, deadline: float) -> str:
        """What the agent says next."""
        prompt = asyncio.ensure_future(self._client.get_stdin_msg(timeout=None))
        try:
            while True:
                if time.monotonic() > deadline:
                    raise CallFailed(f"the call did not end within {self._seconds:g} seconds", is_stuck=True)
                finished, _ = await asyncio.wait({self._reply, prompt}, timeout=1, return_when="FIRST_COMPLETED")
                if prompt in finished:
                    return _text(prompt)
                if finished:
                    raise CallFailed("the function could not be called in the student's notebook")
                if not await self._is_alive():
                    raise CallFailed("the kernel died during the call")
        finally:
            prompt.cancel()


def _text(prompt: asyncio.Future[Any]) -> str:
    try:
        return str(prompt.result()["content"]["prompt"])
    except Exception:
        # The message comes from a process that is not to be believed: anything may be wrong with it.
        raise CallFailed("the kernel sent a message that cannot be read", is_stuck=True) from None


async def _reply(client: AsyncKernelClient, message_id: str) -> dict[str, Any]:
    while True:
        with contextlib.suppress(*UNREADABLE):
            # A message that waits already is handed over at once: many of them would let nothing else run.
            await asyncio.sleep(0)
            message: dict[str, Any] = await client.get_shell_msg(timeout=None)
            if message["parent_header"].get("msg_id") == message_id:
                return message


async def _drain(client: AsyncKernelClient) -> None:
    # What the function prints goes nowhere; left lying, it would fill the grader's memory.
    while True:
        with contextlib.suppress(*UNREADABLE):
            await asyncio.sleep(0)
            await client.get_iopub_msg(timeout=None)


def failed(reason: str, kind: str = "CallFailed") -> str:
    """The answer that stands for one that never came.

    Args:
        reason: str, for the student to read.
        kind: str, the class of the error.

    Returns:
        str, JSON as ``agent.answer`` gives it.
    """
    return json.dumps({"error": {"kind": kind, "message": reason, "frames": []}})
