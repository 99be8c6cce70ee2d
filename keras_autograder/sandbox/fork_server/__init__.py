"""Kernels that start warm: forked from a process that has imported what notebooks need, and then walled in.

Importing TensorFlow takes longer than grading a notebook. ``server`` is the process that has done it, once for a run;
``client`` starts it and asks it for kernels; ``kernel`` is what nbclient and nbgrader see.
"""
