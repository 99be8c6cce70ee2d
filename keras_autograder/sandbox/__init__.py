"""A stranger's code behind walls: no network, no files but its own, no end without an end.

Nothing is imported here: the launcher starts once for every kernel and pays for every import. Take what you need from
``policy``, ``launch``, ``availability``, ``kernel``, ``provisioner`` and ``watch``.
"""
