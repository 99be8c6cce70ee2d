"""What draws the diagrams of the assignments; the diagrams themselves lie in ``source/<assignment>/author/figures/``.

Run ``python -m figures`` from the repository root to draw all of them into the folders ``source/<assignment>/images``.
An assignment's ``author/figures/`` is a package whose ``FIGURES`` are modules, in the order in which the notebook shows
them. Each has

* ``FILE_NAME``: the name of the file that is drawn,
* ``ALT_TEXT``: what the figure says, for a reader who cannot see it,
* ``draw()``: makes the figure and returns it.

Here, ``style`` holds the colours, the font sizes and the saving, ``shapes`` the boxes and arrows, ``enlarging`` the
interpolation that some figures show, ``u_shape`` the plan of a U of blocks, and ``of_assignments`` finds the figures.
"""
