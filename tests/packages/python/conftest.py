"""Runs the installed package as a user does: in processes of their own, without variables of the caller."""

import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).parent
# Consumers are run by the tests, not as tests.
collect_ignore = ["consumer", "sdk"]


@pytest.fixture
def pytester(pytester, monkeypatch):
    monkeypatch.setenv("PATH", f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    return pytester


@pytest.fixture
def consumer(pytester):
    """A project with the consumer's files and nothing else."""
    for file in (HERE / "consumer").iterdir():
        if file.is_file():
            (pytester.path / file.name).write_bytes(file.read_bytes())
    return pytester
