"""Processes that start warm: forked from one that has imported what notebooks need; a kernel is then walled in.

Importing TensorFlow takes longer than grading a notebook. ``server`` is the process that has done it, once for a run;
``client`` starts it and asks it for kernels; ``process`` is what it gives.
"""
