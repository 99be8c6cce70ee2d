"""Whether a server answers, known within a few seconds: without a network some connections fail only after minutes."""

import threading
import urllib.error
import urllib.request
from http.client import HTTPException


def is_reachable(url: str, seconds: float = 5.0) -> bool:
    """Tell whether the server of an address answers.

    Args:
        url: str, http or https.
        seconds: float, how long to wait at most.

    Returns:
        bool: True where anything came back, even a refusal.
    """
    answers: list[bool] = []

    def ask() -> None:
        try:
            request = urllib.request.Request(url, method="HEAD", headers={"User-Agent": "segmentation"})
            urllib.request.urlopen(request, timeout=seconds).close()
        except urllib.error.HTTPError as error:
            error.close()
        except (OSError, ValueError, HTTPException):
            return
        answers.append(True)

    # Looking up a name ignores the timeout: a thread that takes too long is left behind.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return bool(answers)
