"""Warm kernels: nothing of one reaches the next, a dead fork server is replaced, and it ends with whoever needs it."""

import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import COURSE
from test_sandbox import execute, text

from keras_autograder.sandbox.availability import why_unavailable

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(why_unavailable() is not None, reason=f"no sandbox here: {why_unavailable()}"),
    pytest.mark.xdist_group("warm"),
]


def warm(*cells, **arguments):
    notebook, _, error, left = execute(*cells, start="warm", **arguments)
    assert error is None
    assert not [name for name in left if "kernel" in name]
    return [text(cell) for cell in notebook.cells]


# What one submission leaves, and how the next one looks for it.
TRACES = {
    "a file": ("open('planted', 'w').write('x'); open('../tmp/planted', 'w').write('x')",
               "import glob; print(glob.glob('planted') + glob.glob('../tmp/planted'))", "[]"),
    "a file in HOME": ("import os; open(os.path.expanduser('~/planted'), 'w').write('x')",
                       "import os; print(os.path.exists(os.path.expanduser('~/planted')))", "False"),
    "a thread": ("import threading, time; threading.Thread(target=time.sleep, args=(99,), name='planted').start()",
                 "import threading; print([t.name for t in threading.enumerate() if t.name == 'planted'])", "[]"),
    "a process": ("import subprocess; p = subprocess.Popen(['sleep', '99'])",
                  "import os; print(len([n for n in os.listdir('/proc') if n.isdigit()]))", "2"),
    "a changed module": ("import keras, json; keras.planted = json.loads = 1",
                         "import keras, json; print(hasattr(keras, 'planted'), json.loads('[2]'))", "False [2]"),
    "a variable": ("planted = 1", "print('planted' in globals())", "False"),
    "the environment": ("import os; os.environ['PLANTED'] = '1'",
                        "import os; print(os.environ.get('PLANTED'))", "None"),
    "a seed": ("import numpy as np; np.random.seed(1); print(np.random.rand())",
               "import numpy as np; print(np.random.rand() == 0.7203244934421581)", "False"),
}  # fmt: skip


@pytest.mark.parametrize(("plant", "look", "seen"), TRACES.values(), ids=TRACES)
def test_nothing_of_one_reaches_the_next(plant, look, seen):
    assert "Error" not in warm(plant)[0]
    assert warm(look)[0].strip() == seen


def test_a_kernel_knows_what_was_imported_and_nothing_of_the_autograder():
    (seen,) = warm(
        """
        import os, sys
        print(
            "tensorflow" in sys.modules,
            [name for name in sys.modules if name.startswith("keras_autograder")],
            [name for name in os.environ if "SECRET" in name],
            [path for path in sys.path if "fork-server" in path],
        )
        """
    )
    assert seen.strip() == "True [] [] []"


def test_a_fork_server_that_died_is_started_again():
    from keras_autograder.sandbox.fork_server.client import fork_server

    assert warm("print(1)") == ["1\n"]
    before = fork_server().pid
    os.kill(before, signal.SIGKILL)
    assert warm("print(2)") == ["2\n"]
    assert fork_server().pid != before


def test_a_kernel_ends_with_its_fork_server():
    from keras_autograder.sandbox.fork_server.client import fork_server

    warm("1")
    _, _, error, left = execute(
        "1", "import os, time; time.sleep(30)", start="warm", config={"wall_seconds": 20},
        on_cell_execute=lambda cell, cell_index: cell_index and os.kill(fork_server().pid, signal.SIGKILL),
    )  # fmt: skip
    assert "DeadKernelError" in type(error).__name__
    assert not [name for name in left if "kernel" in name]


def test_it_ends_with_the_process_that_needed_it():
    code = (
        "from keras_autograder.sandbox.fork_server.client import fork_server\n"
        "fork_server().warm_up()\nprint(fork_server().pid, flush=True)\nimport time; time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=COURSE)
    server = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    for _ in range(300):
        if not os.path.exists(f"/proc/{server}"):
            return
        time.sleep(0.1)
    raise AssertionError("the fork server goes on without anybody")


def test_a_kernel_that_ends_before_anybody_asks_has_ended():
    from keras_autograder.sandbox.fork_server.client import ForkServer

    server = ForkServer()
    # Both messages have come before whoever asked for the kernel gets to look.
    server._receive({"started": 7})
    server._receive({"ended": 7, "status": 3})
    assert server._next_started().poll() == 3
