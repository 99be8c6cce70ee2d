"""The settings of grading a notebook, as ``nbgrader_config.py`` says them: ``c.JudgedExecute.judge_timeout = 60``."""

from traitlets import Bool, Enum, Float, HasTraits, Integer, Unicode


class GradingSettings(HasTraits):
    """What nbgrader's step and whoever runs a notebook without nbgrader have in common.

    Attributes:
        judge_timeout: float, seconds.
        grace: float, seconds.
        secret: str.
        maximum_output: int, bytes.
        isolation: str.
        warm_kernels: bool.
        raise_on_iopub_timeout: bool.
        shutdown_kernel: str.
    """

    judge_timeout = Float(180, help="Seconds for one check cell, including its calls of the student's functions").tag(
        config=True
    )
    grace = Float(10, help="Seconds that a cell may go on after an interrupt; then its kernel is killed").tag(
        config=True
    )
    secret = Unicode(
        "", help="Hidden checks draw their sizes, filters and rates from it; the same secret draws the same numbers"
    ).tag(config=True)
    maximum_output = Integer(10_000_000, help="Bytes of output to keep of one notebook; the rest is dropped").tag(
        config=True
    )
    isolation = Enum(
        ["sandbox", "none"],
        "sandbox",
        help="Where the student's kernel runs: 'sandbox': without network, in a folder of its own and within the "
        "limits of SandboxProvisioner; 'none': like any other process of this user, with all of the user's rights",
    ).tag(config=True)
    warm_kernels = Bool(
        True,
        help="Fork each submission's kernel from a process that has already imported TensorFlow, instead of "
        "starting a new one; in the sandbox only",
    ).tag(config=True)
    raise_on_iopub_timeout = Bool(
        False,
        help="Whether a cell counts as unreadable when some of its outputs have not come four seconds after its "
        "end; otherwise these are dropped",
    ).tag(config=True)
    shutdown_kernel = Enum(
        ["graceful", "immediate"],
        "immediate",
        help="How a kernel is ended after its last cell; nothing that it does then matters",
    ).tag(config=True)
