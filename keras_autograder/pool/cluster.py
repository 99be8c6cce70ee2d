"""Workers on other machines: a Dask cluster, whatever has started it (processes by hand, Slurm, Kubernetes)."""

import uuid
from concurrent.futures import Future
from typing import Any

from keras_autograder.runner import Graded, Submission, give_up, grade_submission
from keras_autograder.sandbox.availability import why_unavailable
from keras_autograder.sandbox.fork_server.client import fork_server

LOST_TWICE = "The machine that graded this notebook disappeared, twice. It was given up; please tell your instructor."
_ATTEMPTS = "keras-autograder-attempts"
_MOST_ATTEMPTS = 6
_SECONDS_TO_CONNECT = 30


class ClusterLost(Exception):
    """The scheduler does not answer any more."""


class ClusterUnavailable(SystemExit):
    """The cluster cannot grade; the message says why."""


class DaskWorkers:
    """Grades submissions on a Dask cluster.

    A submission whose worker disappears is run again by another one: that is Dask's part. It is counted here how often
    each submission was begun, because Dask would count one that only waited there as well.

    Args:
        address: str, of the scheduler.
        is_warm: bool, whether kernels are forked from a process that has imported TensorFlow.
        is_isolated: bool, whether kernels run in the sandbox.

    Raises:
        ClusterUnavailable: if the cluster cannot grade.
    """

    def __init__(self, address: str, is_warm: bool = True, is_isolated: bool = True):
        try:
            from distributed import Client
        except ImportError:
            raise ClusterUnavailable("To grade on a cluster, Dask is needed: pip install 'distributed'.") from None
        try:
            self._client = Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterUnavailable(f"There is no Dask scheduler at {address}: {error}") from None
        if not self._client.nthreads():
            self._client.close()
            raise ClusterUnavailable(f"The Dask cluster at {address} has no workers. Start some and try again.")
        self._make_ready(is_warm, is_isolated)

    @property
    def count(self) -> int:
        """How many submissions the cluster grades at a time, at this moment."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def submit(self, submission: Submission) -> Future[Graded]:
        """Have a submission graded.

        Args:
            submission: Submission.

        Returns:
            Future of Graded. One whose worker disappears twice has a grade that says so.
        """
        result: Future[Graded] = Future()
        self._attempt(submission, result, uuid.uuid4().hex, 1)
        return result

    def close(self) -> None:
        """Leave the cluster. What still runs there for this run is cancelled."""
        self._client.close()

    def _make_ready(self, is_warm: bool, is_isolated: bool) -> None:
        try:
            refusals = self._client.run(_ready, is_warm, is_isolated)
        except ImportError as error:
            self._client.close()
            raise ClusterUnavailable(f"The course's package is not installed on all workers: {error}") from None
        for worker, why in refusals.items():
            if why:
                self._client.close()
                raise ClusterUnavailable(f"On worker {worker}: {why}")

    def _attempt(self, submission: Submission, result: Future[Graded], name: str, number: int) -> None:
        key = f"grade-{submission.name}-{name}-{number}"
        task = self._client.submit(_grade, submission, name, key=key, pure=False)
        task.add_done_callback(lambda task: self._attempted(task, submission, result, name, number))

    def _attempted(self, task: Any, submission: Submission, result: Future[Graded], name: str, number: int) -> None:
        if task.status == "finished":
            result.set_result(task.result())
            return
        error = task.exception() if task.status == "error" else None
        if type(error).__name__ == "KilledWorker" and number < _MOST_ATTEMPTS:
            # The scheduler has lost patience; whether this submission is to blame says how often it was begun.
            self._attempt(submission, result, name, number + 1)
        elif type(error).__name__ == "KilledWorker":
            result.set_result(give_up(submission, LOST_TWICE))
        else:
            result.set_exception(error or ClusterLost("The Dask scheduler is gone. The same command goes on later."))


def _ready(is_warm: bool, is_isolated: bool) -> str | None:
    """On a worker: prepare to grade; a sentence on why it cannot."""
    if is_isolated and (why := why_unavailable()):
        return why
    if is_warm:
        fork_server().warm_up()
    return None


def _grade(submission: Submission, name: str) -> Graded:
    """On a worker: grade, unless that was begun twice already and never ended."""
    from distributed import get_client

    client = get_client()
    begun = client.get_metadata([_ATTEMPTS, name], 0)
    if begun >= 2:
        return give_up(submission, LOST_TWICE)
    client.set_metadata([_ATTEMPTS, name], begun + 1)
    try:
        return grade_submission(submission)
    except SystemExit as refusal:
        # It would end the worker.
        raise RuntimeError(str(refusal)) from None
