"""Starts a wksmock server for tests, and gives each test a project of its own on it.

With pytest, ask for the fixture `wksmock`. Elsewhere:

    with wksmock.start(seed=7) as server, server.clone(scenario="flaky.json") as mock:
        subprocess.run(["the-program-under-test"], env={**os.environ, **mock.env}, check=True)

A clone's expectations are judged at the end of its `with` block.
"""

from __future__ import annotations

from ._binary import find_binary
from ._clone import Clone
from ._errors import AdminError, BinaryNotFound, ExpectationsFailed, ServerFailed, WksmockError
from ._options import Options, Scenario
from ._server import Server, attach, start
from ._shapes import Answer, Call, Decision, Expectation, Message, Request, Verdict

__all__ = [
    "AdminError",
    "Answer",
    "BinaryNotFound",
    "Call",
    "Clone",
    "Decision",
    "Expectation",
    "ExpectationsFailed",
    "Message",
    "Options",
    "Request",
    "Scenario",
    "Server",
    "ServerFailed",
    "Verdict",
    "WksmockError",
    "attach",
    "find_binary",
    "start",
]
