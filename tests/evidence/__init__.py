"""Cases that the autograder is held to, as data; ``tests/test_evidence.py`` grades them."""
