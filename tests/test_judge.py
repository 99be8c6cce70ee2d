"""The judge: networks rebuilt from data, hostile data refused, and remote functions that behave like the functions."""

import asyncio
import copy
import json
import types
from pathlib import Path

import pytest

import keras_autograder.judge
from keras_autograder.judge import Judge, JudgeFailed
from keras_autograder.judge.transcript_cache import TranscriptCache
from keras_autograder.runner.warm_judge import start_judge
from keras_checks import LearnerError, compare, summary, with_globals

AGENT = Path(keras_autograder.judge.__file__).parent / "agent.py"


@pytest.fixture(scope="module")
def agent():
    """The agent as the student's kernel has it: from its text, in a module of its own."""
    module = types.ModuleType("agent")
    module.__file__ = "<judge>"
    exec(compile(AGENT.read_text(), "<judge>", "exec"), module.__dict__)
    return module


@pytest.fixture
def remote_function(agent):
    """A remote function for one of a namespace, without a kernel in between; what passes is kept in ``.traffic``."""
    from keras_autograder.judge.remote_function import RemoteFunction

    def make(name, namespace):
        traffic = []

        def exchange(request, answer):
            reply = agent.answer(request, namespace, answer)
            traffic.append(reply)
            return reply

        function = RemoteFunction(name, exchange)
        function.traffic = traffic
        return function

    return make


@pytest.mark.parametrize(
    "arguments", [{}, {"n_filters": 5}, {"n_filters": 4, "dropout_prob": 0.2, "max_pooling": False}], ids=str
)
def test_a_block_comes_back_on_the_judges_own_inputs(remote_function, functions, arguments):
    import keras

    right = functions()["conv_block"]
    block = remote_function("conv_block", functions())
    inputs = keras.Input((32, 48, 3))
    made = keras.Model(inputs, block(inputs, **arguments))
    assert compare(summary(made), summary(keras.Model(inputs, right(inputs, **arguments)))).differences == []
    assert made.inputs[0] is inputs


def test_a_model_comes_back_whole(remote_function, functions):
    made = remote_function("unet_model", functions())((32, 32, 3), n_filters=2, n_classes=4)
    assert compare(summary(made), summary(functions()["unet_model"]((32, 32, 3), 2, 4))).differences == []


def test_blocks_of_the_judge_take_the_place_of_the_students(remote_function, functions):
    broken = functions(
        [("padding='same',\n                  kernel_initializer='he_normal')(inputs)", "strides=3)(inputs)")]
    )
    right = functions()
    own_work = with_globals(
        remote_function("unet_model", broken),
        conv_block=right["conv_block"],
        upsampling_block=right["upsampling_block"],
    )
    made, wanted = own_work((None, None, 3), 2, 4), right["unet_model"]((None, None, 3), 2, 4)
    assert compare(summary(made), summary(wanted)).differences == []


def test_a_wrong_use_of_the_judges_blocks_is_the_students_error(remote_function, functions):
    wrong = functions([("conv_block(inputs, n_filters)", "conv_block(inputs, n_filters, dropout=None)")])
    right = functions()
    own_work = with_globals(remote_function("unet_model", wrong), conv_block=right["conv_block"])
    with pytest.raises(LearnerError, match="unexpected keyword argument 'dropout'"):
        own_work((None, None, 3), 2, 4)


def small_encoder(size):
    """A block that makes its own input, and returns a model and two of its tensors."""
    import keras

    inputs = keras.Input(size)
    first = keras.layers.Conv2D(2, 3, padding="same", name="first")(inputs)
    second = keras.layers.Conv2D(3, 3, padding="same", name="second")(keras.layers.MaxPooling2D()(first))
    return keras.Model(inputs, second), [first, second]


USES_OF_AN_ENCODER = {
    "its tensors": ("model, (first, second) = encoder(size)", True),
    "a list of its tensors": ("model, tensors = encoder(size); first = tensors.pop(0); second = tensors.pop()", True),
    "its layers, by their names": (
        "model, _ = encoder(size); first, second = [model.get_layer(n).output for n in ('first', 'second')]",
        True,
    ),
    "frozen": ("model, (first, second) = encoder(size); model.trainable = False", False),
    "frozen where there are weights": (
        "model, (first, second) = encoder(size)\n    for layer in model.layers:\n"
        "        if layer.weights: layer.trainable = False",
        False,
    ),
    "frozen layer by layer": (
        "model, (first, second) = encoder(size)\n    for layer in model.layers: layer.trainable = False",
        False,
    ),
}


@pytest.mark.parametrize(("use", "trainable"), USES_OF_AN_ENCODER.values(), ids=USES_OF_AN_ENCODER.keys())
def test_a_block_of_the_judge_may_be_a_network_of_its_own(remote_function, use, trainable):
    import keras

    def network(encoder):
        namespace = {"encoder": encoder, "keras": keras}
        code = f"def decoder(size):\n    {use}\n    up = keras.layers.UpSampling2D()(second)\n"
        code += "    return keras.Model(model.input, keras.layers.Concatenate()([up, first]))\n"
        exec(code, namespace)
        return namespace

    wanted = network(small_encoder)["decoder"]((8, 8, 3))
    made = with_globals(remote_function("decoder", network(None)), encoder=small_encoder)((8, 8, 3))
    assert compare(summary(made), summary(wanted)).differences == []
    assert [layer.trainable for layer in made.layers if layer.weights] == [trainable, trainable]
    assert [layer.trainable for layer in wanted.layers if layer.weights] == [trainable, trainable]


def test_a_network_of_the_judges_may_stand_on_the_students_input(remote_function):
    import keras

    def encoder(tensor):
        return keras.Model(tensor, keras.layers.Conv2D(2, 3, name="first")(tensor))

    code = "def decoder(size):\n    inputs = keras.Input(size)\n"
    code += "    return keras.Model(inputs, keras.layers.ReLU()(encoder(inputs).get_layer('first').output))\n"
    namespace = {"keras": keras, "encoder": encoder}
    exec(code, namespace)
    made = with_globals(remote_function("decoder", {**namespace}), encoder=encoder)((8, 8, 3))
    assert compare(summary(made), summary(namespace["decoder"]((8, 8, 3)))).differences == []


@pytest.mark.parametrize("frozen", [None, 7, ["b1.0"], [["b1.0"]], {"b1.0": 1}], ids=str)
def test_layers_that_a_block_never_made_cannot_be_frozen(frozen):
    from keras_autograder.judge.remote_function import RemoteFunction

    answer = json.dumps({"nodes": [], "result": {"value": 1}, "frozen": frozen})
    with pytest.raises(LearnerError, match="Refused"):
        RemoteFunction("f", lambda request, ask: answer)()


ERRORS = {
    "an error in the function": ("def f(x):\n    return x.nothing\n", "AttributeError", "f", 2),
    "not defined": ("", "NameError", "", 0),
    "something other than tensors": ("def f(x):\n    return {'a': x}\n", "Refused", "", 0),
    "an object": ("def f(x):\n    return object()\n", "Refused", "", 0),
}


@pytest.mark.parametrize(("code", "kind", "function", "line"), ERRORS.values(), ids=ERRORS.keys())
def test_errors_are_told_with_their_place(remote_function, tmp_path, code, kind, function, line):
    import keras

    path = tmp_path / "cell.py"
    path.write_text(code)
    namespace = {}
    exec(compile(code, str(path), "exec"), namespace)
    with pytest.raises(LearnerError) as error:
        remote_function("f", namespace)(keras.Input((4, 4, 1)))
    assert (error.value.kind, error.value.function, error.value.line) == (kind, function, line)


def test_one_thing_that_is_no_tensor_does_not_hide_the_others(remote_function):
    import keras

    def two(inputs):
        return inputs, keras.layers.ReLU()

    inputs = keras.Input((4, 4, 1))
    tensor, layer = remote_function("two", {"two": two})(inputs)
    assert keras.Model(inputs, tensor).outputs[0] is inputs
    assert repr(layer) == "<ReLU, not a tensor>"
    with pytest.raises(ValueError, match=r"KerasTensors.*<ReLU, not a tensor>"):
        keras.Model(inputs, [tensor, layer])


def test_blanks_are_seen_through_the_remote_function(remote_function, tmp_path):
    import keras

    code = "def f(x):\n    y = int(None)\n    return y\n"
    path = tmp_path / "cell.py"
    path.write_text(code)
    namespace = {}
    exec(compile(code, str(path), "exec"), namespace)
    with pytest.raises(LearnerError) as error:
        remote_function("f", namespace)(keras.Input((4, 4, 1)))
    assert error.value.blanks == ("f", [2])


FOREIGN = {
    "a layer of the student's own": (
        "class Twice(tf.keras.layers.Layer):\n    def call(self, x):\n        return 2 * x\n"
        "def f(x):\n    return Twice()(x)\n",
        "Twice",
    ),
    "a layer that calls itself Conv2D": (
        "class Conv2D(tf.keras.layers.Layer):\n    def call(self, x):\n        return x\n"
        "def f(x):\n    return Conv2D()(x)\n",
        "CustomConv2D",
    ),
    "a Lambda": ("def f(x):\n    return tf.keras.layers.Lambda(lambda y: y + 1)(x)\n", "Lambda"),
    "an operation": ("def f(x):\n    return tf.keras.ops.sin(x)\n", "Sin"),
    "a layer in a model that is used as a layer": (
        "def f(x):\n    return tf.keras.Sequential([tf.keras.layers.Dense(2)])(x)\n",
        "Dense",
    ),
}


@pytest.mark.parametrize(("code", "kind"), FOREIGN.values(), ids=FOREIGN.keys())
def test_what_is_not_on_the_lists_is_shown_and_not_run(remote_function, code, kind):
    import keras
    import tensorflow as tf

    namespace = {"tf": tf}
    exec(code, namespace)
    inputs = keras.Input((4, 4, 3))
    made = summary(keras.Model(inputs, remote_function("f", namespace)(inputs)))
    assert [row[0] for row in made.layers and made][-1] == kind


@pytest.fixture
def described(remote_function, functions):
    """A right answer of the agent, to be spoilt."""
    import keras

    block = remote_function("conv_block", functions())
    block(keras.Input((8, 8, 3)), 4)
    return json.loads(block.traffic[0])


def spoil(path, value):
    def change(answer):
        *way, last = path
        for step in way:
            answer = answer[step]
        answer[last] = value

    return change


HOSTILE = {
    "a class by its path": spoil(("nodes", 0, "class"), "os.system"),
    "a module by another name": spoil(("nodes", 0, "module"), "subprocess"),
    "a node that feeds itself": spoil(("nodes", 0, "sources"), [["n1", 0]]),
    "an output that is not there": spoil(("nodes", 1, "sources"), [["n1", 9]]),
    "a negative output": spoil(("nodes", 1, "sources"), [["n1", -1]]),
    "no sources": spoil(("nodes", 0, "sources"), []),
    "sources that are no list": spoil(("nodes", 0, "sources"), "n1"),
    "settings that are no dictionary": spoil(("nodes", 0, "config"), [1, 2]),
    "a setting that is nested": spoil(("nodes", 0, "config", "filters"), [[[[[[1]]]]]]),
    "filters that are a text": spoil(("nodes", 0, "config", "filters"), "many"),
    "filters without end": spoil(("nodes", 0, "config", "filters"), 10**9),
    "a kernel without end": spoil(("nodes", 0, "config", "kernel_size"), [10**6, 10**6]),
    "filters below zero": spoil(("nodes", 0, "config", "filters"), -1),
    "a shape that is a text": spoil(("nodes", 0, "shapes"), ["(1, 2)"]),
    "a shape of a thousand dimensions": spoil(("nodes", 0, "shapes"), [[1] * 1000]),
    "weights that are a text": spoil(("nodes", 0, "class"), "Dense"),
    "no nodes": spoil(("nodes",), None),
    "too many nodes": lambda answer: answer.update(nodes=answer["nodes"] * 5000),
    "no result": spoil(("result",), None),
    "a result of a number that is not there": spoil(("result",), {"tensor": ["n99", 0]}),
    "a result nested without end": spoil(("result",), {"items": [{"items": [{"items": [{"items": [{"items": [
        {"items": [{"items": []}]}]}]}]}]}]}),
    "a model of nothing": spoil(("result",), {"model": {"inputs": [], "outputs": []}}),
    "a number for a layer": spoil(("nodes", 0, "number"), 7),
    "an unknown key only": lambda answer: (answer.clear(), answer.update(hello=1)),
}  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_descriptions_build_nothing_but_layers(described, change):
    """Whatever the description says: it is refused in words, or it is a network of harmless layers."""
    import keras

    from keras_autograder.judge.remote_function import RemoteFunction

    answer = copy.deepcopy(described)
    change(answer)
    block = RemoteFunction("conv_block", lambda request, ask: json.dumps(answer))
    inputs = keras.Input((8, 8, 3))
    try:
        made = block(inputs, 4)
    except LearnerError as error:
        assert error.kind == "Refused" and error.message
    else:
        model = keras.Model(inputs, made)
        assert model.count_params() < 10**6 or any("ForeignLayer" in str(type(one).__mro__) for one in model.layers)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", '"text"', "[" * 100_000, "x" * 5_000_000, None], ids=lambda t: str(t)[:9]
)
def test_answers_that_are_no_answers_are_refused(text):
    import keras

    from keras_autograder.judge.remote_function import RemoteFunction

    with pytest.raises(LearnerError, match="the answer of the student's kernel"):
        RemoteFunction("f", lambda request, ask: text)(keras.Input((4, 4, 1)))


@pytest.fixture
def judge():
    # Forked, because imports would be most of each test; the first test below starts one anew.
    judge = Judge(seconds=20, secret="a secret for tests", start=start_judge)
    yield judge
    judge.close()


def run(judge, source, call=None):
    return asyncio.run(judge.run(source, call))


def texts(outputs):
    return "".join(output.get("text", "") for output in outputs)


@pytest.mark.slow
@pytest.mark.parametrize("start", [start_judge, None], ids=["forked", "anew"])
def test_a_check_cell_runs_as_in_a_notebook(start):
    judge = Judge(seconds=60, start=start)
    judge.start_notebook(["f"])
    stream, shown, result = run(
        judge, "from IPython.display import HTML\nprint('one')\ndisplay(HTML('<b>two</b>'))\n3.5"
    )
    assert (stream.name, stream.text) == ("stdout", "one\n")
    assert shown.data["text/html"] == "<b>two</b>"
    assert result.output_type == "execute_result" and result.data["text/plain"] == "3.5"
    (error,) = run(judge, "1 / 0")
    assert error.output_type == "error" and error.ename == "ZeroDivisionError"
    judge.close()


@pytest.mark.slow
def test_one_notebook_leaves_nothing_to_the_next(judge):
    judge.start_notebook(["f"])
    run(judge, "left = 1")
    judge.start_notebook(["f"])
    assert "left" not in texts(run(judge, "print(dir())"))


@pytest.mark.slow
def test_a_check_that_does_not_end_is_stopped_and_the_next_one_runs(judge):
    judge.start_notebook(["f"])
    judge.seconds = 3
    with pytest.raises(JudgeFailed, match="did not end within 3 seconds"):
        run(judge, "while True: pass")
    judge.seconds = 30
    judge.start_notebook(["f"])
    assert texts(run(judge, "print('again')")) == "again\n"


@pytest.mark.slow
def test_a_judge_that_dies_is_started_again(judge):
    judge.start_notebook(["f"])
    with pytest.raises(JudgeFailed, match="ended"):
        run(judge, "import os; os._exit(1)")
    judge.start_notebook(["f"])
    assert texts(run(judge, "print('again')")) == "again\n"


@pytest.mark.slow
def test_a_check_that_fails_takes_no_other_with_it(judge):
    judge.start_notebook(["f"])
    run(judge, "before = 1")
    with pytest.raises(JudgeFailed, match="ended"):
        run(judge, "import os; os._exit(1)")
    assert texts(run(judge, "print(before)")) == "1\n"


def kernel_that_answers(*values):
    """A student's kernel whose function returns one value after the other."""
    left = list(values)

    async def call(request, ask):
        return json.dumps({"nodes": [], "result": {"value": left.pop(0)}})

    return call


@pytest.mark.slow
def test_what_was_answered_once_is_not_asked_again(judge):
    source = "import time; start = time.perf_counter(); print(f() + f(), start)"
    said = []
    for answers in ((1, 2), (1, 2), (1, 3), (1, 2)):
        judge.start_notebook(["f"])
        said.append(texts(run(judge, source, kernel_that_answers(*answers))).split())
        if answers == (1, 2):
            # Nothing is lost with the process, and where the answers are known none is started.
            judge.close()
    first, second, other, last = said
    assert (first[0], other[0]) == ("3", "4")
    assert first == second == last != other


@pytest.mark.slow
def test_a_conversation_that_another_judge_has_finished_disturbs_no_later_one(tmp_path):
    source = "total = 0\nfor _ in range(3):\n    try: total += f()\n    except Exception: pass\nprint(total)"
    one, other = (
        Judge(60, folder=tmp_path, start=start_judge, cache=TranscriptCache(folder=tmp_path)) for _ in range(2)
    )
    answers = kernel_that_answers(1, 2, 3)
    asked = []

    async def call(request, ask):
        asked.append(request)
        if len(asked) == 1:
            # Meanwhile the other one finishes the same conversation.
            other.start_notebook(["f"])
            assert texts(await other.run(source, kernel_that_answers(1, 2, 3))) == "6\n"
        return await answers(request, ask)

    one.start_notebook(["f"])
    assert texts(run(one, source, call)) == "6\n"
    later = source.replace("range(3)", "range(2)")
    assert texts(run(one, later, kernel_that_answers(4, 5))) == "9\n"
    assert texts(run(one, source, kernel_that_answers(4, 5, 6))) == "15\n"
    one.close()
    other.close()


@pytest.mark.slow
def test_another_history_is_another_conversation(judge):
    for history, shown in (("x = 1", "1"), ("x = 2", "2"), ("x = 1", "1")):
        judge.start_notebook(["f"])
        run(judge, history)
        assert texts(run(judge, "print(x)")) == shown + "\n"


def test_the_transcript_cache_is_bounded_and_forgets_what_was_not_asked_for():
    cache = TranscriptCache(size=10)
    keys = [TranscriptCache.digest_after(b"", word) for word in ("a", "b", "c")]
    cache.put(keys[0], "1" * 5)
    cache.put(keys[1], "2" * 5)
    assert cache.get(keys[0]) == "11111"
    cache.put(keys[2], "3" * 5)
    assert [cache.get(key) for key in keys] == ["11111", None, "33333"]
    assert TranscriptCache.digest_after(keys[0], "b") != TranscriptCache.digest_after(keys[1], "b")


@pytest.mark.slow
def test_one_secret_draws_the_same_numbers_and_another_one_others():
    code = (
        "from keras_checks import Draws; draw = Draws(1); print(draw.size(8, 3), [draw.whole(3, 99) for _ in '12345'])"
    )
    drawn = []
    for secret in ("one", "one", "two"):
        judge = Judge(60, secret, start=start_judge)
        judge.start_notebook([])
        drawn.append(texts(run(judge, code, None)))
        judge.close()
    assert drawn[0] == drawn[1] != drawn[2]
