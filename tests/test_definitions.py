"""Which check cells stand alone: what they take of earlier cells are imports and functions, and nothing computed."""

import pytest

from keras_autograder.judge.definitions import definitions_for

EARLIER = [
    "import numpy as np\nfrom keras.layers import Conv2D, Input\nlimit = 3\ndef right(n):\n    return Conv2D(n, 3)",
    "def both(n):\n    return right(n), np.ones(n)\nmodel = student(Input((1,)))\ntable = {}\n"
    "def marked(): pass\nmarked.seen = 1",
    "def scaled(n):\n    return n * limit",
]
# A later cell, and the names that it is given; None where it goes on after the cells before it.
CELLS = {
    "nothing": ("x = 1\nprint(x, len([x]))", []),
    "an import": ("np.zeros(3)", ["np"]),
    "a function": ("right(2)", ["Conv2D", "Input", "right"]),
    "a function that needs another": ("both(2)", ["np", "Conv2D", "Input", "right", "both"]),
    "the student's function": ("student(3)", []),
    "its own name of the same kind": ("limit = 4\nprint(limit)", []),
    "its own loop": ("for model in (1, 2):\n    print(model)", []),
    "its own function's names": ("def f(model, table=0):\n    limit = model\n    return limit", []),
    "a name in a with block": ("with open('f') as model:\n    table = model.read()\n    print(table)", []),
    "a computed value": ("print(limit)", None),
    "a student's network": ("print(model.layers)", None),
    "a value in an f-string": ("print(f'{limit}')", None),
    "a value that is read before it is its own": ("limit = limit + 1", None),
    "a value that is added to": ("limit += 1", None),
    "a value in a function": ("def f():\n    return limit\nf()", None),
    "a value in a comprehension": ("[limit for _ in range(3)]", None),
    "a value in a loop's body": ("for x in range(3):\n    print(x, table)", None),
    "a function that needs a value": ("scaled(2)", None),
    "a function that was changed": ("marked()", None),
    "a value that is only changed": ("table['a'] = 1", None),
    "a magic": ("%time x = 1", None),
}


@pytest.mark.parametrize(("source", "names"), CELLS.values(), ids=CELLS)
def test_what_a_cell_takes_of_those_before_it(source, names):
    code = definitions_for(source, EARLIER, ["student"])
    if names is None:
        assert code is None
        return
    namespace = {}
    exec(code, namespace)
    assert set(namespace) - {"__builtins__"} == set(names)


def test_the_checks_of_the_assignment_stand_alone(source_notebook):
    from keras_autograder.runner import Assignment

    assignment = Assignment.from_source(source_notebook)
    checks = list(assignment.checks.values())
    for number, check in enumerate(checks):
        assert definitions_for(check, checks[:number], assignment.functions) is not None
