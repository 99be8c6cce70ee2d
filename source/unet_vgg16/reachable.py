"""Whether there is a network, told in a few seconds: without one some connections only fail after minutes."""

import threading
import urllib.error
import urllib.request
from http.client import HTTPException


def is_reachable(url, seconds=5.0):
    """Tell whether the server of an address answers.

    Args:
        url: str, http or https.
        seconds: float, how long to wait at most.

    Returns:
        bool: True where anything came back, be it a refusal.
    """
    answers = []

    def ask():
        try:
            request = urllib.request.Request(url, method="HEAD", headers={"User-Agent": "segmentation"})
            urllib.request.urlopen(request, timeout=seconds).close()
        except urllib.error.HTTPError as error:
            error.close()
        except (OSError, ValueError, HTTPException):
            return
        answers.append(True)

    # Looking up a name takes as long as it takes, whatever the timeout: it is left behind.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return bool(answers)
