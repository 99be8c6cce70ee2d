"""All that knows the inner life of nbgrader and its like: the steps that it calls, and what is replaced in it."""
