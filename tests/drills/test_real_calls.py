"""Real system calls that fail or at which the process is killed; short here, long by --drill."""

from __future__ import annotations

import os

import pytest

from answerable.planning.faults import real

LONG = "ANSWERABLE_DRILL_ROUNDS" in os.environ

pytestmark = [
    pytest.mark.drill,
    pytest.mark.timeout(1800 if LONG else 120),
    pytest.mark.skipif(not real.possible(), reason="strace is not installed"),
]


def test_no_failing_system_call_loses_an_acknowledged_event():
    found = real.drill(1, 0 if LONG else 8)
    assert found.sound, "\n".join(one.text() for one in found.findings)
    assert found.tried >= 8
    assert found.acknowledged, "no process came to acknowledge anything"


def test_every_kind_of_call_of_the_write_path_is_among_the_points():
    calls = {point.call for point in real._points(1)}
    assert calls >= {"openat", "pwrite64", "fdatasync", "fsync", "ftruncate", "unlink"}
