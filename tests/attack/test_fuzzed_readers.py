"""Whatever bytes come, a reader returns or refuses in its own words: no fault, no hang."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attack.targets import Target, targets

TARGETS = {one.name: one for one in targets()}
SLOW = ("town.toml", "units.csv", "holidays.toml", "map.osm", "streets.geojson")
WORDS = (b"{", b"[", b'"', b"\\", b"\0", b"\xff", b"\n", b"=", b",", b"-", b"9" * 400, b"1e999",
         b"null", b"true", b"[" * 2000, b'{"a":' * 2000, b"\xef\xbb\xbf",
         "\u202e\U0001f692".encode(),
         b"\\ud800", b"\xed\xa0\x80", b"0" * 64, b"NaN", b"-0", b"x" * 4000, b"'''", b"..", b"%00",
         b"\r\n", b"inf", b"9999-12-31", b"0001-01-01T00:00:00Z")  # fmt: skip
"""What readers stumble over."""


def bent(data: bytes, dice: random.Random) -> bytes:
    """Return a sound input with a few things done to it."""
    made = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        at, more = dice.randint(0, len(made)), dice.randint(1, 40)
        act = dice.randrange(6)
        if act == 0 and made:
            made[at % len(made)] = dice.randrange(256)
        elif act == 1:
            made[at:at] = dice.choice(WORDS)
        elif act == 2:
            del made[at : at + more]
        elif act == 3:
            made[at:at] = made[max(0, at - more) : at] * dice.randint(1, 3)
        elif act == 4:
            made[at : at + len(dice.choice(WORDS))] = dice.choice(WORDS)
        else:
            del made[at:]
    return bytes(made)


def survives(target: Target, data: bytes) -> None:
    """Fail unless a reader returns or refuses as documented."""
    try:
        target.run(data)
    except target.refusals:
        return


@pytest.mark.parametrize("name", TARGETS)
def test_a_sound_input_with_things_done_to_it_is_read_or_refused(name):
    target = TARGETS[name]
    dice = random.Random(f"bent {name}")
    for number in range(60 if name in SLOW else 300):
        data = bent(dice.choice(target.seeds), dice)
        try:
            survives(target, data)
        except Exception as error:
            raise AssertionError(
                f"{name}, number {number}: {error!r} for {data[:300]!r}"
            ) from error


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_read_or_refused(name):
    target = TARGETS[name]

    @settings(
        max_examples=15 if name in SLOW else 80, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
    def check(data: bytes) -> None:
        survives(target, data)

    check()


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_deep_or_long_is_met_in_no_time(name):
    begun = time.perf_counter()
    for unit in (
        b"[",
        b'{"a":',
        b"a=[",
        b"((",
        b"a" * 10,
        b"\n",
        b"=",
        b"- ",
        b"[x]\n",
        b"<a>",
        b"1,",
    ):
        survives(TARGETS[name], unit * (50_000 // len(unit)))
    for front in (b"a = ", b"", b'{"features":', b"# x\n"):
        survives(TARGETS[name], front + b"[" * 5_000)
    assert time.perf_counter() - begun < 10


def test_every_reader_takes_something_and_refuses_something():
    """Else a target that refuses everything could not fail."""
    taken, refused = set(), set()
    for name, target in TARGETS.items():
        dice = random.Random(1)
        for data in [*target.seeds, *(bent(target.seeds[0], dice) for _ in range(60))]:
            try:
                target.run(data)
                taken.add(name)
            except target.refusals:
                refused.add(name)
    unsigned = {"letter", "ID token", "provider's keys", "signed note", "verifier key", "event",
                "outsider's openings", "outsider's proof", "outsider's checkpoint",
                "streets.geojson"}  # fmt: skip
    assert set(TARGETS) - taken <= unsigned
    assert len(refused) > len(TARGETS) * 0.8


def test_a_reader_that_faults_is_caught():
    planted = Target("planted", lambda data: data.decode("ascii"), (KeyError,), (b"x",))
    with pytest.raises(UnicodeDecodeError):
        survives(planted, b"\xff")


def test_the_long_run_runs_where_atheris_is(tmp_path):
    """The harness of atheris, where it is installed: seconds here, as long as one likes by hand."""
    pytest.importorskip("atheris")
    done = subprocess.run(
        [sys.executable, "-m", "tests.attack.fuzz_long", "receipt's code", "--seconds", "2"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "faulted: none" in done.stdout
