"""Submissions that set out to gain points, or to read what they should not.

``GAIN`` and ``NOTEBOOK_TRICKS`` hand in functions that build nothing and something that is to earn points nevertheless;
``READ`` hands in a right solution and code that prints what it should not see. Adding an attack is one entry.
"""

import copy

import nbformat

from keras_autograder.authoring import graded_cells

# ruff: noqa: E501 (attacks read better on one line)
# Stands at the head of every attack: loot is what it prints.
LOOT = "def loot(get):\n    try:\n        print('LOOT', get())\n    except BaseException as error:\n        print('nothing', type(error))\n"

# An attack of this table adds code that is to earn points.
GAIN = {
    "comparator replaced": "import test_utils\ntest_utils.comparator = lambda *a: print('All tests passed!')\ncomparator = test_utils.comparator",
    "score replaced": "import keras_checks\nkeras_checks.Exercise.score = lambda self: 10.0\nkeras_checks.Exercise._result = None",
    "modules replaced": "import sys, types\nfor name in ('test_utils', 'exercise', 'outputs'):\n    sys.modules[name] = types.ModuleType(name)",
    "an import hook": "import sys\nclass Hook:\n    def find_spec(self, *a): raise SystemExit\nsys.meta_path.insert(0, Hook())",
    "objects that equal everything": "class Same(list):\n    def __eq__(self, other): return True\n    def __len__(self): return 4\ndef conv_block(*a, **k): return Same(), Same()\ndef unet_model(*a, **k): return Same()",
    "run_cell replaced": "get_ipython().run_cell = lambda *a, **k: 10.0",
    "a hook after every cell": "get_ipython().events.register('post_run_cell', lambda *a: display(10.0))",
    "a hook before every cell": "get_ipython().events.register('pre_run_cell', lambda *a: exec('exercise1 = None', get_ipython().user_ns))",
    "the display hook": "import sys\nsys.displayhook = lambda value: print(10.0)\nget_ipython().displayhook.__class__.__call__ = lambda *a: print(10.0)",
    "a formatter": "get_ipython().display_formatter.formatters['text/plain'].for_type(float, lambda *a: '10.0')",
    "an input transformer": "get_ipython().input_transformers_cleanup.append(lambda lines: ['10.0\\n'])",
    "an ast transformer": "import ast\nclass T(ast.NodeTransformer):\n    def visit_Module(self, node): return ast.parse('10.0')\nget_ipython().ast_transformers.append(T())",
    "forged results": "k = get_ipython().kernel\nfor n in range(3):\n    k.session.send(k.iopub_socket, 'execute_result', {'data': {'text/plain': '10.0'}, 'metadata': {}, 'execution_count': n}, parent=k.get_parent())",
    "forged idle": "k = get_ipython().kernel\nk.session.send(k.iopub_socket, 'status', {'execution_state': 'idle'}, parent=k.get_parent())",
    "forged records": "from IPython.display import publish_display_data\npublish_display_data({'text/plain': '10.0', 'application/vnd.keras-autograder.score+json': {'points': 10}})",
    "the agent taken over": "import sys, types\nclass M(types.ModuleType):\n    def __setattr__(self, *a): pass\n    def serve(self, request): get_ipython().kernel.raw_input('answer {}')\nm = M('a')\nsys.modules['_keras_autograder_agent'] = m",
    "compile replaced": "import builtins\nbuiltins.compile = lambda *a, **k: None\nbuiltins.exec = lambda *a, **k: None",
    "an answer without end": "get_ipython().kernel.raw_input = None\nimport json\njson.dumps = lambda *a, **k: '[' * 10**7",
    "a hostile answer": "import json\njson.dumps = lambda *a, **k: '{\"nodes\": [{\"class\": \"__reduce__\", \"module\": \"os\", \"config\": {}}], \"result\": {\"tensor\": [\"n0\", 0]}}'",
    "questions without end": "def unet_model(*a, **k):\n    while True: conv_block(a[0])",
    "nothing but the input": "",
    "a lambda layer": "def conv_block(inputs=None, *a, **k):\n    x = tf.keras.layers.Lambda(lambda t: __import__('os').getcwd() and t)(inputs)\n    return x, x",
    "a layer that bears a name": "C = type('Conv2D', (tf.keras.layers.Layer,), {'call': lambda s, x: x})\ndef conv_block(inputs=None, *a, **k):\n    x = C()(C()(inputs))\n    return x, x",
    "a name with markup": "C = type('<script>alert(1)</script>', (tf.keras.layers.Layer,), {'call': lambda s, x: x})\ndef conv_block(inputs=None, *a, **k):\n    x = C()(inputs)\n    return x, x",
    "an error with markup": "def conv_block(*a, **k): raise ValueError('<script>alert(2)</script>' * 1000)",
    "an error that lies": "class E(Exception):\n    def __str__(self): return 10.0\ndef conv_block(*a, **k): raise E",
    "an exit in the function": "def conv_block(*a, **k): raise SystemExit(10)",
    "an interrupt in the function": "def conv_block(*a, **k): raise KeyboardInterrupt",
    "a network of weights without end": "def conv_block(inputs=None, *a, **k):\n    x = tf.keras.layers.Dense(10**5, name='d')\n    x.built = True\n    t = tf.keras.KerasTensor((None, 8, 8, 10**9))\n    return t, t",
    "threads that go on": "import threading, time\ndef run():\n    while True:\n        time.sleep(0.01); get_ipython().user_ns['exercise1'] = 10.0\nfor _ in range(5): threading.Thread(target=run).start()",
    "a handler at the end": "import atexit\natexit.register(lambda: open('Image_segmentation_Unet.ipynb', 'w').write('10.0'))",
}  # fmt: skip


# Functions that run and build nothing: whatever they earn, the attack has gained.
NOTHING_BUILT = {
    "UNQ_C1": "def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):\n    return inputs, inputs",
    "UNQ_C2": "def upsampling_block(expansive_input, contractive_input, n_filters=32):\n    return expansive_input",
    "UNQ_C3": "def unet_model(input_size=(96, 128, 3), n_filters=32, n_classes=23):\n"
    "    inputs = Input(input_size)\n    return tf.keras.Model(inputs, inputs)",
}


def gaining(code):
    def edit(notebook):
        for marker, cell in graded_cells(notebook).items():
            cell.source = f"# {marker}\n{NOTHING_BUILT[marker]}"
        graded_cells(notebook)["UNQ_C3"].source += "\n\n" + code

    return edit


def check_cells(notebook):
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]


def worth_more(notebook):
    gaining("")(notebook)
    for cell in check_cells(notebook):
        cell.metadata.nbgrader.points = 1000


def not_run(notebook):
    gaining("")(notebook)
    for cell in check_cells(notebook):
        cell.metadata.tags = ["not-graded", "skip-execution"]
        cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "10.0"}, execution_count=1)]


def rewritten(notebook):
    gaining("")(notebook)
    for cell in check_cells(notebook):
        cell.source = "10.0"


def not_checks(notebook):
    gaining("")(notebook)
    for cell in check_cells(notebook):
        cell.metadata.nbgrader.update(grade=False, solution=False, locked=False)


def deleted(notebook):
    gaining("")(notebook)
    notebook.cells = [cell for cell in notebook.cells if cell not in check_cells(notebook)]


def a_check_of_ones_own(notebook):
    gaining("")(notebook)
    cell = nbformat.v4.new_code_cell("100.0")
    cell.metadata.nbgrader = {"grade": True, "grade_id": "bonus", "points": 100, "locked": True, "solution": False,
                              "schema_version": 3, "task": False, "cell_type": "code"}  # fmt: skip
    notebook.cells.append(cell)


NOTEBOOK_TRICKS = {
    "checks worth more": worth_more,
    "checks not to be run": not_run,
    "checks rewritten": rewritten,
    "checks that are none": not_checks,
    "checks deleted": deleted,
    "a check of one's own": a_check_of_ones_own,
}

# An attack of this table hands in a right solution, and code that is to print what it should not see.
READ = {
    "the gradebook": "loot(lambda: open('../../../gradebook.db', 'rb').read()[:100])",
    "the gradebook by its path": "loot(lambda: open({course!r} + '/gradebook.db', 'rb').read()[:100])",
    "the source": "loot(lambda: open({course!r} + '/source/unet/Image_segmentation_Unet.ipynb').read())",
    "the secret": "loot(lambda: open({course!r} + '/.course_secret').read())",
    "another submission": "import glob; loot(lambda: [open(p).read() for p in glob.glob({course!r} + '/submitted/*/*/*')][0])",
    "the environment": "import os; loot(lambda: [v for v in os.environ.values() if 'secret' in v][0])",
    "environments of processes": "import glob; loot(lambda: [open(p).read() for p in glob.glob('/proc/[0-9]*/environ') if 'secret' in open(p).read()][0])",
    "a shell": "loot(lambda: __import__('subprocess').check_output('cat {course}/.course_secret', shell=True))",
    "a shell escape": "loot(lambda: get_ipython().getoutput('cat {course}/.course_secret && echo yes')[1])",
    "home": "import os; loot(lambda: os.listdir('/root'))",
    "temporary files": "import glob; loot(lambda: [open(p + '/connection.json').read() for p in glob.glob('/tmp/**/kernel-*', recursive=True) + glob.glob({course!r} + '/tmp/**/kernel-*', recursive=True)][1])",
    "the judge's process": "import glob; loot(lambda: [p for p in glob.glob('/proc/[0-9]*/cmdline') if b'judge' in open(p, 'rb').read()][0])",
    "the network": "import socket; loot(lambda: socket.create_connection(('127.0.0.1', 22), 2))",
    "a file for the next": "loot(lambda: open('/tmp/planted-by-a-submission', 'w').write('x'))",
    "the installed package": "loot(lambda: open(__import__('importlib.util').util.find_spec('keras_autograder').origin).read())",
    "hidden tests in the stack": "import gc; loot(lambda: [o for o in gc.get_objects() if isinstance(o, str) and 'expected_conv_block' in o][0])",
}  # fmt: skip


def reading(code):
    def edit(notebook):
        cell = nbformat.v4.new_code_cell(LOOT + code)
        notebook.cells.insert(3, cell)

    return edit


def student_of(name: str) -> str:
    """The folder's name of whoever hands an attack in."""
    return name.replace(" ", "-").replace("'", "")


def written(course, solved) -> dict:
    """All attacks on a course, as notebooks.

    Args:
        course: Path of the course, which the attacks try to read.
        solved: NotebookNode, a right submission.

    Returns:
        dict from an attack's name to a NotebookNode.
    """
    edits = {name: gaining(code) for name, code in GAIN.items()} | NOTEBOOK_TRICKS
    for name, code in READ.items():
        edits[name] = reading(code.replace("{course!r}", repr(str(course))).replace("{course}", str(course)))
    notebooks = {name: copy.deepcopy(solved) for name in edits}
    for name, edit in edits.items():
        edit(notebooks[name])
    return notebooks


def printed(notebook) -> str:
    """What the cells that look for loot have printed."""
    return "".join(
        output.get("text", "")
        for cell in notebook.cells
        if cell.cell_type == "code" and "def loot" in cell.source
        for output in cell.outputs
    )
