"""The diagrams of the assignments, drawn by code.

Run ``python -m figures`` from the repository root to draw all of them into the folders ``images`` of
``source/unet`` and ``source/unet_vgg16``.  Each diagram has a module of its own with

* ``FILE_NAME``: the name of the file that is drawn,
* ``ALT_TEXT``: what the figure says, for a reader who cannot see it,
* ``draw()``: makes the figure and returns it,
* ``ASSIGNMENT``: the assignment that shows it, where that is not ``unet``.

``style`` holds the colours, the font sizes and the saving, ``shapes`` the boxes and arrows, and
``scene`` the small street that several figures show.
"""
