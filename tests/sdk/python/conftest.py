"""Starts the real binary for the official Python SDK."""

import os
import pathlib
import signal
import subprocess
from contextlib import contextmanager

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARY = os.environ.get("WKSMOCK_BIN", str(ROOT / "target" / "debug" / "wksmock"))
READY = "wksmock listening on "


@contextmanager
def serving(*flags):
    """Starts a server on a free port and yields its URL. It must exit with 0 on SIGTERM."""
    process = subprocess.Popen(
        [BINARY, "serve", "--port", "0", "--log-level", "error", *flags],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line.startswith(READY), line
        yield line.removeprefix(READY).strip()
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=10)
        process.stdout.close()
    assert code == 0


def password(user, call, *flags):
    """Computes a password with the binary alone."""
    command = [BINARY, "password", "--project", PROJECT, "--user", user, "--call", str(call)]
    return subprocess.run([*command, *flags], check=True, capture_output=True, text=True).stdout.strip()


PROJECT = "0bec5db98280d2d02fd6c00c2de791ce"
ACCESS_KEY = "WKSMOCKACCESSKEY0001"
SECRET_KEY = "wksmockSecretKey00000000000000000000000001"
USER = "8a2c3f9579d240820179d51e6caf0001"
USER_ACTIVATED = "8a2c3f9579d240820179d51e6caf0002"


@pytest.fixture
def url():
    with serving() as running:
        yield running
