"""Calls into a student's running kernel, on the judge's behalf."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path

from jupyter_client.asynchronous.client import AsyncKernelClient

import keras_autograder.judge

_AGENT = "_keras_autograder_agent"
_SOURCE = (Path(keras_autograder.judge.__file__).parent / "agent.py").read_text(encoding="utf-8")
# In names of its own, so that a student's variable called json or exec is in nobody's way.
_INSTALL = f"""\
import sys, types
module = types.ModuleType({_AGENT!r})
module.__file__ = '<judge>'
module.get_ipython = __import__('IPython').get_ipython
exec(compile(source, '<judge>', 'exec'), module.__dict__)
sys.modules[{_AGENT!r}] = module
"""


# What reading a message raises that is not what the protocol asks for.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)


class CallFailed(Exception):
    """The student's kernel did not answer; the message says why, for the student to read.

    Attributes:
        is_stuck: bool, whether it is still busy with the call.
    """

    def __init__(self, reason: str, is_stuck: bool = False):
        super().__init__(reason)
        self.is_stuck = is_stuck


async def call(
    client: AsyncKernelClient, request: str, ask: Callable[[str], str], seconds: float, is_alive: Callable
) -> str:
    """Ask the kernel to call one of the student's functions.

    The agent speaks through the kernel's input channel, which waits for an answer each time: that is how it can ask
    something back while the student's function runs.

    Args:
        client: AsyncKernelClient of the student's kernel.
        request: str, JSON for ``agent.answer``.
        ask: function that answers what the agent asks meanwhile.
        seconds: float, time limit for the whole call.
        is_alive: coroutine function that tells whether the kernel still runs.

    Returns:
        str, the agent's answer: whatever the student's process chose to send.

    Raises:
        CallFailed: if there is none.
    """
    code = (
        f"__import__('builtins').exec({_INSTALL!r}, {{'source': {_SOURCE!r}}}); "
        f"__import__('sys').modules[{_AGENT!r}].serve({request!r})"
    )
    message_id = client.execute(code, silent=True, store_history=False, allow_stdin=True, stop_on_error=False)
    deadline = time.monotonic() + seconds
    drained = asyncio.ensure_future(_drain(client))
    reply = asyncio.ensure_future(_reply(client, message_id))
    answer: str | None = None
    try:
        while True:
            question = asyncio.ensure_future(client.get_stdin_msg(timeout=None))
            finished = set()
            while not finished:
                if time.monotonic() > deadline:
                    question.cancel()
                    raise CallFailed(f"the call did not end within {seconds:g} seconds", is_stuck=True)
                finished, _ = await asyncio.wait({reply, question}, timeout=1, return_when="FIRST_COMPLETED")
                if not finished and not await is_alive():
                    question.cancel()
                    raise CallFailed("the kernel died during the call")
            if question in finished:
                prompt = _prompt(question)
                if prompt.startswith("answer "):
                    answer = prompt.removeprefix("answer ")
                client.input("" if prompt.startswith("answer ") else ask(prompt.removeprefix("question ")))
                continue
            question.cancel()
            if answer is None:
                raise CallFailed("the function could not be called in the student's notebook")
            return answer
    finally:
        reply.cancel()
        drained.cancel()


def _prompt(question: asyncio.Future) -> str:
    try:
        return str(question.result()["content"]["prompt"])
    except Exception:
        # The message comes from a process that is not to be believed: anything may be wrong with it.
        raise CallFailed("the kernel sent a message that cannot be read", is_stuck=True) from None


async def _reply(client: AsyncKernelClient, message_id: str) -> dict:
    while True:
        with contextlib.suppress(*UNREADABLE):
            message = await client.get_shell_msg(timeout=None)
            if message["parent_header"].get("msg_id") == message_id:
                return message


async def _drain(client: AsyncKernelClient) -> None:
    # What the function prints goes nowhere; left lying, it would fill the grader's memory.
    while True:
        with contextlib.suppress(*UNREADABLE):
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
