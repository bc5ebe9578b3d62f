from __future__ import annotations

import pytest
from resetting import Refused, reset

from wksmock import Clone


def test_passes(wksmock: Clone) -> None:
    wksmock.expect({"name": "asks once", "statuses": [200]})
    assert reset(wksmock.user) == wksmock.password() == wksmock.password(call=1)


@pytest.mark.wksmock(scenario="flaky.json")
def test_fails_by_its_expectation(wksmock: Clone) -> None:
    reset(wksmock.user)


def test_survives_a_fault(wksmock: Clone) -> None:
    wksmock.fault("0001=503:1-2")
    wksmock.override({"name": "denied", "when": {"user": "0002"}, "status": 403})
    wksmock.expect({"name": "tries again", "when": {"user": "0001"}, "statuses": [503, 503, 200]})
    assert reset(wksmock.user) == wksmock.password(call=3)
    with pytest.raises(Refused):
        reset("8a2c3f9579d240820179d51e6caf0002")


@pytest.mark.wksmock(
    scenario={
        "rules": [{"name": "done, but lost", "when": {"calls": "1"}, "fault": "reset", "phase": "after"}],
        "expect": [{"name": "does not ask again", "after_lost": {"max": 0}}],
    }
)
def test_repeats_a_done_reset(wksmock: Clone) -> None:
    assert reset(wksmock.user) == wksmock.password(call=2)
