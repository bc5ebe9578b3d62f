"""A project for one test."""

from __future__ import annotations

import json
import re
from types import TracebackType
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Match, Optional, Set, Type, Union, cast

from ._admin import piece
from ._errors import AdminError, ExpectationsFailed
from ._options import Document, read_object
from ._shapes import Message, Request, Verdict

# pytest shows the line of the test that called, not those in here.
__tracebackhide__ = True

if TYPE_CHECKING:
    from ._server import Server

#: How long calls in flight may take to end before an expectation fails at the end of a test.
SETTLE_MS = 100
#: Where the server finds what came with a clone, and an expectation that came with the question.
OF_CLONE = re.compile(r"POST /__admin/projects \(([^)]*)\):(\d+):(\d+)")
OF_TEST = re.compile(r"\bbody:\d+:\d+")


def passed(verdict: Verdict) -> Verdict:
    """Raises `ExpectationsFailed` unless the verdict is good."""
    if not verdict["passed"]:
        raise ExpectationsFailed(verdict["report"] or "", verdict)
    return verdict


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
        #: The URL of HTTPS, and a file with the certificates to trust; None without the option `tls`.
        self.https_url, self.ca_file = server.https_url, server.ca_file
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

    def override(self, rule: Union[str, Mapping[str, Any]]) -> None:
        """Adds a rule as in a scenario file, or its JSON. It takes precedence over all earlier ones."""
        fields = read_object(rule, "rule")
        when = {"project": self.project, **read_object(fields.get("when", {}), '"when" of a rule')}
        made = self._admin.post("/overrides", None, document=Document.of({**fields, "when": when}, "rule"))
        self._overrides.add(f"override {made['id']}")

    def expect(self, expectation: Union[str, Mapping[str, Any]]) -> None:
        """Adds an expectation as in a scenario file, or its JSON; `name` is optional. The end of the test judges it."""
        named = {"name": f"expectation {len(self._expected) + 1}", **read_object(expectation, "expectation")}
        wanted = [*self._expected, named]
        # Judged now to find mistakes where they were made.
        self._judge(wanted)
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
        return self._judge(self._expected, wait)

    def verify(self, wait: float = 0) -> Verdict:
        """Raises `ExpectationsFailed`, with the evidence, unless the expectations hold. See `verdict`."""
        return passed(self.verdict(wait))

    def delete(self) -> None:
        """Removes the clone. Its journal stays on the server."""
        try:
            self._admin.send("DELETE", f"/projects/{piece(self.project)}")
        except AdminError as error:
            if error.status != 404:
                raise

    def delete_later(self) -> None:
        """Removes the clone while the caller goes on."""
        self._admin.delete_later(f"/projects/{piece(self.project)}")

    def __enter__(self) -> Clone:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if error is not None:
            self.delete()
            return
        try:
            verdict = self._judge(self._expected, settle_ms=SETTLE_MS, delete=True)
        except BaseException:
            self.delete()
            raise
        passed(verdict)

    def last_verdict(self) -> Verdict:
        """Judges as `verdict` does, but lets calls in flight end before an expectation fails for them."""
        return self._judge(self._expected, settle_ms=SETTLE_MS)

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
        """A place by the name and the lines of the scenario's file; `expect` for an expectation of the test."""
        return OF_TEST.sub("expect", OF_CLONE.sub(self._placed, place))

    def _placed(self, found: Match[str]) -> str:
        if self._scenario is None or found[1] != self.project:
            return found[0]
        return self._scenario.place(int(found[2]), int(found[3]))

    def _judge(
        self, expected: List[Mapping[str, Any]], wait: float = 0, settle_ms: int = 0, delete: bool = False
    ) -> Verdict:
        path = f"/verify?wait_ms={round(wait * 1000)}&settle_ms={settle_ms}"
        body = {"project": self.project, "delete": delete}
        if expected:
            document = Document("expect", json.dumps(expected, ensure_ascii=False, indent=2))
            verdict = self._admin.post(path, {**body, "also_expect": None}, document=document, wait=wait)
        else:
            verdict = self._admin.post(path, body, wait=wait)
        for one in verdict["expectations"]:
            one["place"] = self._place(one["place"])
        if verdict["report"] is not None:
            # Faults of the test have the clone at the end of their names.
            verdict["report"] = self._place(verdict["report"].replace(f' in {self.project}"', '"'))
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
