"""A project for one test."""

from __future__ import annotations

import json
from types import TracebackType
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Set, Type, cast

from ._admin import piece
from ._errors import AdminError, ExpectationsFailed
from ._evidence import failures
from ._options import Document
from ._shapes import Message, Request, Verdict

# pytest shows the line of the test that called, not those in here.
__tracebackhide__ = True

if TYPE_CHECKING:
    from ._server import Server


class Clone:
    """A clone of the server's project: the same users and passwords, and calls, rules and expectations of its own.

    In a `with` block it is judged at the end, unless the block has failed, and removed.
    """

    def __init__(self, server: Server, scenario: Optional[Document], id: Optional[str]) -> None:
        wanted: Dict[str, Any] = {"from": server.project}
        if id is not None:
            wanted["id"] = id
        if scenario is not None:
            wanted["scenario"] = None
        #: The server. Its clock is shared by all its clones.
        self.server = server
        self._admin = server.admin
        #: The id of the clone, to be used as that of the project.
        made = self._admin.post("/projects", wanted, document=scenario)
        self.project: str = made["id"]
        #: The first user of the project.
        self.user = server.user
        #: The URL of the server.
        self.url = server.url
        #: The variables that point a program, and the vendor's SDKs, at the clone.
        self.env: Dict[str, str] = {
            **server.env,
            "WKSMOCK_PROJECT": self.project,
            "HUAWEICLOUD_SDK_PROJECT_ID": self.project,
        }
        self._expected: List[Mapping[str, Any]] = []
        self._scenario = scenario
        self._overrides: Set[str] = set()

    def fault(self, flag: str) -> None:
        """Adds a fault in the form of the flag `--fault`, such as `0001=503:1-2`, `*=500:10%` or `*=reset:2:after`."""
        body = json.dumps({"flag": flag, "project": self.project})
        # Places in the answer are those of the flag.
        made = self._admin.send("POST", "/overrides", body, Document("fault", flag))
        self._overrides.add(f"override {made['id']}")

    def override(self, rule: Mapping[str, Any]) -> None:
        """Adds a rule as in a scenario file. It takes precedence over all earlier ones."""
        when = {"project": self.project, **rule.get("when", {})}
        made = self._admin.post("/overrides", None, document=Document.of({**rule, "when": when}, "rule"))
        self._overrides.add(f"override {made['id']}")

    def expect(self, expectation: Mapping[str, Any]) -> None:
        """Adds an expectation as in a scenario file. It is judged at the end of the test, beside the scenario's."""
        wanted = [*self._expected, expectation]
        # Judged now to find mistakes where they were made.
        self._judge(wanted, 0)
        self._expected = wanted

    def requests(self) -> List[Request]:
        """The journal of the clone: all requests, refused ones included, in order of arrival."""
        return cast(List[Request], self._all("requests"))

    def outbox(self) -> List[Message]:
        """All notifications that were sent."""
        return cast(List[Message], self._all("outbox", "messages"))

    def advance(self, ms: int) -> int:
        """Moves the virtual time of the whole server forward, and returns it in milliseconds."""
        return int(self._admin.post("/clock", {"advance_ms": ms})["now_ms"])

    def password(self, user: Optional[str] = None, call: Optional[int] = None) -> Optional[str]:
        """The current password of a user, or None if it was never reset; with `call`, the one that this call sets."""
        path = f"/passwords/{piece(self.project)}/{piece(user or self.user)}"
        if call is not None:
            return str(self._admin.get(f"{path}?call={call}")["password"])
        current = self._admin.get(path)["current"]
        return None if current is None else str(current["password"])

    def verdict(self, wait: float = 0) -> Verdict:
        """Judges the expectations so far. Waits up to `wait` seconds, at most 60, until they hold."""
        milliseconds = round(wait * 1000)
        verdict = cast(
            Verdict, self._admin.post(f"/verify?wait_ms={milliseconds}", {"project": self.project}, wait=wait)
        )
        for one in verdict["expectations"]:
            one["place"] = self._place(one["place"])
        if self._expected:
            own = self._judge(self._expected, milliseconds)
            verdict["passed"] = verdict["passed"] and own["passed"]
            for one in own["expectations"]:
                one["place"] = "expect"
            verdict["expectations"] = verdict["expectations"] + own["expectations"]
        return verdict

    def verify(self, wait: float = 0) -> Verdict:
        """Raises `ExpectationsFailed`, with the evidence, unless the expectations hold. See `verdict`."""
        verdict = self.verdict(wait)
        if not verdict["passed"]:
            raise ExpectationsFailed(failures(verdict, self.project), verdict)
        return verdict

    def delete(self) -> None:
        """Removes the clone. Its journal stays on the server."""
        try:
            self._admin.send("DELETE", f"/projects/{piece(self.project)}")
        except AdminError as error:
            if error.status != 404:
                raise

    def __enter__(self) -> Clone:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        try:
            if error is None:
                self.verify()
        finally:
            self.delete()

    def idle_rules(self, verdict: Verdict) -> List[str]:
        """The rules of this clone alone that have not struck, each with its place."""
        idle = []
        for rule in verdict["never_struck"]:
            place = self._place(rule["place"])
            if place in self._overrides:
                idle.append(str(rule["rule"]))
            elif place != rule["place"]:
                idle.append(f"{rule['rule']} ({place})")
        return idle

    def _place(self, place: str) -> str:
        """A place in the scenario of the clone by the name and the lines of its file."""
        before, _, after = place.partition(f"({self.project}):")
        if not after or self._scenario is None:
            return place
        line, column = (int(number) for number in after.split(":"))
        return self._scenario.place(line, column)

    def _judge(self, expected: List[Mapping[str, Any]], wait_ms: int) -> Verdict:
        text = json.dumps(list(expected), ensure_ascii=False, indent=2)
        body = {"project": self.project, "expect": None}
        verdict = self._admin.post(
            f"/verify?wait_ms={wait_ms}", body, document=Document("expect", text), wait=wait_ms / 1000
        )
        return cast(Verdict, verdict)

    def _all(self, resource: str, member: str = "") -> List[Any]:
        found: List[Any] = []
        since = 0
        while True:
            page = self._admin.get(f"/{resource}?limit=1000&project={piece(self.project)}&since={since}")
            found += page[member or resource]
            if len(page[member or resource]) < 1000:
                return found
            since = page["next"]
