"""The admin API over connections that are kept, one for each thread."""

from __future__ import annotations

import json
import select
import threading
from http.client import HTTPConnection, HTTPException
from typing import Any, Callable, Dict, Optional
from urllib.parse import quote, urlsplit

from ._errors import AdminError, ServerFailed, WksmockError
from ._options import Document

# pytest shows the line of the test that called, not those in here.
__tracebackhide__ = True

ANSWER_SECONDS = 30.0


class _Connection(HTTPConnection):
    """A connection that sends head and body of a request by one write: two would wake the server twice."""

    held: Optional[bytearray] = None

    def send(self, data: Any) -> None:
        if self.held is None:
            super().send(data)
        else:
            self.held += data

    def request_at_once(self, method: str, path: str, body: Optional[bytes], headers: Dict[str, str]) -> None:
        self.held = bytearray()
        try:
            self.request(method, path, body, headers)
        finally:
            whole, self.held = self.held, None
        self.send(whole)


class Admin:
    """A client of `/__admin` of one server."""

    def __init__(self, url: str, token: Optional[str], why_ended: Callable[[], Optional[str]]) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise WksmockError(f"{url!r} is not the URL of a server; expected one such as http://127.0.0.1:7070")
        self._address = (parts.hostname, parts.port or 80)
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._why_ended = why_ended
        self._of_thread = threading.local()

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, body: Any, *, document: Optional[Document] = None, wait: float = 0) -> Any:
        """Sends `body`, with `document` in place of its last `None`, and returns the answer."""
        text = json.dumps(body, ensure_ascii=False)
        if document is None:
            return self.send("POST", path, text, Document("body", text), wait)
        return self.send("POST", path, document.sent_in(text), document, wait)

    def send(self, method: str, path: str, body: str = "", document: Optional[Document] = None, wait: float = 0) -> Any:
        connection = self._connection(ANSWER_SECONDS + wait)
        try:
            connection.request_at_once(method, f"/__admin{path}", body.encode() or None, self._headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException) as error:
            connection.close()
            why = self._why_ended()
            if why is not None:
                raise ServerFailed(why) from error
            host, port = self._address
            raise WksmockError(f"{method} /__admin{path}: no answer from http://{host}:{port}: {error!r}") from error
        if answer.status >= 400:
            raise AdminError(_problem(f"{method} /__admin{path}", answer.status, text, document), answer.status)
        return json.loads(text) if text else None

    def close(self) -> None:
        """Closes the connection of this thread."""
        connection = getattr(self._of_thread, "connection", None)
        if connection is not None:
            connection.close()

    def _connection(self, seconds: float) -> _Connection:
        connection: Optional[_Connection] = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._of_thread.connection = _Connection(*self._address)
        connection.timeout = seconds
        if connection.sock is not None:
            # The server closes idle connections: then there is something to read, the end.
            if select.select([connection.sock], [], [], 0)[0]:
                connection.close()
            else:
                connection.sock.settimeout(seconds)
        return connection


def piece(text: str) -> str:
    """A text as one segment of a path, or a value in a query."""
    return quote(text, safe="")


def _problem(request: str, status: int, text: bytes, document: Optional[Document]) -> str:
    try:
        problem = json.loads(text)
        detail, errors = str(problem["detail"]), list(problem.get("errors", []))
    except (ValueError, KeyError, TypeError):
        return f"{request}: {status} {text.decode(errors='replace')[:2000]}"
    if not errors or document is None:
        return f"{request}: {status} {detail}"
    return "\n".join(document.drawn(error) for error in errors)
