"""Points for an exercise by a rubric: a wrong padding costs the padding, not the exercise.

A check cell of the notebook reads like this:

    exercise = Exercise("block", [
        Criterion(2, "two convolutions, one after the other", "layer", "inputs", "*"),
        Criterion(1, "padding is 'same'", "padding"),
    ])

    with exercise.check("32 filters"):
        inputs = Input((96, 128, 3))
        comparator(summary(tf.keras.Model(inputs, block(inputs, 32))), expected)

    exercise.score()

Each ``with`` block is ordinary code. What goes wrong in it is explained and noted, and the cell goes on. ``score`` ends
the cell with one number, which is how nbgrader takes partial credit, and shows the rubric as a table.
"""
