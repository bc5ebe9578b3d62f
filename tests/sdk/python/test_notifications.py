"""Real deliveries: to a mail server, and to a webhook for text messages."""

import email
import email.policy
import json
import queue
import threading
import time
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from conftest import ACCESS_KEY, PROJECT, SECRET_KEY, USER, password, serving
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkworkspace.v2 import ResetRandomPasswordRequest, WorkspaceClient

PATIENCE = 20


class Mailbox:
    """Answers each message with the next of its replies, then with 250."""

    def __init__(self, replies=()):
        self.replies = list(replies)
        self.mails = queue.Queue()
        self.tries = 0

    async def handle_DATA(self, server, session, envelope):
        self.tries += 1
        reply = self.replies.pop(0) if self.replies else "250 OK"
        if reply.startswith("250"):
            self.mails.put(envelope)
        return reply


class OnAnyPort(Controller):
    """Connects to itself once it listens, and needs the port that the system chose."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(mailbox, **options):
    controller = OnAnyPort(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def receiver(statuses=()):
    """Receives text messages and puts them into a queue."""
    given, left = queue.Queue(), list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = left.pop(0) if left else 204
            given.put((status, self.path, self.headers["Content-Type"], json.loads(body)))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/sms?from=test", given
    finally:
        server.shutdown()
        server.server_close()


def reset(url, types):
    credentials = BasicCredentials(ACCESS_KEY, SECRET_KEY, PROJECT)
    client = WorkspaceClient.new_builder().with_credentials(credentials).with_endpoint(url).build()
    return client.reset_random_password(ResetRandomPasswordRequest(user_id=USER, notification_type=types)).password


def outbox(url):
    with urllib.request.urlopen(f"{url}/__admin/outbox") as answer:
        return json.load(answer)["messages"]


def settled(url, count=1):
    """Returns the messages once all deliveries have ended."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        messages = outbox(url)
        if len(messages) == count and all(message["state"] != "queued" for message in messages):
            return messages
    raise AssertionError(outbox(url))


def test_email_reaches_the_mail_server():
    mailbox = Mailbox()
    with mail_server(mailbox) as port, serving("--smtp", f"smtp://127.0.0.1:{port}") as url:
        told = reset(url, "email")
        mail = mailbox.mails.get(timeout=PATIENCE)
        assert (mail.rcpt_tos, told) == (["api-test@example.com"], password(USER, 1))
        read = email.message_from_bytes(mail.content, policy=email.policy.default)
        assert read["Subject"] == "Your desktop password was reset"
        assert told in read.get_content()
        [message] = settled(url)
        assert (message["state"], message["attempts"], message.get("why")) == ("sent", 1, None)


def test_only_temporary_failures_are_retried():
    mailbox = Mailbox(["451 later", "451 later"])
    with mail_server(mailbox) as port, serving("--smtp", f"smtp://127.0.0.1:{port}") as url:
        reset(url, "email")
        [message] = settled(url)
        assert (message["state"], message["attempts"], mailbox.tries) == ("sent", 3, 3)
    mailbox = Mailbox(["550 no such user"])
    with mail_server(mailbox) as port, serving("--smtp", f"smtp://127.0.0.1:{port}") as url:
        reset(url, "email")
        [message] = settled(url)
        assert (message["state"], message["attempts"], mailbox.tries) == ("failed", 1, 1)
        assert "550" in message["why"]


def test_mail_server_login_is_sent():
    def check(server, session, envelope, mechanism, data):
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"mock", b"5ec:ret")
        return AuthResult(success=right, handled=False)

    options = dict(authenticator=check, auth_required=True, auth_require_tls=False)
    mailbox = Mailbox()
    with mail_server(mailbox, **options) as port:
        with serving("--smtp", f"smtp://mock:5ec%3Aret@127.0.0.1:{port}") as url:
            reset(url, "email")
            assert settled(url)[0]["state"] == "sent"
        with serving("--smtp", f"smtp://mock:wrong@127.0.0.1:{port}") as url:
            reset(url, "email")
            assert settled(url)[0]["state"] == "failed"


def test_text_message_is_posted():
    with receiver([500, 503]) as (webhook, given), serving("--sms-webhook", webhook) as url:
        told = reset(url, "phone")
        posted = [given.get(timeout=PATIENCE) for _ in range(3)]
        assert [status for status, *_ in posted] == [500, 503, 204]
        _, path, kind, body = posted[-1]
        assert (path, kind) == ("/sms?from=test", "application/json")
        text = f"Desktop user api-test: new password {told}"
        assert body == {"to": "+8613800000001", "text": text, "project": PROJECT, "user": USER, "call": 1}
        assert settled(url)[0]["attempts"] == 3
    with receiver([400]) as (webhook, given), serving("--sms-webhook", webhook) as url:
        reset(url, "phone")
        [message] = settled(url)
        assert (message["state"], message["attempts"]) == ("failed", 1)


def test_message_lost_by_a_rule_is_not_delivered(tmp_path):
    scenario = tmp_path / "lost.json"
    rule = {"name": "lost", "when": {"operation": "notification.phone", "calls": "1"}, "status": 500}
    scenario.write_text(json.dumps({"rules": [rule]}))
    with receiver() as (webhook, given), serving("--sms-webhook", webhook, "--scenario", str(scenario)) as url:
        passwords = [reset(url, "phone"), reset(url, "phone")]
        assert passwords[1] in given.get(timeout=PATIENCE)[3]["text"]
        lost, sent = settled(url, 2)
        assert (lost["state"], sent["state"], given.qsize()) == ("failed", "sent", 0)


def test_drain_delivers_queued_messages():
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        with serving("--smtp", f"smtp://127.0.0.1:{port}") as url:
            for _ in range(30):
                reset(url, "email")
        assert mailbox.mails.qsize() == 30


@pytest.mark.parametrize("flag", ["--smtp", "--sms-webhook"])
def test_dead_receiver_delays_no_call(flag):
    with receiver() as (webhook, _):
        dead = webhook
    dead = dead if flag == "--sms-webhook" else "smtp://" + dead.split("/")[2]
    limits = ["--limit", "delivery_attempts_max=2", "--limit", "drain_ms=200"]
    with serving(flag, dead, *limits) as url:
        kind = "email" if flag == "--smtp" else "phone"
        assert reset(url, kind) == password(USER, 1)
        [message] = settled(url)
        assert (message["state"], message["attempts"]) == ("failed", 2)
        assert message["why"]
