"""The program under test: resets a password, and tries again when the service fails or the connection breaks."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request


class Refused(Exception):
    """The service refused the reset for good."""


def reset(user: str, tries: int = 3) -> str:
    address = f"{os.environ['WKSMOCK_URL']}/v2/{os.environ['WKSMOCK_PROJECT']}/users/{user}/random-password"
    request = urllib.request.Request(address, headers={"Content-Type": "application/json"})
    for left in reversed(range(tries)):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return str(json.load(answer)["password"])
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise Refused(error.code) from error
            if left == 0:
                raise
        except OSError:
            if left == 0:
                raise
        time.sleep(0.01)
    raise AssertionError("unreachable")
