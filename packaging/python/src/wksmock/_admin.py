"""The admin API over connections that are kept, one for each thread."""

from __future__ import annotations

import json
import select
import socket
import ssl
import threading
from contextlib import suppress
from typing import Any, Callable, Dict, Optional, Tuple
from urllib.parse import quote, urlsplit

from ._errors import AdminError, ServerFailed, WksmockError
from ._options import Document

# pytest shows the line of the test that called, not those in here.
__tracebackhide__ = True

ANSWER_SECONDS = 30.0
# Made once, since json.dumps makes one for each call with options.
encoded = json.JSONEncoder(ensure_ascii=False).encode
END_OF_HEAD = b"\r\n\r\n"


class _Unanswered(OSError):
    """The connection ended before the answer did."""


class _Connection:
    """A connection that is kept.

    Each test waits for three answers, and http.client takes longer for one than the server does. This reads only what the
    admin API sends: a Content-Length, or an answer without a body.
    """

    def __init__(self, address: Tuple[str, int], trust: Optional[ssl.SSLContext]) -> None:
        self._address = address
        self._trust = trust
        self._socket: Optional[socket.socket] = None
        #: How many answers are still to come to requests for which nobody waited.
        self._owed = 0
        self._read = b""

    def exchange(self, request: bytes, seconds: float) -> Tuple[int, bytes]:
        """Sends a request by one write, and returns the status and the body of its answer."""
        try:
            self._send(request, seconds)
            return self._answer()
        except BaseException:
            self.close()
            raise

    def send(self, request: bytes, seconds: float) -> None:
        """Sends a request for whose answer the next one waits, or the end."""
        try:
            self._send(request, seconds)
            self._owed += 1
        except BaseException:
            self.close()
            raise

    def settle(self) -> None:
        """Waits for all answers."""
        while self._owed > 0:
            self._owed -= 1
            self._answer()

    def _send(self, request: bytes, seconds: float) -> None:
        try:
            self.settle()
        except OSError:
            # The server closed the connection, perhaps for a scenario that has it down: this request gets another.
            self.close()
        self._open(seconds).sendall(request)

    def _answer(self) -> Tuple[int, bytes]:
        while END_OF_HEAD not in self._read:
            self._receive()
        head, _, self._read = self._read.partition(END_OF_HEAD)
        status, fields = _parsed(head)
        length = int(fields.get(b"content-length", b"0"))
        while len(self._read) < length:
            self._receive()
        body, self._read = self._read[:length], self._read[length:]
        if fields.get(b"connection") == b"close":
            self.close()
        return status, body

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket, self._owed, self._read = None, 0, b""

    def _open(self, seconds: float) -> socket.socket:
        # The server closes idle connections: then there is something to read, the end.
        if self._socket is not None and select.select([self._socket], [], [], 0)[0]:
            self.close()
        if self._socket is None:
            opened = socket.create_connection(self._address, seconds)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._trust is not None:
                opened = self._trust.wrap_socket(opened, server_hostname=self._address[0])
            self._socket = opened
        self._socket.settimeout(seconds)
        return self._socket

    def _receive(self) -> None:
        received = b"" if self._socket is None else self._socket.recv(65536)
        if not received:
            raise _Unanswered("the connection ended before the answer did")
        self._read += received


def _parsed(head: bytes) -> Tuple[int, Dict[bytes, bytes]]:
    """The status and the header fields of an answer."""
    first, *lines = head.split(b"\r\n")
    pieces = first.split(b" ", 2)
    if not first.startswith(b"HTTP/1.") or len(pieces) < 2 or not pieces[1].isdigit():
        raise _Unanswered(f"this is no answer of an HTTP server: {first[:80]!r}")
    pairs = (line.partition(b":") for line in lines)
    fields = {name.lower(): value.strip() for name, _, value in pairs}
    if b"transfer-encoding" in fields:
        raise _Unanswered("something between here and the server has changed the answer: it has no Content-Length")
    return int(pieces[1]), fields


class Admin:
    """A client of `/__admin` of one server."""

    def __init__(self, url: str, token: Optional[str], why_ended: Callable[[], Optional[str]]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise WksmockError(f"{url!r} is not the URL of a server; expected one such as http://127.0.0.1:7070")
        # Of HTTPS, SSL_CERT_FILE names the certificates to trust.
        self._trust = ssl.create_default_context() if parts.scheme == "https" else None
        self._address = (parts.hostname, parts.port or (80 if self._trust is None else 443))
        self.url = url
        token_field = f"Authorization: Bearer {token}\r\n" if token else ""
        self._fields = f" HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n{token_field}"
        self._why_ended = why_ended
        self._of_thread = threading.local()

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, body: Any, *, document: Optional[Document] = None, wait: float = 0) -> Any:
        """Sends `body`, with `document` in place of its last `None`, and returns the answer."""
        text = encoded(body)
        if document is None:
            return self.send("POST", path, text, Document("body", text), wait)
        return self.send("POST", path, document.sent_in(text), document, wait)

    def send(self, method: str, path: str, body: str = "", document: Optional[Document] = None, wait: float = 0) -> Any:
        try:
            status, text = self._connection().exchange(self._request(method, path, body), ANSWER_SECONDS + wait)
        except OSError as error:
            why = self._why_ended()
            if why is not None:
                raise ServerFailed(why) from error
            raise WksmockError(f"{method} /__admin{path}: no answer from {self.url}: {error}") from error
        if status >= 400:
            raise AdminError(_problem(f"{method} /__admin{path}", status, text, document), status)
        return json.loads(text) if text else None

    def delete_later(self, path: str) -> None:
        """Deletes while the caller goes on. If the server has ended, the next request says so."""
        with suppress(OSError):
            self._connection().send(self._request("DELETE", path, ""), ANSWER_SECONDS)

    def close(self) -> None:
        """Closes the connection of this thread, once all that was asked is done."""
        with suppress(OSError):
            self._connection().settle()
        self._connection().close()

    def _request(self, method: str, path: str, body: str) -> bytes:
        sent = body.encode()
        return f"{method} /__admin{path}{self._fields}Content-Length: {len(sent)}\r\n\r\n".encode() + sent

    def _connection(self) -> _Connection:
        connection: Optional[_Connection] = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._of_thread.connection = _Connection(self._address, self._trust)
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
    if status == 401:
        return f"the admin API refuses the token, which is read from the variable WKSMOCK_ADMIN_TOKEN: {detail}"
    if not errors or document is None:
        return f"{request}: {status} {detail}"
    return "\n".join(document.drawn(error) for error in errors)
